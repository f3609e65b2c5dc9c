"""Exercises of the chapter "General data" (Proposition 3.3, Lemma E.10 and the ridge limit)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, direction, number, pair, random_instances, vector
from wnlib.problems import LeastSquares


def limit_point(answer):
    """answer(A, y, g0) is the limit of rPGD at the fixed scale g0 < g*: the ridge solution of norm g0."""
    rng = np.random.default_rng(1)
    for problem in random_instances(seed=1):
        g0 = rng.uniform(0.3, 0.9) * problem.g_star
        x = vector("x", answer(problem.A, problem.y, g0), problem.d)
        size = np.linalg.norm(x)
        if abs(size - problem.g_star) < 1e-7:
            raise Wrong(
                f"Your x has norm g* = {size:.4g}, but the scale is fixed at {g0:.4g}, and so is the norm of x."
            )
        if abs(size - g0) > 1e-6 * g0:
            raise Wrong(f"The scale is fixed, so ‖x‖ = g0 = {g0:.4g}; yours has norm {size:.4g}.")
        if np.linalg.norm(problem.perp(x)) > 1e-6 * g0:
            raise Wrong(
                f"rPGD with g0 < g* ends in the row space; your x has ‖x⊥‖ = {np.linalg.norm(problem.perp(x)):.3g}."
            )
        _judge_ridge(problem, x)
    return "On 20 random problems a step of rPGD leaves your x where it is, and its kernel part can only shrink."


def _judge_ridge(problem, x):
    """x is fixed if −∇L = μx, and attracts kernel parts if μ > 0."""
    gradient = problem.grad(x)
    strength = -(gradient @ x) / (x @ x)
    off = np.linalg.norm(gradient + strength * x)
    if problem.m > 1 and np.linalg.norm(x / np.linalg.norm(x) - problem.w_star) < 1e-7 and off > 1e-6:
        raise Wrong(
            "g0 w* has the direction of the target. The best point of norm g0 has another direction if AAᵀ ≠ I."
        )
    if off > 1e-6 * np.linalg.norm(problem.A.T @ problem.y):
        raise Wrong(f"A step of rPGD moves your x: −∇L must be a multiple of x, and is off by {off:.3g}.")
    if strength < 0:
        raise Wrong(f"Your x solves (AᵀA + μ)x = Aᵀy with μ = {strength:.3g} < 0: a kernel part would grow there.")


def largest_scale_for_all(answer):
    """answer(lam, g_star, delta) is the scale of Lemma E.10, for any λmax."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        lam = rng.permutation(np.exp(rng.uniform(-3, 1, int(rng.integers(2, 7)))))
        g_star, delta = rng.uniform(0.5, 3), rng.uniform(0.1, 2)
        yours = number("The scale", answer(lam, g_star, delta))
        if yours <= 0:
            raise Wrong(f"The scale must be a positive number; yours is {yours:.4g}.")
        _judge_scale(lam, g_star, delta, yours)
    return "On 20 random spectra ‖v‖ is 1 + δ in the worst case at your scale: no larger one will do."


def _judge_scale(lam, g_star, delta, yours):
    low, high = lam.min(), lam.max()
    length = abs(g_star / yours * low / high - (1 - low / high))
    if abs(length - (1 + delta)) < ROUNDING:
        return
    if np.isclose(yours, g_star * low / ((2 + delta) * high)):
        raise Wrong("That is the scale of Proposition 3.3: sufficient, but a larger one will do. Keep the −λmin.")
    if np.isclose(yours, g_star * low / (2 + delta - low)):
        raise Wrong(f"That is right for λmax = 1 only; here λmax = {high:.3g}. Replace λ by λ/λmax.")
    if np.isclose(yours, g_star * np.sqrt(low) / ((2 + delta) * np.sqrt(high) - np.sqrt(low))):
        raise Wrong("lam holds eigenvalues of AAᵀ, the squares of the singular values: take no roots.")
    if yours <= g_star * low / (2 * high - low) and length > 1 + delta:
        raise Wrong(f"Too small: at your scale even the worst ‖v‖ is {length:.4g}, above 1 + δ = {1 + delta:.4g}.")
    raise Wrong(
        f"Too large: with w = −w* along the eigenvector of λmin, ‖v‖ = {length:.4g}; 1 + δ = {1 + delta:.4g} is asked."
    )


def worst_case(answer):
    """answer(A) is (w_star, w) with the shortest v: the eigenvector of λmin and its negative."""
    for problem in random_instances(seed=3):
        A = problem.A
        value = pair("w_star, w", answer(A))
        d = A.shape[1]
        w_star, w = (direction(name, part, d) for name, part in zip(("w_star", "w"), value, strict=True))
        problem = LeastSquares(A, A @ w_star) if np.any(A @ w_star) else None
        if problem is None or np.linalg.norm(problem.perp(w_star)) > 1e-7:
            raise Wrong("w_star must lie in the row space of A, as a minimum-norm solution does.")
        g0 = 0.8 * problem.lam_min / (2 * problem.lam_max - problem.lam_min)
        length = np.linalg.norm(w - problem.grad(g0 * w) / (g0 * problem.lam_max))
        share = problem.lam_min / problem.lam_max
        least = share / g0 - (1 - share)
        if length > least + 1e-7:
            turned = np.linalg.norm(-w - problem.grad(-g0 * w) / (g0 * problem.lam_max))
            if turned < length - 1e-7:
                raise Wrong(f"With −w in place of your w the length falls from {length:.4g} to {turned:.4g}.")
            raise Wrong(
                f"Your v has length {length:.4g}, but {least:.4g} can be had: which target do the data see least?"
            )
    return "On 20 random matrices no target and no start make v shorter."


def lost_solution(answer):
    """answer(A, x, speed) is x*, from the end x of a run at a fixed scale and the factor of its last steps."""
    rng = np.random.default_rng(5)
    for problem in random_instances(seed=5):
        A, y = problem.A, problem.y
        mu = problem.lam_min * np.exp(rng.uniform(-1, 2))
        x = np.linalg.solve(A.T @ A + mu * np.eye(problem.d), A.T @ y)
        yours = vector("x*", answer(A, x, 1 + mu / problem.lam_max), problem.d)
        _judge_lost(problem, x, mu, yours)
    return "On 20 random problems it is the minimum-norm solution of the equations that were lost."


def _judge_lost(problem, x, mu, yours):
    near = 1e-6 * problem.g_star
    if np.linalg.norm(yours - problem.x_star) < near:
        return
    if np.linalg.norm(yours - x) < near:
        raise Wrong("That is x itself. It has the norm g0 < g*, so it is not x*: each coordinate is λ/(λ + μ) of it.")
    if np.linalg.norm(yours - problem.g_star / np.linalg.norm(x) * x) < near:
        raise Wrong("x and x* differ in direction, too: the factor λ/(λ + μ) is another for each eigenvalue.")
    for other in (mu / problem.lam_max, 1 + mu / problem.lam_max):
        if np.linalg.norm(yours - _undone(problem, x, other)) < near:
            raise Wrong(f"Your μ is {other:.4g}, but here it is {mu:.4g}: the speed is 1 + μ/λmax.")
    if np.linalg.norm(problem.perp(yours)) > near:
        raise Wrong(f"Your x* has a kernel part of length {np.linalg.norm(problem.perp(yours)):.3g}; x* has none.")
    off = np.linalg.norm(problem.A.T @ (problem.A @ yours) - problem.A.T @ problem.y)
    raise Wrong(
        f"Your x* should have AᵀAx* = Aᵀy, with Aᵀy from the equation of the ridge solution; it is off by {off:.3g}."
    )


def _undone(problem, x, mu):
    return x + mu * np.linalg.pinv(problem.A.T @ problem.A) @ x
