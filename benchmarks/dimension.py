"""Time a step, as the number of unknowns d grows and as the number of equations m grows."""

import numpy as np

from benchmarks.timing import Row, median_seconds
from wnlib import RPGD, make_least_squares, random_direction, solve

WORK = "a step of rPGD"
ETA = 0.01


def rows():
    """Yield the rows of both."""
    first = None
    for d in (50, 5_000, 500_000):
        ours, theirs = step_seconds(20, d)
        first = first or ours
        note = f"{ours / first:.2f} times the step at d = 50"
        goal, met = "step within 10% of d = 50", ours <= 1.1 * first
        yield Row(f"{WORK}, m = 20, d = {d:,}", "numpy in R^d", theirs, ours, goal, note, met)
    for m in (5, 50, 500, 2_000):
        ours, theirs = step_seconds(m, 2 * m)
        yield Row(f"{WORK}, m = {m:,}, d = {2 * m:,}", "numpy in R^d (BLAS)", theirs, ours, "≥ 1")


def step_seconds(m, d):
    """Seconds a step of `solve` without what comes before and after its loop, and of numpy on A."""
    problem, w0 = make_least_squares(m, d, cond=10, seed=0), random_direction(d, seed=0)
    few = max(10, 2_000_000 // (m * d))
    check = solve(problem, RPGD(ETA, ETA), 1.0, w0, tol=None, max_steps=few)
    g, w = numpy_steps(problem.A, problem.y, 1.0, w0, few)
    assert np.abs(check.x - g * w).max() < 1e-11

    many = 100_000_000 // m  # long enough to drown what comes before and after the loop, even at d = 500,000

    def ours(steps):
        return median_seconds(lambda: solve(problem, RPGD(ETA, ETA), 1.0, w0, tol=None, max_steps=steps), 3)

    theirs = median_seconds(lambda: numpy_steps(problem.A, problem.y, 1.0, w0, few), 5) / few
    return (ours(many) - ours(0)) / many, theirs


def numpy_steps(A, y, g, w, steps):
    """Algorithm 2 on vectors of R^d, with the same test of the loss before each step."""
    for _ in range(steps):
        r = A @ (g * w) - y
        if 0.5 * (r @ r) <= 1e-300:
            break
        G = A.T @ r
        v = w - ETA * g * G
        g, w = g - ETA * (w @ G), v / np.sqrt(v @ v)
    return g, w
