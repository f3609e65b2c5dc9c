"""Exercises of the proof of the convergence rate (Appendix C.5)."""

import numpy as np

from wnlib.exercises._answers import Wrong, direction, number, pair


def falling_scale(answer):
    """answer(y) is (g0, w0) for A = [1, 0] with Δ > 0, from which g² falls."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        y = rng.uniform(0.3, 4)
        value = pair("g0, w0", answer(y))
        g0, w0 = number("g0", value[0]), direction("w0", value[1], 2)
        z = g0 * w0[0]
        delta = y**2 - (z - y) ** 2
        if delta <= 0:
            raise Wrong(f"At y = {y:.3g} your start has Δ = {delta:.3g}: its loss is not below that of x = 0.")
        rate = delta - z**2  # d(g²)/dt over c
        if rate >= 0:
            raise Wrong(f"At y = {y:.3g} g² does not fall from your start: d(g²)/dt = {rate:.3g} c. Here z = {z:.3g}.")
    return "On 20 random y the loss starts below that of x = 0, and g² falls."
