"""A change of units changes no run: every formula of the library must follow it, whatever the largest eigenvalue is.

In other units for the equations, (A, y) becomes (kA, ky), and time t/k². In other units for the weights, y becomes ky
and g becomes kg; then c becomes k²c, and time t/k². A direction k times as long is a flow k² times as slow, with
k²c for c.
"""

import numpy as np
import pytest

from wnlib import RPGD, WN, LeastSquares, Optimal, flow, make_least_squares, random_direction, solve, theory

UNITS = [1e-3, 0.3, 7.0, 1e3]
SEEDS = range(20)


def instance(seed):
    """A problem, a scale, a direction of any length, c and a small loss."""
    rng = np.random.default_rng(seed)
    problem = make_least_squares(4, 9, cond=rng.uniform(1, 10), g_star=2, seed=seed)
    w0 = rng.uniform(0.5, 2) * (random_direction(9, seed=seed) + 2 * problem.w_star)
    return problem, rng.uniform(0.2, 1.8), w0, rng.uniform(1, 5), 1e-6


def times(result):
    return np.array([result.first, result.second])


def same(ours, theirs):
    assert np.allclose(ours, theirs, rtol=1e-7, atol=0)


@pytest.mark.parametrize("k", UNITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_units_of_the_equations(seed, k):
    problem, g0, w0, c, eps = instance(seed)
    scaled = LeastSquares(k * problem.A, k * problem.y)
    same(theory.flow_limit(scaled, g0, w0, c), theory.flow_limit(problem, g0, w0, c))
    same(theory.break_even_ratio(scaled, g0, w0), theory.break_even_ratio(problem, g0, w0))
    same(theory.flow_invariant(scaled, g0, w0, c), theory.flow_invariant(problem, g0, w0, c))
    same(theory.decay_rate(scaled, g0, c), k**2 * theory.decay_rate(problem, g0, c))
    same(theory.loss_decay_bounds(scaled, g0, w0, c), k**4 * np.array(theory.loss_decay_bounds(problem, g0, w0, c)))
    same(theory.scale_lower_bound(scaled, g0, w0, c, 3 / k**2), theory.scale_lower_bound(problem, g0, w0, c, 3.0))
    same(
        times(theory.flow_time_bound(scaled, g0, w0, c, k**2 * eps)),
        times(theory.flow_time_bound(problem, g0, w0, c, eps)) / k**2,
    )
    for target in ("every", "this"):
        same(theory.admissible_scale(scaled, 0.5, target=target), theory.admissible_scale(problem, 0.5, target=target))
    same(flow(scaled, g0, w0, c=c, t_max=5 / k**2).g[-1], flow(problem, g0, w0, c=c, t_max=5).g[-1])


@pytest.mark.parametrize("k", UNITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_units_of_the_weights(seed, k):
    problem, g0, w0, c, eps = instance(seed)
    scaled, C = LeastSquares(problem.A, k * problem.y), k**2 * c
    same(theory.flow_limit(scaled, k * g0, w0, C), k * theory.flow_limit(problem, g0, w0, c))
    same(theory.break_even_ratio(scaled, k * g0, w0), k**2 * theory.break_even_ratio(problem, g0, w0))
    same(theory.flow_invariant(scaled, k * g0, w0, C), theory.flow_invariant(problem, g0, w0, c))
    same(theory.decay_rate(scaled, k * g0, C), k**2 * theory.decay_rate(problem, g0, c))
    same(theory.loss_decay_bounds(scaled, k * g0, w0, C), k**4 * np.array(theory.loss_decay_bounds(problem, g0, w0, c)))
    same(
        theory.scale_lower_bound(scaled, k * g0, w0, C, 3 / k**2),
        k**2 * theory.scale_lower_bound(problem, g0, w0, c, 3.0),
    )
    same(
        times(theory.flow_time_bound(scaled, k * g0, w0, C, k**2 * eps)),
        times(theory.flow_time_bound(problem, g0, w0, c, eps)) / k**2,
    )
    for target in ("every", "this"):
        ours = theory.admissible_scale(scaled, 0.5, target=target)
        same(ours, k * theory.admissible_scale(problem, 0.5, target=target))
    same(flow(scaled, k * g0, w0, c=C, t_max=5 / k**2).g[-1], k * flow(problem, g0, w0, c=c, t_max=5).g[-1])


@pytest.mark.parametrize("k", UNITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_length_of_the_direction(seed, k):
    problem, g0, w0, c, eps = instance(seed)
    C = k**2 * c
    same(theory.flow_limit(problem, g0, k * w0, c), theory.flow_limit(problem, g0, w0, C))
    same(theory.flow_invariant(problem, g0, k * w0, c), theory.flow_invariant(problem, g0, w0, C))
    same(theory.scale_lower_bound(problem, g0, k * w0, c, 3 * k**2), theory.scale_lower_bound(problem, g0, w0, C, 3.0))
    same(
        times(theory.flow_time_bound(problem, g0, k * w0, c, eps)),
        k**2 * times(theory.flow_time_bound(problem, g0, w0, C, eps)),
    )
    same(flow(problem, g0, k * w0, c=c, t_max=5 * k**2).g[-1], flow(problem, g0, w0, c=C, t_max=5).g[-1])


@pytest.mark.parametrize("k", UNITS)
def test_units_of_the_penalty(k):
    """λ_t has the units of ∇L over x, with steps that follow and with the optimal one, which follows by itself."""
    problem, g0, w0, _, _ = instance(0)
    scaled = LeastSquares(k * problem.A, k * problem.y)
    for kind, eta in ((WN, 0.1), (RPGD, 0.1), (WN, Optimal()), (RPGD, Optimal())):
        size = 1.0 if kind is WN else np.linalg.norm(w0)
        methods = kind(eta, 0.05), kind(eta if isinstance(eta, Optimal) else eta / k**2, 0.05 / k**2)
        paths = [
            solve(p, m, g0, w0 / size, tol=None, max_steps=20, record_every=1).path
            for p, m in zip((problem, scaled), methods, strict=True)
        ]
        found, ours = theory.penalty(problem, methods[0], paths[0]), theory.penalty(scaled, methods[1], paths[1])
        same(ours.step, found.step / k**2)
        assert np.allclose(ours.strength, k**2 * found.strength, rtol=1e-6, atol=1e-9 * k**2)
