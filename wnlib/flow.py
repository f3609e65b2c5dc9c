"""The WN flow: what WN and rPGD become as their step sizes go to 0 (Condition 2.1, Lemma 2.2)."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wnlib import engine
from wnlib._checks import instance, real_array, real_number
from wnlib.problems import LeastSquares

# Between two times that were asked for. The hardest flows, cond 1e4 and c = 0.01, take 2,000.
STEPS = 50_000
# How far a step may go where the path itself is asked for: g and θ move by that part of 1 + their size, z by it.
REACH = 0.02
# Halvings of a step that bring the time at which the loss is `tol` to the accuracy of a float.
BISECTIONS = 52
REMEDY = "Take smaller g0, c or w0, or raise rtol and atol. This path holds its start only."


class _Stuck(Exception):
    """Why an integration does not end."""


@dataclass(frozen=True, eq=False)
class Flow:
    """A path of the WN flow at K times, and how its integration ended.

    Attributes
    ----------
    t : ndarray, shape (K,)
        The times asked for, or else those that the integrator chose: dense where the path bends.
    g, loss : ndarray, shape (K,)
        Scale, and ½‖Ax − y‖².
    w, x : ndarray, shape (K, d)
        Direction, of the length of w0, and weights x = g w/‖w‖. Made when first asked for.
    w_perp_norm : ndarray, shape (K,)
        ‖w⊥‖/‖w‖, the part of the direction in the kernel of A.
    perp_norm : ndarray, shape (K,)
        ‖x⊥‖, the same for the weights.
    success : bool
        Whether the integration reached what was asked for: the loss `tol`, or without it the time `t_max`.
    message : str
        One sentence on how it ended.
    """

    t: np.ndarray
    g: np.ndarray
    loss: np.ndarray
    w_perp_norm: np.ndarray
    success: bool
    message: str
    _problem: LeastSquares = field(repr=False)
    _z: np.ndarray = field(repr=False)
    _n: np.ndarray = field(repr=False)

    @cached_property
    def w(self):
        return engine.expand(self._problem, self._z, self._n)

    @property
    def x(self):
        return (self.g / np.linalg.norm(self._z, axis=1))[:, None] * self.w

    @property
    def perp_norm(self):
        return np.abs(self.g) * self.w_perp_norm


def flow(problem, g0, w0, *, c=1.0, t_max, times=None, tol=None, rtol=1e-11, atol=1e-12):
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
        Stop where the loss ½‖Ax − y‖² falls to this, positive. Below about λmax atol² the time is noise.
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
    The state is g, Vᵀw and log(‖w⊥‖/‖w0⊥‖), m + 2 numbers (see `wnlib.engine`), so a step costs the same for
    every d. The logarithm keeps a part w⊥ that shrinks to e⁻⁴⁰⁰ to as many digits as one that does not. A step
    extrapolates linearly implicit Euler steps (Hairer and Wanner, Solving Ordinary Differential Equations II,
    section IV.9), so c and the spectrum of A may make the flow as stiff as they like. In these coordinates the
    Jacobian is a diagonal matrix and two scalars: an implicit step takes O(m), no more than an explicit one.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.flow import flow
    >>> end = flow(LeastSquares([[1, 0]], [1]), 0.5, [0, 1], t_max=1000, tol=1e-20)
    >>> end.x[-1].round(6)
    array([1.      , 0.662046])
    """
    instance("problem", problem, LeastSquares)
    g0, c = real_number("g0", g0), real_number("c", c, at_least=0)
    w0 = real_array("w0", w0, (problem.d,))
    t_max = real_number("t_max", t_max, above=0)
    times = None if times is None else _times(times, t_max)
    tol = 0.0 if tol is None else real_number("tol", tol, above=0)
    accuracy = (real_number("rtol", rtol, at_least=1e-12), real_number("atol", atol, above=0))
    with np.errstate(over="ignore"):
        w0_norm = np.linalg.norm(w0)
    if not 0 < w0_norm < np.inf:
        raise ValueError(f"w0 must have a direction and a length that a float holds; its length is {w0_norm}.")
    s, b, z0, n = engine.reduce(problem, w0[None] / w0_norm)
    with np.errstate(all="ignore"):  # numbers too large end in a sentence
        system = _System(s[:-1], b[:-1], np.log(z0[0, -1]), c * w0_norm**2, w0_norm**2)
        start = np.array([g0, *z0[0, :-1], 0.0])
        t, states, success, message = _integrate(system, start, t_max, times, tol, accuracy)
        loss, perp = system.loss(states), system.perp(states)
    z = w0_norm * np.column_stack([states[:, 1:-1], perp])
    return Flow(t, states[:, 0], loss, perp, success, message, problem, z, n)


@dataclass(frozen=True)
class _System:
    """The flow for ‖w‖ = 1 in the state (g, z, θ): z = Vᵀw, and ‖w⊥‖ = ‖w0⊥‖ e^θ. The unit of time is `unit`."""

    s: np.ndarray
    b: np.ndarray
    log_perp0: float
    c: float
    unit: float

    def perp(self, state):
        """‖w⊥‖ of one state or many, shape (..., m + 2)."""
        # Not perp0 · e^θ: where w0⊥ = 0 nothing holds θ back, and 0 · e^θ could be 0 · ∞.
        return np.exp(self.log_perp0 + state[..., -1])

    def loss(self, state):
        """½‖Ax − y‖² of one state or many."""
        return 0.5 * np.sum((state[..., :1] * self.s * state[..., 1:-1] - self.b) ** 2, axis=-1)

    def first_step(self, state):
        """A time in which little happens: a part of 1 / the fastest rate that the flow can have at the start."""
        size = self.s[0] * (abs(state[0]) + np.sqrt(self.c))
        rate = size * (size + np.linalg.norm(self.b))
        return 0.01 / rate * self.unit if rate else np.inf

    def step(self, state, h, reach, rtol, atol):
        """The state after the time h, and the error of the step as a multiple of what is allowed."""
        from wnlib.loops import flow_step

        return flow_step(self.s, self.b, self.log_perp0, self.c, state, h / self.unit, reach, rtol, atol)


def _integrate(system, start, t_max, times, tol, accuracy):
    """Times, states of shape (K, m + 2), success and message."""
    stops, reach = ([t_max], REACH) if times is None else (np.union1d(times, t_max), np.inf)
    record, met_tol = [(0.0, start)], False
    if system.loss(start) <= tol:
        return np.zeros(1), start[None], True, f"Started with loss {system.loss(start):.3g}, at most tol = {tol:.3g}."
    try:
        for t, state in _steps(system, start, stops, (reach, *accuracy)):
            met_tol = tol > 0 and system.loss(state) <= tol
            record.append(_crossing(system, *record[-1], t, tol, (reach, *accuracy)) if met_tol else (t, state))
            if met_tol:
                break
    except _Stuck as reason:
        return np.zeros(1), start[None], False, f"The integrator gave up: {reason}. {REMEDY}"
    t, states = map(np.array, zip(*record, strict=True))
    success, message = _ending(met_tol, t[-1], system.loss(states[-1]), t_max, tol)
    asked = slice(None) if times is None else np.isin(t, times)
    return t[asked], states[asked], success, message


def _steps(system, start, stops, accuracy):
    """Yield time and state after each step, and at each of the times `stops`."""
    t, state, h = 0.0, start, system.first_step(start)
    for stop in stops:
        tries = 0
        while t < stop:
            step, tries = min(h, stop - t), tries + 1
            if t + step == t:
                raise _Stuck(f"at t = {t:.6g} no step is short enough")
            if tries > STEPS:
                raise _Stuck(f"after {STEPS} steps it is still at t = {t:.6g}")
            end, error = system.step(state, step, *accuracy)
            factor = min(5.0, max(0.2, 0.8 * (error + 1e-16) ** (-1 / engine.ORDER)))
            if error > 1:
                h = factor * step
                continue
            # A step that a stop cut short says nothing against longer ones.
            h = max(h, factor * step) if step < h else factor * step
            t, state = stop if step == stop - t else t + step, end
            yield t, state


def _crossing(system, t, state, later, tol, accuracy):
    """The time between t and `later` at which the loss is `tol`, and the state there."""
    low, high = 0.0, later - t
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        end, _ = system.step(state, middle, *accuracy)
        low, high = (low, middle) if system.loss(end) <= tol else (middle, high)
    return t + high, system.step(state, high, *accuracy)[0]


def _ending(met_tol, t, loss, t_max, tol):
    if met_tol:
        return True, f"Reached loss {loss:.3g} at t = {t:.6g}."
    if not tol:
        return True, f"Reached t_max = {t_max:.6g} with loss {loss:.3g}."
    return False, (
        f"Stopped at t_max = {t_max:.6g} with loss {loss:.3g}, above tol = {tol:.3g}. "
        "Raise t_max; if the loss does not fall any more, change the start."
    )


def _times(times, t_max):
    times = real_array("times", times, ("K",))
    if times[0] < 0 or times[-1] > t_max or (np.diff(times) <= 0).any():
        raise ValueError(f"times must increase from 0 or later to t_max = {t_max:.6g} or earlier; got {times}.")
    return times
