"""Plots of the book: axes in, axes out. Each method keeps its colour, dash and marker everywhere."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from numpy.typing import NDArray

from wnlib._browser import either
from wnlib._checks import choice, instance, real_number
from wnlib.flows import flow
from wnlib.methods import GD, WN, Method
from wnlib.problems import LeastSquares, make_least_squares, random_start
from wnlib.runs import solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from wnlib.experiments import NormSweep, RecoverySweep, Routes

# Okabe and Ito's colours, which stay apart for colour-blind eyes; dash and marker tell the lines apart as well.
LINES: dict[str, dict[str, Any]] = {
    "GD": {"color": "#0072B2", "linestyle": (0, (6, 2)), "marker": "s"},
    "WN": {"color": "#009E73", "linestyle": "-", "marker": "o"},
    "rPGD": {"color": "#D55E00", "linestyle": (0, (2, 1.6)), "marker": "^"},
    "WN-Diag": {"color": "#CC79A7", "linestyle": (0, (5, 1.5, 1, 1.5)), "marker": "D"},
    # Okabe and Ito's yellow, darkened until it stands out from white.
    "rPGD-Diag": {"color": "#8A7000", "linestyle": (0, (1.2, 1.2)), "marker": "v"},
}
# The routes of Figure 2.
ROUTES: dict[str, dict[str, Any]] = {
    "gradient descent": {k: LINES["GD"][k] for k in ("color", "linestyle")},
    "WN, one ratio c": {k: LINES["WN"][k] for k in ("color", "linestyle")},
    "scale held, then freed": {k: LINES["rPGD"][k] for k in ("color", "linestyle")},
    "scale steered": {"color": "#CC79A7", "linestyle": (0, (6, 1.5, 1, 1.5))},
}
# A method that a reader adds.
ANOTHER = {"color": "#333333", "linestyle": "-", "marker": "o"}
# What `plot_norms` can show, and the label of its axis.
QUANTITIES = {
    "norm": "norm of the solution, ‖x‖",
    "kernel_norm": "norm of its kernel part, ‖x⊥‖",
    "distance": "distance from the minimum, ‖x − x*‖",
}
LETTERS = {"a": (-15, 3), "b": (-13, -15), "c": (8, -15), "d": (9, 2), "e": (9, -10), "f": (-13, -15), "g": (9, -6)}
REFERENCE: dict[str, Any] = {"color": "#333333", "linestyle": (0, (1, 1.5)), "linewidth": 1.6}
STYLE: dict[Any, Any] = {
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    # Letters of 12 pt are 11 px high on a phone of 360 px.
    "figure.figsize": (5.3, 3.6),
    "font.size": 12,
    # Dark pages turn the lightness of figures around, which takes a white ground to start from.
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "legend.frameon": False,
}


def use_style() -> None:
    """Set matplotlib to the style of the book; in a notebook, figures get two pixels for each CSS pixel.

    Examples
    --------
    >>> import matplotlib
    >>> from wnlib import plots
    >>> with matplotlib.rc_context():
    ...     plots.use_style()
    ...     matplotlib.rcParams["font.size"]
    12.0
    """
    matplotlib.rcParams.update(STYLE)
    if shell := either("IPython.get_ipython")():
        InlineBackend = either("matplotlib_inline.config.InlineBackend")
        InlineBackend.instance(parent=shell).figure_formats = {"retina"}


def plot_norms(sweep: "NormSweep", ax: "Axes", *, quantity: str = "norm") -> "Axes":
    """Final ‖x‖, ‖x⊥‖ or ‖x − x*‖ against the starting scale or κ, a line for each method, with the range over seeds.

    The horizontal axis is κ = cond(AAᵀ), on a logarithmic scale, if the sweep has more than one κ. A line has a
    gap where a run has not converged.

    Parameters
    ----------
    sweep : wnlib.experiments.NormSweep
    ax : matplotlib.axes.Axes
    quantity : {"norm", "kernel_norm", "distance"}
        What to draw: the norm of the last weights, that of their part in the kernel of A, or their distance
        from the minimum-norm solution.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `quantity` is none of the three.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib import experiments, plots
    >>> ax = plots.plot_norms(experiments.figure1(seeds=[0], g0=[1.0, 2.0]), Figure().subplots())
    >>> ax.get_ylabel()
    'norm of the solution, ‖x‖'
    """
    choice("quantity", quantity, QUANTITIES)
    over_cond = np.ptp(sweep.cond) > 0
    position = sweep.cond if over_cond else sweep.g0
    for name, values in getattr(sweep, quantity).items():
        # A run that has not converged has no end; a point where one is missing would compare different seeds.
        values = np.where(sweep.converged[name].all(axis=0), values, np.nan)
        every = max(1, position.size // 10)
        marks = (list(sweep.norm).index(name) % every, every)
        (line,) = ax.plot(position, values.mean(axis=0), markevery=marks, label=name, **LINES.get(name, {}))
        if len(sweep.seeds) > 1:
            ax.fill_between(position, values.min(axis=0), values.max(axis=0), color=line.get_color(), alpha=0.15, lw=0)
    if quantity == "norm":
        ax.axhline(sweep.g_star, label="minimum norm", **REFERENCE)
    ax.set(ylabel=QUANTITIES[quantity], xlabel="condition number of AAᵀ, κ" if over_cond else "starting scale, g₀")
    if over_cond:
        ax.set_xscale("log")
    ax.legend()
    return ax


def plot_recoveries(sweep: "RecoverySweep", ax: "Axes") -> "Axes":
    """Final nuclear norm against the starting scale, a line for each method and seed, and the law max(ν*, α²).

    Each seed is measured in its own least nuclear norm ν*: the axes are α/√ν* and ‖X‖_*/ν*, so that the law is
    one curve for all. Runs that did not converge are left out.

    Parameters
    ----------
    sweep : wnlib.experiments.RecoverySweep
    ax : matplotlib.axes.Axes

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib import experiments, plots
    >>> sweep = experiments.figure5("left", [0], alpha=[1.0, 5.0], eta={"WN": 2e-3}, d=8, r=2, m=12)
    >>> plots.plot_recoveries(sweep, Figure().subplots()).get_ylabel()
    'nuclear norm, in units of ν*'
    """
    least = sweep.min_nuclear_norm[:, None]
    scale = sweep.alpha / np.sqrt(least)
    for name, norms in sweep.nuclear_norm.items():
        shown = np.where(sweep.converged[name], norms / least, np.nan)
        for k in range(len(sweep.seeds)):
            look = {"linewidth": 1.6, "markersize": 4.5, **LINES[name]}
            ax.plot(scale[k], shown[k], label=name if k == 0 else None, **look)
    grid = np.geomspace(scale.min(), scale.max(), 200)
    ax.plot(grid, np.maximum(1, grid**2), label="max(ν*, α²)", zorder=3, **REFERENCE)
    ax.set(xscale="log", xlabel="starting scale α, in units of √ν*", ylabel="nuclear norm, in units of ν*")
    ax.legend()
    return ax


def plot_plane(problem: LeastSquares, ax: "Axes", *, radius: float) -> "Axes":
    """The plane of the unknowns, for a problem with m = 1 and d = 2.

    The grey line holds the solutions of Ax = y, the circle the points as far from 0 as x*, which is the star.

    Parameters
    ----------
    problem : LeastSquares
        With m = 1, d = 2.
    ax : matplotlib.axes.Axes
    radius : float
        Half the width of the square that is shown, positive.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If the problem is not one equation in two unknowns, or the radius not a positive number.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib import GD, LeastSquares, plots, solve
    >>> problem = LeastSquares([[1, 0]], [2])
    >>> run = solve(problem, GD(eta=0.1), 1.0, [0.6, 0.8], record_every=1)
    >>> ax = plots.plot_plane(problem, Figure().subplots(), radius=3)
    >>> plots.plot_paths({"GD": run.path.x}, ax).get_xlabel()
    'x₁'
    """
    instance("problem", problem, LeastSquares)
    radius = real_number("radius", radius, above=0)
    if (problem.m, problem.d) != (1, 2):
        raise ValueError(f"plot_plane draws m = 1, d = 2; got m = {problem.m}, d = {problem.d}.")
    kernel = np.array([-problem.w_star[1], problem.w_star[0]])
    ends = problem.x_star + np.outer([-3 * radius, 3 * radius], kernel)
    ax.plot(*ends.T, color="#999999", linewidth=5, alpha=0.6, solid_capstyle="butt", label="solutions, Ax = y")
    angle = np.linspace(0, 2 * np.pi, 181)
    ax.plot(problem.g_star * np.cos(angle), problem.g_star * np.sin(angle), **REFERENCE)
    ax.plot(*problem.x_star, "*", color="#000000", markersize=15, label="minimum norm, x*", zorder=4)
    ax.set(xlim=(-radius, radius), ylim=(-radius, radius), aspect="equal", xlabel="x₁", ylabel="x₂")
    return ax


def plot_paths(paths: Mapping[str, Any], ax: "Axes") -> "Axes":
    """Add the weights along runs from one start to a plane of unknowns; see `plot_plane`.

    Parameters
    ----------
    paths : dict of str to ndarray, shape (K, 2)
        The weights along each run, by the name of the method; at least one run. A name that the book does not
        know is drawn in gray.
    ax : matplotlib.axes.Axes

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If `paths` is not a dict with a run in it.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib import GD, LeastSquares, solve
    >>> from wnlib.plots import plot_paths
    >>> run = solve(LeastSquares([[1, 0]], [2]), GD(0.5), 1.0, [0.6, 0.8], record_every=1)
    >>> [line.get_label() for line in plot_paths({"GD": run.path.x}, Figure().subplots()).lines][0]
    'GD'
    """
    if not isinstance(paths, dict) or not paths:
        raise TypeError(f"paths must be a dict from a method's name to its weights, not empty; got {paths!r}.")
    for name, x in paths.items():
        line = LINES.get(name, ANOTHER)
        ax.plot(*x.T, color=line["color"], linestyle=line["linestyle"], label=name)
        ax.plot(*x[-1], color=line["color"], marker=line["marker"], markersize=9, markeredgecolor="white", zorder=5)
    start = next(iter(paths.values()))[0]
    ax.plot(*start, "o", color="#000000", markerfacecolor="white", markersize=9, label="start", zorder=5, gid="handle")
    return ax


def plot_routes(routes: "Routes", ax: "Axes", *, place: Callable[[NDArray], NDArray] = np.asarray) -> "Axes":
    """Add the routes of Figure 2 and its lettered points to axes, such as those of `plot_plane`.

    Parameters
    ----------
    routes : wnlib.experiments.Routes
    ax : matplotlib.axes.Axes
    place : callable
        Takes weights, shape (K, 2), to the coordinates of `ax`, shape (K, 2).

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib import experiments, plots
    >>> routes = experiments.figure2(1.2, 60.0)
    >>> ax = plots.plot_plane(routes.problem, Figure().subplots(), radius=3.4)
    >>> [text.get_text() for text in plots.plot_routes(routes, ax).texts]
    ['a', 'b', 'x*', 'd', 'e']
    """
    for name, x in routes.paths.items():
        ax.plot(*place(x).T, label=name, **ROUTES[name])
    # What is close, as the eye sees it: the two axes may have different units.
    close = 0.02 * np.array([np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())])
    spots: list[tuple[NDArray, list[str]]] = []
    for letter, x in routes.points.items():
        at = place(x[None])[0]
        gid = "handle" if letter in "af" else None  # where the routes start
        ax.plot(*at, "o", color="black", markersize=6, zorder=5, gid=gid)
        # Points that coincide share a label.
        letters: list[str] = next((names for spot, names in spots if np.linalg.norm((at - spot) / close) < 1), [])
        if not letters:
            spots.append((at, letters))
        letters.append(letter)
    for at, letters in spots:
        shift = LETTERS.get(letters[0], (-30, 6))
        # The paper's c, which is also the letter of the ratio.
        letters = ["x*" if letter == "c" else letter for letter in letters]
        ax.annotate(", ".join(letters), tuple(at), shift, textcoords="offset points", weight="bold", fontsize=14)
    return ax


def draw_two_ends(fig: "Figure", g0: float, angle: float) -> str:
    """Draw where GD and WN end in the smallest example, A = [1, 0], y = 3; the figure on the first page.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    g0 : float
        Starting scale.
    angle : float
        Angle of w0 from the row space, in degrees.

    Returns
    -------
    str
        What the figure shows, with its numbers.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib.plots import draw_two_ends
    >>> draw_two_ends(Figure(), 1.6, 60.0)
    'From distance 1.6 at 60 degrees, gradient descent ends 1.39 from the minimum-norm solution and WN 0.10.'
    """
    problem = LeastSquares([[1, 0]], [3])
    w0 = [np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]
    methods: dict[str, Method] = {"GD": GD(0.005), "WN": WN(0.005, 0.005)}
    ax = plot_plane(problem, fig.subplots(), radius=4.6)
    ax.plot(*np.outer([0, 3.4], w0).T, color="#999999", linewidth=1)
    runs, pale = {}, {"GD": "#9ed5f7", "WN": "#9ed5b2"}
    for name, method in methods.items():
        # The start that is asked for, and others in its direction: GD's ends spread, WN's gather.
        starts = np.append(g0, np.array([0.8, 2.0, 3.2]))
        found = solve(problem, method, starts, w0, tol=1e-10, record_every=4)
        runs[name] = found.path[0].x
        for path in found.path[1:]:
            ax.plot(*path.x.T, color=pale[name], linewidth=1.2)
    plot_paths(runs, ax)
    # From 30 degrees on WN never ends above GD, so the labels keep clear of each other.
    for name, text, shift, va in (
        ("GD", "gradient descent", (10, 2), "bottom"),
        ("WN", "weight\nnormalization", (10, 3), "top"),
    ):
        look = {"color": LINES[name]["color"], "weight": "bold", "linespacing": 1.0}
        ax.annotate(text, tuple(runs[name][-1]), shift, textcoords="offset points", va=va, **look)
    ax.annotate("start", tuple(runs["GD"][0]), (-8, 8), textcoords="offset points", ha="right")
    ax.annotate("minimum norm", tuple(problem.x_star), (-12, -20), textcoords="offset points", ha="right")
    ax.text(3.1, 3.75, "solutions of Ax = y", va="top", color="#555555")
    ax.grid(visible=False)
    ax.set(xlim=(-0.7, 5.3), ylim=(-0.7, 3.8))
    far, near = (np.linalg.norm(x[-1] - problem.x_star) for x in runs.values())
    return (
        f"From distance {g0:.2g} at {angle:.0f} degrees, gradient descent ends {far:.2f} from the minimum-norm "
        f"solution and WN {near:.2f}."
    )


# Of `draw_eight_flows`: colours, and ‖w⊥‖ at the start.
EIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#777777")
EIGHT_SHARE = 0.9


def draw_eight_flows(fig: "Figure", against: str, g0: float, c: float) -> str:
    """Draw ‖w⊥‖ along the flows of eight random problems of different size, from one g0 and one ‖w0⊥‖.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    against : {"time", "scale"}
        The horizontal axis.
    g0, c : float
        Starting scale and ratio of the two speeds.

    Returns
    -------
    str
        What the figure shows, with its numbers.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from wnlib.plots import draw_eight_flows
    >>> draw_eight_flows(Figure(), "scale", 0.6, 1.0)[:46]
    'Against the scale all eight lie on one curve. '
    """
    flows = _eight_flows(float(g0), float(c))
    ax = fig.subplots()
    ax.grid(False)
    for k, f in enumerate(flows):
        across = f.t if against == "time" else f.g
        ax.plot(across, f.kernel_share, color=EIGHT[k], linestyle="--" if k == 7 else "-")
        ax.plot(across[-1], f.kernel_share[-1], "o", color=EIGHT[k], mec="white", ms=8, zorder=4, clip_on=False)
    start = 0 if against == "time" else g0
    ax.plot(start, EIGHT_SHARE, "o", color="black", mfc="white", ms=10, zorder=5, clip_on=False)
    ax.set(ylabel="kernel part of the direction, ‖w⊥‖", ylim=(0, 1))
    if against == "time":
        ax.set(xlabel="time, t", xlim=(0, 8))
        seen = "The eight curves in time have little in common"
    else:
        # A run may change the sign of its scale; the curve is the same on both sides.
        ax.set(xlabel="scale, g", xlim=(min(0, 1.05 * min(f.g.min() for f in flows)), 3.1))
        seen = "Against the scale all eight lie on one curve"
    ends = [f.kernel_share[-1] for f in flows]
    return (
        f"{seen}. From scale {g0:.2g} with c = {c:.2g} the kernel part of the direction goes from {EIGHT_SHARE} "
        f"to between {min(ends):.2f} and {max(ends):.2f}."
    )


@lru_cache(maxsize=64)
def _eight_flows(g0, c):
    flows = []
    for k in range(8):
        problem = make_least_squares(1 + k % 4, 6 + k, cond=4, g_star=0.8 + 0.25 * k, seed=k)
        flows.append(flow(problem, g0, random_start(problem, EIGHT_SHARE, seed=k), c=c, t_max=8))
    return flows
