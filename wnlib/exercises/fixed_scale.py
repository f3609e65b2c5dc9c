"""Exercises of the proof for orthonormal rows at a fixed scale (Appendix E.2)."""

import numpy as np

from wnlib.exercises._answers import Wrong, number


def steps_at_the_target(answer):
    """answer(kernel_share, eps) is the first t with ‖w_t⊥‖ ≤ eps at the fixed scale g0 = g*."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        share, eps = rng.uniform(0.3, 1), np.exp(rng.uniform(np.log(0.02), np.log(0.2)))
        yours = number("The number of steps", answer(share, eps), infinite=True)
        q, needed = share**2, 0
        while q > eps**2:
            q, needed = q / (1 + q), needed + 1
        if yours == np.inf:
            raise Wrong(f"(34) has no T1 at g0 = g*, but a run gets there, from ‖w⊥‖ = {share:.3g} to {eps:.3g}.")
        if yours != int(yours):
            raise Wrong(f"Steps are whole: {yours:.4g} must be rounded. Up or down?")
        if yours == np.ceil(1 / eps - 1 / share) != needed:
            raise Wrong("The recursion adds 1 to 1/q, and q is the square of the kernel part.")
        if yours == np.ceil(1 / eps**2) != needed:
            raise Wrong(f"1/ε² is for a start with 1/q0 = 0, which there is not: here 1/q0 = {1 / share**2:.3g}.")
        if yours != needed:
            many = "many" if yours > needed else "few"
            raise Wrong(
                f"From ‖w⊥‖ = {share:.3g} to {eps:.3g} {yours:.6g} steps are too {many}. What is 1/q₊ at R = 1?"
            )
    return "On 20 random starts a run at g0 = g* needs exactly your number of steps."
