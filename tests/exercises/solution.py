"""Right answers, and typical mistakes with a part of the sentence that each gets: where the flow ends."""

import numpy as np
from scipy.optimize import brentq


def distance(g_star, kernel_share, g0, c):
    def gap(s):
        return s * (1 - kernel_share**2 * np.exp((g0**2 - s) / c)) - g_star**2

    return np.sqrt(brentq(gap, g_star**2, g_star**2 + g0**2 + c, xtol=1e-14) - g_star**2)


def lengths(g_star, kernel_share, g0):
    return g0**2, g_star**2 + (g0 * kernel_share) ** 2


def log_mean(a, b):
    return (a - b) / np.log(a / b)


def winning_ratios(g_star, kernel_share, g0, *, mean=log_mean, pair=lengths):
    before, after = lengths(g_star, kernel_share, g0)
    bound = mean(*pair(g_star, kernel_share, g0))
    return (0, bound) if before < after else (bound, np.inf)


def swapped(*a):
    low, high = winning_ratios(*a)
    return (high, np.inf) if low == 0 else (0, low)


def frozen_end(A, y, g0, w0, *, sign=1):
    x_star, unseen = A.T @ y, w0 - A.T @ (A @ w0)
    g_star = np.linalg.norm(x_star)
    if g0 <= g_star:
        return g0 / g_star * x_star
    return x_star + sign * np.sqrt(g0**2 - g_star**2) * unseen / np.linalg.norm(unseen)


def tie(g_star, kernel_share, distance, *, mean=None, power=2, end=1):
    g0 = distance / kernel_share
    a, b = g0**power, (g_star**2 + end * distance**2) ** (power / 2)
    return g0, (a - b) / np.log(a / b) if mean is None else mean(a, b)


RIGHT = {
    "solution.distance": distance,
    "solution.winning_ratios": winning_ratios,
    "solution.frozen_end": frozen_end,
    "solution.tie": tie,
}

WRONG = [
    ("solution.distance", lambda g_star, kernel_share, g0, c: np.full(2, g0), "is one number"),
    ("solution.distance", lambda *a: np.nan, "must be finite"),
    ("solution.distance", 0.5, "asks for a function, and you gave a float"),
    ("solution.distance", lambda g_star, kernel_share, g0, c: g_star * kernel_share, "This is g*‖w0⊥‖"),
    ("solution.distance", lambda *a: distance(*a) / np.hypot(a[0], distance(*a)), "This is ‖w⊥‖ at the end"),
    ("solution.distance", lambda g_star, kernel_share, g0, c: g0 * kernel_share, "where gradient descent ends"),
    (
        "solution.distance",
        lambda g_star, kernel_share, g0, c: g_star * kernel_share * np.exp((g0**2 - g_star**2) / (2 * c)),
        "the printed (7)",
    ),
    ("solution.distance", lambda *a: -distance(*a), "is positive"),
    ("solution.distance", lambda *a: np.hypot(a[0], distance(*a)), "This is the scale"),
    ("solution.distance", lambda *a: a[0] ** 2 + distance(*a) ** 2, "This is s = g∞²"),
    ("solution.distance", lambda *a: distance(*a) ** 2, "Take the square root"),
    ("solution.distance", lambda *a: 1.1 * distance(*a), "must not change"),
    ("solution.distance", lambda *a: 100 * distance(*a), "must not change"),
    ("solution.winning_ratios", lambda *a: winning_ratios(*a)[1], "Return the pair"),
    ("solution.winning_ratios", lambda *a: (0, None), "The upper limit is one number; yours is None"),
    (
        "solution.winning_ratios",
        lambda *a: (np.nan, np.inf),
        "The lower limit must be a number or np.inf; yours is nan",
    ),
    ("solution.winning_ratios", lambda *a: np.ones(3), "Return the pair"),
    ("solution.winning_ratios", swapped, "GD lengthens x, so WN wins for small c"),
    ("solution.winning_ratios", lambda *a: (0, winning_ratios(*a)[1]), "so WN wins for large c"),
    ("solution.winning_ratios", lambda *a: (0.1, 1.0), "only one finite limit"),
    ("solution.winning_ratios", lambda *a: winning_ratios(*a, mean=lambda p, q: (p + q) / 2), "arithmetic mean"),
    ("solution.winning_ratios", lambda *a: winning_ratios(*a, mean=lambda p, q: np.sqrt(p * q)), "geometric mean"),
    (
        "solution.winning_ratios",
        lambda *a: winning_ratios(*a, pair=lambda g_star, kernel_share, g0: (g0**2, g_star**2)),
        "GD's end point",
    ),
    (
        "solution.winning_ratios",
        lambda *a: winning_ratios(*a, pair=lambda g_star, kernel_share, g0: (g0**2, g_star**2 + g0**2)),
        "GD keeps x⊥",
    ),
    (
        "solution.winning_ratios",
        lambda *a: winning_ratios(*a, mean=lambda p, q: log_mean(np.sqrt(p), np.sqrt(q))),
        "that of their squares",
    ),
    ("solution.winning_ratios", lambda *a: winning_ratios(*a, mean=lambda p, q: 0.5 * p), "should end equally far"),
    ("solution.frozen_end", lambda A, y, g0, w0: A.T @ y, "frozen at g0"),
    ("solution.frozen_end", lambda A, y, g0, w0: w0 - A.T @ (A @ w0) + A.T @ y, "With c = 0 the scale stays"),
    ("solution.frozen_end", lambda A, y, g0, w0: g0 * (w0 - A.T @ (A @ w0)) + A.T @ y, "where gradient descent ends"),
    ("solution.frozen_end", lambda A, y, g0, w0: frozen_end(A, y, g0, w0) / g0, "You returned the direction"),
    ("solution.frozen_end", lambda A, y, g0, w0: g0 / np.linalg.norm(y) * (A.T @ y), "the sphere meets the solutions"),
    ("solution.frozen_end", lambda *a: frozen_end(*a, sign=-1), "must point where w0⊥ does"),
    (
        "solution.frozen_end",
        lambda A, y, g0, w0: frozen_end(A, y, g0, w0) if g0 > np.linalg.norm(y) else g0 * w0,
        "ends at w*; yours is another",
    ),
    ("solution.tie", lambda *a: tie(*a)[::-1], "The order is g0, c"),
    ("solution.tie", lambda g_star, share, far: (far, tie(g_star, share, far)[1]), "it keeps x⊥"),
    ("solution.tie", lambda *a: tie(*a, mean=lambda a, b: (a + b) / 2), "arithmetic mean"),
    ("solution.tie", lambda *a: tie(*a, mean=lambda a, b: np.sqrt(a * b)), "geometric mean"),
    ("solution.tie", lambda *a: tie(*a, power=1), "a mean of lengths"),
    ("solution.tie", lambda *a: tie(*a, end=0), "longer than x*"),
    ("solution.tie", lambda *a: (tie(*a)[0], 1.0), "Your g0 is right"),
    ("solution.tie", lambda *a: (tie(*a)[0], -1.0), "must be positive"),
    ("solution.tie", lambda *a: tie(*a)[0], "the pair g0, c"),
]
