"""Exercises of the chapter "Convergence rate" (Theorem 2.7)."""

import numpy as np

from wnlib.exercises._answers import (
    ROUNDING,
    Wrong,
    judge,
    name_mistake,
    number,
    numbers,
    random_instances,
    same,
    unit_vector,
)
from wnlib.problems import LeastSquares
from wnlib.theory import flow_time_bound


def _name_mistake_in_rate(time, true, gain, gamma, c, low, high):
    """Name the mistakes whose Γ is right."""
    mistakes = (
        (2 * true, "This is the printed time: true, but twice too long. f is a square, so it decays twice as fast."),
        (true * np.log(100) / gain, "Your f0 is ‖r0‖². The loss f has a factor ½."),
        (true * low / high, "The slowest part of the residual decays with λmin, not λmax."),
        (true * low / np.sqrt(low), "Use an eigenvalue of AAᵀ, the square of a singular value of A."),
        (gain / (2 * low * gamma), "The rate is limited by c as well as by Γ: take the smaller."),
        (gain / (2 * low * c), "The rate is limited by Γ as well as by c: take the smaller."),
    )
    name_mistake(time, mistakes, absolute=ROUNDING)


def first_time(answer):
    """answer(A, y, g0, w0, c, eps) is the corrected time of the first case of Theorem 2.7, or ∞."""
    unpromised = None
    for problem, g0, w0, c in _starts(seed=1):
        eps = problem.loss(g0 * w0) / 50
        time = number("The time", answer(problem.A, problem.y, g0, w0, c, eps), infinite=True)
        log_perp, low, gain = np.log(np.linalg.norm(problem.perp(w0))), problem.lam_min, np.log(50)
        gamma = g0**2 + 2 * c * log_perp

        def promised(gamma, c=c, low=low):
            return np.log(50) / (2 * low * min(gamma, c)) if gamma > 0 else np.inf

        true = promised(gamma)
        if same(time, true, absolute=ROUNDING):
            continue
        if time == np.inf:  # where the time is finite, another problem may tell why
            promise = f"Here Γ = g0² + 2c log‖w0⊥‖ = {gamma:.4g} is above 0, so a time is promised"
            unpromised = Wrong(f"{promise}; yours is infinite.")
            continue
        mistakes = (
            (
                promised(g0**2 + 2 * log_perp),
                "Your Γ has no c, like the printed (11). The invariant is ‖w⊥‖ exp(g²/2c), so g² can fall by "
                "2c log(1/‖w0⊥‖).",
            ),
            (promised(g0**2 + 4 * c * log_perp), "Your Γ has the logarithm of ‖w0⊥‖². It is that of ‖w0⊥‖."),
        )
        name_mistake(time, mistakes, absolute=ROUNDING)
        if gamma <= 0:
            raise Wrong(
                f"Here g0² = {g0**2:.3g} is not above 2c log(1/‖w0⊥‖) = {-2 * c * log_perp:.3g}, so nothing is "
                f"promised: return np.inf. Yours is {time:.3g}."
            )
        _name_mistake_in_rate(time, true, gain, gamma, c, low, problem.lam_max)
        data = f"Γ = {gamma:.4g}, c = {c:.4g}, λmin = {low:.4g} and f0/eps = 50"
        raise Wrong(f"With {data} the time is {true:.6g}; yours is {time:.6g}.")
    if unpromised:
        raise unpromised
    return "On 20 random problems your time is the sharp one, and infinite where nothing is promised."


def scale_floor(answer):
    """answer(A, y, g0, w0, c, t) is the bound of Lemma C.1 on g² at time t, which exercises judge by its equation."""
    rng = np.random.default_rng(4)
    for problem, g0, w0, c in _starts(seed=2):
        top = problem.lam_max
        t = float(rng.uniform(0.2, 2) / (c * top))
        below = problem.y @ problem.y - 2 * problem.loss(g0 * w0)
        floor = number("The bound", answer(problem.A, problem.y, g0, w0, c, t))

        def bound(level, start, clock, t=t):
            return level + (start - level) * np.exp(-clock * t)

        level, start = below / top, g0**2
        right = bound(level, start, c * top)
        # Cut off at Δ, or at 0 where it is below, it is a bound on g² as well.
        allowed = [max(low, min(high, right)) for low in (-np.inf, 0) for high in (level, np.inf)]
        if any(same(floor, value, absolute=ROUNDING) for value in allowed):
            continue
        mistakes = (
            (bound(level, start, top), "The factor c is missing: the scale moves c times as fast as the direction."),
            (bound(level, g0, c * top), "It is g², not g, that obeys this inequality: start from g0²."),
            (bound(below, start, c * top), "Divide ‖y‖² − ‖r0‖² by λmax."),
            (
                bound(below / problem.lam_min, start, c * problem.lam_min),
                "‖Aw‖² is at most λmax; λmin bounds it from the wrong side.",
            ),
            (
                bound(below / 2 / top, start, c * top),
                "‖y‖² − ‖r0‖² has no factor ½: it is twice the difference of the losses.",
            ),
            (level, "This is where the bound ends. At time t it has come only part of the way."),
        )
        name_mistake(floor, mistakes, absolute=ROUNDING)
        raise Wrong(
            f"From g0² = {start:.4g}, with δ = {level:.4g} and c λmax t = {c * top * t:.4g}, your bound is {floor:.6g}."
        )
    return "On 20 random problems your floor solves the equation that bounds g² from below."


def critical_scale(answer):
    """answer(w1, c) is the scale from which the flow of A = [1, 0] ends in the saddle, for w1 < 0."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        w1, c = -rng.uniform(0.1, 0.95), 10 ** rng.uniform(-1, 1)
        g0 = number("The scale", answer(w1, c))
        true = np.sqrt(-c * np.log(1 - w1**2))
        mistakes = (
            (true**2, "This is g0². Take its root."),
            (-true, "The question asks for g0 > 0."),
            (true * np.sqrt(2), "You used ‖w⊥‖ = 1 − w1². It is ‖w⊥‖² that equals 1 − w1²."),
            (true / np.sqrt(c), "Your scale has no c. The invariant is ‖w⊥‖ exp(g²/2c)."),
            (true / np.sqrt(2), "The exponent of the invariant is g²/2c."),
            (
                np.sqrt(-2 * c * np.log(-w1)),
                "w1 is the part in the row space. The invariant holds the other one, ‖w⊥‖.",
            ),
        )
        invariant = np.sqrt(1 - w1**2) * np.exp(min(g0**2 / (2 * c), 700.0))
        otherwise = f"At your g0 = {g0:.6g} the invariant is {invariant:.6g}, and at the saddle it is 1."
        judge(g0, true, mistakes, otherwise, absolute=ROUNDING)
    return "On 20 random directions your scale puts the start on the curve through the saddle."


def hundredfold(answer):
    """answer(c) is (g0, w1): a start of A = [1, 0], y = 1, where the first promise is a hundredth of the second."""
    example = LeastSquares([[1, 0]], [1])
    for c in 10 ** np.random.default_rng(5).uniform(-1, 1, 20):
        g0, w1 = numbers("g0, w1", answer(float(c)))
        if not 0 < abs(w1) < 1:
            raise Wrong(f"w1 is an entry of a unit vector that is not along an axis; yours is {w1:.4g}.")
        w0 = np.array([w1, np.sqrt(1 - w1**2)])
        start = example.loss(g0 * w0)
        gamma, delta = g0**2 + c * np.log(1 - w1**2), 1 - 2 * start
        at = f"At c = {c:.3g}, from g0 = {g0:.3g} and w1 = {w1:.3g},"
        if gamma <= 0:
            raise Wrong(f"{at} Γ = {gamma:.3g} is not positive, so the first case promises nothing.")
        if delta <= 0:
            raise Wrong(f"{at} δ = {delta:.3g} is not positive, so the second case promises nothing.")
        first, second = flow_time_bound(example, g0, w0, c, 1e-4 * start)
        if second < 100 * first:
            raise Wrong(
                f"{at} the promises are {first:.3g} and {second:.3g}, in the ratio {second / first:.3g}. "
                f"Γ = {gamma:.3g} and δ = {delta:.3g}: which of them has to be tiny, and which must not?"
            )
    return "On 20 random ratios c the second promise is at least a hundred times as long as the first."


def _starts(seed):
    """Yield 20 problems with a start and a ratio; the first hypothesis of the theorem holds in about half."""
    rng = np.random.default_rng(seed)
    for problem in random_instances(seed=seed):
        w0 = unit_vector(rng, problem.d)
        yield problem, float(rng.uniform(0.2, 3)), w0, float(10 ** rng.uniform(-0.5, 1.3))
