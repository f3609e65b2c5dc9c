"""Exercises of the chapter "Stationary points" (Lemma 2.3)."""

import numpy as np

from wnlib.exercises._answers import Wrong, direction, number, random_instances, truth, unit_vector
from wnlib.flows import flow
from wnlib.methods import WN
from wnlib.problems import LeastSquares


def is_stationary(answer):
    """answer(A, y, g, w) says whether the gradient of h vanishes, on points of both kinds and near misses."""
    rng = np.random.default_rng(6)
    for problem in random_instances():
        A, y = problem.A, problem.y
        for point, (g, w, stationary, reason) in _points(rng, A, y).items():
            value = truth(answer(A, y, g, w))
            if value != stationary:
                raise Wrong(f"At {point} you say {value}. {reason}")
    return "On 20 random problems you know the stationary points from the others."


def _points(rng, A, y):
    b = A.T @ y
    w = rng.uniform(0.5, 2) * unit_vector(rng, A.shape[1])
    blind = w - b * (b @ w) / (b @ b)
    solution = np.linalg.pinv(A) @ y + w - np.linalg.pinv(A) @ (A @ w)
    size = np.linalg.norm(solution)
    return {
        "a solution of Ax = y": (size, 1.5 * solution, True, "Its gradient vanishes up to rounding, about 1e-15."),
        "a solution with g < 0": (-size, -solution, True, "(g, w) and (−g, −w) stand for the same x."),
        "g = 0 with yᵀAw = 0": (0.0, blind, True, "It belongs to S, and its gradient vanishes up to rounding."),
        "g = 0 with yᵀAw ≠ 0": (0.0, w, False, "There the slope in g is −yᵀAw/‖w‖, which is not 0."),
        "g ≠ 0 with yᵀAw = 0": (0.7, blind, False, "It is not in S, which needs g = 0, and its loss is not 0."),
        "a random point": (float(rng.uniform(0.5, 2)), w, False, "Its loss is not 0, and neither is its gradient."),
        "the length of x* in a wrong direction": (size, w, False, "Only the norm fits there, not Ax = y."),
    }


def unstable_rate(answer):
    """answer(A, y, w, c) is the positive rate of the linearized flow at the saddle (0, w), ‖w‖ = 1."""
    rng = np.random.default_rng(7)
    for problem in random_instances():
        A, y = problem.A, problem.y
        b, c = A.T @ y, float(rng.uniform(2, 5))
        w = unit_vector(rng, A.shape[1])
        w = w - b * (b @ w) / (b @ b)
        w = w / np.linalg.norm(w)
        rate = number("The rate", answer(A, y, w, c))
        true = _largest_rate(problem, w, c)
        if abs(rate / true - 1) > 1e-4:
            raise Wrong(_wrong_rate(rate, true, c, np.sum((A @ w) ** 2), np.linalg.norm(b)))
    return "On 20 random problems your rate is the largest one of the linearized flow."


def _wrong_rate(rate, true, c, alpha, size_b):
    if rate <= 0:
        return f"Your rate is {rate:.3g}. The path leaves at a positive rate; a negative one is that of its approach."
    if np.isclose(rate, np.sqrt(c) * size_b):
        return "You left out α = ‖Aw‖², the curvature of the loss in g, which slows the path."
    if np.isclose(rate, -c * alpha + np.sqrt((c * alpha) ** 2 + 4 * c * size_b**2)):
        return "This is twice the rate: the roots of a quadratic carry a ½."
    if np.isclose(rate, (-c * np.sqrt(alpha) + np.sqrt(c**2 * alpha + 4 * c * size_b**2)) / 2):
        return "Your α is ‖Aw‖; the curvature of the loss in g is its square."
    if np.isclose(rate, (-alpha + np.sqrt(alpha**2 + 4 * size_b**2)) / 2):
        return "This is minus an eigenvalue of the Hessian; the flow weighs g with c."
    if np.isclose(rate, (c * alpha + np.sqrt((c * alpha) ** 2 + 4 * c * size_b**2)) / 2):
        return "This is the size of the other rate, at which paths approach; check the sign of c α."
    return f"Differences of the flow at the saddle give the rate {true:.4g}; yours is {rate:.4g}."


def _largest_rate(problem, w, c):
    """By differences of the flow, which is one step of Algorithm 1 divided by its size."""
    z, tiny = np.append(0.0, w), 1e-5

    def field(z):
        g, w = WN(1.0, c).step(problem, z[0], z[1:])
        return np.append(g, w) - z

    columns = [(field(z + tiny * e) - field(z - tiny * e)) / (2 * tiny) for e in np.eye(z.size)]
    return np.linalg.eigvals(np.array(columns).T).real.max()


def stuck_start(answer):
    """answer(g0, c) is a unit w0 from which the flow for A = [1, 0], y = 1 runs into a saddle."""
    rng = np.random.default_rng(8)
    problem = LeastSquares([[1, 0]], [1])
    for _ in range(20):
        g0, c = float(rng.choice([-1, 1]) * rng.uniform(0.3, 2)), float(rng.uniform(0.5, 3))
        w0 = direction("w0", answer(g0, c), 2)
        if g0 * w0[0] >= 0:
            raise Wrong(
                f"From g0 = {g0:.3g}, w0 = {w0.round(3)} the scale and yᵀAw do not shrink together. "
                "The product g0 yᵀAw0 must be negative."
            )
        path = flow(problem, g0, w0, c=c, t_max=30 / np.sqrt(c), rtol=1e-12, atol=1e-14)
        nearest = np.hypot(path.g, path.w[:, 0]).min()
        if nearest > 1e-3:
            level = abs(w0[1]) * np.exp(g0**2 / (2 * c))
            raise Wrong(
                f"From g0 = {g0:.3g}, c = {c:.3g} the path comes within {nearest:.2g} of a saddle and then leaves it. "
                f"The flow conserves ‖w⊥‖ exp(g²/2c), which is 1 at a saddle and {level:.3g} at your start."
            )
    return "On 20 random pairs (g0, c) the flow from your start comes within 0.001 of a saddle."


def stickiest(answer):
    """answer(A, y) is the unit w with yᵀAw = 0 at whose saddle (0, w) the unstable rate is least."""
    for problem in random_instances():
        A, y = problem.A, problem.y
        b = A.T @ y
        w = direction("w", answer(A, y), A.shape[1])
        if abs(w @ b) > 1e-8 * np.linalg.norm(b):
            raise Wrong(
                f"(0, w) is a saddle only if yᵀAw = 0; yours has {w @ b:.3g}. "
                "Search among the vectors orthogonal to Aᵀy."
            )
        inside = A - np.outer(A @ b, b) / (b @ b)
        most, found = np.linalg.norm(inside, 2), np.linalg.norm(A @ w)
        if most - found < 1e-13:  # as the square of the angle between them
            continue
        if found < 1e-8:
            raise Wrong("Your w lies in the kernel: there α = ‖Aw‖² is 0, and the saddle lets go fastest.")
        top = np.linalg.svd(A)[2][0]
        top = top - b * (b @ top) / (b @ b)
        if abs(found - np.linalg.norm(A @ top) / np.linalg.norm(top)) < 1e-8:
            raise Wrong(
                "You took the top singular vector and then projected it. The best of the projected vectors is not the "
                "projection of the best: restrict A to the vectors orthogonal to Aᵀy first."
            )
        raise Wrong(
            f"There is a saddle with α = ‖Aw‖² = {most**2:.4g}; yours has {found**2:.4g}, so it lets go sooner."
        )
    return "On 20 random problems no saddle lets go more slowly than yours."
