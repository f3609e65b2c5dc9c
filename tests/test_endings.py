"""A run that fails says why, and its next move leads to a run that arrives: the advice is read, and followed."""

import re
from dataclasses import replace

import numpy as np
import pytest

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, Piecewise, flow, make_least_squares, random_direction, solve
from wnlib._endings import Sentences
from wnlib._endings._bounds import joint, least_loss
from wnlib.methods import TimesNorm
from wnlib.sensing import MatrixSensing, make_matrix_sensing, random_factor, recover

PLANE = LeastSquares([[1, 0]], [1])
NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)"
RULE = rf"(eta|gamma) = ((?:Piecewise|TimesNorm|Optimal)\((?:[^()]|\([^()]*\))*\)|{NUMBER})"
NAMES = {"Piecewise": Piecewise, "TimesNorm": TimesNorm, "Optimal": Optimal}
STEPS = 3000


def sizes(said):
    """The step sizes that a sentence says to take."""
    advice = said.rpartition("With ")[2] if "With " in said else said.rpartition(" with ")[2]
    return {name: eval(rule, NAMES) for name, rule, _ in re.findall(RULE, advice) if "arrives" in said}


def follow(problem, method, g0, w0, run, **how):
    """Do what the message says with the numbers that it names; return the run."""
    said, before = run.message, (method, g0, dict(how))
    if found := re.search(rf"Raise tol to {NUMBER}", said):
        how["tol"] = float(found[1])
    if found := re.search(r"[Rr]aise max_steps(?:: this start arrives after| to) (\d+)", said):
        how["max_steps"] = int(found[1])
    if found := re.search(rf"from g0 = {NUMBER} and w0 \+ {NUMBER} problem.w_star", said):
        g0, w0 = float(found[1]), np.asarray(w0) + float(found[2]) * problem.w_star
    method = replace(method, **sizes(said))
    assert (method, g0, how) != before, f"No move to follow: {said}"
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
        yield lambda lam, g, f=factor: WN(TimesNorm(f / (g**2 * lam)), Piecewise([0, 2 * f / lam], [20]))


@pytest.mark.parametrize("seed", range(4))
def test_step_sizes_across_their_bounds(seed):
    """Whatever fails says what to do, and doing it arrives."""
    problem = make_least_squares(3, 7, cond=[1, 4, 20, 1][seed], g_star=[3, 1, 2, 0.5][seed], seed=seed)
    w0, failed = random_direction(7, seed=seed), 0
    for make in cases():
        method = make(problem.lam_max, problem.g_star)
        for g0 in (0.3 * problem.g_star, 1.2 * problem.g_star):
            how = {"tol": 1e-8 * problem.g_star**2, "max_steps": STEPS}
            run = solve(problem, method, g0, w0, **how)
            if not run.converged:
                failed += 1
                again = follow(problem, method, g0, w0, run, **how)
                assert again.converged, f"{method} from {g0}: {run.message} Then: {again.message}"
    assert failed > 8


def problem_of_f1():
    return make_least_squares(seed=1), random_direction(50, seed=1)


CAUSES = {
    "GD needs eta": (GD(2.001), r"does not fall any more. GD needs eta < 2/λmax = 2; eta is 2.001. With eta = 1.0 "),
    "edge": (GD(2.0), "does not fall any more. GD needs eta < 2/λmax = 2; eta is 2"),
    "direction": (RPGD(0.3, 0.3), r"The direction goes to and fro, because eta = 0.3 is above 2/\(g² λmax\) = 0.25"),
    "both": (RPGD(1e150, 0.1), r"to and fro, because eta = 1e\+150 is above 2/\(g² λmax\)"),
    "scale": (RPGD(0.1, 4.0), r"Diverged: .* the scale is stable in every direction if gamma < 2/λmax = 2, and gamma"),
    "falls": (GD(1e-4), "The loss still falls. Raise max_steps: this start arrives after"),
    "slow": (
        GD(1e-9),
        r"The loss still falls, slowly: about [0-9e.+]+ steps are needed. The step sizes are small. With",
    ),
    "slow rPGD": (RPGD(1e-9, 1e-9), "The loss still falls, slowly: .* The step sizes are small. With eta = "),
    "scale held": (RPGD(0.1, 0.0), r"gamma = 0 holds the scale at 1, below g\* = 3, .*: the loss stays above 2. "),
    "direction held": (RPGD(0.0, 0.1), "eta = 0 holds the direction, .*: the loss stays above"),
    "nothing moves": (WN(0.0, 0.0), "eta and gamma are 0, so nothing moves"),
    "GD rests": (GD(0.0), "eta is 0, so nothing moves"),
    "far too long": (GD(50.0), "Diverged: at step .* GD needs eta < 2/λmax = 2. With eta = "),
    "WN grows": (WN(1e6, 0.1), r"the first steps were too long, and ‖w‖ grew by a factor of"),
    "later": (RPGD(0.1, Piecewise([0, 0.1], [25_000])), "A step size changes only at step 25000. Raise max_steps"),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_is_named_and_its_cure_works(cause):
    method, words = CAUSES[cause]
    problem, w0 = problem_of_f1()
    run = solve(problem, method, 1.0, w0, max_steps=20_000)
    assert not run.converged and re.search(words, run.message), run.message
    assert follow(problem, method, 1.0, w0, run, max_steps=20_000).converged


TOO_LONG = "to and fro|GD needs|too long|Lower|grew"


@pytest.mark.parametrize(
    ("method", "g0", "not_said"),
    [
        (GD(0.005), 1.0, TOO_LONG),  # only too few steps
        (RPGD(0.005, 0.05), 1.0, TOO_LONG + "|small"),
        (WN(0.005, 0.05), 1.0, TOO_LONG + "|small"),
        (RPGD(0.005, 0.0), 4.0, "holds|above 0"),  # held above g*, where a solution has that norm
        (RPGD(0.3, 0.3), 1.0, "still falls|Raise max_steps: |vanishes|Rounding"),
        (GD(2.001), 1.0, "still falls|Raise max_steps: |vanishes|Rounding"),
        (RPGD(Piecewise([3.0, 0.005], [5]), 0.1), 1.0, TOO_LONG),  # what counts is the last piece
    ],
)
def test_a_neighbouring_cause_is_not_said(method, g0, not_said):
    problem, w0 = problem_of_f1()
    run = solve(problem, method, g0, w0, max_steps=40)
    assert not run.converged and not re.search(not_said, run.message), run.message


def test_saddles_rounding_and_cycles():
    for method in (WN(0.1, 0.1), RPGD(0.1, 0.1)):
        run = solve(PLANE, method, 0.0, [0.0, 1.0], max_steps=2000)
        assert "does not change any more" in run.message and "such as the saddles with g = 0" in run.message
        assert follow(PLANE, method, 0.0, [0.0, 1.0], run, max_steps=2000).converged
        assert solve(PLANE, method, 0.0, [0.1, 1.0], max_steps=2000).converged
    problem, w0 = problem_of_f1()
    for method in (GD(0.5), WN(0.05, 0.05), RPGD(0.05, 0.05)):
        run = solve(problem, method, 1.0, w0, tol=1e-40, max_steps=5000)
        assert "Rounding keeps the loss at about" in run.message
        assert follow(problem, method, 1.0, w0, run, max_steps=5000).converged
    both = solve(problem, GD(2.5), 1.0, w0, tol=1e-40, max_steps=100)
    assert "GD needs eta" in both.message and "too, which rounding allows" in both.message
    assert follow(problem, GD(2.5), 1.0, w0, both, max_steps=100).converged
    cycle = RPGD(Optimal(), 0.5)
    run = solve(PLANE, cycle, 0.5, [-0.8, 0.6], max_steps=2000)
    assert "to and fro, in a cycle that its step sizes keep up" in run.message
    assert follow(PLANE, cycle, 0.5, [-0.8, 0.6], run, max_steps=2000).converged
    rest = solve(PLANE, cycle, 0.0, [0.6, 0.8])
    assert "the scale g is 0" in rest.message and follow(PLANE, cycle, 0.0, [0.6, 0.8], rest).converged


def test_a_step_too_short_for_floats_is_no_saddle():
    run = solve(PLANE, RPGD(1e-30, 1e-30), 0.5, [0.6, 0.8], max_steps=100)
    assert "The gradient does not vanish here: the steps are too small for floats" in run.message
    assert follow(PLANE, RPGD(1e-30, 1e-30), 0.5, [0.6, 0.8], run, max_steps=100).converged


def test_both_steps_together_pass_a_bound_that_neither_passes_alone():
    """A run stays at a solution just if the largest eigenvalue of γAuuᵀAᵀ + η(g/‖w‖)²A(I − uuᵀ)Aᵀ is below 2."""
    problem, stays = make_least_squares(3, 7, cond=10, seed=5), []
    g, u, kernel = problem.g_star * 1.05, problem.w_star, problem.perp(random_direction(7, seed=2))
    u = u / 1.05 + np.sqrt(1 - 1.05**-2) * kernel / np.linalg.norm(kernel)
    assert problem.loss(g * u) < 1e-20
    for size in np.linspace(0.5, 3, 11):
        method = RPGD(size / (g**2 * problem.lam_max), size / problem.lam_max)
        near = solve(problem, method, g * (1 + 1e-7), u + 1e-7 * random_direction(7), tol=None, max_steps=2000)
        stays.append(near.loss < 1e-14)
        assert stays[-1] == (joint(problem, method, 0, g, u) < 2)
    assert len(set(stays)) == 2


def test_the_least_loss_of_a_held_scale():
    """No point of the sphere of that radius is better, and one is that good."""
    problem, rng = make_least_squares(3, 7, cond=10, seed=5), np.random.default_rng(0)
    least = least_loss(problem, 1.0)
    u = rng.standard_normal((10_000, 7))
    assert problem.loss(u / np.linalg.norm(u, axis=1, keepdims=True)).min() > least
    end = solve(problem, RPGD(0.5, 0.0), 1.0, random_direction(7), tol=None, max_steps=20_000)
    assert end.loss == pytest.approx(least, rel=1e-9)
    assert least_loss(LeastSquares([[1, 0]], [2]), 0.5) == pytest.approx(0.5 * 1.5**2)


def test_a_method_of_ones_own_is_told_what_is_seen():
    class Own:
        def __init__(self, size):
            self.size = size

        def step(self, problem, g, w, t):
            x = g * w - self.size * problem.grad(g * w) / problem.lam_max
            return np.linalg.norm(x), x / np.linalg.norm(x)

    def said(size, steps):
        run = solve(PLANE, Own(size), 0.5, [0.6, 0.8], max_steps=steps)
        assert not run.converged
        return run.message

    assert "does not fall any more" in said(2.0, 500) and "lower the step sizes of Own" in said(2.0, 500)
    assert "the steps of Own are too small. Raise them" in said(0.0, 10)
    wanted = float(re.search(rf"about {NUMBER} steps are needed", said(0.01, 50))[1])
    assert solve(PLANE, Own(0.01), 0.5, [0.6, 0.8], max_steps=int(1.1 * wanted)).converged


def test_a_method_with_a_memory_is_not_stepped_further():
    """What its last states show is kept from the run, for its memory may be that of another start."""

    class Counts:
        taken = 0

        def step(self, problem, g, w, t):
            self.taken += 1
            return g, w

    method = Counts()
    run = solve(PLANE, method, [0.5, 0.7], [0.6, 0.8], max_steps=20)
    assert all("The gradient does not vanish" in told for told in run.message) and method.taken == 40


def test_a_sentence_is_written_once_and_when_it_is_read():
    made = []
    sentences = Sentences(lambda i: made.append(i) or f"{i}.", 3)
    assert not made and sentences[1] == sentences[1] == "1." and made == [1] and sentences[-1] == "2."


@pytest.mark.parametrize("seed", range(3))
def test_a_flow_says_how_long_it_takes(seed):
    problem, w0 = make_least_squares(3, 7, cond=10, seed=seed), 2 * random_direction(7, seed=seed)
    for c in (1e-3, 0.5):
        short = flow(problem, 1.0, w0, c=c, t_max=2, tol=1e-9)
        assert "The loss still falls" in short.message
        t_max = float(re.search(rf"with t_max = {NUMBER} it arrives", short.message)[1])
        assert not short.converged and flow(problem, 1.0, w0, c=c, t_max=t_max, tol=1e-9).converged
    frozen = flow(problem, 1.0, w0, c=0, t_max=50, tol=1e-9)
    assert not frozen.converged and "c = 0 holds the scale at 1, below" in frozen.message
    c, t_max = map(float, re.search(rf"With c = {NUMBER} and t_max = {NUMBER} it", frozen.message).groups())
    assert flow(problem, 1.0, w0, c=c, t_max=t_max, tol=1e-9).converged
    least = float(re.search(rf"the loss stays above {NUMBER}", frozen.message)[1])
    assert "holds" not in flow(problem, 1.0, w0, c=0, t_max=0.01, tol=1.01 * least).message
    coarse = flow(problem, 1.0, w0, t_max=1e6, tol=1e-60)
    if coarse.converged:  # rounding can bring the loss to 0
        assert coarse.loss[-1] == 0
    else:
        raised = float(re.search(rf"raise tol to {NUMBER}", coarse.message)[1])
        assert flow(problem, 1.0, w0, t_max=1e6, tol=raised).converged
    stands = flow(PLANE, 0.0, [0.0, 2.0], t_max=50, tol=1e-9)
    assert not stands.converged and "stands where its gradient vanishes" in stands.message
    start = rf"from g0 = {NUMBER} and w0 \+ {NUMBER} problem.w_star it arrives with t_max = {NUMBER}"
    g0, part, t_max = map(float, re.search(start, stands.message).groups())
    assert flow(PLANE, g0, [part, 2.0], t_max=t_max, tol=1e-9).converged


RECOVERIES = {
    "few": (WN(0.06, 0.06), 50, r"The loss still falls, by .* % a step. Raise max_steps: this start arrives after"),
    "none": (GD(0.05), 0, "No step was taken: raise max_steps. Raise max_steps: this start"),
    "small": (GD(1e-6), 300, "The loss still falls, by .* % a step. With eta = "),
    "held": (WN(0.0, 0.01), 200, "eta = 0 holds the factor"),
    "both held": (RPGD(0.0, 0.0), 20, "eta and gamma = 0 hold the factor and the scale"),
    "long": (RPGD(1.0, 1.0), 3000, "the steps are too long. With eta = .*; eta must be below"),
    "diverges": (GD(50.0), 3000, "Diverged: .* Lower the step sizes. With eta = "),
    "later": (RPGD(0.1, Piecewise([0, 0.1], [100])), 50, "A step size changes only at step 100. Raise max_steps"),
}


@pytest.mark.parametrize("cause", RECOVERIES)
def test_a_recovery_says_what_to_change(cause):
    method, steps, words = RECOVERIES[cause]
    problem, U0 = make_matrix_sensing(d=6, r=1, m=8), 0.5 * random_factor(6)
    run = recover(problem, method, U0, max_steps=steps)
    assert not run.converged and re.search(words, run.message), run.message
    if found := re.search(r"[Rr]aise max_steps(?:: this start arrives after| to) (\d+)", run.message):
        steps = int(found[1])
    method = replace(method, **sizes(run.message))
    again = recover(problem, method, U0, max_steps=steps)
    assert again.converged, f"{run.message} Then: {again.message}"
    if most := re.search(rf"eta must be below {NUMBER} where", run.message):
        assert method.eta < float(most[1])


def test_a_recovery_that_stands_gets_another_start():
    problem = MatrixSensing([[[1, 0], [0, 0]], [[0, 0], [0, 1]]], [1, 1])
    U0 = np.array([[0.5, 0.0], [0.0, 0.0]])
    run = recover(problem, GD(0.1), U0, max_steps=1000)
    found = re.search(rf"stands where the gradient vanishes. .* such as {NUMBER} np.random", run.message)
    turn = np.random.default_rng(0).standard_normal(U0.shape) / np.sqrt(U0.size)
    assert not run.converged and recover(problem, GD(0.1), U0 + float(found[1]) * turn, max_steps=1000).converged
