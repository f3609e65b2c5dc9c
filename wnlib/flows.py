"""The WN flow: what WN and rPGD become as their step sizes go to 0 (Condition 2.1, Lemma 2.2), for any loss too."""

import contextlib
import itertools
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib import reduction
from wnlib._checks import LARGEST, direction, increasing_times, instance, real_array, real_number, squarable
from wnlib._endings import Sentences, flow_sentence, stuck_sentence
from wnlib.problems import LeastSquares

# So many gradients no flow needs whose steps do not shrink without an end: some seconds of the cheapest.
MOST_GRADIENTS = 300_000


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A path of the WN flow of a loss at K times, and how its integration ended.

    Attributes
    ----------
    t : ndarray, shape (K,)
        The times asked for.
    g : ndarray, shape (K,)
        Scale.
    w, x : ndarray, shape (K, d)
        Direction, of the length of w0, and weights x = g w/‖w‖.
    loss : ndarray, shape (K,)
        L(x), if `flow_of` was given L.
    converged : bool
        Whether the integration reached the last time.
    message : str
        One sentence on how it ended.
    """

    t: NDArray
    g: NDArray
    w: NDArray = field(repr=False)
    converged: bool
    message: str
    _loss: Callable | None = field(repr=False)

    @property
    def x(self) -> NDArray:
        return (self.g / np.linalg.norm(self.w, axis=1))[:, None] * self.w

    @property
    def loss(self) -> NDArray:
        if self._loss is None:
            raise ValueError("flow_of knows the gradient only: give it loss=…, a function of x, to have the loss too.")
        return np.array([real_number("what loss returns", self._loss(x)) for x in self.x])


@dataclass(frozen=True, eq=False)
class Flow:
    """A path of the WN flow of least squares at K times, and how its integration ended.

    Attributes
    ----------
    t : ndarray, shape (K,)
        The times asked for, or else those that the integrator chose: dense where the path bends. The last is the
        one at which the loss was `tol`, if that was asked for and reached.
    g, loss : ndarray, shape (K,)
        Scale, and ½‖Ax − y‖².
    w, x : ndarray, shape (K, d)
        Direction, of the length of w0, and weights x = g w/‖w‖. Made when first asked for.
    kernel_share : ndarray, shape (K,)
        ‖w⊥‖/‖w‖, the part of the direction in the kernel of A.
    kernel_norm : ndarray, shape (K,)
        ‖x⊥‖, the same for the weights.
    converged : bool
        Whether the integration reached what was asked for: the loss `tol`, or without it the time `t_max`.
    message : str
        One sentence on how it ended.
    """

    t: NDArray
    g: NDArray
    loss: NDArray
    kernel_share: NDArray
    converged: bool
    _sentences: Sentences = field(repr=False)
    _problem: LeastSquares = field(repr=False)
    _z: NDArray = field(repr=False)
    _n: NDArray = field(repr=False)

    @property
    def message(self) -> str:
        return self._sentences[0]

    @cached_property
    def w(self) -> NDArray:
        return reduction.expand(self._problem, self._z, self._n)

    @property
    def x(self) -> NDArray:
        return (self.g / np.linalg.norm(self._z, axis=1))[:, None] * self.w

    @property
    def kernel_norm(self) -> NDArray:
        return np.abs(self.g) * self.kernel_share


def flow(
    problem: LeastSquares,
    g0: float,
    w0: ArrayLike,
    *,
    c: float = 1.0,
    t_max: float,
    times: ArrayLike | None = None,
    tol: float | None = None,
    rtol: float = 1e-11,
    atol: float = 1e-12,
) -> Flow:
    """Integrate the WN flow (4) from (g0, w0) to the time `t_max`, or until the loss is `tol`.

    With u = w/‖w‖, x = g u and G = ∇L(x) = Aᵀ(Ax − y) the flow is

        g' = −c uᵀG,    w' = −(g/‖w‖) (I − uuᵀ) G.

    ‖w‖ stays what it is at the start. The paper has ‖w0‖ = 1; another length is the same flow with c‖w0‖²
    in place of c and the time t/‖w0‖² in place of t. With c = 0 the scale g is frozen.

    Parameters
    ----------
    problem : LeastSquares
    g0 : float
        Starting scale, of either sign.
    w0 : array_like, shape (d,)
        Starting direction, not zero.
    c : float
        Ratio of the speed of g to that of w, at least 0.
    t_max : float
        Last time, positive. Near its limit the flow costs little, so it may be large.
    times : array_like, shape (K,), optional
        Where to record the path: increasing, in [0, t_max].
    tol : float, optional
        Stop where the loss ½‖Ax − y‖² falls to this, positive; that point is the last one recorded. Below about
        λmax atol² the time is noise. Without it the flow goes on to `t_max`.
    rtol, atol : float
        Relative (at least 1e-12) and absolute tolerance of each step, for ‖w‖ = 1.

    Returns
    -------
    Flow

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.

    Notes
    -----
    The state is g, Vᵀw and log(‖w⊥‖/‖w0⊥‖), m + 2 numbers (see `wnlib.reduction`), so a step costs the same for
    every d. The logarithm keeps a part w⊥ that shrinks to e⁻⁴⁰⁰ to as many digits as one that does not. A step
    extrapolates linearly implicit Euler steps (Hairer and Wanner, Solving Ordinary Differential Equations II,
    section IV.9), so c and the spectrum of A may make the flow as stiff as they like. In these coordinates the
    Jacobian is a diagonal matrix and two scalars: an implicit step takes O(m), no more than an explicit one.

    Examples
    --------
    >>> from wnlib import LeastSquares, flow
    >>> end = flow(LeastSquares([[1, 0]], [1]), 0.5, [0, 1], t_max=1000, tol=1e-20)
    >>> end.x[-1].round(6)
    array([1.      , 0.662046])
    """
    instance("problem", problem, LeastSquares)
    g0, c = real_number("g0", g0), real_number("c", c, at_least=0)
    w0, w0_norm = direction("w0", w0, (problem.d,))
    t_max = real_number("t_max", t_max, above=0)
    times = None if times is None else increasing_times("times", times, t_max)
    tol = None if tol is None else real_number("tol", tol, above=0)
    accuracy = (real_number("rtol", rtol, at_least=1e-12), real_number("atol", atol, above=0))
    s, b, z0, n = reduction.reduce(problem, w0[None] / w0_norm)
    from wnlib.integrator import System, integrate  # numba takes most of a second to import: not before the first flow

    with np.errstate(all="ignore"):  # numbers too large end in a sentence
        system = System(s[:-1], b[:-1], np.log(z0[0, -1]), c * w0_norm**2, w0_norm**2)
        start = np.array([g0, *z0[0, :-1], 0.0])
        t, states, met_tol = integrate(system, start, t_max, times, -1.0 if tol is None else tol, accuracy)
        loss, share = system.loss(states), system.perp(states)
    z = w0_norm * np.column_stack([states[:, 1:-1], share])
    converged = not isinstance(met_tol, Exception) and (bool(met_tol) or tol is None)
    asked = {"g0": g0, "w0": w0, "c": c, "t_max": t_max, "tol": tol, "rtol": rtol, "atol": atol}
    sentences = Sentences(lambda _: _sentence(problem, asked, (t, states, loss, met_tol)), 1)
    return Flow(t, states[:, 0], loss, share, converged, sentences, problem, z, n)


def _sentence(problem, asked, path):
    """How a flow ended, from what was asked for and its path (t, states, loss, met_tol)."""
    if isinstance(path[-1], Exception):
        return stuck_sentence(path[-1])
    return flow_sentence(problem, asked, path, lambda **changes: flow(problem, **asked | changes))


def flow_of(
    gradient: Callable,
    g0: float,
    w0: ArrayLike,
    *,
    c: float = 1.0,
    times: ArrayLike,
    loss: Callable | None = None,
    rtol: float = 1e-11,
    atol: float = 1e-13,
) -> Trajectory:
    """Integrate the WN flow of any differentiable loss L from (g0, w0), from its gradient alone (Appendix D).

    With u = w/‖w‖ and G = ∇L(g u) the flow is

        g' = −c uᵀG,    w' = −(g/‖w‖) (I − uuᵀ) G.

    If Q∇L = 0 everywhere, Q w e^{g²/(2c‖w0‖²)} is constant along it (Theorem D.2, with the c that is not printed).
    For least squares `wnlib.flow` is faster and exact in the kernel of A; here the loss may be any.

    Parameters
    ----------
    gradient : callable
        ∇L: takes x of shape (d,), and returns an array of that shape.
    g0 : float
        Starting scale, of either sign.
    w0 : array_like, shape (d,)
        Starting direction, of any length but zero.
    c : float
        Ratio of the speed of g to that of w, at least 0. With c = 0 the scale is frozen.
    times : array_like, shape (K,)
        Where to record the path: increasing, the first at least 0 and the last above 0. It starts at time 0.
    loss : callable, optional
        L, for `Trajectory.loss`: takes x of shape (d,), and returns a number.
    rtol, atol : float
        Relative (at least 1e-13) and absolute tolerance of each step.

    Returns
    -------
    Trajectory

    Raises
    ------
    TypeError, ValueError
        If an argument, or what `gradient` returns, has the wrong kind, shape or range.

    Examples
    --------
    >>> import numpy as np
    >>> from wnlib import flow_of
    >>> path = flow_of(lambda x: np.array([x[0] - 1, 0]), 0.5, [0, 1], times=[0, 100])
    >>> path.x[-1].round(6)
    array([1.      , 0.662046])
    """
    from scipy.integrate import solve_ivp  # takes a quarter of a second to import: not before the first flow

    for name, function in (("gradient", gradient), ("loss", loss)):
        if not callable(function) and (name == "gradient" or function is not None):
            raise TypeError(f"{name} must be a function of x; got {type(function).__name__}.")
    g0 = squarable("g0", real_number("g0", g0))
    c = real_number("c", c, at_least=0, at_most=LARGEST)
    w0, _ = direction("w0", w0, ("d",))
    times = increasing_times("times", times)
    rtol, atol = real_number("rtol", rtol, at_least=1e-13), real_number("atol", atol, above=0)
    state = np.append(g0, w0)
    why, t, states = f"it asked for more than {MOST_GRADIENTS:,} gradients.", np.zeros(1), state[None]
    # LSODA changes between a method for stiff flows and one for others: c and L may make it either.
    with warnings.catch_warnings(), contextlib.suppress(_TooManyError):
        warnings.filterwarnings("ignore", "lsoda", UserWarning)  # what went wrong is told below
        run = solve_ivp(_velocity(gradient, c), (0, times[-1]), state, "LSODA", times, rtol=rtol, atol=atol)
        why = "" if run.success else run.message
        if len(run.t):
            t, states = run.t, run.y.T
    message = f"Reached the last time, {times[-1]:.6g}."
    if why:
        message = (
            f"The integrator gave up before t = {times[-1]:.6g}: {why} Take earlier times, or raise rtol and atol."
        )
    return Trajectory(t, states[:, 0], states[:, 1:], not why, message, loss)


class _TooManyError(Exception):
    """More gradients than a flow may need."""


def _velocity(gradient, c):
    """(g', w') as `solve_ivp` takes them, from the gradient of the loss."""

    asked = itertools.count(1)

    def velocity(_, state):
        if next(asked) > MOST_GRADIENTS:
            raise _TooManyError
        g, w = state[0], state[1:]
        with np.errstate(all="ignore"):  # numbers too large end in a sentence
            size = np.sqrt(w @ w)
            u = w / size
            x = g * u
        G = real_array("what gradient returns", gradient(x), w.shape)
        with np.errstate(all="ignore"):
            slope = u @ G
            return np.concatenate(([-c * slope], -g / size * (G - slope * u)))

    return velocity
