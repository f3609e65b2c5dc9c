"""Where the flow ends, beyond what the chapter on it has time for: 200 random instances a claim."""

import numpy as np
import pytest

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
        assert path.success, path.message
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
        assert end.success, end.message
        assert np.linalg.norm(end.x[-1] - problem.x_star) < 1e-6
        assert abs(end.g[-1] - sign * problem.g_star) < 1e-6


def test_frozen_scale_beyond_the_minimum_norm():
    rng = np.random.default_rng(2)
    for seed in range(COUNT):
        problem, w0 = _problem(rng, seed)
        sign = rng.choice([-1, 1])
        g0 = sign * rng.uniform(1.1, 3) * problem.g_star
        path = flow(problem, g0, w0, c=0, t_max=1e6, tol=1e-18, **FAST)
        assert path.success, path.message
        unseen = problem.perp(w0) / np.linalg.norm(problem.perp(w0))
        end = problem.x_star + sign * np.sqrt(g0**2 - problem.g_star**2) * unseen
        assert np.linalg.norm(path.x[-1] - end) < 1e-6 * abs(g0)


def test_a_flow_that_ends_at_a_saddle_comes_to_one_point():
    """Backwards from near a saddle and forwards again: g falls to 0, w comes to rest, and the loss stays above 0."""
    problem = make_least_squares(3, 5, cond=4, g_star=1.0, seed=3)
    b = -problem.grad(np.zeros(5))
    w = random_direction(5, seed=3)
    w -= (w @ b) / (b @ b) * b
    w /= np.linalg.norm(w)
    c = 0.7
    # The linear flow across the set: (g, β)' = [[-c‖Aw‖², c‖b‖], [‖b‖, 0]] (g, β) with β = ⟨b, w⟩/‖b‖.
    size = np.linalg.norm(b)
    across = np.array([[-c * np.sum((problem.A @ w) ** 2), c * size], [size, 0.0]])
    values, vectors = np.linalg.eig(across)
    assert values.min() < 0 < values.max()
    g, beta = 1e-4 * vectors[:, values.argmin()]
    path = flow(problem, g, w + beta * b / size, c=c, t_max=7 / -values.min())
    assert abs(path.g[-1]) < 0.01 * abs(g)
    assert abs(path.loss[-1] - problem.loss(np.zeros(5))) < 1e-8
    assert np.linalg.norm(path.w[-1] - w) < 1e-4
