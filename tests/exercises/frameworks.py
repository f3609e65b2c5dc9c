"""Right answers, and typical mistakes with a part of the sentence that each gets: frameworks."""

import numpy as np


def ratio(v0, lr_g, lr_v, *, size=lambda v: v @ v):
    return size(v0) * lr_g / lr_v


def scale_rate(g0, share, length, lr_v, g_star, asked, *, power=2, factor=1.0, end=None, reach=None):
    """The rate for another power of the length, another scale at the end, or another share of the kernel there."""
    s = g_star**2 + asked**2 if end is None else end(g_star)
    hidden = asked / np.sqrt(g_star**2 + asked**2) if reach is None else reach(asked)
    return factor * (s - g0**2) / (2 * np.log(share / hidden)) * lr_v / length**power


def adam_limit(a, y, x0, *, along=np.sign, gain=None, start=1.0):
    """Another direction of the steps, another gain of a·x by one, or another share of the start that counts."""
    gain = a @ along(a) if gain is None else gain(a)
    return start * x0 + along(a) * (y - start * (a @ x0)) / gain


def steps_to_spike(lr, decay, g, length, lam, *, curvature=2.0, share=None, scale=True, times=1.0):
    """The steps for another bound on the step, another fall of ‖v‖ in one, or without the scale."""
    least = (g if scale else 1.0) * np.sqrt(lr * lam / curvature)
    fall = -np.log1p(-lr * decay) if share is None else share(lr, decay)
    return np.ceil(times * np.log(length / least) / fall)


RIGHT = {
    "frameworks.effective_ratio": ratio,
    "frameworks.scale_rate": scale_rate,
    "frameworks.adam_limit": adam_limit,
    "frameworks.steps_to_spike": steps_to_spike,
}

WRONG = [
    ("frameworks.effective_ratio", lambda v, a, b: a / b, "its length enters, squared"),
    ("frameworks.effective_ratio", lambda v, a, b: ratio(v, a, b, size=np.linalg.norm), "η = lr_v/‖v0‖²"),
    ("frameworks.effective_ratio", lambda v, a, b: ratio(v, a, b, size=lambda v: 1 / (v @ v)), "multiply by ‖v0‖²"),
    ("frameworks.effective_ratio", lambda v, a, b: 1 / ratio(v, a, b), "This is 1/c"),
    ("frameworks.effective_ratio", lambda v, a, b: ratio(v, b, a), "wrong way round"),
    ("frameworks.effective_ratio", lambda v, a, b: a / b / 3, "1/3 is the mean"),
    ("frameworks.effective_ratio", lambda v, a, b: ratio(v, a, b, size=lambda v: np.mean(v**2)), "mean square"),
    ("frameworks.effective_ratio", lambda v, a, b: 7.0, "yours is 7"),
    ("frameworks.scale_rate", lambda *n: scale_rate(*n, power=0), "the length of v0 is missing"),
    ("frameworks.scale_rate", lambda *n: scale_rate(*n, power=1), "enters squared"),
    ("frameworks.scale_rate", lambda *n: scale_rate(*n, power=-2), "the length divides"),
    ("frameworks.scale_rate", lambda *n: scale_rate(*n, factor=2), "a 2 is missing"),
    ("frameworks.scale_rate", lambda *n: scale_rate(*n, end=lambda s: s**2), "not at g*"),
    ("frameworks.scale_rate", lambda *n: scale_rate(*n, reach=lambda r: r), "‖x⊥‖/g∞"),
    ("frameworks.scale_rate", lambda *n: 7.0, "yours is 7"),
    ("frameworks.adam_limit", lambda a, y, x0: adam_limit(a, y, x0, along=lambda a: a), "gradient descent"),
    ("frameworks.adam_limit", lambda a, y, x0: adam_limit(a, y, x0, start=0.0), "from zeros"),
    ("frameworks.adam_limit", lambda a, y, x0: adam_limit(a, y, x0, along=np.ones_like), "a sign is missing"),
    ("frameworks.adam_limit", lambda a, y, x0: adam_limit(a, y, x0, gain=lambda a: a @ a), "raises a·x by ‖a‖₁"),
    ("frameworks.adam_limit", lambda a, y, x0: adam_limit(a, y, x0, gain=len), "not by d"),
    ("frameworks.adam_limit", lambda a, y, x0: adam_limit(a, y, x0, along=lambda a: 1 / a), "need alone"),
    ("frameworks.adam_limit", lambda a, y, x0: x0 + 1, "must solve the equation"),
    ("frameworks.adam_limit", lambda a, y, x0: adam_limit(a, y, x0, along=lambda a: a**3), "your entries move by"),
    (
        "frameworks.steps_to_spike",
        lambda *n: steps_to_spike(*n, share=lambda lr, decay: -np.log1p(-decay)),
        "lr · decay of v",
    ),
    ("frameworks.steps_to_spike", lambda *n: steps_to_spike(*n, times=2), "twice as fast"),
    ("frameworks.steps_to_spike", lambda *n: steps_to_spike(*n, times=0.5), "half as fast"),
    ("frameworks.steps_to_spike", lambda *n: steps_to_spike(*n, share=lambda lr, decay: lr * decay), "not by e^"),
    ("frameworks.steps_to_spike", lambda *n: steps_to_spike(*n, curvature=1.0), "not 1"),
    ("frameworks.steps_to_spike", lambda *n: steps_to_spike(*n, scale=False), "the scale is missing"),
    ("frameworks.steps_to_spike", lambda *n: 7.0, "yours is 7"),
]
