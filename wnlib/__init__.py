"""Weight normalization on overparametrized least squares: the library behind the book.

Wu, Dobriban, Ren, Wu, Li, Gunasekar, Ward and Liu, "Implicit Regularization and Convergence for Weight
Normalization", NeurIPS 2020.
"""

from wnlib.any_loss import flow_of
from wnlib.exercises import check
from wnlib.explore import Control, explore
from wnlib.flow import Flow, flow
from wnlib.methods import GD, RPGD, WN, Optimal, TwoStage
from wnlib.problems import LeastSquares, make_least_squares, random_direction
from wnlib.solve import Path, Run, solve

__version__ = "0.1.0"

__all__ = [
    "GD",
    "RPGD",
    "WN",
    "Control",
    "Flow",
    "LeastSquares",
    "Optimal",
    "Path",
    "Run",
    "TwoStage",
    "check",
    "explore",
    "flow",
    "flow_of",
    "make_least_squares",
    "random_direction",
    "solve",
]
