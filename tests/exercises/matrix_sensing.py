"""Right answers, and typical mistakes with a part of the sentence that each gets: matrix sensing."""

import numpy as np
import sympy


def weighted(A, y, U):
    return np.tensordot(np.tensordot(A, U @ U.T, axes=2) - y, A, axes=1) / len(y)


def gradient(A, y, U):
    T = weighted(A, y, U)
    return (T + T.T) @ U


def split(U0, power=2, axis=0):
    lengths = np.linalg.norm(U0, axis=axis, keepdims=True)
    return U0 / lengths, np.linalg.norm(U0, axis=0) ** power


RIGHT = {
    "matrix_sensing.gradient": gradient,
    "matrix_sensing.diagonal_start": split,
    "matrix_sensing.final_norm": lambda least, alpha: max(least, alpha**2),
}

WRONG = [
    ("matrix_sensing.gradient", lambda A, y, U: 2 * weighted(A, y, U) @ U, "right only for symmetric"),
    ("matrix_sensing.gradient", lambda A, y, U: weighted(A, y, U) @ U, "second term"),
    ("matrix_sensing.gradient", lambda A, y, U: len(y) * gradient(A, y, U), "keeps 1/m"),
    ("matrix_sensing.gradient", lambda A, y, U: gradient(A, y, U) / 2, "Half of it"),
    ("matrix_sensing.gradient", lambda A, y, U: U @ (weighted(A, y, U) + weighted(A, y, U).T), "from the left"),
    ("matrix_sensing.gradient", lambda A, y, U: -gradient(A, y, U), "sign"),
    ("matrix_sensing.gradient", lambda A, y, U: gradient(A, y, U) + 1, "off by"),
    ("matrix_sensing.gradient", lambda A, y, U: gradient(A, y, U)[0], "array"),
    ("matrix_sensing.gradient", lambda A, y, U: np.nan * U, "must be finite"),
    ("matrix_sensing.diagonal_start", lambda U0: U0, "the pair"),
    ("matrix_sensing.diagonal_start", lambda U0: list(split(U0, power=1)), "squared"),
    ("matrix_sensing.diagonal_start", lambda U0: split(U0, axis=1), "rows of your W"),
    ("matrix_sensing.diagonal_start", lambda U0: (U0, split(U0)[1]), "needs length 1"),
    ("matrix_sensing.diagonal_start", lambda U0: split(U0, power=1), "squared"),
    ("matrix_sensing.diagonal_start", lambda U0: (split(U0)[0], np.full(len(U0), np.sum(U0**2))), "One D"),
    ("matrix_sensing.diagonal_start", lambda U0: split(U0, power=3), "differs from"),
    ("matrix_sensing.diagonal_start", lambda U0: (split(U0)[0], 1.0), "The diagonal D must be an array of"),
    ("matrix_sensing.diagonal_start", lambda U0: (split(U0)[0], np.nan * split(U0)[1]), "must be finite"),
    ("matrix_sensing.diagonal_start", lambda U0: (split(U0)[0], np.ones((len(U0),) * 2)), "D must be diagonal"),
    ("matrix_sensing.diagonal_start", lambda U0: ("W", "D"), "W must be a"),
    ("matrix_sensing.gradient", lambda A, y, U: "gradient", "array of numbers"),
    ("matrix_sensing.gradient", lambda A, y, U: [[1], [1, 2]], "lists of different lengths"),
    ("matrix_sensing.gradient", 2.0, "asks for a function"),
    ("matrix_sensing.final_norm", lambda least, alpha: least, "stays there"),
    ("matrix_sensing.final_norm", lambda least, alpha: alpha**2, "has to climb"),
    ("matrix_sensing.final_norm", lambda least, alpha: alpha, "trace α², not α"),
    ("matrix_sensing.final_norm", lambda least, alpha: least + alpha**2, "you say"),
    ("matrix_sensing.final_norm", lambda least, alpha: np.ones(2), "one number"),
    ("matrix_sensing.final_norm", lambda least, alpha: np.nan, "must be finite; yours is nan"),
    ("matrix_sensing.final_norm", lambda least, alpha: "max", "one number; yours is 'max'"),
    ("matrix_sensing.final_norm", lambda least, alpha: sympy.Symbol("alpha"), "one number; yours is alpha"),
]
