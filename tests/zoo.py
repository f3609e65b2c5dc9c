"""One zoo of problems and starts; every method runs through all of it.

Each animal's minimum-norm solution is known from how it was made, not from the code under test.
"""

from dataclasses import dataclass

import numpy as np

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, Piecewise, make_least_squares, random_direction


@dataclass(frozen=True)
class Animal:
    problem: LeastSquares
    g0: float
    w0: np.ndarray
    x_star: np.ndarray


def _animal(problem, g0, w0):
    """The solution by the normal equations: another way than the SVD that `LeastSquares` takes."""
    A, y = problem.A, problem.y
    return Animal(problem, g0, np.asarray(w0, dtype=float), A.T @ np.linalg.solve(A @ A.T, y))


def _zoo():
    usual = make_least_squares(m=5, d=12, cond=4, seed=1)
    direction = random_direction(12, seed=1)
    rows = np.eye(3, 7)
    return {
        "usual": _animal(usual, 1.5, direction),
        "one equation": _animal(LeastSquares([[1, 0]], [2]), 0.5, [0.6, 0.8]),
        "one spare unknown": _animal(make_least_squares(6, 7, cond=3, seed=2), 2.0, random_direction(7, seed=2)),
        "orthonormal rows": _animal(LeastSquares(rows, [1.0, -2.0, 2.0]), 1.0, random_direction(7, seed=3)),
        "ill-conditioned": _animal(make_least_squares(8, 20, cond=1e4, seed=4), 1.0, random_direction(20, seed=4)),
        "nearly equal singular values": _animal(
            make_least_squares(4, 9, cond=1 + 1e-4, seed=6), 1.5, random_direction(9, seed=6)
        ),
        "start in the row space": _animal(usual, 1.5, usual.parallel(direction)),
        "start in the kernel": _animal(usual, 1.5, usual.perp(direction)),
        "start at scale zero": _animal(usual, 0.0, direction),
        "negative scale": _animal(usual, -1.5, direction),
        "far start": _animal(usual, 9.0, direction),
        "large and scaled": _animal(
            LeastSquares(5 * make_least_squares(20, 50, seed=5).A, 5 * make_least_squares(20, 50, seed=5).y),
            2.0,
            random_direction(50, seed=5),
        ),
    }


ZOO = _zoo()


def methods(problem):
    """Every method with every kind of step-size rule, at steps that are small for this problem."""
    eta = 0.05 / problem.lam_max
    later = Piecewise([0.0, eta], [37])
    return {
        "GD": GD(eta),
        "WN": WN(eta, eta),
        "WN, g switched on later": WN(eta, later),
        "WN, optimal": WN(Optimal(), eta / 10),
        "rPGD": RPGD(eta, eta),
        "rPGD, w switched on later": RPGD(later, eta),
        "rPGD, optimal": RPGD(Optimal(), later),
    }


CASES = [
    (animal, method)
    for animal, inhabitant in ZOO.items()
    for method in methods(inhabitant.problem)
    # The step 1/(g² λmax) does not exist at g = 0: tests/test_solve.py checks that the run says so.
    if not (inhabitant.g0 == 0 and "optimal" in method)
]
