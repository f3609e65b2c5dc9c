"""Appendix A. The names carry the paper's numbers: pages cite them."""

import numpy as np
import pytest
from instances import PLANE, norm

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, Piecewise, make_least_squares, random_direction, solve
from wnlib.theory import penalty


@pytest.mark.parametrize(
    "method",
    [
        WN(0.05, 0.05),
        WN(0.3, 0.0),
        WN(Piecewise([0.1, 0.2], [5]), 0.4),
        WN(Optimal(), 0.1),
        RPGD(0.05, 0.05),
        RPGD(0.3, 0.0),
        RPGD(Piecewise([0.1, 0.2], [5]), 0.4),
        RPGD(Optimal(), Piecewise([0.0, 0.1], [7])),
    ],
    ids=str,
)
def test_equation_8(method):
    """Every step is x − α(∇L + λ_t x), to 1e-12; the kernel part is multiplied by 1 − αλ_t. 1500 steps a method."""
    for seed in range(50):
        problem = make_least_squares(3, 6, cond=4, seed=seed)
        w0 = random_direction(6, seed=seed) * (1 if isinstance(method, RPGD) else 1.7)
        path = solve(problem, method, 1.0 + seed / 10, w0, tol=None, max_steps=30, record_every=1).path
        step, strength = penalty(problem, method, path)
        x, kernel = path.x, problem.perp(path.x)
        pulled = problem.grad(x[:-1]) + strength[:, None] * x[:-1]
        assert np.allclose(x[1:], x[:-1] - step[:, None] * pulled, rtol=0, atol=1e-12)
        assert np.allclose(kernel[1:], (1 - step * strength)[:, None] * kernel[:-1], rtol=0, atol=1e-12)
        # The penalised problem's own gradient, by differences of its value.
        k = int(np.argmax(np.abs(strength)))
        h = 1e-5 * np.eye(6)

        def value(z, k=k, problem=problem, strength=strength):
            return problem.loss(z) + strength[k] / 2 * np.sum(z**2, axis=-1)

        assert np.allclose((value(x[k] + h) - value(x[k] - h)) / 2e-5, pulled[k], rtol=1e-6, atol=1e-6)


def test_printed_penalty_factors():
    """Printed λ_t: WN's is η times that for ½λ‖x‖², 1/100 of it here; rPGD's is right for ½λ‖x‖², not λ‖x‖²."""
    eta, g, w = 0.01, 1.0, np.array([0.6, 0.8])
    for method in (WN(eta, 0.0), RPGD(eta, 0.0)):
        path = solve(PLANE, method, g, w, max_steps=1, record_every=1).path
        step, strength = (field[0] for field in penalty(PLANE, method, path))
        g_next, w_next, gradient = path.g[1], path.w[1], PLANE.grad(g * w)
        if isinstance(method, WN):
            inner = 1 - g_next / (g * norm(w_next)) - eta * g_next / norm(w_next) * (w @ gradient)
            printed = norm(w_next) / (g_next * g) * inner
            assert np.isclose(printed, eta * strength)
        else:
            printed = (g * norm(w - eta * g * gradient) - g_next) / (eta * g**2 * g_next)
            assert np.isclose(printed, strength)
        # A gradient step on L + λ‖x‖², without the ½, pulls twice as hard.
        assert np.allclose(path.x[1], g * w - step * (gradient + strength * g * w), atol=1e-15)
        assert not np.allclose(path.x[1], g * w - step * (gradient + 2 * strength * g * w), atol=1e-4 * strength)


def test_penalty_is_the_gap_for_orthonormal_rows():
    """λ_t = a/g − 1 at t + 1 for rPGD with the optimal step: positive below g* and falling to 0, negative above."""
    for seed in range(50):
        A = np.linalg.qr(np.random.default_rng(seed).standard_normal((6, 3)))[0].T
        problem, w0 = LeastSquares(A, A[:, seed % 6] + 0.1), random_direction(6, seed=seed)
        for ratio in (0.3, 0.9, 3.0):
            method = RPGD(Optimal(), Piecewise([0.0, 0.2], [1]))
            g0 = ratio * problem.g_star / (norm(problem.parallel(w0)) if ratio > 1 else 1)
            path = solve(problem, method, g0, w0, tol=1e-12, record_every=1).path
            strength = penalty(problem, method, path).strength
            p = norm(path.w @ problem.A.T)
            assert np.allclose(strength, problem.g_star / p[1:] / path.g[1:] - 1, atol=1e-9)
            assert np.all((strength > 0) == (ratio < 1)) and np.all(np.diff(np.abs(strength)) < 0)


def test_the_sign_of_the_penalty_rules_the_kernel_part_up_to_a_step_of_two():
    """‖x⊥‖ grows where λ < 0 and shrinks where 0 < αλ < 2, α > 0. rPGD has αλ < 1; a long step of WN can exceed 2."""
    rng = np.random.default_rng(36)
    largest = {RPGD: -np.inf, WN: -np.inf}
    for seed in range(500):
        problem, w0 = make_least_squares(2, 4, cond=4, seed=seed), random_direction(4, seed=seed)
        g0, eta, gamma = rng.choice([-1, 1]) * rng.uniform(0.2, 5), 10 ** rng.uniform(-2, 1.5), 10 ** rng.uniform(-2, 1)
        for kind in largest:
            path = solve(problem, kind(eta, gamma), g0, w0, tol=None, max_steps=1, record_every=1).path
            step, strength = (field[0] for field in penalty(problem, kind(eta, gamma), path))
            if step > 0:
                before, after = path.kernel_norm
                assert (after < before) == (0 < step * strength < 2)
                largest[kind] = max(largest[kind], step * strength)
    assert largest[RPGD] < 1 and largest[WN] > 2


def test_a_scale_above_its_target_has_a_negative_penalty_up_to_one_half():
    """g0‖Aw0‖ > g*: λ < 0 at every step for γ ≤ ½, however small, where w∥ looks along w* or the scale rests first."""
    rng = np.random.default_rng(37)
    for trial in range(500):
        p, gamma, ratio = rng.uniform(0.05, 0.999), 0.5 * 10 ** rng.uniform(-6, 0), 1 + 10 ** rng.uniform(-3, 1)
        problem, rest = PLANE, trial % 2
        if rest:
            m = int(rng.integers(1, 5))
            problem = make_least_squares(m, m + 3, g_star=1.0, seed=trial)
        u = random_direction(problem.m, seed=trial) @ problem.A if rest else problem.w_star
        n = problem.perp(random_direction(problem.d, seed=trial + 1))
        w0 = p * u / np.linalg.norm(u) + np.sqrt(1 - p**2) * n / np.linalg.norm(n)
        method = RPGD(Optimal(), Piecewise([0.0, gamma], [1]) if rest else gamma)
        path = solve(problem, method, ratio / p, w0, tol=1e-12, max_steps=60, record_every=1).path
        assert path.t.size < 2 or np.all(penalty(problem, method, path).strength < 0)


def test_a_scale_above_its_target_can_have_a_positive_penalty_otherwise():
    """At γ = 1; and where w∥ looks away from w*, at every step from the first on."""
    path = solve(PLANE, RPGD(Optimal(), 1.0), 2.0, [0.8, 0.6], max_steps=1, record_every=1).path
    assert penalty(PLANE, RPGD(Optimal(), 1.0), path).strength[0] > 0
    for g0, gamma in ((2.0, 0.5), (1.26, 0.02)):
        method = RPGD(Optimal(), gamma)
        path = solve(PLANE, method, g0, [-0.8, 0.6], tol=None, max_steps=20, record_every=1).path
        assert g0 * 0.8 > 1 and np.all(penalty(PLANE, method, path).strength > 0)


def test_penalty_of_the_flow_changes_sign_at_g_squared_equal_c():
    """For small steps λ_t is −(⟨w, ∇L⟩/g)(1 − c/g²) for both methods, with ‖w‖ = 1 and c = γ/η."""
    rng = np.random.default_rng(18)
    for seed in range(100):
        problem, w0 = make_least_squares(3, 6, seed=seed), random_direction(6, seed=seed)
        g0, c = rng.uniform(0.5, 4), rng.uniform(0.2, 8)
        limit = -(w0 @ problem.grad(g0 * w0)) / g0 * (1 - c / g0**2)
        for method in (WN(1e-6, c * 1e-6), RPGD(1e-6, c * 1e-6)):
            path = solve(problem, method, g0, w0, max_steps=1, record_every=1).path
            assert np.isclose(penalty(problem, method, path).strength[0], limit, rtol=1e-3, atol=1e-3)


def test_penalty_needs_a_path_of_every_step():
    method = RPGD(0.1, 0.1)
    run = solve(PLANE, method, 0.5, [0.6, 0.8], max_steps=9, record_every=2)
    with pytest.raises(ValueError, match="record_every=1"):
        penalty(PLANE, method, run.path)
    with pytest.raises(TypeError, match="record_every=1"):
        penalty(PLANE, method, run.path.t)
    with pytest.raises(TypeError, match="must be a WN or an RPGD"):
        penalty(PLANE, GD(0.1), run.path)
    path = solve(PLANE, RPGD(0.0, 0.1), 0.5, [0.6, 0.8], max_steps=2, record_every=1).path
    with pytest.raises(ValueError, match="step 0 is one"):
        penalty(PLANE, RPGD(0.0, 0.1), path)
