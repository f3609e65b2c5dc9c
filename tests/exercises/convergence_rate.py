"""Right answers, and typical mistakes with a part of the sentence that each gets: convergence rate."""

import numpy as np


def gamma(A, g0, w0, c):
    return g0**2 + 2 * c * np.log(np.linalg.norm(w0 - np.linalg.pinv(A) @ (A @ w0)))


def gain(A, y, g0, w0, eps):
    return np.log(np.sum((A @ (g0 * w0) - y) ** 2) / 2 / eps)


def first_time(A, y, g0, w0, c, eps, *, factor=2, rate=min, which=0, power=1, speed=lambda c: c, loss=1):
    rest = gamma(A, g0, w0, speed(c))
    if rest <= 0:
        return np.inf
    return gain(A, y, g0, w0, eps / loss) / (factor * np.linalg.eigvalsh(A @ A.T)[which] ** power * rate(rest, c))


def scale_floor(A, y, g0, w0, c, t, *, start=lambda g0: g0**2, which=-1, clock=None, divide=True, share=1):
    lam = np.linalg.eigvalsh(A @ A.T)[which]
    level = share * (y @ y - np.sum((A @ (g0 * w0) - y) ** 2)) / (lam if divide else 1)
    return level + (start(g0) - level) * np.exp(-(c if clock is None else clock) * lam * t)


def with_options(function, **options):
    return lambda *arguments: function(*arguments, **options)


def hundredfold(c):
    return 3.0, 1e-4 * min(1.0, c)


RIGHT = {
    "convergence_rate.first_time": first_time,
    "convergence_rate.scale_floor": scale_floor,
    "convergence_rate.critical_scale": lambda w1, c: np.sqrt(-c * np.log(1 - w1**2)),
    "convergence_rate.hundredfold": hundredfold,
}

WRONG = [
    ("convergence_rate.first_time", with_options(first_time, factor=1), "the printed time"),
    ("convergence_rate.first_time", with_options(first_time, which=-1), "not λmax"),
    ("convergence_rate.first_time", with_options(first_time, power=0.5), "square of a singular value"),
    ("convergence_rate.first_time", with_options(first_time, rate=lambda rest, c: rest), "limited by c as well"),
    ("convergence_rate.first_time", with_options(first_time, rate=lambda rest, c: c), "limited by Γ as well"),
    (
        "convergence_rate.first_time",
        lambda *a: abs(first_time(*a)) if first_time(*a) < np.inf else 1.0,
        "return np.inf",
    ),
    ("convergence_rate.first_time", with_options(first_time, speed=lambda c: 1), "Your Γ has no c"),
    ("convergence_rate.first_time", with_options(first_time, speed=lambda c: 2 * c), "the logarithm of ‖w0⊥‖²"),
    ("convergence_rate.first_time", with_options(first_time, loss=2), "has a factor ½"),
    ("convergence_rate.first_time", lambda *a: np.inf, "so a time is promised; yours is infinite"),
    ("convergence_rate.first_time", lambda *a: np.nan, "must be a number or np.inf"),
    ("convergence_rate.first_time", 3.0, "asks for a function"),
    ("convergence_rate.first_time", lambda *a: 3 * first_time(*a), "the time is"),
    ("convergence_rate.first_time", lambda *a: "soon", "one number"),
    ("convergence_rate.scale_floor", with_options(scale_floor, clock=1), "factor c is missing"),
    ("convergence_rate.scale_floor", with_options(scale_floor, start=lambda g0: g0), "start from g0²"),
    ("convergence_rate.scale_floor", with_options(scale_floor, divide=False), "by λmax"),
    ("convergence_rate.scale_floor", with_options(scale_floor, which=0), "from the wrong side"),
    ("convergence_rate.scale_floor", with_options(scale_floor, share=0.5), "no factor ½"),
    ("convergence_rate.scale_floor", lambda *a: scale_floor(*a[:-1], 1e9), "only part of the way"),
    ("convergence_rate.scale_floor", lambda *a: -1.0, "your bound is -1"),
    ("convergence_rate.critical_scale", lambda w1, c: -c * np.log(1 - w1**2), "Take its root"),
    ("convergence_rate.critical_scale", lambda w1, c: -np.sqrt(-c * np.log(1 - w1**2)), "g0 > 0"),
    ("convergence_rate.critical_scale", lambda w1, c: np.sqrt(-2 * c * np.log(1 - w1**2)), "‖w⊥‖² that equals"),
    ("convergence_rate.critical_scale", lambda w1, c: np.sqrt(-c * np.log(1 - w1**2) / 2), "g²/2c"),
    ("convergence_rate.critical_scale", lambda w1, c: np.sqrt(-2 * c * np.log(-w1)), "the other one"),
    ("convergence_rate.critical_scale", lambda w1, c: np.sqrt(-np.log(1 - w1**2)), "Your scale has no c"),
    ("convergence_rate.critical_scale", lambda w1, c: 1.0, "at the saddle it is 1"),
    ("convergence_rate.critical_scale", lambda w1, c: np.ones(2), "one number"),
    ("convergence_rate.hundredfold", lambda c: 3.0, "the pair g0, w1"),
    ("convergence_rate.hundredfold", lambda c: (3.0, 0.0), "not along an axis"),
    ("convergence_rate.hundredfold", lambda c: (1e-3, 0.9), "is not positive, so the first"),
    ("convergence_rate.hundredfold", lambda c: (3.0, -1e-4), "is not positive, so the second"),
    ("convergence_rate.hundredfold", lambda c: (3.0, 0.3), "in the ratio"),
]
