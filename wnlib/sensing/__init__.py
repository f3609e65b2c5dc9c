"""Matrix sensing with overparametrized factors: the second experiment of the paper (Appendix F.2)."""

from wnlib.sensing._problem import (
    MatrixSensing,
    make_matrix_sensing,
    min_nuclear_norm,
    nuclear_norm,
    random_factor,
)
from wnlib.sensing._recover import METHODS, Recovery, recover

__all__ = [
    "METHODS",
    "MatrixSensing",
    "Recovery",
    "make_matrix_sensing",
    "min_nuclear_norm",
    "nuclear_norm",
    "random_factor",
    "recover",
]
