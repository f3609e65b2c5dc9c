"""Run a method from one start or many until the loss is small, and say how each run ended."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from wnlib import engine
from wnlib._checks import MOST_STEPS, instance, integer, real_array, real_number
from wnlib.methods import GD, RPGD, WN, Optimal, TwoStage
from wnlib.problems import LeastSquares

# To start a thread takes as long as a few short runs.
STARTS_A_THREAD = 50
LARGEST_SIZE = 1e150
KINDS = {GD: engine.GD, WN: engine.WN, RPGD: engine.RPGD}


@dataclass(frozen=True, eq=False)
class Path:
    """What one run passed through, every `record_every` steps and at its end; K records in all.

    Attributes
    ----------
    t : ndarray of int, shape (K,)
    g, loss : ndarray, shape (K,)
    w, x : ndarray, shape (K, d)
    perp_norm : ndarray, shape (K,)
        ‖x⊥‖, the part of the weights in the kernel of A.
    w_perp_norm : ndarray, shape (K,)
        ‖w⊥‖/‖w‖, the same for the direction.
    """

    t: np.ndarray
    g: np.ndarray
    loss: np.ndarray
    w: np.ndarray
    w_perp_norm: np.ndarray

    @property
    def x(self):
        return (self.g / np.linalg.norm(self.w, axis=1))[:, None] * self.w

    @property
    def perp_norm(self):
        return np.abs(self.g) * self.w_perp_norm


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
    steps : ndarray of int, shape (B,)
        Steps taken.
    converged : ndarray of bool, shape (B,)
        Whether the loss reached `tol`.
    message : tuple of str, length B
        One sentence for each start on how it ended; one str for a single start.
    path : tuple of Path, length B, or None
        The recorded paths if `record_every` was positive; one Path for a single start.
    """

    x: np.ndarray = field(repr=False)
    g: np.ndarray
    w: np.ndarray = field(repr=False)
    loss: np.ndarray
    steps: np.ndarray
    converged: np.ndarray
    message: tuple[str, ...] | str
    path: tuple[Path, ...] | Path | None = field(repr=False)


def solve(problem, method, g0, w0, *, tol=1e-5, max_steps=100_000, record_every=0):
    """Run `method` from x0 = g0 w0/‖w0‖ until ½‖Ax − y‖² ≤ tol, tested before each step.

    GD and rPGD start from w0/‖w0‖; WN keeps the length of w0, which acts on its step size. A run that
    diverges, meets g = 0 under the rule `Optimal`, loses its direction or reaches `max_steps` says so in
    `Run.message`; the other starts go on.

    Parameters
    ----------
    problem : LeastSquares
    method : GD, WN or RPGD
    g0 : float or array_like, shape (B,)
        Starting scales, of either sign.
    w0 : array_like, shape (d,) or (B, d)
        Starting directions, not zero; one serves all starts.
    tol : float
        Bound on the loss ½‖Ax − y‖², positive.
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
        If an argument has the wrong kind, shape or range.

    Notes
    -----
    The loop is compiled and runs in m + 1 coordinates (see `wnlib.engine`), so a step costs O(m), whatever
    d is. `method.step` is the same step, written to be read.

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
    if not isinstance(method, GD | WN | RPGD):
        raise TypeError(f"method must be a GD, a WN or an RPGD; got {method!r}.")
    tol = real_number("tol", tol, above=0)
    max_steps = integer("max_steps", max_steps, at_least=0, at_most=MOST_STEPS)
    every = integer("record_every", record_every, at_least=0, at_most=MOST_STEPS)
    g0, w0, single = _starts(problem, g0, w0)
    s, b, z0, n = engine.reduce(problem, w0)
    n = np.broadcast_to(n, (g0.size, problem.d))
    z0 = np.repeat(z0, g0.size // len(z0), axis=0)
    if not isinstance(method, WN):
        z0 /= np.linalg.norm(z0, axis=1, keepdims=True)
    s, b, z0, basis = engine.fold(s, b, z0)
    stop = (tol, max_steps)

    status, steps, g, z, loss = _run(method, s, b, z0, g0, stop)
    w = engine.expand(problem, engine.unfold(z, basis), n)
    paths = None
    if every:
        records = (_record(method, s, b, z0[i], g0[i], stop, steps[i], every) for i in range(g0.size))
        bases = [None] * g.size if basis is None else basis
        paths = tuple(_path(problem, n[i], bases[i], *record) for i, record in enumerate(records))
    plain = (array.tolist() for array in (status, steps, loss))  # Python's own numbers format in half the time
    sentences = tuple(_sentence(method, problem, tol, *end) for end in zip(*plain, strict=True))
    x = (g / np.linalg.norm(w, axis=1))[:, None] * w
    ends = (x, g, w, loss, steps, status == engine.CONVERGED, sentences, paths)
    return Run(*(map(_only, ends) if single else ends))


def _only(end):
    """The one start's entry of a field of `Run`, numbers as Python's own."""
    if end is None:
        return None
    return end[0].item() if isinstance(end, np.ndarray) and end.ndim == 1 else end[0]


def _starts(problem, g0, w0):
    """Scales of shape (B,), directions of shape (1, d) or (B, d), and whether it was a single start."""
    g0 = real_array("g0", g0, (), ("B",))
    w0 = real_array("w0", w0, (problem.d,), ("B", problem.d))
    single = g0.ndim == 0 and w0.ndim == 1
    g0, w0 = np.atleast_1d(g0), np.atleast_2d(w0)
    if 1 not in (g0.size, len(w0)) and g0.size != len(w0):
        raise ValueError(f"g0 and w0 must hold equally many starts, or one of them one; got {g0.size} and {len(w0)}.")
    zero = np.flatnonzero(~w0.any(axis=1))
    if zero.size:
        raise ValueError(f"w0 must not be zero, it has no direction; row {zero[0]} of {len(w0)} is.")
    with np.errstate(over="ignore"):
        size = np.linalg.norm(w0, axis=1)
    odd = np.flatnonzero((size < 1 / LARGEST_SIZE) | (size > LARGEST_SIZE))
    if odd.size:
        raise ValueError(
            f"w0 must have a length from {1 / LARGEST_SIZE:.0e} to {LARGEST_SIZE:.0e}, so that its square is a float; "
            f"row {odd[0]} of {len(w0)} has {size[odd[0]]:.3g}. Multiply w0 by a number."
        )
    return np.repeat(g0, max(g0.size, len(w0)) // g0.size), w0, single


def _rates(method):
    """The rows (first, second, switch, optimal) that `engine.run` takes for eta and gamma."""

    def row(rule):
        if isinstance(rule, TwoStage):
            return np.array([rule.first, rule.second, rule.switch, 0.0])
        if isinstance(rule, Optimal):
            return np.array([1.0, 1.0, 0.0, 1.0])
        return np.array([rule, rule, 0.0, 0.0])

    return KINDS[type(method)], row(method.eta), row(getattr(method, "gamma", 0.0))


def _run(method, s, b, z0, g0, stop):
    """Run all starts, the cores sharing them: status, steps, g, z and loss, with a leading axis B."""
    from wnlib import loops  # numba takes most of a second to import: not before the first run

    kind, eta, gamma = _rates(method)
    z, g = (g0[:, None] * z0, np.ones_like(g0)) if kind == engine.GD else (z0.copy(), g0.copy())
    status, steps = np.empty((2, g.size), dtype=np.int64)
    loss = np.empty_like(g)
    threads = min(os.cpu_count() or 1, 1 + g.size // STARTS_A_THREAD)

    def share(first):
        loops.run_many(kind, s, b, z, g, eta, gamma, *stop, first, threads, status, steps, loss)

    if threads == 1:
        share(0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(share, range(threads)))
    if kind == engine.GD:
        g, z = _polar(z, g0, z0)
    return status, steps, g, z, loss


def _record(method, s, b, z0, g0, stop, steps, every):
    """Run one start again and keep t, g, loss and z every `every` steps and at the end."""
    from wnlib import loops

    kind, eta, gamma = _rates(method)
    z, g = (g0 * z0, 1.0) if kind == engine.GD else (z0.copy(), g0)
    rows = steps // every + 1 + (steps % every > 0)
    record = np.empty((rows, 3 + z0.size))
    loops.run(kind, s, b, z, g, eta, gamma, *stop, every, record)
    t, g, loss, z = record[:, 0].astype(int), record[:, 1], record[:, 2], record[:, 3:]
    if kind == engine.GD:
        g, z = _polar(z, g0, z0)
    return t, g, loss, z


def _polar(x, g0, z0):
    """GD's weights as scale and direction: the scale has the sign of g0; at x = 0 the direction is z0."""
    g = np.copysign(np.linalg.norm(x, axis=1), g0)
    return g, np.divide(x, g[:, None], out=np.broadcast_to(z0, x.shape).copy(), where=g[:, None] != 0)


def _path(problem, n, basis, t, g, loss, z):
    return Path(
        t, g, loss, engine.expand(problem, engine.unfold(z, basis), n), np.abs(z[:, -1]) / np.linalg.norm(z, axis=1)
    )


def _sentence(method, problem, tol, status, steps, loss):
    if status == engine.CONVERGED:
        return f"Converged after {steps} steps: loss {loss:.3g} is at most tol = {tol:.3g}."
    if status == engine.MAX_STEPS:
        return (
            f"Stopped at max_steps = {steps} with loss {loss:.3g}, above tol = {tol:.3g}. "
            "Raise max_steps or the step sizes; if the loss does not fall any more, change the start."
        )
    if status == engine.DIVERGED and steps == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to square. Take a smaller g0, or scale y down."
    if status == engine.DIVERGED:
        limit = f"; GD needs eta < 2/λmax = {2 / problem.lam_max:.3g}" if isinstance(method, GD) else ""
        return f"Diverged: at step {steps} the loss is {loss:.3g}. Lower the step sizes{limit}."
    if status == engine.ZERO_SCALE:
        return (
            f"Stopped at step {steps}: the scale g is 0, where the step 1/(g² λmax) of Optimal does not exist. "
            "Start from g0 ≠ 0, or give eta a number."
        )
    return (
        f"Stopped at step {steps}: the gradient step leads to w = 0, which has no direction to project to. "
        "Change eta or the start a little."
    )
