"""Exercises of the chapter "Discussion" (Section 4)."""

import numpy as np

from wnlib.exercises._answers import Wrong, number, random_instances, unit_vector, vector

STEPS = 1000


def weight_decay_limit(answer):
    """answer(A, y, x0, penalty) is the end of gradient descent on L + ½λ‖x‖², judged by where it stands still."""
    rng = np.random.default_rng(3)
    for trial, problem in enumerate(random_instances()):
        x0 = 2 * rng.standard_normal(problem.d)
        penalty = 0.0 if trial % 4 == 1 else float(rng.uniform(0.01, 1))
        try:
            x = vector("Your x", answer(problem.A, problem.y, x0, penalty), problem.d)
        except np.linalg.LinAlgError as error:
            raise Wrong(
                f"With the penalty {penalty:.3g} numpy says: {error}. Without a penalty AᵀA has no inverse: "
                "that case ends at x* plus what the start has in the kernel."
            ) from error
        _judge_limit(problem, x, x0, penalty)
    return "On 20 random problems your x is where it ends, also where the penalty is zero."


def _judge_limit(problem, x, x0, penalty):
    size = np.linalg.norm(x0) + problem.g_star
    kept = problem.perp(x0)
    if penalty and np.linalg.norm(problem.perp(x)) > 1e-8 * size:
        raise Wrong(
            f"With the penalty {penalty:.3g} your x has a kernel part of length {np.linalg.norm(problem.perp(x)):.3g}, "
            "but each step multiplies that part by 1 − ηλ, so it ends at zero."
        )
    if not penalty and np.linalg.norm(problem.perp(x) - kept) > 1e-8 * size:
        raise Wrong(
            f"With the penalty 0 nothing moves the kernel part, so it ends as it starts, with length "
            f"{np.linalg.norm(kept):.3g}; yours has length {np.linalg.norm(problem.perp(x)):.3g}."
        )
    if penalty and np.linalg.norm(problem.grad(x) + 2 * penalty * x) < 1e-8 * size:
        raise Wrong("This belongs to the penalty λ‖x‖². With the half in front it is half as strong.")
    force = np.linalg.norm(problem.grad(x) + penalty * x)
    if force > 1e-8 * size:
        raise Wrong(f"At your x the gradient ∇L + λx still has length {force:.3g}, so the next step moves on.")


def share(answer):
    """answer(t) in [0, ½] is λ_t/λmax, judged by running 1000 steps from far starts on random problems."""
    shares = np.array([_share(answer(t), t) for t in range(STEPS)])
    rng = np.random.default_rng(4)
    for problem in random_instances():
        x = 10 * problem.g_star * unit_vector(rng, problem.d)
        for s in shares:
            x = (1 - s) * x - problem.grad(x) / problem.lam_max
        unseen = np.linalg.norm(problem.perp(x)) / problem.g_star
        seen = np.linalg.norm(problem.parallel(x) - problem.x_star) / problem.g_star
        if unseen > 0.007:
            raise Wrong(
                f"The kernel part ends at {unseen:.2%} of ‖x*‖. The product of 1 − s over all steps is "
                f"{np.prod(1 - shares):.2g}; it has to be smaller."
            )
        if seen > 0.007:
            raise Wrong(
                f"The part that the data see ends {seen:.2%} of ‖x*‖ away. The penalty still pulls at the end: "
                f"the last share is {shares[-1]:.2g}."
            )
    return "On 20 random problems 1000 steps end within 1% of the minimum-norm solution."


def _share(value, t):
    share = number(f"The share at t = {t}", value)
    if not 0 <= share <= 0.5:
        raise Wrong(f"The share must be one number from 0 to 0.5; at t = {t} yours is {share:.4g}.")
    return share


def scaled_limit(answer):
    """answer(A, y, x0, D) is the end of x₊ = x − η D∇L(x), D a vector of positive entries, from x0."""
    rng = np.random.default_rng(5)
    for problem in random_instances(seed=6):
        x0, D = rng.standard_normal(problem.d), np.exp(rng.uniform(-1, 1, problem.d))
        x = vector("Your x", answer(problem.A, problem.y, x0, D), problem.d)
        _judge_scaled(problem, x, x0, D)
    return "On 20 random problems your x solves the equations, and x − x0 is what such steps can reach."


def _judge_scaled(problem, x, x0, D):
    near = 1e-7 * (np.linalg.norm(x0) + problem.g_star)
    off = np.linalg.norm(problem.A @ x - problem.y)
    if off > near * (1 + np.sqrt(problem.lam_max)):
        raise Wrong(f"The steps stop where ∇L = 0, so A x = y; your x leaves ‖Ax − y‖ = {off:.3g}.")
    if np.linalg.norm(problem.perp((x - x0) / D)) < near:
        return
    if np.linalg.norm(x - problem.x_star - problem.perp(x0)) < near:
        raise Wrong("That is where gradient descent ends. With D the steps DAᵀu leave the row space.")
    if np.linalg.norm(problem.perp(x / D)) < near:
        raise Wrong("That is the end from x0 = 0. From another start all steps together are x − x0.")
    if np.linalg.norm(problem.perp((x - x0) * D)) < near:
        raise Wrong("You divide by D where the steps multiply: x − x0 must be DAᵀu for some u.")
    raise Wrong("Your x solves the equations, but x − x0 is not DAᵀu for any u, as a sum of such steps must be.")
