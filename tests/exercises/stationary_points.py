"""Right answers, and typical mistakes with a part of the sentence that each gets: stationary points."""

import numpy as np


def stationary(A, y, g, w, *, tolerance=1e-9, both=True):
    u = w / np.linalg.norm(w)
    G = A.T @ (A @ (g * u) - y)
    p = g * (G - (u @ G) * u)
    return bool(abs(u @ G) < tolerance and (not both or np.linalg.norm(p) < tolerance))


def solved(A, y, g, w):
    return bool(np.linalg.norm(A @ (g * w / np.linalg.norm(w)) - y) < 1e-9)


def rate(A, y, w, c, *, sign=1, alpha_sign=-1, alpha_power=2, with_alpha=True):
    alpha, beta = np.linalg.norm(A @ w) ** alpha_power * with_alpha, np.linalg.norm(A.T @ y)
    return (alpha_sign * c * alpha + sign * np.sqrt((c * alpha) ** 2 + 4 * c * beta**2)) / 2


def stuck(g0, c, *, side=-1, power=2):
    hidden = np.exp(-(g0**2) / (power * c))
    return np.array([side * np.sign(g0) * np.sqrt(1 - hidden**2), hidden])


def stickiest(A, y):
    b = A.T @ y
    inside = A - np.outer(A @ b, b) / (b @ b)
    w = np.linalg.svd(inside)[2][0]
    w = w - b * (b @ w) / (b @ b)
    # One equation sees none of its saddles: then any of them will do.
    return w / np.linalg.norm(w)


def top(A, y, *, project=False, index=0):
    w, b = np.linalg.svd(A)[2][index], A.T @ y
    w = w - b * (b @ w) / (b @ b) if project else w
    return w / np.linalg.norm(w)


RIGHT = {
    "stationary_points.is_stationary": stationary,
    "stationary_points.unstable_rate": rate,
    "stationary_points.stuck_start": stuck,
    "stationary_points.stickiest": stickiest,
}

WRONG = [
    ("stationary_points.is_stationary", lambda *a: 1.0, "True or False"),
    ("stationary_points.is_stationary", lambda *a: np.array([True, False]), "np.allclose compares"),
    ("stationary_points.is_stationary", lambda *a: [[1], [1, 2]], "lists of different lengths"),
    ("stationary_points.is_stationary", lambda *a: stationary(*a, tolerance=1e-30), "up to rounding"),
    ("stationary_points.is_stationary", lambda *a: stationary(*a) and a[2] >= 0, "stand for the same x"),
    ("stationary_points.is_stationary", solved, "belongs to S"),
    ("stationary_points.is_stationary", lambda *a: solved(*a) or a[2] == 0, "slope in g"),
    (
        "stationary_points.is_stationary",
        lambda A, y, g, w: solved(A, y, g, w) or bool(abs(y @ A @ w) < 1e-9),
        "needs g = 0",
    ),
    ("stationary_points.is_stationary", lambda *a: True, "slope in g"),
    ("stationary_points.unstable_rate", lambda *a: rate(*a, sign=-1), "of its approach"),
    ("stationary_points.unstable_rate", lambda *a: rate(*a, with_alpha=False), "left out α"),
    ("stationary_points.unstable_rate", lambda A, y, w, c: rate(A, y, w, 1), "weighs g with c"),
    ("stationary_points.unstable_rate", lambda *a: rate(*a, alpha_sign=1), "the other rate"),
    ("stationary_points.unstable_rate", lambda *a: 2 * rate(*a), "twice the rate"),
    ("stationary_points.unstable_rate", lambda A, y, w, c: rate(A, y, w, c, alpha_power=1), "Your α is ‖Aw‖"),
    ("stationary_points.unstable_rate", lambda *a: [-rate(*a), rate(*a)], "one number"),
    ("stationary_points.unstable_rate", lambda *a: "fast", "one number"),
    ("stationary_points.unstable_rate", lambda *a: 3 * rate(*a), "Differences of the flow"),
    ("stationary_points.stuck_start", lambda g0, c: 2 * stuck(g0, c), "a unit vector"),
    ("stationary_points.stuck_start", lambda g0, c: stuck(g0, c, side=1), "must be negative"),
    ("stationary_points.stuck_start", lambda g0, c: np.array([0.0, 1.0]), "must be negative"),
    ("stationary_points.stuck_start", lambda g0, c: stuck(g0, c, power=1), "then leaves it"),
    ("stationary_points.stuck_start", lambda g0, c: -g0, "must be an array of 2"),
    ("stationary_points.stickiest", lambda A, y: stickiest(A, y)[1:], "must be an array"),
    ("stationary_points.stickiest", lambda A, y: A.T @ y, "must be a unit vector"),
    ("stationary_points.stickiest", top, "only if yᵀAw = 0"),
    ("stationary_points.stickiest", lambda A, y: top(A, y, project=True), "The best of the projected"),
    ("stationary_points.stickiest", lambda A, y: top(A, y, index=-1), "lets go fastest"),
]
