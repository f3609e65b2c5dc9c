"""Exercises of the chapter "Experiments: linear regression" (Appendix F.1)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, judge, number, random_instances, vector


def spectrum(answer):
    """answer(m, kappa) are m singular values from 1 down, geometric, with cond(AAᵀ) = κ."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        m, kappa = int(rng.integers(3, 12)), float(rng.uniform(2, 1000))
        values = vector("The spectrum", answer(m, kappa), m)
        if (values <= 0).any():
            raise Wrong("Singular values of a matrix of full rank are positive.")
        if abs(values.max() - 1) > ROUNDING:
            raise Wrong(f"The largest singular value should be 1; yours is {values.max():.4g}.")
        if np.any(np.diff(values) > 0):
            raise Wrong("Let them fall: the first is the largest.")
        found = (values.max() / values.min()) ** 2
        if abs(found / kappa**2 - 1) < ROUNDING:
            raise Wrong(f"This has cond(A) = κ, so cond(AAᵀ) = κ² = {found:.4g}.")
        if abs(found / kappa - 1) > ROUNDING:
            raise Wrong(f"cond(AAᵀ) should be {kappa:.4g}; yours gives {found:.4g}.")
        ratios = values[1:] / values[:-1]
        if np.ptp(ratios) > ROUNDING:
            raise Wrong("The ends are right, but the ratio from each value to the next should be the same.")
    return "On 20 random pairs of m and κ the spectrum falls geometrically and cond(AAᵀ) is κ."


def farthest(answer):
    """answer(A, tau) is the largest ‖x − x*‖ of an x in the row space with ½‖Ax − y‖² = tau."""
    rng = np.random.default_rng(2)
    for problem in random_instances():
        tau = float(rng.uniform(0.01, 1))
        given = _number(answer(problem.A, tau))
        true = np.sqrt(2 * tau / problem.lam_min)
        mistakes = (
            (
                np.sqrt(2 * tau / problem.lam_max),
                "This is the nearest it can be. A shrinks the weakest direction most.",
            ),
            (np.sqrt(tau / problem.lam_min), "The loss has a factor ½: ‖Ax − y‖² is 2τ."),
            (true**2, "This is the square of the distance."),
            (np.sqrt(2 * tau) / problem.lam_min, "λmin(AAᵀ) is the square of the least singular value."),
            (np.sqrt(2 * tau), "This is ‖Ax − y‖. How much longer can the error in x be?"),
        )
        otherwise = f"On a random problem the farthest x of that loss has distance {true:.4g}; you say {given:.4g}."
        judge(given, true, mistakes, otherwise)
    return "On 20 random problems the worst x in the row space is just that far."


def largest_scale(answer):
    """answer(A, eta) is the g at which eta g² λmax(AAᵀ) = 2."""
    rng = np.random.default_rng(3)
    for problem in random_instances():
        eta = float(rng.uniform(0.005, 0.3))
        given = _number(answer(problem.A, eta))
        true = np.sqrt(2 / (eta * problem.lam_max))
        mistakes = (
            (true**2, "This is g². Take the root."),
            (
                np.sqrt(1 / (eta * problem.lam_max)),
                "This is where the step is best, ηh = 1; it is stable up to ηh = 2.",
            ),
            (np.sqrt(2 / eta) / problem.lam_max, "λmax(AAᵀ) stands under the root: it is the square of the norm of A."),
            (np.sqrt(2 / eta), "The curvature also depends on A: it is g²λmax(AAᵀ)."),
            (np.sqrt(2 / (eta * np.sqrt(problem.lam_max))), "λmax(AAᵀ) is the square of the norm of A, not the norm."),
        )
        otherwise = f"With λmax = {problem.lam_max:.4g}, eta = {eta:.4g} it is {true:.4g}; you say {given:.4g}."
        judge(given, true, mistakes, otherwise)
    return "On 20 random problems your scale is the largest at which no direction is unstable."


def _number(value):
    """Return an answer's positive number, or raise `Wrong`."""
    value = number("The answer", value)
    if value <= 0:
        raise Wrong(f"The answer is a positive number; yours is {value}.")
    return value
