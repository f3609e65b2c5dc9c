"""Section 3 and Appendix E: how many steps suffice, how small a scale must be.

For orthonormal rows (AAᵀ = I) and the direction step 1/g², everything follows from one law. From the first
step on w∥ points along w*; with p = ‖Aw‖, a = g*/p and the gap e = a − g ≥ 0, one step of rPGD gives

    a₊² = p² a² + (1 − p²) g²,    g₊ = g + γ p² e,    p² (1 − γ) e ≤ e₊ ≤ p (1 − γ p) e,

and ‖Agw − y‖ = p e. Nothing in this module runs an algorithm.
"""

from math import ceil, exp, expm1, hypot, inf, log, log1p, sqrt
from typing import NamedTuple

import numpy as np

from wnlib._checks import choice, instance, integer, real_number
from wnlib.methods import Piecewise
from wnlib.problems import LeastSquares

# Squares of it and of its inverse are still floats.
SMALLEST = 1e-100


class Stages(NamedTuple):
    """Lengths of the two stages of Condition 3.1, and the step size of the scale through both.

    The scale rests at step 0, moves by γ₁ at steps 1, …, first − 1, and by γ₂ at steps first, …, steps − 1.
    ``solve(problem, RPGD(Optimal(), stages.gamma), g0, w0, tol=None, max_steps=stages.steps)`` runs them.

    Attributes
    ----------
    first : int
        T1, the steps of the first stage, at least 1.
    second : int
        T2, the steps of the second.
    gamma : Piecewise
        The step size of the scale at each step.
    steps : int
        T1 + T2.
    """

    first: int
    second: int
    gamma: Piecewise

    @property
    def steps(self) -> int:
        return self.first + self.second


def two_stage_steps(
    g0: float,
    g_star: float,
    kernel_share: float,
    eps: float,
    *,
    rho: float = 1.0,
    first_gamma: float | None = None,
    second_gamma: float = 0.25,
    accuracy: float | None = None,
) -> Stages:
    """Steps of the two stages that suffice for orthonormal rows.

    Theorems 3.2, E.1 (case a, ρ < 1) and E.7 (case b, ρ = 1), corrected. With G² = g*² − ρ(g*² − g0²) and
    R = g*²/G²,

        T1 = log((ε⁻² + 1/(R − 1)) / (‖w0⊥‖⁻² + 1/(R − 1))) / log R,
        T2 = log(E/accuracy) / log(1/(1 − γ₂)),

    both rounded up, with E = min{(1 − γ₁)^(T1 − 1) (a₁ − g0), g*/√(1 − min{ε, ‖w0⊥‖}²) − g0}/g* and
    a₁² = g*² + g0²‖w0⊥‖². Then ‖w⊥‖ ≤ ε and g² ≤ G² after T1 steps; and ‖w⊥‖ ≤ ε and the residual
    ‖Agw − y‖ ≤ accuracy · g* after T1 + T2, so the loss ½‖Agw − y‖² is at most ½ accuracy² g*². Both are
    upper bounds on the steps needed. T1 is exact in case b where ‖w0⊥‖ > ε, and T2 is tight as ‖w0⊥‖ → 0.

    Parameters
    ----------
    g0, g_star : float
        Starting scale and norm of the minimum-norm solution, 0 < g0 < g*. For orthonormal rows g* = ‖y‖.
    kernel_share : float
        ‖w0⊥‖ of the unit vector w0, in [0, 1]; 1 is the worst case.
    eps : float
        Bound on ‖w⊥‖, in [1e-100, 1).
    rho : float
        Share of the gap g*² − g0² that the first stage leaves, in [1e-100, 1]. At 1 the scale rests: case b.
    first_gamma : float, optional
        Step γ₁, at most `largest_phase_one_gamma`; that value if omitted.
    second_gamma : float
        Step γ₂ of the second stage, in [1e-100, ½].
    accuracy : float, optional
        Bound on the residual relative to g*, positive; √ε if omitted, as in Theorems 3.2 and E.1. With 2ε²,
        (1 − 2ε²) g* ≤ g ≤ g*/√(1 − ε²), which replaces (35) of Theorem E.7.

    Returns
    -------
    Stages

    Raises
    ------
    TypeError, ValueError
        If a parameter is not a number of the range above.

    Notes
    -----
    The printed T2 of case a counts from a gap ρ(g*² − g0²) that the first stage need not have reached, and
    can be 0 where the loss is still large.

    Examples
    --------
    >>> from wnlib.theory import two_stage_steps
    >>> stages = two_stage_steps(0.5, 1, 0.8, 0.01)
    >>> stages.first, stages.second
    (7, 6)
    >>> stages = two_stage_steps(0.5, 1, 0.8, 0.01, rho=0.1)
    >>> stages.first, stages.second
    (85, 1)
    >>> from wnlib import RPGD, LeastSquares, Optimal, solve
    >>> method = RPGD(Optimal(), stages.gamma)
    >>> run = solve(LeastSquares([[1, 0]], [1]), method, 0.5, [0.6, 0.8], tol=None, max_steps=stages.steps)
    >>> bool(run.loss < 0.01 / 2)
    True
    """
    ratio, delta = _ratio(g0, g_star)
    kernel_share, eps, rho = _kernel_part(kernel_share), _eps(eps), _rho(rho)
    second_gamma = real_number("second_gamma", second_gamma, at_least=SMALLEST, at_most=0.5)
    accuracy = sqrt(eps) if accuracy is None else real_number("accuracy", accuracy, above=0)
    kept = ratio**2 + (1 - rho) * delta
    first = _kernel_steps(rho * delta / kept if kept else inf, kernel_share, eps)
    bound = largest_phase_one_gamma(g0, g_star, kernel_share, first, rho=rho)
    gamma = bound if first_gamma is None else real_number("first_gamma", first_gamma, at_least=0)
    if gamma > bound:
        raise ValueError(
            f"first_gamma must be at most {bound:.6g}, the largest step for which the scale keeps its distance "
            f"from g* over {first} steps; got {gamma:.6g}. Lower it, or lower rho."
        )
    missing, small = delta / (1 + ratio), min(eps, kernel_share)
    p = sqrt((1 - small) * (1 + small))
    gap = exp((first - 1) * log1p(-gamma)) * (missing + _longer(ratio * kernel_share))
    gap = min(gap, missing + small**2 / (p * (1 + p)))
    second = ceil((log(gap) - log(accuracy)) / -log1p(-second_gamma)) if gap > accuracy else 0
    return Stages(first, second, Piecewise([0, gamma, second_gamma], [1, first]))


def _kernel_steps(excess, kernel_share, eps):
    """Steps after which 1/q₊ = 1 + (1 + excess)/q, q = ‖w⊥‖², has brought q to ε²; at least one."""
    if kernel_share <= eps:
        return 1
    start, goal = kernel_share**-2, eps**-2
    return max(1, ceil(log1p((goal - start) / (start + 1 / excess)) / log1p(excess)))


def largest_phase_one_gamma(g0: float, g_star: float, kernel_share: float, steps: int, *, rho: float) -> float:
    """Largest step size of the scale that keeps g² ≤ g*² − ρ(g*² − g0²) over a first stage of given length.

    Case (a) of Theorems 3.2 and E.1, (20) improved: since e shrinks by 1 − γ at least, the scale rises from
    g0 by (1 − (1 − γ)^(T1 − 1)) (a₁ − g0) at most, a₁² = g*² + g0²‖w0⊥‖². With G² = g*² − ρ(g*² − g0²),

        γ = min{½, 1 − (1 − (G − g0)/(a₁ − g0))^(1/(T1 − 1))}.

    A sufficient bound, never below what the proof of E.1 allows; tight as ‖w0⊥‖ → 0.

    Parameters
    ----------
    g0, g_star, kernel_share : float
        As in `two_stage_steps`.
    steps : int
        T1, at least 1. The scale rests at step 0.
    rho : float
        As in `two_stage_steps`.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If a parameter is not a number of the range above.

    Examples
    --------
    >>> from wnlib.theory import largest_phase_one_gamma
    >>> round(largest_phase_one_gamma(0.5, 1, 0.8, 85, rho=0.1), 4)
    0.019
    >>> largest_phase_one_gamma(0.5, 1, 0.8, 7, rho=1)
    0.0
    """
    ratio, delta = _ratio(g0, g_star)
    kernel_share, rho = _kernel_part(kernel_share), _rho(rho)
    steps = integer("steps", steps, at_least=1, at_most=10**300)
    if rho == 1:
        return 0.0
    if steps == 1:
        return 0.5
    largest = sqrt(ratio**2 + (1 - rho) * delta)  # G/g*
    rise = (1 - rho) * delta / (largest + ratio)
    left = rho * delta / (1 + largest) + _longer(ratio * kernel_share)
    # Of two parts of the gap the smaller one carries the digits.
    log_left = log1p(-rise / (rise + left)) if rise < left else log(left / (rise + left))
    return min(0.5, -expm1(log_left / (steps - 1)))


def fixed_scale_steps(kernel_share: float, eps: float, delta: float) -> int:
    """Steps of rPGD at a fixed scale that bring ‖w⊥‖ to ε, for any A of full rank.

    Propositions 3.3 and E.9, Lemmas E.10 and E.11: T1 = log(‖w0⊥‖/ε)/log(1 + δ), rounded up, with the
    direction step 1/(g0² λmax) and g0 at most `admissible_scale(problem, delta)`. An upper bound: each step
    divides ‖w⊥‖ by 1 + δ or more. It is tight for λmin = λmax and g0 = g*/(1 + δ), as ‖w0⊥‖ → 0.

    Parameters
    ----------
    kernel_share : float
        ‖w0⊥‖ of the unit vector w0, in [0, 1].
    eps : float
        Bound on ‖w⊥‖, in [1e-100, 1).
    delta : float
        The margin δ, at least 1e-100.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If a parameter is not a number of the range above.

    Examples
    --------
    >>> from wnlib.theory import fixed_scale_steps
    >>> fixed_scale_steps(0.8, 0.01, delta=1)
    7
    """
    kernel_share, eps, delta = _kernel_part(kernel_share), _eps(eps), real_number("delta", delta, at_least=SMALLEST)
    return ceil(log(kernel_share / eps) / log1p(delta)) if kernel_share > eps else 0


def admissible_scale(
    problem: LeastSquares, delta: float, *, target: str = "every", failure: float | None = None
) -> float:
    """Largest fixed scale at which the formulas promise that a step divides ‖w⊥‖ by 1 + δ or more.

    All are s/((2 + δ) λmax − λmin), with λ the eigenvalues of AAᵀ (printed: λmax = 1) and

    - "every" (Lemma E.10): s = g* λmin. Right for every target, and sharp: the start w0 = −w* in the
      direction of λmin attains it. Proposition 3.3 has the smaller g* λmin/((2 + δ) λmax).
    - "this": s = ‖Aᵀy‖, what the proof of (52) needs of the target at hand. Never below the first.
    - "random" (Lemma E.11; (50) without its −λmin): s = g* λmax √(μ − t) with μ = Σᵢ(λᵢ/λmax)²/m and
      t = √(log(1/failure)/m). Right with probability at least 1 − failure for w* uniform on the unit sphere
      of the row space, if the hypothesis μ − t ≥ (λmin/λmax)² holds, which is (49).

    Parameters
    ----------
    problem : LeastSquares
    delta : float
        The margin δ, positive.
    target : {"every", "this", "random"}
    failure : float, optional
        For "random": the probability that is given up, in (0, 1]; m⁻⁴ if omitted, where t is the printed
        2√(log(m)/m). Printed: O(1/m).

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If a parameter is not of the kind or range above, or (49) does not hold.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import admissible_scale
    >>> problem = LeastSquares([[1, 0, 0], [0, 0.5, 0]], [4, 0.25])
    >>> problem.eigenvalues
    array([1.  , 0.25])
    >>> [round(admissible_scale(problem, 1, target=target), 3) for target in ("every", "this")]
    [0.366, 1.455]
    """
    instance("problem", problem, LeastSquares)
    delta = real_number("delta", delta, above=0)
    target = choice("target", target, ("every", "this", "random"))
    width = (2 + delta) * problem.lam_max - problem.lam_min
    if failure is not None and target != "random":
        raise ValueError(f'failure is for target="random" only; got target={target!r}.')
    if target == "every":
        return problem.g_star * problem.lam_min / width
    if target == "this":
        return float(np.linalg.norm(problem.A.T @ problem.y)) / width
    failure = problem.m**-4.0 if failure is None else real_number("failure", failure, above=0, at_most=1)
    mean = float(np.mean((problem.eigenvalues / problem.lam_max) ** 2))
    deviation = sqrt(log(1 / failure) / problem.m)
    least = (problem.lam_min / problem.lam_max) ** 2
    if mean - deviation < least * (1 - 1e-12):
        raise ValueError(
            f"A random target needs mean (λ/λmax)² − √(log(1/failure)/m) of at least (λmin/λmax)², condition (49); "
            f'got {mean:.3g} − {deviation:.3g} < {least:.3g}. Raise failure, or take target="every".'
        )
    return problem.g_star * problem.lam_max * sqrt(mean - deviation) / width


def _ratio(g0, g_star):
    """g0/g* and the gap 1 − (g0/g*)², each to full precision."""
    g_star, g0 = real_number("g_star", g_star, above=0), real_number("g0", g0, above=0)
    if g0 >= g_star:
        raise ValueError(
            f"g0 must be less than g_star; got g0 = {g0} and g_star = {g_star}. "
            "At or above g* a fixed scale does not lead to w*: lower g0."
        )
    return g0 / g_star, (g_star - g0) / g_star * (1 + g0 / g_star)


def _longer(leg):
    """√(1 + leg²) − 1, to full precision."""
    return leg**2 / (1 + hypot(1, leg))


def _kernel_part(kernel_share):
    kernel_share = real_number("kernel_share", kernel_share, at_least=0)
    if kernel_share > 1 + 1e-12:
        raise ValueError(
            f"kernel_share must be at most 1, as w0 is a unit vector; got {kernel_share}. Divide w0 by its norm."
        )
    return min(kernel_share, 1.0)


def _eps(eps):
    return real_number("eps", eps, at_least=SMALLEST, below=1)


def _rho(rho):
    return real_number("rho", rho, at_least=SMALLEST, at_most=1)
