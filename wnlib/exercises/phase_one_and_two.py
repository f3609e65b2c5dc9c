"""Exercises of the proof for orthonormal rows, phase one and two (Appendix E.1)."""

import numpy as np

from wnlib.exercises._answers import Wrong, numbers


def slow_gap(answer):
    """answer(gamma) is (p, g), with g* = 1 and a positive gap, from which a step leaves more than 1 − γ of the gap."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        gamma = 0.5 + 0.49 * 10 ** rng.uniform(-3, 0)
        p, g = numbers("p, g", answer(gamma))
        if not (0 < p <= 1 and g > 0):
            raise Wrong(
                f"p must be above 0 and at most 1, and g positive; at γ = {gamma:.3g} you have {p:.3g}, {g:.3g}."
            )
        gap = 1 / p - g
        if gap <= 0:
            raise Wrong(f"At γ = {gamma:.3g} the gap 1/p − g of your state is {gap:.3g}; it must be positive.")
        after = np.hypot(1, g * np.sqrt(1 - p**2)) - (g + gamma * p**2 * gap)
        if after <= (1 - gamma) * gap * (1 + 1e-12):
            raise Wrong(
                f"At γ = {gamma:.4g} your gap goes from {gap:.3g} to {after:.3g}: it shrinks enough. {_why(p, gamma)}"
            )
    return "On 20 random γ beyond ½ a step from your state leaves more than 1 − γ of the gap."


def _why(p, gamma):
    if p == 1:
        return "At p = 1 the direction is right and the factor is 1 − γ exactly."
    if 1 - gamma * p > (1 - gamma) / p:
        return "Try a smaller g."
    return "As g → 0 the two sides are 1 − γp and (1 − γ)/p: which p?"
