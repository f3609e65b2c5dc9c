"""Right answers, and typical mistakes with a part of the sentence that each gets: discussion."""

import numpy as np
import sympy


def ridge(A, y, penalty):
    return np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ y)


def start_kept(A, y, x0):
    return x0 + np.linalg.pinv(A) @ (y - A @ x0)


def limit(A, y, x0, penalty):
    return ridge(A, y, penalty) if penalty else start_kept(A, y, x0)


def with_kernel(A, y, x0, penalty):
    return limit(A, y, x0, penalty) + (x0 - np.linalg.pinv(A) @ (A @ x0) if penalty else 0)


def share(t):
    return 0.5 if t < 100 else 0.0


def scaled(A, y, x0, D):
    return x0 + D * (A.T @ np.linalg.solve(A @ np.diag(D) @ A.T, y - A @ x0))


RIGHT = {"discussion.weight_decay_limit": limit, "discussion.share": share, "discussion.scaled_limit": scaled}

WRONG = [
    ("discussion.weight_decay_limit", with_kernel, "so it ends at zero"),
    ("discussion.weight_decay_limit", lambda A, y, x0, p: ridge(A, y, p or 1e-9), "so it ends as it starts"),
    ("discussion.weight_decay_limit", lambda A, y, x0, p: limit(A, y, x0, 2 * p), "the penalty λ‖x‖²"),
    ("discussion.weight_decay_limit", lambda A, y, x0, p: np.linalg.pinv(A) @ y, "so the next step moves on"),
    ("discussion.weight_decay_limit", lambda A, y, x0, p: y, "array of"),
    ("discussion.weight_decay_limit", lambda *a: np.linalg.inv(np.zeros((2, 2))), "AᵀA has no inverse"),
    ("discussion.share", lambda t: 0.0, "has to be smaller"),
    ("discussion.share", lambda t: 0.5 / (t + 1) ** 2, "has to be smaller"),
    ("discussion.share", lambda t: 0.1, "still pulls at the end"),
    ("discussion.share", lambda t: 1.0, "from 0 to 0.5"),
    ("discussion.share", lambda t: [0.1, 0.1], "The share at t = 0 is one number; yours has shape (2,)"),
    ("discussion.share", lambda t: 0.5 if t < 7 else np.nan, "The share at t = 7 must be finite; yours is nan"),
    ("discussion.share", lambda t: "0.1", "one number; yours is '0.1'"),
    ("discussion.share", lambda t: 0.1j, "one number; yours is 0.1j"),
    ("discussion.share", lambda t: sympy.Symbol("t"), "one number; yours is t"),
    ("discussion.share", lambda t: -0.1, "from 0 to 0.5; at t = 0 yours is -0.1"),
    ("discussion.share", np.full(1000, 0.1), "asks for a function"),
    ("discussion.weight_decay_limit", lambda A, y, x0, p: np.nan * x0, "must be finite"),
    ("discussion.weight_decay_limit", lambda A, y, x0, p: [[1], [1, 2]], "lists of different lengths"),
    ("discussion.scaled_limit", lambda A, y, x0, D: start_kept(A, y, x0), "where gradient descent ends"),
    ("discussion.scaled_limit", lambda A, y, x0, D: scaled(A, y, 0 * x0, D), "the end from x0 = 0"),
    ("discussion.scaled_limit", lambda A, y, x0, D: scaled(A, y, x0, 1 / D), "You divide by D"),
    ("discussion.scaled_limit", lambda A, y, x0, D: scaled(A, y, x0, D**2), "is not DAᵀu for any u"),
    ("discussion.scaled_limit", lambda A, y, x0, D: D * start_kept(A, y, x0), "so A x = y"),
    ("discussion.scaled_limit", lambda A, y, x0, D: x0, "so A x = y"),
    ("discussion.scaled_limit", lambda A, y, x0, D: A @ x0, "array of"),
]
