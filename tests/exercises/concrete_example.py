"""Right answers, and typical mistakes with a part of the sentence that each gets: a concrete example."""

import numpy as np


def parts(A, y, g0, w0):
    """g0², N = ‖x_GD‖² and g*²."""
    pinv = np.linalg.pinv(A)
    g_star_squared = np.sum((pinv @ y) ** 2)
    return g0**2, g_star_squared + g0**2 * np.sum((w0 - pinv @ (A @ w0)) ** 2), g_star_squared


def farther(A, y, g0, w0, c):
    start, end, _ = parts(A, y, g0, w0)
    return bool(c * np.log(end / start) > end - start)


def falls(A, y, g0, w0, c):
    start, end, _ = parts(A, y, g0, w0)
    return bool(end < start)


def too_slow(A, y, g0, w0, c):
    start, end, _ = parts(A, y, g0, w0)
    return bool(c > (end - start) / np.log(end / start))


def other_rule(A, y, g0, w0, c, *, speed=lambda c: c, kernel=None, power=1):
    """The rule with another c, another factor of g0² in N, or the norms to another power."""
    start, end, g_star_squared = parts(A, y, g0, w0)
    end = (end if kernel is None else g_star_squared + kernel * g0**2) ** power
    return bool(speed(c) * np.log(end / start**power) > end - start**power)


def printed(A, y, g0, w0, c):
    start, _, g_star_squared = parts(A, y, g0, w0)
    return bool(g_star_squared * np.exp((start - g_star_squared) / c) > start)


def ratio_for(g0, share, distance, *, end=None, reach=None, squares=1):
    """The ratio for another scale at the end, another ‖w⊥‖ there, or another power of the invariant."""
    s = 4 + distance**2 if end is None else end
    hidden = distance / np.sqrt(s) if reach is None else reach
    return (s - g0**2) / (2 * squares * np.log(share / hidden))


RIGHT = {
    "concrete_example.tie_scale": lambda c: 1 / np.sqrt(np.expm1(1 / c)),
    "concrete_example.steering_ratio": lambda y, g, w: g**2 * (1 - g / (y * w[0])),
    "concrete_example.ends_farther": farther,
    "concrete_example.ratio_for": ratio_for,
}

WRONG = [
    ("concrete_example.tie_scale", lambda c: 1 / np.expm1(1 / c), "Take its root"),
    ("concrete_example.tie_scale", lambda c: 1.0, "the printed limit ties"),
    ("concrete_example.tie_scale", lambda c: 1 / np.sqrt(np.expm1(c)), "1/c belongs"),
    ("concrete_example.tie_scale", lambda c: 1 / np.sqrt(np.expm1(2 / c)), "You have 2/c"),
    ("concrete_example.tie_scale", lambda c: 1 / np.sqrt(np.e - 1), "has no c"),
    ("concrete_example.tie_scale", lambda c: 0.5, "you say 0.5"),
    ("concrete_example.tie_scale", lambda c: np.ones(2), "is one number"),
    ("concrete_example.steering_ratio", lambda y, g, w: -(g**2) * (1 - g / (y * w[0])), "sign is wrong"),
    ("concrete_example.steering_ratio", lambda y, g, w: min(1, g**2 * (1 - g / (y * w[0]))), "misses the direction"),
    ("concrete_example.steering_ratio", lambda y, g, w: 1 - g / (y * w[0]), "factor g² is missing"),
    ("concrete_example.steering_ratio", lambda y, g, w: g * (1 - g / (y * w[0])), "factor g is missing"),
    ("concrete_example.steering_ratio", lambda y, g, w: g**2 * (1 - g / y), "misses the direction"),
    ("concrete_example.steering_ratio", lambda y, g, w: max(0, g**2 * (1 - g / (y * w[0]))), "a scale that rests"),
    ("concrete_example.steering_ratio", lambda y, g, w: abs(g**2 * (1 - g / (y * w[0]))), "yours is its size"),
    ("concrete_example.ratio_for", lambda *a: -ratio_for(*a), "sign is wrong"),
    ("concrete_example.ratio_for", lambda *a: ratio_for(*a, squares=2), "e^{g²/2c}"),
    ("concrete_example.ratio_for", lambda *a: ratio_for(*a, squares=0.5), "e^{g²/2c}"),
    ("concrete_example.ratio_for", lambda g0, share, far: ratio_for(g0, share, far, reach=far), "not the distance"),
    ("concrete_example.ratio_for", lambda *a: ratio_for(*a, end=4), "not at g*"),
    (
        "concrete_example.ratio_for",
        lambda g0, share, far: ratio_for(g0, share * g0, far, reach=far),
        "g0 times it is ‖x⊥‖",
    ),
    ("concrete_example.ratio_for", lambda *a: 1.0, "asked for is"),
    ("concrete_example.ratio_for", lambda *a: 0.0, "is positive"),
    ("concrete_example.ends_farther", lambda A, y, g0, w0, c: abs(g0) > parts(A, y, g0, w0)[2] ** 0.5, "with g*, as"),
    ("concrete_example.ends_farther", falls, "whether the scale falls"),
    ("concrete_example.ends_farther", too_slow, "Mind the signs"),
    ("concrete_example.ends_farther", lambda *a: other_rule(*a, speed=lambda c: 1), "Your rule has no c"),
    ("concrete_example.ends_farther", lambda *a: other_rule(*a, kernel=1), "yours is g*² + g0²"),
    ("concrete_example.ends_farther", lambda *a: other_rule(*a, kernel=0), "rule of the printed (7)"),
    ("concrete_example.ends_farther", lambda *a: other_rule(*a, power=0.5), "enter squared"),
    ("concrete_example.ends_farther", printed, "rule of the printed (7)"),
    ("concrete_example.ends_farther", 1.0, "asks for a function"),
    ("concrete_example.ends_farther", lambda *a: not farther(*a), "flow ends closer"),
    ("concrete_example.ends_farther", lambda *a: False, "of 100 random cases"),
    ("concrete_example.ends_farther", lambda *a: 1.0, "Return True or False"),
]
