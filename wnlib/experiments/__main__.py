"""`python -m wnlib.experiments FOLDER` computes each of the paper's figures at full size and draws it in FOLDER.

Results are kept in FOLDER/sweeps, so that a run that was stopped goes on where it was.
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib.pyplot as plt

from wnlib import experiments, plots


def draw_figure2(ax):
    """Draw Figure 2 from below the minimum norm, with all four routes."""
    routes = experiments.figure2(1.2, 45)
    plots.plot_plane(routes.problem, ax, radius=3.4)
    plots.plot_routes(routes, ax)
    ax.legend(loc="lower left", fontsize=9)


def drawings(how):
    """Return a function that draws on axes for each figure, by the name of its file."""
    return {
        "figure1": lambda ax: plots.plot_norms(experiments.figure1(**how), ax),
        "figure2": draw_figure2,
        "figure3-top": lambda ax: plots.plot_norms(experiments.figure3("top", **how), ax),
        "figure3-bottom": lambda ax: plots.plot_norms(experiments.figure3("bottom", **how), ax),
        "figure4-top": lambda ax: plots.plot_norms(experiments.figure4("top", **how), ax),
        "figure4-bottom": lambda ax: plots.plot_norms(experiments.figure4("bottom", **how), ax),
        "figure5-left": lambda ax: plots.plot_recoveries(experiments.figure5("left", **how), ax),
        "figure5-right": lambda ax: plots.plot_recoveries(experiments.figure5("right", **how), ax),
    }


def main(folder):
    """Compute, draw and save every figure, and say how long each took."""
    folder.mkdir(parents=True, exist_ok=True)
    plots.use_style()
    with ProcessPoolExecutor() as executor:
        how = {"executor": executor, "progress": True, "cache": folder / "sweeps"}
        for name, draw in drawings(how).items():
            start = time.perf_counter()
            figure, ax = plt.subplots(figsize=(6, 4))
            draw(ax)
            figure.savefig(folder / f"{name}.png", dpi=200)
            plt.close(figure)
            print(f"{name:14} {time.perf_counter() - start:6.1f} s", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "figures"))
