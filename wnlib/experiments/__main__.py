"""`python -m wnlib.experiments FOLDER` computes each of the paper's figures at full size and draws it in FOLDER.

Results are kept in FOLDER/sweeps, so that a run that was stopped goes on where it was.
"""

import io
import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from wnlib import experiments, plots

# How near to the least nuclear norm WN and rPGD end with SMALL_STEPS, from every start below its square root.
LAW_TOLERANCE = 1e-3


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
        "figure5-left": lambda ax: figure5("left", ax, how),
        "figure5-right": lambda ax: figure5("right", ax, how),
    }


def farthest_from_law(sweep):
    """The greatest relative distance of WN and rPGD from ν* over the starts with α² < ν*: at most LAW_TOLERANCE."""
    law = sweep.min_nuclear_norm[:, None]
    inside, worst = sweep.alpha**2 < law, 0.0
    for name in ("WN", "rPGD"):
        off = np.where(inside, np.abs(sweep.nuclear_norm[name] / law - 1), 0)
        row, column = np.unravel_index(off.argmax(), off.shape)
        if not sweep.converged[name].all() or off.max() > LAW_TOLERANCE:
            raise RuntimeError(
                f"{name} should converge and end within {LAW_TOLERANCE:.1%} of ν* where α² < ν*; "
                f"{sweep.converged[name].sum()} of {off.size} runs converged, and from α = {sweep.alpha[column]:.3g} "
                f"on seed {sweep.seeds[row]} it ended {off.max():.2%} off. Lower its step in SMALL_STEPS."
            )
        worst = max(worst, off.max())
    return worst


def figure5(part, ax, how):
    """Compute and draw Figure 5, and say how near to ν* WN and rPGD end."""
    sweep = experiments.figure5(part, **how)
    plots.plot_recoveries(sweep, ax)
    print(f"Figure 5 {part}: where α² < ν*, WN and rPGD end within {farthest_from_law(sweep):.3%} of ν*.", flush=True)


def leave_interrupts_to_the_parent():
    """An interrupt reaches every process of a terminal; one of them is enough to say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def main(folder):
    """Compute, draw and save every figure, and say how long each took."""
    folder.mkdir(parents=True, exist_ok=True)
    plots.use_style()
    with ProcessPoolExecutor(initializer=leave_interrupts_to_the_parent) as executor:
        how = {"executor": executor, "progress": True, "cache": folder / "sweeps"}
        for name, draw in drawings(how).items():
            start = time.perf_counter()
            figure, ax = plt.subplots(figsize=(6, 4))
            draw(ax)
            figure.savefig(folder / f"{name}.png", dpi=200)
            plt.close(figure)
            print(f"{name:14} {time.perf_counter() - start:6.1f} s", flush=True)


if __name__ == "__main__":
    # A terminal or a file that is not UTF-8 shows "?" for ν: no reason to lose the minutes of a figure.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "_figures"))
    except KeyboardInterrupt:
        print("\nStopped. What is done is kept: run the same command again to go on.", file=sys.stderr, flush=True)
        # Tasks that have begun would go on for minutes; their processes end with this one.
        for process in multiprocessing.active_children():
            process.terminate()
        os._exit(130)
