"""Right answers, and typical mistakes with a part of the sentence that each gets: general_matrix."""

import numpy as np


def halves(kappa, m=20_000, share=0.5):
    """Some eigenvalues 1/κ, the others 1."""
    return np.where(np.arange(m) < share * m, 1 / kappa, 1.0)


RIGHT = {"general_matrix.spectrum": halves}

WRONG = [
    ("general_matrix.spectrum", lambda kappa: np.ones(100), "They must go from"),
    ("general_matrix.spectrum", lambda kappa: np.geomspace(1 / kappa, 1, 10), "More equations"),
    ("general_matrix.spectrum", lambda kappa: halves(kappa, share=0.9999), "Let fewer of the eigenvalues"),
    ("general_matrix.spectrum", lambda kappa: halves(np.sqrt(kappa)), "They must go from"),
    ("general_matrix.spectrum", lambda kappa: halves(-kappa), "are positive"),
    ("general_matrix.spectrum", lambda kappa: [], "at least one eigenvalue"),
    ("general_matrix.spectrum", lambda kappa: 1.0, "an array of 1 numbers"),
    ("general_matrix.spectrum", lambda kappa: ["1"], "must be an array"),
]
