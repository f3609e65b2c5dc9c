"""What goes into a problem may be anything: the right numbers come of it, or a sentence."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest

from wnlib import LeastSquares, check, make_least_squares, random_direction
from wnlib._checks import choice, real_number
from wnlib.problems import random_problems

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
        (lambda: random_direction(10**30), "d must be at most 100000000"),
        (lambda: make_least_squares(g_star=10**400), "g_star must be finite as a float"),
        (lambda: real_number("share", 2, at_most=1), "share must be at most 1; got 2.0"),
        (lambda: real_number("share", 1, below=1), "share must be less than 1; got 1.0"),
        (lambda: choice("part", ["top"], ("top", "bottom")), r"part must be one of 'top', 'bottom'; got \['top'\]"),
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
