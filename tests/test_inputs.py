"""What goes into a problem may be anything: the right numbers come of it, or a sentence."""

import copy
import dataclasses
import pickle
import re
import traceback
from unittest import mock

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import wnlib
from wnlib import (
    GD,
    RPGD,
    WN,
    Control,
    LeastSquares,
    Optimal,
    Piecewise,
    check,
    flow,
    flow_of,
    make_least_squares,
    practice,
    random_direction,
    sensing,
    solve,
    theory,
)
from wnlib._checks import choice, direction, increasing_times, real_number
from wnlib.problems import random_problems
from wnlib.sensing import make_matrix_sensing

PLANE = LeastSquares([[3, 4]], [10])


class Tracked:
    """Refuses to become an array, as a tensor that tracks its gradient does."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


@pytest.mark.parametrize("y", [1e-170, 1e-160, 1e-148])
def test_numbers_too_small_to_square_get_a_sentence(y):
    with pytest.raises(ValueError, match=f"too small.*largest target {y:.3g}. Change the units"):
        LeastSquares([[1, 0]], [y])


def test_the_smallest_problems_are_exact():
    problem = LeastSquares([[3e-145, 4e-145]], [5e-145])
    assert np.isclose(problem.g_star, 1, rtol=1e-14) and np.allclose(problem.w_star, [0.6, 0.8], rtol=1e-14)


def test_a_mask_is_not_dropped():
    masked = np.ma.array([1.0, 99.0], mask=[False, True])
    with pytest.raises(ValueError, match="y must not be masked; 1 of its 2 entries"):
        LeastSquares(np.eye(2, 3), masked)
    with pytest.raises(ValueError, match=r"Vectors must not be masked; 1 of its 2 entries are\. Fill or drop them\."):
        PLANE.perp(masked)


@pytest.mark.parametrize("read", [lambda v: LeastSquares(v, [1]), lambda v: LeastSquares([[1, 2]], v), PLANE.grad])
def test_what_cannot_become_an_array_gets_a_sentence(read):
    with pytest.raises(TypeError, match=r"cannot be read as an array; got Tracked\. Convert it to a numpy array"):
        read(Tracked())


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble, np.int8, np.uint64])
def test_numbers_of_any_width(kind):
    A, y, x = np.array([[3, 4]], kind), np.array([10], kind), np.array([1, 2], kind)
    problem = LeastSquares(A, y)
    assert np.allclose(problem.x_star, PLANE.x_star, rtol=1e-14) and problem.loss(x) == PLANE.loss([1, 2])
    assert np.allclose(LeastSquares(A.view(np.matrix), memoryview(np.array([10.0]))).x_star, PLANE.x_star, rtol=1e-14)


def again(problem):
    return pickle.loads(pickle.dumps(problem))


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, again, dataclasses.replace])
def test_copies_are_read_only_too(make):
    twin = make(PLANE)
    assert twin.g_star == PLANE.g_star and np.array_equal(twin.w_star, PLANE.w_star)
    for name in ("A", "y", "x_star", "w_star", "eigenvalues"):
        assert not getattr(twin, name).flags.writeable, name


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, again, dataclasses.replace])
def test_copies_of_a_sensing_problem_are_read_only_too(make):
    problem = make_matrix_sensing(d=4, r=1, m=5)
    twin = make(problem)
    assert np.array_equal(twin.A, problem.A) and not (twin.A.flags.writeable or twin.y.flags.writeable)
    assert repr(twin) == "MatrixSensing(m=5, d=4)"


def test_a_problem_shows_its_sizes():
    assert repr(make_least_squares()) == "LeastSquares(m=20, d=50, g_star=3.00, cond=1.00)"


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_a_vector_of_a_run_that_diverged_spoils_no_other(bad):
    """A warning would be an error here."""
    x = np.array([[bad, 1.0], [1.0, 2.0]])
    assert not np.isfinite(PLANE.loss(x)[0]) and PLANE.loss(x)[1] == PLANE.loss(x[1])
    for name in ("grad", "parallel", "perp"):
        assert np.allclose(getattr(PLANE, name)(x)[1], getattr(PLANE, name)(x[1]), rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: make_least_squares(10**30, 10**31), "at most 100000000 entries"),
        (
            lambda: make_least_squares(2, 10**8),
            "^m and d must give A at most 100000000 entries; got m = 2, d = 100000000",
        ),
        (lambda: random_direction(10**30), "^d must give the direction at most 100000000 entries; got d = 10"),
        (lambda: make_matrix_sensing(1000, 1, 101), "^d and m must give A at most .*; got d = 1000, m = 101[.]"),
        (lambda: sensing.random_factor(10**4 + 1), "^d must give Z0 at most 100000000 entries; got d = 10001[.]"),
        (
            lambda: practice.random_features(ROWS, 2 * 10**7),
            r"^inputs and d must give the features at most .*; got inputs = \(6, 2\), d = 20000000[.]",
        ),
        (lambda: make_least_squares(g_star=10**400), "g_star must be finite as a float"),
        (lambda: real_number("share", 2, at_most=1), "share must be at most 1; got 2.0"),
        (lambda: real_number("share", 1, below=1), "share must be less than 1; got 1.0"),
        (lambda: choice("part", ["top"], ("top", "bottom")), r"part must be one of 'top', 'bottom'; got \['top'\]"),
        (lambda: direction("w", [[1, 0], [0, 0]], ("B", 2)), "w must not be zero, .*; row 1 of 2 is"),
        (lambda: direction("w", [0, 0], (2,)), "w must not be zero, it has no direction[.]"),
        (
            lambda: direction("w", [[1, 0], [1e200, 0]], ("B", 2)),
            r"w must have a length .* got inf in row 1\. Multiply",
        ),
        (lambda: direction("w", [1e-170, 0], (2,)), r"w must have a length .* Multiply w by a number"),
        (lambda: increasing_times("times", [0, 2], 1), "to t_max = 1 or earlier; got"),
        (lambda: increasing_times("times", [0]), "to a time above 0; got"),
        (lambda: make_least_squares(g_star=1e160), "g_star must be at most 1e[+]100; got 1e[+]160"),
        (lambda: theory.largest_phase_one_gamma(0.1, 1, 0.5, 10**400, rho=0.5), "steps must be at most 1000"),
        (
            lambda: practice.draw_split(ROWS, ROWS[:, 0], 3, 9, length=1e17),
            "noise do not go together: A must have full",
        ),
        (lambda: next(random_problems(1, rows=(5, 2))), "rows must go from the least"),
        (lambda: next(random_problems(-1)), "count must be at least 0; got -1"),
    ],
)
def test_numbers_out_of_range_get_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_random_problems_are_of_the_kind_asked_for():
    drawn = list(random_problems(50, seed=3, rows=(2, 4), spare=(1, 3), cond=1, g_star=(0.5, 0.7)))
    assert {p.m for p, _ in drawn} == {2, 3, 4} and {p.d - p.m for p, _ in drawn} == {1, 2, 3}
    for problem, w0 in drawn:
        assert np.allclose(problem.A @ problem.A.T, np.eye(problem.m)) and 0.5 <= problem.g_star <= 0.7
        assert w0.shape == (problem.d,) and np.isclose(np.linalg.norm(w0), 1)
    assert all(np.array_equal(w, v) for (_, w), (_, v) in zip(random_problems(5), random_problems(5), strict=True))


def test_an_answer_that_ends_python_is_judged():
    def leave(A, y):
        raise SystemExit

    assert "Return a value instead" in check("setup.minimum_norm", leave).message


def test_an_interrupt_is_obeyed():
    def wait(A, y):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("setup.minimum_norm", wait)


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(-(10**40), 10**40),
    st.complex_numbers(),
    st.fractions(),
    st.text(max_size=3),
    st.sampled_from([(), {}, {1}, [None], [[1], [1, 2]], b"1", print, LeastSquares, np.datetime64(0, "s"), Tracked()]),
    st.sampled_from([np.float16(3), np.int8(1), np.array(2), np.array([1.5, "a"], object), np.ma.masked]),
    st.sampled_from([np.zeros(2, "i4,f8"), np.array([1, 2], "m8[s]"), sympy.Symbol("x"), sympy.Float(2), range(2)]),
    st.lists(st.floats(), max_size=4),
)
WIDE, SENSING = make_least_squares(5, 8), make_matrix_sensing(3, 1, 3)
W0 = [0.6, 0.8]
START = {"problem": PLANE, "g0": 0.5, "w0": W0}
PATH = solve(PLANE, WN(0.01, 0.01), 0.5, W0, record_every=1).path
LOOSE = {"c": 1.0, "rtol": 1e-6, "atol": 1e-6}
FEATURES = {"d": 5, "kind": "Fourier", "length": 1.0, "seed": 0}
ROWS = np.arange(12.0).reshape(6, 2)
CALLS = {
    LeastSquares: {"A": [[1.0, 2.0]], "y": [1.0]},
    make_least_squares: {"m": 2, "d": 4, "cond": 2.0, "g_star": 1.0, "seed": 0},
    random_direction: {"d": 3, "seed": 0},
    GD: {"eta": 0.1},
    RPGD: {"eta": 0.1, "gamma": 0.1},
    WN: {"eta": 0.1, "gamma": 0.1},
    Optimal: {"power": 2},
    Piecewise: {"values": [0, 0.1], "switches": [3]},
    Control: {"values": [1, 2, 3], "label": "a", "start": 2, "play": False, "drag": False},
    solve: {**START, "method": WN(0.01, 0.01), "tol": 1e-3, "max_steps": 50, "record_every": 1},
    flow: {**START, **LOOSE, "t_max": 1.0, "times": None, "tol": None},
    flow_of: {"gradient": PLANE.grad, "g0": 0.5, "w0": W0, **LOOSE, "times": [0, 1], "loss": None},
    theory.admissible_scale: {"problem": WIDE, "delta": 0.1, "target": "every", "failure": None},
    theory.break_even_ratio: START,
    theory.decay_rate: {"problem": PLANE, "scale": 1.0, "c": 1.0},
    theory.fixed_scale_steps: {"kernel_share": 0.5, "eps": 0.1, "delta": 0.1},
    theory.flow_invariant: {"problem": PLANE, "g": 0.5, "w": W0, "c": 1.0},
    theory.flow_limit: START | {"c": 1.0},
    theory.flow_time_bound: START | {"c": 1.0, "eps": 0.1},
    theory.gd_limit: {"problem": PLANE, "x0": W0},
    theory.largest_phase_one_gamma: {"g0": 0.1, "g_star": 1.0, "kernel_share": 0.5, "steps": 10, "rho": 0.5},
    theory.loss_decay_bounds: {"problem": PLANE, "g": 0.5, "w": W0, "c": 1.0},
    theory.penalty: {"problem": PLANE, "method": WN(0.01, 0.01), "path": PATH},
    theory.printed_flow_limit: START | {"c": 1.0},
    theory.scale_lower_bound: START | {"c": 1.0, "t": 1.0},
    theory.two_stage_steps: {"g0": 0.5, "g_star": 1, "kernel_share": 0.8, "eps": 0.01, "rho": 0.5}
    | {"first_gamma": None, "second_gamma": 0.25, "accuracy": None},
    sensing.MatrixSensing: {"A": [np.eye(2)], "y": [1.0]},
    sensing.make_matrix_sensing: {"d": 3, "r": 1, "m": 3, "seed": 0},
    sensing.min_nuclear_norm: {"problem": SENSING, "over": "psd"},
    sensing.nuclear_norm: {"X": np.eye(2)},
    sensing.random_factor: {"d": 3, "seed": 0},
    sensing.recover: {"problem": SENSING, "method": GD(0.01), "U0": np.eye(3), "diagonal": False}
    | {"tol": 1e-2, "max_steps": 20},
    practice.Split: {"problem": WIDE, "features": np.eye(8), "targets": np.zeros(8)},
    practice.choose_ridge: {"problem": WIDE},
    practice.choose_scale: {"problem": WIDE, "folds": 5, "seed": 0},
    practice.draw_split: {"inputs": ROWS, "targets": ROWS[:, 0], "m": 3, "noise": 0.0, **FEATURES},
    practice.held_limit: {"problem": WIDE, "g0": 1.0},
    practice.noise_cost: {"problem": WIDE, "features": np.eye(8), "mu": 0.0},
    practice.random_features: {"inputs": ROWS, **FEATURES},
    practice.unseen_cost: {"problem": WIDE, "features": np.eye(8)},
}
# What the library makes and a reader reads, and what judges an answer or draws.
NO_INPUTS = {"Flow", "Method", "Path", "Recovery", "Run", "Trajectory", "FlowTime", "Penalty", "Stages"}
NO_INPUTS |= {"check", "explore", "METHODS"}


# Where two arguments do not fit each other, the sentence may name the other one.
ABOUT = {("draw_split", "inputs"): {"targets"}}


def test_no_public_function_is_left_out():
    public = {name for module in (wnlib, theory, sensing) for name in module.__all__}
    assert public - NO_INPUTS <= {call.__name__ for call in CALLS}


def outcome(call, arguments, name):
    """The result, or None where a whole sentence about the parameter of that name says what is wrong."""
    try:
        return call(**arguments)
    except (TypeError, ValueError) as error:
        names = "|".join({name} | ABOUT.get((call.__name__, name), set()))
        assert str(error).endswith(".") and re.search(rf"(?<![a-zA-Z_])({names})(?![a-zA-Z_0-9])", str(error)), error
        assert traceback.extract_tb(error.__traceback__)[-1].filename.count("wnlib"), error


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
@settings(derandomize=True, deadline=None, max_examples=30)
@given(value=STRANGE, data=st.data())
def test_anything_is_a_result_or_a_sentence(call, value, data):
    """A warning would be an error here."""
    name = data.draw(st.sampled_from(sorted(CALLS[call])))
    assume(not (name == "gradient" and isinstance(value, type)))  # what calls itself wrongly says so itself
    with mock.patch("wnlib._checks.MOST_ENTRIES", 10**4):  # what is below it takes no time
        result = outcome(call, CALLS[call] | {name: value}, name)
    if isinstance(result, LeastSquares):
        assert np.isfinite(result.w_star).all() and np.isclose(np.linalg.norm(result.w_star), 1)
