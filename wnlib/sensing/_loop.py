"""The compiled loop of `wnlib.sensing.recover`: the steps of its methods, one start after another.

A factor is kept as Wᵀ, of shape (k, d), or (groups, size) by what has a scale: all of W, or for a diagonal D each
column. A symmetric matrix is kept as its upper triangle, row by row.
"""

from typing import Any

import numpy as np

from wnlib._compiled import compiled, njit
from wnlib._endings import Ending

GD, WN, RPGD = 0, 1, 2
RUNNING, CONVERGED, MAX_STEPS = int(Ending.RUNNING), int(Ending.CONVERGED), int(Ending.MAX_STEPS)
DIVERGED, ZERO_DIRECTION = int(Ending.DIVERGED), int(Ending.ZERO_DIRECTION)
# A run whose loss passes this has diverged. The loss of the step after it, near its cube, still fits in a float.
LOSS_LIMIT = 1e80
FAST: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract"}}
# WN's factor may grow until its square is hardly a float: no product may then be taken before a quotient.
IN_ORDER: dict[str, Any] = FAST | {"fastmath": {"contract"}}


@compiled(**IN_ORDER)
def recovery_steps(kind, A, y, W, D, eta, gamma, tol, max_steps, pause, ending, t, loss, recent):
    """Take each start up to `pause` steps further: W, D, ending, t, loss and the last losses `recent` are written.

    Row i of A times the triangle of X is ⟨Aᵢ, X⟩. W has shape (starts, k, d) and D (starts, groups); GD has D = 1.
    A row of `eta` or `gamma` is the rule of one start: (0, power, 0, value, switch, value, …) as in `wnlib.loops`.
    """
    d, groups = W.shape[2], D.shape[1]
    x, s, squared = np.empty(A.shape[1]), np.empty(A.shape[1]), np.ones(groups)
    S, SW, sides = np.empty((d, d)), np.empty(W.shape[1:]), np.empty((2, d, W.shape[1]))
    for i in range(len(W)):
        factor, now, limit, lost = W[i].reshape(groups, -1), t[i], min(t[i] + pause, max_steps), False
        while ending[i] == RUNNING:
            norm = 1.0
            if kind == WN:
                norm = _lengths(factor, squared)
            _matrix(W[i], D[i], squared, sides, x)
            loss[i] = _measure(A, y, x, s)
            recent[i, now % recent.shape[1]] = loss[i]
            ending[i] = _ending(loss[i], lost, now == max_steps, tol)
            if ending[i] != RUNNING or now == limit:
                break
            _gradient(s, W[i], S, SW)
            steps = _value(eta[i], now, norm), _value(gamma[i], now, norm)
            lost = _step(kind, factor, D[i], SW.reshape(groups, -1), squared, *steps)
            now += 1
        t[i] = now


@njit(**FAST)
def _inner(v, w):
    total = 0.0
    for j in range(v.size):
        total += v[j] * w[j]
    return total


@njit(**FAST)
def _lengths(factor, squared):
    """‖W‖_F; the squared lengths of the groups are written."""
    for q in range(len(factor)):
        squared[q] = _inner(factor[q], factor[q])
    return np.sqrt(squared.sum())


@njit(**FAST)
def _matrix(W, D, squared, sides, x):
    """The triangle x of X = Σ (D/squared) w wᵀ, summed over the columns w of W, by inner products of rows."""
    k, d = W.shape
    for column in range(k):
        q = column * D.size // k
        factor = D[q] / squared[q]
        for i in range(d):
            sides[0, i, column], sides[1, i, column] = factor * W[column, i], W[column, i]
    place = 0
    for i in range(d):
        for j in range(i, d):
            total = 0.0
            for column in range(k):
                total += sides[0, i, column] * sides[1, j, column]
            x[place] = total
            place += 1


@njit(**FAST)
def _measure(A, y, x, s):
    """The loss at X; s becomes the mean of rᵢAᵢ."""
    total = 0.0
    s[:] = 0.0
    for i in range(y.size):
        r = -y[i]
        for j in range(x.size):
            r += A[i, j] * x[j]
        total += r * r
        share = r / y.size
        for j in range(x.size):
            s[j] += share * A[i, j]
    return total / (2 * y.size)


@njit(**FAST)
def _ending(loss, lost, last, tol):
    """Whether and how a start has ended."""
    if loss <= tol:
        return CONVERGED
    if lost:
        return ZERO_DIRECTION
    if not loss < LOSS_LIMIT:
        return DIVERGED
    return MAX_STEPS if last else RUNNING


@njit(**FAST)
def _gradient(s, W, S, SW):
    """SW for the symmetric S whose triangle s holds twice what is off the diagonal."""
    k, d = W.shape
    place = 0
    for i in range(d):
        S[i, i] = s[place]
        for j in range(i + 1, d):
            S[i, j] = S[j, i] = s[place + j - i] / 2
        place += d - i
    for column in range(k):
        for i in range(d):
            total = 0.0
            for j in range(d):
                total += S[i, j] * W[column, j]
            SW[column, i] = total


@njit(**IN_ORDER)
def _value(rule, t, norm):
    """The step size of a rule at step t, where ‖W‖_F is `norm`."""
    at = 2
    while at + 2 < rule.size and t >= rule[at + 2]:
        at += 2
    return rule[at + 1] * norm ** rule[1]


@njit(**IN_ORDER)
def _step(kind, factor, D, SW, squared, eta, gamma):
    """One step; returns whether it would lead to a direction of length 0, where the factor stays."""
    lost = False
    for q in range(D.size):
        w, change = factor[q], SW[q]
        slope = _inner(w, change) / squared[q]
        along = slope if kind == WN else 0.0
        step = 2 * eta * D[q] / squared[q]
        for j in range(w.size):
            change[j] = w[j] - step * (change[j] - along * w[j])
        length = np.sqrt(_inner(change, change)) if kind == RPGD else 1.0
        if length == 0.0:
            lost = True
        else:
            for j in range(w.size):
                w[j] = change[j] / length
        if kind != GD:
            D[q] -= gamma * slope
    return lost
