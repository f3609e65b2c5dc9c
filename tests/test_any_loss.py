"""The WN flow of a loss that is given by its gradient."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit
from zoo import ZOO

from wnlib import flow, flow_of, random_direction


@pytest.mark.parametrize("name", sorted(set(ZOO) - {"ill-conditioned"}))
@pytest.mark.parametrize("c", [0.0, 0.3, 5.0])
def test_on_least_squares_it_is_the_flow(name, c):
    animal, times = ZOO[name], np.linspace(0, 4, 9)
    path = flow(animal.problem, animal.g0, animal.w0, c=c, t_max=4, times=times)
    other = flow_of(animal.problem.grad, animal.g0, animal.w0, c=c, times=times, loss=animal.problem.loss)
    assert other.converged and np.array_equal(other.t, times)
    for name in ("g", "w", "x", "loss"):
        assert np.allclose(getattr(other, name), getattr(path, name), rtol=1e-7, atol=1e-8), name


def test_theorem_d_2_on_logistic_loss():
    """With more weights than the data can see, the corrected quantity is conserved; the printed one is not."""
    drift = {"corrected": [], "printed": []}
    d, rank, points = 7, 3, 30
    for seed in range(20):
        rng = np.random.default_rng(seed)
        plane = np.linalg.qr(rng.standard_normal((d, rank)))[0]
        features = rng.standard_normal((points, rank)) @ plane.T
        c, length = rng.choice([0.3, 3.0]), rng.uniform(0.5, 2)
        w0 = length * random_direction(d, seed=seed)

        def gradient(x, features=features):
            return -features.T @ expit(-features @ x) / points

        path = flow_of(gradient, rng.uniform(0.5, 2), w0, c=c, times=np.linspace(0, 20, 41))
        g, w = path.g, path.w
        unseen = w - w @ plane @ plane.T
        for name, constant in (("corrected", c), ("printed", 1.0)):
            kept = unseen * np.exp((g**2 - g[0] ** 2) / (2 * constant * length**2))[:, None]
            drift[name].append(np.abs(kept - unseen[0]).max())
        assert np.abs(np.linalg.norm(w, axis=1) - length).max() < 1e-8
    assert max(drift["corrected"]) < 1e-8 and np.median(drift["printed"]) > 1e-2


def test_what_is_wrong_is_said_in_a_sentence():
    right = {"gradient": lambda x: x, "g0": 1.0, "w0": [0, 1], "times": [0, 1]}
    for wrong, error, words in (
        ({"gradient": 3}, TypeError, "function of x"),
        ({"gradient": lambda x: x[:1]}, ValueError, r"shape \(2,\); got \(1,\)"),
        ({"gradient": lambda x: x * np.nan}, ValueError, "2 of its 2 entries"),
        ({"w0": [0, 0]}, ValueError, "must not be zero"),
        ({"times": [0]}, ValueError, "above 0"),
        ({"times": [-1, 1]}, ValueError, "increase"),
        ({"times": [1, 1]}, ValueError, "increase"),
        ({"c": -1}, ValueError, "at least 0"),
        ({"rtol": 1e-15}, ValueError, "at least"),
    ):
        with pytest.raises(error, match=words):
            flow_of(**{**right, **wrong})


@pytest.mark.filterwarnings("ignore")
def test_a_flow_that_explodes_ends_in_a_sentence():
    """L = −x⁴/4 in one dimension: g' = g³ is infinite at t = 1/2 from g = 1."""
    with pytest.raises(ValueError, match="what gradient returns must be finite"):
        flow_of(lambda x: -(x**3), 1.0, [1.0], times=[0, 1])


def test_a_warning_of_the_gradient_is_seen_and_none_of_the_integrator():
    """A warning would be an error here."""

    def noise(x):
        return 1e3 * np.random.default_rng(x.view("u8")).standard_normal(2)

    assert "gave up before t = 1: Unexpected" in flow_of(noise, 1.0, [0.6, 0.8], times=[0, 1]).message
    with pytest.warns(RuntimeWarning, match="overflow encountered in exp"):
        flow_of(lambda x: x / (1 + np.exp(800 - x)), 1.0, [0.6, 0.8], times=[0, 1])


def test_an_integrator_that_gives_up_says_so_and_keeps_what_it_has(monkeypatch):
    def half_way(rates, span, start, method, times, **accuracy):
        return SimpleNamespace(t=times[:2], y=np.array([start, start]).T, success=False, message="No step is short.")

    monkeypatch.setattr("scipy.integrate.solve_ivp", half_way)
    path = flow_of(lambda x: x, 1.0, [0.6, 0.8], times=[0, 0.25, 1])
    assert not path.converged and "gave up before t = 1: No step is short. Take earlier times" in path.message
    assert path.t.tolist() == [0, 0.25] and path.x.shape == (2, 2)


def test_the_loss_is_there_if_its_function_was_given():
    with pytest.raises(ValueError, match="give it loss=…"):
        _ = flow_of(lambda x: x, 1.0, [0, 1], times=[0, 1]).loss
    path = flow_of(lambda x: x, 1.0, [0, 1], times=[0, 1], loss=lambda x: "none")
    with pytest.raises(TypeError, match="what loss returns must be a real number"):
        _ = path.loss


@pytest.mark.parametrize(
    ("gradient", "g0"),
    [
        (lambda x: np.sign(x - 0.7) * 1e5, 0.5),  # jumps
        (lambda x: 1e200 * x, 0.5),
    ],
)
def test_a_flow_whose_steps_shrink_without_an_end_gives_up(gradient, g0, monkeypatch):
    monkeypatch.setattr("wnlib.flows.MOST_GRADIENTS", 20_000)
    path = flow_of(gradient, g0, [1.0, 0.5], times=[0, 1])
    assert not path.converged and path.message.startswith("The integrator gave up before t = 1: ")
    assert path.message.endswith("Take earlier times, or raise rtol and atol.") and path.g[0] == g0
