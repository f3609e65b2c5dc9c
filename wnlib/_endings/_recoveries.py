"""How a run of `wnlib.sensing.recover` ended: what is seen, its cause, and the next move."""

from dataclasses import dataclass
from math import inf, isfinite, log

import numpy as np

from wnlib._endings import _cures as cures
from wnlib._endings._kinds import Ending
from wnlib.methods import GD, WN, TimesNorm

# What the trials of one recovery may take: a second, of calls and of operations on numbers.
SECOND, A_CALL, AN_OPERATION = 1.0, 1e-4, 5e-10


@dataclass(frozen=True)
class Recovered:
    """A recovery that ended: what was asked for, its end, its last losses, and `attempt`, which is `recover`."""

    problem: object
    method: object
    U0: np.ndarray
    diagonal: bool
    tol: float | None
    max_steps: int
    ending: Ending
    t: int
    loss: float
    W: np.ndarray
    D: np.ndarray
    recent: np.ndarray
    attempt: object

    def again(self, methods, most, U0=None):
        """Run the start with several methods side by side, or several starts with as many methods."""
        starts = np.repeat(self.U0[None], len(methods), axis=0) if U0 is None else U0
        with np.errstate(all="ignore"):
            return self.attempt(
                self.problem, methods, starts, diagonal=self.diagonal, tol=self.tol, max_steps=max(0, most)
            )

    def affordable(self, starts):
        """Steps that so many starts may take side by side."""
        d, k = self.U0.shape
        operations = starts * (4 * self.problem.m * d**2 + 8 * d**2 * k)
        return int(SECOND / (A_CALL + AN_OPERATION * operations))

    @property
    def rate(self):
        """By how much the logarithm of the loss fell in a step, over the last ones."""
        first, last = self.recent[0], self.recent[-1]
        return log(first / last) / max(1, len(self.recent) - 1) if 0 < last < first < inf else 0.0


def recovery_sentence(run):
    """How a `Recovered` run ended."""
    t, loss, tol, ending = run.t, run.loss, run.tol, run.ending
    if tol is None and ending == Ending.MAX_STEPS:
        return f"Took {t} steps: loss {loss:.3g}."
    if ending == Ending.CONVERGED:
        return f"Converged after {t} steps: loss {loss:.3g} is at most tol = {tol:.3g}."
    if ending == Ending.DIVERGED and t == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to go on from. Take a smaller U0."
    if ending == Ending.DIVERGED:
        return f"Diverged: at step {t} the loss is {loss:.3g}. Lower the step sizes.{_lower(run)}"
    if ending == Ending.ZERO_DIRECTION:
        return (
            f"Stopped at step {t}: the gradient step led to a factor of length 0, which has no direction to "
            f"project to. Change eta or the start a little.{_lower(run)}"
        )
    head = f"Stopped at max_steps = {t} with loss {loss:.3g}, above tol = {tol:.3g}"
    return head + (_schedule(run) or _held(run) or _rounding(run) or _seen(run))


def _schedule(run):
    """A step size that changes only later."""
    later = cures.last_switch(run.method)
    if later > run.t:
        end = run.again([run.method], run.affordable(1))
        longer = f"this start arrives after {cures.in_steps(end.t[0])}" if end.converged[0] else f"take more than {later} steps"
        return f". A step size changes only at step {later}. Raise max_steps: {longer}."
    return ""


def _held(run):
    """Step sizes of 0, with which a run cannot arrive, if it does not."""
    zero = cures.held(run.method, run.t)
    if not zero or run.rate > 1e-9:
        return ""
    what = {("eta",): "the factor", ("gamma",): "the scale", ("eta", "gamma"): "the factor and the scale"}[tuple(zero)]
    why = f"{' and '.join(zero)} = 0 {'hold' if len(zero) > 1 else 'holds'} {what}, and the loss does not fall any more"
    sizes = [cures.short(4.0**-k) for k in range(1, 12)]
    other = cures.at_step(run.method, run.t)
    methods = [_filled(other, zero, size) for size in sizes]
    if len(zero) == 1 and not isinstance(run.method, GD):
        methods += [_filled(other, ["eta", "gamma"], size) for size in sizes]
    return f". {why}: take {' and '.join(zero)} above 0.{_arrives(run, methods)}"


def _filled(method, names, size):
    old = dict(cures.rules(method))
    new = {name: TimesNorm(size, old[name].power) if isinstance(old[name], TimesNorm) else size for name in names}
    return type(method)(**old | new)


def _rounding(run):
    """A tolerance below what floats can resolve."""
    floor = (np.finfo(float).eps * np.linalg.norm(run.problem.y)) ** 2
    if run.loss > 100 * floor or run.rate > 0.01:
        return ""
    return f". Rounding keeps the loss at about {run.recent.max():.1g}: raise tol to {2 * run.recent.max():.2g}."


def _seen(run):
    """What the last losses show: that the loss falls, that it stands, or that it goes to and fro."""
    if run.t == 0:
        return f". No step was taken: raise max_steps.{_longer(run)}"
    rises = np.mean(np.diff(run.recent) > 0)
    if run.rate > 1e-9 and rises < 0.2:
        told = f". The loss still falls, by {100 * (1 - np.exp(-run.rate)):.2g} % a step."
        longer = _longer(run)
        if "arrives" not in longer:
            longer = _raise_sizes(run) or longer or _lower(run) or " Raise max_steps or the step sizes."
        return told + longer
    if _stands(run):
        return f", which does not change any more: the run stands where the gradient vanishes.{_another_start(run)}"
    cure = _lower(run) or " Lower them."
    return f", which does not fall any more: it goes to and fro, because the steps are too long.{cure}"


def _longer(run):
    """The number of steps that the start needs, found by taking them; from the last half of them, if they are many."""
    most = run.affordable(1)
    half, end = (run.again([run.method], part) for part in (most // 2, most))
    if end.converged[0]:
        return f" Raise max_steps: this start arrives after {cures.in_steps(end.t[0])}."
    if not 0 < end.loss[0] < half.loss[0] < inf:
        return ""
    rate = log(half.loss[0] / end.loss[0]) / (most - most // 2)
    wanted = most + log(end.loss[0] / run.tol) / rate
    return f" After {most} steps it is {end.loss[0]:.2g}, so raise max_steps, to about {wanted:.2g}, or the step sizes."


def _raise_sizes(run):
    return _arrives(run, [cures.scaled(run.method, 2.0**k) for k in range(1, 21)])


def _lower(run):
    """Shorter steps that bring this start to a solution: of the factor, of both, of the scale."""
    if isinstance(run.method, GD):
        return _arrives(run, [cures.scaled(run.method, 0.5**k) for k in (*range(1, 19), 24, 40, 80)])
    both = [cures.scaled(run.method, 0.5**k) for k in (*range(1, 15), 18, 30)]
    return _arrives(run, cures.shorter(run.method, ("eta",)) + both + cures.shorter(run.method, ("gamma",))[:6])


def _arrives(run, methods):
    """The sentence for the first of some methods that arrives, in the steps given or in more.

    Where none does, the two that come nearest get what is left of the work.
    """
    end = run.again(methods, run.affordable(len(methods)) // 2)
    if not end.converged.any():
        near = np.argsort(np.where(np.isfinite(end.loss), end.loss, inf), kind="stable")[:2]
        methods = [methods[i] for i in near]
        end = run.again(methods, run.affordable(2))
    found = np.flatnonzero(end.converged & (end.t <= run.max_steps))
    found = found if found.size else np.flatnonzero(end.converged)
    if not found.size:
        i = int(np.nanargmin(np.where(np.isfinite(end.loss), end.loss, inf)))
        if not end.loss[i] < 0.5 * min(run.loss, run.recent[0], run.again([methods[i]], 0).loss[0]):
            return ""
        told = f" With {cures.in_words(methods[i])} its loss falls to {end.loss[i]:.2g} in {end.t[i]} steps"
        return f"{told}: raise max_steps well beyond them."
    i = found[0]
    t = end.t[i]
    more = f", so raise max_steps to {t}" if t > run.max_steps else ""
    told = f" With {cures.in_words(methods[i])} this start arrives after {cures.in_steps(t)}{more}"
    most = _bound(run, end.w[i], np.atleast_1d(end.g[i]))
    return f"{told}; eta must be below {most} where it arrives." if most else f"{told}."


def _bound(run, W, D):
    """2/λ for the largest curvature λ of f in the factor at a solution X = W D Wᵀ, in words."""
    A = run.problem.A + run.problem.A.transpose(0, 2, 1)
    rows = (A @ (W * D)).reshape(len(A), -1)
    if not isinstance(run.method, GD) and not run.diagonal:
        rows = rows - np.outer(rows @ W.ravel(), W.ravel())
    curvature = np.linalg.norm(rows, 2) ** 2 / run.problem.m
    power = "‖W‖²" if isinstance(run.method, WN) else ""
    return f"{2 / curvature:.3g}{power}" if curvature > 0 and isfinite(curvature) else ""


def _stands(run):
    """Whether the gradient in the factor and in the scale vanishes at the end."""
    W, D = run.W, run.D
    S = run.problem._slope(run.problem._residual(((W * D) @ W.T)[None]))[0]
    SW = S @ W
    along = np.sum(W * SW, axis=0) if run.diagonal else np.sum(W * SW)
    across = SW if isinstance(run.method, GD) else D * (SW - along * W)
    held = "gamma" in cures.held(run.method, run.t) or isinstance(run.method, GD)
    slope = 0.0 if held else np.abs(along).max()
    return max(np.linalg.norm(across), slope) <= 1e-7 * np.linalg.norm(S) * (np.linalg.norm(W) + np.abs(D).max())


def _another_start(run):
    """Whether a start that is turned by chance arrives; how it was drawn is told."""
    size = np.linalg.norm(run.U0) or 1.0
    parts = [cures.short(part * size) for part in (0.01, 0.1, 1.0)]
    turn = np.random.default_rng(0).standard_normal(run.U0.shape) / np.sqrt(run.U0.size)
    end = run.again([run.method] * 3, run.affordable(3), np.stack([run.U0 + part * turn for part in parts]))
    for part, converged, t in zip(parts, end.converged, end.t, strict=True):
        if converged:
            return (
                " Change the start U0: with noise of length about "
                f"{part!r} added, such as {part!r} np.random.default_rng(0).standard_normal(U0.shape)/√(U0.size), "
                f"it arrives after {cures.in_steps(t)}."
            )
    return " Change the start U0."
