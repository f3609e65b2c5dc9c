"""The least nuclear norm without a solver for convex programs: alternating directions (ADMM)."""

import numpy as np

# Iterations take half a millisecond at d = 10 and 5 at d = 50; the hardest of the book's problems needs 3,000 of them.
MOST = 20_000
# Where the two parts of the solution differ by less, relatively to its size, it has converged.
TOL = 1e-9
# Iterations between two looks at the weight, and up to which it changes.
LOOK, SETTLED = 100, 3000


def least_norm(problem, over):
    """The value, a matrix of least nuclear norm or None, and how it ended: see `wnlib.sensing.min_nuclear_norm`.

    X fits the measurements, Z is in the set and of small norm, and both are pulled to each other until they agree
    (Boyd and others, Distributed Optimization and Statistical Learning via the Alternating Direction Method of
    Multipliers, chapter 5).
    """
    d, A = problem.d, problem.A
    if over != "all":
        A = (A + A.transpose(0, 2, 1)) / 2
    M = A.reshape(problem.m, -1)
    inverse = np.linalg.pinv(M)
    nearest = inverse @ problem.y
    size = np.linalg.norm(nearest)
    if np.linalg.norm(M @ nearest - problem.y) > 1e-9 * np.linalg.norm(problem.y):
        return np.inf, None, "infeasible"
    Z = U = np.zeros((d, d))
    rho = 1 / size
    for k in range(1, MOST):
        V = Z - U
        X = V - (inverse @ (M @ V.ravel() - problem.y)).reshape(d, d)
        last, Z = Z, _shrink(X + U, 1 / rho, over)
        U = U + X - Z
        apart, moved = np.linalg.norm(X - Z), np.linalg.norm(Z - last)
        if max(apart, moved) < TOL * size:
            return float(np.linalg.svd(X, compute_uv=False).sum()), X, "optimal"
        if k % LOOK == 0 and k < SETTLED:
            factor = 2.0 if apart > 5 * moved else 0.5 if moved > 5 * apart else 1.0
            rho, U = rho * factor, U / factor
    return np.inf, None, f"that it has found none in {MOST:,} steps"


def _shrink(W, amount, over):
    """The matrix Z of the set with the least amount ‖Z‖* + ½‖Z − W‖²: its singular values are smaller by `amount`."""
    if over == "all":
        left, s, right = np.linalg.svd(W)
        return (left * np.maximum(s - amount, 0)) @ right
    values, vectors = np.linalg.eigh((W + W.T) / 2)
    shrunk = np.maximum(values - amount, 0)
    if over == "symmetric":
        shrunk -= np.maximum(-values - amount, 0)
    return (vectors * shrunk) @ vectors.T
