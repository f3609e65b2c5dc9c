"""A run that fails says why, and its next move leads to a run that arrives: the advice is read, and followed."""

import re
from dataclasses import replace

import numpy as np
import pytest

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, Piecewise, flow, make_least_squares, random_direction, solve
from wnlib.sensing import make_matrix_sensing, random_factor, recover

PLANE = LeastSquares([[1, 0]], [1])
NUMBER = r"(-?[0-9.]+(?:e[+-]?[0-9]+)?)"
STEPS = 3000


def follow(problem, method, g0, w0, run, **how):
    """Do what the message says with the numbers that it names; return the run."""
    said = run.message
    if found := re.search(rf"Raise tol to {NUMBER}\.", said):
        how["tol"] = float(found[1])
    elif found := re.search(r"Raise max_steps: this start arrives after (\d+) steps", said):
        how["max_steps"] = int(found[1])
    elif found := re.search(rf"from g0 = {NUMBER} and w0/‖w0‖ \+ {NUMBER} problem.w_star", said):
        g0, w0 = float(found[1]), np.asarray(w0) / np.linalg.norm(w0) + float(found[2]) * problem.w_star
    else:
        sizes = dict(re.findall(rf"(eta|gamma) = {NUMBER}", said.rpartition("ith ")[2]))
        assert sizes, f"No move to follow: {said}"
        method = replace(method, **{name: float(value) for name, value in sizes.items()})
        if found := re.search(r"raise max_steps to (\d+)\.", said):
            how["max_steps"] = int(found[1])
    return solve(problem, method, g0, w0, **how)


def cases():
    """Methods whose step sizes go across their bounds, from half to four times."""
    for factor in (0.5, 0.9, 1.1, 2.0, 4.0):
        yield lambda lam, g, f=factor: GD(2 * f / lam)
        yield lambda lam, g, f=factor: RPGD(2 * f / (g**2 * lam), 0.1)
        yield lambda lam, g, f=factor: RPGD(0.2 / (g**2 * lam), 2 * f / lam)
        yield lambda lam, g, f=factor: RPGD(2 * f / (g**2 * lam), 2 * f / lam)
        yield lambda lam, g, f=factor: WN(2 * f / (g**2 * lam), 2 * f / lam)
        yield lambda lam, g, f=factor: WN(0.2 / (g**2 * lam), 2 * f / lam)
        yield lambda lam, g, f=factor: RPGD(Optimal(), 2 * f / lam)


@pytest.mark.parametrize("seed", range(4))
def test_step_sizes_across_their_bounds(seed):
    """Whatever fails says what to do, and doing it arrives; what is well below its bounds is not told to go lower."""
    problem = make_least_squares(3, 7, cond=[1, 4, 20, 1][seed], g_star=[3, 1, 2, 0.5][seed], seed=seed)
    w0, failed = random_direction(7, seed=seed), 0
    for make in cases():
        method = make(problem.lam_max, problem.g_star)
        for g0 in (0.3 * problem.g_star, 1.2 * problem.g_star):
            how = {"tol": 1e-8 * problem.g_star**2, "max_steps": STEPS}
            run = solve(problem, method, g0, w0, **how)
            if run.converged:
                continue
            failed += 1
            again = follow(problem, method, g0, w0, run, **how)
            assert again.converged, f"{method} from {g0}: {run.message} Then: {again.message}"
    assert failed > 8


def problem_of_f1():
    return make_least_squares(seed=1), random_direction(50, seed=1)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (GD(2.001), r"does not fall any more. GD needs eta < 2/λmax = 2; eta is 2.001. With eta = 1.0005 "),
        (GD(2.0), "GD needs eta < 2/λmax = 2; eta is 2"),
        (RPGD(0.3, 0.3), r"The direction goes to and fro: eta = 0.3, and 2/\(g² λmax\) = 0.255"),
        (RPGD(1e150, 0.1), r"The direction goes to and fro: eta = 1e\+150"),
        (GD(1e-9), "The loss still falls, slowly: the step sizes are small. With eta = "),
        (GD(1e-4), "The loss still falls. Raise max_steps: this start arrives after"),
        (RPGD(1e-9, 1e-9), "The loss still falls, slowly: the step sizes are small. With eta = "),
        (RPGD(0.1, 0.0), r"gamma = 0 holds the scale at 1, below g\* = 3"),
        (RPGD(0.0, 0.1), "eta = 0 holds the direction"),
        (GD(50.0), "Diverged: at step .* GD needs eta < 2/λmax = 2. With eta = "),
    ],
)
def test_each_cause_is_named_and_its_cure_works(method, words):
    problem, w0 = problem_of_f1()
    run = solve(problem, method, 1.0, w0, max_steps=20_000)
    assert not run.converged and re.search(words, run.message), run.message
    assert follow(problem, method, 1.0, w0, run, max_steps=20_000).converged


def test_the_other_causes_are_named():
    problem, w0 = problem_of_f1()
    for method in (GD(0.0), RPGD(0.0, 0.0), WN(0.0, 0.0)):
        run = solve(problem, method, 1.0, w0, max_steps=10)
        assert "so nothing moves" in run.message
    for method in (GD(0.5), WN(0.05, 0.05), RPGD(0.05, 0.05)):
        run = solve(problem, method, 1.0, w0, tol=1e-40, max_steps=5000)
        assert "Rounding keeps the loss at about" in run.message
        assert follow(problem, method, 1.0, w0, run, max_steps=5000).converged
    for method in (WN(0.1, 0.1), RPGD(0.1, 0.1)):
        run = solve(PLANE, method, 0.0, [0.0, 1.0], max_steps=2000)
        assert "such as the saddles with g = 0" in run.message
        assert follow(PLANE, method, 0.0, [0.0, 1.0], run, max_steps=2000).converged
    cycle = RPGD(Optimal(), 0.5)
    run = solve(PLANE, cycle, 0.5, [-0.8, 0.6], max_steps=2000)
    assert "to and fro. Take smaller step sizes" in run.message
    assert follow(PLANE, cycle, 0.5, [-0.8, 0.6], run, max_steps=2000).converged


def test_a_schedule_is_looked_at_where_the_run_stopped():
    """The first piece is far too long, but what counts is the last one."""
    problem, w0 = problem_of_f1()
    run = solve(problem, GD(Piecewise([1.9, 1e-4], [3])), 1.0, w0, max_steps=2000)
    assert "The loss still falls. Raise max_steps" in run.message
    assert follow(problem, GD(Piecewise([1.9, 1e-4], [3])), 1.0, w0, run).converged


def test_a_method_of_ones_own_is_told_what_is_seen():
    class TooLong:
        def step(self, problem, g, w, t):
            x = g * w - 2.0 * problem.grad(g * w) / problem.lam_max
            return np.linalg.norm(x), x / np.linalg.norm(x)

    run = solve(PLANE, TooLong(), 0.5, [0.6, 0.8], max_steps=500)
    assert "does not fall any more" in run.message and "lower the step sizes of TooLong" in run.message


@pytest.mark.parametrize("seed", range(3))
def test_a_flow_says_how_long_it_takes(seed):
    problem, w0 = make_least_squares(3, 7, cond=10, seed=seed), random_direction(7, seed=seed)
    short = flow(problem, 1.0, w0, c=0.5, t_max=2, tol=1e-9)
    t_max = float(re.search(rf"with t_max = {NUMBER} it arrives", short.message)[1])
    assert not short.converged and flow(problem, 1.0, w0, c=0.5, t_max=t_max, tol=1e-9).converged
    frozen = flow(problem, 1.0, w0, c=0, t_max=50, tol=1e-9)
    assert not frozen.converged and "c = 0 holds the scale at 1, below" in frozen.message
    coarse = flow(problem, 1.0, w0, t_max=1e6, tol=1e-60)
    if coarse.converged:  # rounding can bring the loss to 0
        assert coarse.loss[-1] == 0
    else:
        raised = float(re.search(rf"raise tol to {NUMBER}\.", coarse.message)[1])
        assert flow(problem, 1.0, w0, t_max=1e6, tol=raised).converged
    stands = flow(PLANE, 0.0, [0.0, 1.0], t_max=50, tol=1e-9)
    assert not stands.converged and "stands where its gradient vanishes" in stands.message
    assert flow(PLANE, 0.1, [0.1, 1.0], t_max=1e4, tol=1e-9).converged


def test_a_recovery_says_what_to_change():
    problem, U0 = make_matrix_sensing(d=6, r=1, m=8), 0.5 * random_factor(6)
    few = recover(problem, WN(0.01, 0.01), U0, max_steps=50)
    more = float(re.search(rf"raise max_steps to about {NUMBER}, or", few.message)[1])
    assert not few.converged and recover(problem, WN(0.01, 0.01), U0, max_steps=int(4 * more)).converged
    held = recover(problem, WN(0.0, 0.0), U0, max_steps=50)
    assert "eta = 0 holds the factor" in held.message
    for eta in (1.0, 2.0):
        run, halved = recover(problem, RPGD(eta, eta), U0, max_steps=4000), eta
        while not run.converged:
            halved = float(re.search(rf"eta = [0-9.e-]+ to {NUMBER}\.", run.message)[1])
            run = recover(problem, RPGD(halved, halved), U0, max_steps=4000)
        assert halved < eta
