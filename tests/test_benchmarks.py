"""The benchmarks say what they measure, and their peers do the same work. Nothing is timed here."""

import importlib

import numpy as np
import pytest

from benchmarks import __main__ as report
from benchmarks import dimension, flows, sensing, sweep
from benchmarks.timing import Row, missing
from wnlib import GD, RPGD, WN, make_least_squares, random_direction, solve
from wnlib.experiments import SMALL_STEPS
from wnlib.sensing import METHODS, make_matrix_sensing, random_factor, recover


def test_a_row_has_units_and_a_ratio():
    assert report.line(Row("work", "peer", 2.0, 0.004, "≥ 5")) == "| work | peer | 2 s | 4 ms | 500 | ≥ 5 |"
    assert report.line(Row("work", "peer", 3e-6, 2e-6, "")) == "| work | peer | 3 µs | 2 µs | 1.5 |  |"
    assert "not installed" in report.line(missing("work", "peer", "≥ 5"))


@pytest.mark.parametrize("name", report.MODULES)
def test_the_table_on_the_page_has_every_kind_of_work(name):
    module = importlib.import_module(f"benchmarks.{name}")
    assert f"| {module.WORK}" in report.TABLE.read_text(encoding="utf-8")


def test_numpy_does_the_sweep_of_figure_1():
    problem, w0, g0 = make_least_squares(seed=0), random_direction(50, seed=0), np.array([0.5, 4.0])
    weights, steps = sweep.numpy_loop(problem.A, problem.y, w0, g0)
    for method, x, t in zip((GD(0.005), WN(0.005, 0.005), RPGD(0.005, 0.005)), weights, steps, strict=True):
        run = solve(problem, method, g0, w0)
        assert np.array_equal(run.t, t) and np.abs(run.x - x).max() < 1e-9


def test_numpy_does_the_steps():
    problem, w0 = make_least_squares(5, 12, cond=10, seed=0), random_direction(12, seed=0)
    g, w = dimension.numpy_steps(problem.A, problem.y, 1.0, w0, 100)
    run = solve(problem, RPGD(dimension.ETA, dimension.ETA), 1.0, w0, tol=None, max_steps=100)
    assert np.abs(run.x - g * w).max() < 1e-12


def test_scipy_does_the_flows():
    problem, w0, g0 = make_least_squares(4, 9, cond=10, seed=0), random_direction(9, seed=0)[None], np.array([0.7])
    ours = flows.end_of_flows(problem, g0, w0)
    assert np.abs(flows.scipy_flows(problem, g0, w0, rtol=1e-9, atol=1e-10) - ours).max() < flows.ERROR


@pytest.mark.parametrize("name", SMALL_STEPS)
def test_einsum_does_the_recoveries(name, monkeypatch):
    monkeypatch.setattr(sensing, "SMALL_STEPS", {name: 2e-3})
    problem, starts = make_matrix_sensing(6, 2, 9, seed=0), np.multiply.outer([0.3, 2.0], random_factor(6, seed=0))
    found = sensing.each_run(lambda *run: sensing.einsum_run(problem.A, problem.y, *run), starts)[0]
    kind, diagonal = METHODS[name]
    method = GD(2e-3) if kind is GD else kind(2e-3, 2e-3)
    ours = recover(problem, method, starts, diagonal=diagonal, tol=None, max_steps=sensing.STEPS)
    assert np.abs(found - ours.x).max() < 1e-10
