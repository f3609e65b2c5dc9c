"""Right answers, and typical mistakes with a part of the sentence that each gets: setup."""

import numpy as np
import sympy


def kernel(A):
    return np.eye(A.shape[1]) - np.linalg.pinv(A) @ A


def wn_step(A, y, g, w, eta, gamma, *, size_power=1, project=True, late_g=False, late_w=False, sign=1):
    size = np.linalg.norm(w)
    u = w / size
    G = A.T @ (g * (A @ u) - y)
    if late_w:
        g_next = g - gamma * (u @ G)
        return g_next, wn_step(A, y, g_next, w, eta, gamma)[1]
    move = G - (u @ G) * u if project else G
    w_next = w - sign * eta * g / size**size_power * move
    if late_g:
        u = w_next / np.linalg.norm(w_next)
        G = A.T @ (g * (A @ u) - y)
    return g - gamma * (u @ G), w_next


def length_after(length, eta, sizes):
    return np.sqrt(length**2 + eta**2 * np.sum(sizes**2))


RIGHT = {
    "setup.minimum_norm": lambda A, y: A.T @ np.linalg.solve(A @ A.T, y),
    # A pair of vectors is one array too; the solution in the chapter returns a tuple.
    "setup.split": lambda A, z: np.array([np.linalg.pinv(A) @ (A @ z), kernel(A) @ z]),
    "setup.weight_normalization_step": wn_step,
    "setup.length_after": length_after,
}

WRONG = [
    ("setup.minimum_norm", lambda A, y: A.T @ y, r"‖Ax − y‖ = "),
    ("setup.minimum_norm", lambda A, y: np.linalg.solve(A @ A.T, y), "multiply it by Aᵀ"),
    ("setup.minimum_norm", lambda A, y: np.linalg.pinv(A) @ y + kernel(A)[0], "a shorter solution exists"),
    ("setup.minimum_norm", lambda A, y: None, "returned None"),
    ("setup.minimum_norm", lambda A, y: np.full(A.shape[1], np.nan), "NaN"),
    ("setup.minimum_norm", lambda A: A, "raised TypeError"),
    ("setup.minimum_norm", lambda A, y: y[99], "It was called with (shape (5, 9), shape (5,))"),
    ("setup.minimum_norm", lambda A, y: [[1], [1, 2]], "lists of different lengths"),
    ("setup.minimum_norm", lambda A, y: (np.linalg.pinv(A) @ y)[:, None], "return np.ravel of it"),
    ("setup.minimum_norm", lambda A, y: (np.linalg.pinv(A) @ y)[:-1], "Print the shapes"),
    ("setup.minimum_norm", lambda A, y: lambda: A.T @ y, "Call it"),
    ("setup.minimum_norm", lambda A, y: 10**400, "must be an array of"),
    ("setup.minimum_norm", np.ones(3), "asks for a function, and you gave a ndarray"),
    ("setup.minimum_norm", 3, "asks for a function, and you gave an int. Give its name alone."),
    ("setup.minimum_norm", sympy.Symbol("x"), "asks for a function"),
    ("setup.split", lambda A, z: z, "Return the pair z∥, z⊥"),
    ("setup.split", lambda A, z: np.array(1.0), "Return the pair z∥, z⊥"),
    ("setup.split", lambda A, z: (z, z, z), "of 3 entries"),
    ("setup.split", lambda A, z: (kernel(A) @ z, z - kernel(A) @ z), "swapped"),
    ("setup.split", lambda A, z: (A.T @ (A @ z), kernel(A) @ z), "must be z"),
    ("setup.split", lambda A, z: (z / 2, z / 2), "A z⊥ must be 0"),
    ("setup.split", lambda A, z: (z - 2 * kernel(A) @ z, 2 * kernel(A) @ z), "not in the row space"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a)[1], "the pair g, w"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a)[::-1], "The first value, g, is one number"),
    ("setup.weight_normalization_step", lambda *a: ("g", wn_step(*a)[1]), "without quotes"),
    ("setup.weight_normalization_step", lambda *a: (1j, wn_step(*a)[1]), "root of a negative number"),
    ("setup.weight_normalization_step", lambda *a: (np.nan, wn_step(*a)[1]), "must be finite; yours is nan"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, size_power=0), "too long by the factor ‖w‖"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, project=False), "part along w"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, late_g=True), "uses the new w"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, late_w=True), "uses the new g"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, sign=-1), "uphill"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a[:4], a[5], a[4]), "eta, not gamma, moves w"),
    ("setup.weight_normalization_step", lambda *a: (a[2], wn_step(*a)[1]), "slope of h in g"),
    ("setup.length_after", lambda length, eta, sizes: length, "No step shortens w"),
    ("setup.length_after", lambda length, eta, sizes: length + eta * sizes.sum(), "orthogonal to it"),
    ("setup.length_after", lambda length, eta, sizes: length - eta * sizes.sum(), "never shortens"),
    ("setup.length_after", lambda length, eta, sizes: np.hypot(length, eta * sizes.sum()), "one by one"),
    ("setup.length_after", lambda length, eta, sizes: length_after(length, eta**0.5, sizes), "its square has η²"),
    ("setup.length_after", lambda *a: length_after(*a) ** 2, "Take its root"),
    ("setup.length_after", lambda length, eta, sizes: length + eta, "lead to"),
]
