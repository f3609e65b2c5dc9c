"""Section 2 and Appendix C: how fast the loss of the WN flow falls, and how small its scale can get.

As in `wnlib.theory.continuous`, w0 may have any length; the paper has ‖w0‖ = 1.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wnlib._checks import LARGEST, instance, real_array, real_number, squarable
from wnlib.problems import LeastSquares
from wnlib.theory.continuous import below_zero, direction, states, unit


class FlowTime(NamedTuple):
    """Times after which the two cases of Theorem 2.7 promise a loss; ∞ where the hypothesis fails.

    Attributes
    ----------
    first : float
        From a start with ‖w0⊥‖² e^(g0²/c) > 1.
    second : float
        From a start with a loss below ½‖y‖².
    """

    first: float
    second: float


@np.errstate(over="ignore")
def loss_decay_bounds(problem: LeastSquares, g: ArrayLike, w: ArrayLike, c: float) -> tuple[Any, Any]:
    """Lower and upper bound on the derivative of the loss ½‖Ax − y‖² along the WN flow.

    Lemma 2.4, (5) and (9), for ‖w‖ = 1:

        −max{g², c} ‖Aᵀr‖² ≤ d(½‖r‖²)/dt ≤ −min{g², c} ‖Aᵀr‖²,    r = Ax − y.

    Both are tight: the upper one is attained where Aᵀr is parallel to w (c ≤ g²) or orthogonal to it (c ≥ g²),
    the lower one the other way round. If ‖w‖ is not 1, g²/‖w‖² takes the place of g².

    Parameters
    ----------
    problem : LeastSquares
    g : array_like, shape (...)
        Scales along a path, or one.
    w : array_like, shape (..., d)
        Directions, not zero.
    c : float
        Ratio of the speed of g to that of w, at least 0.

    Returns
    -------
    lower : ndarray, shape (...)
    upper : ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If c is not a number of at least 0, or g and w do not hold equally many states.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import loss_decay_bounds
    >>> lower, upper = loss_decay_bounds(LeastSquares([[1, 0]], [1]), 0.5, [0, 1], c=2)
    >>> float(lower), float(upper)
    (-2.0, -0.25)
    """
    c, (g, w, size) = real_number("c", c, at_least=0), states(problem, g, w)
    gradient = problem.grad((g / size)[..., None] * w)
    squared, speed = np.sum(gradient**2, axis=-1), (g / size) ** 2
    return -np.maximum(speed, c) * squared, -np.minimum(speed, c) * squared


def decay_rate(problem: LeastSquares, scale: float, c: float) -> float:
    """The rate k of the bound ½‖r_t‖² ≤ ½‖r_0‖² e^(−kt): k = 2 λmin min{C², c} while abs(g) ≥ C.

    Lemma 2.4 and Appendix C.2, corrected: the statement leaves out λmin, and both leave out the 2. An upper
    bound on the loss, for ‖w‖ = 1. Tight: equality holds for all t on flows with g0 w0 a multiple of x* along
    the eigenvector of λmin, if c ≤ C².

    Parameters
    ----------
    problem : LeastSquares
    scale : float
        C, a lower bound on abs(g), at least 0.
    c : float
        Ratio of the speed of g to that of w, at least 0.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If a number is of the wrong kind or negative.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import decay_rate
    >>> decay_rate(LeastSquares([[1, 0]], [1]), scale=2, c=1)
    2.0
    """
    scale, c = real_number("scale", scale, at_least=0, at_most=LARGEST), real_number("c", c, at_least=0)
    return 2 * instance("problem", problem, LeastSquares).lam_min * min(scale**2, c)


@np.errstate(over="ignore")
def scale_lower_bound(problem: LeastSquares, g0: float, w0: ArrayLike, c: float, t: ArrayLike) -> Any:
    """A lower bound on g² at time t: Δ + (g0² − Δ) e^(−c λmax t), Δ = (‖y‖² − ‖r0‖²)/λmax.

    Lemma C.1 and (14), corrected: the paper prints g for g² and leaves c out. Valid for each start; it says
    something where it is positive, so for all large t if the loss starts below ½‖y‖². At t = 0 it is tight, and
    so is its slope where w0 is an eigenvector of λmax.

    Parameters
    ----------
    problem : LeastSquares
    g0 : float
        Starting scale, of either sign.
    w0 : array_like, shape (d,)
        Starting direction, not zero, of any length.
    c : float
        Ratio of the speed of g to that of w, at least 0.
    t : array_like, shape (...)
        Times, at least 0.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.

    Notes
    -----
    d(g²)/dt = c (‖y‖² − ‖r‖² − ‖Ax‖²), where ‖r‖ ≤ ‖r0‖ and ‖Ax‖² ≤ λmax g². So (g² − Δ) e^(c λmax t) never
    falls.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import scale_lower_bound
    >>> scale_lower_bound(LeastSquares([[1, 0]], [1]), 0.1, [1, 0], 1, [0, 1, 100]).round(3)
    array([0.01 , 0.124, 0.19 ])
    """
    g0, c = squarable("g0", real_number("g0", g0)), real_number("c", c, at_least=0)
    t = real_array("t", t, ("...",))
    if t.min() < 0:
        raise ValueError(f"t must be at least 0; got {t.min()}.")
    delta = below_zero(problem, g0, w0) / problem.lam_max
    return delta + (g0**2 - delta) * np.exp(-c * problem.lam_max * t)


@np.errstate(over="ignore")
def flow_time_bound(problem: LeastSquares, g0: float, w0: ArrayLike, c: float, eps: float) -> FlowTime:
    """Times after which the loss ½‖Ax − y‖² of the WN flow is at most eps, from each case of Theorem 2.7.

    Corrected, for ‖w0‖ = 1 and f0 the loss at the start. Both are upper bounds on the time.

        first   log(f0/eps) / (2 λmin min{Γ, c}),                                 Γ = g0² + 2c log‖w0⊥‖ > 0
        second  log(f0/eps) / (λmin min{δ, 2c}) + log₊(2 − 2g0²/δ) / (c λmax),    δ = (‖y‖² − ‖r0‖²)/λmax > 0

    The first is half of what is printed. The printed second, with min{δ, c} and log(2 − g0/δ)/λmax, is too
    short where c and g0 are small. Both are tight along the eigenvector of λmin as ‖w0⊥‖ → 0: the first if
    c ≤ Γ, the second if 2c ≤ δ ≤ 2g0². While the second waits for g² to reach δ/2 it can be many times too
    long.

    Parameters
    ----------
    problem : LeastSquares
    g0 : float
        Starting scale, of either sign.
    w0 : array_like, shape (d,)
        Starting direction, not zero. A length other than 1 puts c‖w0‖² and t/‖w0‖² in place of c and t.
    c : float
        Ratio of the speed of g to that of w, positive.
    eps : float
        Loss to reach, positive.

    Returns
    -------
    FlowTime
        The pair (first, second), ∞ where the hypothesis of a case fails; the smaller of the two counts.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range, or neither hypothesis holds; the message says by
        how much.

    Notes
    -----
    The loss falls at least at `decay_rate` for the bound on abs(g) that Lemma 2.5 gives (first), or that
    `scale_lower_bound` gives after it has reached δ/2 (second).

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import flow_time_bound
    >>> first, second = flow_time_bound(LeastSquares([[1, 0]], [1]), 0.8, [0.6, 0.8], c=0.5, eps=1e-6)
    >>> round(first, 3), round(second, 3)
    (14.171, 16.193)
    """
    g0, c = squarable("g0", real_number("g0", g0)), real_number("c", c, above=0)
    eps = real_number("eps", eps, above=0)
    _, log_q, unit_c = direction(problem, w0, c)
    gamma, below = g0**2 + unit_c * log_q, below_zero(problem, g0, w0)
    if gamma <= 0 and below <= 0:
        raise ValueError(
            "Theorem 2.7 needs g0² above 2c log(1/‖w0⊥‖), or ‖y‖² above ‖Ag0w0 − y‖²; "
            f"the first fails by {abs(gamma):.3g}, the second by {abs(below):.3g}. "
            "Start closer to a solution or lower c."
        )
    delta, clock = below / problem.lam_max, unit_c / c  # ‖w0‖² is the unit of time
    start = problem.loss(g0 * unit(problem, w0)[0])
    gain = np.log(start) - np.log(eps) if start > eps else 0.0
    first = second = np.inf
    if gamma > 0:
        first = clock * gain / decay_rate(problem, np.sqrt(gamma), unit_c)
    if delta > 0:
        wait = np.log(max(1.0, 2 - 2 * g0**2 / delta)) / (c * problem.lam_max)
        second = clock * gain / decay_rate(problem, np.sqrt(delta / 2), unit_c) + (wait if gain else 0.0)
    return FlowTime(float(first), float(second))
