"""Plots of the book: axes in, axes out. Each method keeps its colour, dash and marker everywhere."""

import numpy as np

# Okabe and Ito's colours, which stay apart for colour-blind eyes; dash and marker tell the lines apart as well.
LINES = {
    "GD": {"color": "#0072B2", "linestyle": (0, (6, 2)), "marker": "s"},
    "WN": {"color": "#009E73", "linestyle": "-", "marker": "o"},
    "rPGD": {"color": "#D55E00", "linestyle": (0, (2, 1.6)), "marker": "^"},
}
REFERENCE = {"color": "#333333", "linestyle": (0, (1, 1.5)), "linewidth": 1.6}
STYLE = {
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "legend.frameon": False,
}


def plot_norms(sweep, ax, *, quantity="norm"):
    """Final ‖x‖ (or ‖x⊥‖) against the starting scale, a line for each method, with the range over seeds.

    Parameters
    ----------
    sweep : wnlib.experiments.NormSweep
    ax : matplotlib.axes.Axes
    quantity : {"norm", "perp_norm"}
        What to draw: the norm of the last weights, or of their part in the kernel of A.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib import experiments, plots
    >>> ax = plots.plot_norms(experiments.figure1(seeds=[0], g0=[1.0, 2.0]), Figure().subplots())
    >>> ax.get_ylabel()
    'norm of the solution, ‖x‖'
    """
    for name, values in getattr(sweep, quantity).items():
        line = LINES[name]
        every = max(1, sweep.g0.size // 10)
        ax.plot(sweep.g0, values.mean(axis=0), markevery=(list(LINES).index(name), every), label=name, **line)
        if len(sweep.seeds) > 1:
            ax.fill_between(
                sweep.g0, values.min(axis=0), values.max(axis=0), color=line["color"], alpha=0.15, lw=0
            )
    if quantity == "norm":
        ax.axhline(sweep.g_star, label="minimum norm", **REFERENCE)
    ax.set(
        xlabel="starting scale, g₀",
        ylabel={"norm": "norm of the solution, ‖x‖", "perp_norm": "norm of its kernel part, ‖x⊥‖"}[quantity],
    )
    ax.legend()
    return ax


def plot_plane(problem, paths, ax, *, radius):
    """Paths of weights in the plane of the unknowns, for a problem with m = 1 and d = 2.

    The grey line holds the solutions of Ax = y, the circle the points as far from 0 as x*, which is the dot.

    Parameters
    ----------
    problem : LeastSquares
        With m = 1, d = 2.
    paths : dict of str to ndarray, shape (K, 2)
        The weights along each run, by the name of the method.
    ax : matplotlib.axes.Axes
    radius : float
        Half the width of the square that is shown.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the problem is not one equation in two unknowns.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib import GD, LeastSquares, plots, solve
    >>> problem = LeastSquares([[1, 0]], [2])
    >>> run = solve(problem, GD(eta=0.1), 1.0, [0.6, 0.8], record_every=1)
    >>> plots.plot_plane(problem, {"GD": run.path.x}, Figure().subplots(), radius=3).get_xlabel()
    'x₁'
    """
    if (problem.m, problem.d) != (1, 2):
        raise ValueError(f"plot_plane draws m = 1, d = 2; got m = {problem.m}, d = {problem.d}.")
    kernel = np.array([-problem.w_star[1], problem.w_star[0]])
    ends = problem.x_star + np.outer([-3 * radius, 3 * radius], kernel)
    ax.plot(
        *ends.T, color="#999999", linewidth=5, alpha=0.6, solid_capstyle="butt", label="solutions, Ax = y"
    )
    angle = np.linspace(0, 2 * np.pi, 181)
    ax.plot(problem.g_star * np.cos(angle), problem.g_star * np.sin(angle), **REFERENCE)
    for name, x in paths.items():
        line = LINES[name]
        ax.plot(*x.T, color=line["color"], linestyle=line["linestyle"], label=name)
        ax.plot(*x[-1], color=line["color"], marker=line["marker"], markersize=9, markeredgecolor="white")
    start = next(iter(paths.values()))[0]
    ax.plot(*start, "o", color="#000000", markerfacecolor="white", markersize=9, label="start")
    ax.plot(*problem.x_star, "*", color="#000000", markersize=15, label="minimum norm, x*")
    ax.set(xlim=(-radius, radius), ylim=(-radius, radius), aspect="equal", xlabel="x₁", ylabel="x₂")
    return ax
