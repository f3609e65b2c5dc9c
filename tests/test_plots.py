import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from wnlib import GD, WN, LeastSquares, experiments, make_least_squares, plots, solve


def test_methods_differ_in_colour_dash_and_marker():
    looks = list(plots.LINES.values())
    assert len(looks) == 5
    for key in ("color", "marker"):
        assert len({look[key] for look in looks}) == len(looks)
    assert len({str(look["linestyle"]) for look in looks}) == len(looks)


@pytest.mark.parametrize("background", ["#ffffff", "#000000"])
def test_colours_have_contrast_on_white_and_on_black(background):
    """WCAG asks 3:1 for graphics; dark pages invert the lightness of figures, so white is what counts most."""

    def luminance(color):
        c = np.array(to_rgb(color))
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    for look in plots.LINES.values():
        pair = sorted([luminance(look["color"]), luminance(background)])
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 3


def test_plot_norms_draws_the_data():
    sweep = experiments.figure1(seeds=[0, 1], g0=[0.5, 1.0, 2.0])
    ax = plots.plot_norms(sweep, Figure().subplots())
    drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
    for name, values in sweep.norm.items():
        assert np.array_equal(drawn[name], values.mean(axis=0))
    assert np.all(np.asarray(drawn["minimum norm"]) == sweep.g_star)
    ax = plots.plot_norms(sweep, Figure().subplots(), quantity="kernel_norm")
    assert "minimum norm" not in [line.get_label() for line in ax.lines]


def test_plot_norms_leaves_out_what_did_not_converge_and_takes_any_name():
    methods = {"slow": WN(0.01, 0.01), "WN": WN(0.1, 0.1)}
    sweep = experiments.norm_sweep(methods, [0, 1], g0=[0.5, 2.0, 4.0], max_steps=300)
    lines = {line.get_label(): line.get_ydata() for line in plots.plot_norms(sweep, Figure().subplots()).lines}
    for name in sweep.norm:
        assert np.array_equal(np.isnan(lines[name]), ~sweep.converged[name].all(axis=0))
    assert np.isnan(lines["slow"]).any() and not np.isnan(lines["WN"]).all()


def test_plot_norms_over_the_condition_number():
    sweep = experiments.figure4("top", seeds=[0, 1], cond=[1.0, 10.0])
    ax = plots.plot_norms(sweep, Figure().subplots(), quantity="distance")
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "condition number of AAᵀ, κ")
    drawn = {line.get_label(): line for line in ax.lines}
    for name, values in sweep.distance.items():
        assert np.array_equal(drawn[name].get_xdata(), [1.0, 10.0])
        assert np.array_equal(drawn[name].get_ydata(), values.mean(axis=0))
    assert ax.get_ylabel() == "distance from the minimum, ‖x − x*‖"


def test_plot_recoveries_draws_what_converged():
    """Each seed in units of its own ν*; a run that did not converge is a gap."""
    size = {"d": 6, "r": 1, "m": 8}
    sweep = experiments.figure5("left", [0, 1], alpha=[0.1, 5.0, 8.0], eta={"WN": 2**-9}, max_steps=2000, **size)
    done = sweep.converged["WN"]
    assert done.any() and not done.all()
    ax = plots.plot_recoveries(sweep, Figure().subplots())
    for k in range(2):
        least = sweep.min_nuclear_norm[k]
        assert np.allclose(ax.lines[k].get_xdata(), sweep.alpha / np.sqrt(least))
        expected = np.where(done[k], sweep.nuclear_norm["WN"][k] / least, np.nan)
        assert np.allclose(ax.lines[k].get_ydata(), expected, equal_nan=True)
    x, y = ax.lines[2].get_data()
    assert np.allclose(y, np.maximum(1, x**2)) and y.min() == 1 < y.max()


def test_plot_plane_draws_solutions_and_minimum():
    problem = LeastSquares([[3, 4]], [10])
    run = solve(problem, GD(0.01), 1.0, [1.0, 0.0], record_every=1)
    ax = plots.plot_paths({"GD": run.path.x}, plots.plot_plane(problem, Figure().subplots(), radius=4))
    lines = {line.get_label(): np.column_stack(line.get_data()) for line in ax.lines}
    assert np.allclose(lines["solutions, Ax = y"] @ problem.A[0], 10)
    assert np.allclose(lines["minimum norm, x*"], [[1.2, 1.6]])
    assert np.array_equal(lines["GD"], run.path.x)
    assert np.array_equal(lines["start"], run.path.x[:1])


def test_plot_plane_needs_a_plane():
    with pytest.raises(ValueError, match="m = 1, d = 2; got m = 2, d = 5"):
        plots.plot_plane(make_least_squares(2, 5), Figure().subplots(), radius=1)


@pytest.mark.parametrize(("g0", "c"), [(0.6, 1.0), (1.4, 0.25)])
def test_eight_flows_share_their_curve_against_the_scale_and_not_in_time(g0, c):
    for against, lowest in (("scale", 0.0), ("time", 0.05)):
        ax = Figure().subplots()
        plots.draw_eight_flows(ax.figure, against, g0, c)
        curves = [line.get_data() for line in ax.figure.axes[-1].lines if len(line.get_xdata()) > 1]
        assert len(curves) == 8
        if against == "scale":
            levels = np.concatenate([np.log(share) + g**2 / (2 * c) for g, share in curves])
            assert np.ptp(levels) < 1e-7
        else:
            at_one = [np.interp(1.0, t, share) for t, share in curves]
            assert np.ptp(at_one) > lowest


def test_points_of_figure_2_share_a_label_only_where_they_coincide_to_the_eye():
    """Angles run to 96 degrees and scales to 3.6: what is close across is far up."""
    routes = experiments.figure2(1.2, 60.0)
    ax = Figure().subplots()
    ax.set(xlim=(-4, 96), ylim=(0, 3.6))

    def place(x):
        return np.column_stack([np.rad2deg(np.arctan2(x[:, 1], x[:, 0])), np.linalg.norm(x, axis=1)])

    plots.plot_routes(routes, ax, place=place)
    assert [text.get_text() for text in ax.texts] == ["a", "b", "x*", "d", "e"]
