"""The five methods of Appendix F.2 on a matrix-sensing problem, many starts at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib._browser import PROCESSORS
from wnlib._checks import MOST_STEPS, boolean, instance, integer, real_array, real_number
from wnlib._endings import RECENT, Ending, Recovered, Sentences, recovery_sentence
from wnlib.methods import GD, RPGD, WN, Optimal, TimesNorm
from wnlib.runs import PAUSE, rule_numbers
from wnlib.sensing._problem import MatrixSensing, nuclear_norm

# Products in a step of all starts from which on the cores share the starts.
WORK_OF_THREADS = 100_000
# The names of the methods in Appendix F.2: their class, and whether each column has a scale of its own.
METHODS = {
    "GD": (GD, False),
    "WN": (WN, False),
    "WN-Diag": (WN, True),
    "rPGD": (RPGD, False),
    "rPGD-Diag": (RPGD, True),
}


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
    kind, *rules = _rules(method, len(U0), diagonal)
    limit = -1.0 if tol is None else real_number("tol", tol, above=0)
    stop = (limit, integer("max_steps", max_steps, at_least=0, at_most=MOST_STEPS))
    with np.errstate(over="ignore", invalid="ignore"):
        W, D = _start(kind, U0, diagonal)
        W, D, loss, t, ending, recent = _run(problem, kind, rules, W, D, *stop)
        W = W / _sizes(W, diagonal)[:, None] if kind is WN else W
        X = (W * D[:, None]) @ W.transpose(0, 2, 1)
    finite = np.isfinite(X).all(axis=(1, 2))
    norms = np.full(len(X), np.inf)  # of those that diverged beyond what a float holds
    if finite.any():
        norms[finite] = nuclear_norm(X[finite])
    converged = ending == (Ending.MAX_STEPS if tol is None else Ending.CONVERGED)
    asked = (problem, method, U0, diagonal, tol, stop[1])
    sentences = Sentences(partial(_sentence, asked, (ending, t, loss, W, D, recent)), len(t))
    ends = [X, D if diagonal else D[:, 0], W, norms, loss, t, converged]
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


def _rules(method, starts, diagonal):
    """The kind of the methods, and for each start a row of numbers for eta and one for gamma."""
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
    eta, gamma = (_numbers(name, [getattr(one, name, 0.0) for one in methods]) for name in ("eta", "gamma"))
    return type(methods[0]), np.repeat(eta, starts // len(eta), axis=0), np.repeat(gamma, starts // len(gamma), axis=0)


def _numbers(name, rules):
    """Rules that are alike but for their values, a row of numbers each."""
    if any(isinstance(rule, Optimal) for rule in rules):
        raise TypeError(f"{name} cannot be Optimal here, for there is no λmax: give it a number.")
    rows = [rule_numbers(rule) for rule in rules]
    if len({(row[1], *row[2::2]) for row in rows}) != 1:  # the power and the switches
        plain = [rule.value if isinstance(rule, TimesNorm) else rule for rule in rules]
        raise ValueError(f"The rules of {name} must be alike but for their values; got {plain}.")
    return np.array(rows)


def _start(kind, U0, diagonal):
    """W of shape (B, d, k) and D of shape (B, 1) or (B, k) with W D Wᵀ = U0 U0ᵀ."""
    if kind is GD:
        return U0, np.ones((len(U0), 1))
    size = _sizes(U0, diagonal)
    if not size.all():
        part = "a column of U0" if diagonal else "U0"
        raise ValueError(f"{kind.__name__} needs a direction; {part} is zero. Start from another U0, or use GD.")
    return U0 / size[:, None], size**2


def _sizes(W, diagonal):
    """Lengths of the columns, shape (B, k), or of the whole factors, shape (B, 1)."""
    return np.linalg.norm(W, axis=1) if diagonal else np.linalg.norm(W, axis=(1, 2))[:, None]


def _run(problem, kind, rules, W, D, tol, max_steps):
    """Run all starts. Returns W, D, loss, t, ending and the last losses."""
    from wnlib.sensing import _loop  # numba takes most of a second to import: not before the first run

    code = {GD: _loop.GD, WN: _loop.WN, RPGD: _loop.RPGD}[kind]
    factor, D = W.transpose(0, 2, 1).copy(order="C"), D.copy()
    ending, t = np.zeros((2, len(W)), dtype=np.int64)
    loss, recent = np.empty(len(W)), np.full((len(W), RECENT), np.nan)
    work = 2 * len(W) * (problem._rows.size + W[0].size * problem.d)
    stop = (tol, max_steps, 1 + PAUSE // work)
    threads = min(PROCESSORS, len(W)) if work > WORK_OF_THREADS else 1

    def share(k):
        part = slice(k * len(W) // threads, (k + 1) * len(W) // threads)
        begun, ends = ([array[part] for array in arrays] for arrays in ((factor, D, *rules), (ending, t, loss, recent)))
        _loop.recovery_steps(code, problem._rows, problem.y, *begun, *stop, *ends)

    with ThreadPoolExecutor(threads) as pool:
        run = map if threads == 1 else pool.map
        while not ending.all():
            list(run(share, range(threads)))
    return factor.transpose(0, 2, 1), D, loss, t, ending, recent
