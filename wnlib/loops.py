"""The compiled loops of `wnlib.solve`, and the rates of `wnlib.flow`, in the coordinates of `wnlib.engine`.

The loops do what the steps of `wnlib.methods` do, coordinate by coordinate, and are tested against them.
Compiled code is cached on disk; `python -m wnlib` fills the cache.
"""

import numpy as np
from numba import njit

from wnlib.engine import CONVERGED, DIVERGED, GD, LOSS_LIMIT, MAX_STEPS, RPGD, WN, ZERO_DIRECTION, ZERO_SCALE


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


@njit(cache=True, error_model="numpy")
def flow_rates(state, s, b, log_perp0, c):
    """The right side of the flow (4) for the state (g, z, θ), where z = Vᵀw and ‖w⊥‖ = exp(log_perp0 + θ)."""
    m, g = s.size, state[0]
    squared_size = np.exp(2 * (log_perp0 + state[m + 1]))
    for i in range(m):
        squared_size += state[i + 1] ** 2
    size = np.sqrt(squared_size)
    rates, slope = np.empty(m + 2), 0.0
    for i in range(m):
        u = state[i + 1] / size
        rates[i + 1] = s[i] * (s[i] * (g * u) - b[i])
        slope += u * rates[i + 1]
    for i in range(m):
        rates[i + 1] = -g / size * (rates[i + 1] - slope * (state[i + 1] / size))
    rates[0], rates[m + 1] = -c * slope, g * slope / squared_size
    return rates
