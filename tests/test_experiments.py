import numpy as np
import pytest

from wnlib import experiments


@pytest.fixture(scope="module")
def sweep():
    return experiments.figure1(g0=[0.0, 1.5, 3.0, 5.0])


def test_figure_1_claims(sweep):
    """What Figure 1 shows, at κ = 1 and equal steps 0.005, over ten seeds."""
    assert all(c.all() for c in sweep.converged.values())
    floor = sweep.g_star - np.sqrt(2e-5)  # a loss of 1e-5 leaves the norm at most this far below g*
    assert all((norm >= floor - 1e-9).all() for norm in sweep.norm.values())
    gd, wn, rpgd = (sweep.norm[name].mean(axis=0) for name in ("GD", "WN", "rPGD"))
    assert np.allclose([gd[0], wn[0], rpgd[0]], floor, atol=2e-3)
    assert np.all(gd[1:3] - wn[1:3] > 0.2)
    assert np.abs(wn - rpgd).max() < 0.01
    assert np.all(sweep.norm["WN"].std(axis=0)[1:] < sweep.norm["GD"].std(axis=0)[1:] / 4)


def test_figure_1_matches_an_independent_run(sweep):
    """Means over ten seeds of another implementation's draws, each within three standard errors."""
    expected = {"GD": [3.231, 3.851, 5.021], "WN": [2.997, 3.241, 4.996], "rPGD": [2.997, 3.237, 4.996]}
    for name, means in expected.items():
        ours = sweep.norm[name][:, 1:]
        error = ours.std(axis=0, ddof=1) * np.sqrt(2 / 10)
        assert np.all(np.abs(ours.mean(axis=0) - means) <= 3 * error + 0.0005), name


def test_figure_1_gd_has_a_formula(sweep):
    """GD ends at distance ‖x0⊥‖ from the minimum-norm solution, up to the tolerance."""
    kernel_part = np.sqrt(np.maximum(sweep.norm["GD"] ** 2 - sweep.g_star**2, 0))
    assert np.allclose(kernel_part[:, 1:], sweep.perp_norm["GD"][:, 1:], atol=0.02)
    ratio = sweep.perp_norm["GD"][:, 1:] / sweep.g0[1:]
    assert np.allclose(ratio, ratio[:, :1], rtol=1e-9)


def test_seeds_are_the_rows(sweep):
    alone = experiments.figure1(seeds=[4], g0=sweep.g0)
    for name in alone.norm:
        assert np.array_equal(alone.norm[name][0], sweep.norm[name][4])
