"""Figure 5: matrix sensing (Appendix F.2)."""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike

from wnlib._checks import choice, integer, real_array, real_number
from wnlib.experiments._tasks import check_part, check_table, run_tasks, seed_tuple
from wnlib.methods import GD, Piecewise, TimesNorm
from wnlib.sensing import METHODS, make_matrix_sensing, min_nuclear_norm, random_factor, recover

# Small enough for α up to 10: with them WN and rPGD end within 0.1% of max(ν*, α²) on seeds 0 to 2.
SMALL_STEPS = {"GD": 2.0**-11, "WN": 2.0**-12, "WN-Diag": 2.0**-12, "rPGD": 2.0**-14, "rPGD-Diag": 2.0**-14}
# Footnote 9: try c = 0.5, and halve it until the run converges; this many values, then give up.
LARGEST_STEP, HALVINGS = 0.5, 24


@dataclass(frozen=True, eq=False)
class RecoverySweep:
    """Where runs of matrix sensing end, for S seeds and G scales; each dict has a key for each method.

    Attributes
    ----------
    alpha : ndarray, shape (G,)
        Starting scales, ‖U0‖_F.
    seeds : tuple of int, length S
    min_nuclear_norm : ndarray, shape (S,)
        The least nuclear norm over X ⪰ 0 that fit.
    nuclear_norm, loss : dict of str to ndarray, shape (S, G)
        ‖X‖_* and f at the end.
    lowest_scale : dict of str to ndarray, shape (S, G)
        The least entry of D (or g) at the end; where it is negative, X need not be positive semidefinite.
    eta : dict of str to ndarray, shape (S, G)
        The step size c.
    t : dict of str to ndarray of int, shape (S, G)
        Steps taken.
    converged : dict of str to ndarray of bool, shape (S, G)
    """

    alpha: np.ndarray
    seeds: tuple
    min_nuclear_norm: np.ndarray
    nuclear_norm: dict
    loss: dict
    lowest_scale: dict
    eta: dict
    t: dict
    converged: dict


def figure5(
    part: str,
    seeds: Iterable[int] = range(3),
    *,
    alpha: ArrayLike | None = None,
    eta: float | None = None,
    norm_powers: tuple[int, int] = (0, 0),
    d: int = 30,
    r: int = 4,
    m: int = 60,
    tol: float = 1e-6,
    max_steps: int = 1_000_000,
    executor: Executor | None = None,
    progress: bool = False,
    cache: str | PathLike[str] | None = None,
) -> RecoverySweep:
    """Figure 5: the nuclear norm that the five methods of `recover` end with, against the starting scale α.

    "left" has η = γ = c; "right" has γ = 0 for the first 1000 steps. All runs of a seed start from
    U0 = α Z0 with Z0 of `random_factor`, and stop when f ≤ tol.

    Parameters
    ----------
    part : {"left", "right"}
    seeds : iterable of int
    alpha : array_like, shape (G,), optional
        Starting scales, positive; 10 values from 0.01 to 10 if not given.
    eta : dict of str to float or None, optional
        The step size c of each method to run, None for the rule of footnote 9: the first of 1/2, 1/4, … with
        which a run converges; every value that fails costs `max_steps`. `SMALL_STEPS` if not given.
    norm_powers : tuple of two ints
        Powers of ‖W‖_F, 0 to 2, that multiply WN's η and γ: the paper prints η = γ = c‖W‖_F.
    d, r, m : int
        The problem, see `make_matrix_sensing`.
    tol, max_steps, executor, progress, cache
        As in `norm_sweep`.

    Returns
    -------
    RecoverySweep

    Raises
    ------
    TypeError, ValueError
        If `part` or a method is not one of those above, or a scale or a step size is not positive; else as
        `make_matrix_sensing` and `recover` do.

    Examples
    --------
    >>> from wnlib import experiments
    >>> sweep = experiments.figure5("left", [0], alpha=[0.5], eta={"GD": 2e-3, "WN": 2e-3}, d=8, r=1, m=12)
    >>> bool(sweep.nuclear_norm["WN"][0, 0] < sweep.nuclear_norm["GD"][0, 0])
    True
    """
    check_part(part, "left", "right")
    seeds = seed_tuple(seeds)
    alpha, eta, powers = _starts_and_steps(alpha, SMALL_STEPS if eta is None else eta, norm_powers)
    how = {"executor": executor, "progress": progress, "cache": cache}
    size = {"d": d, "r": r, "m": m}
    run = {"alpha": tuple(alpha.tolist()), "switch": 1000 * (part == "right"), "tol": tol, "max_steps": max_steps}
    tasks = [
        {"method": name, "seed": seed, "eta": value, "norm_powers": powers, **size, **run}
        for name, value in eta.items()
        for seed in seeds
    ]
    minimum = run_tasks(_minimum, [{"seed": seed, **size} for seed in seeds], cache=cache)
    results = iter(run_tasks(_recoveries, tasks, **how))
    table = {name: [next(results) for _ in seeds] for name in eta}
    keys = ("nuclear_norm", "loss", "lowest_scale", "eta", "t", "converged")
    columns = ({name: np.array([end[key] for end in row]) for name, row in table.items()} for key in keys)
    return RecoverySweep(alpha, seeds, np.array([end["value"] for end in minimum]), *columns)


def _starts_and_steps(alpha, eta, norm_powers):
    """The starting scales, the step size of each method, and the powers of ‖W‖_F, checked."""
    check_table("eta", eta, "step size")
    for name in eta:
        choice("a method of eta", name, METHODS)
    eta = {name: c if c is None else real_number(f"eta[{name!r}]", c, above=0) for name, c in eta.items()}
    if not isinstance(norm_powers, tuple | list) or len(norm_powers) != 2:
        raise TypeError(f"norm_powers must be a pair of integers, one for each step; got {norm_powers!r}.")
    powers = tuple(integer("norm_powers", power, at_least=0, at_most=2) for power in norm_powers)
    alpha = np.geomspace(0.01, 10, 10) if alpha is None else alpha
    alpha = np.atleast_1d(real_array("alpha", alpha, (), ("G",)))
    if alpha.min() <= 0:
        raise ValueError(f"alpha must be greater than 0, as the length of the start U0; got {alpha.min()}.")
    return alpha, eta, powers


def _recoveries(method, seed, eta, alpha, switch, norm_powers, d, r, m, tol, max_steps):
    """One task of `figure5`: one method on one problem, from all starts."""
    problem = make_matrix_sensing(d, r, m, seed=seed)
    U0 = np.multiply.outer(np.array(alpha), random_factor(d, seed=seed))
    kind, diagonal = METHODS[method]
    steps = np.full(len(U0), LARGEST_STEP if eta is None else eta)
    todo = np.arange(len(U0))
    ends = {}
    for _ in range(HALVINGS if eta is None else 1):
        methods = [_method(kind, c, switch, norm_powers) for c in steps[todo].tolist()]
        run = recover(problem, methods, U0[todo], diagonal=diagonal, tol=tol, max_steps=max_steps)
        lowest = run.g.reshape(len(todo), -1).min(axis=1)
        found = {"nuclear_norm": run.nuclear_norm, "loss": run.loss, "lowest_scale": lowest, "eta": steps[todo]}
        for key, value in (found | {"t": run.t, "converged": run.converged}).items():
            ends.setdefault(key, np.empty(len(U0), dtype=value.dtype))[todo] = value
        todo = todo[~run.converged]
        steps[todo] /= 2
        if not todo.size:
            break
    return ends


def _method(kind, c, switch, powers):
    """A method with η = γ = c, its scale at rest before `switch`, and WN's steps times powers of ‖W‖_F."""
    if kind is GD:
        return GD(c)
    rules = c, Piecewise([0, c], [switch]) if switch else c
    return kind(*(TimesNorm(rule, power) if power else rule for rule, power in zip(rules, powers, strict=True)))


def _minimum(seed, d, r, m):
    return {"value": min_nuclear_norm(make_matrix_sensing(d, r, m, seed=seed))[0]}
