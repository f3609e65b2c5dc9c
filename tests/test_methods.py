import numpy as np
import pytest
from zoo import ZOO

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, TwoStage
from wnlib.methods import _at

SMALL = 1e-6


def loss_wn(problem, g, w):
    return problem.loss(g * w / np.linalg.norm(w))


def loss_rpgd(problem, g, w):
    return problem.loss(g * w)


def slopes(loss, problem, g, w):
    """Central differences of a loss in w and in g."""
    moves = SMALL * np.eye(w.size)
    in_w = [(loss(problem, g, w + e) - loss(problem, g, w - e)) / (2 * SMALL) for e in moves]
    return np.array(in_w), (loss(problem, g + SMALL, w) - loss(problem, g - SMALL, w)) / (2 * SMALL)


@pytest.mark.parametrize("name", ZOO)
def test_algorithm_1_descends_h(name):
    """A WN step is eta and gamma times the gradient of h, for any length of w (Algorithm 1, equation (2))."""
    problem, g, w = ZOO[name].problem, ZOO[name].g0, 1.7 * ZOO[name].w0
    eta, gamma = 0.3, 0.2
    g_next, w_next = WN(eta, gamma).step(problem, g, w)
    in_w, in_g = slopes(loss_wn, problem, g, w)
    scale = 1 + problem.lam_max * (1 + g**2)
    assert np.allclose((w - w_next) / eta, in_w, atol=1e-7 * scale)
    assert np.isclose((g - g_next) / gamma, in_g, atol=1e-7 * scale)
    assert abs(w @ (w - w_next)) < 1e-10 * scale
    assert np.linalg.norm(w_next) >= np.linalg.norm(w)


@pytest.mark.parametrize("name", ZOO)
def test_algorithm_2_descends_f_and_projects(name):
    """An rPGD step is the gradient step of f in (w, g), then w is divided by its length (Algorithm 2)."""
    animal = ZOO[name]
    w = animal.w0 / np.linalg.norm(animal.w0)
    eta, gamma = 0.3, 0.2
    g_next, w_next = RPGD(eta, gamma).step(animal.problem, animal.g0, w)
    in_w, in_g = slopes(loss_rpgd, animal.problem, animal.g0, w)
    v = w - eta * in_w
    assert np.allclose(w_next, v / np.linalg.norm(v), atol=1e-7)
    assert np.isclose((animal.g0 - g_next) / gamma, in_g, rtol=1e-7, atol=1e-7 * animal.problem.lam_max)


@pytest.mark.parametrize("name", ZOO)
def test_gd_moves_x(name):
    animal = ZOO[name]
    w = animal.w0 / np.linalg.norm(animal.w0)
    g, w_next = GD(0.1).step(animal.problem, animal.g0, w)
    assert np.allclose(g * w_next, animal.g0 * w - 0.1 * animal.problem.grad(animal.g0 * w))
    assert np.isclose(np.linalg.norm(w_next), 1)
    assert animal.g0 == 0 or np.sign(g) == np.sign(animal.g0)


def test_gd_at_the_origin_keeps_its_direction():
    problem = ZOO["usual"].problem
    w = ZOO["usual"].w0
    g, w_next = GD(0.0).step(problem, 0.0, w)
    assert g == 0 and np.array_equal(w_next, w)


@pytest.mark.parametrize("size", [1.0, 0.3, 4.0])
def test_wn_equals_rpgd_at_the_exact_factor(size):
    """WN turns w as rPGD does iff its step is ‖w‖² η / (1 − η g⟨u, ∇L⟩), while that bracket is positive."""
    problem, g, u = ZOO["usual"].problem, 1.5, ZOO["usual"].w0
    for eta in (1e-3, 0.1, 0.4):
        bracket = 1 - eta * g * (u @ problem.grad(g * u))
        assert bracket > 0
        g_wn, w_wn = WN(size**2 * eta / bracket, 0.1).step(problem, g, size * u)
        g_rpgd, w_rpgd = RPGD(eta, 0.1).step(problem, g, u)
        assert np.allclose(w_wn / np.linalg.norm(w_wn), w_rpgd, rtol=0, atol=1e-14)
        assert np.isclose(g_wn, g_rpgd, rtol=0, atol=1e-14)


def test_optimal_is_the_inverse_curvature():
    problem, g, w = ZOO["usual"].problem, 1.5, ZOO["usual"].w0
    _, optimal = RPGD(Optimal(), 0.0).step(problem, g, w)
    _, number = RPGD(1 / (g**2 * problem.lam_max), 0.0).step(problem, g, w)
    assert np.array_equal(optimal, number)
    _, optimal = WN(Optimal(), 0.0).step(problem, g, 3 * w)
    _, number = WN(9 / (g**2 * problem.lam_max), 0.0).step(problem, g, 3 * w)
    assert np.allclose(optimal, number, rtol=0, atol=1e-14)


def test_two_stage_switches_once():
    rule = TwoStage(first=0.5, second=0.1, switch=3)
    assert [_at(rule, t) for t in range(6)] == [0.5] * 3 + [0.1] * 3


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: GD(-0.1), ValueError, "eta must be at least 0; got -0.1"),
        (lambda: GD(np.nan), ValueError, "eta must be finite; got nan"),
        (lambda: GD(Optimal()), TypeError, "eta must be a real number"),
        (lambda: WN("0.1", 0.1), TypeError, r"a rule \(TwoStage or Optimal\); got '0.1'"),
        (lambda: WN(0.1, Optimal()), TypeError, r"gamma must be a number or a rule \(TwoStage\)"),
        (lambda: RPGD(0.1, -1), ValueError, "gamma must be at least 0; got -1"),
        (lambda: RPGD(np.inf, 1), ValueError, "eta must be finite"),
        (lambda: TwoStage(0.1, -0.1, 5), ValueError, "second must be at least 0"),
        (lambda: TwoStage(0.1, 0.1, 5.0), TypeError, "switch must be an integer"),
        (lambda: TwoStage(0.1, 0.1, -5), ValueError, "switch must be at least 0"),
    ],
)
def test_bad_step_sizes_get_a_sentence(make, error, sentence):
    with pytest.raises(error, match=sentence):
        make()


@pytest.mark.parametrize("method", [WN, RPGD])
def test_the_optimal_step_at_scale_zero_gets_a_sentence(method):
    with pytest.raises(ZeroDivisionError, match="at g = 0: start from g0 ≠ 0"):
        method(Optimal(), 0.1).step(LeastSquares([[1, 0]], [2]), 0.0, np.array([0.6, 0.8]))
