"""Right answers, and typical mistakes with a part of the sentence that each gets: penalty."""

import numpy as np
import sympy


def strength(g, g_next, size_v, eta):
    return (g * size_v - g_next) / (eta * g**2 * g_next)


def top(g0, g1, c):
    return min(max(g0, np.sqrt(c)), g1)


RIGHT = {"penalty.strength_of_rpgd": strength, "penalty.largest_kernel_part": top}

WRONG = [
    ("penalty.strength_of_rpgd", lambda *a: strength(*a) / 2, "goes with the penalty λ‖x‖²"),
    ("penalty.strength_of_rpgd", lambda g, n, v, e: 1 - n / (g * v), "This is α λ"),
    ("penalty.strength_of_rpgd", lambda g, n, v, e: e * strength(g, n, v, e), "lacks the factor 1/η"),
    ("penalty.strength_of_rpgd", lambda *a: -strength(*a), "sign is wrong"),
    ("penalty.strength_of_rpgd", lambda *a: 0.3, "misses the step"),
    ("penalty.strength_of_rpgd", lambda *a: [1.0, 2.0], "one number"),
    ("penalty.largest_kernel_part", lambda g0, g1, c: np.sqrt(c), "is not between"),
    ("penalty.largest_kernel_part", lambda g0, g1, c: g0, "larger at"),
    ("penalty.largest_kernel_part", lambda g0, g1, c: min(max(g0, c), g1), "slope of g exp"),
    ("penalty.largest_kernel_part", lambda g0, g1, c: [g0, g1], "one number"),
    ("penalty.strength_of_rpgd", lambda *a: "positive", "is one number"),
    ("penalty.strength_of_rpgd", lambda *a: np.nan, "must be finite"),
    ("penalty.strength_of_rpgd", lambda *a: sympy.Symbol("lambda"), "is one number"),
    ("penalty.strength_of_rpgd", lambda *a: sympy.Rational(1, 2), "misses the step"),
    ("penalty.strength_of_rpgd", lambda *a: None, "returned None"),
    ("penalty.largest_kernel_part", lambda *a: "1.0", "is one number"),
    ("penalty.largest_kernel_part", lambda *a: 1j, "is one number"),
    ("penalty.largest_kernel_part", lambda *a: np.nan, "must be finite"),
    ("penalty.largest_kernel_part", 1.0, "asks for a function"),
]
