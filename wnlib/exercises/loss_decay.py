"""Exercises of the chapter "How fast the loss falls" (Lemma 2.4)."""

import numpy as np

from wnlib.exercises._answers import Wrong, judge, number, random_instances, unit_vector


def loss_slope(answer):
    """answer(A, y, g, w, c) is the derivative of ½‖r‖² along the flow, judged by differences of the loss."""
    rng = np.random.default_rng(1)
    for problem in random_instances():
        w, g, c = unit_vector(rng, problem.d), float(rng.normal()), float(rng.uniform(0.1, 3))
        slope = number("The slope", answer(problem.A, problem.y, g, w, c))
        gradient = problem.grad(g * w)
        along, squared = w @ gradient, gradient @ gradient
        x_dot = -c * along * w - g**2 * (gradient - along * w)
        # The loss is quadratic, so the central difference is exact but for rounding.
        true = (problem.loss(g * w + x_dot) - problem.loss(g * w - x_dot)) / 2
        mistakes = (
            (-true, "The sign is wrong: the loss falls along the flow."),
            (-c * along**2 - g**2 * squared, "The direction moves across w only: its share is ‖G‖² − σ², not ‖G‖²."),
            (
                -c * along**2 - g * (squared - along**2),
                "The clock of the direction is g²: once from w', once from x = g w.",
            ),
            (-(along**2) - g**2 * (squared - along**2), "The scale moves at speed c; your slope does not contain it."),
            (-c * (squared - along**2) - g**2 * along**2, "The clocks are swapped: c drives the share along w."),
            (-max(g**2, c) * squared, "This is the lower bound of the lemma; the slope itself has both clocks in it."),
            (-min(g**2, c) * squared, "This is the upper bound of the lemma; the slope itself has both clocks in it."),
            (2 * true, "This is the derivative of ‖r‖²; the loss has a factor ½."),
        )
        otherwise = f"On a random state the loss changes at rate {true:.6g}; you say {slope:.6g}."
        judge(slope, true, mistakes, otherwise, absolute=1e-9 * (1 + squared))
    return "On 20 random states your slope is that of the loss along the flow."


def promised_time(answer):
    """answer(f0, eps, lam_min, floor, c) is the best time that Lemma 2.4 promises for the loss."""
    rng = np.random.default_rng(2)
    for trial in range(20):
        f0, eps, lam_min, floor, c = (float(v) for v in np.exp(rng.uniform(-2, 1, 5)))
        if (trial == 19) != (f0 < eps):  # the last one starts small enough
            f0, eps = eps, f0
        time = number("The time", answer(f0, eps, lam_min, floor, c))
        rate = lam_min * min(floor**2, c)
        best = max(0.0, np.log(f0 / eps) / (2 * rate))
        if abs(time - best) < 1e-9 * (1 + best):
            continue
        if f0 < eps:
            raise Wrong(f"With f0 = {f0:.3g} below eps = {eps:.3g} there is nothing to wait for: the time is 0.")
        if abs(time - np.log(f0 / eps) / min(floor**2, c)) < 1e-9 * (1 + best):
            raise Wrong("This is the printed rate, which is false: it lacks the smallest eigenvalue of AAᵀ, and a 2.")
        if abs(time - 2 * best) < 1e-9 * (1 + best):
            raise Wrong("True, but twice too long: the loss is ½‖r‖², and it decays at twice the rate of ‖r‖.")
        if abs(time * lam_min - best * lam_min**2) < 1e-9 * (1 + best):
            raise Wrong("Your rate lacks the smallest eigenvalue of AAᵀ, as the printed lemma does.")
        if abs(time - np.log(f0 / eps) / (2 * lam_min * max(floor**2, c))) < 1e-9 * (1 + best):
            raise Wrong("A promise must hold for the slower clock: the minimum of floor² and c, not the maximum.")
        if abs(time - np.log(f0 / eps) / (2 * lam_min * min(floor, c))) < 1e-9 * (1 + best):
            raise Wrong("The clock of the direction is the square of the scale: floor², not floor.")
        left = f0 * np.exp(-2 * rate * time)
        raise Wrong(f"After your time {time:.4g} the lemma allows a loss of {left:.4g}, and eps = {eps:.4g}.")
    return "On 20 random cases the lemma promises eps at your time, and not before."


def promised_loss(answer):
    """answer(f0, lam_min, c, t, g) is the least bound on the loss at t[-1] that the recorded scales allow."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        f0, lam_min, c = rng.uniform(0.5, 2), rng.uniform(0.1, 1), rng.uniform(0.3, 2)
        t = np.linspace(0, rng.uniform(1, 3), 2001)
        g = rng.uniform(-1, 1) + rng.uniform(0.5, 1.5) * t
        bound = number("The bound", answer(f0, lam_min, c, t, g))
        slow = np.minimum(g**2, c)

        def after(exponent, f0=f0):
            return f0 * np.exp(-exponent)

        true = after(2 * lam_min * np.trapezoid(slow, t))
        span = t[-1] - t[0]
        mistakes = (
            (after(2 * lam_min * slow.min() * span), "True, but weak: you use the worst moment for the whole time."),
            (after(2 * lam_min * slow[-1] * span), "You use the last scale for the whole time; earlier g was another."),
            (
                after(2 * lam_min * min(np.mean(g) ** 2, c) * span),
                "You take the rate at the mean scale. The mean of the rates is another number.",
            ),
            (after(lam_min * np.trapezoid(slow, t)), "The loss is ½‖r‖² and decays at twice the rate of ‖r‖."),
            (after(2 * np.trapezoid(slow, t)), "Your rate lacks the smallest eigenvalue of AAᵀ."),
            (after(2 * lam_min * np.trapezoid(np.maximum(g**2, c), t)), "A promise must hold for the slower clock."),
            (after(2 * lam_min * np.trapezoid(g**2, t)), "The rate is limited by c as well as by g²."),
            (after(2 * lam_min * np.sum(slow)), "An integral is a sum times the step of time."),
        )
        otherwise = f"The lemma, used at each moment, allows a loss of {true:.4g} at the end; yours is {bound:.4g}."
        judge(bound, true, mistakes, otherwise, 1e-3)
    return "On 20 random recorded paths your bound uses what each moment allows."
