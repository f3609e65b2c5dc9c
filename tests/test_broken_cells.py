"""What a student may change in a cell: each mistake gets a sentence, not numpy's traceback and not a silent NaN."""

import numpy as np
import pytest
import sympy
from matplotlib.figure import Figure

from wnlib import (
    GD,
    RPGD,
    WN,
    LeastSquares,
    Optimal,
    experiments,
    flow,
    flow_of,
    make_least_squares,
    plots,
    solve,
    theory,
)
from wnlib.sensing import METHODS, make_matrix_sensing, random_factor, recover

PLANE = LeastSquares([[1, 0]], [2])
U0 = 0.5 * random_factor(4)
SENSING = make_matrix_sensing(d=4, r=1, m=5)
NAN, HUGE = float("nan"), 1e200
AXES = Figure().subplots()


def path_of(method):
    return solve(PLANE, method, 1.0, [0.6, 0.8], max_steps=3, record_every=1).path


@pytest.mark.parametrize(
    ("cell", "error", "sentence"),
    [
        (lambda: PLANE.loss(["a", "b"]), TypeError, "must hold real numbers"),
        (lambda: PLANE.loss([1j, 0]), TypeError, "must hold real numbers; got dtype complex128"),
        (lambda: PLANE.grad([[1], [1, 2]]), TypeError, "rows of equal length"),
        (lambda: PLANE.perp([1]), ValueError, "must have d = 2 entries"),
        (lambda: LeastSquares([[1, 0], [1]], [1, 2]), TypeError, "rows of equal length"),
        (lambda: LeastSquares(sympy.Matrix([[1, 0]]), [1]), TypeError, "Convert it to float first"),
        (lambda: make_least_squares(2, 5, cond=1e40), ValueError, "cond must be below .* Lower it"),
        (lambda: GD(0.1).step(PLANE, 1.0, [0, 0]), ValueError, "w must not be zero"),
        (lambda: GD(0.1).step(PLANE, NAN, [0, 1]), ValueError, "g must be finite"),
        (lambda: WN(0.1, 0.1).step(PLANE, 1.0, [0, 0]), ValueError, "w must not be zero"),
        (lambda: WN(0.1, 0.1).step(PLANE, "1", [0, 1]), TypeError, "g must hold real numbers"),
        (lambda: WN(0.1, 0.1).step(PLANE, 1.0, [0, 0, 1]), ValueError, r"w must have shape \(2,\); got \(3,\)"),
        (lambda: RPGD(0.1, 0.1).step(PLANE, 1.0, [0, 0]), ValueError, "w must not be zero"),
        (lambda: RPGD(0.1, 0.1).step(PLANE, 1.0, [NAN, 0]), ValueError, "w must be finite"),
        (lambda: RPGD(0.1, 0.1).step(PLANE, [1.0, 2.0], [0, 1]), ValueError, r"g must have shape \(\)"),
        (lambda: RPGD(0.1, 0.1).step("P", 1.0, [0, 1]), TypeError, "problem must be a LeastSquares; got str"),
        (lambda: RPGD(0.5, 0.1).step(LeastSquares([[1, 0]], [1]), 1, [-1, 0]), ZeroDivisionError, "leads to v = 0"),
        (lambda: WN(Optimal(), 0.1).step(PLANE, 0, [0, 1]), ZeroDivisionError, "start from g0 ≠ 0"),
        (lambda: flow_of(lambda x: x, 0.5, [HUGE, 1], times=[1]), ValueError, "w0 must have a length from 1e-150"),
        (lambda: theory.gd_limit("P", [1, 2]), TypeError, "problem must be a LeastSquares"),
        (lambda: theory.gd_limit(PLANE, [NAN, 0]), ValueError, "x0 must be finite"),
        (lambda: theory.flow_limit("P", 0.5, [0, 1], 1), TypeError, "problem must be a LeastSquares"),
        (lambda: theory.flow_limit(PLANE, HUGE, [0, 1], 1), ValueError, "g0 must be at most 1e[+]150 in size"),
        (lambda: theory.flow_limit(PLANE, 1, [HUGE, HUGE], 1), ValueError, "w0 must have a length from"),
        (lambda: theory.printed_flow_limit(PLANE, HUGE, [0, 1], 1), ValueError, "g0 must be at most"),
        (lambda: theory.printed_flow_limit(None, 1, [0, 1], 1), TypeError, "problem must be a LeastSquares"),
        (lambda: theory.break_even_ratio(PLANE, 1 / HUGE, [0.6, 0.8]), ValueError, "needs g0 ≠ 0, above"),
        (lambda: theory.break_even_ratio(PLANE, HUGE, [0.6, 0.8]), ValueError, "g0 must be at most"),
        (lambda: theory.flow_invariant(PLANE, 1, [0, 0], 1), ValueError, "w must not be zero"),
        (lambda: theory.flow_invariant(PLANE, "a", [0, 1], 1), TypeError, "g must hold real numbers"),
        (lambda: theory.flow_invariant(PLANE, NAN, [0, 1], 1), ValueError, "g must be finite"),
        (lambda: theory.flow_invariant(PLANE, [1, 2, 3], [[0, 1], [1, 1]], 1), ValueError, "equally many states"),
        (lambda: theory.loss_decay_bounds(PLANE, 1, [0, 0], 1), ValueError, "w must not be zero"),
        (lambda: theory.loss_decay_bounds(PLANE, 1, "ab", 1), TypeError, "w must hold real numbers"),
        (lambda: theory.loss_decay_bounds(PLANE, [1, 2, 3], [[0, 1], [1, 1]], 1), ValueError, "equally many"),
        (lambda: theory.decay_rate("P", 1, 1), TypeError, "problem must be a LeastSquares"),
        (lambda: theory.scale_lower_bound(PLANE, 0.1, [1, 0], 1, -1), ValueError, "t must be at least 0; got -1.0"),
        (lambda: theory.scale_lower_bound(PLANE, 0.1, [1, 0], 1, None), TypeError, "t must hold real numbers"),
        (lambda: theory.scale_lower_bound(PLANE, 0.1, [1, 0], 1, NAN), ValueError, "t must be finite"),
        (lambda: theory.scale_lower_bound("P", 0.1, [1, 0], 1, 1), TypeError, "problem must be a LeastSquares"),
        (lambda: theory.flow_time_bound(PLANE, 0, [0.6, 0.8], 1, 1e-6), ValueError, "the second by 0. Start closer"),
        (lambda: theory.fixed_scale_steps(0.8, 0.01, 1e-310), ValueError, "delta must be at least 1e-100"),
        (lambda: theory.admissible_scale("P", 1), TypeError, "problem must be a LeastSquares"),
        (lambda: theory.penalty("P", RPGD(0.5, 0.1), path_of(RPGD(0.5, 0.1))), TypeError, "must be a LeastSquares"),
        (lambda: theory.penalty(PLANE, RPGD(0.4, 0.1), path_of(RPGD(0.5, 0.1))), ValueError, "is not one of RPGD"),
        (lambda: theory.penalty(PLANE, RPGD(0.5, 0.1), path_of(WN(0.5, 0.1))), ValueError, "is not one of RPGD"),
        (
            lambda: theory.penalty(LeastSquares([[1, 0]], [3]), WN(0.5, 0.1), path_of(WN(0.5, 0.1))),
            ValueError,
            "the problem that solve ran",
        ),
        (
            lambda: experiments.figure1([0], g0=[1.0], executor=3),
            TypeError,
            "executor must have a method submit",
        ),
        (lambda: experiments.figure1([0], g0=[1.0], cache=3), TypeError, "cache must be the path of a folder"),
        (lambda: plots.plot_norms(None, AXES, quantity="speed"), ValueError, "'distance'; got 'speed'"),
        (lambda: plots.plot_plane(PLANE, AXES, radius=0), ValueError, "radius must be greater than 0"),
        (lambda: plots.plot_plane("P", AXES, radius=1), TypeError, "problem must be a LeastSquares"),
        (lambda: plots.plot_paths({}, AXES), TypeError, "not empty; got {}"),
    ],
)
def test_a_broken_cell_says_what_is_wrong(cell, error, sentence):
    with pytest.raises(error, match=sentence):
        cell()


@pytest.mark.parametrize("method", ["GD", "WN", "WN-Diag", "rPGD", "rPGD-Diag"])
@pytest.mark.parametrize(("size", "eta"), [(1.0, 1e300), (1e100, 0.01), (HUGE, 0.01)])
def test_a_recovery_that_leaves_the_floats_ends_in_a_sentence(method, size, eta):
    """A warning would be an error here."""
    kind, diagonal = METHODS[method]
    rule = GD(eta) if kind is GD else kind(eta, eta)
    run = recover(SENSING, rule, size * U0, diagonal=diagonal, max_steps=1000)
    assert not run.converged
    assert ("Take a smaller U0" if run.t == 0 else "Lower the step sizes") in run.message


def test_a_method_of_the_readers_own_is_drawn():
    ax = plots.plot_paths({"mine": np.array([[0.0, 1.0], [2.0, 1.0]])}, Figure().subplots())
    assert [line.get_label() for line in ax.lines if not line.get_label().startswith("_")] == ["mine", "start"]


@pytest.mark.parametrize("c", [1e-6, 0.01, 0.1, 100.0])
def test_figure_2_waits_for_a_slow_scale(c):
    """With c = 0.01 the flow takes longer than the 1000 that are enough for c = 1."""
    end = experiments.figure2(1.2, 60.0, c=c).points["e"]
    assert abs(end[0] - 2) < 1e-4
    path = flow(PLANE, 1.2, [0.5, np.sqrt(0.75)], c=c, t_max=1e9, tol=1e-10)
    assert path.converged and np.allclose(path.x[-1], end, atol=1e-9)
