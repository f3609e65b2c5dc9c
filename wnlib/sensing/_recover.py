"""The five methods of Appendix F.2 on a matrix-sensing problem, many starts at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib._browser import either
from wnlib._checks import boolean, instance, integer, real_array, real_number
from wnlib._endings import RECENT, Ending, Recovered, Sentences, recovery_sentence
from wnlib.methods import GD, RPGD, WN, Optimal, Piecewise, TimesNorm
from wnlib.sensing._problem import MatrixSensing, nuclear_norm

# The names of the methods in Appendix F.2: their class, and whether each column has a scale of its own.
METHODS = {
    "GD": (GD, False),
    "WN": (WN, False),
    "WN-Diag": (WN, True),
    "rPGD": (RPGD, False),
    "rPGD-Diag": (RPGD, True),
}
# Starts that run together: enough to pay for a call of numpy, few enough to stay in the processor's cache.
BLOCK = 32
# A run whose loss passes this has diverged. The loss of the step after it, near its cube, still fits in a float.
LOSS_LIMIT = 1e80


@dataclass(frozen=True, eq=False)
class Recovery:
    """How the runs of `recover` ended. For one start (U0 of shape (d, k)) there is no leading axis B.

    Attributes
    ----------
    x : ndarray, shape (B, d, d)
        The last matrix X = UUᵀ = W D Wᵀ.
    g : ndarray, shape (B,) or (B, k)
        The last scale, or the diagonal of D with `diagonal`; 1 for GD.
    w : ndarray, shape (B, d, k)
        The last factor W: U itself for GD, of unit length (or unit columns) for the others.
    nuclear_norm : ndarray, shape (B,)
        ‖X‖_*. It is the trace of X unless a scale has turned negative.
    loss : ndarray, shape (B,)
        f of (57) at the end.
    t : ndarray of int, shape (B,)
        Steps taken.
    converged : ndarray of bool, shape (B,)
        Whether the run reached what was asked for: the loss `tol` or, without it, the last of `max_steps` steps.
    message : sequence of str, length B
        One sentence for each start on how it ended; one str for a single start.
    """

    x: NDArray = field(repr=False)
    g: NDArray = field(repr=False)
    w: NDArray = field(repr=False)
    nuclear_norm: NDArray
    loss: NDArray
    t: NDArray
    converged: NDArray
    _sentences: Sentences = field(repr=False)

    @property
    def message(self) -> Sentences | str:
        return self._sentences if np.ndim(self.t) else self._sentences[0]


def recover(
    problem: MatrixSensing,
    method: GD | WN | RPGD | Sequence,
    U0: ArrayLike,
    *,
    diagonal: bool = False,
    tol: float | None = 1e-6,
    max_steps: int = 100_000,
) -> Recovery:
    """Run a method of Appendix F.2 from UUᵀ = U0 U0ᵀ until f ≤ tol, tested before each step.

    With S as in `MatrixSensing.slope`, the gradient in the factor is ∝ SW, and that in a scale is ∝ wᵀSw:

    - GD on U.
    - WN on X = g WWᵀ/‖W‖²_F; rPGD on X = g WWᵀ with ‖W‖_F = 1 (Algorithm 3).
    - With `diagonal`, WN-Diag on X = Σⱼ Dⱼ wⱼwⱼᵀ/‖wⱼ‖²; rPGD-Diag on X = W D Wᵀ with unit columns (Algorithm 4,
      where UUᵀ = DWᵀ is printed).

    All start from the same UUᵀ: from U0 the factor gets its direction and the scale its squared length
    (‖U0‖²_F = α², or the squared length of each column). Nothing keeps a scale positive.

    Parameters
    ----------
    problem : MatrixSensing
    method : GD, WN or RPGD, or a sequence of them of length B
        With several, each start has one of its own: of the same kind, and alike but for the values of its rules. The
        rule `Piecewise` holds the scale back (the two-phase algorithm), `TimesNorm` takes ‖W‖_F; `Optimal` has no
        meaning here.
    U0 : array_like, shape (d, k) or (B, d, k)
        Starting factors. Only for GD may U0 (or, with `diagonal`, one of its columns) be zero.
    diagonal : bool
        Whether each column has a scale of its own: not for GD.
    tol : float or None
        Bound on f, positive. None asks for exactly `max_steps` steps.
    max_steps : int
        Bound on the steps of each start.

    Returns
    -------
    Recovery

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.

    Examples
    --------
    >>> from wnlib import WN
    >>> from wnlib.sensing import make_matrix_sensing, random_factor, recover
    >>> problem = make_matrix_sensing(d=6, r=1, m=8)
    >>> run = recover(problem, WN(0.01, 0.01), 0.5 * random_factor(6))
    >>> run.converged, run.x.shape, bool(abs(run.nuclear_norm - run.g) < 1e-9)
    (True, (6, 6), True)
    """
    instance("problem", problem, MatrixSensing)
    U0 = real_array("U0", U0, (problem.d, "k"), ("B", problem.d, "k"))
    diagonal = boolean("diagonal", diagonal)
    single, U0 = U0.ndim == 2, U0.reshape(-1, *U0.shape[-2:])
    rule = _Rule.of(method, len(U0), diagonal)
    with np.errstate(over="ignore"):
        W, D = _start(rule, U0)
    limit = -1.0 if tol is None else real_number("tol", tol, above=0)
    stop = (limit, integer("max_steps", max_steps, at_least=0))
    blocks = [slice(i, i + BLOCK) for i in range(0, len(U0), BLOCK)]
    # Two threads gain nothing on products this small, lose a hundredfold on a busy machine, and round differently.
    one_thread = either("threadpoolctl.threadpool_limits")(1, user_api="blas")
    with one_thread, np.errstate(over="ignore", invalid="ignore"):
        ends = [_run(problem, rule.part(k), W[k], D[k], *stop) for k in blocks]
        W, D, loss, t, ending, recent = map(np.concatenate, zip(*ends, strict=True))
        X = (W * D) @ W.transpose(0, 2, 1)
    finite = np.isfinite(X).all(axis=(1, 2))
    norms = np.full(len(X), np.inf)  # of those that diverged beyond what a float holds
    if finite.any():
        norms[finite] = nuclear_norm(X[finite])
    converged = ending == (Ending.MAX_STEPS if tol is None else Ending.CONVERGED)
    asked = (problem, method, U0, diagonal, tol, stop[1])
    sentences = Sentences(partial(_sentence, asked, (ending, t, loss, W, D[:, 0], recent)), len(t))
    ends = [X, D[:, 0] if diagonal else D[:, 0, 0], W, norms, loss, t, converged]
    if single:
        ends = [end[0].item() if end.ndim == 1 else end[0] for end in ends]
    x, g, w, norms, loss, t, converged = ends
    return Recovery(x, g, w, norms, loss, t, converged, sentences)


def _sentence(asked, ends, i):
    """How start i ended."""
    problem, method, U0, *rest = asked
    method = method if isinstance(method, GD | WN | RPGD) else method[min(i, len(method) - 1)]
    ending, t, loss, W, D, recent = (end[i] for end in ends)
    recent = np.roll(recent, -(t + 1))[-(t + 1) :]  # it was written round and round
    end = (Ending(int(ending)), int(t), float(loss), W, D, recent)
    return recovery_sentence(Recovered(problem, method, U0[i], *rest, *end, recover))


@dataclass(frozen=True)
class _Rule:
    """A method on a batch: its steps are (values, switches, power), the values of shape (pieces, B, 1, 1)."""

    kind: type
    diagonal: bool
    eta: tuple
    gamma: tuple

    @classmethod
    def of(cls, method, starts, diagonal):
        """The rule of one method for all starts, or of one for each."""
        methods = list(method) if isinstance(method, Sequence) and not isinstance(method, str) else [method]
        for one in methods:
            if type(one) not in (GD, WN, RPGD):
                raise TypeError(f"method must be a GD, a WN or an RPGD, such as WN(0.01, 0.01); got {one!r}.")
        if len({type(one) for one in methods}) != 1 or len(methods) not in (1, starts):
            raise ValueError(
                f"method must be one, or one of the same kind for each of {starts} starts; got {len(methods)}."
            )
        if diagonal and isinstance(methods[0], GD):
            raise ValueError("GD has no scale that could be diagonal: leave out diagonal, or take WN or RPGD.")
        eta, gamma = ([getattr(one, name, 0.0) for one in methods] for name in ("eta", "gamma"))
        return cls(type(methods[0]), diagonal, _numbers("eta", eta, starts), _numbers("gamma", gamma, starts))

    def part(self, block):
        """The rule of a part of the starts."""
        (a, *at), (b, *bt) = self.eta, self.gamma
        return _Rule(self.kind, self.diagonal, (a[:, block], *at), (b[:, block], *bt))

    @property
    def axes(self):
        """The axes of (B, d, k) over which a factor is normalized: its columns, or all of it."""
        return (1,) if self.diagonal else (1, 2)


def _numbers(name, rules, starts):
    """Rules that are alike but for their values: values of shape (pieces, starts, 1, 1), switches and power."""
    if any(isinstance(rule, Optimal) for rule in rules):
        raise TypeError(f"{name} cannot be Optimal here, for there is no λmax: give it a number.")
    power = {rule.power if isinstance(rule, TimesNorm) else 0 for rule in rules}
    rules = [rule.value if isinstance(rule, TimesNorm) else rule for rule in rules]
    rows = [rule.values if isinstance(rule, Piecewise) else (rule,) for rule in rules]
    switches = {rule.switches if isinstance(rule, Piecewise) else () for rule in rules}
    if len(power) * len(switches) != 1:
        raise ValueError(f"The rules of {name} must be alike but for their values; got {rules}.")
    values = np.broadcast_to(np.transpose(rows), (len(rows[0]), starts))
    return values[..., None, None], *switches, *power


def _at(rule, t, size):
    """The step sizes at step t, where ‖W‖_F is `size`."""
    values, switches, power = rule
    now = values[sum(t >= switch for switch in switches)]
    return now * size**power if power else now


def _inner(V, W, axes):
    """Inner products of factors, shape (B, 1, 1), or of their columns, shape (B, 1, k)."""
    if axes == (1,):
        return np.einsum("bij,bij->bj", V, W)[:, None]
    return np.einsum("bij,bij->b", V, W)[:, None, None]


def _start(rule, U0):
    """W of shape (B, d, k) and D of shape (B, 1, 1) or (B, 1, k) with W D Wᵀ = U0 U0ᵀ."""
    if rule.kind is GD:
        return U0, np.ones((len(U0), 1, 1))
    size = np.sqrt(_inner(U0, U0, rule.axes))
    if not size.all():
        part = "a column of U0" if rule.diagonal else "U0"
        raise ValueError(f"{rule.kind.__name__} needs a direction; {part} is zero. Start from another U0, or use GD.")
    return U0 / size, size**2


def _run(problem, rule, W, D, tol, max_steps):
    """Run a block of starts; those that end leave the block. Returns W, D, loss, t, ending, last losses of all."""
    ends = W.copy(), D.copy(), np.empty(len(W)), np.empty(len(W), dtype=int), np.empty(len(W), dtype=int)
    recent = np.full((len(W), RECENT), np.nan)
    active, lost = np.arange(len(W)), np.zeros(len(W), dtype=bool)
    for t in range(max_steps + 1):
        squared_size = _inner(W, W, rule.axes) if rule.kind is WN else np.ones((len(W), 1, 1))
        r = problem._residual((W * (D / squared_size)) @ W.transpose(0, 2, 1))
        loss = (r * r).sum(axis=1) / (2 * problem.m)
        recent[active, t % RECENT] = loss
        left = (loss > tol) & (loss < LOSS_LIMIT) & ~lost & (t < max_steps)
        if not left.all():
            ending = np.where(loss < LOSS_LIMIT, Ending.MAX_STEPS, Ending.DIVERGED)
            ending[lost] = Ending.ZERO_DIRECTION
            ending[loss <= tol] = Ending.CONVERGED
            now = (W / np.sqrt(squared_size), D, loss, np.full(len(W), t), ending)
            for end, value in zip(ends, now, strict=True):
                end[active[~left]] = value[~left]
            if not left.any():
                break
            W, D, squared_size, r, active = (array[left] for array in (W, D, squared_size, r, active))
            rule = rule.part(left)
        W, D, lost = _step(rule, t, problem._slope(r), W, D, squared_size)
    return *ends, recent


def _step(rule, t, S, W, D, squared_size):
    """Step t; `lost` marks the starts whose gradient step leads to a direction of length 0."""
    SW = S @ W
    lost = np.zeros(len(W), dtype=bool)
    size = np.sqrt(_inner(W, W, (1, 2))) if rule.eta[2] or rule.gamma[2] else 1.0
    eta, gamma = _at(rule.eta, t, size), _at(rule.gamma, t, size)
    if rule.kind is GD:
        return W - 2 * eta * SW, D, lost
    slope = _inner(W, SW, rule.axes) / squared_size
    if rule.kind is WN:
        return W - 2 * eta * D / squared_size * (SW - slope * W), D - gamma * slope, lost
    V = W - 2 * eta * D * SW
    size = np.sqrt(_inner(V, V, rule.axes))
    lost = ~size.reshape(len(W), -1).all(axis=1)
    if lost.any():
        V, size = np.where(size > 0, V, W), np.where(size > 0, size, 1.0)
    return V / size, D - gamma * slope, lost
