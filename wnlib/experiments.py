"""The experiments behind the paper's figures: each function computes one and returns plain arrays."""

from dataclasses import dataclass

import numpy as np

from wnlib.methods import GD, RPGD, WN
from wnlib.problems import make_least_squares, random_direction
from wnlib.solve import solve


@dataclass(frozen=True, eq=False)
class NormSweep:
    """Where runs end, for S seeds and G starting scales; each dict has the keys "GD", "WN" and "rPGD".

    Attributes
    ----------
    g0 : ndarray, shape (G,)
    seeds : tuple of int, length S
    g_star : float
        The minimum norm.
    norm, perp_norm : dict of str to ndarray, shape (S, G)
        ‖x‖ and ‖x⊥‖ of the last weights.
    steps : dict of str to ndarray of int, shape (S, G)
    converged : dict of str to ndarray of bool, shape (S, G)
    """

    g0: np.ndarray
    seeds: tuple
    g_star: float
    norm: dict
    perp_norm: dict
    steps: dict
    converged: dict


def figure1(seeds=range(10), *, g0=None, eta=0.005, cond=1.0, tol=1e-5, max_steps=100_000):
    """Figure 1: the norm that GD, WN and rPGD end with, against the starting scale (Appendix F.1).

    m = 20, d = 50, g* = 3, equal step sizes for scale and direction; every run of a seed starts from the
    same direction and stops when ½‖Ax − y‖² ≤ tol.

    Parameters
    ----------
    seeds : iterable of int
        One problem and one starting direction each.
    g0 : array_like, shape (G,), optional
        Starting scales; 30 values from 0 to 5 if not given.
    eta : float
        The common step size.
    cond : float
        Condition number of AAᵀ.
    tol : float
        Bound on the loss at which a run stops.
    max_steps : int
        Bound on the steps of a run.

    Returns
    -------
    NormSweep

    Raises
    ------
    TypeError, ValueError
        As `make_least_squares` and `solve` do.

    Examples
    --------
    >>> from wnlib import experiments
    >>> sweep = experiments.figure1(seeds=[0], g0=[0.0, 1.5])
    >>> sweep.norm["GD"].shape
    (1, 2)
    >>> bool(sweep.norm["WN"][0, 1] < sweep.norm["GD"][0, 1])
    True
    """
    seeds = tuple(seeds)
    g0 = np.linspace(0, 5, 30) if g0 is None else np.asarray(g0, dtype=float)
    methods = {"GD": GD(eta), "WN": WN(eta, eta), "rPGD": RPGD(eta, eta)}
    runs = {name: [] for name in methods}
    for seed in seeds:
        problem = make_least_squares(cond=cond, seed=seed)
        w0 = random_direction(problem.d, seed=seed)
        for name, method in methods.items():
            run = solve(problem, method, g0, w0, tol=tol, max_steps=max_steps)
            perp = np.linalg.norm(problem.perp(run.x), axis=1)
            runs[name].append((np.linalg.norm(run.x, axis=1), perp, run.steps, run.converged))
    columns = ({name: np.array([row[k] for row in rows]) for name, rows in runs.items()} for k in range(4))
    return NormSweep(g0, seeds, problem.g_star, *columns)
