"""Overparametrized least squares: more unknowns than equations, so zero loss at many points."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib._checks import few_entries, instance, integer, plain_array, real_array, real_number

# Below it, the rounding of numbers near the end of the floats shows in a sum of squares.
SMALLEST_SQUARE = np.finfo(float).tiny / np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """The problem min over x of L(x) = ½‖Ax − y‖², with fewer equations than unknowns.

    This is equation (1) of the paper. A has full row rank, so the solutions of Ax = y form a plane of
    dimension d − m. The one of least norm is x* = g* w* = Aᵀ(AAᵀ)⁻¹y, with scale g* > 0 and unit
    direction w*: the only solution in the row space of A (Definition 1.1).

    Parameters
    ----------
    A : array_like, shape (m, d)
        Feature matrix, m < d, of rank m. Copied.
    y : array_like, shape (m,)
        Targets, not all zero. Copied.

    Attributes
    ----------
    m, d : int
        Number of equations and of unknowns. All arrays are read-only.
    x_star, w_star : ndarray, shape (d,)
        The minimum-norm solution and its direction.
    g_star : float
        Its norm.
    eigenvalues : ndarray, shape (m,)
        Eigenvalues of AAᵀ, descending.
    lam_max, lam_min : float
        The largest and the smallest of them.

    Raises
    ------
    TypeError
        If A or y does not hold real numbers.
    ValueError
        If a shape is wrong, m ≥ d, A is rank-deficient, y = 0, an entry is NaN, infinite or masked, or
        squares overflow or underflow.

    Examples
    --------
    >>> from wnlib import LeastSquares
    >>> problem = LeastSquares([[1, 0]], [2])
    >>> problem.x_star, problem.g_star
    (array([2., 0.]), 2.0)
    >>> float(problem.loss([1, 5]))
    0.5
    """

    A: NDArray
    y: NDArray

    if TYPE_CHECKING:  # a dataclass takes what its fields hold; this one takes whatever becomes an array

        def __init__(self, A: ArrayLike, y: ArrayLike) -> None: ...

    def __post_init__(self):
        A = real_array("A", self.A, ("m", "d"))
        m, d = A.shape
        if m >= d:
            raise ValueError(
                f"A must have fewer rows than columns (m < d, more unknowns than equations); got m = {m}, d = {d}."
            )
        y = real_array("y", self.y, (m,))
        if not y.any():
            raise ValueError("y must not be zero: the minimum-norm solution would be 0 and have no direction.")
        for name, array in (("A", A), ("y", y)):
            object.__setattr__(self, name, _fixed(array))
        s = self.svd[1]
        if s[-1] <= s[0] * d * np.finfo(float).eps:
            rank = int((s > s[0] * d * np.finfo(float).eps).sum())
            raise ValueError(
                f"A must have full row rank; its {m} rows have rank {rank}. Remove equations that repeat others."
            )
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            squares = [s[0] ** 2, s[-1] ** 2, y @ y, self.x_star @ self.x_star]
        if not (np.isfinite(squares).all() and min(squares) > SMALLEST_SQUARE):
            raise ValueError(
                f"A and y are too large or too small for double precision: singular values {s[0]:.3g} to {s[-1]:.3g}, "
                f"largest target {np.abs(y).max():.3g}. Change the units."
            )

    def __repr__(self):
        cond = self.lam_max / self.lam_min
        return f"{type(self).__name__}(m={self.m}, d={self.d}, g_star={self.g_star:#.3g}, cond={cond:#.3g})"

    def __reduce__(self):
        # Copies and pickles go through the constructor: numpy's own would hand out arrays that can be written.
        return type(self), (self.A, self.y)

    @property
    def m(self) -> int:
        return self.A.shape[0]

    @property
    def d(self) -> int:
        return self.A.shape[1]

    @cached_property
    def svd(self) -> tuple[NDArray, NDArray, NDArray]:
        """The thin factorisation A = U diag(s) Vᵀ, with U of shape (m, m), s descending, V of shape (d, m)."""
        U, s, Vt = np.linalg.svd(self.A, full_matrices=False)
        return _fixed(U), _fixed(s), _fixed(np.ascontiguousarray(Vt.T))

    @cached_property
    def eigenvalues(self) -> NDArray:
        return _fixed(self.svd[1] ** 2)

    @property
    def lam_max(self) -> float:
        return float(self.eigenvalues[0])

    @property
    def lam_min(self) -> float:
        return float(self.eigenvalues[-1])

    @cached_property
    def x_star(self) -> NDArray:
        U, s, V = self.svd
        return _fixed(V @ (U.T @ self.y / s))

    @cached_property
    def g_star(self) -> float:
        return float(np.linalg.norm(self.x_star))

    @cached_property
    def w_star(self) -> NDArray:
        return _fixed(self.x_star / self.g_star)

    def loss(self, x: ArrayLike) -> Any:
        """L(x) = ½‖Ax − y‖², for one x of shape (d,) or many of shape (..., d).

        Here and in `grad`, `parallel` and `perp`, an x with NaN or infinite entries, as a run that diverged
        leaves it, gives NaN or infinity for that x, and no warning.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            residual = self._vectors(x) @ self.A.T - self.y
            return 0.5 * np.sum(residual**2, axis=-1)

    def grad(self, x: ArrayLike) -> NDArray:
        """∇L(x) = Aᵀ(Ax − y), for one x of shape (d,) or many of shape (..., d)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return (self._vectors(x) @ self.A.T - self.y) @ self.A

    def parallel(self, z: ArrayLike) -> NDArray:
        """z∥, the projection of z on the row space of A (Definition 1.1); shape (..., d)."""
        V = self.svd[2]
        with np.errstate(over="ignore", invalid="ignore"):
            return (self._vectors(z) @ V) @ V.T

    def perp(self, z: ArrayLike) -> NDArray:
        """z⊥ = z − z∥, the projection of z on the kernel of A (Definition 1.1); shape (..., d)."""
        z = self._vectors(z)
        with np.errstate(over="ignore", invalid="ignore"):
            return z - self.parallel(z)

    def _vectors(self, x):
        x = plain_array("Vectors", x) if type(x) is not np.ndarray else x
        if x.shape[-1:] != (self.d,):
            raise ValueError(f"A vector must have d = {self.d} entries, on the last axis of many; got shape {x.shape}.")
        if x.dtype.kind not in "fiu":
            raise TypeError(f"A vector must hold real numbers; got dtype {x.dtype}. Convert it to float first.")
        return x


def make_least_squares(
    m: int = 20, d: int = 50, *, cond: float = 1.0, g_star: float = 3.0, seed: int = 0
) -> LeastSquares:
    """Draw a random problem whose minimum-norm solution has norm `g_star` (Appendix F.1).

    A = U diag(s) Vᵀ with U and V uniform on the Stiefel manifold and sᵢ² = cond^(−i/(m−1)) for
    i = 0, …, m−1, so λmax(AAᵀ) = 1 and cond(AAᵀ) = `cond`. The direction w* is uniform on the unit
    sphere of the row space of A, and y = A(g* w*).

    Parameters
    ----------
    m, d : int
        Number of equations and of unknowns, 1 ≤ m < d.
    cond : float
        Condition number κ = λmax(AAᵀ)/λmin(AAᵀ), at least 1 and below 2e31/d², where A keeps its rank in floats.
        With m = 1 it has no effect.
    g_star : float
        Norm of the minimum-norm solution, from 1e-100 to 1e100.
    seed : int
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    LeastSquares

    Raises
    ------
    TypeError, ValueError
        If a parameter is not of the kind or in the range above.

    Notes
    -----
    The paper lets the singular values of A fall to 1/κ and takes w* anywhere on the sphere. Then
    cond(AAᵀ) would be κ², and g* w* would not be the minimum-norm solution.

    Examples
    --------
    >>> from wnlib import make_least_squares
    >>> problem = make_least_squares(cond=100, seed=7)
    >>> problem.m, problem.d, round(problem.g_star, 12)
    (20, 50, 3.0)
    >>> round(problem.lam_max / problem.lam_min, 9)
    100.0
    """
    m, d = integer("m", m, at_least=1), integer("d", d, at_least=2)
    if m >= d:
        raise ValueError(f"make_least_squares needs m < d (more unknowns than equations); got m = {m}, d = {d}.")
    few_entries("A", m, d, m=m, d=d)
    cond, most = real_number("cond", cond, at_least=1), (d * np.finfo(float).eps) ** -2
    if cond >= most:
        raise ValueError(f"cond must be below {most:.3g}, so that A has full rank in floats; got {cond:.3g}. Lower it.")
    g_star = real_number("g_star", g_star, at_least=1e-100, at_most=1e100)  # so that squares are floats
    rng = np.random.default_rng(integer("seed", seed, at_least=0))
    U, V = _stiefel(rng, m, m), _stiefel(rng, d, m)
    s = cond ** (-np.arange(m) / (2 * max(m - 1, 1)))
    z = rng.standard_normal(m)
    w_star = z / np.linalg.norm(z)
    return LeastSquares((U * s) @ V.T, U @ (s * (g_star * w_star)))


def random_direction(d: int, *, seed: int = 0) -> NDArray:
    """Draw a direction uniformly from the unit sphere of R^d, as Appendix F.1 draws w0.

    Parameters
    ----------
    d : int
        Dimension, at least 1.
    seed : int
        Seed. The draw is independent of what `make_least_squares` draws from the same seed.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    TypeError, ValueError
        If d or seed is not an integer of the range above, or the seed is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from wnlib import random_direction
    >>> round(float(np.linalg.norm(random_direction(50, seed=3))), 12)
    1.0
    """
    d, seed = integer("d", d, at_least=1), integer("seed", seed, at_least=0)
    few_entries("the direction", d, d=d)
    z = np.random.default_rng((seed, 1)).standard_normal(d)
    return z / np.linalg.norm(z)


def random_start(problem: LeastSquares, kernel_share: float, *, seed: int = 0) -> NDArray:
    """Draw a unit direction with ‖w⊥‖ as given, at an acute angle with w*.

    Parameters
    ----------
    problem : LeastSquares
    kernel_share : float
        The length of its part in the kernel, in [0, 1].
    seed : int
        Seed, as of `random_direction`.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    TypeError, ValueError
        If a parameter is not of the kind or in the range above.

    Examples
    --------
    >>> from wnlib import make_least_squares
    >>> from wnlib.problems import random_start
    >>> problem = make_least_squares(2, 5)
    >>> w0 = random_start(problem, 0.6, seed=0)
    >>> print(f"{problem.perp(w0) @ problem.perp(w0):.2f}")
    0.36
    """
    z = random_direction(instance("problem", problem, LeastSquares).d, seed=seed)
    share = real_number("kernel_share", kernel_share, at_least=0, at_most=1)
    seen, unseen = problem.parallel(z), problem.perp(z)
    seen *= np.copysign(1, seen @ problem.w_star) / np.linalg.norm(seen)
    return np.sqrt(1 - share**2) * seen + share * unseen / np.linalg.norm(unseen)


def random_problems(
    count: int = 20,
    *,
    seed: int = 0,
    rows: tuple[int, int] = (1, 5),
    spare: tuple[int, int] = (1, 5),
    cond: float = 10.0,
    g_star: tuple[float, float] = (1.0, 3.0),
    scale: tuple[float, float] = (1.0, 1.0),
) -> Iterator[tuple[LeastSquares, NDArray]]:
    """Yield random problems of different shapes, each with a generic start direction, for checks of a statement.

    Parameters
    ----------
    count : int
        How many, at least 0.
    seed : int
        Seed of `numpy.random.default_rng`. The same seed gives the same problems and directions.
    rows, spare : pair of int
        Least and greatest number m of equations, and d − m of unknowns to spare; both from 1 on.
    cond : float
        Condition number of AAᵀ, as in `make_least_squares`. With 1 and the `scale` below, rows are orthonormal.
    g_star : pair of float
        Range of the norm of the minimum-norm solution before `scale`.
    scale : pair of float
        Range of a factor on A alone: λmax(AAᵀ) is its square, and g* is divided by it.

    Yields
    ------
    problem : LeastSquares
    w0 : ndarray, shape (d,)
        A direction, uniform on the unit sphere.

    Raises
    ------
    TypeError, ValueError
        At the first draw, if a parameter is not of the kind or in the range above.

    Examples
    --------
    >>> from wnlib.problems import random_problems
    >>> all(problem.w_star @ w0 < 1 for problem, w0 in random_problems(100))
    True
    """
    count, seed = integer("count", count, at_least=0), integer("seed", seed, at_least=0)
    (m0, m1), (k0, k1) = (
        _range(name, value, integer, at_least=1) for name, value in (("rows", rows), ("spare", spare))
    )
    g_star, scale = (_range(name, v, real_number, above=0) for name, v in (("g_star", g_star), ("scale", scale)))
    rng = np.random.default_rng(seed)
    for _ in range(count):
        m = int(rng.integers(m0, m1 + 1))
        d = m + int(rng.integers(k0, k1 + 1))
        norm, own_seed = rng.uniform(*g_star), int(rng.integers(2**31))
        problem = make_least_squares(m, d, cond=cond, g_star=norm, seed=own_seed)
        yield LeastSquares(problem.A * rng.uniform(*scale), problem.y), random_direction(d, seed=own_seed)


def _range(name, value, check, **bounds):
    """The two ends of a range, each checked, in their order."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"{name} must be a pair, the least and the greatest value; got {value!r}.")
    low, high = (check(name, end, **bounds) for end in value)
    if low > high:
        raise ValueError(f"{name} must go from the least to the greatest value; got {low} and {high}.")
    return low, high


def _fixed(array):
    """The array, read-only: it is computed once, and all that follows from the problem relies on it."""
    array.setflags(write=False)
    return array


def _stiefel(rng, rows, columns):
    """A uniform draw among matrices with orthonormal columns; the signs make QR's answer uniform."""
    Q, R = np.linalg.qr(rng.standard_normal((rows, columns)))
    return Q * np.copysign(1.0, np.diag(R))
