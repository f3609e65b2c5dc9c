"""How runs, flows and recoveries end, and the sentence that says so: the numbers, and the next move.

A run that does not arrive is looked at where it stopped, over some more steps. A next move is tried before it is told:
`attempt` runs the same start with it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf, isfinite, log

import numpy as np

from wnlib._checks import LARGEST
from wnlib.methods import GD, RPGD, WN, Optimal, Piecewise, TimesNorm, step_size


class Ending(IntEnum):
    """Why a run ended. RUNNING is for a loop that is called in pieces."""

    RUNNING = 0
    CONVERGED = 1
    MAX_STEPS = 2
    DIVERGED = 3
    ZERO_SCALE = 4
    ZERO_DIRECTION = 5
    NOT_A_NUMBER = 6


# A run whose loss passes this has diverged; the squares of its weights still fit in a float.
LOSS_LIMIT = 1e200
# Steps that are looked at where a run stopped; halvings of a step size, and seconds, that are spent on the next move.
LOOK, HALVINGS, SECONDS = 64, 14, 0.5
# More steps than this, times coordinates, are not tried.
MOST_WORK = 2 * 10**8


class Sentences(Sequence):
    """One sentence for each start, written when it is read: to say why a run failed may take some more steps."""

    def __init__(self, write, number):
        self._write, self._made = write, [None] * number

    def __len__(self):
        return len(self._made)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return tuple(self[k] for k in range(*i.indices(len(self))))
        if self._made[i] is None:
            self._made[i] = self._write(range(len(self))[i])
        return self._made[i]

    def __repr__(self):
        return repr(tuple(self))


def run_sentence(run):
    """How a `Stopped` run of `solve` ended."""
    t, loss, tol, ending = run.t, run.loss, run.tol, run.ending
    if ending == Ending.MAX_STEPS:
        return f"Took {t} steps: loss {loss:.3g}." if tol is None else _why_it_did_not_arrive(run)
    if ending == Ending.CONVERGED:
        return f"Converged after {t} steps: loss {loss:.3g} is at most tol = {tol:.3g}."
    if ending == Ending.DIVERGED and t == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to square. Take a smaller g0, or scale y down."
    if ending == Ending.DIVERGED:
        bound = f"; {_name(run.method)} needs {_bound_of_gd(run)}" if isinstance(run.method, GD) else ""
        return f"Diverged: at step {t} the loss is {loss:.3g}. Lower the step sizes{bound}.{_shorter_steps(run)}"
    if ending == Ending.ZERO_SCALE:
        return (
            f"Stopped at step {t}: the scale g is 0, where the step 1/(g² λmax) of Optimal does not exist. "
            "Start from g0 ≠ 0, or give eta a number."
        )
    if ending == Ending.NOT_A_NUMBER:
        return f"Stopped at step {t}: the step of {_name(run.method)} led to a g or w that is not a number."
    return (
        f"Stopped at step {t}: the gradient step leads to w = 0, which has no direction to project to. "
        "Change eta or the start a little."
    )


@dataclass(frozen=True)
class Stopped:
    """A run that ended: what was asked for, its end, and `attempt`, which is `solve`."""

    problem: object
    method: object
    g0: float
    w0: np.ndarray
    tol: float | None
    max_steps: int
    ending: Ending
    t: int
    g: float
    w: np.ndarray
    loss: float
    attempt: object

    def again(self, **changes):
        """Run the start once more, with another method, start or number of steps."""
        how = {"method": self.method, "g0": self.g0, "w0": self.w0, "max_steps": self.max_steps} | changes
        return self.attempt(self.problem, tol=self.tol, **how)


def _name(method):
    return {RPGD: "rPGD"}.get(type(method), type(method).__name__)


def _why_it_did_not_arrive(run):
    head = f"Stopped at max_steps = {run.t} with loss {run.loss:.3g}, above tol = {run.tol:.3g}"
    held = _what_is_held(run)
    if held:
        return f"{head}. {held}"
    length = np.linalg.norm(run.w)
    if not 1 / LARGEST < length < LARGEST:
        return f"{head}. The length of w is {length:.2g}: the steps are too long.{_shorter_steps(run)}"
    with np.errstate(all="ignore"):  # what leaves the numbers is what is looked for
        losses, g, u = _look(run)
    if len(losses) <= LOOK:
        return f"{head}, about to leave the numbers. {_too_long(run, g, u)}"
    coarse = _rounding(run, losses)
    if coarse:
        return f"{head}. {coarse}"
    if run.max_steps == 0 or losses[-1] < losses[0] * (1 - 1e-9):
        return f"{head}. {_more_steps(run, losses, _goes_to_and_fro(g, u) and _too_long(run, g, u))}"
    if np.ptp(losses) <= 1e-9 * losses[0] and np.ptp(g) <= 1e-9 * (1 + abs(run.g)) and np.ptp(u, axis=0).max() <= 1e-9:
        return f"{head}, which does not change any more. {_stands_still(run)}"
    return f"{head}, which does not fall any more. {_too_long(run, g, u)}"


def _look(run):
    """The loss, the scale and the direction over some more steps; the step sizes are those of the last step."""
    late = run.t + LOOK
    if isinstance(run.method, GD | WN | RPGD):
        path = run.attempt(
            run.problem, _at_step(run.method, run.t), run.g, run.w, tol=None, max_steps=LOOK, record_every=1
        ).path
        return path.loss, path.g, path.w / np.linalg.norm(path.w, axis=1, keepdims=True)
    states = [(run.g, run.w)]
    with np.errstate(all="ignore"):
        for t in range(run.t, late):
            g, w = run.method.step(run.problem, states[-1][0], states[-1][1].copy(), t)
            states.append((float(g), np.array(w, dtype=float)))
        g, w = (np.array(column) for column in zip(*states, strict=True))
        u = w / np.linalg.norm(w, axis=1, keepdims=True)
        return run.problem.loss(g[:, None] * u), g, u


def _at_step(method, t):
    """The method with the step sizes that its schedules have at step t."""

    def now(rule):
        if isinstance(rule, TimesNorm):
            return replace(rule, value=now(rule.value))
        return rule(t) if isinstance(rule, Piecewise) else rule

    return replace(method, **{name: now(getattr(method, name)) for name in ("eta", "gamma") if hasattr(method, name)})


def _what_is_held(run):
    """The sentence for step sizes of 0, with which a run cannot arrive."""
    method, problem = run.method, run.problem
    if not isinstance(method, GD | WN | RPGD):
        return ""
    sizes = {name: getattr(method, name) for name in ("eta", "gamma") if hasattr(method, name)}
    zero = [name for name, rule in sizes.items() if rule == 0]
    if len(zero) == len(sizes):
        return f"{' and '.join(zero)} {'is' if len(zero) == 1 else 'are'} 0, so nothing moves: take {zero[0]} above 0."
    if zero == ["gamma"] and abs(run.g0) < problem.g_star * (1 - 1e-12):
        why = f"gamma = 0 holds the scale at {run.g0:.3g}, below g* = {problem.g_star:.3g}, the minimum norm."
    elif zero == ["eta"]:
        why = "eta = 0 holds the direction, along which no scale solves the equations."
    else:
        return ""
    units = {"gamma": 1 / problem.lam_max, "eta": 1 / (problem.lam_max * max(problem.g_star, abs(run.g0)) ** 2)}
    # First the step size that is 0, then both, for the other may be too long or too short.
    moves = [replace(method, **{zero[0]: units[zero[0]]}), replace(method, **units)]
    cures = [_scaled(moves[0], 0.25**k, zero) for k in range(1, 6)] + [_scaled(moves[1], 0.25**k) for k in range(1, 4)]
    return f"{why} Take {zero[0]} above 0.{_first_cure(run, cures)}"


def _first_cure(run, methods):
    """The sentence for the first of some methods that brings this start to a solution, in the steps given or more."""
    deadline, methods = time.monotonic() + SECONDS, [method for method in methods if method]
    more = min(max(20_000, 20 * run.max_steps), MOST_WORK // run.problem.d)
    for max_steps in (run.max_steps, more):
        for method in methods:
            if time.monotonic() > deadline:
                return ""
            end = run.again(method=method, max_steps=max_steps)
            if end.converged:
                beyond = f", so raise max_steps to {end.t}" if end.t > run.max_steps else ""
                return f" With {_sizes(method)} this start arrives after {end.t} step{'s' * (end.t != 1)}{beyond}."
    return ""


def _rounding(run, losses):
    """The sentence for a tolerance below what floats can resolve at this problem."""
    problem = run.problem
    size = np.sqrt(problem.lam_max) * abs(run.g) + np.linalg.norm(problem.y)
    floor = (np.finfo(float).eps * size) ** 2 * problem.m
    falls = np.median(losses[LOOK // 2 :]) < 0.5 * np.median(losses[: LOOK // 2])
    if losses.max() > 1000 * floor or falls:
        return ""
    kept = float(max(losses.max(), run.loss))
    return f"Rounding keeps the loss at about {kept:.1g}, so this tol is not reached. Raise tol to {2 * kept:.2g}."


def _goes_to_and_fro(g, u):
    """Whether most moves of the state turn back."""
    moves = np.diff(np.column_stack([g, u]), axis=0)
    return np.mean(np.sum(moves[1:] * moves[:-1], axis=1) < 0) > 0.5


def _more_steps(run, losses, otherwise):
    """The sentence for a loss that still falls: how many steps are needed, or what else to say if they are too many."""
    rate = log(losses[0] / losses[-1]) / LOOK if losses[-1] > 0 else inf
    wanted = run.t + (log(run.loss / run.tol) / rate if rate > 0 else inf)
    most = MOST_WORK // run.problem.d
    if isinstance(run.method, GD | WN | RPGD):
        for factor in (4, 40, 400):
            longer = run.again(max_steps=int(factor * wanted) + 1000) if factor * wanted < most else None
            if longer and longer.converged:
                return f"The loss still falls. Raise max_steps: this start arrives after {longer.t} steps."
    if otherwise:
        return f"The loss hardly falls any more. {otherwise}"
    if cure := _first_cure(run, (_scaled(run.method, 4.0**k) for k in range(1, 2 * HALVINGS))):
        return f"The loss still falls, slowly: the step sizes are small.{cure}"
    if cure := _shorter_steps(run):
        grown = np.linalg.norm(run.w) / np.linalg.norm(run.w0)
        longer = f", and ‖w‖ grew by a factor of {grown:.2g}" if isinstance(run.method, WN) else ""
        return f"The loss hardly falls any more: the first steps were too long{longer}.{cure}"
    told = f"about {wanted:.2g} steps are needed" if isfinite(wanted) else "too slowly to say how many steps are needed"
    return f"The loss still falls: {told}. Raise max_steps or the step sizes."


def _stands_still(run):
    """The sentence for a run that does not move although its loss is not small: a stationary point."""
    problem, w = run.problem, run.w0 / np.linalg.norm(run.w0)
    g0 = run.g0 if abs(run.g0) > 0.01 * problem.g_star else 0.1 * problem.g_star
    for part in (0.01, 0.1, 1.0):
        start = w + part * problem.w_star
        turned = np.linalg.norm(run.w0) * start / np.linalg.norm(start)
        if np.any(start) and run.again(g0=g0, w0=turned).converged:
            return (
                "It stands at a point where the gradient vanishes, such as the saddles with g = 0. Change the start: "
                f"from g0 = {g0:.3g} and w0/‖w0‖ + {part} problem.w_star it arrives."
            )
    return "It stands at a point where the gradient vanishes. Change the start."


def _too_long(run, g, u):
    """The sentence for steps that are too long: which, its bound, and a shorter one that arrives."""
    method, problem = run.method, run.problem
    turns = np.abs(np.diff(u, axis=0)).max() > 1e-6
    if not isinstance(method, GD | WN | RPGD):
        return f"{'The direction' if turns else 'The scale'} goes to and fro: lower the step sizes of {_name(method)}."
    if isinstance(method, GD):
        return f"GD needs {_bound_of_gd(run)}; eta is {_number(method.eta, run):.4g}.{_shorter_steps(run)}"
    size = np.linalg.norm(run.w)
    seen = float(np.sum((problem.A @ (run.w / size)) ** 2))
    eta, gamma = (step_size(rule, run.t, size, problem, run.g or 1e-300) for rule in (method.eta, method.gamma))
    length = "‖w‖²" if isinstance(method, WN) else ""
    bounds = {
        "eta": (eta, 2 * size**2 / (run.g**2 * problem.lam_max) if run.g else inf, f"2{length}/(g² λmax)"),
        "gamma": (gamma, 2 / seen if seen else inf, "2‖w‖²/‖Aw‖²" if isinstance(method, WN) else "2/‖Aw‖²"),
    }
    name, (value, bound, formula) = max(bounds.items(), key=lambda item: item[1][0] / item[1][1])
    what = "direction" if name == "eta" else "scale"
    if value > 0.9 * bound:
        why = f"The {what} goes to and fro: {name} = {value:.4g}, and {formula} = {bound:.4g} at g = {run.g:.3g}."
    else:
        why = f"{'The direction and the scale go' if turns else 'The scale goes'} to and fro. Take smaller step sizes."
    return why + _shorter_steps(run, name, bound / value)


def _bound_of_gd(run):
    return f"eta < 2/λmax = {2 / run.problem.lam_max:.3g}"


def _number(rule, run):
    return step_size(rule, run.t, np.linalg.norm(run.w), run.problem, run.g)


def _shorter_steps(run, first="eta", least=1.0):
    """Which shorter steps bring this start to a solution; empty where none was found in the time for it.

    The step size named first is suspected. Where it is far above its bound, that is `least` times it.
    """
    if not isinstance(run.method, GD | WN | RPGD):
        return ""
    other = {"eta": "gamma", "gamma": "eta"}[first]
    methods = []
    for names in ((first,), (first, other), (other,)):
        shortest = least if first in names and 0 < least < 1e-3 else 1.0
        methods += [_scaled(run.method, 0.5**k * shortest, names) for k in range(1, HALVINGS)]
    return _first_cure(run, methods)


def _scaled(method, factor, names=("eta", "gamma")):
    """The method with some of its step sizes multiplied, or None where there is nothing to multiply."""

    def times(rule):
        if isinstance(rule, TimesNorm):
            return replace(rule, value=times(rule.value))
        if isinstance(rule, Piecewise):
            return replace(rule, values=[factor * value for value in rule.values])
        return factor * rule

    if not isinstance(method, GD | WN | RPGD):
        return None
    rules = {name: getattr(method, name) for name in names if hasattr(method, name)}
    rules = {name: rule for name, rule in rules.items() if not isinstance(rule, Optimal)}
    return replace(method, **{name: times(rule) for name, rule in rules.items()}) if rules else None


def _sizes(method):
    """The step sizes of a method in words."""

    def words(rule):
        return f"{rule:.6g}" if isinstance(rule, float) else repr(rule)

    return " and ".join(
        f"{name} = {words(getattr(method, name))}" for name in ("eta", "gamma") if hasattr(method, name)
    )


def flow_sentence(problem, c, t_max, tol, path, attempt):
    """How a flow ended that was integrated to its end; `path` is (t, states, loss, met_tol) with rows (g, Vᵀu, …)."""
    times, states, losses, met_tol = path
    t, loss = times[-1], losses[-1]
    if met_tol:
        started = t == 0
        return f"Started with loss {loss:.3g}, at most tol = {tol:.3g}." if started else _reached(loss, t)
    if tol is None:
        return f"Reached t_max = {t_max:.6g} with loss {loss:.3g}."
    head = f"Stopped at t_max = {t_max:.6g} with loss {loss:.3g}, above tol = {tol:.3g}"
    g, z = states[-1][0], states[-1][1:-1]
    if c == 0 and abs(g) < problem.g_star * (1 - 1e-12):
        return (
            f"{head}. c = 0 holds the scale at {g:.3g}, below the least norm of a solution, g* = {problem.g_star:.3g}. "
            "Take c above 0."
        )
    U, s, _ = problem.svd
    gradient = s * (g * s * z - U.T @ problem.y)
    slope = z @ gradient
    rate = (c * slope**2 + g**2 * max(gradient @ gradient - slope**2, 0)) / loss
    floor = (np.finfo(float).eps * (s[0] * abs(g) + np.linalg.norm(problem.y))) ** 2 * problem.m
    if loss < 1000 * floor:
        return f"{head}. Rounding keeps the loss at about {loss:.1g}: raise tol to {2 * loss:.2g}."
    if rate < 1e-13 * problem.lam_max:
        return (
            f"{head}, which does not change any more: the flow stands where its gradient vanishes. Change the start: "
            "turn w0 a little towards problem.w_star, and take g0 ≠ 0."
        )
    longer = t_max + log(loss / tol) / rate
    for factor in (2, 20, 200, 2e4, 2e6):
        end = attempt(factor * longer) if isfinite(factor * longer) else None
        if end and end.converged:
            return f"{head}. The loss still falls: raise t_max: with t_max = {1.001 * end.t[-1]:.4g} it arrives."
    return f"{head}. The loss still falls: raise t_max; about {longer:.2g} is needed."


def _reached(loss, t):
    return f"Reached loss {loss:.3g} at t = {t:.6g}."


def stuck_sentence(reason):
    """How a flow ended whose integrator found no way on."""
    return (
        f"The integrator gave up: {reason}. "
        "Take smaller g0, c or w0, or raise rtol and atol. This path holds its start only."
    )


def recovery_sentence(tol, ending, t, loss, half_way, eta):
    """How a run of `recover` ended; `half_way` is its loss after half of the steps, `eta` its step size."""
    if tol is None and ending == Ending.MAX_STEPS:
        return f"Took {t} steps: loss {loss:.3g}."
    if ending == Ending.CONVERGED:
        return f"Converged after {t} steps: loss {loss:.3g} is at most tol = {tol:.3g}."
    if ending == Ending.DIVERGED and t == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to go on from. Take a smaller U0."
    if ending == Ending.DIVERGED:
        return f"Diverged: at step {t} the loss is {loss:.3g}. Lower the step sizes, eta = {eta:.3g} to {eta / 2:.3g}."
    if ending == Ending.ZERO_DIRECTION:
        return (
            f"Stopped at step {t}: the gradient step led to a factor of length 0, which has no direction to "
            "project to. Change eta or the start a little."
        )
    head = f"Stopped at max_steps = {t} with loss {loss:.3g}, above tol = {tol:.3g}"
    if t < 2 or loss < 0.999 * half_way:
        more = log(loss / tol) / log(half_way / loss) * t / 2 if loss < half_way else inf
        wanted = f" to about {t + 2 * more:.2g}" if isfinite(more) else ""
        return f"{head}. The loss still falls: raise max_steps{wanted}, or the step sizes."
    if eta == 0:
        return f"{head}. eta = 0 holds the factor: take eta above 0."
    if half_way * (1 - 1e-9) <= loss <= half_way * (1 + 1e-9):
        return f"{head}, as after half of the steps: the run stands still. Change the start U0."
    return (
        f"{head}, after {half_way:.3g} half of the way. The steps are too long: lower eta = {eta:.3g} to {eta / 2:.3g}."
    )
