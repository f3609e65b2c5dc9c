"""The compiled loops of `wnlib.solve`, and the rates of `wnlib.flow`, in the coordinates of `wnlib.engine`.

The loops do what the steps of `wnlib.methods` do, coordinate by coordinate, and are tested against them.
Compiled code is cached on disk; `python -m wnlib` fills the cache.
"""

import numpy as np
from numba import njit

from wnlib.engine import CONVERGED, DIVERGED, GD, LOSS_LIMIT, MAX_STEPS, ORDER, RPGD, WN, ZERO_DIRECTION, ZERO_SCALE


@njit(cache=True, nogil=True)
def run_many(kind, s, b, z, g, eta, gamma, tol, max_steps, first, stride, status, steps, loss):
    """Run the starts first, first + stride, …; z, g, status, steps and loss are written in place."""
    record = np.empty((0, 0))
    for i in range(first, g.size, stride):
        status[i], steps[i], g[i], loss[i] = run(kind, s, b, z[i], g[i], eta, gamma, tol, max_steps, 0, record)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def run(kind, s, b, z, g, eta, gamma, tol, max_steps, every, record):
    """Run one start, with z changed in place, until the loss is at most tol.

    `eta` and `gamma` are rows (first, second, switch, optimal): the value `first` while t < switch, then
    `second`, divided by g² λmax where `optimal` is 1. Every `every` steps a row (t, g, loss, z) goes to
    `record`, and a last one at the end; `every = 0` records nothing. GD keeps x itself in z, and g = 1.

    Returns
    -------
    status, steps, g, loss
    """
    gradient = np.empty(s.size)
    row = t = 0
    while True:
        loss, slope, shrink = _evaluate(kind, s, b, z, g, gradient)
        status = MAX_STEPS
        if loss <= tol:
            status = CONVERGED
        elif not loss < LOSS_LIMIT:
            status = DIVERGED
        elif eta[3] == 1.0 and g == 0.0:
            status = ZERO_SCALE
        last = status != MAX_STEPS or t == max_steps
        if not last:
            eta_t = eta[0] if t < eta[2] else eta[1]
            if eta[3] == 1.0:
                eta_t /= (g * s[0] * shrink) ** 2
            gamma_t = gamma[0] if t < gamma[2] else gamma[1]
            if kind == RPGD and _is_zero(z, eta_t * g, gradient):
                status, last = ZERO_DIRECTION, True
        if every > 0 and (last or t % every == 0):
            record[row, 0], record[row, 1], record[row, 2] = t, g, loss
            record[row, 3:] = z
            row += 1
        if last:
            return status, t, g, loss
        g = _advance(kind, z, g, gradient, slope, shrink, eta_t, gamma_t)
        t += 1


@njit(inline="always", nogil=True, fastmath={"reassoc", "contract"})
def _evaluate(kind, s, b, z, g, gradient):
    """The loss, the slope ⟨u, ∇L⟩ along u = z/‖z‖, and 1/‖z‖ (1 but for WN); fills `gradient` with ∇L."""
    shrink = 1.0
    if kind == WN:
        squared_size = 0.0
        for i in range(s.size):
            squared_size += z[i] * z[i]
        shrink = 1 / np.sqrt(squared_size)
    squared_residual = slope = 0.0
    scale = g * shrink
    for i in range(s.size):
        residual = scale * s[i] * z[i] - b[i]
        gradient[i] = s[i] * residual
        squared_residual += residual * residual
        slope += z[i] * gradient[i]
    return 0.5 * squared_residual, slope * shrink, shrink


@njit(inline="always", nogil=True, fastmath={"reassoc", "contract"})
def _advance(kind, z, g, gradient, slope, shrink, eta, gamma):
    """One step of `wnlib.methods` in place on z; returns the new g."""
    if kind == GD:
        for i in range(z.size):
            z[i] -= eta * gradient[i]
        return g
    if kind == WN:
        step, along = eta * g * shrink, slope * shrink
        for i in range(z.size):
            z[i] -= step * (gradient[i] - along * z[i])
    else:
        step, squared_size = eta * g, 0.0
        for i in range(z.size):
            z[i] -= step * gradient[i]
            squared_size += z[i] * z[i]
        shrink = 1 / np.sqrt(squared_size)
        for i in range(z.size):
            z[i] *= shrink
    return g - gamma * slope


@njit(inline="always", nogil=True)
def _is_zero(z, factor, gradient):
    """Whether the gradient step z − factor ∇L lands on 0, which has no direction to project to."""
    for i in range(z.size):
        if z[i] != factor * gradient[i]:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
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
