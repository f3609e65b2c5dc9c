"""Right answers, and typical mistakes with a part of the sentence that each gets: linear regression."""

import numpy as np


def singular(A):
    return np.linalg.svd(A, compute_uv=False)


RIGHT = {
    "linear_regression.spectrum": lambda m, kappa: np.geomspace(1, kappa**-0.5, m),
    "linear_regression.farthest": lambda A, tau: np.sqrt(2 * tau) / singular(A).min(),
    "linear_regression.largest_scale": lambda A, eta: np.sqrt(2 / eta) / singular(A).max(),
}

WRONG = [
    ("linear_regression.spectrum", lambda m, kappa: np.geomspace(1, 1 / kappa, m), "cond(A) = κ"),
    ("linear_regression.spectrum", lambda m, kappa: np.geomspace(kappa**0.5, 1, m), "should be 1"),
    ("linear_regression.spectrum", lambda m, kappa: np.geomspace(kappa**-0.5, 1, m), "the first is the largest"),
    ("linear_regression.spectrum", lambda m, kappa: np.linspace(1, kappa**-0.5, m), "ratio from each value"),
    ("linear_regression.spectrum", lambda m, kappa: np.geomspace(1, kappa**-0.25, m), "yours gives"),
    ("linear_regression.spectrum", lambda m, kappa: np.linspace(1, 0, m), "are positive"),
    ("linear_regression.farthest", lambda A, tau: np.sqrt(2 * tau) / singular(A).max(), "the nearest"),
    ("linear_regression.farthest", lambda A, tau: np.sqrt(tau) / singular(A).min(), "factor ½"),
    ("linear_regression.farthest", lambda A, tau: 2 * tau / singular(A).min() ** 2, "square of the distance"),
    ("linear_regression.farthest", lambda A, tau: np.sqrt(2 * tau) / singular(A).min() ** 2, "square of the least"),
    ("linear_regression.farthest", lambda A, tau: np.sqrt(2 * tau), "longer"),
    ("linear_regression.farthest", lambda A, tau: 1e3, "you say"),
    ("linear_regression.farthest", lambda A, tau: -1.0, "positive number"),
    ("linear_regression.farthest", lambda A, tau: singular(A), "one number"),
    ("linear_regression.largest_scale", lambda A, eta: 2 / eta / singular(A).max() ** 2, "Take the root"),
    ("linear_regression.largest_scale", lambda A, eta: np.sqrt(1 / eta) / singular(A).max(), "is best"),
    ("linear_regression.largest_scale", lambda A, eta: np.sqrt(2 / eta) / singular(A).max() ** 2, "under the root"),
    ("linear_regression.largest_scale", lambda A, eta: np.sqrt(2 / eta), "depends on A"),
    ("linear_regression.largest_scale", lambda A, eta: np.sqrt(2 / eta / singular(A).max()), "not the norm"),
    ("linear_regression.largest_scale", lambda A, eta: 1e4, "you say"),
    ("linear_regression.largest_scale", lambda A, eta: np.inf, "must be finite; yours is inf"),
    ("linear_regression.largest_scale", lambda A, eta: "2", "one number; yours is '2'"),
    ("linear_regression.spectrum", lambda m, kappa: np.full(m, np.nan), "must be finite"),
    ("linear_regression.spectrum", lambda m, kappa: kappa, "array of"),
    ("linear_regression.spectrum", np.ones(3), "asks for a function"),
]
