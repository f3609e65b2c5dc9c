import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo import CASES, ZOO, methods

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, Piecewise, make_least_squares, random_direction, solve

PLANE = LeastSquares([[1, 0]], [2])


@pytest.mark.parametrize(("animal", "method"), CASES)
def test_converged_means_a_solution(animal, method):
    """A run that says converged has loss at most tol at its x, and not before; any other says why not."""
    beast = ZOO[animal]
    run = solve(beast.problem, methods(beast.problem)[method], beast.g0, beast.w0, tol=1e-8, max_steps=5000)
    loss = beast.problem.loss(run.x)
    assert np.isclose(run.loss, loss, rtol=1e-6)
    assert np.allclose(run.x, run.g * run.w / np.linalg.norm(run.w), rtol=0, atol=1e-12)
    if run.converged:
        assert loss <= 1e-8 * (1 + 1e-6)
        assert str(run.t) in run.message
    else:
        assert run.t == 5000 and loss > 1e-8
        assert "max_steps = 5000" in run.message


def test_max_steps_zero_returns_the_start():
    for method in (GD(0.1), WN(0.1, 0.1), RPGD(0.1, 0.1)):
        run = solve(PLANE, method, -1.5, [3.0, 4.0], max_steps=0)
        assert np.allclose(run.x, [-0.9, -1.2]) and run.t == 0 and run.g == -1.5
    assert np.allclose(solve(PLANE, WN(0.1, 0.1), 1.0, [3.0, 4.0], max_steps=0).w, [3, 4])


def test_start_at_a_solution_takes_no_step():
    run = solve(PLANE, GD(0.1), 2.0, [1.0, 0.0])
    assert run.converged and run.t == 0


def test_batch_equals_single_runs():
    """A batch is its starts, whatever its size and the shapes given."""
    problem = make_least_squares(seed=1)
    g0 = np.linspace(-1, 5, 7)
    w0 = np.array([random_direction(50, seed=s) for s in range(7)])
    for method in (GD(0.1), WN(0.05, 0.02), RPGD(Optimal(), Piecewise([0, 0.05], [20]))):
        batch = solve(problem, method, g0[1:], w0[1:], record_every=7)
        shared = solve(problem, method, g0[1:], w0[3])
        for i in range(6):
            single = solve(problem, method, g0[i + 1], w0[i + 1], record_every=7)
            assert np.allclose(batch.x[i], single.x, rtol=0, atol=1e-12)
            assert batch.t[i] == single.t and batch.message[i] == single.message
            assert np.array_equal(batch.path[i].t, single.path.t)
            assert np.isclose(shared.g[i], solve(problem, method, g0[i + 1], w0[3]).g, rtol=0, atol=1e-12)


def test_a_batch_that_the_cores_share_is_its_runs_alone(monkeypatch):
    """Every share of the starts runs, the last one too."""
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    problem, w0 = make_least_squares(4, 9, seed=2), random_direction(9, seed=2)
    g0 = np.linspace(0.2, 4, 170)
    for method in (GD(0.3), WN(0.1, 0.1), RPGD(0.1, 0.1)):
        batch = solve(problem, method, g0, w0)
        halves = [solve(problem, method, part, w0) for part in np.array_split(g0, 5)]
        assert np.array_equal(batch.t, np.concatenate([half.t for half in halves]))
        assert np.allclose(batch.x, np.concatenate([half.x for half in halves]), rtol=0, atol=1e-12)


def test_one_scale_many_directions():
    w0 = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    run = solve(PLANE, GD(0.1), 1.0, w0, tol=1e-20)
    assert np.allclose(run.x, [[2, 0], [2, 1], [2, 0.8]])
    assert run.t.shape == (3,) and len(run.message) == 3


def test_shapes_of_a_single_run():
    run = solve(PLANE, WN(0.1, 0.1), 1.0, [0.6, 0.8], record_every=3)
    assert run.x.shape == run.w.shape == (2,)
    assert (type(run.g), type(run.t), type(run.converged)) == (float, int, bool)
    assert isinstance(run.message, str)
    path = run.path
    assert path.t[0] == 0 and path.t[-1] == run.t and np.all(np.diff(path.t[:-1]) == 3)
    assert path.x.shape == (path.t.size, 2)
    assert np.allclose(path.x[-1], run.x, rtol=0, atol=1e-14)
    assert np.allclose(path.kernel_norm, np.abs(path.x[:, 1]))
    assert np.allclose(path.kernel_share, np.abs(path.w[:, 1]) / np.linalg.norm(path.w, axis=1))


def test_recording_does_not_change_the_run():
    for every in (1, 2, 5, 10_000):
        run = solve(PLANE, RPGD(0.1, 0.1), 1.0, [0.6, 0.8], record_every=every)
        assert run.g == solve(PLANE, RPGD(0.1, 0.1), 1.0, [0.6, 0.8]).g
        assert run.path.t.size == len({*range(0, run.t + 1, every), run.t})


def test_divergence_is_a_sentence_and_spares_the_others():
    """GD is stable from the row-space start x* only; the others grow without bound for eta > 2/λmax."""
    run = solve(PLANE, GD(3.0), [2.0, 1.0], [1.0, 0.0])
    assert run.converged.tolist() == [True, False]
    assert run.message[0].startswith("Converged after 0 steps")
    assert "Diverged" in run.message[1] and "2/λmax = 2" in run.message[1]
    assert run.loss[1] > 1e200 and np.isfinite(run.x).all()


def test_scale_zero_under_optimal_is_a_sentence():
    run = solve(PLANE, RPGD(Optimal(), 0.1), [0.0, 1.0], [0.6, 0.8], record_every=1)
    assert run.converged.tolist() == [False, True]
    assert "the scale g is 0" in run.message[0] and "g0 ≠ 0" in run.message[0]
    assert run.path[0].t.tolist() == [0]
    with_number = solve(PLANE, RPGD(0.1, 0.1), 0.0, [0.6, 0.8])
    assert with_number.converged


def test_zero_direction_is_a_sentence():
    """From w = (1, 0), g = 4, a step of 1/8 leads to w − η g ∇L = (1 − 4·2/8, 0) = 0 exactly."""
    run = solve(PLANE, RPGD(1 / 8, 0.0), [4.0, 1.0], [1.0, 0.0], record_every=1, max_steps=1000)
    assert "no direction to project" in run.message[0]
    assert run.t[0] == 0 and run.path[0].t.tolist() == [0] and run.x[0].tolist() == [4.0, 0.0]
    assert np.isfinite(run.g[1])


def test_stationary_point_hits_max_steps():
    """g = 0 with w in the kernel is a point of the set S (Lemma 2.3): nothing moves, and the run says so."""
    run = solve(PLANE, WN(0.1, 0.1), 0.0, [0.0, 1.0], max_steps=50)
    assert not run.converged and run.t == 50 and run.x.tolist() == [0, 0]
    assert "loss 2, above tol" in run.message and "Change the start" in run.message


def test_a_start_beyond_floats_is_a_sentence():
    run = solve(PLANE, WN(0.1, 0.1), [1.0, 1e200], [0.6, 0.8])
    assert run.converged[0] and "Stopped at the start: its loss is" in run.message[1] and "smaller g0" in run.message[1]


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"problem": "A"}, TypeError, "problem must be a LeastSquares; got str"),
        ({"method": "GD"}, TypeError, "method must be a GD, a WN or an RPGD, such as .* got .GD."),
        ({"g0": np.nan}, ValueError, "g0 must be finite"),
        ({"g0": "1"}, TypeError, "g0 must hold real numbers"),
        ({"g0": [[1.0]]}, ValueError, r"g0 must have shape \(\) or \(B,\); got \(1, 1\)"),
        ({"g0": []}, ValueError, r"g0 must have shape .* got \(0,\)"),
        ({"w0": [1.0]}, ValueError, r"w0 must have shape \(2,\) or \(B, 2\); got \(1,\)"),
        ({"w0": [0.0, 0.0]}, ValueError, "w0 must not be zero"),
        ({"w0": [[1.0, 0.0], [0.0, 0.0]]}, ValueError, "row 1 of 2"),
        ({"w0": [1j, 0]}, TypeError, "complex128"),
        ({"g0": [1.0, 2.0, 3.0], "w0": [[1.0, 0.0]] * 2}, ValueError, "got 3 and 2"),
        ({"tol": 0}, ValueError, "tol must be greater than 0; got 0.0"),
        ({"tol": -1e-5}, ValueError, "tol must be greater than 0"),
        ({"max_steps": 1e5}, TypeError, "max_steps must be an integer"),
        ({"w0": [1e-170, 0.0]}, ValueError, r"w0 must have a length from 1e-150 to 1e\+150"),
        ({"w0": [[1.0, 0.0], [1e300, 1e300]]}, ValueError, "got inf in row 1"),
        ({"max_steps": -1}, ValueError, "max_steps must be at least 0"),
        ({"max_steps": 10**20}, ValueError, "max_steps must be at most 9223372036854775807"),
        ({"record_every": -1}, ValueError, "record_every must be at least 0"),
    ],
)
def test_bad_input_gets_a_sentence(change, error, sentence):
    arguments = {"problem": PLANE, "method": GD(0.1), "g0": 1.0, "w0": [0.6, 0.8], **change}
    with pytest.raises(error, match=sentence):
        solve(**arguments)


@given(
    seed=st.integers(0, 10**6),
    g0=st.floats(-6, 6),
    eta=st.floats(0, 2),
    gamma=st.floats(0, 2),
    size=st.floats(0.1, 10),
)
@settings(deadline=None)
def test_no_run_hangs_or_hides_a_nan(seed, g0, eta, gamma, size):
    """At any step sizes a run ends within max_steps, and a loss that is not finite is called divergence."""
    problem = make_least_squares(3, 5, cond=10, seed=seed)
    w0 = size * random_direction(5, seed=seed)
    for method in (GD(eta), WN(eta, gamma), RPGD(eta, gamma)):
        run = solve(problem, method, g0, w0, max_steps=300)
        assert run.t <= 300
        assert run.message.endswith(".")
        assert run.converged == (run.loss <= 1e-5)
        assert run.loss < 1e200 or "Diverged" in run.message


@given(seed=st.integers(0, 10**6), g0=st.floats(0.1, 5), eta=st.floats(0.01, 1.9))
@settings(deadline=None)
def test_gd_keeps_the_kernel_part_and_the_others_scale_it(seed, g0, eta):
    """x⊥ never changes under GD; under WN and rPGD its direction never changes, whatever the steps."""
    problem = make_least_squares(4, 9, cond=5, seed=seed)
    w0 = random_direction(9, seed=seed)
    kernel_part = problem.perp(g0 * w0)
    assert np.allclose(problem.perp(solve(problem, GD(eta), g0, w0).x), kernel_part, rtol=0, atol=1e-11)
    for method in (WN(eta, eta), RPGD(eta, eta)):
        end = problem.perp(solve(problem, method, g0, w0, max_steps=200).x)
        unit = kernel_part / np.linalg.norm(kernel_part)
        assert np.allclose(end, (end @ unit) * unit, rtol=0, atol=1e-11)
