"""How a run of `wnlib.solve` ended: what is seen, its cause, and the next move."""

from dataclasses import dataclass, replace
from math import isfinite, log

import numpy as np

from wnlib._checks import LARGEST
from wnlib._endings import _bounds as bounds
from wnlib._endings import _cures as cures
from wnlib._endings._cures import LIBRARY, Trials
from wnlib._endings._kinds import Ending, arrived
from wnlib.methods import GD, RPGD, WN

# Steps that are looked at where a run stopped.
LOOK = 64


@dataclass(frozen=True)
class Stopped:
    """A run that ended: what was asked for, its end, and `attempt`, which is `solve`.

    `recent` holds the last states (g, w, loss) of a method that takes its own steps; None for the compiled ones.
    """

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
    recent: list | None
    attempt: object

    def again(self, **changes):
        """Run the start once more, with another method, start or number of steps."""
        how = {"method": self.method, "g0": self.g0, "w0": self.w0, "max_steps": self.max_steps} | changes
        return self.attempt(self.problem, **how)

    @property
    def name(self):
        return {RPGD: "rPGD"}.get(type(self.method), type(self.method).__name__)


@dataclass(frozen=True)
class Look:
    """The loss, the scale and the direction over some steps where a run stopped, K ≥ 1 states in all."""

    loss: np.ndarray
    g: np.ndarray
    u: np.ndarray
    whole: bool

    @classmethod
    def at(cls, run):
        """Some more steps, with the step sizes of the last one; of an unknown method the last ones that it took."""
        if type(run.method) in LIBRARY:
            method = cures.at_step(run.method, run.t)
            how = {"tol": None, "max_steps": LOOK, "record_every": 1}
            path = run.attempt(run.problem, method, run.g, run.w, **how).path
            g, w, loss = path.g, path.w, path.loss
        else:
            g, w, loss = (np.array(column) for column in zip(*run.recent, strict=True))
        u = w / np.linalg.norm(w, axis=1, keepdims=True)
        return cls(loss, g, u, len(loss) > LOOK or type(run.method) not in LIBRARY)

    @property
    def falls(self):
        return bool(self.loss[-1] < self.loss[0] * (1 - 1e-9))

    @property
    def moves(self):
        """Which of the scale and the direction move."""
        scale = bool(np.ptp(self.g) > 1e-9 * (1e-300 + np.abs(self.g).max()))
        return scale, bool(np.ptp(self.u, axis=0).max() > 1e-9)

    @property
    def turns_back(self):
        """Whether most moves of the state undo part of the move before."""
        moves = np.diff(np.column_stack([self.g, self.u]), axis=0)
        return len(moves) > 1 and np.mean(np.sum(moves[1:] * moves[:-1], axis=1) < 0) > 0.5

    @property
    def what_moves(self):
        words = {(True, True): "the direction and the scale go", (False, True): "the direction goes"}
        return words.get(self.moves, "the scale goes") + " to and fro"

    @property
    def rate(self):
        """By how much the logarithm of the loss falls in a step."""
        first, last = self.loss[0], self.loss[-1]
        return log(first / last) / max(1, len(self.loss) - 1) if 0 < last < first else 0.0


def run_sentence(run):
    """How a `Stopped` run of `solve` ended."""
    t, loss, tol, ending = run.t, run.loss, run.tol, run.ending
    if said := arrived(run):
        return said
    if ending == Ending.MAX_STEPS:
        return _not_arrived(run)
    if ending == Ending.DIVERGED and t == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to square. Take a smaller g0, or scale y down."
    if ending == Ending.DIVERGED:
        return f"Diverged: at step {t} the loss is {loss:.3g}. Lower the step sizes{_bound_of_divergence(run)}"
    if ending == Ending.ZERO_SCALE:
        return _join(
            f"Stopped at step {t}: the scale g is 0, where the step 1/(g² λmax) of Optimal does not exist. "
            "Start from g0 ≠ 0, or give eta a number.",
            tol and Trials(run).sizes(cures.safe(run)),
        )
    if ending == Ending.NOT_A_NUMBER:
        return f"Stopped at step {t}: the step of {run.name} led to a g or w that is not a number."
    return _join(
        f"Stopped at step {t}: the gradient step leads to w = 0, which has no direction to project to. "
        "Change eta or the start a little.",
        tol and Trials(run).sizes([cures.scaled(run.method, 0.9, ("eta",)), *cures.safe(run)]),
    )


def _join(*sentences):
    return " ".join(sentence for sentence in sentences if sentence)


def _bound_of_divergence(run):
    """The bound of a method that diverged, and the next move. Only the scale of WN and rPGD can go to infinity."""
    problem, method = run.problem, run.method
    if isinstance(method, GD):
        return f"; {run.name} needs eta < 2/λmax = {2 / problem.lam_max:.3g}. {_lower(run, ('eta',))}".rstrip()
    if type(method) not in LIBRARY:
        return "."
    scale = cures.at_step(method, run.t).gamma
    number = f", and gamma is {scale:.4g}" if isinstance(scale, float) else ""
    why = f": the scale is stable in every direction if gamma < 2/λmax = {2 / problem.lam_max:.3g}{number}. "
    return (why + _lower(run, ("gamma", "eta"))).rstrip()


def _not_arrived(run):
    head = f"Stopped at max_steps = {run.t} with loss {run.loss:.3g}, above tol = {run.tol:.3g}"
    with np.errstate(all="ignore"):  # what is about to leave the numbers is no news here
        return head + (_schedule(run) or _held(run) or _far(run) or _seen(run))


def _schedule(run):
    """A step size that changes only later."""
    if type(run.method) in LIBRARY and cures.last_switch(run.method) > run.t:
        if longer := Trials(run).longer(0.5):
            return f". A step size changes only at step {cures.last_switch(run.method)}. {longer}"
    return ""


def _held(run):
    """Step sizes of 0, with which a run cannot arrive."""
    problem, method = run.problem, run.method
    zero = cures.held(method, run.t) if type(method) in LIBRARY else []
    if len(zero) == len(cures.rules(method)) and zero:
        which = f"{' and '.join(zero)} {'is' if len(zero) == 1 else 'are'} 0, so nothing moves"
        return ". " + _join(f"{which}: take {zero[0]} above 0.", Trials(run).sizes(cures.safe(run)))
    if zero == ["gamma"] and abs(run.g) < problem.g_star * (1 - 1e-12):
        why = f"gamma = 0 holds the scale at {run.g:.3g}, below g* = {problem.g_star:.3g}, the minimum norm"
        least = bounds.least_loss(problem, run.g)
    elif zero == ["eta"]:
        why = "eta = 0 holds the direction, along which no scale solves the equations"
        least = bounds.least_loss_along(problem, run.w)
    else:
        return ""
    if least <= run.tol:
        return ""
    # First the step size that is 0, then both, for the other may be too long or too short.
    size = dict(zip(("eta", "gamma"), cures.safe_sizes(run), strict=True))[zero[0]]
    alone = [replace(method, **{zero[0]: cures.short(size * 4.0**-k)}) for k in range(1, 6)]
    cure = Trials(run).sizes(alone + cures.safe(run))
    return f". {why}: the loss stays above {least:.3g}. Take {zero[0]} above 0. {cure}".rstrip()


def _far(run):
    """A direction whose length is about to leave the numbers."""
    length = np.linalg.norm(run.w)
    if 1 / LARGEST < length < LARGEST:
        return ""
    return f". The length of w is {length:.2g}: the steps are too long. {_lower(run, ('eta', 'gamma'))}".rstrip()


def _seen(run):
    """What the steps show where the run stopped."""
    look = Look.at(run)
    if not look.whole:
        return f", about to leave the numbers. {_too_long(run, look)}"
    if coarse := _rounding(run, look):
        return f". {coarse}"
    if run.max_steps == 0 or look.falls:
        return f". {_falls(run, look)}"
    if any(look.moves) or len(look.loss) == 1:
        return f", which does not fall any more. {_too_long(run, look)}"
    return f", which does not change any more. {_stands(run)}"


def _rounding(run, look):
    """A tolerance below what floats can resolve at this problem."""
    half = len(look.loss) // 2
    falls = half and np.median(look.loss[half:]) < 0.5 * np.median(look.loss[:half])
    g = min(abs(run.g), 10 * run.problem.g_star)
    if look.loss.max() > 1000 * bounds.rounding(run.problem, g) or falls or not half:
        return ""
    kept = float(max(look.loss.max(), run.loss))
    return f"Rounding keeps the loss at about {kept:.1g}, so this tol is not reached. Raise tol to {2 * kept:.2g}."


def _falls(run, look):
    """A loss that still falls: how many steps are needed, or what else to change if they are too many."""
    wanted = run.t + log(run.loss / run.tol) / look.rate if look.rate else np.inf
    told = f"about {wanted:.2g} steps are needed" if isfinite(wanted) else "too slowly to say how many steps are needed"
    if type(run.method) not in LIBRARY:
        return f"The loss still falls: {told}. Raise max_steps or the step sizes."
    trials = Trials(run)
    if longer := trials.longer(0.6):
        return f"The loss still falls. {longer}"
    if look.turns_back:
        return f"The loss hardly falls any more. {_too_long(run, look)}"
    if cure := trials.sizes(cures.scaled(run.method, 4.0**k) for k in range(1, 20)):
        return f"The loss still falls, slowly: {told}. The step sizes are small. {cure}"
    return f"The loss hardly falls any more: {_early_steps(run)}"


def _early_steps(run):
    """A run whose first steps were too long: ‖w‖ grew, or the scale went where the direction cannot move."""
    grown = np.linalg.norm(run.w) / np.linalg.norm(run.w0)
    if isinstance(run.method, WN) and grown > 2:
        why = f"the first steps were too long, and ‖w‖ grew by a factor of {grown:.2g}"
    elif isinstance(run.method, GD):
        why = "the step size is far from its bound 2/λmax"
    elif abs(run.g) < 0.01 * run.problem.g_star:
        why = f"the scale is {run.g:.2g}, near the saddles with g = 0"
    else:
        why = "the step sizes do not fit each other"
    return f"{why}. {_lower(run, ('eta', 'gamma'))}".rstrip()


def _stands(run):
    """A run that does not move although its loss is not small."""
    if not bounds.still(run.problem, run.g, run.w, run.loss):
        if type(run.method) not in LIBRARY:
            return f"The gradient does not vanish here: the steps of {run.name} are too small. Raise them."
        grown = np.linalg.norm(run.w) > 2 * np.linalg.norm(run.w0)
        if isinstance(run.method, WN) and grown:
            why = _early_steps(run)
            return why[0].upper() + why[1:]
        cure = Trials(run).sizes([*(cures.scaled(run.method, 16.0**k) for k in range(1, 16)), *cures.safe(run)])
        return f"The gradient does not vanish here: the steps are too small for floats. Raise the step sizes. {cure}"
    why = "It stands at a point where the gradient vanishes, such as the saddles with g = 0."
    return f"{why} Change the start{_another_start(run)}"


def _another_start(run):
    """A start turned towards w* that arrives, and step sizes if it needs others."""
    problem, size = run.problem, np.linalg.norm(run.w0)
    g0 = run.g0 if abs(run.g0) > 0.01 * problem.g_star else cures.short(0.1 * problem.g_star)
    trials = Trials(run)
    for methods in ([run.method], cures.safe(run)):
        for part in (0.01, 0.1, 1.0, 3.0):
            part = cures.short(part * size)
            start = run.w0 + part * problem.w_star
            for method in methods if np.linalg.norm(start) > 1e-6 * size else []:
                t = trials.steps(run.max_steps, method=method, g0=g0, w0=start)
                if t is not None:
                    how = "" if method is run.method else f" with {cures.in_words(method)}"
                    return (
                        f": from g0 = {g0!r} and w0 + {part!r} problem.w_star it arrives after "
                        f"{cures.in_steps(t)}{how}.{trials.raised}"
                    )
    return ": turn w0 a little towards problem.w_star, and take g0 ≠ 0."


def _too_long(run, look):
    """Steps that are too long: which, its bound, and shorter ones that arrive."""
    if type(run.method) not in LIBRARY:
        return f"{look.what_moves.capitalize()}: lower the step sizes of {run.name}."
    # In the middle of the states that it goes between.
    g = float(np.mean(look.g)) if look.whole and np.mean(look.g) else run.g
    known = bounds.bounds(run.problem, run.method, run.t, g, run.w)
    passed = [bound for bound in known if bound.passed]
    if isinstance(run.method, GD):
        why = f"GD needs eta < {known[0].formula} = {known[0].most:.3g}; eta is {known[0].size:.4g}."
        if not passed:
            why = "The loss is at the edge of what the start and the step allow."
        return f"{why} {_lower(run, ('eta',))}".rstrip()
    told = " and ".join(
        f"{bound.name} = {bound.size:.4g} is above {bound.formula} = {bound.most:.3g}" for bound in passed
    )
    if told:
        why = f"because {told} at the scale g = {g:.3g}"
    elif (value := bounds.joint(run.problem, run.method, run.t, g, run.w)) > 2:
        why = f"because the largest eigenvalue of {bounds.JOINT} is {value:.3g}, above 2: both together are too long"
    else:
        why = "in a cycle that its step sizes keep up: no bound is passed at the point where it stopped"
    cure = _lower(run, tuple(bound.name for bound in known), 1 / max(known[0].ratio, 1e-300))
    return f"{look.what_moves.capitalize()}, {why}. {cure or 'Take smaller step sizes.'}"


def _lower(run, names, least=1.0):
    """Which shorter steps bring this start to a solution; empty where none was found.

    The step size named first is suspected. Where it is far above its bound, that is `least` times it.
    """
    if type(run.method) not in LIBRARY or run.tol is None:
        return ""
    groups = [names[:1]] + ([names, names[1:]] if len(names) > 1 else [])
    methods = [method for group in groups for method in cures.shorter(run.method, group, least)]
    trials = Trials(run)
    return trials.sizes([*methods, *cures.safe(run)]) or trials.nearly()
