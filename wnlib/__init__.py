"""Weight normalization on overparametrized least squares: the library behind the book.

Wu, Dobriban, Ren, Wu, Li, Gunasekar, Ward and Liu, "Implicit Regularization and Convergence for Weight
Normalization", NeurIPS 2020.
"""

from wnlib.exercises import check
from wnlib.flows import Flow, Trajectory, flow, flow_of
from wnlib.interactive import Control, explore
from wnlib.methods import GD, RPGD, WN, Method, Optimal, Piecewise
from wnlib.problems import LeastSquares, make_least_squares, random_direction
from wnlib.runs import Path, Run, solve

__version__ = "0.1.0"

__all__ = [
    "GD",
    "RPGD",
    "WN",
    "Control",
    "Flow",
    "LeastSquares",
    "Method",
    "Optimal",
    "Path",
    "Piecewise",
    "Run",
    "Trajectory",
    "check",
    "explore",
    "flow",
    "flow_of",
    "make_least_squares",
    "random_direction",
    "solve",
]
