"""How a run of `wnlib.sensing.recover` ended: what is seen, its cause, and the next move."""

from dataclasses import dataclass, replace
from math import exp, inf, log

import numpy as np

from wnlib._endings import _cures as cures
from wnlib._endings._kinds import Ending, arrived, raised
from wnlib.methods import GD, WN, TimesNorm

# What the trials of one kind may take: half a second at these prices, so 5,000 steps at most. Compiled they cost less.
SECOND, A_STEP, AN_OPERATION = 0.5, 1e-4, 5e-10


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
                self.problem, methods, starts, diagonal=self.diagonal, tol=self.lowest, max_steps=max(0, most)
            )

    @property
    def floor(self):
        """The loss that rounding leaves, roughly."""
        return (np.finfo(float).eps * np.linalg.norm(self.problem.y)) ** 2

    @property
    def lowest(self):
        """The tolerance of trials: where rounding does not allow the one that was asked for, it is raised."""
        return max(self.tol, float(f"{1000 * self.floor:.2g}")) if self.tol else None

    @property
    def raised(self):
        return raised(self.tol, self.lowest)

    def affordable(self, starts):
        """Steps that so many starts may take side by side."""
        d, k = self.U0.shape
        operations = starts * (4 * self.problem.m * d**2 + 8 * d**2 * k)
        return int(SECOND / (A_STEP + AN_OPERATION * operations))

    @property
    def rate(self):
        """By how much the logarithm of the loss fell in a step, over the last ones."""
        first, last = self.recent[0], self.recent[-1]
        return log(first / last) / max(1, len(self.recent) - 1) if 0 < last < first < inf else 0.0


def recovery_sentence(run):
    """How a `Recovered` run ended."""
    t, loss, tol, ending = run.t, run.loss, run.tol, run.ending
    if said := arrived(run):
        return said
    if ending == Ending.DIVERGED and t == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to go on from. Take a smaller U0."
    if ending == Ending.DIVERGED:
        return f"Diverged: at step {t} the loss is {loss:.3g}. Lower the step sizes.{_first(run, _lower, _safe)}"
    if ending == Ending.ZERO_DIRECTION:
        return (
            f"Stopped at step {t}: the gradient step led to a factor of length 0, which has no direction to "
            f"project to. Change eta or the start a little.{_first(run, _lower, _safe)}"
        )
    head = f"Stopped at max_steps = {t} with loss {loss:.3g}, above tol = {tol:.3g}"
    return head + (_schedule(run) or _held(run) or _rounding(run) or _seen(run))


def _schedule(run):
    """A step size that changes only later."""
    later = cures.last_switch(run.method)
    if later > run.t:
        end = run.again([run.method], run.affordable(1))
        told = f". A step size changes only at step {later}."
        if end.converged[0]:
            return f"{told} Raise max_steps: this start arrives after {cures.in_steps(end.t[0])}.{run.raised}"
        return told + (_first(run, _lower, _safe) or f" Take more than {later} steps.")
    return ""


def _held(run):
    """Step sizes of 0, with which a run cannot arrive, if it does not."""
    zero = cures.held(run.method, run.t)
    still_falls = run.rate > 1e-9 and (zero == ["gamma"] or _least_along(run) <= run.tol)
    if not zero or still_falls:
        return ""
    what = {("eta",): "the factor", ("gamma",): "the scale", ("eta", "gamma"): "the factor and the scale"}[tuple(zero)]
    why = (
        f"{' and '.join(zero)} = 0 {'hold' if len(zero) > 1 else 'holds'} {what}, with which this start does not arrive"
    )
    sizes = [cures.short(4.0**-k) for k in range(1, 12)]
    other = cures.at_step(run.method, run.t)
    methods = [_filled(other, zero, size) for size in sizes]
    if len(zero) == 1 and not isinstance(run.method, GD):
        methods += [_filled(other, ["eta", "gamma"], size) for size in sizes]
    return f". {why}: take {' and '.join(zero)} above 0.{_first(run, lambda run: _arrives(run, methods), _safe)}"


def _least_along(run):
    """The least loss of all scales of the factor where the run stopped."""
    columns = np.einsum("mij,ik,jk->mk", run.problem.A, run.W, run.W)
    columns = columns if run.diagonal else columns.sum(axis=1, keepdims=True)
    best = np.linalg.lstsq(columns, run.problem.y, rcond=None)[0]
    return float(np.sum((columns @ best - run.problem.y) ** 2)) / (2 * run.problem.m)


def _filled(method, names, size):
    old = dict(cures.rules(method))
    new = {name: TimesNorm(size, old[name].power) if isinstance(old[name], TimesNorm) else size for name in names}
    return replace(method, **new)


def _rounding(run):
    """A tolerance below what floats can resolve."""
    if run.loss > 1000 * run.floor or run.rate > 0.01:
        return ""
    return f". Rounding keeps the loss at about {run.recent.max():.1g}: raise tol to {2 * run.recent.max():.2g}."


def _seen(run):
    """What the last losses show: that the loss falls, that it stands, or that it goes to and fro."""
    if run.t == 0:
        return f". No step was taken: raise max_steps.{_first(run, _longer, _lower, _safe)}"
    rises = np.mean(np.diff(run.recent) > 0)
    if run.rate > 1e-9 and rises < 0.2:
        told = f". The loss still falls, by {100 * (1 - np.exp(-run.rate)):.2g} % a step."
        return told + (_first(run, _longer, _raise_sizes, _lower, _safe) or " Raise max_steps or the step sizes.")
    if _stands(run):
        return f", which does not change any more: the run stands where the gradient vanishes.{_another_start(run)}"
    cure = _first(run, _lower, _safe) or " Lower them."
    return f", which does not fall any more: it goes to and fro, because the steps are too long.{cure}"


def _first(run, *moves):
    """The sentence of the first of some moves that arrives, or else of the one that comes nearest.

    A move is tried by a function that gives (loss, sentence), with the loss 0 where the run arrives.
    """
    told = [(inf, "")]
    if run.tol is not None:
        for move in moves:
            told.append(move(run))
            if told[-1][0] == 0:
                return told[-1][1] + run.raised
    return min(told)[1]


def _alone(run, method):
    """The run with a method, as long as can be paid: its end, and how many steps it needs in all, for what that knows.

    The loss falls at least like a power of t, as its halves show: rarely faster near a solution of low rank.
    """
    most = run.affordable(1)
    end = run.again([method], most)
    if end.converged[0]:
        return end, int(end.t[0])
    before, after = run.again([method], most // 2).loss[0], end.loss[0]
    if not 0 < after < 0.99 * before < inf:
        return end, inf
    more = log(after / run.lowest) * log(2) / log(before / after)
    return end, most * exp(more) if more < 30 else inf


def _longer(run):
    """The number of steps that the start needs, found by taking them; from the last half of them, if they are many."""
    end, wanted = _alone(run, run.method)
    if end.converged[0]:
        return 0, f" Raise max_steps: this start arrives after {cures.in_steps(wanted)}."
    if wanted == inf:
        return inf, ""
    told = (
        f" After {end.t[0]} steps it is {end.loss[0]:.2g}: raise max_steps, to about {wanted:.2g}, or the step sizes."
    )
    return end.loss[0], told


def _raise_sizes(run):
    return _arrives(run, [cures.scaled(run.method, 2.0**k) for k in range(1, 21)])


def _lower(run):
    """Shorter steps that bring this start to a solution: of the factor, of both, of the scale."""
    if isinstance(run.method, GD):
        return _arrives(run, [cures.scaled(run.method, 0.5**k) for k in (*range(1, 19), 24, 40, 80)])
    both = [cures.scaled(run.method, 0.5**k) for k in (*range(1, 15), 18, 30)]
    return _arrives(run, cures.shorter(run.method, ("eta",)) + both + cures.shorter(run.method, ("gamma",))[:6])


def _safe(run):
    """Steps below the bounds at a matrix along the start that is as large as a solution, and shorter ones."""
    W, D = run.U0, np.ones(1)
    if not isinstance(run.method, GD):
        size = np.linalg.norm(run.U0, axis=0) if run.diagonal else np.linalg.norm(run.U0)
        W, D = run.U0 / size, np.atleast_1d(size**2)
    seen = np.linalg.norm(np.einsum("mij,ij->m", run.problem.A, (W * D) @ W.T))
    grow = max(1.0, np.linalg.norm(run.problem.y) / seen) if seen else 1.0
    W, D = (W * np.sqrt(grow), D) if isinstance(run.method, GD) else (W, D * grow)
    eta, gamma = (1 / curvature if curvature else 1.0 for curvature in _curvatures(run, W, D))
    sizes = [(eta * 0.5**k, gamma * 0.5**k * 4.0**-j) for j in range(3) for k in range(0, 10)]
    if isinstance(run.method, GD):
        return _arrives(run, [GD(cures.short(eta * 2**-k)) for k in range(-2, 12)])
    return _arrives(run, [type(run.method)(cures.short(a), cures.short(b)) for a, b in sizes])


def _arrives(run, methods):
    """The first of some methods that arrives, in the steps given or in more, or else what the nearest one needs."""
    end = run.again(methods, run.affordable(len(methods)))
    losses = np.where(np.isfinite(end.loss), end.loss, inf)
    late = ~end.converged | (end.t > run.max_steps)
    # The order of trust: those that arrive in time, those that arrive, those that come near; alone each may go farther.
    for i in np.lexsort((np.where(end.converged, 0.0, losses), late, ~end.converged))[:2]:
        alone, wanted = _alone(run, methods[i])
        told = f" With {cures.in_words(methods[i])}"
        if alone.converged[0]:
            more = f", so raise max_steps to {wanted}" if wanted > run.max_steps else ""
            arrives = f"{told} this start arrives after {cures.in_steps(wanted)}{more}"
            return 0, arrives + _bound(run, methods[i], alone.w[0], np.atleast_1d(alone.g[0]))
        if wanted < inf:
            told += (
                f" its loss falls to {alone.loss[0]:.2g} in {alone.t[0]} steps: raise max_steps to about {wanted:.2g}."
            )
            return alone.loss[0], told
    return inf, ""


def _bound(run, method, W, D):
    """What a number eta must be below at the limit X = W D Wᵀ of a run of the method."""
    curvature = _curvatures(run, W, D)[0]
    if not isinstance(method.eta, float) or not 0 < curvature < inf:
        return "."
    return f"; eta must be below {2 / curvature:.3g}{'‖W‖²' * isinstance(method, WN)} where it arrives."


def _curvatures(run, W, D):
    """The largest curvatures of f in the factor and in the scales at X = W D Wᵀ, but for what the residual adds."""
    problem = run.problem
    A = (problem.A + problem.A.transpose(0, 2, 1)) / 2
    AW = A @ W
    rows, along = 2 * AW * D, np.sum(AW * W, axis=1)
    if not isinstance(run.method, GD):  # the factor, or each column, moves across itself only
        along = along if run.diagonal else along.sum(axis=1, keepdims=True)
        inner = np.sum(rows * W, axis=1 if run.diagonal else (1, 2), keepdims=True)
        rows = rows - inner * W
    rows = rows.reshape(len(A), -1)
    return [float(np.linalg.norm(part, 2) ** 2 / problem.m) for part in (rows, along)]


def _stands(run):
    """Whether the gradient in the factor and in the scale vanishes at the end."""
    W, D = run.W, run.D
    S = run.problem._slope(run.problem._residual(((W * D) @ W.T)[None]))[0]
    SW = S @ W
    along = np.sum(W * SW, axis=0) if run.diagonal else np.sum(W * SW)
    across = SW if isinstance(run.method, GD) else D * (SW - along * W)
    held = "gamma" in cures.held(run.method, run.t) or isinstance(run.method, GD)
    slope = 0.0 if held else np.abs(along).max()
    return max(np.linalg.norm(across), slope) <= 1e-4 * np.linalg.norm(S) * (np.linalg.norm(W) + np.abs(D).max())


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
