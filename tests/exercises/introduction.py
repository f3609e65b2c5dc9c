"""Right answers, and typical mistakes with a part of the sentence that each gets: introduction."""

import numpy as np
import sympy


def kernel(A):
    return np.eye(A.shape[1]) - np.linalg.pinv(A) @ A


RIGHT = {
    "introduction.gd_limit": lambda A, y, x0: x0 + np.linalg.pinv(A) @ (y - A @ x0),
    "introduction.shrink_factor": lambda A, y, g, w, eta: 1 / np.linalg.norm(w - eta * g * A.T @ (A @ (g * w) - y)),
    "introduction.best_start": lambda A, x0: x0 - kernel(A) @ x0,
}

WRONG = [
    ("introduction.gd_limit", lambda A, y, x0: np.linalg.pinv(A) @ y, "whatever x0 is"),
    ("introduction.gd_limit", lambda A, y, x0: x0, "so A x = y"),
    ("introduction.gd_limit", lambda A, y, x0: np.linalg.pinv(A) @ y - kernel(A) @ x0, "kernel part differs"),
    ("introduction.shrink_factor", lambda A, y, g, w, eta: 1.0, "divides all of w"),
    (
        "introduction.shrink_factor",
        lambda A, y, g, w, eta: np.linalg.norm(w - eta * g * A.T @ (A @ (g * w) - y)),
        "its inverse",
    ),
    (
        "introduction.shrink_factor",
        lambda A, y, g, w, eta: 1 / np.linalg.norm(w - eta * A.T @ (A @ (g * w) - y)),
        "carries a factor g",
    ),
    (
        "introduction.shrink_factor",
        lambda *a: RIGHT["introduction.shrink_factor"](*a) ** 2,
        "asks for that of ‖w⊥‖",
    ),
    ("introduction.shrink_factor", lambda A, y, g, w, eta: 0.5, "you say 0.5"),
    ("introduction.shrink_factor", lambda A, y, g, w, eta: w, "one number"),
    ("introduction.shrink_factor", lambda *a: "1/‖v‖", "without quotes"),
    ("introduction.shrink_factor", lambda *a: RIGHT["introduction.shrink_factor"](*a) + 0j, "return a real one"),
    ("introduction.shrink_factor", lambda *a: sympy.Symbol("v"), "in place of symbols"),
    ("introduction.shrink_factor", lambda *a: lambda: 1.0, "yours is a function. Call it"),
    ("introduction.shrink_factor", lambda *a: np.nan, "Look for a division by zero"),
    ("introduction.shrink_factor", lambda *a: {"factor": 1.0}, "Print what your function returns"),
    ("introduction.best_start", lambda A, x0: 0 * x0, "nearest to x0"),
    ("introduction.best_start", lambda A, x0: x0, "kernel part of norm"),
    ("introduction.best_start", lambda A, x0: x0[:1], "array of"),
]
