"""Section 2 and Appendix C: where the WN flow ends, and what it conserves.

All of it is stated for a start w0 of any length: the flow from (g0, w0) is the one from the unit vector
w0/‖w0‖ with c‖w0‖² in place of c and t/‖w0‖² in place of t. The paper has ‖w0‖ = 1.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib._checks import LARGEST, instance, real_array, real_number, squarable
from wnlib._checks import direction as check_direction
from wnlib.flows import flow
from wnlib.problems import LeastSquares

# What is next to 0, and a number that its sums and products leave finite.
NEARLY_0, MOST = 1e-30, 1e300


def gd_limit(problem: LeastSquares, x0: ArrayLike) -> NDArray:
    """Where gradient descent and gradient flow end: x* + x0⊥.

    Exact, for each step size below 2/λmax: the gradients lie in the row space, so x⊥ stays as it is. (The
    remark after (7) has g* w0⊥ in place of x0⊥ = g0 w0⊥.)

    Parameters
    ----------
    problem : LeastSquares
    x0 : array_like, shape (..., d)
        Starting weights, one or many.

    Returns
    -------
    ndarray, shape (..., d)

    Raises
    ------
    TypeError, ValueError
        If x0 does not hold finite numbers, or has another shape.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import gd_limit
    >>> gd_limit(LeastSquares([[1, 0]], [2]), [3, 5])
    array([2., 5.])
    """
    d = instance("problem", problem, LeastSquares).d
    return problem.x_star + problem.perp(real_array("x0", x0, ("...", d)))


@np.errstate(over="ignore")  # as it may in an exponent
def flow_limit(problem: LeastSquares, g0: float, w0: ArrayLike, c: float) -> NDArray:
    """Where the WN flow ends: x* + g∞ e^((g0² − g∞²)/2c) w0⊥, for ‖w0‖ = 1.

    Theorem 2.6, Part I, with (7) corrected. Exact, for flows whose loss falls to 0: s = g∞² is the only root
    s > 0 of

        s (1 − q e^((g0² − s)/c)) = g*²,    q = ‖w0⊥‖²,

    and s ≥ g*². The equation is solved to rounding, for c and g0 of any size.

    Parameters
    ----------
    problem : LeastSquares
    g0 : float
        Starting scale, of either sign.
    w0 : array_like, shape (d,)
        Starting direction, not zero. A length other than 1 puts c‖w0‖² in place of c.
    c : float
        Ratio of the speed of g to that of w, positive.

    Returns
    -------
    ndarray, shape (d,)
        The limit of x = g w/‖w‖; its norm is abs(g∞).

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range; or if the flow does not lead to zero loss: it stays
        in the set S (g = 0, ⟨Aw, y⟩ = 0) of Lemma 2.3 or runs into it. Such starts have measure zero.

    Notes
    -----
    *The equation.* At the limit x∥ = x*, so s = ‖x∞‖² = g*² + s ‖w∞⊥‖², and Lemma 2.5 gives ‖w∞⊥‖. Where the
    bracket is positive, both factors increase with s, strictly in total; elsewhere the left side is not
    positive. It is at most g*² at s = g*² and grows without bound: there is one root, and it is at least g*².

    *How it is solved.* With s = g*²(1 + e^v) and κ = c/g*² it reads
    −log(1 + e⁻ᵛ) + e^v/κ = log q + (g0² − g*²)/c. The left side increases from −∞ to ∞ in v.

    *The sign of g∞.* At g = 0 the loss is ½‖y‖² and falls unless ⟨Aw, y⟩ = 0, so g changes sign at most once,
    and never once the loss is below ½‖y‖². Hence g∞ has the sign of g0 if the loss starts at ½‖y‖² or less
    (and g0 ≠ 0), or if g0² + c log q > 0, for g² never falls below that (Lemma 2.5). From g0 = 0 it is the
    sign of ⟨Aw0, y⟩. With one equation (m = 1) and g0² + c log q < 0 it is that of ⟨Aw0, y⟩ too. The closed
    form does not settle the rest; there the flow is integrated until its loss is below ½‖y‖².

    *Starts in the row space.* Rounding leaves such a w0 a part w0⊥ of about 1e-16. It counts as it stands: for
    g0² far above g*² + c it grows, in this formula as in every run.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import flow_limit
    >>> flow_limit(LeastSquares([[1, 0]], [1]), 0.5, [0, 1], c=1).round(6)
    array([1.      , 0.662046])
    >>> flow_limit(LeastSquares([[1, 0]], [1]), -0.5, [0, 1], c=1).round(6)
    array([ 1.      , -0.662046])
    """
    g0, c = squarable("g0", real_number("g0", g0)), real_number("c", c, above=0)
    perp, log_q, unit_c = direction(problem, w0, c)
    sign = _final_sign(problem, g0, w0, c, g0**2 + unit_c * log_q)
    if log_q == -np.inf:
        return problem.x_star.copy()
    g_star, ratio = problem.g_star, abs(g0) / problem.g_star
    # Farther out the limit is, to rounding, that of c = 0 or of c = ∞, and numbers would leave the floats.
    size = max(1.0, ratio**2)
    kappa = min(max(unit_c / g_star**2, NEARLY_0 * size), size / NEARLY_0, MOST)
    v = _log_excess(log_q + (abs(g0) - g_star) / g_star * (ratio + 1) / kappa, kappa)
    return problem.x_star + sign * g_star * np.exp(v / 2) * perp / np.linalg.norm(perp)


def printed_flow_limit(problem: LeastSquares, g0: float, w0: ArrayLike, c: float) -> NDArray:
    """Equation (7) as the paper prints it: x* + g* e^((g0² − g*²)/2c) w0⊥.

    Not the limit of the flow, but near it where c is about g*² and abs(g0) ≤ g*: see `flow_limit`, which has g∞
    in place of g*. Infinite where the exponential is.

    Parameters
    ----------
    problem, g0, w0, c
        As for `flow_limit`.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import printed_flow_limit
    >>> printed_flow_limit(LeastSquares([[1, 0]], [1]), 0.5, [0, 1], c=1).round(6)
    array([1.      , 0.687289])
    """
    g0, c = squarable("g0", real_number("g0", g0)), real_number("c", c, above=0)
    perp, _, unit_c = direction(problem, w0, c)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        growth = problem.g_star * np.exp((g0**2 - problem.g_star**2) / (2 * unit_c))
        return problem.x_star + np.where(perp == 0, 0.0, growth * perp)


def break_even_ratio(problem: LeastSquares, g0: float, w0: ArrayLike) -> float:
    """The c at which the WN flow ends exactly as far from x* as gradient descent.

    Not in the paper; it replaces the remark after (7). Exact, for ‖w0‖ = 1: the logarithmic mean
    (N − g0²)/log(N/g0²) of g0² and N = g*² + g0²‖w0⊥‖², the square of the norm at which GD ends. If g0² < N,
    that is abs(g0) ‖w0∥‖ < g*, the flow ends closer than GD for each smaller c and farther for each larger one;
    if g0² > N it is the other way round. If w0⊥ = 0 both end at x*.

    Parameters
    ----------
    problem : LeastSquares
    g0 : float
        Starting scale, not zero: from 0, GD ends at x* itself.
    w0 : array_like, shape (d,)
        Starting direction, not zero. Another length than 1 divides the ratio by ‖w0‖².

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.

    Notes
    -----
    The flow ends closer iff the root s of `flow_limit` is below N, that is if its left side at N is above
    g*²: N − N q e^((g0² − N)/c) > g*² = N − q g0². This is c log(N/g0²) < N − g0².

    Examples
    --------
    >>> import numpy as np
    >>> from wnlib import LeastSquares
    >>> from wnlib.theory import break_even_ratio, flow_limit
    >>> problem = LeastSquares([[1, 0]], [1])
    >>> c = break_even_ratio(problem, 0.5, [0, 1])
    >>> round(c, 6), flow_limit(problem, 0.5, [0, 1], c).round(6)
    (0.621335, array([1. , 0.5]))
    """
    g0 = squarable("g0", real_number("g0", g0))
    instance("problem", problem, LeastSquares)
    if abs(g0) <= problem.g_star / LARGEST:
        raise ValueError(
            f"break_even_ratio needs g0 ≠ 0, above g*/{LARGEST:.0e}; got {g0}. "
            "From x = 0, GD ends at x* itself and WN no closer."
        )
    perp, _, length_squared = direction(problem, w0, 1.0)
    ratio = (problem.g_star / g0) ** 2 + perp @ perp  # N/g0²
    # Near 1 the quotient (ratio − 1)/log(ratio) is 0/0; its series is 1 + (ratio − 1)/2 + …
    near = abs(ratio - 1) < 1e-8
    mean = 1 + (ratio - 1) / 2 if near else (ratio - 1) / np.log(ratio)
    return float(g0**2 * mean / length_squared)


def flow_invariant(problem: LeastSquares, g: ArrayLike, w: ArrayLike, c: float) -> Any:
    """The quantity that the WN flow conserves: log(‖w⊥‖/‖w‖) + g²/(2c‖w‖²).

    Lemma 2.5 and (6), with its second half corrected: ‖w⊥‖ e^(g²/2c) is constant, or its square; Theorem D.2
    has the same for any loss of x∥. Exact. The logarithm keeps it finite where the exponential is not. A w⊥
    far below 1e-8 ‖w‖ has few digits left in w; `Flow.kernel_share` keeps them all.

    Parameters
    ----------
    problem : LeastSquares
    g : array_like, shape (...)
        Scales along a path, or one.
    w : array_like, shape (..., d)
        Directions, not zero.
    c : float
        Ratio of the speed of g to that of w, positive.

    Returns
    -------
    ndarray, shape (...)
        −∞ where w⊥ = 0.

    Raises
    ------
    TypeError, ValueError
        If c is not a positive number, or g and w do not hold equally many states.

    Examples
    --------
    >>> from wnlib import LeastSquares, flow
    >>> from wnlib.theory import flow_invariant
    >>> problem = LeastSquares([[1, 0]], [1])
    >>> path = flow(problem, 0.5, [0, 1], c=2, t_max=10)
    >>> flow_invariant(problem, path.g, path.w, c=2)[[0, -1]].round(6)
    array([0.0625, 0.0625])
    """
    c, (g, w, size) = real_number("c", c, above=0), states(problem, g, w)
    with np.errstate(divide="ignore", over="ignore"):
        return np.log(np.linalg.norm(problem.perp(w), axis=-1) / size) + (g / size) ** 2 / (2 * c)


def states(problem, g, w):
    """Scales, directions and their lengths along a path, checked."""
    instance("problem", problem, LeastSquares)
    g = squarable("g", real_array("g", g, ("...",)))
    w, size = check_direction("w", w, ("...", problem.d))
    if g.ndim and w.ndim > 1 and g.shape != w.shape[:-1]:
        raise ValueError(f"g and w must hold equally many states; got shapes {g.shape} and {w.shape}.")
    return g, w, size


def unit(problem, w0):
    """The unit vector w0/‖w0‖, and ‖w0‖."""
    w0, length = check_direction("w0", w0, (instance("problem", problem, LeastSquares).d,))
    return w0 / length, length


def direction(problem, w0, c):
    """Of the unit vector u = w0/‖w0‖: u⊥ and log ‖u⊥‖²; and the c of the same flow from u."""
    u, length = unit(problem, w0)
    perp = problem.perp(u)
    q, p = perp @ perp, np.sum((u @ problem.svd[2]) ** 2)
    with np.errstate(divide="ignore"):
        log_q = np.log(q) if q < 0.5 else np.log1p(-p)  # each where it keeps its digits
    return perp, float(log_q), min(c * float(length) ** 2, MOST)


def below_zero(problem, g0, w0):
    """‖y‖² − ‖r0‖² = ⟨Ax0, 2y − Ax0⟩: by how much the start is below x = 0, without cancellation."""
    u, _ = unit(problem, w0)
    image = problem.A @ (g0 * u)
    return float(image @ (2 * problem.y - image))


def _log_excess(target, kappa):
    """The root v of −log(1 + e⁻ᵛ) + e^v/κ = target (see the notes of `flow_limit`)."""
    from scipy.optimize import brentq  # takes a quarter of a second to import: not before the first limit

    def miss(v):
        return np.exp(v) / kappa - np.logaddexp(0, -v) - target

    # Below: −log(1 + e⁻ᵛ) ≤ v, and e^v ≤ κ. Above: it is at least −log 2 for v ≥ 0. The 1 is for rounding.
    low = min(target - 1, np.log(kappa)) - 1
    high = max(0.0, np.log(kappa * (max(target, 0.0) + 1))) + 1
    return brentq(miss, low, high, xtol=1e-15, rtol=4 * np.finfo(float).eps, maxiter=1000)


def _final_sign(problem, g0, w0, c, least):
    """The sign of g∞; `least` is g0² + c log q, below which g² never falls."""
    slope = problem.y @ (problem.A @ np.asarray(w0, dtype=float))
    if g0 == 0 and slope == 0:
        raise ValueError("The flow stays where it starts, in the set S of Lemma 2.3: g0 = 0 and ⟨Aw0, y⟩ = 0.")
    if g0 == 0:
        return np.sign(slope)
    if least > 0 or below_zero(problem, g0, w0) >= 0:
        return np.sign(g0)
    if problem.m == 1 and (least < 0 or g0 * slope > 0):
        return np.sign(slope)
    tol = 0.5 * problem.y @ problem.y * (1 - 1e-9)
    path = flow(problem, g0, w0, c=c, t_max=1e15 / problem.lam_max, tol=tol)
    if problem.m == 1 or not path.converged:
        raise ValueError(
            "The flow runs into the set S of Lemma 2.3, or passes it so near that rounding decides where it ends. "
            f"Change the start a little. {path.message}"
        )
    return np.sign(path.g[-1])
