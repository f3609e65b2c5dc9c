"""Right answers, and typical mistakes with a part of the sentence that each gets: general."""

import numpy as np
import sympy
from scipy.optimize import brentq


def ridge(A, y, strength):
    return np.linalg.solve(A.T @ A + strength * np.eye(A.shape[1]), A.T @ y)


def limit(A, y, g0):
    top = np.linalg.norm(A.T @ y) / g0
    return ridge(A, y, brentq(lambda s: np.linalg.norm(ridge(A, y, s)) - g0, 1e-9 * top, top, xtol=1e-15))


def with_kernel(A, y, g0):
    kernel = np.linalg.svd(A)[2][-1]
    return 0.8 * limit(A, y, g0) + 0.6 * g0 * kernel


def saddle(A, y, g0):
    """With one equation, the stationary point of negative μ."""
    return -g0 * np.linalg.pinv(A) @ y / np.linalg.norm(np.linalg.pinv(A) @ y) if len(y) == 1 else limit(A, y, g0)


def steepest(A, y, g0):
    return g0 * A.T @ y / np.linalg.norm(A.T @ y)


def scale(lam, g_star, delta):
    return g_star * min(lam) / ((2 + delta) * max(lam) - min(lam))


def vectors(A):
    return np.linalg.svd(A, full_matrices=False)[2]


def along_min_norm(A, y, g0):
    x = np.linalg.pinv(A) @ y
    return g0 * x / np.linalg.norm(x)


def restored(A, x, mu):
    return x + mu * np.linalg.pinv(A.T @ A) @ x


def lost(A, x, speed):
    return restored(A, x, (speed - 1) * np.linalg.norm(A, 2) ** 2)


RIGHT = {
    "general.limit_point": limit,
    "general.largest_scale_for_all": scale,
    "general.worst_case": lambda A: (vectors(A)[-1], -vectors(A)[-1]),
    "general.lost_solution": lost,
}

WRONG = [
    ("general.limit_point", lambda A, y, g0: np.linalg.pinv(A) @ y, "has norm g*"),
    ("general.limit_point", lambda A, y, g0: ridge(A, y, 1.0), "so ‖x‖ = g0"),
    ("general.limit_point", with_kernel, "ends in the row space"),
    ("general.limit_point", along_min_norm, "has another direction if"),
    ("general.limit_point", steepest, "A step of rPGD moves your x"),
    ("general.limit_point", saddle, "a kernel part would grow there"),
    ("general.largest_scale_for_all", lambda lam, s, c: s * min(lam) / ((2 + c) * max(lam)), "Keep the −λmin"),
    ("general.largest_scale_for_all", lambda lam, s, c: s * min(lam) / (100 + c - min(lam)), "Too small"),
    ("general.largest_scale_for_all", lambda lam, s, c: s * min(lam) / (2 + c - min(lam)), "λmax = 1 only"),
    ("general.largest_scale_for_all", lambda lam, s, c: scale(np.sqrt(lam), s, c), "take no roots"),
    ("general.largest_scale_for_all", lambda lam, s, c: 1.2 * scale(lam, s, c), "Too large"),
    ("general.largest_scale_for_all", lambda lam, s, c: -1.0, "a positive number"),
    ("general.worst_case", lambda A: vectors(A)[-1], "Return the pair"),
    ("general.worst_case", lambda A: (2 * vectors(A)[-1], -vectors(A)[-1]), "w_star must be a unit vector"),
    ("general.worst_case", lambda A: (np.linalg.svd(A)[2][-1], -vectors(A)[-1]), "in the row space"),
    ("general.worst_case", lambda A: (vectors(A)[-1], vectors(A)[-1]), "With −w in place"),
    ("general.worst_case", lambda A: (vectors(A)[0], -vectors(A)[0]), "which target do the data see least"),
    ("general.limit_point", lambda *a: "the ridge solution", "must be an array of"),
    ("general.limit_point", lambda A, y, g0: np.full(A.shape[1], np.nan), "must be finite"),
    ("general.largest_scale_for_all", lambda *a: np.array([1.0, 2.0]), "is one number"),
    ("general.largest_scale_for_all", lambda *a: np.nan, "must be finite"),
    ("general.largest_scale_for_all", lambda *a: sympy.Symbol("g"), "is one number"),
    ("general.largest_scale_for_all", 0.5, "asks for a function"),
    ("general.worst_case", lambda A: ("u", "-u"), "w_star must be an array of"),
    ("general.worst_case", lambda A: np.eye(3), "Return the pair"),
    ("general.worst_case", lambda A: np.array(1.0), "Return the pair"),
    ("general.lost_solution", lambda A, x, speed: x, "That is x itself"),
    ("general.lost_solution", lambda A, x, speed: restored(A, x, speed - 1), "the speed is 1 + μ/λmax"),
    ("general.lost_solution", lambda A, x, speed: restored(A, x, speed), "the speed is 1 + μ/λmax"),
    (
        "general.lost_solution",
        lambda A, x, speed: x / np.linalg.norm(x) * np.linalg.norm(lost(A, x, speed)),
        "differ in direction",
    ),
    ("general.lost_solution", lambda A, x, speed: lost(A, x, speed) + np.linalg.svd(A)[2][-1], "has a kernel part"),
    ("general.lost_solution", lambda A, x, speed: 2 * lost(A, x, speed) - x, "it is off by"),
    ("general.lost_solution", lambda A, x, speed: A @ x, "must be an array of"),
]
