"""Right answers, and typical mistakes with a part of the sentence that each gets: prediction."""

import numpy as np

from wnlib import LeastSquares
from wnlib.practice import choose_scale


def unseen(A, Phi):
    return Phi - Phi @ np.linalg.pinv(A) @ A


def cost(A, Phi):
    return np.sum(unseen(A, Phi) ** 2) / len(Phi) / (A.shape[1] - len(A))


def spread(A, Phi, budget):
    return np.sqrt(budget * len(Phi) / np.sum(unseen(A, Phi) ** 2))


def choose(A, y):
    return choose_scale(LeastSquares(A, y))


def part(share):
    return lambda A, y: share * LeastSquares(A, y).g_star


RIGHT = {"prediction.cost": cost, "prediction.largest_spread": spread, "prediction.choose": choose}

WRONG = [
    ("prediction.cost", lambda A, Phi: np.sum(unseen(A, Phi) ** 2) / (A.shape[1] - len(A)), "adds up over the new"),
    ("prediction.cost", lambda A, Phi: np.sum(unseen(A, Phi) ** 2) / len(Phi), "mean squared distance"),
    ("prediction.cost", lambda A, Phi: np.sum(unseen(A, Phi) ** 2), "Take the mean over the new points, and share"),
    ("prediction.cost", lambda A, Phi: np.mean(unseen(A, Phi) ** 2), "d − m directions, not d"),
    ("prediction.cost", lambda A, Phi: np.sqrt(cost(A, Phi)), "This is a root"),
    ("prediction.cost", lambda A, Phi: cost(A, Phi @ np.linalg.pinv(A) @ A), "C⊥ is"),
    (
        "prediction.cost",
        lambda A, Phi: np.sum((Phi - unseen(A, Phi)) ** 2) / len(Phi) / (A.shape[1] - len(A)),
        "what the data see",
    ),
    ("prediction.cost", lambda A, Phi: np.sum(Phi**2) / len(Phi) / (A.shape[1] - len(A)), "Project first"),
    ("prediction.cost", unseen, "one number"),
    ("prediction.cost", lambda A, Phi: np.nan, "must be finite"),
    ("prediction.largest_spread", lambda A, Phi, b: b * len(Phi) / np.sum(unseen(A, Phi) ** 2), "This is the variance"),
    ("prediction.largest_spread", lambda A, Phi, b: np.sqrt(b / cost(A, Phi)), "the length of x0⊥"),
    ("prediction.largest_spread", lambda A, Phi, b: np.sqrt(b / cost(A, Phi) / A.shape[1]), "Only its kernel part"),
    ("prediction.largest_spread", lambda A, Phi, b: np.sqrt(b * len(Phi) / np.sum(Phi**2)), "correct the start"),
    (
        "prediction.largest_spread",
        lambda A, Phi, b: spread(A, Phi, b) * (A.shape[1] - len(A)),
        "it is not shared out",
    ),
    ("prediction.largest_spread", lambda A, Phi, b: 2.0 * spread(A, Phi, b), "you say"),
    ("prediction.largest_spread", lambda A, Phi, b: -spread(A, Phi, b), "is positive"),
    ("prediction.largest_spread", lambda A, Phi, b: "0.1", "is one number"),
    ("prediction.choose", part(1.0), "where they have much"),
    ("prediction.choose", part(0.4), "let the data choose"),
    ("prediction.choose", part(0.02), "let the data choose"),
    ("prediction.choose", part(1.5), "lies between 0 and g*"),
    ("prediction.choose", lambda A, y: 0.0, "lies between 0 and g*"),
    ("prediction.choose", lambda A, y: A @ A.T, "one number"),
    ("prediction.choose", 0.2, "asks for a function"),
]
