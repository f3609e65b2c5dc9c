"""Exercises of the chapter "The invariant" (section 2, Lemma 2.5)."""

import numpy as np

from wnlib.exercises._answers import (
    ROUNDING,
    Wrong,
    judge,
    name_mistake,
    number,
    numeric,
    random_instances,
    unit_vector,
    vector,
)
from wnlib.methods import RPGD


def kernel_part(answer):
    """answer(P, g0, w0, g, c) is the vector w⊥ of a flow from (g0, w0) that has reached the scale g."""
    rng = np.random.default_rng(1)
    for problem in random_instances():
        d = problem.d
        P = np.eye(d) - np.linalg.pinv(problem.A) @ problem.A
        w0 = rng.uniform(1.5, 3) * unit_vector(rng, d)
        g0, g, c = rng.uniform(0.5, 2, size=3)
        value = numeric(answer(P, g0, w0, g, c))
        if value.ndim == 0:
            raise Wrong("Return the vector w⊥; yours is one number. The direction of w⊥ is that of w0⊥.")
        found, exponent, squared = vector("w⊥", value, d), (g0**2 - g**2) / (2 * c), w0 @ w0
        if np.linalg.norm(P @ found - found) > ROUNDING:
            raise Wrong(
                f"w⊥ must lie in the kernel of A; yours has a part of {np.linalg.norm(found - P @ found):.3g} outside."
            )
        powers = (
            (exponent, "Your exponent is right for ‖w0‖ = 1. Another length divides it by ‖w0‖²."),
            (exponent / np.sqrt(squared), "The exponent is divided by ‖w0‖², not by ‖w0‖."),
            (2 * exponent / squared, "This exponent belongs to ‖w⊥‖². For w⊥ itself it is half of that."),
            (-exponent / squared, "The sign of the exponent is wrong: where g² grows, w⊥ shrinks."),
            (exponent * squared, "The exponent is divided by ‖w0‖², not multiplied: a long w0 acts as a large c."),
            (exponent * c / squared, "Your exponent lacks c, as the one printed in Theorem D.2 does."),
            (0.0, "This is w0⊥, the kernel part at the start. It changes with g."),
        )
        name_mistake(found, ((np.exp(power) * (P @ w0), reason) for power, reason in powers))
        true = np.exp(exponent / squared) * (P @ w0)
        if np.linalg.norm(found * np.sqrt(squared) - true) < ROUNDING:
            raise Wrong("This is the kernel part of the unit vector w/‖w‖; w keeps the length of w0.")
        if np.linalg.norm(found - true) > ROUNDING:
            raise Wrong(
                f"‖w⊥‖ should be {np.linalg.norm(true):.6g} on a random start; yours is {np.linalg.norm(found):.6g}."
            )
    return "On 20 random starts of any length your w⊥ keeps the invariant."


def scale_needed(answer):
    """answer(g0, c, share) is the g > 0 at which ‖w⊥‖ = share · ‖w0⊥‖."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        (g0, c), share = rng.uniform(0.5, 2, size=2), rng.uniform(0.05, 0.9)
        g = number("The scale", answer(g0, c, share))
        if g < 0:
            raise Wrong(
                f"Both square roots keep the invariant; the question asks for the positive one, yours is {g:.4g}."
            )
        left, true = np.exp((g0**2 - g**2) / (2 * c)), np.sqrt(g0**2 - 2 * c * np.log(share))
        if abs(g - true**2) < ROUNDING:
            raise Wrong("This is g², not g.")
        if abs(g**2 + true**2 - 2 * g0**2) < ROUNDING:
            raise Wrong(
                "The logarithm of a share below 1 is negative; your scale falls, and with it the kernel part grows."
            )
        if abs(left - share**2) < ROUNDING:
            raise Wrong("At your scale ‖w⊥‖ has shrunk by share². The invariant has ‖w⊥‖, not its square.")
        if abs(left - np.sqrt(share)) < ROUNDING:
            raise Wrong("At your scale only ‖w⊥‖² has shrunk by the share. Check the 2 in g²/2c.")
        if abs(left - share) > ROUNDING:
            raise Wrong(f"At your scale {g:.6g} the kernel part is {left:.4g} of its start; asked for is {share:.4g}.")
    return "On 20 random starts the kernel part shrinks to the share asked for."


def price(answer):
    """answer(G, g, w, c) is the η² coefficient of the change of log‖w⊥‖ + g²/2c in one step of rPGD."""
    rng = np.random.default_rng(3)
    for problem in random_instances():
        w, (g, c) = unit_vector(rng, problem.d), rng.uniform(0.5, 2, size=2)
        G = problem.grad(g * w)
        value = number("The price", answer(G, g, w, c))
        slope, squared = w @ G, G @ G
        true = g**2 * slope**2 - g**2 * squared / 2 + c * slope**2 / 2
        measured = _measured_price(problem, g, w, c)
        mistakes = (
            (true - c * slope**2 / 2, "The step of g has a second order too: (g − cησ)² − g² holds c²η²σ²."),
            (true - g**2 * slope**2, "The logarithm of ‖v‖² brings in the square of its first-order term, 2g²σ²·½."),
            (-true, "The sign is wrong: I changes by this number times η², it does not lose it."),
            (2 * true, "This is the change of 2I. The invariant has log‖w⊥‖, half the logarithm of its square."),
        )
        otherwise = f"Steps of rPGD show {measured:.4g} on a random problem; you say {value:.4g}."
        judge(value, true, mistakes, otherwise, absolute=ROUNDING)
    return "On 20 random problems your number is what small steps of rPGD show."


def hidden_ratio(answer):
    """answer(g_a, share_a, g_b, share_b) is c, from one moment each of two flows with one start and one ratio."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        (g0, g_a, g_b), c = rng.uniform(0.5, 2, size=3), rng.uniform(0.3, 3)
        share_a, share_b = (0.9 * np.exp((g0**2 - g**2) / (2 * c)) for g in (g_a, g_b))
        found = number("The ratio", answer(g_a, share_a, g_b, share_b))
        mistakes = (
            (-c, "The ratio came out negative: the run with the larger scale has the smaller kernel part."),
            (2 * c, "The invariant has g²/2c: a factor 2 is missing below the bar."),
            (c / 2, "The invariant has ‖w⊥‖, not its square."),
            (
                (g_b - g_a) / (2 * np.log(share_a / share_b)),
                "It is the difference of the squares of the scales that counts, not that of the scales.",
            ),
            (
                (g_b**2 - g_a**2) / (2 * (share_a - share_b)),
                "It is the logarithm of the kernel part that the squared scale trades against.",
            ),
            (1 / c, "This is 1/c."),
        )
        otherwise = f"With your ratio {found:.4g} the two moments have different invariants; it is {c:.4g}."
        judge(found, c, mistakes, otherwise, absolute=ROUNDING)
    return "On 20 random pairs of runs both moments have one invariant with your ratio."


def _measured_price(problem, g, w, c):
    """The coefficient as steps show it: (change)/η² at two sizes, extrapolated to η = 0."""
    changes = []
    for eta in (1e-3, 5e-4):
        g_next, w_next = RPGD(eta, c * eta).step(problem, g, w)
        ratio = np.linalg.norm(problem.perp(w_next)) / np.linalg.norm(problem.perp(w))
        changes.append((np.log(ratio) + (g_next**2 - g**2) / (2 * c)) / eta**2)
    return 2 * changes[1] - changes[0]
