"""Exercises of the chapter "Weight normalization in your framework"."""

import numpy as np

from wnlib.exercises._answers import Wrong, judge, name_mistake, number, same, vector
from wnlib.problems import make_least_squares, random_direction
from wnlib.theory import flow_limit


def effective_ratio(answer):
    """answer(v0, lr_g, lr_v) is the ratio c of SGD with these rates from v0."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        v0 = rng.uniform(0.3, 2) * rng.standard_normal(int(rng.integers(2, 9)))
        lr_g, lr_v = 10 ** rng.uniform(-3, 0, 2)
        c, square = number("The ratio", answer(v0, lr_g, lr_v)), v0 @ v0
        true = square * lr_g / lr_v
        mistakes = (
            (lr_g / lr_v, "This is the ratio of the rates. A short v0 turns faster: its length enters, squared."),
            (np.sqrt(square) * lr_g / lr_v, "The length of v0 enters squared: η = lr_v/‖v0‖²."),
            (lr_g / lr_v / square, "A long v0 turns slowly, which makes the scale fast beside it: multiply by ‖v0‖²."),
            (1 / true, "This is 1/c. The speed of the scale stands above that of the direction."),
            (square * lr_v / lr_g, "You have the rates the wrong way round: the scale's stands above."),
            (lr_g / lr_v / 3, "1/3 is the mean of ‖v0‖² at PyTorch's start. Use the v0 that is given."),
            (square / v0.size * lr_g / lr_v, "This is the mean square of the entries of v0. ‖v0‖² is their sum."),
        )
        otherwise = (
            f"With ‖v0‖ = {np.sqrt(square):.4g}, lr_g = {lr_g:.4g} and lr_v = {lr_v:.4g} the ratio is {true:.6g}; "
            f"yours is {c:.6g}."
        )
        judge(c, true, mistakes, otherwise)
    return "On 20 random starts your ratio is that of the flow which SGD follows."


def scale_rate(answer):
    """answer(g0, share, length, lr_v, g_star, asked) is the rate of the scale whose flow ends at ‖x⊥‖ = asked."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        m = int(rng.integers(1, 5))
        problem = make_least_squares(m, m + 4, g_star=rng.uniform(0.8, 2), seed=int(rng.integers(10**6)))
        length, g0 = rng.uniform(0.3, 1.5), rng.uniform(0.1, 0.6) * problem.g_star
        v0 = length * random_direction(problem.d, seed=int(rng.integers(10**6)))
        c, lr_v = problem.g_star**2 * 10 ** rng.uniform(-0.6, 0.6), 10 ** rng.uniform(-3, -1)
        share = float(np.linalg.norm(problem.perp(v0)) / length)
        asked = float(np.linalg.norm(flow_limit(problem, g0, v0 / length, c) - problem.x_star))
        lr_g = number("The rate", answer(g0, share, length, lr_v, problem.g_star, asked))
        true = c * lr_v / length**2
        end = problem.g_star**2 + asked**2
        fall = np.log(share * np.sqrt(end) / asked)
        mistakes = (
            (c * lr_v, "You have c times lr_v: the length of v0 is missing, c = ‖v0‖² lr_g/lr_v."),
            (c * lr_v / length, "The length of v0 enters squared: c = ‖v0‖² lr_g/lr_v."),
            (c * lr_v * length**2, "Solve c = ‖v0‖² lr_g/lr_v for lr_g: the length divides."),
            (2 * true, "The level is log‖w⊥‖ + g²/2c: a 2 is missing."),
            (
                (problem.g_star**2 - g0**2) / (2 * fall) * lr_v / length**2,
                "The scale ends at √(g*² + ‖x⊥‖²), not at g*.",
            ),
            (
                (end - g0**2) / (2 * np.log(share / asked)) * lr_v / length**2,
                "At the end the share of the kernel is ‖x⊥‖/g∞, not ‖x⊥‖.",
            ),
        )
        otherwise = f"For ‖x⊥‖ = {asked:.4g} from g0 = {g0:.4g} the rate is {true:.6g}; yours is {lr_g:.6g}."
        judge(lr_g, true, mistakes, otherwise, 1e-6)
    return "On 20 random problems small steps with your rate end at the kernel part asked for."


def adam_limit(answer):
    """answer(a, y, x0) is where Adam (with ε = 0) ends for one equation a·x = y with no zero among the a."""
    rng = np.random.default_rng(2)
    for trial in range(20):
        d = int(rng.integers(2, 7))
        a, y = rng.uniform(0.3, 2, d) * rng.choice([-1, 1], d), rng.uniform(0.5, 2) * rng.choice([-1, 1])
        x0 = rng.standard_normal(d) if trial else np.zeros(d)
        x = vector("The limit", answer(a, y, x0), d)
        left, signs = y - a @ x0, np.sign(a)
        true = x0 + signs * left / np.abs(a).sum()
        mistakes = (
            (x0 + a * left / (a @ a), "This is where gradient descent ends. Adam divides each entry by its own size."),
            (signs * y / np.abs(a).sum(), "This is the end from zeros. What does a start x0 leave to be made up for?"),
            (x0 + left / a.sum(), "Entries of a of either sign move in opposite ways: a sign is missing."),
            (x0 + signs * left / (a @ a), "The step along sign(a) raises a·x by ‖a‖₁, the sum of |aᵢ|, not by ‖a‖²."),
            (x0 + signs * left / d, "The step along sign(a) raises a·x by the sum of |aᵢ|, not by d."),
            (x0 + left / (d * a), "This moves each entry by what it would need alone. Adam moves all equally far."),
        )
        off, moves = np.linalg.norm(x - true), np.abs(x - x0)
        otherwise = (
            f"Your end solves the equation, but it is {off:.3g} from where Adam ends: your entries move by "
            f"{moves.min():.3g} to {moves.max():.3g}, and Adam moves all by the same amount."
        )
        if not same(a @ x, y):
            otherwise = f"The end must solve the equation; yours gives a·x = {a @ x:.6g} where y = {y:.6g}."
        judge(x, true, mistakes, otherwise)
    return "On 20 random equations your limit is where Adam ends."


def steps_to_spike(answer):
    """answer(lr, decay, g, length, lam) is how many steps of decay on v alone bring the direction to instability."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        lr, decay = 10 ** rng.uniform(-2, -1), 10 ** rng.uniform(-3, -1)
        g, lam = rng.uniform(0.5, 2, 2)
        least = g * np.sqrt(lr * lam / 2)
        length = least * rng.uniform(1.5, 8)
        found = number("The number of steps", answer(lr, decay, g, length, lam))
        true = np.log(length / least) / -np.log1p(-lr * decay)
        if true - 1e-6 <= found <= true + 1 + 1e-6:
            continue
        mistakes = (
            (np.log(length / least) / decay, "A step takes lr · decay of v, not decay."),
            (2 * true, "‖v‖² falls by (1 − lr · decay)² a step, twice as fast as you have it."),
            (true / 2, "‖v‖ falls by 1 − lr · decay a step, half as fast as you have it."),
            (np.log(length / least) / (lr * decay), "A step multiplies v by 1 − lr · decay, not by e^(−lr · decay)."),
            (
                np.log(length / (least * np.sqrt(2))) / -np.log1p(-lr * decay),
                "Steps are stable up to 2 over the curvature, not 1.",
            ),
            (
                np.log(length / (least / g)) / -np.log1p(-lr * decay),
                "The curvature in v is (g/‖v‖)² λ: the scale is missing.",
            ),
        )
        name_mistake(found, mistakes, 0, absolute=1 + 1e-6)
        raise Wrong(
            f"From ‖v‖ = {length:.4g} with lr = {lr:.3g}, decay {decay:.3g}, g = {g:.3g} and λ = {lam:.3g} it takes "
            f"{true:.1f} steps; yours is {found:.6g}."
        )
    return "On 20 random layers the step is stable until then and not after."
