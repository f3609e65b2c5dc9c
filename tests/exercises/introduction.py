"""Right answers, and typical mistakes with a part of the sentence that each gets: introduction."""

import numpy as np
import sympy


def kernel(A):
    return np.eye(A.shape[1]) - np.linalg.pinv(A) @ A


def descend(A, y, x0, steps):
    for _ in range(steps):
        x0 = x0 - A.T @ (A @ x0 - y) / np.linalg.norm(A, 2) ** 2
    return x0


def corrected(A, y, x0, P):
    return x0 + P @ A.T @ np.linalg.solve(A @ P @ A.T, y - A @ x0)


RIGHT = {
    "introduction.gd_limit": lambda A, y, x0: x0 + np.linalg.pinv(A) @ (y - A @ x0),
    "introduction.shrink_factor": lambda A, y, g, w, eta: 1 / np.linalg.norm(w - eta * g * A.T @ (A @ (g * w) - y)),
    "introduction.best_start": lambda A, x0: x0 - kernel(A) @ x0,
    "introduction.preconditioned_limit": corrected,
}

WRONG = [
    ("introduction.gd_limit", lambda A, y, x0: np.linalg.pinv(A) @ y, "whatever x0 is"),
    ("introduction.gd_limit", lambda A, y, x0: x0, "so A x = y"),
    ("introduction.gd_limit", lambda A, y, x0: np.linalg.pinv(A) @ y + x0, "added all of x0"),
    ("introduction.gd_limit", lambda A, y, x0: x0 + A.T @ (y - A @ x0), "one step of gradient descent"),
    ("introduction.gd_limit", lambda A, y, x0: x0 - np.linalg.pinv(A) @ (y - A @ x0), "wrong sign"),
    ("introduction.gd_limit", lambda A, y, x0: descend(A, y, x0, 50), "a run that was stopped"),
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
    (
        "introduction.shrink_factor",
        lambda A, y, g, w, eta: RIGHT["introduction.shrink_factor"](A, y, abs(g), w, eta),
        "A negative scale counts as it is",
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
    ("introduction.best_start", lambda A, x0: kernel(A) @ x0, "kernel part of norm"),
    ("introduction.best_start", lambda A, x0: (1 + 1e-5) * (x0 - kernel(A) @ x0), "nearest to x0"),
    ("introduction.preconditioned_limit", lambda A, y, x0, P: x0 + np.linalg.pinv(A) @ (y - A @ x0), "for P = I"),
    ("introduction.preconditioned_limit", lambda A, y, x0, P: x0 + P @ np.linalg.pinv(A) @ (y - A @ x0), "each step"),
    (
        "introduction.preconditioned_limit",
        lambda A, y, x0, P: corrected(A, y, x0, np.linalg.inv(P)),
        "the inverse of P",
    ),
    ("introduction.preconditioned_limit", lambda A, y, x0, P: corrected(A, y, 0 * x0, P), "from x0 = 0"),
    ("introduction.preconditioned_limit", lambda A, y, x0, P: x0, "leaves ‖Ax − y‖"),
    ("introduction.preconditioned_limit", lambda A, y, x0, P: corrected(A, y, x0, P @ P), "solves A x = y, but"),
]
