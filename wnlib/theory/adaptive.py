"""Appendix A: weight normalization and rPGD as gradient descent with a penalty that changes at each step."""

from typing import NamedTuple

import numpy as np

from wnlib._checks import instance
from wnlib.methods import RPGD, WN, step_size
from wnlib.problems import LeastSquares
from wnlib.runs import Path


class Penalty(NamedTuple):
    """The gradient step that a step of WN or rPGD is: its size and the strength λ of the penalty ½λ‖x‖².

    Attributes
    ----------
    step : ndarray, shape (K − 1,)
        α, the size of each step.
    strength : ndarray, shape (K − 1,)
        λ, which may be negative.
    """

    step: np.ndarray
    strength: np.ndarray


def penalty(problem: LeastSquares, method: WN | RPGD, path: Path) -> Penalty:
    """The penalty λ_t of Appendix A: each step is a gradient step on ½‖Ax − y‖² + ½λ_t‖x‖². Exact.

    With x₊ = x − α(∇L(x) + λx), for rPGD and for WN

        α = η g g₊/‖v‖,            λ = (g‖v‖ − g₊)/(η g² g₊),
        α = η g g₊/(‖w‖‖w₊‖),      λ = (1 − g₊‖w‖/(g‖w₊‖) − η g₊⟨w, ∇L⟩/(‖w₊‖‖w‖²))/α.

    The appendix prints the penalty without the ½; its λ for rPGD is the one with it, as here, and its λ for
    WN lacks the factor 1/η. A step multiplies x⊥ by 1 − αλ, so for α > 0 the part in the kernel grows when
    λ < 0 and shrinks when 0 < αλ < 2. For rPGD αλ < 1 whenever α > 0; a long step of WN can have αλ > 2.

    Parameters
    ----------
    problem : LeastSquares
    method : WN or RPGD
    path : Path
        From `solve(problem, method, …, record_every=1)`, with K records.

    Returns
    -------
    Penalty
        `step` α and `strength` λ, each of shape (K − 1,).

    Raises
    ------
    TypeError, ValueError
        If the method is another, the path skips steps or is none of this method on this problem, or a step has
        η = 0 or meets g = 0, where α = 0.

    Examples
    --------
    >>> from wnlib import LeastSquares, RPGD, solve
    >>> from wnlib.theory import penalty
    >>> problem, method = LeastSquares([[1, 0]], [2]), RPGD(eta=0.5, gamma=0.1)
    >>> path = solve(problem, method, 1.0, [0.6, 0.8], max_steps=3, record_every=1).path
    >>> penalty(problem, method, path).strength.round(3)
    array([0.816, 0.696, 0.586])
    """
    instance("problem", problem, LeastSquares)
    if not isinstance(method, WN | RPGD):
        raise TypeError(f"method must be a WN or an RPGD; got {method!r}.")
    if not isinstance(path, Path):
        raise TypeError(f"path must be the path of a run; got {type(path).__name__}. Run solve with record_every=1.")
    if np.any(np.diff(path.t) != 1):
        raise ValueError("path must hold every step; run solve with record_every=1.")
    g, g_next, w = path.g[:-1], path.g[1:], path.w[:-1]
    size = np.linalg.norm(w, axis=1)
    with np.errstate(divide="ignore"):
        steps = zip(path.t[:-1].tolist(), size if isinstance(method, WN) else np.ones(g.size), g, strict=True)
        eta = np.array([step_size(method.eta, t, length, problem, scale) for t, length, scale in steps])
    idle = np.flatnonzero(eta * g * g_next == 0)
    if idle.size:
        raise ValueError(f"A step with eta = 0 or g = 0 has no penalty; step {idle[0]} is one. Cut the path there.")
    gradient = problem.grad(path.x[:-1])
    if isinstance(method, RPGD):
        length = np.linalg.norm(w - (eta * g)[:, None] * gradient, axis=1)
        kept, step = g_next / (g * length), eta * g * g_next / length
    else:
        length = np.linalg.norm(path.w[1:], axis=1)
        turn = eta * np.sum(w * gradient, axis=1) / size**2
        kept, step = g_next / length * (size / g + turn), eta * g * g_next / (size * length)
    x, x_next = path.x[:-1], path.x[1:]
    off = np.linalg.norm(kept[:, None] * x - step[:, None] * gradient - x_next, axis=1)
    astray = np.flatnonzero(off > 1e-6 * (np.linalg.norm(x, axis=1) + np.linalg.norm(x_next, axis=1)))
    if astray.size:
        raise ValueError(
            f"path is not one of {method} on this problem: its step {astray[0]} ends {off[astray[0]]:.3g} elsewhere. "
            "Pass the method and the problem that solve ran."
        )
    return Penalty(step, (1 - kept) / step)
