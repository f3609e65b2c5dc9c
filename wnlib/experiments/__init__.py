"""The experiments behind the paper's figures: each function computes one and returns plain arrays.

Sweeps are made of tasks that depend on nothing but their parameters. So each takes `executor` (any
`concurrent.futures.Executor`, such as a process pool or dask's), `progress` (a tqdm bar) and `cache` (a folder
that keeps what is done, from which a rerun goes on), and gives the same numbers with them as without.
"""

from wnlib.experiments._norms import NormSweep, figure1, figure3, figure4, norm_sweep
from wnlib.experiments._recoveries import SMALL_STEPS, RecoverySweep, figure5
from wnlib.experiments._routes import Routes, figure2

__all__ = [
    "SMALL_STEPS",
    "NormSweep",
    "RecoverySweep",
    "Routes",
    "figure1",
    "figure2",
    "figure3",
    "figure4",
    "figure5",
    "norm_sweep",
]
