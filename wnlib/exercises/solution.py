"""Exercises of the chapter "Where the flow ends" (section 2, Theorem 2.6)."""

import numpy as np

from wnlib.exercises._answers import Wrong, name_mistake, number, numbers, pair, random_instances, unit_vector, vector

CLOSE = 1e-6


def distance(answer):
    """answer(g_star, kernel_share, g0, c) is ‖x⊥‖ at the end of the flow."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        g_star, g0, c = rng.uniform(0.5, 2, size=3)
        kernel_share = rng.uniform(0.3, 0.95)
        found = number("The distance", answer(g_star, kernel_share, g0, c))
        if abs(found - g0 * kernel_share) < CLOSE:
            raise Wrong("This is where gradient descent ends: ‖x⊥‖ does not keep its starting value under WN.")
        if abs(found - g_star * kernel_share * np.exp((g0**2 - g_star**2) / (2 * c))) < CLOSE:
            raise Wrong(
                "This is the printed (7), with g* where g∞ belongs. The scale ends above g* if w⊥ does not vanish."
            )
        if abs(found - g_star * kernel_share) < CLOSE:
            raise Wrong("This is g*‖w0⊥‖. Neither the scale nor ‖w⊥‖ is that at the end: the two move together.")
        if found <= 0:
            raise Wrong(f"The distance is positive, because w⊥ never vanishes in finite time; yours is {found:.4g}.")
        # On the solution curve the scale is √(g*² + distance²); the invariant must hold there, in logarithms.
        for scale, reason in (
            (found, "This is the scale g∞. The distance is ‖x⊥‖ = √(g∞² − g*²)."),
            (np.sqrt(found), "This is s = g∞². The distance is √(s − g*²)."),
        ):
            if scale > g_star and abs(_mismatch(np.sqrt(scale**2 - g_star**2), g_star, kernel_share, g0, c)) < CLOSE:
                raise Wrong(reason)
        if found < 1 and abs(_mismatch(g_star * found / np.sqrt(1 - found**2), g_star, kernel_share, g0, c)) < CLOSE:
            raise Wrong("This is ‖w⊥‖ at the end. The distance is ‖x⊥‖ = g∞‖w⊥‖.")
        if abs(_mismatch(np.sqrt(found), g_star, kernel_share, g0, c)) < CLOSE:
            raise Wrong("This is δ = ‖x⊥‖². Take the square root.")
        off = _mismatch(found, g_star, kernel_share, g0, c)
        if abs(off) > CLOSE:
            level = np.log(kernel_share) + g0**2 / (2 * c)
            raise Wrong(
                f"A solution at your distance {found:.6g} has scale {np.hypot(found, g_star):.6g}, and there "
                f"log‖w⊥‖ + g²/2c is {level + off:.6g}. It starts at {level:.6g} and must not change."
            )
    return "On 20 random starts your distance keeps the invariant."


def _mismatch(found, g_star, kernel_share, g0, c):
    """log of ‖w⊥‖ e^{g²/2c} on the solution curve at the distance `found`, less that at the start."""
    scale = np.hypot(found, g_star)
    return np.log(found / scale) - np.log(kernel_share) + (scale**2 - g0**2) / (2 * c)


def winning_ratios(answer):
    """answer(g_star, kernel_share, g0) is the pair (low, high) of ratios c between which WN ends closer than GD."""
    rng = np.random.default_rng(2)
    for trial in range(20):
        g_star, kernel_share = rng.uniform(0.5, 2), rng.uniform(0.3, 0.9)
        lengthens = trial % 2 == 0
        factor = rng.uniform(0.2, 0.8) if lengthens else rng.uniform(1.2, 3)
        g0 = factor * g_star / np.sqrt(1 - kernel_share**2)
        low, high = pair("low, high", answer(g_star, kernel_share, g0))
        low, high = number("The lower limit", low, infinite=True), number("The upper limit", high, infinite=True)
        bound, other, free = (high, low, 0) if lengthens else (low, high, np.inf)
        side = "lengthens" if lengthens else "shortens"
        where = f"At g0 = {g0:.3g}, g* = {g_star:.3g}, ‖w0⊥‖ = {kernel_share:.3g} GD {side} x"
        if bound in (0, np.inf):
            raise Wrong(f"{where}, so WN wins for {'small' if lengthens else 'large'} c.")
        if other != free:
            raise Wrong(f"{where}, and there is only one finite limit for c; you return ({low:.4g}, {high:.4g}).")
        before, after = g0**2, g_star**2 + (g0 * kernel_share) ** 2
        if abs(bound - (before + after) / 2) < CLOSE:
            raise Wrong("You took the arithmetic mean of the two squared lengths. It is the logarithmic mean.")
        if abs(bound - np.sqrt(before * after)) < CLOSE:
            raise Wrong("You took the geometric mean of the two squared lengths. It is the logarithmic mean.")
        if abs(bound - _log_mean(np.sqrt(before), np.sqrt(after))) < CLOSE:
            raise Wrong("You took the mean of the two lengths. It is that of their squares.")
        if abs(bound - _log_mean(before, g_star**2 + g0**2)) < CLOSE:
            raise Wrong("GD keeps x⊥ = g0 w0⊥, so its end has the squared length g*² + g0²‖w0⊥‖², not g*² + g0².")
        if abs(bound - _log_mean(before, g_star**2)) < CLOSE:
            raise Wrong("The second length is that of GD's end point, √(g*² + ‖x0⊥‖²), not g*.")
        # At the boundary both methods end at the distance of GD, so that must keep WN's invariant.
        off = _mismatch(g0 * kernel_share, g_star, kernel_share, g0, bound)
        if abs(off) > CLOSE:
            closer = "WN" if off > 0 else "GD"
            raise Wrong(f"At c = {bound:.6g} the two should end equally far; instead {closer} is closer.")
    return "On 20 random starts WN wins exactly between your two ratios."


def tie(answer):
    """answer(g_star, kernel_share, distance) is the pair (g0, c) with which WN and GD both end at that distance."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        g_star, kernel_share, distance_asked = rng.uniform(0.5, 2), rng.uniform(0.3, 0.9), rng.uniform(0.2, 2)
        g0, c = numbers("g0, c", answer(g_star, kernel_share, distance_asked))
        if g0 <= 0 or c <= 0:
            raise Wrong(f"Both must be positive; you returned g0 = {g0:.4g} and c = {c:.4g}.")
        true_g0 = distance_asked / kernel_share
        before, after = true_g0**2, g_star**2 + distance_asked**2
        true_c = _log_mean(before, after)
        if abs(g0 - true_c) < CLOSE and abs(c - true_g0) < CLOSE:
            raise Wrong("The order is g0, c.")
        if abs(g0 * kernel_share - distance_asked) > CLOSE:
            raise Wrong(
                f"From g0 = {g0:.4g} gradient descent ends {g0 * kernel_share:.4g} from x*, and not "
                f"{distance_asked:.4g}: it keeps x⊥ = g0 w0⊥."
            )
        mistakes = (
            ((before + after) / 2, "Your c is the arithmetic mean of two squared lengths. It is another mean of them."),
            (
                np.sqrt(before * after),
                "Your c is the geometric mean of two squared lengths. It is another mean of them.",
            ),
            (_log_mean(np.sqrt(before), np.sqrt(after)), "Your c is a mean of lengths. It is that of their squares."),
            (_log_mean(before, g_star**2), "The second length is that of GD's end, which is longer than x*."),
        )
        name_mistake(c, mistakes, 0, CLOSE)
        off = _mismatch(distance_asked, g_star, kernel_share, g0, c)
        if abs(off) > CLOSE:
            closer = "closer" if off > 0 else "farther"
            raise Wrong(f"Your g0 is right; with your c = {c:.6g} the flow ends {closer} than {distance_asked:.4g}.")
    return "On 20 random distances WN and GD both end there."


def _log_mean(a, b):
    return (a - b) / np.log(a / b)


def frozen_end(answer):
    """answer(A, y, g0, w0) is the end x = g0 w of the flow with c = 0, for orthonormal rows and g0 > 0."""
    rng = np.random.default_rng(3)
    for trial, problem in enumerate(random_instances()):
        A, y = problem.A, problem.y
        d = A.shape[1]
        rows = np.linalg.svd(A, full_matrices=False)[2]
        x_star = rows.T @ y
        g_star = np.linalg.norm(x_star)
        g0 = g_star * (rng.uniform(0.2, 0.9) if trial % 2 else rng.uniform(1.1, 3))
        w0 = unit_vector(rng, d)
        unseen = w0 - rows.T @ (rows @ w0)
        x = vector("The end", answer(rows, y, g0, w0), d)
        if np.linalg.norm(x - x_star) < CLOSE:
            raise Wrong(f"The scale is frozen at g0 = {g0:.3g}, so ‖x‖ cannot become g* = {g_star:.3g}.")
        if np.linalg.norm(x - x_star - g0 * unseen) < CLOSE:
            raise Wrong("This is where gradient descent ends. Here ‖x‖ = g0 at all times.")
        if abs(np.linalg.norm(x) - 1) < CLOSE < abs(g0 - 1):
            raise Wrong("You returned the direction w; the question asks for x = g0 w.")
        if abs(np.linalg.norm(x) - g0) > CLOSE:
            raise Wrong(f"With c = 0 the scale stays: ‖x‖ should be g0 = {g0:.6g}; yours is {np.linalg.norm(x):.6g}.")
        residual = np.linalg.norm(rows @ x - y)
        if g0 > g_star and residual > CLOSE:
            raise Wrong(f"For g0 > g* the sphere meets the solutions; your end leaves ‖Ax − y‖ = {residual:.3g}.")
        perp = x - rows.T @ (rows @ x)
        if g0 > g_star and perp @ unseen < (1 - CLOSE) * np.linalg.norm(perp) * np.linalg.norm(unseen):
            raise Wrong("Your end solves the equations, but x⊥ must point where w0⊥ does: its direction never changes.")
        if g0 < g_star and np.linalg.norm(x - g0 * x_star / g_star) > CLOSE:
            raise Wrong("For g0 < g* and orthonormal rows the direction ends at w*; yours is another one.")
    return "On 20 random problems your end is that of the frozen flow."
