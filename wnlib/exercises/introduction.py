"""Exercises of the chapter "Introduction" (section 1)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, judge, name_mistake, number, random_instances, unit_vector, vector
from wnlib.methods import RPGD


def gd_limit(answer):
    """answer(A, y, x0) is where gradient descent ends: a solution whose kernel part is that of x0."""
    rng = np.random.default_rng(1)
    for problem in random_instances():
        A, y = problem.A, problem.y
        x0 = rng.standard_normal(problem.d)
        x = vector("The limit", answer(A, y, x0), problem.d)
        _name_mistake_in_limit(problem, x0, x)
        off = np.linalg.norm(A @ x - y)
        if off > ROUNDING:
            raise Wrong(f"The limit has loss zero, so A x = y; yours leaves ‖Ax − y‖ = {off:.3g}.")
        moved = np.linalg.norm(problem.perp(x - x0))
        if moved > ROUNDING:
            raise Wrong(
                f"Your limit solves A x = y, but its kernel part differs from that of x0 by {moved:.3g}. "
                "No gradient has a kernel part, so it cannot change."
            )
    return "On 20 random problems your limit solves Ax = y and keeps the kernel part of x0."


def _name_mistake_in_limit(problem, x0, x):
    A, back = problem.A, np.linalg.pinv(problem.A)
    missing = problem.y - A @ x0
    mistakes = (
        (
            problem.x_star,
            "You returned the minimum-norm solution whatever x0 is. Gradient descent ends there only from the "
            "row space of A: it keeps the kernel part of x0.",
        ),
        (
            problem.x_star + x0,
            "You added all of x0 to the minimum-norm solution. The part of x0 that the data see is corrected on the "
            "way; only the rest of it stays.",
        ),
        (
            x0 + A.T @ missing,
            "This is one step of gradient descent of size 1, not the end of all of them. Aᵀ of a residual points the "
            "right way, but what must be added is the shortest z with A z = y − A x0.",
        ),
        (x0 - back @ missing, "The correction has the wrong sign: it takes the residual from A x0 − y to twice that."),
    )
    name_mistake(x, mistakes)
    near = np.linalg.norm(problem.A @ x - problem.y)
    unmoved = np.linalg.norm(problem.perp(x - x0)) < ROUNDING
    if unmoved and ROUNDING < near < 0.9 * np.linalg.norm(missing):
        raise Wrong(
            f"This looks like a run that was stopped: it leaves ‖Ax − y‖ = {near:.3g}, and began with "
            f"{np.linalg.norm(missing):.3g}. The limit needs no steps: correct x0 by one solve."
        )


def preconditioned_limit(answer):
    """answer(A, y, x0, P) is where x ← x − ηPAᵀ(Ax − y) ends: a solution that differs from x0 by a vector PAᵀu."""
    rng = np.random.default_rng(4)
    for problem in random_instances():
        A, y = problem.A, problem.y
        d = A.shape[1]
        root = np.eye(d) + 0.3 * rng.standard_normal((d, d))
        x0, P = rng.standard_normal(d), root @ root.T
        x = vector("The limit", answer(A, y, x0, P), d)
        missing, back = y - A @ x0, np.linalg.pinv(A)
        true = x0 + P @ A.T @ np.linalg.solve(A @ P @ A.T, missing)
        inverse = np.linalg.inv(P)
        mistakes = (
            (x0 + back @ missing, "This is where it ends for P = I. With P the steps leave the row space of A."),
            (
                x0 + P @ back @ missing,
                "P multiplies each step, not the end: your point does not solve A x = y. Which u makes "
                "A(x0 + P Aᵀu) = y?",
            ),
            (
                x0 + inverse @ A.T @ np.linalg.solve(A @ inverse @ A.T, missing),
                "You have the inverse of P where P belongs: each step is P times a vector Aᵀu.",
            ),
            (
                P @ A.T @ np.linalg.solve(A @ P @ A.T, y),
                "This is the end of the run from x0 = 0. Correct x0 instead of starting anew.",
            ),
        )
        otherwise = (
            f"Your point solves A x = y, but it lies {np.linalg.norm(x - true):.3g} from the end of the run. "
            "All steps together are P times a vector Aᵀu."
        )
        if (off := np.linalg.norm(A @ x - y)) > ROUNDING:
            otherwise = f"The limit solves A x = y; yours leaves ‖Ax − y‖ = {off:.3g}."
        judge(x, true, mistakes, otherwise)
    return "On 20 random problems your limit is the solution that steps of the form P Aᵀu can reach."


def shrink_factor(answer):
    """answer(A, y, g, w, eta) is the factor by which one rPGD step multiplies ‖w⊥‖."""
    rng = np.random.default_rng(2)
    for problem in random_instances():
        w, g, eta = unit_vector(rng, problem.d), float(rng.uniform(0.5, 2)), float(rng.uniform(0.05, 0.3))
        g *= float(rng.choice([-1, 1]))
        factor = number("The factor", answer(problem.A, problem.y, g, w, eta))
        w_next = RPGD(eta, 0.0).step(problem, g, w)[1]
        true = np.linalg.norm(problem.perp(w_next)) / np.linalg.norm(problem.perp(w))
        without_g = 1 / np.linalg.norm(w - eta * problem.grad(g * w))
        without_sign = 1 / np.linalg.norm(w - eta * abs(g) * problem.grad(abs(g) * w))
        mistakes = (
            (1.0, "The gradient step leaves w⊥ as it is, but the projection then divides all of w by ‖v‖."),
            (1 / true, "This is ‖v‖. The projection divides by it, so the factor is its inverse."),
            (without_g, "The gradient of f in w carries a factor g: v = w − eta g Aᵀ(Agw − y)."),
            (true**2, "This is the factor of ‖w⊥‖². The question asks for that of ‖w⊥‖."),
            (without_sign, f"Here g is {g:.3g}, and you take its size. A negative scale counts as it is."),
        )
        otherwise = f"On a random problem ‖w⊥‖ is multiplied by {true:.6g}; you say {factor:.6g}."
        judge(factor, true, mistakes, otherwise)
    return "On 20 random problems your factor is the one that a step of rPGD shows."


def best_start(answer):
    """answer(A, x0) is the point nearest to x0 from which gradient descent ends at the minimum norm."""
    rng = np.random.default_rng(3)
    for problem in random_instances():
        x0 = rng.standard_normal(problem.d)
        start = vector("The start", answer(problem.A, x0), problem.d)
        kernel_part = np.linalg.norm(problem.perp(start))
        if kernel_part > ROUNDING:
            raise Wrong(
                f"Your start has a kernel part of norm {kernel_part:.3g}. Gradient descent keeps it, and ends that far "
                "from the minimum-norm solution."
            )
        # Near the nearest point distances hardly differ: the points themselves do.
        if np.linalg.norm(start - problem.parallel(x0)) > ROUNDING:
            farther = np.linalg.norm(start - x0) - np.linalg.norm(problem.perp(x0))
            raise Wrong(
                f"From your start gradient descent ends at the minimum norm, but another start that lies {farther:.2g} "
                "closer to x0 does as well. Which point of the row space is nearest to x0?"
            )
    return "On 20 random problems your start leads to the minimum norm, and none is nearer to x0."
