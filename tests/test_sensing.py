import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, Piecewise, sensing, solve
from wnlib._endings import Ending
from wnlib.methods import TimesNorm
from wnlib.sensing import METHODS, MatrixSensing, make_matrix_sensing, min_nuclear_norm, nuclear_norm
from wnlib.sensing import _recover as steps
from wnlib.sensing._least_norm import least_norm

NORMALIZED = list(METHODS)[1:]


def named(name, eta, gamma=None):
    """The method of a name in Appendix F.2, and whether it is diagonal."""
    kind, diagonal = METHODS[name]
    return (GD(eta) if kind is GD else kind(eta, eta if gamma is None else gamma)), diagonal


def recover(problem, name, U0, *, eta, gamma=None, **rest):
    method, diagonal = named(name, eta, gamma)
    return steps.recover(problem, method, U0, diagonal=diagonal, **rest)


def draw(seed=0, d=5, m=7):
    rng = np.random.default_rng(seed)
    problem = MatrixSensing(rng.standard_normal((m, d, d)), rng.standard_normal(m))
    return problem, rng


def f(problem, X):
    """(57) as it is printed, in X: no symmetrization, no triangle."""
    return np.sum((np.tensordot(problem.A, X, axes=2) - problem.y) ** 2) / (2 * problem.m)


def parametrized(method, W, D):
    """X of W, shape (d, k), and D, shape (1, 1) or (1, k), as Appendix F.2 has it (with W D Wᵀ for Diag)."""
    if method == "GD":
        return W @ W.T
    if method == "WN":
        return D[0, 0] * W @ W.T / np.sum(W**2)
    if method == "WN-Diag":
        W = W / np.linalg.norm(W, axis=0)
    return W @ np.diag(np.broadcast_to(D[0], W.shape[1])) @ W.T


def one_step(problem, method, diagonal, W, D):
    """W and D after one step of a method on a batch of one."""
    kind, *rules = steps._rules(method, 1, diagonal)
    W, D, _, t, ending, _ = steps._run(problem, kind, rules, W[None], D, -1.0, 1)
    assert (t, ending) == (1, Ending.MAX_STEPS)
    return W[0], D


def finite_differences(function, at, h=1e-5):
    gradient = np.empty_like(at)
    for i in np.ndindex(at.shape):
        e = np.zeros_like(at)
        e[i] = h
        gradient[i] = (function(at + e) - function(at - e)) / (2 * h)
    return gradient


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 9))
@settings(deadline=None, max_examples=30)
def test_only_the_symmetric_part_of_a_sensing_matrix_counts(seed, d, m):
    """The triangle gives what the printed inner products give, for any square Aᵢ and any symmetric X."""
    problem, rng = draw(seed, d, m)
    X = rng.standard_normal((d, d))
    X = X + X.T
    symmetrized = MatrixSensing((problem.A + problem.A.transpose(0, 2, 1)) / 2, problem.y)
    r = np.tensordot(problem.A, X, axes=2) - problem.y
    assert np.allclose(problem.residual(X), r) and np.allclose(symmetrized.residual(X), r)
    T = np.tensordot(r, problem.A, axes=1) / m
    assert np.allclose(problem.slope(r), (T + T.T) / 2)


def test_loss_and_gradient_in_the_factor():
    problem, rng = draw()
    U = rng.standard_normal((5, 3))
    gradient = finite_differences(lambda U: f(problem, U @ U.T), U)
    assert np.isclose(problem.loss(U), f(problem, U @ U.T))
    assert np.allclose(problem.grad(U), gradient, rtol=1e-7, atol=1e-7)
    T = np.tensordot(problem.residual(U @ U.T), problem.A, axes=1) / problem.m
    assert np.allclose((T + T.T) @ U, gradient, rtol=1e-7, atol=1e-7)
    assert np.linalg.norm(2 * T @ U - gradient) > 0.1 * np.linalg.norm(gradient)
    many = rng.standard_normal((2, 3, 5, 4))
    assert np.allclose(problem.loss(many)[1, 2], problem.loss(many[1, 2]))
    assert np.allclose(problem.grad(many)[1, 2], problem.grad(many[1, 2]))


@pytest.mark.parametrize("method", METHODS)
def test_a_step_goes_down_the_gradient(method):
    """With steps of 1 a step of GD and WN is the gradient in W and D; rPGD projects what it subtracts."""
    problem, rng = draw(3)
    W, D = rng.standard_normal((5, 4)), rng.standard_normal((1, 4 if method.endswith("Diag") else 1))
    D = np.ones_like(D) if method == "GD" else D
    axes = (0,) if method.endswith("Diag") else (0, 1)
    if method.startswith("rPGD"):
        W /= np.sqrt(np.sum(W**2, axis=axes, keepdims=True))
    in_W = finite_differences(lambda W: f(problem, parametrized(method, W, D)), W)
    in_D = finite_differences(lambda D: f(problem, parametrized(method, W, D)), D) if method != "GD" else 0 * D
    after = W - in_W
    if method.startswith("rPGD"):
        after /= np.sqrt(np.sum(after**2, axis=axes, keepdims=True))
    W, next_D = one_step(problem, *named(method, 1.0), W, D)
    assert np.allclose(W, after, rtol=1e-6, atol=1e-6)
    assert np.allclose(next_D, D - in_D, rtol=1e-6, atol=1e-6)


def test_a_factor_may_grow_until_its_square_is_hardly_a_float():
    """With steps too long W grows without end, here to 1e129, while X and the scale go round in a cycle of two."""
    problem = make_matrix_sensing(d=2, r=2, m=4, seed=314971)
    method = WN(TimesNorm(0.0625, 2), 0.03125)
    early, late = (steps.recover(problem, method, [[1.5], [-1]], tol=None, max_steps=n) for n in (600, 1000))
    assert np.allclose(early.x, late.x, rtol=1e-6) and np.isclose(early.g, late.g, rtol=1e-6)


@pytest.mark.parametrize("diagonal", [False, True])
def test_times_norm_scales_the_steps_of_wn(diagonal):
    problem, rng = draw(4)
    W, D = 2 * rng.standard_normal((5, 5)), np.full((1, 5 if diagonal else 1), 0.7)
    size = np.linalg.norm(W)
    pair = (WN(TimesNorm(0.1), TimesNorm(0.2, 2)), WN(0.1 * size, 0.2 * size**2))
    (W1, D1), (W2, D2) = (one_step(problem, method, diagonal, W, D) for method in pair)
    assert np.allclose(W1, W2, rtol=1e-14) and np.allclose(D1, D2, rtol=1e-14)


@pytest.mark.parametrize("method", ["WN-Diag", "rPGD-Diag"])
def test_diagonal_sensing_is_gradient_descent_on_vectors(method):
    """With diagonal Aᵢ and a diagonal start no column turns, and diag(D) is GD on ½‖(a D − y)/√m‖²."""
    rng = np.random.default_rng(5)
    a, x0 = rng.standard_normal((3, 6)), rng.uniform(0.5, 2, 6)
    y = a @ rng.standard_normal(6)
    sense = MatrixSensing([np.diag(row) for row in a], y)
    run = recover(sense, method, np.diag(np.sqrt(x0)), eta=0.02, tol=1e-10)
    vector = solve(LeastSquares(a / np.sqrt(3), y / np.sqrt(3)), GD(0.02), np.linalg.norm(x0), x0, tol=1e-10)
    assert run.converged and run.t == vector.t
    assert np.allclose(run.g, vector.x, rtol=0, atol=1e-10)
    assert np.allclose(run.x, np.diag(vector.x), rtol=0, atol=1e-10)


@pytest.mark.parametrize("method", ["GD", "WN", "rPGD"])
def test_diagonal_sensing_stays_diagonal(method):
    """The same start under the other methods: one vector u, moved by the scalar recursions."""
    rng = np.random.default_rng(6)
    a, u = rng.standard_normal((3, 6)), rng.uniform(0.5, 1, 6)
    y = a @ rng.uniform(0, 1, 6)
    run = recover(MatrixSensing([np.diag(row) for row in a], y), method, np.diag(u), eta=0.01, max_steps=50)
    g, w = (1.0, u) if method == "GD" else (u @ u, u / np.linalg.norm(u))
    for _ in range(50):
        n2 = w @ w if method == "WN" else 1.0
        s = a.T @ (a @ (g * w**2 / n2) - y) / 3
        slope = s @ w**2 / n2
        w, g = w - 0.01 * 2 * g / n2 * w * (s - (slope if method == "WN" else 0)), g - 0.01 * slope
        if method == "GD":
            g = 1.0
        if method == "rPGD":
            w = w / np.linalg.norm(w)
    assert np.allclose(run.x, np.diag(g * w**2 / (w @ w if method == "WN" else 1)), rtol=0, atol=1e-12)
    assert np.isclose(run.g, g, rtol=1e-12)


def test_all_methods_start_from_the_same_matrix():
    problem, rng = draw(7)
    U0 = rng.standard_normal((5, 4))
    for method in METHODS:
        run = recover(problem, method, U0, eta=0.1, max_steps=0)
        assert np.allclose(run.x, U0 @ U0.T, rtol=0, atol=1e-13) and run.t == 0
        assert np.isclose(run.loss, f(problem, U0 @ U0.T))


def test_random_factor_gives_equal_scales():
    """The Diag methods of the paper start from D0 = (α²/d) I once UUᵀ is to be the same for all."""
    U0 = 3 * sensing.random_factor(6, seed=1)
    run = recover(draw(0, 6)[0], "WN-Diag", U0, eta=0.1, max_steps=0)
    assert np.allclose(run.g, 9 / 6) and np.isclose(run.nuclear_norm, 9)
    assert not np.allclose(U0, 3 * sensing.random_factor(6, seed=2))


@pytest.mark.parametrize("method", METHODS)
def test_batch_equals_single_runs(method, monkeypatch):
    """A start's result depends neither on its neighbours, nor on where the loop looks whether it is to stop."""
    problem = make_matrix_sensing(d=12, r=2, m=100)
    U0 = np.multiply.outer(np.linspace(0.2, 4, 40), sensing.random_factor(12))
    eta = np.linspace(1e-3, 4e-3, 40).tolist()
    each, diagonal = zip(*(named(method, c, Piecewise([0, c / 2], [30])) for c in eta), strict=True)
    batch = steps.recover(problem, each, U0, diagonal=diagonal[0], max_steps=200)
    monkeypatch.setattr(steps, "PAUSE", 10**12)  # the batch looked every 14 steps
    for i in (0, 17, 39):
        single = steps.recover(problem, each[i], U0[i], diagonal=diagonal[0], max_steps=200)
        assert np.array_equal(batch.x[i], single.x) and batch.loss[i] == single.loss and batch.t[i] == single.t
        assert isinstance(single.message, str)
        assert (type(single.loss), type(single.t), type(single.converged)) == (float, int, bool)


@pytest.mark.parametrize("method", NORMALIZED)
def test_the_scale_waits_for_the_switch(method):
    problem = make_matrix_sensing(d=6, r=1, m=8)
    U0 = sensing.random_factor(6)
    start = recover(problem, method, U0, eta=1e-3, max_steps=0)
    late = Piecewise([0, 1e-3], [20])
    waiting, moved = (recover(problem, method, U0, eta=1e-3, gamma=late, tol=None, max_steps=n) for n in (20, 21))
    assert waiting.converged and waiting.message.startswith("Took 20 steps: loss ")
    assert np.array_equal(waiting.g, start.g) and not np.allclose(waiting.w, start.w)
    assert not np.allclose(moved.g, start.g)


def test_convergence_is_tested_before_each_step():
    problem = make_matrix_sensing(d=6, r=1, m=8)
    run = recover(problem, "GD", sensing.random_factor(6), eta=0.01, tol=1e-4)
    assert run.converged and run.message.startswith(f"Converged after {run.t} steps")
    before = recover(problem, "GD", sensing.random_factor(6), eta=0.01, tol=1e-4, max_steps=run.t - 1)
    assert run.loss <= 1e-4 < before.loss and not before.converged
    assert f"max_steps = {run.t - 1}" in before.message


@pytest.mark.parametrize("method", ["GD", "WN-Diag", "rPGD"])
def test_divergence_is_a_sentence_and_spares_the_others(method):
    problem = make_matrix_sensing(d=6, r=1, m=8)
    U0 = np.stack([sensing.random_factor(6), sensing.random_factor(6)])
    each, diagonal = zip(*(named(method, c) for c in (0.01, 50.0)), strict=True)
    run = steps.recover(problem, each, U0, diagonal=diagonal[0], max_steps=30_000)
    assert run.converged[0] and not run.converged[1]
    assert "Diverged" in run.message[1] and np.isfinite(run.x).all()


def test_zero_direction_is_a_sentence():
    """From W = e1, g = 4, y = 2 the residual is 2, and a step of 1/16 leads to W − 2·4·2/16·W = 0 exactly."""
    problem = MatrixSensing([[[1, 0], [0, 0]]], [2])
    run = recover(problem, "rPGD", [[2], [0]], eta=1 / 16, gamma=0.0)
    assert run.t == 1 and "no direction to project to" in run.message and np.isfinite(run.x).all()


def test_known_minimum_nuclear_norms():
    """⟨[[0, 1], [0, 0]], X⟩ = x₁₂ = 1 costs 2 on symmetric X, 1 on all; tr X = y costs |y|, if X may have it."""
    corner = MatrixSensing([[[0, 1], [0, 0]]], [1])
    values = [min_nuclear_norm(corner, over=over)[0] for over in ("psd", "symmetric", "all")]
    assert np.allclose(values, [2, 2, 1], atol=1e-5)
    negative = MatrixSensing([np.eye(3)], [-2])
    assert np.isclose(min_nuclear_norm(negative, over="symmetric")[0], 2, atol=1e-5)
    with pytest.raises(ValueError, match="No X in the set 'psd' fits all 1 measurements"):
        min_nuclear_norm(negative)


def test_minimum_nuclear_norm_is_feasible_and_certified():
    """A point of the dual, max ⟨y, λ⟩ with Σ λᵢ Aᵢ ⪯ I in the symmetric part, bounds the optimum from below."""
    import cvxpy as cp

    problem = make_matrix_sensing(d=6, r=2, m=9, seed=2)
    value, X = min_nuclear_norm(problem)
    assert np.allclose(np.tensordot(problem.A, X, axes=2), problem.y, atol=1e-5)
    assert np.linalg.eigvalsh(X).min() > -1e-6 and np.isclose(value, nuclear_norm(X), rtol=1e-5)
    symmetric = (problem.A + problem.A.transpose(0, 2, 1)) / 2
    lam = cp.Variable(9)
    bound = sum(lam[i] * symmetric[i] for i in range(9)) << np.eye(6)
    dual = cp.Problem(cp.Maximize(problem.y @ lam), [bound]).solve(solver=cp.CLARABEL)
    assert np.isclose(value, dual, rtol=1e-5)
    rest = [min_nuclear_norm(problem, over=over)[0] for over in ("symmetric", "all")]
    assert value > rest[0] > rest[1]


@pytest.mark.parametrize("over", ["psd", "symmetric", "all"])
@pytest.mark.parametrize(("d", "r", "m"), [(6, 2, 8), (6, 1, 12), (10, 2, 15), (20, 2, 40)])
def test_alternating_directions_find_what_the_solver_finds(over, d, r, m):
    """The solver stops at a gap of 1e-8; X fits exactly by construction, and lies in the set to the tolerance."""
    for seed in range(2):
        problem = make_matrix_sensing(d=d, r=r, m=m, seed=seed)
        value, X, _ = least_norm(problem, over)
        assert np.isclose(value, min_nuclear_norm(problem, over=over)[0], rtol=1e-7, atol=0)
        assert np.allclose(np.tensordot(problem.A, X, axes=2), problem.y, rtol=0, atol=1e-9)
        assert over == "all" or np.allclose(X, X.T, atol=1e-8)
        assert over != "psd" or np.linalg.eigvalsh(X).min() > -1e-6


def test_without_cvxpy_the_least_nuclear_norm_is_found_all_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    test_known_minimum_nuclear_norms()


def test_negative_diagonal_leaves_the_psd_matrices():
    """A diagonal D that turns negative makes X indefinite, with ‖X‖_* below the least that X ⪰ 0 allows."""
    problem = make_matrix_sensing(d=8, r=2, m=8, seed=2)
    run = recover(problem, "WN-Diag", 0.3 * sensing.random_factor(8, seed=2), eta=2**-9)
    psd, symmetric = (min_nuclear_norm(problem, over=over)[0] for over in ("psd", "symmetric"))
    assert run.converged and run.g.min() < -1 and np.linalg.eigvalsh(run.x).min() < -1
    assert symmetric < run.nuclear_norm < 0.96 * psd
    assert run.nuclear_norm > np.trace(run.x) + 1


def test_negative_scale_ends_at_a_negative_matrix():
    """From a small scale WN's g can cross 0; then X = −|g| WWᵀ fits too, far above the least nuclear norm."""
    problem = make_matrix_sensing(d=8, r=2, m=8, seed=0)
    least = min_nuclear_norm(problem)[0]
    Z0 = np.sqrt(least) * sensing.random_factor(8, seed=0)
    run = recover(problem, "WN", np.stack([0.01 * Z0, 0.1 * Z0]), eta=2**-9)
    assert run.converged.all() and run.g[0] < -20 and run.g[1] > 0
    assert np.linalg.eigvalsh(run.x[0]).max() < 1e-9
    assert run.nuclear_norm[0] > 1.9 * least > 1.9 * 0.999 * run.nuclear_norm[1]


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"problem": "A"}, TypeError, "problem must be a MatrixSensing; got str"),
        ({"method": "rPGD"}, TypeError, r"method must be a GD, a WN or an RPGD, such as WN.*; got 'rPGD'"),
        ({"method": []}, ValueError, "or one of the same kind for each of 1 starts; got 0"),
        ({"method": [WN(0.1, 0.1), WN(0.1, 0.1)]}, ValueError, "for each of 1 starts; got 2"),
        ({"method": [WN(0.1, 0.1), GD(0.1)], "U0": np.ones((2, 5, 5))}, ValueError, "one of the same kind"),
        (
            {"method": [WN(0.1, 0.1), WN(0.1, Piecewise([0, 1], [3]))], "U0": np.ones((2, 5, 5))},
            ValueError,
            "The rules of gamma must be alike but for their values",
        ),
        ({"method": RPGD(Optimal(), 0.1)}, TypeError, "eta cannot be Optimal here"),
        ({"method": GD(0.1), "diagonal": True}, ValueError, "GD has no scale that could be diagonal"),
        ({"U0": np.ones((3, 3))}, ValueError, r"U0 must have shape \(5, k\) or \(B, 5, k\); got \(3, 3\)"),
        ({"U0": np.full((5, 5), np.nan)}, ValueError, "U0 must be finite"),
        ({"U0": np.zeros((5, 5))}, ValueError, "WN needs a direction; U0 is zero"),
        (
            {"U0": np.eye(5)[:, :3] * [1, 0, 1], "method": RPGD(0.1, 0.1), "diagonal": True},
            ValueError,
            "a column of U0 is zero",
        ),
        ({"tol": 0}, ValueError, "tol must be greater than 0"),
        ({"max_steps": -1}, ValueError, "max_steps must be at least 0"),
    ],
)
def test_recover_refuses_bad_input(change, error, sentence):
    arguments = {"problem": draw()[0], "method": WN(0.1, 0.1), "U0": np.eye(5), **change}
    with pytest.raises(error, match=sentence):
        steps.recover(**arguments)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: MatrixSensing(np.ones((2, 3, 4)), [1, 2]), ValueError, "must be square; got 3 rows and 4 columns"),
        (lambda: MatrixSensing(np.ones((2, 3)), [1, 2]), ValueError, r"A must have shape \(m, d, d\); got \(2, 3\)"),
        (lambda: MatrixSensing(np.ones((2, 3, 3)), [1]), ValueError, r"y must have shape \(2,\)"),
        (lambda: MatrixSensing(np.ones((1, 3, 3)), [0]), ValueError, "y must not be zero"),
        (lambda: MatrixSensing([[[1j]]], [1]), TypeError, "A must hold real numbers; got dtype complex128"),
        (lambda: draw()[0].loss(np.ones((6, 2))), ValueError, r"U must have shape \(..., 5, k\); got \(6, 2\)"),
        (lambda: draw()[0].loss(np.ones(5)), ValueError, r"U must have shape \(..., 5, k\); got \(5,\)"),
        (lambda: draw()[0].loss(np.ones((0, 5, 2))), ValueError, r"got \(0, 5, 2\)"),
        (lambda: draw()[0].grad(np.eye(5) * 1j), TypeError, "U must hold real numbers; got dtype complex128"),
        (lambda: draw()[0].grad(np.diag([np.nan, 1, 1, 1, 1])), ValueError, "U must be finite; 1 of its 25 entries"),
        (lambda: draw()[0].residual("X"), TypeError, "X must hold real numbers"),
        (lambda: draw()[0].residual(np.ones((6, 6))), ValueError, r"X must have shape \(..., 5, 5\); got \(6, 6\)"),
        (lambda: draw()[0].slope(np.ones(6)), ValueError, r"r must have shape \(..., 7\); got \(6,\)"),
        (lambda: nuclear_norm(np.full((2, 2), np.inf)), ValueError, "X must be finite; 4 of its 4 entries"),
        (lambda: nuclear_norm(np.ones(3)), ValueError, r"X must have shape \(..., d, k\); got \(3,\)"),
        (lambda: min_nuclear_norm(np.ones((2, 3, 3))), TypeError, "problem must be a MatrixSensing; got ndarray"),
        (lambda: make_matrix_sensing(3, 4), ValueError, "needs r ≤ d .* got r = 4, d = 3"),
        (lambda: make_matrix_sensing(seed=0.5), TypeError, "seed must be an integer"),
        (lambda: min_nuclear_norm(draw()[0], over="PSD"), ValueError, "over must be one of 'psd', 'symmetric', 'all'"),
    ],
)
def test_problems_refuse_bad_input(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_problem_is_frozen():
    problem = make_matrix_sensing(4, 1, 3)
    with pytest.raises(ValueError, match="read-only"):
        problem.A[0, 0, 0] = 1.0
    with pytest.raises(AttributeError):
        problem.y = np.ones(3)


@pytest.mark.parametrize("name", METHODS)
def test_starts_that_the_cores_share_end_as_they_do_alone(name, monkeypatch):
    monkeypatch.setattr(steps, "PROCESSORS", 3)
    monkeypatch.setattr(steps, "WORK_OF_THREADS", 0)
    problem = make_matrix_sensing(6, 2, 10, seed=1)
    starts = np.multiply.outer(np.geomspace(0.1, 2, 7), sensing.random_factor(6, seed=1))
    together = recover(problem, name, starts, eta=0.02, tol=1e-5, max_steps=3000)
    for k, start in enumerate(starts):
        alone = recover(problem, name, start, eta=0.02, tol=1e-5, max_steps=3000)
        assert alone.t == together.t[k] and np.array_equal(alone.x, together.x[k])
        assert alone.message == together.message[k]
