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
# How many numbers are written before Python is asked whether the reader has interrupted it.
PAUSE = 2**16
# How steps end.
GOES_ON, ARRIVED, MET_TOL, TOO_SHORT, TOO_MANY = range(5)
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


def integrate(system, start, t_max, times, tol, accuracy):
    """Times, states of shape (K, m + 2) and whether the loss `tol` was met, or the reason why the integration stuck.

    The records are at `times` or, without them, at each step. Where the loss has fallen to `tol` is the last one.
    """
    stops, reach = (np.array([t_max]), REACH) if times is None else (np.union1d(times, t_max), np.inf)
    if system.loss(start) <= tol:
        return np.zeros(1), start[None], True
    t, states, ending = _path(system, start, stops, tol, (reach, *accuracy))
    if ending in (TOO_SHORT, TOO_MANY):
        at = f"at t = {t[-1]:.6g}"
        why = f"{at} no step is short enough" if ending == TOO_SHORT else f"after {STEPS} steps it is still {at}"
        return np.zeros(1), start[None], Stuck(why)
    met_tol = ending == MET_TOL
    asked = np.ones(t.size, dtype=bool) if times is None else np.isin(t, times)
    asked[-1] |= met_tol
    return t[asked], states[asked], met_tol


def _path(system, start, stops, tol, accuracy):
    """Time and state at the start and after each step, and how they ended."""
    rows = 2 + PAUSE // start.size
    pieces, ending = [(np.zeros(1), start[None])], GOES_ON
    progress = np.array([system.first_step(start), 0.0, 0.0])
    while ending == GOES_ON:
        t, states = np.empty(rows), np.empty((rows, start.size))
        t[0], states[0] = pieces[-1][0][-1], pieces[-1][1][-1]
        arguments = (system.s, system.b, system.log_perp0, system.c, system.unit, stops, STEPS, tol, *accuracy)
        try:
            count, ending = flow_steps(*arguments, progress, t, states)
        except SystemError as error:  # what an interrupt becomes in compiled code
            raise KeyboardInterrupt from error
        pieces.append((t[1 : count + 1], states[1 : count + 1]))
    t, states = map(np.concatenate, zip(*pieces, strict=True))
    return t, states, ending


@compiled(nogil=True, error_model="numpy")
def flow_steps(s, b, log_perp0, c, unit, stops, most, tol, reach, rtol, atol, progress, t, states):
    """Take steps from the time t[0] and the state states[0], and write where each ends into the rows that follow.

    `progress` is (the length of the next step, how many of `stops` are behind, tries since the last of them), and is
    brought up to date. Returns how many steps were taken and their ending: GOES_ON where the rows are full.
    """
    h, passed, tries, row = progress[0], int(progress[1]), int(progress[2]), 0
    ending = GOES_ON
    while ending == GOES_ON and row + 1 < t.size:
        while passed < stops.size and t[row] >= stops[passed]:
            passed, tries = passed + 1, 0
        if passed == stops.size:
            ending = ARRIVED
            break
        left = stops[passed] - t[row]
        step, tries = min(h, left), tries + 1
        if t[row] + step == t[row]:
            ending = TOO_SHORT
            break
        if tries > most:
            ending = TOO_MANY
            break
        end, error = flow_step(s, b, log_perp0, c, states[row], step / unit, reach, rtol, atol)
        factor = min(5.0, max(0.2, 0.8 * (error + 1e-16) ** (-1 / ORDER)))
        if error > 1:
            h = factor * step
            continue
        # A step that a stop cut short says nothing against longer ones.
        h = max(h, factor * step) if step < h else factor * step
        if _loss(s, b, end) <= tol:
            ending = MET_TOL
            step, end = _crossing(s, b, log_perp0, c, unit, states[row], step, end, tol, reach, rtol, atol)
        row += 1
        t[row] = stops[passed] if step == left else t[row - 1] + step
        states[row] = end
    progress[0], progress[1], progress[2] = h, passed, tries
    return row, ending


@compiled(nogil=True, error_model="numpy")
def _loss(s, b, state):
    """As `System.loss` of one state."""
    loss = 0.0
    for i in range(s.size):
        loss += (state[0] * s[i] * state[i + 1] - b[i]) ** 2
    return 0.5 * loss


@compiled(nogil=True, error_model="numpy")
def _crossing(s, b, log_perp0, c, unit, state, high, end, tol, reach, rtol, atol):
    """The time from `state` at which the loss is `tol`, and the state there; after the time `high` it is `end`."""
    low = 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        there, _ = flow_step(s, b, log_perp0, c, state, middle / unit, reach, rtol, atol)
        if _loss(s, b, there) <= tol:
            high, end = middle, there
        else:
            low = middle
    return high, end


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
        # Number by number: arrays made on the way would take half the time of a step.
        for k in range(row):
            factor = (row + 1) / (row - k) - 1
            for i in range(n):
                coarser, table[k, i] = table[k, i], end[i]
                end[i] += (end[i] - coarser) / factor
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
