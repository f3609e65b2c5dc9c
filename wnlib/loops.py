"""The compiled loop of `wnlib.solve`, in the coordinates of `wnlib.reduction`.

It does what the steps of `wnlib.methods` do, coordinate by coordinate, and is tested against them.
Compiled code is cached on disk; `python -m wnlib` fills the cache.

Starts run side by side, in lanes: a step of one start waits for a square root and a division, and other lanes fill
the wait. One source has two compiled forms. With `s` and `b` as tuples the compiler knows the number of coordinates
and handles several lanes by one instruction; with arrays, several coordinates of one lane.
"""

from typing import Any

import numpy as np

from wnlib._compiled import compiled, njit
from wnlib._endings import LOSS_LIMIT, Ending

GD, WN, RPGD = 0, 1, 2
RUNNING, CONVERGED, MAX_STEPS = int(Ending.RUNNING), int(Ending.CONVERGED), int(Ending.MAX_STEPS)
DIVERGED, ZERO_SCALE, ZERO_DIRECTION = int(Ending.DIVERGED), int(Ending.ZERO_SCALE), int(Ending.ZERO_DIRECTION)
# What a lane holds beside its coordinates: the scale g, the loss, and g/‖z‖; its next step takes z to
# stretch z − step ∇L and g to g − drop.
SCALE, LOSS, INNER, STRETCH, STEP, DROP = range(6)
FAST: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract"}}


@compiled(**FAST)
def run(kind, s, b, z, g, eta, gamma, tol, max_steps, pause, first, stride, side, ending, t, loss, every, record):
    """Take the starts of the groups first, first + stride, … up to `pause` steps further.

    A group is as many starts as `side`, of shape (lanes, coordinates), has lanes. z, g, ending, t and loss are
    written; GD keeps x itself in z, and g = 1; the length of rPGD's z means nothing. `eta` and `gamma` are rules:
    (optimal, power, 0, value, switch, value, …), the value from each switch on, times ‖w‖^power, and divided by
    g² λmax where `optimal` is 1. Every `every` steps a row (g, loss, z) of the only start goes to `record`.
    """
    groups = -(-g.size // len(side))
    who, lane = np.empty(len(side), dtype=np.int64), np.empty((6, len(side)))
    for group in range(first, groups, stride):
        lanes = now = 0
        for start in range(group, g.size, groups):
            if ending[start] == RUNNING:
                who[lanes], now, lane[SCALE, lanes] = start, t[start], g[start]
                for i in range(len(s)):
                    side[lanes, i] = z[start, i]
                lanes += 1
        limit, eta_at, gamma_at = min(now + pause, max_steps), 2, 2
        while lanes:
            eta_at, gamma_at = _piece(eta, eta_at, now), _piece(gamma, gamma_at, now)
            stop = _evaluate(kind, s, b, side, lane, lanes, eta, eta[eta_at + 1], gamma, gamma[gamma_at + 1], tol)
            if every and now % every == 0 and now < limit:
                record[now // every, 0], record[now // every, 1] = lane[SCALE, 0], lane[LOSS, 0]
                record[now // every, 2:] = side[0]
            if stop or now == limit:
                lanes = _leave(
                    kind, s, b, side, lane, lanes, who, eta[0], tol, max_steps, now, limit, ending, t, g, loss, z
                )
            _advance(s, b, side, lane, lanes)
            now += 1


@njit(inline="always", **FAST)
def _piece(rule, at, t):
    """Where in a rule step t stands."""
    while at + 2 < rule.size and t >= rule[at + 2]:
        at += 2
    return at


@njit(inline="always", **FAST)
def _evaluate(kind, s, b, z, lane, lanes, eta, eta_value, gamma, gamma_value, tol):
    """Fill what each lane holds at the present z and g; returns whether a lane may have ended."""
    stop = False
    for j in range(lanes):
        size = 1.0
        if kind != GD:
            squared_size = 0.0
            for i in range(len(s)):
                squared_size += z[j, i] * z[j, i]
            size = np.sqrt(squared_size)
        g, shrink = lane[SCALE, j], 1 / size
        inner = g * shrink
        squared_residual = slope = 0.0
        for i in range(len(s)):
            residual = inner * s[i] * z[j, i] - b[i]
            squared_residual += residual * residual
            slope += s[i] * z[j, i] * residual
        loss, slope = 0.5 * squared_residual, slope * shrink
        length = size if kind == WN else 1.0
        step = eta_value * _power(length, eta[1]) * (1 / (g * s[0] * s[0]) if eta[0] == 1.0 else g)
        stretch = 1.0
        if kind == WN:
            step *= shrink
            stretch += step * slope * shrink
        elif kind == RPGD:
            stretch = shrink
        # Where rPGD's gradient step leads to w = 0, ⟨u, step ∇L⟩ = ⟨u, u⟩ = 1.
        away = (kind != RPGD) | (abs(1 - step * slope) > 1e-9)
        stop |= not ((loss > tol) & (loss < LOSS_LIMIT) & ((eta[0] == 0.0) | (g != 0.0)) & away)
        lane[LOSS, j], lane[INNER, j], lane[STRETCH, j], lane[STEP, j] = loss, inner, stretch, step
        lane[DROP, j] = gamma_value * _power(length, gamma[1]) * slope
    return stop


@njit(inline="always", **FAST)
def _power(size, exponent):
    return 1.0 if exponent == 0.0 else size if exponent == 1.0 else size * size


@njit(inline="always", **FAST)
def _advance(s, b, z, lane, lanes):
    """One step of `wnlib.methods` in each lane."""
    for j in range(lanes):
        inner, stretch, step = lane[INNER, j], lane[STRETCH, j], lane[STEP, j]
        for i in range(len(s)):
            z[j, i] = stretch * z[j, i] - step * s[i] * (inner * s[i] * z[j, i] - b[i])
        lane[SCALE, j] -= lane[DROP, j]


@njit(inline="always", **FAST)
def _leave(kind, s, b, side, lane, lanes, who, optimal, tol, max_steps, now, limit, ending, t, g, loss, z):
    """Write the starts that have ended, or all at the step `limit`; returns how many lanes go on, the first ones."""
    for j in range(lanes - 1, -1, -1):
        end = _ending(kind, s, b, side, lane, j, optimal, tol, now == max_steps)
        if end != RUNNING or now == limit:
            start = who[j]
            ending[start], t[start], g[start], loss[start] = end, now, lane[SCALE, j], lane[LOSS, j]
            for i in range(len(s)):
                z[start, i] = side[j, i]
            lanes -= 1
            who[j], side[j], lane[:, j] = who[lanes], side[lanes], lane[:, lanes]
    return lanes


@njit(inline="always", **FAST)
def _ending(kind, s, b, z, lane, j, optimal, tol, last):
    """Whether and how lane j has ended."""
    if lane[LOSS, j] <= tol:
        return CONVERGED
    if not lane[LOSS, j] < LOSS_LIMIT:
        return DIVERGED
    if optimal == 1.0 and lane[SCALE, j] == 0.0:
        return ZERO_SCALE
    if last:
        return MAX_STEPS
    if kind != RPGD:
        return RUNNING
    for i in range(len(s)):
        gradient = s[i] * (lane[INNER, j] * s[i] * z[j, i] - b[i])
        if lane[STRETCH, j] * z[j, i] != lane[STEP, j] * gradient:
            return RUNNING
    return ZERO_DIRECTION
