from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from zoo import ZOO

from wnlib import RPGD, WN, LeastSquares, flow, integrator, make_least_squares, random_direction, reduction, solve
from wnlib.integrator import _implicit_euler, flow_step

PLANE = LeastSquares([[1, 0]], [1])


def full_rates(problem, c):
    """The right side of (4) in R^d, from the definition, for a direction of any length."""

    def rates(_, state):
        g, w = state[0], state[1:]
        size = np.linalg.norm(w)
        u = w / size
        gradient = problem.A.T @ (problem.A @ (g * u) - problem.y)
        return np.append(-c * (u @ gradient), -g / size * (gradient - (u @ gradient) * u))

    return rates


@pytest.mark.parametrize("name", sorted(set(ZOO) - {"ill-conditioned"}))
@pytest.mark.parametrize("c", [0.0, 0.3, 5.0])
def test_flow_is_the_ode_in_r_d(name, c):
    """Coordinates, logarithm and extrapolation against DOP853 on (g, w) in R^d."""
    animal = ZOO[name]
    times = np.linspace(0, 4, 9)
    plain = solve_ivp(
        full_rates(animal.problem, c),
        (0, 4),
        np.append(animal.g0, animal.w0),
        method="DOP853",
        t_eval=times,
        rtol=1e-11,
        atol=1e-13,
    ).y.T
    path = flow(animal.problem, animal.g0, animal.w0, c=c, t_max=4, times=times)
    assert np.array_equal(path.t, times) and path.converged
    assert np.allclose(path.g, plain[:, 0], rtol=0, atol=1e-8)
    assert np.allclose(path.w, plain[:, 1:], rtol=0, atol=1e-8)
    x = path.g[:, None] * path.w / np.linalg.norm(path.w, axis=1, keepdims=True)
    assert np.allclose(path.x, x, rtol=0, atol=1e-12)
    assert np.allclose(path.loss, animal.problem.loss(x), rtol=1e-9, atol=1e-14)
    assert np.allclose(path.kernel_norm, np.linalg.norm(animal.problem.perp(x), axis=1), atol=1e-12)


@pytest.mark.parametrize("g0", [0.1, 0.5, 3.0])
def test_times_are_dense_where_the_path_bends(g0):
    """Between two of the times that the flow chooses, the path stays near the straight line between them."""
    problem, w0 = make_least_squares(3, 7, cond=10, seed=1), random_direction(7, seed=1)
    path = flow(problem, g0, w0, t_max=50)
    between = (path.t[1:] + path.t[:-1]) / 2
    there = flow(problem, g0, w0, t_max=50, times=between).x
    size = np.linalg.norm(path.x, axis=1).max()
    assert np.linalg.norm(there - (path.x[1:] + path.x[:-1]) / 2, axis=1).max() < 1e-3 * size


@pytest.mark.parametrize(("cond", "c"), [(1e4, 0.01), (1e4, 1.0), (1e4, 1e4), (1.0, 1e-4), (1.0, 1e6)])
def test_stiff_flows_reach_their_end(cond, c):
    """Where an explicit method would need over a million steps, a few thousand are enough."""
    problem, w0 = make_least_squares(8, 20, cond=cond, seed=4), random_direction(20, seed=4)
    end = flow(problem, 1.0, w0, c=c, t_max=1e9, tol=1e-18)
    assert end.converged and end.t.size < 10_000
    assert np.allclose(problem.A @ end.x[-1], problem.y, rtol=0, atol=2e-9)


@pytest.mark.parametrize("length", [0.1, 7.0])
def test_another_length_of_w0_is_another_c_and_another_clock(length):
    """From L u with c the flow is the one from u with c L², at the times t / L²; ‖w‖ stays L."""
    problem, u = make_least_squares(4, 9, cond=5, seed=1), random_direction(9, seed=1)
    times = np.linspace(0, 3, 7)
    long = flow(problem, 1.3, length * u, c=0.7, t_max=3 * length**2, times=times * length**2)
    unit = flow(problem, 1.3, u, c=0.7 * length**2, t_max=3, times=times)
    plain = solve_ivp(
        full_rates(problem, 0.7),
        (0, 3 * length**2),
        np.append(1.3, length * u),
        method="DOP853",
        rtol=1e-11,
        atol=1e-13,
    ).y[:, -1]
    assert np.allclose(long.g, unit.g, rtol=0, atol=1e-9)
    assert np.allclose(long.w, length * unit.w, rtol=0, atol=1e-8)
    assert np.allclose(np.linalg.norm(long.w, axis=1), length, rtol=1e-8)
    assert np.allclose(np.append(long.g[-1], long.w[-1]), plain, rtol=0, atol=1e-7)


def sphere_rates(state, s, b, c):
    """The right side of (4) in the state (g, z, θ) of `wnlib.loops`, where ‖w‖ = 1."""
    g, z = state[0], state[1:-1]
    gradient = s * (s * g * z - b)
    slope = z @ gradient
    return np.array([-c * slope, *(-g * (gradient - slope * z)), g * slope])


def random_state(rng, seed):
    """Singular values and targets of a random problem, and a random state with ‖z‖ < 1."""
    s, b, z0, _ = reduction.reduce(make_least_squares(4, 9, cond=10, seed=seed), random_direction(9, seed=seed)[None])
    return s[:-1], b[:-1], np.array([rng.uniform(-3, 3), *z0[0, :-1], rng.uniform(-1, 1)])


def test_an_euler_step_solves_the_linear_equations():
    """(I − hJ) Δ = h f with the Jacobian J, though the code only divides by a diagonal."""
    rng, taken = np.random.default_rng(0), 0
    for seed in range(200):
        s, b, state = random_state(rng, seed)
        c, h = rng.uniform(0, 5), 10 ** rng.uniform(-3, 1)
        moves = 1e-30j * np.eye(state.size)
        jacobian = np.array([sphere_rates(state + move, s, b, c).imag for move in moves]).T / 1e-30
        change = np.linalg.solve(np.eye(state.size) - h * jacobian, h * sphere_rates(state, s, b, c))
        end, p, q = state.copy(), np.empty(s.size), np.empty(s.size)
        growth = max(value.real for value in np.linalg.eigvals(jacobian) if abs(value.imag) < 1e-9)
        if _implicit_euler(s, b, c, h, end, p, q):
            taken += 1
            assert h * growth < 1 and np.allclose(end - state, change, rtol=0, atol=1e-10 * np.abs(change).max())
        else:
            assert h * growth > 1
    assert 100 < taken < 190


def test_a_step_has_order_eight():
    """It is the combination of 1, …, 8 Euler steps in which the powers h², …, h⁸ of their errors cancel."""
    counts, rng = range(1, 9), np.random.default_rng(1)
    weights = [prod(Fraction(n, n - other) for other in counts if other != n) for n in counts]
    for power in range(8):
        assert sum(weight / n**power for weight, n in zip(weights, counts, strict=True)) == (power == 0)
    for seed in range(50):
        s, b, state = random_state(rng, seed)
        c, h, log_perp0 = rng.uniform(0.1, 2), rng.uniform(0.002, 0.02), rng.uniform(-2, 0)
        end = state.copy()
        for weight, n in zip(weights, counts, strict=True):
            path = state.copy()
            assert all(_implicit_euler(s, b, c, h / n, path, np.empty(s.size), np.empty(s.size)) for _ in range(n))
            end += float(weight) * (path - state)
        size = np.hypot(np.linalg.norm(end[1:-1]), np.exp(log_perp0 + end[-1]))
        end[1:-1] /= size
        end[-1] -= np.log(size)
        assert np.allclose(flow_step(s, b, log_perp0, c, state, h, np.inf, 1e-9, 1e-9)[0], end, rtol=0, atol=1e-11)


def test_the_error_of_a_step_is_of_the_size_that_it_says():
    rng, ratios = np.random.default_rng(2), []
    for seed in range(200):
        s, b, state = random_state(rng, seed)
        c, h = rng.uniform(0.1, 2), rng.uniform(0.05, 1) / (1 + state[0] ** 2)
        log_perp0 = 0.5 * np.log(1 - state[1:-1] @ state[1:-1]) - state[-1]
        options = {"method": "DOP853", "args": (s, b, c), "rtol": 3e-14, "atol": 1e-16}
        exact = solve_ivp(lambda _, v, *args: sphere_rates(v, *args), (0, h), state, **options).y[:, -1]
        found, error = flow_step(s, b, log_perp0, c, state, h, np.inf, 0.0, 1.0)
        ratios.append(np.abs(found - exact).max() / (error + 1e-12))
    assert np.quantile(ratios, 0.8) < 1 and max(ratios) < 10


@pytest.mark.parametrize("method", [WN, RPGD])
def test_lemma_2_2(method):
    """Both methods close in on the flow with their step size: order 1 in η."""
    problem, w0, c, end = make_least_squares(4, 9, cond=3, seed=2), random_direction(9, seed=2), 0.7, 2.0
    limit = flow(problem, 1.2, w0, c=c, t_max=end).x[-1]
    etas = end / np.array([200, 400, 800, 1600, 3200])
    runs = (solve(problem, method(eta, c * eta), 1.2, w0, tol=None, max_steps=round(end / eta)) for eta in etas)
    errors = [np.linalg.norm(run.x - limit) for run in runs]
    slope = np.polyfit(np.log(etas), np.log(errors), 1)[0]
    assert 0.98 < slope < 1.02


def test_lemma_2_5_drift():
    """‖w⊥‖ follows e^((g0² − g²)/2c) ‖w0⊥‖ to 1e-8 on 200 flows, though nothing imposes it."""
    rng = np.random.default_rng(3)
    for seed in range(200):
        m = int(rng.integers(1, 6))
        problem = make_least_squares(m, 8, cond=rng.uniform(1, 100), seed=seed)
        g0, w0, c = rng.uniform(-5, 5), random_direction(8, seed=seed), 10 ** rng.uniform(-1.3, 1.3)
        path = flow(problem, g0, w0, c=c, t_max=300)
        exponent = (g0**2 - path.g**2) / (2 * c)
        assert np.abs(path.kernel_share - np.exp(exponent) * path.kernel_share[0]).max() < 1e-8
        logarithm = np.log(path.kernel_share / path.kernel_share[0])
        assert np.abs(logarithm - exponent).max() < 1e-8 * max(1, np.abs(exponent).max())
        assert np.abs(np.linalg.norm(path.w, axis=1) - 1).max() < 1e-8


def test_scale_is_frozen_at_c_zero():
    path = flow(ZOO["usual"].problem, 1.5, ZOO["usual"].w0, c=0, t_max=100)
    assert (path.g == 1.5).all() and path.loss[-1] < path.loss[0]


def test_loss_never_rises():
    for animal in ZOO.values():
        path = flow(animal.problem, animal.g0, animal.w0, c=0.5, t_max=20)
        assert (np.diff(path.loss) <= 1e-12 * (1 + path.loss[0])).all()


def test_large_dimension_takes_the_same_steps():
    """Columns of zeros change nothing: same times, same scale; vectors of R^d are made when asked for."""
    small, w0 = make_least_squares(3, 6, cond=4, seed=1), random_direction(6, seed=1)
    wide = LeastSquares(np.hstack([small.A, np.zeros((3, 20_000))]), small.y)
    path = flow(wide, 1.0, np.append(w0, np.zeros(20_000)), t_max=50)
    reference = flow(small, 1.0, w0, t_max=50)
    assert abs(path.t.size - reference.t.size) <= 0.05 * reference.t.size
    assert np.isclose(path.g[-1], reference.g[-1], rtol=0, atol=1e-9)
    assert path._z.shape[1] == 4 and "w" not in vars(path)
    assert np.allclose(path.x[-1, :6], reference.x[-1], rtol=0, atol=1e-8)


def test_start_in_the_kernel_at_scale_zero_does_not_move():
    path = flow(PLANE, 0.0, [0, 1], t_max=100, tol=1e-6)
    assert not path.converged and "Change the start" in path.message
    assert (path.g == 0).all() and np.allclose(path.w, [0, 1])


def test_start_in_the_row_space_stays_there():
    path = flow(PLANE, 4.0, [1, 0], c=0.01, t_max=1e5)
    assert path.converged and np.allclose(path.x[-1], [1, 0]) and (path.kernel_share == 0).all()


def test_tol_ends_the_flow_where_the_loss_is_tol():
    path = flow(PLANE, 0.5, [0.6, 0.8], t_max=1000, tol=1e-6)
    assert path.converged and path.message.startswith("Reached loss 1e-06 at t = ")
    assert np.isclose(path.loss[-1], 1e-6, rtol=1e-6) and path.loss[-2] > 1e-6
    later = flow(PLANE, 0.5, [0.6, 0.8], t_max=1000, times=[0, path.t[-1]])
    assert np.isclose(later.loss[-1], 1e-6, rtol=1e-6)
    started = flow(PLANE, 1.0, [1, 0], t_max=10, tol=1e-6, times=[0, 5])
    assert started.converged and started.t.tolist() == [0] and "Started with loss 0" in started.message
    early = flow(PLANE, 0.5, [0.6, 0.8], t_max=1.0, tol=1e-6)
    assert not early.converged and "Stopped at t_max = 1 with loss" in early.message and "raise t_max" in early.message


def test_times_end_where_tol_is_reached():
    """The last record is where the loss was tol, between two of the times or before the first of them."""
    path = flow(PLANE, 0.5, [0.6, 0.8], t_max=1000, tol=1e-6, times=np.arange(1000.0))
    assert path.converged and 5 < path.t.size < 100
    assert np.array_equal(path.t[:-1], np.arange(path.t.size - 1)) and path.loss[-2] > 1e-6
    assert np.isclose(path.loss[-1], 1e-6, rtol=1e-9) and path.t[-2] < path.t[-1] < path.t[-2] + 1
    late = flow(PLANE, 0.5, [0.6, 0.8], t_max=1000, tol=1e-6, times=[500.0])
    assert np.allclose(late.t, path.t[-1:], rtol=1e-6) and late.x.shape == (1, 2)
    start = flow(PLANE, 0.5, [0.6, 0.8], t_max=1000, tol=10, times=[1, 2])
    assert start.t.tolist() == [0] and start.converged and start.message.startswith("Started with loss")


def test_without_tol_the_flow_goes_on_from_a_solution_too():
    path = flow(PLANE, 1.0, [1.0, 0.0], t_max=5, times=[1, 5])
    assert path.converged and path.t.tolist() == [1, 5] and np.allclose(path.x, [[1, 0]] * 2)


def test_the_flow_is_recorded_at_the_times_asked_for_and_no_others():
    times = [0.5, 1.0, 2.0]
    assert flow(PLANE, 0.5, [0.6, 0.8], t_max=1000, times=times).t.tolist() == times
    assert flow(PLANE, 0.5, [0.6, 0.8], t_max=1000, times=times, tol=1e-300).t.tolist() == times


def test_what_a_float_cannot_hold_ends_in_a_sentence():
    path = flow(PLANE, 1e200, [0.6, 0.8], t_max=10)
    assert not path.converged and "gave up: at t = 0 no step is short enough. Take smaller g0" in path.message
    assert path.t.tolist() == [0]
    assert all(flow(PLANE, 1.0, [0.6, 0.8], c=c, t_max=10).converged for c in (1e-300, 1e300))


def test_a_flow_that_pauses_after_each_step_is_the_same(monkeypatch):
    options = [{}, {"tol": 1e-6}, {"times": np.linspace(0, 50, 101), "tol": 1e-6}]
    whole = [flow(PLANE, 0.5, [0.6, 0.8], t_max=50, **option) for option in options]
    monkeypatch.setattr(integrator, "PAUSE", 0)
    for option, path in zip(options, whole, strict=True):
        paused = flow(PLANE, 0.5, [0.6, 0.8], t_max=50, **option)
        assert np.array_equal(paused.t, path.t) and np.array_equal(paused.x, path.x)
        assert paused.message == path.message and path.t.size > 10


def test_too_many_steps_end_in_a_sentence(monkeypatch):
    monkeypatch.setattr(integrator, "STEPS", 20)
    path = flow(PLANE, 1.0, [0.6, 0.8], t_max=10)
    assert not path.converged and "after 20 steps it is still at t = " in path.message
    times = np.linspace(0, 10, 101)
    assert flow(PLANE, 1.0, [0.6, 0.8], t_max=10, times=times).converged  # the bound is on the steps between times


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"problem": "A"}, TypeError, "problem must be a LeastSquares; got str"),
        ({"g0": np.inf}, ValueError, "g0 must be finite"),
        ({"g0": [1.0]}, TypeError, "g0 must be a real number"),
        ({"w0": [[0.6, 0.8]]}, ValueError, r"w0 must have shape \(2,\); got \(1, 2\)"),
        ({"w0": [0, 0]}, ValueError, "w0 must not be zero"),
        ({"w0": [1e200, 0]}, ValueError, "w0 must have a length from 1e-150 to 1e[+]150"),
        ({"c": -1}, ValueError, "c must be at least 0; got -1"),
        ({"t_max": 0}, ValueError, "t_max must be greater than 0"),
        ({"t_max": np.inf}, ValueError, "t_max must be finite"),
        ({"times": [0, 11]}, ValueError, "times must increase from 0 or later to t_max = 10"),
        ({"times": [2, 1]}, ValueError, "times must increase"),
        ({"times": [-1, 1]}, ValueError, "times must increase"),
        ({"tol": 0}, ValueError, "tol must be greater than 0"),
        ({"rtol": 1e-15}, ValueError, "rtol must be at least 1e-12"),
        ({"atol": 0}, ValueError, "atol must be greater than 0"),
    ],
)
def test_bad_input_gets_a_sentence(change, error, sentence):
    arguments = {"problem": PLANE, "g0": 1.0, "w0": [0.6, 0.8], "t_max": 10.0, **change}
    with pytest.raises(error, match=sentence):
        flow(**arguments)


@given(
    seed=st.integers(0, 10**6),
    g0=st.floats(-1e6, 1e6),
    log_c=st.floats(-6, 6),
    log_length=st.floats(-3, 3),
    log_t=st.floats(-3, 9),
)
@settings(deadline=None, max_examples=60)
def test_no_flow_hangs_or_hides_a_nan(seed, g0, log_c, log_length, log_t):
    problem = make_least_squares(3, 5, cond=10, seed=seed)
    w0 = 10**log_length * random_direction(5, seed=seed)
    path = flow(problem, g0, w0, c=10**log_c, t_max=10**log_t)
    assert path.message.endswith(".") and path.converged
    assert np.isfinite(path.x).all() and np.isfinite(path.loss).all()
    assert path.loss[-1] <= path.loss[0] * (1 + 1e-9) + 1e-12
