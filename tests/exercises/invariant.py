"""Right answers, and typical mistakes with a part of the sentence that each gets: the invariant."""

import numpy as np


def kernel_part(P, g0, w0, g, c, *, factor=0.5, power=2):
    return np.exp(factor * (g0**2 - g**2) / (c * np.linalg.norm(w0) ** power)) * (P @ w0)


def scale_needed(g0, c, share, *, factor=2):
    return np.sqrt(g0**2 - factor * c * np.log(share))


def price(G, g, w, c, *, log_term=1, scale_term=1):
    h, n = w @ G, np.linalg.norm(G)
    return log_term * g**2 * h**2 - g**2 * n**2 / 2 + scale_term * c * h**2 / 2


def hidden_ratio(g_a, share_a, g_b, share_b):
    return (g_b**2 - g_a**2) / (2 * np.log(share_a / share_b))


RIGHT = {
    "invariant.kernel_part": kernel_part,
    "invariant.scale_needed": scale_needed,
    "invariant.price": price,
    "invariant.hidden_ratio": hidden_ratio,
}

WRONG = [
    ("invariant.kernel_part", lambda *a: np.linalg.norm(kernel_part(*a)), "Return the vector"),
    ("invariant.kernel_part", lambda *a: [[1], [1, 2]], "lists of different lengths"),
    ("invariant.scale_needed", lambda *a: 1e308, "cannot be judged (OverflowError"),
    ("invariant.kernel_part", lambda P, g0, w0, g, c: w0, "in the kernel of A"),
    ("invariant.kernel_part", lambda *a: kernel_part(*a, power=0), "divides it by ‖w0‖²"),
    ("invariant.kernel_part", lambda *a: kernel_part(*a, power=1), "not by ‖w0‖"),
    ("invariant.kernel_part", lambda *a: kernel_part(*a, factor=1), "belongs to ‖w⊥‖²"),
    ("invariant.kernel_part", lambda *a: kernel_part(*a, factor=-0.5), "where g² grows, w⊥ shrinks"),
    ("invariant.kernel_part", lambda P, g0, w0, g, c: P @ w0, "part at the start"),
    ("invariant.kernel_part", lambda *a: kernel_part(*a, power=-2), "not multiplied"),
    ("invariant.kernel_part", lambda P, g0, w0, g, c: kernel_part(P, g0, w0, g, 1), "lacks c"),
    ("invariant.kernel_part", lambda *a: kernel_part(*a) / np.linalg.norm(a[2]), "of the unit vector"),
    ("invariant.kernel_part", lambda *a: 2 * kernel_part(*a), "on a random start"),
    ("invariant.scale_needed", lambda g0, c, share: np.array([g0, g0]), "one number"),
    ("invariant.scale_needed", lambda *a: np.inf, "must be finite"),
    ("invariant.scale_needed", lambda *a: scale_needed(*a) ** 2, "This is g²"),
    ("invariant.scale_needed", lambda g0, c, share: scale_needed(g0, c / 50, 1 / share), "of its start; asked for is"),
    ("invariant.scale_needed", lambda g0, c, share: np.sqrt(max(0, g0**2 + 2 * c * np.log(share))), "share below 1"),
    ("invariant.scale_needed", lambda *a: -scale_needed(*a), "the positive one"),
    ("invariant.scale_needed", lambda *a: scale_needed(*a, factor=4), "not its square"),
    ("invariant.scale_needed", lambda *a: scale_needed(*a, factor=1), "Check the 2"),
    ("invariant.scale_needed", lambda g0, c, share: g0, "of its start; asked for is"),
    ("invariant.price", lambda G, g, w, c: G, "one number"),
    ("invariant.price", lambda *a: price(*a, scale_term=0), "second order too"),
    ("invariant.price", lambda *a: price(*a, log_term=0), "square of its first-order term"),
    ("invariant.price", lambda *a: -price(*a), "The sign is wrong"),
    ("invariant.price", lambda *a: 2 * price(*a), "change of 2I"),
    ("invariant.price", lambda G, g, w, c: 0.5, "you say 0.5"),
    ("invariant.hidden_ratio", lambda g_a, s_a, g_b, s_b: hidden_ratio(g_a, s_b, g_b, s_a), "came out negative"),
    ("invariant.hidden_ratio", lambda *a: 2 * hidden_ratio(*a), "a factor 2 is missing"),
    ("invariant.hidden_ratio", lambda g_a, s_a, g_b, s_b: hidden_ratio(g_a, s_a**2, g_b, s_b**2), "not its square"),
    ("invariant.hidden_ratio", lambda g_a, s_a, g_b, s_b: hidden_ratio(g_a**0.5, s_a, g_b**0.5, s_b), "of the squares"),
    ("invariant.hidden_ratio", lambda g_a, s_a, g_b, s_b: (g_b**2 - g_a**2) / (2 * (s_a - s_b)), "logarithm"),
    ("invariant.hidden_ratio", lambda *a: 1 / hidden_ratio(*a), "This is 1/c"),
    ("invariant.hidden_ratio", lambda *a: 7.0, "different invariants"),
]
