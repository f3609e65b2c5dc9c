"""Real data for least squares: random features, a split, what start and noise cost in prediction, and a held scale."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib._checks import LARGEST, choice, few_entries, instance, integer, real_array, real_number
from wnlib.problems import LeastSquares

KINDS = ("Fourier", "ReLU")


@dataclass(frozen=True, eq=False)
class Split:
    """Rows to train on, as a least-squares problem, and the rows that are kept for the test.

    Attributes
    ----------
    problem : LeastSquares
        The m rows to train on, with their targets.
    features : ndarray, shape (n, d)
        The rows that are kept.
    targets : ndarray, shape (n,)
        Their targets, without noise.
    """

    problem: LeastSquares
    features: NDArray = field(repr=False)
    targets: NDArray = field(repr=False)

    def error(self, x: ArrayLike) -> Any:
        """Mean squared error on the rows that are kept, for one x of shape (d,) or many of shape (..., d)."""
        return np.mean((np.asarray(x) @ self.features.T - self.targets) ** 2, axis=-1)


def random_features(inputs: ArrayLike, d: int, *, kind: str = "Fourier", length: float = 1.0, seed: int = 0) -> NDArray:
    """Map each input to d random features, of which a linear model is made.

    With z the inputs, centred and divided by their root mean square length, ω with standard normal entries and b
    uniform on [0, 2π] or standard normal: √(2/d) cos(⟨ω, z⟩/length + b) for "Fourier", which makes a Gaussian kernel
    as d grows, and √(2/d) max(0, ⟨ω, z⟩/length + b) for "ReLU", the first layer of a network at its start.

    Parameters
    ----------
    inputs : array_like, shape (n, p)
    d : int
        How many features.
    kind : {"Fourier", "ReLU"}
    length : float
        How far apart two inputs are for the features to differ, in units of the inputs' length; positive.
    seed : int
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    ndarray, shape (n, d)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.

    Examples
    --------
    >>> import numpy as np
    >>> from wnlib.practice import random_features
    >>> features = random_features(np.eye(3), 4000)
    >>> (features @ features.T).round(1) + 0.0
    array([[1. , 0.2, 0.2],
           [0.2, 1. , 0.2],
           [0.2, 0.2, 1. ]])
    """
    z = real_array("inputs", inputs, ("n", "p"))
    d, kind = integer("d", d, at_least=1), choice("kind", kind, KINDS)
    length = real_number("length", length, at_least=1 / LARGEST, at_most=LARGEST)
    few_entries("the features", max(z.shape), d, inputs=z.shape, d=d)
    z = z - z.mean(axis=0)
    size = np.sqrt(np.mean(np.sum(z**2, axis=1)))
    if not size:
        raise ValueError("inputs must not all be the same: nothing could be learned from them.")
    rng = np.random.default_rng(integer("seed", seed, at_least=0))
    along = z @ rng.standard_normal((z.shape[1], d)) / (length * size)
    if kind == "Fourier":
        return np.sqrt(2 / d) * np.cos(along + rng.uniform(0, 2 * np.pi, d))
    return np.sqrt(2 / d) * np.maximum(0, along + rng.standard_normal(d))


def draw_split(
    inputs: ArrayLike,
    targets: ArrayLike,
    m: int,
    d: int,
    *,
    kind: str = "Fourier",
    length: float = 1.0,
    noise: float = 0.0,
    seed: int = 0,
) -> Split:
    """Draw random features and m rows to train on; the others are kept for the test.

    The targets are centred and divided by their standard deviation, so that to predict 0 has an error of about 1.
    Noise goes to the training targets alone.

    Parameters
    ----------
    inputs, targets : array_like, shapes (n, p) and (n,)
    m, d : int
        How many rows to train on, and how many features; m < d and m < n.
    kind, length
        As for `random_features`.
    noise : float
        Standard deviation of normal noise, in units of that of the targets; at least 0.
    seed : int
        Seed of features, rows and noise. Another noise is drawn from the same numbers, and m, d or kind do not
        change the rows.

    Returns
    -------
    Split

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above, or the features have a rank below m.

    Examples
    --------
    >>> import numpy as np
    >>> from wnlib.practice import draw_split
    >>> inputs = np.linspace(-1, 1, 40)[:, None]
    >>> split = draw_split(inputs, inputs[:, 0] ** 2, 5, 20, length=0.5)
    >>> split.problem.m, split.problem.d, split.features.shape
    (5, 20, (35, 20))
    """
    inputs, t = real_array("inputs", inputs, ("n", "p")), real_array("targets", targets, (len(inputs),))
    n, m, noise = len(t), integer("m", m, at_least=1), real_number("noise", noise, at_least=0, at_most=LARGEST)
    if m >= n:
        raise ValueError(f"m must be below the number of inputs, so that some are left for the test; got {m} of {n}.")
    if not np.ptp(t):
        raise ValueError("targets must not all be the same: nothing could be learned from them.")
    t = (t - t.mean()) / t.std()
    A = random_features(inputs, d, kind=kind, length=length, seed=seed)
    rng = np.random.default_rng((integer("seed", seed, at_least=0), 1))
    order, shift = rng.permutation(n), rng.standard_normal(n)
    train, test = order[:m], order[m:]
    try:
        problem = LeastSquares(A[train], t[train] + noise * shift[:m])
    except ValueError as error:
        raise ValueError(f"inputs, m, d, kind, length and noise do not go together: {error}") from error
    return Split(problem, A[test], t[test])


def unseen_cost(problem: LeastSquares, features: ArrayLike) -> float:
    """What a squared unit of kernel part costs in test error: C⊥ = ‖ΦP‖²/(n(d − m)), P the projection on ker A.

    Exact in the mean over starts that prefer no direction, at every step of GD, WN and rPGD: the test error of x is
    that of x∥, and C⊥‖x⊥‖² more. It needs no target.

    Parameters
    ----------
    problem : LeastSquares
    features : array_like, shape (n, d)
        Rows Φ on which the model is to predict.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If the features are not finite numbers, or have another shape.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.practice import unseen_cost
    >>> unseen_cost(LeastSquares([[1, 0, 0]], [1]), [[1, 3, 1], [1, 1, 1]])
    3.0
    """
    instance("problem", problem, LeastSquares)
    unseen = problem.perp(real_array("features", features, ("n", problem.d)))
    return float(np.sum(unseen**2) / (len(unseen) * (problem.d - problem.m)))


def noise_cost(problem: LeastSquares, features: ArrayLike, mu: float = 0.0) -> float:
    """What a unit of noise variance costs the ridge solution x_μ in test error: Cε = ‖Φ(AᵀA + μI)⁻¹Aᵀ‖²/n.

    Exact in the mean over noise on y with mean 0, variance 1 and uncorrelated entries; μ = 0 is the minimum-norm
    solution. It needs no target, and falls as μ grows.

    Parameters
    ----------
    problem : LeastSquares
    features : array_like, shape (n, d)
        Rows Φ on which the model is to predict.
    mu : float
        Penalty ½μ‖x‖² of the ridge solution, at least 0.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.practice import noise_cost
    >>> problem = LeastSquares([[0.5, 0]], [1])
    >>> noise_cost(problem, [[1, 3]]), noise_cost(problem, [[1, 3]], mu=0.25)
    (4.0, 1.0)
    """
    instance("problem", problem, LeastSquares)
    features, mu = real_array("features", features, ("n", problem.d)), real_number("mu", mu, at_least=0)
    _, s, V = problem.svd
    return float(np.sum((features @ V * (s / (s**2 + mu))) ** 2) / len(features))


def held_limit(problem: LeastSquares, g0: ArrayLike) -> NDArray:
    """Where rPGD ends whose scale is held at g0 < g*: the ridge solution of norm g0, from any start with w0⊥ ≠ 0.

    Exact, the limit of our theorem on a fixed scale: x_μ = (AᵀA + μI)⁻¹Aᵀy with the μ > 0 at which ‖x_μ‖ = g0. As
    ‖x_μ‖ falls strictly in μ, from g* to 0, all scales together give all ridge solutions.

    Parameters
    ----------
    problem : LeastSquares
    g0 : float or array_like, shape (...)
        Scales, positive and at most g*, where the end is x*.

    Returns
    -------
    ndarray, shape (..., d)

    Raises
    ------
    TypeError, ValueError
        If a scale is not a number of the range above.

    Notes
    -----
    With λ the eigenvalues of AAᵀ and z = x* in their coordinates, ‖x_μ‖² = Σ (λᵢzᵢ/(λᵢ + μ))². 1/‖x_μ‖ is concave
    in μ, so Newton's method for it never oversteps from the left.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> from wnlib.practice import held_limit
    >>> held_limit(LeastSquares([[1, 0]], [2]), [0.5, 2])
    array([[0.5, 0. ],
           [2. , 0. ]])
    """
    instance("problem", problem, LeastSquares)
    g0 = real_array("g0", g0, ("...",))
    if not np.all((g0 > problem.g_star / LARGEST) & (g0 <= problem.g_star * (1 + 1e-12))):
        raise ValueError(
            f"g0 must be positive and at most g* = {problem.g_star:.4g}, where a held scale finds a ridge solution; "
            f"got {g0.min():.4g} to {g0.max():.4g}."
        )
    lam, V = problem.eigenvalues, problem.svd[2]
    z = V.T @ problem.x_star
    mu = np.zeros((*g0.shape, 1))
    for _ in range(100):
        kept = lam / (lam + mu) * z
        size = np.linalg.norm(kept, axis=-1, keepdims=True)
        slope = np.sum((kept / size) ** 2 / (lam + mu), axis=-1, keepdims=True) / size
        step = (1 / g0[..., None] - 1 / size) / slope
        mu = np.maximum(mu + step, 0)
        if np.all(np.abs(step) <= 1e-9 * mu + 1e-15 * lam[-1]):  # the next step would be rounding
            break
    return (lam / (lam + mu) * z) @ V.T


def choose_scale(problem: LeastSquares, *, folds: int = 5, seed: int = 0) -> float:
    """Choose the scale to hold by cross-validation: the g0 in (0, g*] whose end predicts rows left out best.

    A fold has fewer rows and so a smaller g*. Where g0 is above it, the end is taken to be the fold's x*.

    Parameters
    ----------
    problem : LeastSquares
        With at least as many rows as folds.
    folds : int
        At least 2.
    seed : int
        Seed of the draw that shares out the rows.

    Returns
    -------
    float
        One of 41 scales from g*/1000 to g*, in equal ratios.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.

    Examples
    --------
    Labels that are all noise are not worth a model.

    >>> import numpy as np
    >>> from wnlib import LeastSquares
    >>> from wnlib.practice import choose_scale
    >>> rng = np.random.default_rng(1)
    >>> problem = LeastSquares(rng.standard_normal((20, 40)), rng.standard_normal(20))
    >>> round(choose_scale(problem) / problem.g_star, 3)
    0.001
    """
    m = instance("problem", problem, LeastSquares).m
    folds = integer("folds", folds, at_least=2, at_most=m)
    scales = problem.g_star * np.geomspace(0.001, 1, 41)
    fold = np.random.default_rng(integer("seed", seed, at_least=0)).permutation(m) % folds
    errors = np.zeros(len(scales))
    U, s, _ = problem.svd
    A = U * s  # the rows in coordinates of the row space: the same lengths and angles in m columns, not in d
    for k in range(folds):
        out = fold == k
        others = LeastSquares(A[~out], problem.y[~out])
        ends = held_limit(others, np.minimum(scales, others.g_star))
        errors += np.sum((ends @ A[out].T - problem.y[out]) ** 2, axis=1)
    return float(scales[errors.argmin()])


def choose_ridge(problem: LeastSquares) -> NDArray:
    """Ridge as it is mostly used: the solution x_μ whose μ predicts each row best from all the others.

    The errors of leaving one row out come from one factorisation: (y − Hy)ᵢ/(1 − Hᵢᵢ) with H = A(AᵀA + μI)⁻¹Aᵀ. It is
    scikit-learn's RidgeCV without an intercept.

    Parameters
    ----------
    problem : LeastSquares

    Returns
    -------
    ndarray, shape (d,)
        For one of 121 μ from 1e-10 to 100 times λmax, in equal ratios.

    Raises
    ------
    TypeError
        If `problem` is no LeastSquares.

    Examples
    --------
    >>> from wnlib import make_least_squares
    >>> from wnlib.practice import choose_ridge
    >>> choose_ridge(make_least_squares(3, 5)).shape
    (5,)
    """
    U, s, V = instance("problem", problem, LeastSquares).svd
    mu = problem.lam_max * np.geomspace(1e-10, 100, 121)[:, None]
    left = mu / (s**2 + mu)  # 1 − H is U diag(left) Uᵀ
    errors = (left * (U.T @ problem.y)) @ U.T / (left @ (U**2).T)
    best = np.sum(errors**2, axis=1).argmin()
    return V @ (s / (s**2 + mu[best]) * (U.T @ problem.y))
