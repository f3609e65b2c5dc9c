"""The integrator of the WN flow: linearly implicit Euler steps in reduced coordinates, extrapolated.

c and the spectrum of A may make the flow as stiff as they like. In the state (g, Vᵀw, log(‖w⊥‖/‖w0⊥‖)) the Jacobian
is a diagonal matrix and two scalars, so an implicit step takes O(m), no more than an explicit one.
"""

from dataclasses import dataclass

import numpy as np

from wnlib._compiled import compiled

# Order of a step. A path takes the least time with 8 at the tolerances 1e-9 to 1e-11.
ORDER = 8
# Between two times that were asked for. The hardest flows, cond 1e4 and c = 0.01, take 2,000.
STEPS = 50_000
# How far a step may go where the path itself is asked for: g and θ move by that part of 1 + their size, z by it.
REACH = 0.02
# Halvings of a step that bring the time at which the loss is `tol` to the accuracy of a float.
BISECTIONS = 52


class Stuck(Exception):
    """Why an integration does not end."""


@dataclass(frozen=True)
class System:
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
        try:
            return flow_step(self.s, self.b, self.log_perp0, self.c, state, h / self.unit, reach, rtol, atol)
        except SystemError as error:  # what an interrupt becomes in compiled code
            raise KeyboardInterrupt from error


def integrate(system, start, t_max, times, tol, accuracy):
    """Times, states of shape (K, m + 2) and whether the loss `tol` was met, or the reason why the integration stuck.

    The records are at `times` or, without them, at each step. Where the loss has fallen to `tol` is the last one.
    """
    stops, reach = ([t_max], REACH) if times is None else (np.union1d(times, t_max), np.inf)
    record, met_tol = [(0.0, start)], False
    if system.loss(start) <= tol:
        return np.zeros(1), start[None], True
    try:
        for t, state in _steps(system, start, stops, (reach, *accuracy)):
            met_tol = tol > 0 and system.loss(state) <= tol
            record.append(_crossing(system, *record[-1], t, tol, (reach, *accuracy)) if met_tol else (t, state))
            if met_tol:
                break
    except Stuck as reason:
        return np.zeros(1), start[None], reason
    t, states = map(np.array, zip(*record, strict=True))
    asked = np.ones(t.size, dtype=bool) if times is None else np.isin(t, times)
    asked[-1] |= met_tol
    return t[asked], states[asked], met_tol


def _steps(system, start, stops, accuracy):
    """Yield time and state after each step, and at each of the times `stops`."""
    t, state, h = 0.0, start, system.first_step(start)
    for stop in stops:
        tries = 0
        while t < stop:
            step, tries = min(h, stop - t), tries + 1
            if t + step == t:
                raise Stuck(f"at t = {t:.6g} no step is short enough")
            if tries > STEPS:
                raise Stuck(f"after {STEPS} steps it is still at t = {t:.6g}")
            end, error = system.step(state, step, *accuracy)
            factor = min(5.0, max(0.2, 0.8 * (error + 1e-16) ** (-1 / ORDER)))
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


@compiled(nogil=True, error_model="numpy")
def flow_step(s, b, log_perp0, c, state, h, reach, rtol, atol):
    """The state (g, z, θ) of the flow (4) a time h later, and the step's error as a multiple of what is allowed.

    Here z = Vᵀw with ‖w‖ = 1 and ‖w⊥‖ = exp(log_perp0 + θ). ORDER paths of 1, 2, … linearly implicit Euler
    steps are extrapolated to infinitely many. The error is at least (move / reach)^ORDER, and infinite where a
    step is too long for a direction that grows.
    """
    n = state.size
    table, end = np.empty((ORDER, n)), np.empty(n)
    p, q = np.empty(s.size), np.empty(s.size)
    for row in range(ORDER):
        end[:] = state
        for _ in range(row + 1):
            if not _implicit_euler(s, b, c, h / (row + 1), end, p, q):
                return end, np.inf
        # Changes are extrapolated, not states: their rounding shrinks with h.
        end -= state
        for k in range(row):
            coarser = table[k].copy()
            table[k] = end
            end += (end - coarser) / ((row + 1) / (row - k) - 1)
        table[row] = end
    error = move = 0.0
    for i in range(n):
        size = max(abs(state[i]), abs(state[i] + end[i]))
        # z is part of a unit vector, and θ is a logarithm: only g may be small.
        allowed = atol + rtol * (size if i == 0 else 1 + size)
        error = max(abs(end[i] - table[ORDER - 2, i]) / allowed, error)
        move = max(abs(end[i]) / (1 + size), move)
    end += state
    squared_size = np.exp(2 * (log_perp0 + end[-1]))
    for i in range(s.size):
        squared_size += end[i + 1] ** 2
    end[1:-1] /= np.sqrt(squared_size)
    end[-1] -= 0.5 * np.log(squared_size)
    return end, max(error, (move / reach) ** ORDER) if np.isfinite(end).all() else np.inf


@compiled(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _implicit_euler(s, b, c, h, state, p, q):
    """One linearly implicit Euler step in place; False where 1/h is not above every rate of growth.

    With ρ = g s z − b and σ = ⟨z, s ρ⟩ the flow is g' = −cσ, z' = g(σz − s ρ), θ' = gσ. Its Jacobian is diagonal
    but for what goes through σ and g, so the linear equations of the step come down to one, for σ at its end.
    It is written in ρ, which vanishes at the limit: there a step may be 10⁹ long, and differences of large
    terms would be noise.
    """
    g, slope = state[0], 0.0
    for i in range(s.size):
        z = state[i + 1]
        slope += s[i] * z * (g * s[i] * z - b[i])
    top, bottom, grows = 0.0, 1.0, False
    for i in range(s.size):
        z, ss = state[i + 1], s[i] * s[i]
        sr = s[i] * (g * s[i] * z - b[i])
        bend = g * ss * z - slope * z + sr
        pivot = 1 + h * g * (g * ss - slope)
        grows |= not pivot > 0
        top += sr * (z * (1 - h * g * slope) - h * g * sr) / pivot
        bottom += h * (c * (ss * z * z - h * sr * (bend + g * ss * z)) - g * z * (g * ss * z + sr)) / pivot
        p[i] = -h * g * sr / pivot
        q[i] = h * (g * z + c * h * bend) / pivot
    if grows or not bottom > 0:
        return False
    end_slope = top / bottom
    g_change = -c * h * end_slope
    state[0] += g_change
    for i in range(s.size):
        state[i + 1] += p[i] + end_slope * q[i]
    state[-1] += h * (g * end_slope + slope * g_change)
    return True
