"""Run a method from one start or many until the loss is small, and say how each run ended."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib import _endings, reduction
from wnlib._browser import PROCESSORS
from wnlib._checks import MOST_STEPS, direction, instance, integer, real_array, real_number
from wnlib._endings import LOSS_LIMIT, RECENT, Ending, Sentences
from wnlib.methods import GD, RPGD, WN, Method, Optimal, Piecewise, TimesNorm
from wnlib.problems import LeastSquares

# To start a thread takes as long as a few short runs.
STARTS_A_THREAD = 50
# Starts that run side by side where a start has three coordinates.
LANES = 32
NO_RECORD = np.empty((0, 0))
# Updates of a coordinate between two looks at whether somebody wants to stop: a part of a second.
PAUSE = 10**7
# Bytes of a path: half of the memory of a small machine in the cloud.
LARGEST_PATH = 10**9


@dataclass(frozen=True, eq=False)
class Path:
    """What one run passed through, every `record_every` steps and at its end; K records in all.

    Attributes
    ----------
    t : ndarray of int, shape (K,)
        Steps taken.
    g, loss : ndarray, shape (K,)
    w, x : ndarray, shape (K, d)
    kernel_norm : ndarray, shape (K,)
        ‖x⊥‖, the part of the weights in the kernel of A.
    kernel_share : ndarray, shape (K,)
        ‖w⊥‖/‖w‖, the same for the direction.
    """

    t: NDArray
    g: NDArray
    loss: NDArray
    w: NDArray
    kernel_share: NDArray

    @property
    def x(self) -> NDArray:
        with np.errstate(all="ignore"):
            return (self.g / np.linalg.norm(self.w, axis=1))[:, None] * self.w

    @property
    def kernel_norm(self) -> NDArray:
        return np.abs(self.g) * self.kernel_share


@dataclass(frozen=True, eq=False)
class Run:
    """How runs ended. For one start (g0 a number, w0 of shape (d,)) there is no leading axis B.

    Attributes
    ----------
    x : ndarray, shape (B, d)
        The last weights, x = g w/‖w‖.
    g : ndarray, shape (B,)
    w : ndarray, shape (B, d)
        The last scale and direction.
    loss : ndarray, shape (B,)
        ½‖Ax − y‖² at the end.
    t : ndarray of int, shape (B,)
        Steps taken.
    converged : ndarray of bool, shape (B,)
        Whether the run reached what was asked for: the loss `tol` or, without it, the last of `max_steps` steps.
    message : sequence of str, length B
        One sentence for each start on how it ended; one str for a single start.
    path : tuple of Path, length B
        The recorded paths, if `record_every` was positive; one Path for a single start.
    """

    x: NDArray = field(repr=False)
    g: NDArray
    w: NDArray = field(repr=False)
    loss: NDArray
    t: NDArray
    converged: NDArray
    _sentences: Sentences = field(repr=False)
    _paths: tuple[Path, ...] | None = field(repr=False)

    @property
    def message(self) -> Sentences | str:
        return self._sentences if np.ndim(self.t) else self._sentences[0]

    @property
    def path(self) -> Any:
        if self._paths is None:
            raise ValueError("No path was recorded: run solve with record_every=1, or a larger number.")
        return self._paths if np.ndim(self.t) else self._paths[0]


@dataclass
class _Ends:
    """The ends of B runs, their paths where these were asked for, and the last states of a method's own steps."""

    ending: NDArray
    t: NDArray
    g: NDArray
    w: NDArray
    loss: NDArray
    paths: tuple[Path, ...] | None
    recent: list | None = None


def solve(
    problem: LeastSquares,
    method: Method,
    g0: ArrayLike,
    w0: ArrayLike,
    *,
    tol: float | None = 1e-5,
    max_steps: int = 100_000,
    record_every: int = 0,
) -> Run:
    """Run `method` from x0 = g0 w0/‖w0‖ until ½‖Ax − y‖² ≤ tol, tested before each step.

    GD and rPGD start from w0/‖w0‖; WN keeps the length of w0, which acts on its step size. A run that
    diverges, meets g = 0 under the rule `Optimal`, loses its direction or reaches `max_steps` says so in
    `Run.message`; the other starts go on.

    Parameters
    ----------
    problem : LeastSquares
    method : GD, WN, RPGD, or any object with such a step
        See `wnlib.methods.Method`. Its ``step(problem, g, w, t)`` gets w0 as it is given, and t = 0, 1, … anew for
        each start, one start after the other: a method with a memory of its own clears it at t = 0.
    g0 : float or array_like, shape (B,)
        Starting scales, of either sign.
    w0 : array_like, shape (d,) or (B, d)
        Starting directions, not zero; one serves all starts.
    tol : float or None
        Bound on the loss ½‖Ax − y‖², positive. None asks for exactly `max_steps` steps.
    max_steps : int
        Bound on the steps of each start, at least 0.
    record_every : int
        Record the path every that many steps; 0 for no path.

    Returns
    -------
    Run

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range, a step of the method returns anything but a scale and a
        direction, or a path would not fit into memory.

    Notes
    -----
    The loop of GD, WN and RPGD is compiled and runs in m + 1 coordinates (see `wnlib.reduction`), so a step costs
    O(m), whatever d is. Their `step` is the same step, written to be read. An interrupt ends a run within a second.

    Examples
    --------
    Gradient descent keeps the part of its start in the kernel of A; weight normalization shrinks it.

    >>> from wnlib import GD, WN, LeastSquares, solve
    >>> problem = LeastSquares([[1, 0]], [2])
    >>> solve(problem, GD(eta=0.01), 1.0, [0.6, 0.8], tol=1e-12).x.round(4)
    array([2. , 0.8])
    >>> run = solve(problem, WN(eta=0.01, gamma=0.01), 1.0, [0.6, 0.8], tol=1e-12)
    >>> run.x.round(2), run.converged
    (array([2.  , 0.34]), True)
    """
    instance("problem", problem, LeastSquares)
    if isinstance(method, type) or not callable(getattr(method, "step", None)):
        raise TypeError(
            "method must be a GD, a WN or an RPGD, such as GD(eta=0.1), or an object with a method "
            f"step(problem, g, w, t) that returns (g, w); got {method!r}."
        )
    tol = None if tol is None else real_number("tol", tol, above=0)
    max_steps = integer("max_steps", max_steps, at_least=0, at_most=MOST_STEPS)
    every = integer("record_every", record_every, at_least=0, at_most=MOST_STEPS)
    g0, w0, single = _starts(problem, g0, w0)
    # No loss is below zero: without tol a run takes all its steps.
    runner = _compiled if type(method) in (GD, WN, RPGD) and _loops() else _stepped
    ends = runner(problem, method, g0, w0, -1.0 if tol is None else tol, max_steps, every)
    converged = ends.ending == (Ending.MAX_STEPS if tol is None else Ending.CONVERGED)
    with np.errstate(all="ignore"):  # a run that leaves the numbers says so in a sentence
        x = (ends.g / np.linalg.norm(ends.w, axis=1))[:, None] * ends.w
    sentences = Sentences(partial(_sentence, problem, method, tol, max_steps, g0, w0, ends), g0.size)
    fields = [x, ends.g, ends.w, ends.loss, ends.t, converged]
    if single:
        fields = [field[0].item() if field.ndim == 1 else field[0] for field in fields]
    x, g, w, loss, t, converged = fields
    return Run(x, g, w, loss, t, converged, sentences, ends.paths)


def _loops():
    """The compiled loops; None where nothing compiles."""
    from wnlib import _compiled, loops  # numba takes most of a second to import: not before the first run

    return loops if _compiled.AVAILABLE else None


def _sentence(problem, method, tol, max_steps, g0, w0, ends, i):
    """How start i ended."""
    asked = (problem, method, float(g0[i]), w0[min(i, len(w0) - 1)], tol, max_steps)
    end = (Ending(int(ends.ending[i])), int(ends.t[i]), float(ends.g[i]), ends.w[i], float(ends.loss[i]))
    recent = ends.recent[i] if ends.recent else None
    return _endings.run_sentence(_endings.Stopped(*asked, *end, recent, solve))


def _starts(problem, g0, w0):
    """Scales of shape (B,), directions of shape (1, d) or (B, d), and whether it was a single start."""
    g0 = real_array("g0", g0, (), ("B",))
    w0, _ = direction("w0", w0, (problem.d,), ("B", problem.d))
    single = g0.ndim == 0 and w0.ndim == 1
    g0, w0 = np.atleast_1d(g0), np.atleast_2d(w0)
    if 1 not in (g0.size, len(w0)) and g0.size != len(w0):
        raise ValueError(f"g0 and w0 must hold equally many starts, or one of them one; got {g0.size} and {len(w0)}.")
    return np.repeat(g0, max(g0.size, len(w0)) // g0.size), w0, single


def _compiled(problem, method, g0, w0, tol, max_steps, every):
    """The ends of all starts by the compiled loops, in reduced coordinates."""
    s, b, z0, n = reduction.reduce(problem, w0)
    if not isinstance(method, WN):
        z0 /= np.linalg.norm(z0, axis=1, keepdims=True)
    s, b, z0, basis = reduction.fold(s, b, z0)
    z0 = np.repeat(z0, g0.size // len(z0), axis=0)
    loop = _Loop(method, s, b, tol, max_steps)
    ending, t, g, z, loss = loop.ends(z0, g0)
    with np.errstate(all="ignore"):  # what has left the numbers stays there
        w = reduction.expand(problem, reduction.unfold(z, basis), n)
    paths = None
    if every:
        _check_memory(t, every, problem.d)
        n = np.broadcast_to(n, w.shape)
        bases = [None] * g.size if basis is None else np.broadcast_to(basis, (g.size, *basis.shape[1:]))
        records = (loop.record(z0[i], g0[i], t[i], every) for i in range(g0.size))
        paths = tuple(_path(problem, n[i], bases[i], *record) for i, record in enumerate(records))
    return _Ends(ending, t, g, w, loss, paths)


@dataclass
class _Loop:
    """The compiled loop of one method on one reduced problem."""

    method: GD | WN | RPGD
    s: NDArray
    b: NDArray
    tol: float
    max_steps: int

    def ends(self, z0, g0, every=0, record=NO_RECORD):
        """Run all starts, the cores sharing them: ending, t, g, z and loss, with a leading axis B."""
        loops = _loops()
        kind = {GD: loops.GD, WN: loops.WN, RPGD: loops.RPGD}[type(self.method)]
        rules = rule_numbers(self.method.eta), rule_numbers(getattr(self.method, "gamma", 0.0))
        z, g = (g0[:, None] * z0, np.ones_like(g0)) if kind == loops.GD else (z0.copy(), g0.copy())
        ending, t = np.zeros((2, g.size), dtype=np.int64)
        loss, lanes, s, b = np.empty_like(g), 1, self.s, self.b
        if s.size == 3 and g.size > 1:
            lanes, s, b = LANES, tuple(s), tuple(b)
        threads = 1 + g.size // STARTS_A_THREAD
        if threads > 1:
            threads = min(PROCESSORS, threads)
        stop = (self.tol, self.max_steps, 1 + PAUSE * threads // z.size)

        def share(first):
            side = np.empty((lanes, len(s)), order="F")
            loops.run(kind, s, b, z, g, *rules, *stop, first, threads, side, ending, t, loss, every, record)

        if threads == 1:
            while not ending.all():
                share(0)
        else:
            with ThreadPoolExecutor(threads) as pool:
                while not ending.all():
                    list(pool.map(share, range(threads)))
        return ending, t, *self.polar(g, z, g0, z0), loss

    def record(self, z0, g0, steps, every):
        """Run one start again and keep t, g, loss and z every `every` steps and at the end."""
        record = np.empty((steps // every + 1, 2 + z0.size))
        _, t, g, z, loss = self.ends(z0[None], np.array([g0]), every, record)
        record = record[: -(-steps // every)]
        record_g, record_z = self.polar(record[:, 0], record[:, 2:], g0, z0)
        t = np.append(every * np.arange(len(record)), t)
        return t, np.append(record_g, g), np.append(record[:, 1], loss), np.vstack([record_z, z])

    def polar(self, g, z, g0, z0):
        """Scales and directions of what the loop keeps."""
        if isinstance(self.method, GD):  # the scale has the sign of g0; at x = 0 the direction is z0
            g = np.copysign(np.linalg.norm(z, axis=1), g0)
            z = np.divide(z, g[:, None], out=np.broadcast_to(z0, z.shape).copy(), where=g[:, None] != 0)
        if isinstance(self.method, RPGD):
            with np.errstate(all="ignore"):  # what has left the numbers stays there
                z = z / np.linalg.norm(z, axis=1, keepdims=True)
        return g, z


def rule_numbers(rule):
    """A rule as the loops take it: (optimal, power, 0, value, switch, value, …)."""
    if isinstance(rule, Piecewise):
        pieces = zip((0, *rule.switches), rule.values, strict=True)
        return np.array([0.0, 0.0, *(float(number) for piece in pieces for number in piece)])
    if isinstance(rule, Optimal):
        return np.array([1.0, rule.power, 0.0, 1.0])
    if isinstance(rule, TimesNorm):
        return np.array([0.0, rule.power, *rule_numbers(rule.value)[2:]])
    return np.array([0.0, 0.0, 0.0, rule])


def _path(problem, n, basis, t, g, loss, z):
    with np.errstate(all="ignore"):  # a path may lead out of the numbers
        share = np.abs(z[:, -1]) / np.linalg.norm(z, axis=1)
        return Path(t, g, loss, reduction.expand(problem, reduction.unfold(z, basis), n), share)


def _check_memory(t, every, d):
    """Refuse paths that would not fit into memory, before they are recorded."""
    records = int(np.sum(t // every + 2))
    size = 8 * records * (d + 4)
    if size > LARGEST_PATH:
        raise ValueError(
            f"The path has {records} records, {size / 1e9:.1f} GB in all, above {LARGEST_PATH / 1e9:.0f} GB; "
            f"take record_every of at least {every * -(-size // LARGEST_PATH)}."
        )


def _stepped(problem, method, g0, w0, tol, max_steps, every):
    """The ends of all starts by the method's own step."""
    if isinstance(method, GD | RPGD):
        w0 = w0 / np.linalg.norm(w0, axis=1, keepdims=True)
    rows = np.broadcast_to(w0, (g0.size, problem.d))
    runs = [_step_by_step(problem, method, g, w, tol, max_steps, every) for g, w in zip(g0.tolist(), rows, strict=True)]
    ending, t, g, w, loss = (np.array(column) for column in zip(*(end for end, *_ in runs), strict=True))
    paths = tuple(_own_path(problem, record) for _, record, _ in runs) if every else None
    return _Ends(ending, t, g, w, loss, paths, [recent for *_, recent in runs])


def _step_by_step(problem, method, g, w, tol, max_steps, every):
    """One run by the method's own step: its end, the records (t, g, loss, w), and its last states (g, w, loss)."""
    record, recent = [], deque(maxlen=RECENT)
    for t in count():
        with np.errstate(all="ignore"):  # numbers too large end in a sentence
            loss = float(problem.loss(g / np.linalg.norm(w) * w)) if w.any() else np.inf
        ending = _ending(w, loss, tol, t == max_steps)
        if every and (ending or t % every == 0):
            record.append((t, g, loss, w))
            if t % (1000 * every) == 0:
                _check_memory(np.array([t]), every, problem.d)
        recent.append((g, w, loss))
        if ending:
            return (ending, t, g, w, loss), record, list(recent) if ending == Ending.MAX_STEPS else None
        g, w = _take_step(problem, method, g, w, t)


def _ending(w, loss, tol, last):
    if loss <= tol:
        return Ending.CONVERGED
    if not w.any():
        return Ending.ZERO_DIRECTION
    if np.isnan(loss):
        return Ending.NOT_A_NUMBER
    if not loss < LOSS_LIMIT:
        return Ending.DIVERGED
    return Ending.MAX_STEPS if last else Ending.RUNNING


def _take_step(problem, method, g, w, t):
    """The state that a method's step leads to, if it is one; what else it returns gets a sentence."""
    name = f"{type(method).__name__}.step"
    try:
        with np.errstate(all="ignore"):
            answer = method.step(problem, g, w.copy(), t)
    except Exception as error:
        error.add_note(f"This happened in {name}(problem, g, w, t) at t = {t}.")
        raise
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise TypeError(f"{name} must return (g, w), a scale and a direction; at t = {t} it returned {answer!r:.80}.")
    g, w = (np.array(value) for value in answer)
    if g.dtype.kind not in "fiu" or g.shape != ():
        raise TypeError(f"{name} must return a real number as g; at t = {t} it returned {answer[0]!r:.80}.")
    if w.dtype.kind not in "fiu" or w.shape != (problem.d,):
        raise TypeError(
            f"{name} must return real numbers of shape ({problem.d},) as w; at t = {t} it returned shape {w.shape}, "
            f"dtype {w.dtype}."
        )
    return float(g), w.astype(float)


def _own_path(problem, record):
    t, g, loss, w = map(np.array, zip(*record, strict=True))
    with np.errstate(all="ignore"):
        share = np.linalg.norm(problem.perp(w), axis=1) / np.linalg.norm(w, axis=1)
    return Path(t, g, loss, w, share)
