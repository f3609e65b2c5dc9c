"""Figure 2: routes to the solutions of one equation in two unknowns (Section 2)."""

from dataclasses import dataclass

import numpy as np

from wnlib._checks import real_number
from wnlib.flows import flow
from wnlib.methods import RPGD
from wnlib.problems import LeastSquares


@dataclass(frozen=True, eq=False)
class Routes:
    """The weights on their way, and the lettered points of the paper's Figure 2.

    Attributes
    ----------
    problem : LeastSquares
        A = [1, 0], y = 2.
    paths : dict of str to ndarray, shape (K, 2)
        The weights along each route, by its name.
    points : dict of str to ndarray, shape (2,)
        a (the start), b, c (the minimum norm), d (GD's end) and e (WN's) for g0 < g*; else f (the start), g (WN's
        end) and GD.
    """

    problem: LeastSquares
    paths: dict
    points: dict


def figure2(g0: float = 1.2, degrees: float = 60.0, *, c: float = 1.0) -> Routes:
    """Figure 2: from one start to the solutions of x₁ = 2, with the scale treated in four ways (Section 2).

    "gradient descent" keeps x₂. "WN, one ratio c" is the flow of WN and rPGD. "scale held, then freed" is the
    flow with c = 0 up to point b, and with c from there; it needs g0 < g*. "scale steered" is rPGD with the ratio
    c = g²(1 − g/(g* w₁)) that heads for x*; it needs g0 < g* w₁.

    Parameters
    ----------
    g0 : float
        Starting scale, positive.
    degrees : float
        Angle of w0 from the row space, above −90 and below 90.
    c : float
        Ratio γ/η of the two speeds, positive.

    Returns
    -------
    Routes

    Raises
    ------
    TypeError, ValueError
        If a parameter is not a number in its range.

    Examples
    --------
    >>> from wnlib import experiments
    >>> routes = experiments.figure2(1.2, 60.0)
    >>> {letter: x.round(2).tolist() for letter, x in routes.points.items() if letter in "cde"}
    {'c': [2.0, 0.0], 'd': [2.0, 1.04], 'e': [2.0, 0.45]}
    """
    g0, c = real_number("g0", g0, above=0), real_number("c", c, above=0)
    degrees = real_number("degrees", degrees, above=-90)
    if degrees >= 90:
        raise ValueError(f"degrees must be below 90, where w0 has a part along the row of A; got {degrees}.")
    angle = np.deg2rad(degrees)
    problem, w0 = LeastSquares([[1, 0]], [2]), np.array([np.cos(angle), np.sin(angle)])
    # A small c keeps the scale from moving, and takes as many times longer.
    to_end = {"t_max": 1000 / min(c, 1), "tol": 1e-10}
    gd = np.column_stack([np.linspace(g0 * w0[0], 2, 60), np.full(60, g0 * w0[1])])
    run = flow(problem, g0, w0, c=c, **to_end)
    if not run.converged:
        raise ValueError(
            f"The flow with c = {c:.3g} does not get to a solution here; take c nearer to 1. {run.message}"
        )
    together = run.x
    paths = {"gradient descent": gd, "WN, one ratio c": together}
    if g0 >= problem.g_star:
        return Routes(problem, paths, {"f": gd[0], "GD": gd[-1], "g": together[-1]})
    held = flow(problem, g0, w0, c=0, t_max=60 / g0)
    freed = flow(problem, g0, held.w[-1], c=c, **to_end)
    paths["scale held, then freed"] = np.vstack([held.x, freed.x])
    if g0 < 2 * w0[0] - 1e-9:
        paths["scale steered"] = _steered(problem, g0, w0)
    points = {"a": gd[0], "b": held.x[-1], "c": problem.x_star, "d": gd[-1], "e": together[-1]}
    return Routes(problem, paths, points)


def _steered(problem, g, w, eta=0.02, steps=700):
    path = []
    for _ in range(steps):
        path.append(g * w)
        g, w = RPGD(eta, eta * g**2 * (1 - g / (2 * w[0]))).step(problem, g, w)
    return np.array(path)
