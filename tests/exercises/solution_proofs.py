"""Right answers, and typical mistakes with a part of the sentence that each gets: solution_proofs."""

import numpy as np


def on_the_circle(y):
    """A point of the sphere with the diameter from 0 to y."""
    u = np.append(-y[1], y[0])
    u = np.append(u / np.linalg.norm(u), np.zeros(len(y) - 2))
    return (y + np.linalg.norm(y) * u) / 2


def orthogonal(y):
    return 2 * on_the_circle(y) - y


RIGHT = {"solution_proofs.blind_slope": on_the_circle}

WRONG = [
    ("solution_proofs.blind_slope", lambda y: y, "z = y has zero loss"),
    ("solution_proofs.blind_slope", lambda y: 0 * y, "z = 0 means"),
    ("solution_proofs.blind_slope", lambda y: y / 2, "must be zero"),
    ("solution_proofs.blind_slope", lambda y: -y, "must be zero"),
    ("solution_proofs.blind_slope", lambda y: np.append(np.zeros(len(y) - 2), [-y[-1], y[-2]]) + 0 * y, "must be zero"),
    ("solution_proofs.blind_slope", lambda y: 1.0, "z must be an array"),
]
