"""The compiled loops of `wnlib.solve`, in the coordinates of `wnlib.reduction`.

The loops do what the steps of `wnlib.methods` do, coordinate by coordinate, and are tested against them.
Compiled code is cached on disk; `python -m wnlib` fills the cache.
"""

import numpy as np
from numba import njit

from wnlib._compiled import compiled
from wnlib._endings import LOSS_LIMIT, Ending

GD, WN, RPGD = 0, 1, 2
RUNNING, CONVERGED, MAX_STEPS = int(Ending.RUNNING), int(Ending.CONVERGED), int(Ending.MAX_STEPS)
DIVERGED, ZERO_SCALE, ZERO_DIRECTION = int(Ending.DIVERGED), int(Ending.ZERO_SCALE), int(Ending.ZERO_DIRECTION)


@compiled(nogil=True)
def run_many(kind, s, b, z, g, eta, gamma, tol, max_steps, pause, first, stride, ending, t, loss):
    """Take the starts first, first + stride, … up to `pause` steps further; z, g, ending, t and loss are written."""
    record = np.empty((0, 0))
    for i in range(first, g.size, stride):
        if ending[i] == RUNNING:
            limit = min(t[i] + pause, max_steps)
            ending[i], t[i], g[i], loss[i] = run(
                kind, s, b, z[i], g[i], eta, gamma, tol, max_steps, t[i], limit, 0, record
            )


@compiled(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def run(kind, s, b, z, g, eta, gamma, tol, max_steps, t, limit, every, record):
    """Run one start from step t on, with z changed in place, until the loss is at most tol or step `limit` is reached.

    `eta` and `gamma` are rules: (optimal, power, 0, value, switch, value, …), the value from each switch on, times
    ‖w‖^power, and divided by g² λmax where `optimal` is 1. Every `every` steps a row (t, g, loss, z) goes to
    `record`, and a last one at the end; `every = 0` records nothing. GD keeps x itself in z, and g = 1.

    Returns
    -------
    ending, t, g, loss
    """
    gradient = np.empty(s.size)
    eta_at = gamma_at = 2
    while True:
        loss, slope, shrink = _evaluate(kind, s, b, z, g, gradient)
        ending = RUNNING
        if loss <= tol:
            ending = CONVERGED
        elif not loss < LOSS_LIMIT:
            ending = DIVERGED
        elif eta[0] == 1.0 and g == 0.0:
            ending = ZERO_SCALE
        elif t == max_steps:
            ending = MAX_STEPS
        last = ending != RUNNING or t == limit
        if not last:
            eta_at, eta_t = _step_size(eta, eta_at, t, shrink)
            gamma_at, gamma_t = _step_size(gamma, gamma_at, t, shrink)
            if eta[0] == 1.0:
                eta_t /= g * g * s[0] * s[0]
            if kind == RPGD and _is_zero(z, eta_t * g, gradient):
                ending, last = ZERO_DIRECTION, True
        if every > 0 and (ending != RUNNING or (t % every == 0 and not last)):
            row = (t + every - 1) // every
            record[row, 0], record[row, 1], record[row, 2] = t, g, loss
            record[row, 3:] = z
        if last:
            return ending, t, g, loss
        g = _advance(kind, z, g, gradient, slope, shrink, eta_t, gamma_t)
        t += 1


@njit(inline="always", nogil=True)
def _step_size(rule, at, t, shrink):
    """Where in a rule step t stands, and the step size there, ‖w‖ being 1/shrink."""
    while at + 2 < rule.size and t >= rule[at + 2]:
        at += 2
    size = rule[at + 1]
    if rule[1] > 0.0:
        size /= shrink if rule[1] == 1.0 else shrink * shrink
    return at, size


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
