"""Right answers, and typical mistakes with a part of the sentence that each gets: orthogonal."""

import numpy as np
import sympy


def one_step(g_star, p, g, gamma):
    return g_star / np.sqrt(g_star**2 + g**2 * (1 - p**2)), g + gamma * p * (g_star - p * g)


def late_scale(g_star, p, g, gamma):
    g = one_step(g_star, p, g, gamma)[1]
    return one_step(g_star, p, g, gamma)[0], g


def steps(g_star, g0, kernel_share, eps):
    R = (g_star / g0) ** 2
    return np.log((eps**-2 + 1 / (R - 1)) / (kernel_share**-2 + 1 / (R - 1))) / np.log(R)


RIGHT = {
    "orthogonal.one_step": one_step,
    "orthogonal.steps_of_rest": lambda *a: int(np.ceil(steps(*a))),
    "orthogonal.dangerous_scale": lambda g_star, p, gamma: gamma * g_star * p / (1 - gamma * p**2),
    "orthogonal.endless_start": lambda g_star, gamma: (gamma * g_star / 2, np.array([-1.0, 0.0])),
}

WRONG = [
    ("orthogonal.one_step", lambda *a: one_step(*a)[0], "Return the pair p, g"),
    ("orthogonal.one_step", lambda *a: one_step(*a)[::-1], "Return p first"),
    ("orthogonal.one_step", lambda *a: (np.nan, 1.0), "p must be finite"),
    ("orthogonal.one_step", late_scale, "uses the new g"),
    ("orthogonal.one_step", lambda s, p, g, c: (s / g, one_step(s, p, g, c)[1]), "divide it by ‖v‖"),
    ("orthogonal.one_step", lambda s, p, g, c: (p, one_step(s, p, g, c)[1]), "The new p is off by"),
    ("orthogonal.one_step", lambda s, p, g, c: (one_step(s, p, g, c)[0], one_step(s, p, g, -c)[1]), "the wrong way"),
    ("orthogonal.one_step", lambda s, p, g, c: (one_step(s, p, g, c)[0], g + c * (s - p * g)), "lacks a factor p"),
    ("orthogonal.one_step", lambda s, p, g, c: (one_step(s, p, g, c)[0], g), "The new g is off by"),
    ("orthogonal.steps_of_rest", steps, "must be rounded"),
    ("orthogonal.steps_of_rest", lambda *a: int(steps(*a)), "Too few"),
    ("orthogonal.steps_of_rest", lambda *a: -1, "Too few"),
    (
        "orthogonal.steps_of_rest",
        lambda s, g0, q, eps: int(np.ceil(np.log(1 / eps**2) / np.log(s**2 / g0**2))),
        "keep it, and start from kernel_share",
    ),
    ("orthogonal.steps_of_rest", lambda g_star, g0, kernel_share, eps: np.ceil(eps**-2), "do as well"),
    ("orthogonal.steps_of_rest", lambda *a: "many", "is one number"),
    ("orthogonal.dangerous_scale", lambda s, p, c: -c * s * p / (1 - c * p**2), "a positive scale"),
    ("orthogonal.dangerous_scale", lambda s, p, c: c * s * p, "Too small"),
    ("orthogonal.dangerous_scale", lambda s, p, c: c * s / (1 - c), "Too large"),
    ("orthogonal.one_step", lambda *a: ([1, 2], [3]), "p is one number"),
    ("orthogonal.one_step", lambda *a: ([1, [2]], 3), "lists of different lengths"),
    ("orthogonal.one_step", lambda *a: np.array(1.0), "Return the pair"),
    ("orthogonal.one_step", (0.5, 1.0), "asks for a function"),
    ("orthogonal.steps_of_rest", lambda *a: np.inf, "must be finite"),
    ("orthogonal.steps_of_rest", lambda *a: 1e300, "Your 1e+300 steps suffice"),
    ("orthogonal.steps_of_rest", lambda *a: sympy.Symbol("t"), "is one number; yours is t"),
    ("orthogonal.dangerous_scale", lambda *a: None, "returned None"),
    ("orthogonal.dangerous_scale", lambda *a: 1e300, "Too large"),
    ("orthogonal.dangerous_scale", lambda *a: "0.5", "is one number"),
    ("orthogonal.endless_start", lambda s, c: c * s / 2, "Return the pair g0, w0"),
    ("orthogonal.endless_start", lambda s, c: (c * s / 2, np.array([1.0, 0.0])), "does not fall: look away"),
    ("orthogonal.endless_start", lambda s, c: (c * s / 2, np.array([0.0, 1.0])), "does not fall: look away"),
    ("orthogonal.endless_start", lambda s, c: (0.99 * s, np.array([-1.0, 0.0])), "not below zero"),
    ("orthogonal.endless_start", lambda s, c: (c * s / 2, np.array([-0.3, np.sqrt(0.91)])), "not below zero"),
    ("orthogonal.endless_start", lambda s, c: (1e-3 * c * s, np.array([-1.0, 0.0])), "g0 must be from γg*/4"),
    ("orthogonal.endless_start", lambda s, c: (2 * s, np.array([-1.0, 0.0])), "to below g*"),
    ("orthogonal.endless_start", lambda s, c: (c * s / 2, np.array([-2.0, 0.0])), "unit vector"),
    ("orthogonal.endless_start", lambda s, c: (c * s / 2, -1.0), "w0 must be an array of 2 numbers"),
]
