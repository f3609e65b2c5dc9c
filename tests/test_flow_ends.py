"""Where the flow ends, beyond what the chapter on it has time for: 200 random instances a claim."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from wnlib import LeastSquares, flow, make_least_squares, random_direction

COUNT = 200
FAST = {"rtol": 1e-8, "atol": 1e-10}


def _problem(rng, seed):
    m = int(rng.integers(1, 6))
    problem = make_least_squares(m, m + int(rng.integers(1, 6)), cond=5, g_star=rng.uniform(0.5, 3), seed=seed)
    return problem, random_direction(problem.d, seed=seed)


def test_sign_of_the_scale_for_one_equation():
    rng = np.random.default_rng(0)
    for seed in range(COUNT):
        problem = make_least_squares(1, int(rng.integers(2, 6)), g_star=rng.uniform(0.5, 2), seed=seed)
        w0 = random_direction(problem.d, seed=seed)
        wrong_way = -np.sign(w0 @ problem.w_star) * rng.uniform(0.05, 2)
        c = np.exp(rng.uniform(-1, 2))
        level = np.log(np.linalg.norm(problem.perp(w0))) + wrong_way**2 / (2 * c)
        path = flow(problem, wrong_way, w0, c=c, t_max=1e5, tol=1e-16, **FAST)
        assert path.converged, path.message
        assert (np.sign(path.g[-1]) == np.sign(wrong_way)) == (level > 0)


@pytest.mark.parametrize("orthonormal", [False, True])
def test_restart_after_a_frozen_scale(orthonormal):
    """Part II of Theorem 2.6, for both signs of g0: w̃ by its optimality, then the restart."""
    rng = np.random.default_rng(1)
    for seed in range(COUNT // 2):
        problem, w0 = _problem(rng, seed)
        if orthonormal:
            rows = problem.svd[2].T
            problem = LeastSquares(rows, rows @ problem.x_star)
        sign = rng.choice([-1, 1])
        g0 = sign * rng.uniform(0.1, 0.9) * problem.g_star
        frozen = flow(problem, g0, w0, c=0, t_max=1e5, **FAST)
        w = frozen.w[-1] / np.linalg.norm(frozen.w[-1])
        gradient = problem.grad(g0 * w)
        mu = sign * (w @ gradient)
        assert np.linalg.norm(sign * gradient - mu * w) < 1e-6
        # On a sphere a stationary point with mu ≤ the least eigenvalue of |g0| AᵀA, which is 0, is the minimum.
        assert mu < 0
        assert np.linalg.norm(problem.perp(w)) < 1e-6
        assert not orthonormal or np.linalg.norm(w - sign * problem.w_star) < 1e-6
        end = flow(problem, g0, problem.parallel(w), c=rng.uniform(0.1, 10), t_max=1e6, tol=1e-18, **FAST)
        assert end.converged, end.message
        assert np.linalg.norm(end.x[-1] - problem.x_star) < 1e-6
        assert abs(end.g[-1] - sign * problem.g_star) < 1e-6


def test_frozen_scale_beyond_the_minimum_norm():
    rng = np.random.default_rng(2)
    for seed in range(COUNT):
        problem, w0 = _problem(rng, seed)
        sign = rng.choice([-1, 1])
        g0 = sign * rng.uniform(1.1, 3) * problem.g_star
        path = flow(problem, g0, w0, c=0, t_max=1e6, tol=1e-18, **FAST)
        assert path.converged, path.message
        unseen = problem.perp(w0) / np.linalg.norm(problem.perp(w0))
        end = problem.x_star + sign * np.sqrt(g0**2 - problem.g_star**2) * unseen
        assert np.linalg.norm(path.x[-1] - end) < 1e-6 * abs(g0)


def into_a_saddle(problem, w, c):
    """Times, scales and directions of a flow that ends at (0, w) of S, to 1e-7 of its size.

    Backwards in time the way in is the way that attracts, so a path from next to the saddle finds it.
    """
    b = -problem.grad(np.zeros(problem.d))
    size = np.linalg.norm(b)
    # The linear flow across the set: (g, β)' = [[-c‖Aw‖², c‖b‖], [‖b‖, 0]] (g, β) with β = ⟨b, w⟩/‖b‖.
    across = np.array([[-c * np.sum((problem.A @ w) ** 2), c * size], [size, 0.0]])
    values, vectors = np.linalg.eig(across)
    assert values.min() < 0 < values.max()
    g, beta = 1e-7 * vectors[:, values.argmin()]
    start = w + beta * b / size

    def backwards(_, state):
        gradient = problem.grad(state[0] * state[1:])
        slope = state[1:] @ gradient
        return np.append(c * slope, state[0] * (gradient - slope * state[1:]))

    def away(_, state):
        return abs(state[0]) * problem.lam_max / size + abs(state[1:] @ b) / size - 0.3

    away.terminal = True
    span = (0, 100 / -values.min())
    found = solve_ivp(
        backwards,
        span,
        np.append(g, start / np.linalg.norm(start)),
        events=away,
        method="LSODA",
        rtol=1e-10,
        atol=1e-14,
    )
    assert found.status == 1
    return found.t[-1] - found.t[::-1], found.y[0, ::-1], found.y[1:, ::-1].T


def test_a_flow_that_ends_at_a_saddle_comes_to_one_point():
    """200 flows that end in S: their signs, the bound on what is left of their length, and the flow run forwards."""
    rng = np.random.default_rng(3)
    tightest = 0.0
    for seed in range(COUNT):
        problem, w = _problem(rng, seed)
        c = np.exp(rng.uniform(np.log(0.05), np.log(20)))
        b = -problem.grad(np.zeros(problem.d))
        w = w - (w @ b) / (b @ b) * b
        w /= np.linalg.norm(w)
        t, g, path = into_a_saddle(problem, w, c)
        assert np.all(g * (path @ b) < 0)
        # f - ½‖y‖², without the difference of two numbers that are nearly equal.
        gap = g**2 * np.sum((path @ problem.A.T) ** 2, axis=1) / 2 - g * (path @ b)
        assert np.all(np.diff(gap) < 0) and gap[-1] > 0
        slope = np.sum(path * problem.grad(g[:, None] * path), axis=1)
        near = np.abs(g) * problem.lam_max + np.abs(slope) <= np.linalg.norm(b) / 2
        K = 1 / np.linalg.norm(b) + 2 * problem.lam_max / (b @ b)
        pieces = np.hypot(np.diff(g), np.linalg.norm(np.diff(path, axis=0), axis=1))
        left = np.append(np.cumsum(pieces[::-1])[::-1], 0)
        bound = 2 * np.sqrt(K) * max(1, c) / min(1, c) * np.sqrt(gap)
        early = near & (gap > 1e-6 * gap[0])  # later the length left is that to the end of the integration
        assert early.any() and np.all(left[early] <= bound[early])
        tightest = max(tightest, (left[early] / bound[early]).max())
        # Forwards, as far as rounding lets the flow stay on the way in.
        forwards = flow(problem, g[0], path[0], c=c, t_max=t[-1])
        nearest = np.argmin(np.abs(forwards.g))
        assert np.abs(forwards.g[nearest]) < 1e-3 * np.abs(g[0])
        assert np.linalg.norm(forwards.w[nearest] - w) < 1e-3
    assert tightest > 0.2
