"""The exact reduction of every run to m + 1 coordinates; `wnlib.loops` runs in them.

Every iterate from w0 stays in the span of the row space of A and of w0⊥, because each gradient lies in the
row space. With the thin factorisation A = U diag(s) Vᵀ and the unit vector n along w0⊥, a direction is
w = V z[:m] + z[m] n, and the residual is U(g s z/‖z‖ − b) with b = Uᵀy. So a run is m + 1 numbers and g.
Setting s[m] = b[m] = 0 makes the reduced problem an ordinary least-squares problem with a diagonal matrix,
and one loop over coordinates serves them all. Nothing here depends on d. Where all singular values are equal,
as for orthonormal rows, the same argument leaves three numbers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib.problems import LeastSquares

# Singular values that differ by less, relatively, are equal: they come from a factorisation.
EQUAL = 1e-13


def reduce(problem: LeastSquares, w0: ArrayLike) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Coordinates (s, b, z0, n) of a problem and of starts w0, shape (B, d).

    Returns
    -------
    s, b : ndarray, shape (m + 1,)
        Singular values and targets of the reduced problem; the last entry of each is 0.
    z0 : ndarray, shape (B, m + 1)
        The starts: (Vᵀw0, ‖w0⊥‖).
    n : ndarray, shape (B, d)
        The unit vectors along w0⊥; zero where w0⊥ = 0.
    """
    U, s, V = problem.svd
    parallel = w0 @ V
    perp = w0 - parallel @ V.T
    size = np.linalg.norm(perp, axis=-1, keepdims=True)
    n = np.divide(perp, size, out=np.zeros_like(perp), where=size > 0)
    return np.append(s, 0.0), np.append(U.T @ problem.y, 0.0), np.hstack([parallel, size]), n


def fold(s: NDArray, b: NDArray, z0: NDArray) -> tuple[NDArray, NDArray, NDArray, NDArray | None]:
    """Three coordinates in place of m + 1 where all singular values are equal: σ, …, σ, 0.

    The gradient is then σ(σ g z/‖z‖ − b) off the kernel, so z stays in the span of b, of the rest of its start
    and of n.

    Returns
    -------
    s, b : ndarray, shape (3,) or (m + 1,)
    z0 : ndarray, shape (B, 3) or (B, m + 1)
        The parts along b, along the rest, and along n.
    basis : ndarray, shape (B, 3, m + 1), or None
        The three unit vectors; None where nothing is folded.
    """
    if s.size <= 3 or s[0] - s[-2] > EQUAL * s[0]:
        return s, b, z0, None
    basis = np.zeros((len(z0), 3, s.size))
    basis[:, 0] = b / np.linalg.norm(b)
    basis[:, 2, -1] = 1
    along, kernel = z0 @ basis[0, 0], z0[:, -1]
    rest = z0 - along[:, None] * basis[:, 0] - kernel[:, None] * basis[:, 2]
    # Where the rest is rounding, its unit vector need not be orthogonal to b: its size, not a projection, is exact.
    size = np.linalg.norm(rest, axis=1)
    np.divide(rest, size[:, None], out=basis[:, 1], where=size[:, None] > 0)
    target = np.linalg.norm(b)
    return np.array([s[0], s[0], 0.0]), np.array([target, 0.0, 0.0]), np.column_stack([along, size, kernel]), basis


def unfold(z: NDArray, basis: NDArray | None) -> NDArray:
    """The m + 1 coordinates of z, shape (B, 3) with basis of shape (B, 3, m + 1), or (K, 3) with (3, m + 1)."""
    if basis is None:
        return z
    return z @ basis if basis.ndim == 2 else (z[:, None, :] @ basis)[:, 0]


def expand(problem: LeastSquares, z: NDArray, n: NDArray) -> NDArray:
    """The vectors V z[:m] + z[m] n of R^d; z of shape (..., m + 1)."""
    return z[..., :-1] @ problem.svd[2].T + z[..., -1:] * n
