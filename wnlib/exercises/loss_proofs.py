"""Exercises of the proofs about stationary points and the loss (Appendix C.1 and C.2)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, direction, matrix, number, numeric


def stuck_off_zero(answer):
    """answer(y) is (A, g, w) with g ≠ 0, zero gradient and positive loss: the rows of A cannot be independent."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        y = rng.uniform(0.5, 3, int(rng.integers(2, 5))) * rng.choice([-1, 1])
        A, g, w = _parts(answer(y), len(y))
        residual = A @ (g * w) - y
        slope = np.linalg.norm(A.T @ residual)
        if np.linalg.norm(residual) < ROUNDING * np.linalg.norm(y):
            raise Wrong(f"Your point solves the equations for y = {np.round(y, 2)}: the loss is zero there.")
        if slope > ROUNDING * (1 + np.linalg.norm(A)) * np.linalg.norm(residual):
            rank = np.linalg.matrix_rank(A)
            full = f"Your A has rank {rank}, so Aᵀr = 0 only for r = 0. " if rank == len(y) else ""
            raise Wrong(f"{full}The gradient Aᵀr of your point has length {slope:.3g}; it must be zero, with r ≠ 0.")
    return "On 20 random y your point is stationary, with g ≠ 0 and a positive loss."


def _parts(value, m):
    if not isinstance(value, tuple | list) or len(value) != 3:
        raise Wrong("Return the three A, g, w, with commas between them.")
    g, d = number("g", value[1]), numeric(value[2]).size
    if d <= m:
        raise Wrong(f"w needs more entries than y has: {m} equations, and yours has {d} unknowns.")
    A, w = matrix("A", value[0], m, d), direction("w", value[2], d)
    if g == 0:
        raise Wrong("At g = 0 the set S lies; the question is about g ≠ 0.")
    return A, g, w
