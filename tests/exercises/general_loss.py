"""Right answers, and typical mistakes with a part of the sentence that each gets: general_loss."""

import numpy as np
import sympy


def factor(g0, g1, c, size):
    return np.exp((g0**2 - g1**2) / (2 * c * size**2))


def projection(B):
    return np.linalg.pinv(B) @ B


RIGHT = {"general_loss.unseen_factor": factor, "general_loss.seen_projection": projection}

WRONG = [
    ("general_loss.unseen_factor", lambda *a: 1 / factor(*a), "the inverse"),
    ("general_loss.unseen_factor", lambda g0, g1, c, s: factor(g0, g1, 1, s), "lacks the ratio c"),
    ("general_loss.unseen_factor", lambda g0, g1, c, s: factor(g0, g1, c, 1), "lacks the length"),
    ("general_loss.unseen_factor", lambda g0, g1, c, s: factor(g0, g1, c, np.sqrt(s)), "as its square"),
    ("general_loss.unseen_factor", lambda *a: factor(*a) ** 2, "the half is missing"),
    ("general_loss.unseen_factor", lambda *a: a[1] / a[0] * factor(*a), "the factor of x⊥"),
    ("general_loss.unseen_factor", lambda *a: 1.5, "you say 1.5"),
    ("general_loss.unseen_factor", lambda *a: [1.0, 2.0], "one number"),
    ("general_loss.unseen_factor", lambda *a: np.nan, "must be finite; yours is nan"),
    ("general_loss.unseen_factor", lambda *a: "exp", "one number; yours is 'exp'"),
    ("general_loss.unseen_factor", lambda *a: sympy.Symbol("c"), "one number; yours is c"),
    ("general_loss.unseen_factor", lambda *a: 1j, "one number; yours is 1j"),
    ("general_loss.unseen_factor", 1.5, "asks for a function, and you gave a float"),
    ("general_loss.seen_projection", lambda B: B @ B.T, "acts on x"),
    ("general_loss.seen_projection", lambda B: B.T @ B, "P² = P"),
    ("general_loss.seen_projection", lambda B: np.full((B.shape[1],) * 2, np.nan), "must be finite"),
    (
        "general_loss.seen_projection",
        lambda B: np.linalg.inv(np.zeros_like(B.T @ B)),
        "If you inverted BBᵀ: here B has",
    ),
    ("general_loss.seen_projection", lambda B: 1j * projection(B), "dtype complex128"),
    ("general_loss.seen_projection", lambda B: "P", "array of numbers"),
    ("general_loss.seen_projection", lambda B: [[1], [1, 2]], "lists of different lengths"),
    ("general_loss.seen_projection", lambda B: np.eye(B.shape[1]), "is enough"),
    ("general_loss.seen_projection", lambda B: 0 * np.eye(B.shape[1]), "misses some gradients"),
    ("general_loss.seen_projection", lambda B: np.diag(1.0 + 0 * B[0]) @ np.triu(np.ones((B.shape[1],) * 2)), "P² = P"),
    (
        "general_loss.seen_projection",
        lambda B: np.outer(np.eye(B.shape[1])[0], np.ones(B.shape[1])),
        "so symmetric",
    ),
]
