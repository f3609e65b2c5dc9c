"""The matrix-sensing problem (57), random instances of it, and the least nuclear norm that fits."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib._checks import choice, few_entries, instance, integer, real_array
from wnlib.sensing._least_norm import least_norm

SETS = ("psd", "symmetric", "all")


@dataclass(frozen=True, eq=False)
class MatrixSensing:
    """The problem min over U of f(U) = 1/(2m) Σᵢ (⟨Aᵢ, UUᵀ⟩ − yᵢ)², equation (57).

    UUᵀ is symmetric, so only the symmetric part (Aᵢ + Aᵢᵀ)/2 of a sensing matrix has an effect. The Aᵢ
    themselves may be any square matrices.

    Parameters
    ----------
    A : array_like, shape (m, d, d)
        Sensing matrices. Copied.
    y : array_like, shape (m,)
        Measurements, not all zero. Copied.

    Attributes
    ----------
    m, d : int
        Number of measurements and size of the matrices.

    Raises
    ------
    TypeError
        If A or y does not hold real numbers.
    ValueError
        If a shape is wrong, y = 0, or an entry is NaN or infinite.

    References
    ----------
    Li, Ma and Zhang, "Algorithmic regularization in over-parameterized matrix sensing", COLT 2018,
    https://arxiv.org/abs/1712.09203.

    Examples
    --------
    >>> from wnlib.sensing import MatrixSensing
    >>> problem = MatrixSensing([[[1, 2], [0, 0]]], [3])
    >>> float(problem.loss([[1, 0], [2, 0]]))
    2.0
    >>> problem.grad([[1, 0], [2, 0]])
    array([[12.,  0.],
           [ 4.,  0.]])
    """

    A: NDArray
    y: NDArray

    if TYPE_CHECKING:  # a dataclass takes what its fields hold; this one takes whatever becomes an array

        def __init__(self, A: ArrayLike, y: ArrayLike) -> None: ...

    def __post_init__(self):
        A = real_array("A", self.A, ("m", "d", "d"))
        m, d, columns = A.shape
        if d != columns:
            raise ValueError(f"Each sensing matrix in A must be square; got {d} rows and {columns} columns.")
        y = real_array("y", self.y, (m,))
        if not y.any():
            raise ValueError("y must not be zero: then X = 0 fits, and has no direction.")
        for name, array in (("A", A), ("y", y)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self):
        return f"{type(self).__name__}(m={self.m}, d={self.d})"

    def __reduce__(self):
        # As for LeastSquares: the arrays of copies and pickles are read-only too.
        return type(self), (self.A, self.y)

    @property
    def m(self) -> int:
        return self.A.shape[0]

    @property
    def d(self) -> int:
        return self.A.shape[1]

    @cached_property
    def _triangle(self):
        """Of the upper triangle: positions in a flat matrix, where each entry lies in it, how often each counts."""
        rows, columns = np.triu_indices(self.d)
        place = np.zeros((self.d, self.d), dtype=int)
        place[rows, columns] = place[columns, rows] = np.arange(rows.size)
        return rows * self.d + columns, place.ravel(), np.where(rows == columns, 1.0, 2.0)

    @cached_property
    def _rows(self):
        """Row i times the upper triangle of a symmetric X is ⟨Aᵢ, X⟩; shape (m, d(d+1)/2)."""
        flat, _, times = self._triangle
        symmetric = (self.A + self.A.transpose(0, 2, 1)) / 2
        return symmetric.reshape(self.m, -1).take(flat, axis=1) * times

    def residual(self, X: ArrayLike) -> NDArray:
        """r = (⟨Aᵢ, X⟩ − yᵢ)ᵢ for one symmetric X of shape (d, d) or many of shape (..., d, d)."""
        return self._residual(real_array("X", X, ("...", self.d, self.d)))

    def slope(self, r: ArrayLike) -> NDArray:
        """S = Σᵢ rᵢ (Aᵢ + Aᵢᵀ)/(2m), the gradient of 1/(2m) ‖r(X)‖² among symmetric X; shape (..., d, d)."""
        return self._slope(real_array("r", r, ("...", self.m)))

    # Without checks, for arrays of one's own.
    def _residual(self, X):
        return X.reshape(*X.shape[:-2], -1).take(self._triangle[0], axis=-1) @ self._rows.T - self.y

    def _slope(self, r):
        _, place, times = self._triangle
        return (r @ self._rows / (self.m * times)).take(place, axis=-1).reshape(*r.shape[:-1], self.d, self.d)

    def loss(self, U: ArrayLike) -> Any:
        """f(U) of (57) for one factor U of shape (d, k) or many of shape (..., d, k)."""
        U = self._factor(U)
        return np.sum(self._residual(U @ np.swapaxes(U, -1, -2)) ** 2, axis=-1) / (2 * self.m)

    def grad(self, U: ArrayLike) -> NDArray:
        """∇f(U) = 2SU = (T + Tᵀ)U with T = Σᵢ rᵢ Aᵢ/m; shape (..., d, k)."""
        U = self._factor(U)
        return 2 * self._slope(self._residual(U @ np.swapaxes(U, -1, -2))) @ U

    def _factor(self, U):
        return real_array("U", U, ("...", self.d, "k"))


def make_matrix_sensing(d: int = 30, r: int = 4, m: int = 60, *, seed: int = 0) -> MatrixSensing:
    """Draw the random problem of Appendix F.2: Gaussian Aᵢ, and yᵢ = ⟨Aᵢ, ÛÛᵀ⟩ with Gaussian Û.

    Û is the generator's first draw, so ``default_rng(seed).standard_normal((d, r))`` gives it again. ÛÛᵀ fits,
    but with so few measurements it is not the fit of least nuclear norm.

    Parameters
    ----------
    d, r, m : int
        Size of the matrices, rank of ÛÛᵀ (1 ≤ r ≤ d), number of measurements.
    seed : int
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    MatrixSensing

    Raises
    ------
    TypeError, ValueError
        If a parameter is not an integer of the range above.

    Examples
    --------
    >>> import numpy as np
    >>> from wnlib.sensing import make_matrix_sensing
    >>> problem = make_matrix_sensing(d=6, r=2, m=8, seed=1)
    >>> bool(problem.loss(np.random.default_rng(1).standard_normal((6, 2))) < 1e-20)
    True
    """
    d, r, m = (integer(name, value, at_least=1) for name, value in (("d", d), ("r", r), ("m", m)))
    if r > d:
        raise ValueError(f"make_matrix_sensing needs r ≤ d (a d × d matrix has rank at most d); got r = {r}, d = {d}.")
    few_entries("A", m, d, d, d=d, m=m)
    rng = np.random.default_rng(integer("seed", seed, at_least=0))
    U = rng.standard_normal((d, r))
    A = rng.standard_normal((m, d, d))
    return MatrixSensing(A, np.tensordot(A, U @ U.T, axes=2))


def random_factor(d: int, *, seed: int = 0) -> NDArray:
    """Draw the start Z0 of Appendix F.2: Gaussian, its columns of equal length, ‖Z0‖_F = 1.

    Parameters
    ----------
    d : int
        Size, at least 1.
    seed : int
        Seed. The draw is independent of what `make_matrix_sensing` draws from the same seed.

    Returns
    -------
    ndarray, shape (d, d)

    Raises
    ------
    TypeError, ValueError
        If d or seed is not an integer of the range above, or the seed is negative.

    Examples
    --------
    >>> from wnlib.sensing import nuclear_norm, random_factor
    >>> U = 3 * random_factor(5, seed=2)
    >>> round(float(nuclear_norm(U @ U.T)), 12)
    9.0
    """
    d = integer("d", d, at_least=1)
    few_entries("Z0", d, d, d=d)
    Z = np.random.default_rng((integer("seed", seed, at_least=0), 1)).standard_normal((d, d))
    return Z / np.linalg.norm(Z, axis=0) / np.sqrt(d)


def nuclear_norm(X: ArrayLike) -> Any:
    """The nuclear norm, the sum of singular values: tr X for X ⪰ 0, the sum of absolute eigenvalues for X = Xᵀ.

    Parameters
    ----------
    X : array_like, shape (..., d, k)

    Returns
    -------
    ndarray, shape (...), or float

    Raises
    ------
    TypeError, ValueError
        If X does not hold finite real numbers, or has fewer than two axes.

    Examples
    --------
    >>> from wnlib.sensing import nuclear_norm
    >>> round(float(nuclear_norm([[3, 0], [0, -4]])), 12)
    7.0
    """
    return np.linalg.svd(real_array("X", X, ("...", "d", "k")), compute_uv=False).sum(axis=-1)


def min_nuclear_norm(problem: MatrixSensing, *, over: str = "psd") -> tuple[float, NDArray]:
    """The least nuclear norm of an X with ⟨Aᵢ, X⟩ = yᵢ for all i.

    By cvxpy and its solver Clarabel, to about 1e-8; where cvxpy is missing, as in a browser, by alternating
    directions, to as much.

    Parameters
    ----------
    problem : MatrixSensing
    over : {"psd", "symmetric", "all"}
        Which X compete. UUᵀ reaches the positive semidefinite ones only; W D Wᵀ reaches all symmetric ones
        once D may be negative. Over all d × d matrices the optimum is smaller still, and no method of
        `recover` can reach it.

    Returns
    -------
    value : float
        The least nuclear norm.
    X : ndarray, shape (d, d)
        A matrix that has it.

    Raises
    ------
    TypeError
        If `problem` is not a MatrixSensing.
    ValueError
        If `over` is none of the three, or no such X fits.

    Examples
    --------
    >>> from wnlib.sensing import MatrixSensing, min_nuclear_norm
    >>> value, X = min_nuclear_norm(MatrixSensing([[[1, 0], [0, 0]]], [3]))
    >>> round(value, 4), abs(X.round(3))
    (3.0, array([[3., 0.],
           [0., 0.]]))
    """
    instance("problem", problem, MatrixSensing)
    choice("over", over, SETS)
    try:
        value, X, status = _by_cvxpy(problem, over)
    except ModuleNotFoundError as missing:
        if missing.name != "cvxpy":
            raise
        value, X, status = least_norm(problem, over)
    if X is None:
        raise ValueError(f"No X in the set {over!r} fits all {problem.m} measurements; the solver says {status}.")
    return value, X


def _by_cvxpy(problem, over):
    """The value, a matrix that has it or None, and how the solver ended."""
    import cvxpy as cp  # it takes a second to import, and most runs never ask for the reference

    shape = (problem.d, problem.d)
    # Parts P, N ⪰ 0 make the nuclear norm a trace, and the program smaller.
    if over == "all":
        X = cp.Variable(shape)
        objective = cp.normNuc(X)
    else:
        P, N = cp.Variable(shape, PSD=True), cp.Variable(shape, PSD=True) if over == "symmetric" else np.zeros(shape)
        X, objective = P - N, cp.trace(P) + cp.trace(N)
    fits = problem.A.reshape(problem.m, -1) @ cp.vec(X, order="C") == problem.y
    program = cp.Problem(cp.Minimize(objective), [fits])
    program.solve(solver=cp.CLARABEL)
    return float(program.value), X.value, program.status
