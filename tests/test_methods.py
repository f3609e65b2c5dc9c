import numpy as np
import pytest
from zoo import ZOO

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, Piecewise
from wnlib.methods import TimesNorm, step_size

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


def test_pieces_switch_where_they_say():
    rule = Piecewise([0.5, 0.1, 0.2], [3, 5])
    assert [step_size(rule, t) for t in range(7)] == [0.5] * 3 + [0.1] * 2 + [0.2] * 2
    assert [Piecewise([0, 1, 2], [1, 1])(t) for t in range(3)] == [0, 2, 2]
    assert Piecewise(np.array([0.1]), [])(10**9) == 0.1


def test_rules_take_powers_of_the_length_of_w():
    problem, w = ZOO["usual"].problem, 3 * ZOO["usual"].w0
    for power in (0, 1, 2):
        _, rule = WN(Optimal(power), 0.0).step(problem, 1.5, w)
        _, number = WN(3**power / (1.5**2 * problem.lam_max), 0.0).step(problem, 1.5, w)
        assert np.allclose(rule, number, rtol=0, atol=1e-14)
        g, rule = WN(TimesNorm(0.1, power), TimesNorm(0.2, power)).step(problem, 1.5, w)
        g_number, number = WN(0.1 * 3**power, 0.2 * 3**power).step(problem, 1.5, w)
        assert np.allclose(rule, number, rtol=0, atol=1e-14) and np.isclose(g, g_number, rtol=1e-14)


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: GD(-0.1), ValueError, "eta must be at least 0; got -0.1"),
        (lambda: GD(np.nan), ValueError, "eta must be finite; got nan"),
        (lambda: GD(Optimal()), TypeError, r"eta must be a number or a rule \(Piecewise\)"),
        (lambda: WN("0.1", 0.1), TypeError, r"a rule \(Piecewise or TimesNorm or Optimal\); got '0.1'"),
        (lambda: WN(0.1, Optimal()), TypeError, r"gamma must be a number or a rule \(Piecewise or TimesNorm\)"),
        (lambda: RPGD(TimesNorm(0.1), 0.1), TypeError, r"eta must be a number or a rule \(Piecewise or Optimal\)"),
        (lambda: Optimal(3), ValueError, "power must be at most 2; got 3"),
        (lambda: TimesNorm(-1), ValueError, "value must be at least 0"),
        (lambda: RPGD(0.1, -1), ValueError, "gamma must be at least 0; got -1"),
        (lambda: RPGD(np.inf, 1), ValueError, "eta must be finite"),
        (lambda: Piecewise([0.1, -0.1], [5]), ValueError, "values of Piecewise must be at least 0; got -0.1"),
        (
            lambda: Piecewise([0.1, 0.2], []),
            ValueError,
            "needs a switch between two values; got 2 values and 0 switches",
        ),
        (lambda: Piecewise([0.1, 0.2, 0.3], [5, 3]), ValueError, r"switches of Piecewise must increase; got \[5, 3\]"),
        (lambda: Piecewise(0.1, []), ValueError, r"values must have shape \(k,\)"),
        (lambda: Piecewise([0.1, 0.1], [5.0]), TypeError, "each of switches must be an integer"),
        (lambda: Piecewise([0.1, 0.1], [-5]), ValueError, "each of switches must be at least 0"),
    ],
)
def test_bad_step_sizes_get_a_sentence(make, error, sentence):
    with pytest.raises(error, match=sentence):
        make()


@pytest.mark.parametrize("method", [WN, RPGD])
def test_the_optimal_step_at_scale_zero_gets_a_sentence(method):
    with pytest.raises(ZeroDivisionError, match="at g = 0: start from g0 ≠ 0"):
        method(Optimal(), 0.1).step(LeastSquares([[1, 0]], [2]), 0.0, np.array([0.6, 0.8]))
