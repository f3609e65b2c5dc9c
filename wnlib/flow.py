"""The WN flow: what WN and rPGD become as their step sizes go to 0 (Condition 2.1, Lemma 2.2)."""

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

import numpy as np

from wnlib import engine
from wnlib._checks import real_array, real_number
from wnlib.problems import LeastSquares

# Several times what the hardest flows take: cond 1e4 and c = 0.01 take 15,000.
EVALUATIONS = 50_000
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
        Relative (at least 1e-13) and absolute tolerance of each step, for ‖w‖ = 1.

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
    every d. The logarithm keeps a part w⊥ that shrinks to e⁻⁴⁰⁰ to as many digits as one that does not. LSODA
    turns to an implicit method with the exact Jacobian where c or the spectrum of A makes the flow stiff. At
    rtol = 1e-10 stiff flows take up to twice the steps of 1e-11, and are ten times less exact.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.flow import flow
    >>> end = flow(LeastSquares([[1, 0]], [1]), 0.5, [0, 1], t_max=1000, tol=1e-20)
    >>> end.x[-1].round(6)
    array([1.      , 0.662046])
    """
    if not isinstance(problem, LeastSquares):
        raise TypeError(f"problem must be a LeastSquares; got {type(problem).__name__}.")
    g0, c = real_number("g0", g0), real_number("c", c, at_least=0)
    w0 = real_array("w0", w0, (problem.d,))
    t_max = real_number("t_max", t_max, above=0)
    times = None if times is None else _times(times, t_max)
    tol = 0.0 if tol is None else real_number("tol", tol, above=0)
    accuracy = {"rtol": real_number("rtol", rtol, at_least=1e-13), "atol": real_number("atol", atol, above=0)}

    with np.errstate(all="ignore"):  # numbers too large end in a sentence
        length = np.linalg.norm(w0)
        if not 0 < length < np.inf:
            raise ValueError(f"w0 must have a direction and a length that a float holds; its length is {length}.")
        s, b, z0, n = engine.reduce(problem, w0[None] / length)
        system = _System(s[:-1], b[:-1], z0[0, -1], c * length**2)
        start = np.array([g0, *z0[0, :-1], 0.0])
        t, states, success, message = _integrate(system, start, t_max, times, tol, length**2, accuracy)
        loss = system.loss(states)
        z = np.column_stack([states[:, 1:-1], system.perp(states)])
        w_perp_norm = z[:, -1] / np.linalg.norm(z, axis=1)
    return Flow(t, states[:, 0], loss, w_perp_norm, success, message, problem, length * z, n)


@dataclass(frozen=True)
class _System:
    """The flow for ‖w‖ = 1 in the state (g, z, θ): z = Vᵀw, and ‖w⊥‖ = ‖w0⊥‖ e^θ.

    It acts as if ‖w‖ might differ from 1, so that rounding does not feed on itself.
    """

    s: np.ndarray
    b: np.ndarray
    perp0: float
    c: float

    @cached_property
    def log_perp0(self):
        return np.log(self.perp0) if self.perp0 else -np.inf

    def perp(self, state):
        """‖w⊥‖ of one state or many, shape (..., m + 2)."""
        # Not perp0 · e^θ: where w0⊥ = 0 nothing holds θ back, and 0 · e^θ could be 0 · ∞.
        return np.exp(self.log_perp0 + state[..., -1])

    def loss(self, state):
        """½‖Ax − y‖² of one state or many."""
        size = np.hypot(np.linalg.norm(state[..., 1:-1], axis=-1), self.perp(state))
        scale = state[..., 0] / size
        return 0.5 * np.sum((scale[..., None] * self.s * state[..., 1:-1] - self.b) ** 2, axis=-1)

    def jacobian(self, _, state):
        """Derivatives of `flow_rates`, by the chain rule through u, log ‖w‖, the gradient and its slope along u."""
        g, z, perp = state[0], state[1:-1], self.perp(state)
        size = np.sqrt(z @ z + perp**2)
        u, perp = z / size, perp / size
        gradient = self.s * (self.s * (g * u) - self.b)
        slope = u @ gradient
        in_g = np.eye(1, state.size)[0]
        d_log_size = np.concatenate([[0.0], u / size, [perp**2]])
        d_u = np.eye(u.size, state.size, 1) / size - np.outer(u, d_log_size)
        d_gradient = self.s[:, None] ** 2 * (g * d_u + np.outer(u, in_g))
        d_slope = gradient @ d_u + u @ d_gradient
        tangent = gradient - slope * u
        d_tangent = d_gradient - slope * d_u - np.outer(u, d_slope)
        d_z = -g / size * (d_tangent - np.outer(tangent, d_log_size)) - np.outer(tangent, in_g) / size
        d_theta = (g * d_slope + slope * in_g - 2 * g * slope * d_log_size) / size**2
        return np.vstack([-self.c * d_slope, d_z, d_theta])


def _integrate(system, start, t_max, times, tol, unit, accuracy):
    """Times, states of shape (K, m + 2), success and message; `unit` is ‖w0‖², the unit of time."""
    # Each takes most of a second to import: not before the first flow.
    from scipy.integrate import solve_ivp

    from wnlib.loops import flow_rates

    parameters, evaluations = (system.s, system.b, system.log_perp0, system.c), count(1)

    def rates(t, state):
        # LSODA can go on for ever with steps that do not move, where numbers pass what a float holds.
        if next(evaluations) > EVALUATIONS:
            raise _Stuck(f"after {EVALUATIONS} evaluations it is still at t = {t * unit:.6g}")
        return flow_rates(state, *parameters)

    def above_tol(_, state):
        return system.loss(state) - tol

    above_tol.terminal = True
    if not np.isfinite(rates(0, start)).all():
        return np.zeros(1), start[None], False, f"The flow could not start: its rates overflow. {REMEDY}"
    if tol and above_tol(0, start) <= 0:
        return np.zeros(1), start[None], True, f"Started with loss {system.loss(start):.3g}, at most tol = {tol:.3g}."
    options = {"jac": system.jacobian, "events": above_tol if tol else None, "dense_output": times is not None}
    try:
        with warnings.catch_warnings():
            # LSODA gives its reason in a warning.
            warnings.filterwarnings("error", category=UserWarning)
            found = solve_ivp(rates, (0, t_max / unit), start, method="LSODA", **options, **accuracy)
            if found.status < 0:
                raise _Stuck(found.message)
    except (_Stuck, UserWarning) as reason:
        return np.zeros(1), start[None], False, f"The integrator gave up: {str(reason).strip('.')}. {REMEDY}"
    t, states = found.t * unit, found.y.T
    success, message = _ending(found.status == 1, t[-1], system.loss(states[-1]), t_max, tol)
    if times is not None:
        t = times[times <= t[-1]] if found.status == 1 else times
        states = found.sol(np.minimum(t / unit, found.t[-1])).T
    return t, states, success, message


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
