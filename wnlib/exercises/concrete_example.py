"""Exercises of the chapter "A concrete example" (section 2, Figure 2)."""

import numpy as np

from wnlib.exercises._answers import Wrong, judge, name_mistake, number, random_instances, same, truth, unit_vector
from wnlib.problems import LeastSquares
from wnlib.theory import flow_limit


def tie_scale(answer):
    """answer(c) is the g0 > 0 at which WN's flow and GD from (0, g0) end equally far, for A = [1, 0], y = 1."""
    rng = np.random.default_rng(1)
    for c in 10 ** rng.uniform(-1, 1, 20):
        g0 = number("The scale", answer(float(c)))
        if g0 <= 0:
            raise Wrong(f"The scale must be positive; yours is {g0:.6g}.")
        true = 1 / np.sqrt(np.expm1(1 / c))
        mistakes = (
            (true**2, "This is g0². Take its root."),
            (1.0, "This is where the printed limit ties. It has g* where the exact one has the scale at the end."),
            (1 / np.sqrt(np.expm1(c)), "You have c where 1/c belongs: the invariant is ‖w⊥‖ exp(g²/2c)."),
            (1 / np.sqrt(np.expm1(1)), "Your scale has no c: it is that of c = 1."),
            (1 / np.sqrt(np.expm1(2 / c)), "You have 2/c. The square of the invariant is ‖w⊥‖² exp(g²/c)."),
        )
        wn = _kernel_part_at_end(1.0, 1.0, g0, c)
        otherwise = f"At c = {c:.4g} you say {g0:.6g}; the flow ends {wn:.6g} from the minimum norm, and GD {g0:.6g}."
        judge(g0, true, mistakes, otherwise)
    return "On 20 random ratios both ends are equally far from the minimum norm."


def steering_ratio(answer):
    """answer(y, g, w) is the ratio c for which the velocity of x = g w points at (y, 0), for A = [1, 0]."""
    rng = np.random.default_rng(2)
    for trial in range(20):
        y, angle = rng.uniform(0.5, 6), rng.uniform(-1.2, 1.2)
        w = np.array([np.cos(angle), np.sin(angle)])
        # In the disk, where the ratio is positive, and outside it, where it is negative.
        g = (rng.uniform(0.1, 0.95) if trial % 2 == 0 else rng.uniform(1.05, 2)) * y * w[0]
        c = number("The ratio", answer(y, g, w))
        true = g**2 * (1 - g / (y * w[0]))
        if c == 0:
            raise Wrong(
                f"At g = {g:.3g} with g* w1 = {y * w[0]:.3g} you return 0: a scale that rests. The formula has a value "
                "there too, and its sign says where the straight way ends."
            )
        sign = "The sign is wrong: the ratio of two speeds is not negative where the straight way exists."
        if true < 0:
            sign = f"At g = {g:.3g} with g* w1 = {y * w[0]:.3g} the ratio is negative; yours is its size."
        mistakes = (
            (-true, sign),
            (
                true / g**2,
                "A factor g² is missing. Since x = g w, turning w at speed g ‖P∇L‖ moves x at speed g² ‖P∇L‖.",
            ),
            (true / g, "A factor g is missing. ẇ has one in the flow, and x = g w brings in another."),
        )
        off = f"With your ratio the velocity of x misses the direction of x* by {_miss(y, g, w, c):.3g} degrees."
        judge(c, true, mistakes, off)
    return "On 20 random points the velocity of x points at the minimum norm."


def _miss(y, g, w, c):
    """The angle between the velocity of x = g w and the way to (y, 0), in degrees."""
    gradient = np.array([g * w[0] - y, 0])
    slope = w @ gradient
    velocity = -c * slope * w - g**2 * (gradient - slope * w)
    goal = np.array([y, 0]) - g * w
    return np.rad2deg(np.arccos(np.clip(velocity @ goal / np.linalg.norm(velocity) / np.linalg.norm(goal), -1, 1)))


def ratio_for(answer):
    """answer(g0, kernel_share, distance) is the c with which the flow for g* = 2 ends at that distance from x*."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        g0, share = rng.uniform(0.4, 1.8), rng.uniform(0.3, 0.95)
        c = 10 ** rng.uniform(-0.5, 1)
        asked = _kernel_part_at_end(2.0, share**2, g0, c)
        found = number("The ratio", answer(g0, share, asked))
        if same(found, c, 1e-6):
            continue
        s = 4 + asked**2
        mistakes = (
            (-c, "The sign is wrong: the scale grows from g0² to s, and ‖w⊥‖ falls."),
            (2 * c, "The invariant has ‖w⊥‖ e^{g²/2c}: with squares of both it is ‖w⊥‖² e^{g²/c}."),
            (c / 2, "The invariant has ‖w⊥‖ e^{g²/2c}: with squares of both it is ‖w⊥‖² e^{g²/c}."),
            ((s - g0**2) / (2 * np.log(share / asked)), "At the end ‖w⊥‖ = ‖x⊥‖/g∞, not the distance itself."),
            ((4 - g0**2) / (2 * np.log(share * 2 / asked)), "The scale ends at g∞ = √(g*² + distance²), not at g*."),
            (
                (s - g0**2) / (2 * np.log(share * g0 / asked)),
                "‖w⊥‖ at the start is the given share; g0 times it is ‖x⊥‖.",
            ),
        )
        name_mistake(found, mistakes, 1e-6)
        if found <= 0:
            raise Wrong(f"A ratio of speeds is positive; yours is {found:.4g}.")
        end = _kernel_part_at_end(2.0, share**2, g0, found)
        raise Wrong(f"With your c = {found:.4g} the flow ends {end:.4g} from x*; asked for is {asked:.4g}.")
    return "On 20 random starts the flow with your ratio ends at the distance asked for."


def ends_farther(answer):
    """answer(A, y, g0, w0, c) says whether the flow ends farther from x* than GD; judged by solving for g∞."""
    rng = np.random.default_rng(3)
    alike, right = None, 0
    for problem in random_instances():
        w0 = unit_vector(rng, problem.d)
        q = float(np.sum(problem.perp(w0) ** 2))
        for _ in range(5):
            g0 = problem.g_star * rng.uniform(0.1, 3) * rng.choice([-1, 1])
            c = problem.g_star**2 * 10 ** rng.uniform(-1.5, 1.5)
            value = truth(answer(problem.A, problem.y, g0, w0, c))
            farther = _kernel_part_at_end(problem.g_star, q, abs(g0), c) > np.sqrt(q) * abs(g0)
            right += value == farther
            says = {reason for reason, rule in _rules(problem.g_star**2, g0**2, q, c, farther).items() if value == rule}
            alike = says if alike is None else alike & says
    if right == 100:
        return "On 20 random problems, five starts each, your rule names the farther end without running anything."
    raise Wrong(min(alike, default=f"Your answer is right in {right} of 100 random cases."))


def _rules(goal, start, q, c, farther):
    """What typical mistakes say, by the sentence about each: `goal` is g*², `start` is g0²."""
    end = goal + (q - 1) * start  # N − g0²
    return {
        "You compare g0 with g*, as the paper's text does. Where g ends depends on w0 and c as well.": start > goal,
        "You ask whether the scale falls. That decides it only where c is small enough.": start * (1 - q) > goal,
        "c above the logarithmic mean is bad for WN only where N > g0². Mind the signs.": (
            c > end / np.log(goal / start + q)
        ),
        "Your rule has no c. It is c log(N/g0²) that counts against N − g0².": np.log(goal / start + q) > end,
        "N is g*² + g0²‖w0⊥‖², the squared norm of GD's end; yours is g*² + g0².": c * np.log(goal / start + 1) > goal,
        "This is the rule of the printed (7): N is the squared norm of GD's end, g*² + g0²‖w0⊥‖²; yours is g*².": (
            c * np.log(goal / start) > goal - start
        ),
        "The norms of the start and of GD's end enter squared, as g0² and N.": (
            c * np.log(goal / start + q) / 2 > np.sqrt(goal + q * start) - np.sqrt(start)
        ),
        "Your answer is True where the flow ends closer.": not farther,
    }


def _kernel_part_at_end(g_star, q, g0, c):
    """‖x⊥‖ where the flow ends, with ‖w0⊥‖² = q."""
    return flow_limit(LeastSquares([[1, 0]], [g_star]), g0, [np.sqrt(1 - q), np.sqrt(q)], c)[1]
