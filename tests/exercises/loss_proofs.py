"""Right answers, and typical mistakes with a part of the sentence that each gets: loss_proofs."""

import numpy as np


def repeated(y, scale=1.0):
    """All rows alike: the best that they can do is the mean of y."""
    A = np.zeros((len(y), len(y) + 1))
    A[:, 0] = scale
    return A, np.mean(y) / scale, np.eye(len(y) + 1)[0]


def full_rank(y):
    A, g, w = repeated(y)
    return np.eye(*A.shape), g, w


RIGHT = {"loss_proofs.stuck_off_zero": repeated}

WRONG = [
    ("loss_proofs.stuck_off_zero", full_rank, "so Aᵀr = 0 only for r = 0"),
    ("loss_proofs.stuck_off_zero", lambda y: (repeated(y)[0], 2 * repeated(y)[1], repeated(y)[2]), "it must be zero"),
    ("loss_proofs.stuck_off_zero", lambda y: (repeated(y)[0], 0.0, repeated(y)[2]), "the question is about g ≠ 0"),
    ("loss_proofs.stuck_off_zero", lambda y: (repeated(y)[0], 1.0, 2 * repeated(y)[2]), "w must be a unit vector"),
    ("loss_proofs.stuck_off_zero", lambda y: (np.eye(len(y)), 1.0, np.eye(len(y))[0]), "more entries than y"),
    ("loss_proofs.stuck_off_zero", lambda y: (repeated(y)[0].T, 1.0, repeated(y)[2]), "A must be a"),
    ("loss_proofs.stuck_off_zero", lambda y: repeated(y)[:2], "Return the three A, g, w"),
    (
        "loss_proofs.stuck_off_zero",
        lambda y: (np.column_stack([y, np.zeros((len(y), len(y)))]), 1.0, np.eye(len(y) + 1)[0]),
        "the loss is zero",
    ),
]
