"""Exercises of the chapter "Orthonormal rows" (section 3)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, direction, judge, number, numbers, pair
from wnlib.methods import RPGD, Optimal
from wnlib.problems import LeastSquares, make_least_squares


def one_step(answer):
    """answer(g_star, p, g, gamma) is (p, g) after one step of rPGD with the direction step 1/g²."""
    rng = np.random.default_rng(1)
    for seed in range(20):
        problem = make_least_squares(2, 5, g_star=rng.uniform(0.5, 3), seed=seed)
        p, g, gamma = rng.uniform(0.2, 0.8), rng.uniform(0.3, 4), rng.uniform(0.1, 1)
        kernel = problem.perp(rng.standard_normal(5))
        w = p * problem.w_star + np.sqrt(1 - p**2) * kernel / np.linalg.norm(kernel)
        g_next, w_next = RPGD(Optimal(), gamma).step(problem, g, w)
        p_yours, g_yours = numbers("p, g", answer(problem.g_star, p, g, gamma))
        _judge_p(problem.g_star, p, g, g_next, float(np.linalg.norm(problem.A @ w_next)), p_yours)
        _judge_g(problem.g_star, p, g, gamma, g_next, g_yours)
    return "On 20 random problems your two numbers are those of a step of rPGD in all its dimensions."


def _judge_p(g_star, p, g, g_next, true, yours):
    late = g_star / np.hypot(g_star, g_next * np.sqrt(1 - p**2))
    mistakes = (
        (g_next, "The first number is the new g. Return p first, then g."),
        (late, "Your p uses the new g. rPGD takes both gradients at the old scale."),
        (g_star / g, "Your p is g*/g, the visible part of v before the projection: divide it by ‖v‖."),
    )
    off = abs(yours - true)
    otherwise = f"The new p is off by {off:.3g}. With v = w⊥ + (g*/g)w* it is (g*/g)/‖v‖, and ‖w⊥‖² = 1 − p²."
    judge(yours, true, mistakes, otherwise)


def _judge_g(g_star, p, g, gamma, true, yours):
    mistakes = (
        (2 * g - true, "g moves the wrong way: subtract γ times the slope p(pg − g*)."),
        (g + gamma * (g_star - p * g), "The step of g lacks a factor p: the slope is ⟨Aw, Agw − y⟩ = p(pg − g*)."),
    )
    off = abs(yours - true)
    otherwise = f"The new g is off by {off:.3g}. Subtract γ times the slope of the loss in g, at the old p and g."
    judge(yours, true, mistakes, otherwise)


def steps_of_rest(answer):
    """answer(g_star, g0, kernel_share, eps) is the first t with ‖w_t⊥‖ ≤ eps at the fixed scale g0."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        g_star, ratio = rng.uniform(0.5, 3), rng.uniform(0.3, 0.97)
        kernel_share, eps = rng.uniform(0.2, 0.9), np.exp(rng.uniform(np.log(1e-4), np.log(0.1)))
        yours = number("The number of steps", answer(g_star, ratio * g_star, kernel_share, eps))
        if yours != int(yours):
            raise Wrong(f"Steps are whole: {yours:.4g} must be rounded. Up or down?")
        perp = _kernel_parts(g_star, ratio * g_star, kernel_share)
        needed = int(np.argmax(perp <= eps))
        if yours < needed:
            after = perp[max(int(yours), 0)]
            raise Wrong(f"Too few: after your {yours:.15g} steps ‖w⊥‖ = {after:.4g}, above eps = {eps:.4g}.")
        if yours > needed:
            raise Wrong(
                f"Your {yours:.15g} steps suffice, but {needed} do as well. The bound q₊ ≤ q/R "
                "drops the 1 of 1/q₊ = 1 + R/q; keep it, and start from kernel_share."
            )
    return "On 20 random starts a run needs exactly your number of steps."


def _kernel_parts(g_star, g0, kernel_share):
    """‖w⊥‖ along a run of Algorithm 2 in the plane; 500 steps bring it to 1e-4 for each g0 up to .97 g*."""
    problem, w = LeastSquares([[1, 0]], [g_star]), np.array([-np.sqrt(1 - kernel_share**2), kernel_share])
    perp = [kernel_share]
    for _ in range(500):
        _, w = RPGD(Optimal(), 0.0).step(problem, g0, w)
        perp.append(w[1])
    return np.array(perp)


def dangerous_scale(answer):
    """answer(g_star, p, gamma) is the g0 below which a move at step 0 makes the scale negative."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        g_star, p, gamma = rng.uniform(0.5, 3), rng.uniform(0.1, 0.95), rng.uniform(0.05, 0.9)
        yours = min(number("The threshold", answer(g_star, p, gamma)), 1e6)  # too large already; its square is a float
        if yours <= 0:
            raise Wrong(f"The threshold is a positive scale; yours is {yours:.4g}. Check the sign of ⟨w0, w*⟩ = −p.")
        problem, w = LeastSquares([[1, 0]], [g_star]), np.array([-p, np.sqrt(1 - p**2)])
        below, above = (RPGD(Optimal(), gamma).step(problem, yours * s, w)[0] for s in (1 - 1e-6, 1 + 1e-6))
        if above < 0:
            raise Wrong(f"Too small: from g0 = {yours:.4g} and a bit more the scale still becomes {above:.3g}.")
        if below > 0:
            raise Wrong(f"Too large: from g0 just below your {yours:.4g} the scale becomes {below:.3g}, not negative.")
    return "On 20 random starts the scale changes sign just below your threshold, and keeps it just above."


def endless_start(answer):
    """answer(g_star, gamma) is (g0, w0) from which a scale that moves at step 0 changes its sign for ever."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        g_star, gamma = rng.uniform(0.5, 3), rng.uniform(0.05, 0.95)
        value = pair("g0, w0", answer(g_star, gamma))
        g0, w0 = number("g0", value[0]), direction("w0", value[1], 2)
        if not 0.25 * gamma * g_star * (1 - ROUNDING) <= g0 < g_star:
            raise Wrong(
                f"g0 must be from γg*/4 = {0.25 * gamma * g_star:.4g} to below g* = {g_star:.4g}; yours is {g0:.4g}."
            )
        _judge_endless(g_star, gamma, g0, w0)
    return "On 20 random step sizes the scale changes its sign at each of 300 steps, and the residual stays above g*."


def _judge_endless(g_star, gamma, g0, w0):
    problem, g, w = LeastSquares([[1, 0]], [g_star]), g0, w0
    slope = g0 * w0[0] ** 2 - g_star * w0[0]
    if slope <= 0:
        raise Wrong(f"With your w0 the slope of the loss in g is {slope:.3g} at step 0, so g does not fall: look away.")
    if g0 >= gamma * slope:
        raise Wrong(
            f"At γ = {gamma:.3g} step 0 takes your g0 = {g0:.4g} down to {g0 - gamma * slope:.3g}, not below zero. "
            "Make the slope steeper, or g0 smaller."
        )
    for t in range(300):
        g_next, w = RPGD(Optimal(), gamma).step(problem, g, w)
        if g_next * g >= 0 or abs(g_next * w[0] - g_star) <= g_star:
            raise Wrong(f"At γ = {gamma:.3g} the scale changes its sign at step 0, but no more after step {t}.")
        g = g_next
