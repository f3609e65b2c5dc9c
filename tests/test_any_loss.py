"""The WN flow of a loss that is given by its gradient."""

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
    g, w = flow_of(animal.problem.grad, animal.g0, animal.w0, c=c, times=times)
    assert np.allclose(g, path.g, rtol=0, atol=1e-8) and np.allclose(w, path.w, rtol=0, atol=1e-8)


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

        g, w = flow_of(gradient, rng.uniform(0.5, 2), w0, c=c, times=np.linspace(0, 20, 41))
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
        ({"w0": [0, 0]}, ValueError, "must have a direction"),
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
    with pytest.raises((RuntimeError, ValueError), match=r"gave up|finite"):
        flow_of(lambda x: -(x**3), 1.0, [1.0], times=[0, 1])
