"""Exercises of the chapter "Adaptive regularization" (Appendix A)."""

import numpy as np

from wnlib.exercises._answers import Wrong, judge, number, random_instances, unit_vector
from wnlib.methods import RPGD


def strength_of_rpgd(answer):
    """answer(g, g_next, size_v, eta) is λ of the penalty ½λ‖x‖², judged by taking the step with it."""
    rng = np.random.default_rng(1)
    for problem in random_instances():
        w, g, eta = unit_vector(rng, problem.d), float(rng.uniform(0.5, 2)), float(rng.uniform(0.05, 0.4))
        g_next, w_next = RPGD(eta, 0.1).step(problem, g, w)
        gradient = problem.grad(g * w)
        size_v = float(np.linalg.norm(w - eta * g * gradient))
        strength = number("The penalty", answer(g, float(g_next), size_v, eta))
        alpha = eta * g * g_next / size_v
        true = problem.perp(g * w - g_next * w_next) @ problem.perp(g * w)
        true /= alpha * np.sum(problem.perp(g * w) ** 2)
        mistakes = (
            (true / 2, "This goes with the penalty λ‖x‖². With the half in front λ is twice as large."),
            (true * alpha, "This is α λ. Divide by the size of the step, α = η g g₊/‖v‖."),
            (true * eta, "Your λ lacks the factor 1/η: the same step with a smaller η needs a larger penalty."),
            (-true, "The sign is wrong: the penalty is positive where the factor of x is below 1."),
        )
        off = np.linalg.norm(g * w - alpha * (gradient + strength * g * w) - g_next * w_next)
        otherwise = f"A gradient step with your λ = {strength:.4g} misses the step of rPGD by {off:.3g}."
        judge(strength, true, mistakes, otherwise, 1e-9, 1e-9)
    return "On 20 random steps the penalized gradient step is the step of rPGD."


def largest_kernel_part(answer):
    """answer(g0, g1, c) is the scale in [g0, g1] at which g exp(−g²/2c) is largest."""
    rng = np.random.default_rng(2)
    cases = [(0.5, 2.0, 1.0), (0.5, 0.8, 1.0), (1.5, 2.0, 1.0)]
    cases += [(a, a + b, c) for a, b, c in np.exp(rng.uniform(-2, 1, (17, 3))).tolist()]
    for g0, g1, c in cases:
        g = number("The scale", answer(g0, g1, c))
        if not g0 - 1e-12 <= g <= g1 + 1e-12:
            raise Wrong(f"Your scale {g:.4g} is not between g0 = {g0:.4g} and g1 = {g1:.4g}.")
        grid = np.linspace(g0, g1, 1001)
        height = np.log(grid) - grid**2 / (2 * c)
        if np.log(g) - g**2 / (2 * c) < height.max() - 1e-12:
            raise Wrong(
                f"With c = {c:.3g}, between {g0:.3g} and {g1:.3g}, the kernel part is larger at "
                f"g = {grid[height.argmax()]:.3g} than at your {g:.3g}. Set the slope of g exp(−g²/2c) to zero."
            )
    return "On 20 random intervals no scale has a larger kernel part than yours."
