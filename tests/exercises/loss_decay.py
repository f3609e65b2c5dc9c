"""Right answers, and typical mistakes with a part of the sentence that each gets: loss_decay."""

import numpy as np


def slope(A, y, g, w, c, *, sign=1, project=True, power=2):
    gradient = A.T @ (A @ (g * w) - y)
    along = w @ gradient
    rest = gradient @ gradient - project * along**2
    return -sign * (c * along**2 + g**power * rest)


def bound(A, y, g, w, c, *, pick):
    gradient = A.T @ (A @ (g * w) - y)
    return -pick([g**2, c]) * (gradient @ gradient)


def time(f0, eps, lam_min, floor, c, *, factor=2, pick=min):
    return max(0.0, np.log(f0 / eps) / (factor * lam_min * pick(floor**2, c)))


def promised_loss(f0, lam_min, c, t, g, *, factor=2, slow=None):
    rate = np.minimum(g**2, c) if slow is None else slow(g, c) + 0 * t
    return f0 * np.exp(-factor * lam_min * np.trapezoid(rate, t))


RIGHT = {
    "loss_decay.loss_slope": slope,
    "loss_decay.promised_time": time,
    "loss_decay.promised_loss": promised_loss,
}

WRONG = [
    ("loss_decay.loss_slope", lambda *a: slope(*a, sign=-1), "sign is wrong"),
    ("loss_decay.loss_slope", lambda *a: slope(*a, project=False), "across w only"),
    ("loss_decay.loss_slope", lambda *a: slope(*a, power=1), "clock of the direction is g²"),
    ("loss_decay.loss_slope", lambda A, y, g, w, c: slope(A, y, g, w, 1.0), "moves at speed c"),
    ("loss_decay.loss_slope", lambda A, y, g, w, c: slope(A, y, np.sqrt(c), w, g**2), "you say"),
    ("loss_decay.loss_slope", lambda *a: 2 * slope(*a), "derivative of ‖r‖²"),
    ("loss_decay.loss_slope", lambda *a: bound(*a, pick=max), "the lower bound"),
    ("loss_decay.loss_slope", lambda *a: bound(*a, pick=min), "the upper bound"),
    ("loss_decay.loss_slope", lambda *a: bound(*a, pick=sum) - slope(*a), "The clocks are swapped"),
    ("loss_decay.loss_slope", lambda *a: 0.0, "you say 0"),
    ("loss_decay.loss_slope", lambda *a: np.nan, "must be finite"),
    ("loss_decay.loss_slope", lambda A, y, g, w, c: w, "one number"),
    ("loss_decay.promised_time", lambda *a: time(*a, factor=1), "twice too long"),
    ("loss_decay.promised_time", lambda *a: time(*a, pick=max), "slower clock"),
    (
        "loss_decay.promised_time",
        lambda f0, e, lam, floor, c: time(f0, e, 1.0, floor, c),
        "lacks the smallest eigenvalue",
    ),
    ("loss_decay.promised_time", lambda f0, e, lam, floor, c: time(f0, e, lam, np.sqrt(floor), c), "not floor"),
    (
        "loss_decay.promised_time",
        lambda f0, eps, lam_min, floor, c: np.log(f0 / eps) / (2 * lam_min * min(floor**2, c)),
        "nothing to wait for",
    ),
    (
        "loss_decay.promised_time",
        lambda f0, e, lam, floor, c: time(f0, e, 1.0, floor, c, factor=1),
        "This is the printed rate",
    ),
    ("loss_decay.promised_time", lambda *a: 7.0 * time(*a), "the lemma allows"),
    ("loss_decay.promised_time", lambda *a: [1.0, 2.0], "one number"),
    ("loss_decay.promised_loss", lambda *a: promised_loss(*a, slow=lambda g, c: min(np.min(g**2), c)), "worst moment"),
    ("loss_decay.promised_loss", lambda *a: promised_loss(*a, slow=lambda g, c: min(g[-1] ** 2, c)), "the last scale"),
    ("loss_decay.promised_loss", lambda *a: promised_loss(*a, slow=lambda g, c: min(g.mean() ** 2, c)), "mean scale"),
    ("loss_decay.promised_loss", lambda *a: promised_loss(*a, factor=1), "twice the rate"),
    ("loss_decay.promised_loss", lambda f0, lam_min, *a: promised_loss(f0, 1.0, *a), "smallest eigenvalue"),
    ("loss_decay.promised_loss", lambda *a: promised_loss(*a, slow=lambda g, c: np.maximum(g**2, c)), "slower clock"),
    ("loss_decay.promised_loss", lambda *a: promised_loss(*a, slow=lambda g, c: g**2), "by c as well"),
    (
        "loss_decay.promised_loss",
        lambda f0, lam_min, c, t, g: f0 * np.exp(-2 * lam_min * np.sum(np.minimum(g**2, c))),
        "times the step of time",
    ),
    ("loss_decay.promised_loss", lambda *a: 0.5 * promised_loss(*a), "allows a loss of"),
]
