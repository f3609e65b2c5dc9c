"""`solve` runs methods that the library has never seen, by their step alone."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from zoo import CASES, ZOO, methods

from wnlib import GD, WN, LeastSquares, Optimal, Piecewise, make_least_squares, plots, random_direction, solve

PLANE = LeastSquares([[1, 0]], [2])
USUAL, W0 = make_least_squares(4, 9, cond=3, seed=1), random_direction(9, seed=1)


def unknown(method):
    """The step of a method of the library, which `solve` does not know any more."""
    return SimpleNamespace(step=method.step)


@pytest.mark.parametrize(("animal", "method"), CASES)
def test_the_compiled_loop_is_the_step(animal, method):
    """1000 steps: the same path to 1e-12, whether the loop is compiled or asks the method."""
    beast = ZOO[animal]
    rule = methods(beast.problem)[method]
    w0 = (1.5 if isinstance(rule, WN) else 1) * beast.w0 / np.linalg.norm(beast.w0)
    how = {"tol": None, "max_steps": 1000, "record_every": 7}
    compiled, stepped = (solve(beast.problem, m, beast.g0, w0, **how) for m in (rule, unknown(rule)))
    assert np.array_equal(compiled.path.t, stepped.path.t) and compiled.t == stepped.t == 1000
    for name in ("g", "w", "x", "kernel_share", "kernel_norm"):
        ours, theirs = getattr(compiled.path, name), getattr(stepped.path, name)
        assert np.abs(ours - theirs).max() <= 1e-12 * max(1, np.abs(theirs).max()), name
    assert np.allclose(np.sqrt(compiled.path.loss), np.sqrt(stepped.path.loss), rtol=0, atol=1e-12)


class Momentum:
    """Heavy ball on x, with a memory that starts afresh at t = 0."""

    def __init__(self, eta, beta):
        self.eta, self.beta = eta, beta

    def step(self, problem, g, w, t):
        x = g * w / np.linalg.norm(w)
        self.velocity = self.beta * (self.velocity if t else 0) - self.eta * problem.grad(x)
        x = x + self.velocity
        return np.linalg.norm(x), x


def test_a_method_with_a_memory_starts_afresh_for_each_start():
    ball = Momentum(0.1, 0.8)
    both = solve(USUAL, ball, [0.5, 2.0], W0, tol=1e-12, record_every=5)
    assert both.converged.all() and np.allclose(USUAL.perp(both.x), USUAL.perp(np.outer([0.5, 2.0], W0)))
    for i, g0 in enumerate((0.5, 2.0)):
        alone = solve(USUAL, ball, g0, W0, tol=1e-12, record_every=5)
        assert np.array_equal(alone.x, both.x[i]) and alone.t == both.t[i] and alone.message == both.message[i]
        assert np.array_equal(alone.path.x, both.path[i].x)
    # x₊ = x + β(x − x₋) − η∇L(x), from the records of every step
    x = solve(USUAL, ball, 0.5, W0, tol=1e-12, record_every=1).path.x
    after = x[1:-1] + 0.8 * (x[1:-1] - x[:-2]) - 0.1 * USUAL.grad(x[1:-1])
    assert np.allclose(x[2:], after, rtol=0, atol=1e-12)


class NormalizedGD:
    """Steps of length η_t down the gradient."""

    def step(self, problem, g, w, t):
        x = g * w / np.linalg.norm(w)
        gradient = problem.grad(x)
        x = x - 0.5 / (1 + t) * gradient / np.linalg.norm(gradient)
        return np.linalg.norm(x), x / np.linalg.norm(x)


def test_normalized_gradient_descent():
    run = solve(PLANE, NormalizedGD(), 1.0, [0.6, 0.8], tol=None, max_steps=200, record_every=1)
    assert run.converged and run.t == 200 and run.message.startswith("Took 200 steps: loss ")
    steps = np.linalg.norm(np.diff(run.path.x, axis=0), axis=1)
    assert np.allclose(steps, 0.5 / np.arange(1, 201)) and np.allclose(run.path.kernel_norm, 0.8)
    figure = Figure()
    ax = plots.plot_paths({"normalized": run.path.x}, plots.plot_plane(PLANE, figure.subplots(), radius=3))
    assert plots.ANOTHER["color"] in {line.get_color() for line in ax.lines}


@dataclass
class RowByRow:
    """SGD on one random row a step: t chooses the row, so that a run can be repeated."""

    seed: int = 0

    def step(self, problem, g, w, t):
        i = np.random.default_rng((self.seed, t)).integers(problem.m)
        x, a = g * w / np.linalg.norm(w), problem.A[i]
        x = x - a * (a @ x - problem.y[i]) / (a @ a)
        return np.linalg.norm(x), x


def test_sgd_on_rows():
    one, again, other = (solve(USUAL, RowByRow(seed), 1.0, W0, tol=1e-16) for seed in (0, 0, 1))
    assert one.converged and np.array_equal(one.x, again.x) and one.t != other.t
    assert np.allclose(one.x, USUAL.x_star + USUAL.perp(W0), atol=1e-6)


class PrintedWN:
    """WN with the direction step of Appendix F.1 as it is printed, ‖w‖/(g² λmax)."""

    def step(self, problem, g, w, t):
        size = np.linalg.norm(w)
        u = w / size
        gradient = problem.grad(g * u)
        slope = u @ gradient
        return g - 0.005 * slope, w - (gradient - slope * u) / (g * problem.lam_max)


def test_the_printed_step_is_a_rule_of_the_library():
    own, rule = (solve(USUAL, m, 1.5, W0, record_every=1) for m in (PrintedWN(), WN(Optimal(power=1), 0.005)))
    assert own.t == rule.t and np.allclose(own.path.x, rule.path.x, rtol=0, atol=1e-12)


def returning(*answers):
    """A method whose step returns the given answers, and then the state that it got."""

    class Broken:
        def step(self, problem, g, w, t):
            return answers[t] if t < len(answers) else (g, w)

    return Broken()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ([1.0, 2.0, 3.0], r"Broken.step must return \(g, w\), a scale and a direction; at t = 1 it returned \[1.0"),
        (None, "at t = 1 it returned None"),
        (np.ones(2), "at t = 1 it returned array"),
        ((1j, [0, 1]), "must return a real number as g; at t = 1 it returned 1j"),
        (("1", [0, 1]), "must return a real number as g"),
        (([1.0], [0, 1]), "must return a real number as g"),
        ((1.0, [0, 1, 2]), r"real numbers of shape \(2,\) as w; at t = 1 it returned shape \(3,\)"),
        ((1.0, [[0, 1]]), r"it returned shape \(1, 2\)"),
        ((1.0, [1j, 0]), r"it returned shape \(2,\), dtype complex128"),
    ],
)
def test_a_step_that_returns_something_else_gets_a_sentence(answer, sentence):
    with pytest.raises(TypeError, match=sentence):
        solve(PLANE, returning((1.0, [0.6, 0.8]), answer), 1.0, [0.6, 0.8])


def test_a_step_that_leaves_the_numbers_ends_its_run_and_no_other():
    class Leaves:
        def step(self, problem, g, w, t):
            x = g * w - 0.5 * problem.grad(g * w)
            size = np.linalg.norm(x)
            return (np.nan if g < 0 and t == 7 else size if g > 0 else -size), x / size

    run = solve(PLANE, Leaves(), [1.0, -1.0], [0.6, 0.8], tol=1e-20, record_every=1)
    assert run.converged.tolist() == [True, False] and run.t[1] == 8
    assert run.message[1] == "Stopped at step 8: the step of Leaves led to a g or w that is not a number."
    for state, word in (((1e300, [0.6, 0.8]), "Diverged"), ((1.0, [0.0, 0.0]), "w = 0, which has no direction")):
        run = solve(PLANE, returning(state), 1.0, [0.6, 0.8])
        assert not run.converged and run.t == 1 and word in run.message


def test_an_error_in_a_step_says_where_it_happened():
    class Fails:
        def step(self, problem, g, w, t):
            return 1 / (3 - t), w

    with pytest.raises(ZeroDivisionError) as caught:
        solve(PLANE, Fails(), 1.0, [0.6, 0.8])
    assert caught.value.__notes__ == ["This happened in Fails.step(problem, g, w, t) at t = 3."]


def test_a_step_may_write_into_what_it_gets():
    class Writes:
        def step(self, problem, g, w, t):
            w *= 1.5
            return g, w

    run = solve(PLANE, Writes(), 1.0, [0.6, 0.8], tol=None, max_steps=3, record_every=1)
    assert np.allclose(np.linalg.norm(run.path.w, axis=1), 1.5 ** np.arange(4))


@pytest.mark.parametrize("method", ["GD", GD, lambda problem, g, w, t: (g, w), None])
def test_what_is_no_method_gets_a_sentence(method):
    with pytest.raises(TypeError, match=r"or an object with a method step\(problem, g, w, t\) that returns \(g, w\)"):
        solve(PLANE, method, 1.0, [0.6, 0.8])


@pytest.mark.parametrize("method", [GD(0.1), WN(0.1, 0.1), unknown(GD(0.1))])
def test_n_steps_are_n_steps(method):
    """Without tol a run takes its steps, past a solution too, and does not complain."""
    for n in (0, 1, 50, 5000):
        run = solve(PLANE, method, 1.0, [0.6, 0.8], tol=None, max_steps=n)
        assert run.t == n and run.converged and run.message == f"Took {n} steps: loss {run.loss:.3g}."
    run = solve(PLANE, GD(3.0), 1.0, [0.6, 0.8], tol=None, max_steps=5000)
    assert not run.converged and "Diverged" in run.message


def test_schedules_of_any_length_run_in_one_call():
    gamma = Piecewise([0, 0.1, 0.3, 0.05], [1, 20, 40])
    run = solve(USUAL, WN(0.1, gamma), 1.0, W0, tol=None, max_steps=60, record_every=1)
    g, w = 1.0, W0
    for t, value in enumerate([0] + [0.1] * 19 + [0.3] * 20 + [0.05] * 20):
        g, w = WN(0.1, value).step(USUAL, g, w)
        assert np.isclose(run.path.g[t + 1], g, rtol=0, atol=1e-12)
    switched = solve(USUAL, GD(Piecewise([0.5, 0.1], [3])), 1.0, W0, tol=None, max_steps=5)
    first = solve(USUAL, GD(0.5), 1.0, W0, tol=None, max_steps=3)
    assert np.allclose(switched.x, solve(USUAL, GD(0.1), first.g, first.w, tol=None, max_steps=2).x, atol=1e-12)


def test_a_path_that_was_not_recorded_says_so():
    with pytest.raises(ValueError, match="No path was recorded: run solve with record_every=1"):
        _ = solve(PLANE, GD(0.1), 1.0, [0.6, 0.8]).path
    with pytest.raises(ValueError, match=r"6000002 records, 0\.3 GB .* above 0 GB; take record_every of at least"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("wnlib.runs.LARGEST_PATH", 10**8)
            solve(PLANE, GD(1e-9), 1.0, [0.6, 0.8], max_steps=6_000_000, record_every=1)
