from types import SimpleNamespace

import numpy as np
import pytest
from zoo import CASES, ZOO, methods

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, make_least_squares, random_direction, reduction, solve


@pytest.mark.parametrize(("animal", "method"), CASES)
def test_step_counts_to_tolerance_are_equal(animal, method):
    """The compiled loop stops where the method's own step does."""
    beast = ZOO[animal]
    rule = methods(beast.problem)[method]
    w0 = beast.w0 / np.linalg.norm(beast.w0)
    losses = solve(beast.problem, rule, beast.g0, w0, tol=None, max_steps=2000, record_every=1).path.loss
    # Halfway between two losses that differ, so that rounding cannot move the step at which the run stops.
    last = np.flatnonzero((losses[1:] < 0.999 * losses[:-1]) & (losses[1:] > 1e-12))[-1]
    tol = np.sqrt(losses[last] * losses[last + 1])
    compiled, stepped = (
        solve(beast.problem, m, beast.g0, w0, tol=tol, max_steps=2000) for m in (rule, SimpleNamespace(step=rule.step))
    )
    assert compiled.converged and compiled.t == stepped.t
    assert np.isclose(compiled.g, stepped.g, rtol=0, atol=1e-12 * max(1, abs(stepped.g)))


@pytest.mark.parametrize("animal", ZOO)
def test_gd_equals_its_closed_form(animal):
    """x_t = x* + (I − ηAᵀA)^t (x0∥ − x*) + x0⊥, with the power by eigenvalues from another routine."""
    beast = ZOO[animal]
    problem, eta = beast.problem, 0.3 / beast.problem.lam_max
    x0 = beast.g0 * beast.w0 / np.linalg.norm(beast.w0)
    values, vectors = np.linalg.eigh(problem.A.T @ problem.A)
    for t in (0, 1, 10, 1000):
        power = (vectors * (1 - eta * values) ** t) @ vectors.T
        run = solve(problem, GD(eta), beast.g0, beast.w0, tol=None, max_steps=t)
        assert np.allclose(run.x, beast.x_star + power @ (x0 - beast.x_star), rtol=0, atol=1e-11)


@pytest.mark.parametrize("animal", ["usual", "ill-conditioned", "one spare unknown"])
@pytest.mark.parametrize("method", [GD(0.2), WN(0.2, 0.1), RPGD(0.2, 0.1)])
def test_reduced_problem_is_a_least_squares_problem(animal, method):
    """A run on diag(s) with one zero column is the run on A, seen in the coordinates of the reduction."""
    beast = ZOO[animal]
    s, b, z0, _ = reduction.reduce(beast.problem, beast.w0[None])
    small = LeastSquares(np.diag(s)[:-1], b[:-1])
    large = solve(beast.problem, method, beast.g0, beast.w0, tol=None, max_steps=300)
    reduced = solve(small, method, beast.g0, z0[0], tol=None, max_steps=300)
    assert np.isclose(large.g, reduced.g, rtol=0, atol=1e-12)
    assert np.isclose(np.linalg.norm(large.x), np.linalg.norm(reduced.x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("animal", ZOO)
def test_unfold_undoes_fold(animal):
    """Equal singular values leave three coordinates, other spectra m + 1; both give back the start and its norm.

    The last start has nothing in the row space but x*, so that what is left of it there is rounding.
    """
    beast = ZOO[animal]
    perp = beast.problem.perp(beast.w0 + 1)
    s, b, z0, _ = reduction.reduce(beast.problem, np.stack([beast.w0, -2 * beast.w0, beast.x_star + perp]))
    folded_s, folded_b, z, basis = reduction.fold(s, b, z0)
    if basis is None:
        assert s.size <= 3 or s[0] - s[-2] > 1e-14 * s[0]
    else:
        assert z.shape == (3, 3) and np.ptp(s[:-1]) < 1e-12 * s[0]
        square = basis[:2] @ basis[:2].transpose(0, 2, 1)
        assert np.allclose(square, np.eye(3) * (basis[:2] ** 2).sum(axis=2)[:, None], atol=1e-14)
    assert np.allclose(np.linalg.norm(z, axis=1), np.linalg.norm(z0, axis=1), rtol=1e-14)
    assert np.allclose(reduction.unfold(z, basis), z0, rtol=0, atol=1e-14 * np.abs(z0).max())
    assert np.isclose(np.linalg.norm(folded_b), np.linalg.norm(b)) and folded_s[0] == s[0]


def test_a_run_goes_on_from_where_the_first_step_of_optimal_leads():
    """After that step the row space holds x* and rounding alone; the run that starts there is still the right one."""
    for seed in range(50):
        problem, rule = make_least_squares(4, 6, seed=seed), RPGD(Optimal(), 0.2)
        g, w = rule.step(problem, 0.5, random_direction(6, seed=seed))
        run = solve(problem, rule, g, w, tol=None, max_steps=10)
        for _ in range(run.t):
            g, w = rule.step(problem, g, w)
        assert np.abs(run.x - g * w).max() < 1e-12


@pytest.mark.parametrize("animal", ZOO)
def test_expand_undoes_reduce(animal):
    beast = ZOO[animal]
    _, _, z, n = reduction.reduce(beast.problem, beast.w0[None])
    assert np.allclose(reduction.expand(beast.problem, z, n), beast.w0, rtol=0, atol=1e-14)
    assert np.isclose(np.linalg.norm(z), np.linalg.norm(beast.w0))


def test_weight_norm_of_torch():
    """Algorithm 1 is torch's weight_norm trained by SGD: an oracle from outside."""
    torch = pytest.importorskip("torch", reason="torch is in the bench extra only")
    problem, g0, w0 = ZOO["usual"].problem, 1.5, ZOO["usual"].w0
    layer = torch.nn.Linear(problem.d, 1, bias=False, dtype=torch.float64)
    layer = torch.nn.utils.parametrizations.weight_norm(layer)
    scale, direction = layer.parametrizations.weight.original0, layer.parametrizations.weight.original1
    with torch.no_grad():
        scale.fill_(g0)
        direction.copy_(torch.tensor(w0)[None])
    optimizer = torch.optim.SGD([{"params": [direction], "lr": 0.05}, {"params": [scale], "lr": 0.02}])
    A, y = torch.tensor(problem.A), torch.tensor(problem.y)
    for _ in range(2000):
        optimizer.zero_grad()
        (0.5 * torch.sum((layer(A)[:, 0] - y) ** 2)).backward()
        optimizer.step()
    run = solve(problem, WN(0.05, 0.02), g0, w0, tol=None, max_steps=2000)
    assert np.abs(run.w - direction.detach().numpy()[0]).max() < 1e-12
    assert abs(run.g - scale.item()) < 1e-12
