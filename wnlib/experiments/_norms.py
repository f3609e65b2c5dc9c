"""Figures 1, 3 and 4: linear regression (Appendix F.1)."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wnlib._checks import real_array
from wnlib.experiments._tasks import check_part, check_table, run_tasks, seed_tuple
from wnlib.methods import GD, RPGD, WN, Method, Optimal, Piecewise
from wnlib.problems import make_least_squares, random_direction
from wnlib.runs import solve

G_STAR = 3.0


@dataclass(frozen=True, eq=False)
class NormSweep:
    """Where runs end, for S seeds and G points; each dict has a key for each method.

    Attributes
    ----------
    g0, cond : ndarray, shape (G,)
        Starting scale and condition number of AAᵀ at each point.
    seeds : tuple of int, length S
    g_star : float
        The minimum norm.
    norm, kernel_norm, distance : dict of str to ndarray, shape (S, G)
        ‖x‖, ‖x⊥‖ and ‖x − x*‖ of the last weights. A loss of `tol` leaves the part in the row space up to
        √(2 tol/λmin) off x*, so ‖x‖ alone can look better than it is when cond is large.
    t : dict of str to ndarray of int, shape (S, G)
        Steps taken.
    converged : dict of str to ndarray of bool, shape (S, G)
    """

    g0: np.ndarray
    cond: np.ndarray
    seeds: tuple
    g_star: float
    norm: dict
    kernel_norm: dict
    distance: dict
    t: dict
    converged: dict


def norm_sweep(
    methods: Mapping[str, Method],
    seeds: Iterable[int],
    *,
    g0: ArrayLike,
    cond: ArrayLike = 1.0,
    tol: float = 1e-5,
    max_steps: int = 100_000,
    executor: Executor | None = None,
    progress: bool = False,
    cache: str | PathLike[str] | None = None,
) -> NormSweep:
    """Run methods on the problem of Appendix F.1 (m = 20, d = 50, g* = 3) over starting scales or κ.

    All runs of a seed start from the same direction and stop when ½‖Ax − y‖² ≤ tol.

    Parameters
    ----------
    methods : dict of str to a method
        GD, WN, RPGD, or any other that `solve` runs; with `cache` or an `executor`, a dataclass.
    seeds : iterable of int
        One draw of the problem and of the starting direction each.
    g0, cond : float or array_like, shape (G,)
        Starting scales and condition numbers of AAᵀ, one pair for each point.
    tol : float
        Bound on the loss at which a run stops.
    max_steps : int
        Bound on the steps of a run.
    executor, progress, cache
        See `wnlib.experiments`.

    Returns
    -------
    NormSweep

    Raises
    ------
    TypeError, ValueError
        As `make_least_squares` and `solve` do.

    Examples
    --------
    >>> from wnlib import WN, experiments
    >>> sweep = experiments.norm_sweep({"small": WN(0.01, 0.01), "large": WN(0.1, 0.1)}, [0, 1], g0=2.0)
    >>> sweep.norm["small"].shape, bool((sweep.norm["small"] < sweep.norm["large"]).all())
    ((2, 1), True)
    """
    check_table("methods", methods, "GD, WN or RPGD")
    g0, cond = (np.atleast_1d(real_array(*v, (), ("G",))) for v in (("g0", g0), ("cond", cond)))
    if g0.size != cond.size and 1 not in (g0.size, cond.size):
        raise ValueError(f"g0 and cond pair up, or one of them is a single number; got {g0.size} and {cond.size}.")
    g0, cond = np.broadcast_arrays(g0, cond)
    seeds = seed_tuple(seeds)
    groups = [(value, np.flatnonzero(cond == value)) for value in np.unique(cond).tolist()]
    stop = {"tol": tol, "max_steps": max_steps}
    tasks = [
        {"method": method, "seed": seed, "cond": value, "g0": tuple(g0[where].tolist()), **stop}
        for method in methods.values()
        for seed in seeds
        for value, where in groups
    ]
    results = iter(run_tasks(_norms, tasks, executor=executor, progress=progress, cache=cache))
    table = {name: [[next(results) for _ in groups] for _ in seeds] for name in methods}
    order = np.argsort(np.concatenate([where for _, where in groups]))

    def column(key):
        rows = {name: [np.concatenate([end[key] for end in row])[order] for row in table[name]] for name in methods}
        return {name: np.array(row) for name, row in rows.items()}

    keys = ("norm", "kernel_norm", "distance", "t", "converged")
    return NormSweep(g0, cond, seeds, G_STAR, *map(column, keys))


def figure1(
    seeds: Iterable[int] = range(10),
    *,
    g0: ArrayLike | None = None,
    eta: float = 0.005,
    cond: float = 1.0,
    tol: float = 1e-5,
    max_steps: int = 100_000,
    executor: Executor | None = None,
    progress: bool = False,
    cache: str | PathLike[str] | None = None,
) -> NormSweep:
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
    executor, progress, cache
        See `wnlib.experiments`.

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
    methods: dict[str, Method] = {"GD": GD(eta), "WN": WN(eta, eta), "rPGD": RPGD(eta, eta)}
    g0 = np.linspace(0, 5, 30) if g0 is None else g0
    how: dict[str, Any] = {"executor": executor, "progress": progress, "cache": cache}
    return norm_sweep(methods, seeds, g0=g0, cond=cond, tol=tol, max_steps=max_steps, **how)


def figure3(
    part: str,
    seeds: Iterable[int] = range(10),
    *,
    g0: ArrayLike | None = None,
    tol: float = 1e-5,
    max_steps: int = 100_000,
    executor: Executor | None = None,
    progress: bool = False,
    cache: str | PathLike[str] | None = None,
) -> NormSweep:
    """Figure 3: as Figure 1, with large steps ("top") or with the best step for the direction ("bottom").

    "top" has η = γ = 0.1. "bottom" has γ = 0.005 and the direction step `Optimal`, 1/(g² λmax) for rPGD and
    ‖w‖² times that for WN, where the paper prints ‖w‖; it has no step at g0 = 0.

    Parameters
    ----------
    part : {"top", "bottom"}
    seeds : iterable of int
    g0 : array_like, shape (G,), optional
        Starting scales; 30 values up to 5 if not given, from 0 ("top") or 5/30 ("bottom").
    tol, max_steps, executor, progress, cache
        As in `norm_sweep`.

    Returns
    -------
    NormSweep

    Raises
    ------
    TypeError, ValueError
        If `part` is not one of the two; else as `norm_sweep` does.

    Examples
    --------
    >>> from wnlib import experiments
    >>> sweep = experiments.figure3("bottom", seeds=[0], g0=[2.5])
    >>> [round(float(sweep.norm[name][0, 0]), 2) for name in ("WN", "rPGD")]
    [3.0, 3.0]
    """
    check_part(part, "top", "bottom")
    eta, gamma = (0.1, 0.1) if part == "top" else (Optimal(), 0.005)
    methods: dict[str, Method] = {"GD": GD(0.1), "WN": WN(eta, gamma), "rPGD": RPGD(eta, gamma)}
    if g0 is None:
        g0 = np.linspace(0, 5, 30) if part == "top" else np.linspace(0, 5, 31)[1:]
    how: dict[str, Any] = {"executor": executor, "progress": progress, "cache": cache}
    return norm_sweep(methods, seeds, g0=g0, tol=tol, max_steps=max_steps, **how)


def figure4(
    part: str,
    seeds: Iterable[int] = range(10),
    *,
    cond: ArrayLike | None = None,
    tol: float = 1e-5,
    max_steps: int = 1_000_000,
    executor: Executor | None = None,
    progress: bool = False,
    cache: str | PathLike[str] | None = None,
) -> NormSweep:
    """Figure 4: the norm at the end against κ = cond(AAᵀ), from g0 = 2.8.

    "top" has η = γ = 0.01. "bottom" has η = 0.1 and γ = 0 for 5000 steps, then γ = 1. (The paper prints the
    indicator at η; with it there, the runs end at a norm of about 3.4.)

    Parameters
    ----------
    part : {"top", "bottom"}
    seeds : iterable of int
    cond : array_like, shape (G,), optional
        Condition numbers; 10 values from 1 to 1000 if not given.
    tol, max_steps, executor, progress, cache
        As in `norm_sweep`.

    Returns
    -------
    NormSweep

    Raises
    ------
    TypeError, ValueError
        If `part` is not one of the two; else as `norm_sweep` does.

    Examples
    --------
    >>> from wnlib import experiments
    >>> sweep = experiments.figure4("bottom", seeds=[0], cond=[1.0, 100.0])
    >>> sweep.norm["WN"].round(2)
    array([[3.  , 2.99]])
    """
    check_part(part, "top", "bottom")
    eta, gamma = (0.01, 0.01) if part == "top" else (0.1, Piecewise([0, 1], [5000]))
    methods: dict[str, Method] = {"GD": GD(eta), "WN": WN(eta, gamma), "rPGD": RPGD(eta, gamma)}
    cond = np.logspace(0, 3, 10) if cond is None else cond
    how: dict[str, Any] = {"executor": executor, "progress": progress, "cache": cache}
    return norm_sweep(methods, seeds, g0=2.8, cond=cond, tol=tol, max_steps=max_steps, **how)


def _norms(method, seed, cond, g0, tol, max_steps):
    """One task of `norm_sweep`: one method on one problem."""
    problem = make_least_squares(g_star=G_STAR, cond=cond, seed=seed)
    run = solve(problem, method, g0, random_direction(problem.d, seed=seed), tol=tol, max_steps=max_steps)
    parts = {"norm": run.x, "kernel_norm": problem.perp(run.x), "distance": run.x - problem.x_star}
    norms = {name: np.linalg.norm(part, axis=1) for name, part in parts.items()}
    return norms | {"t": run.t, "converged": run.converged}
