"""Random features and splits; what start and noise cost in prediction; the held scale, beside scikit-learn's ridge."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeCV

from wnlib import GD, RPGD, WN, LeastSquares, Optimal, make_least_squares, random_direction, solve
from wnlib.practice import (
    choose_ridge,
    choose_scale,
    draw_split,
    held_limit,
    noise_cost,
    random_features,
    unseen_cost,
)
from wnlib.problems import random_problems
from wnlib.theory import flow_limit

INPUTS = np.random.default_rng(0).standard_normal((60, 4))
TARGETS = np.sin(INPUTS[:, 0]) + INPUTS[:, 1]


def new_points(problem, rng):
    n = int(rng.integers(1, 8))
    return rng.standard_normal((n, problem.d)), rng.standard_normal(n)


def sphere(problem, w0):
    """Directions with the row part of w0 and the length of its kernel part, whose mean is that of all such directions.

    For quadratic functions the mean over a sphere is the mean over plus and minus an orthonormal basis.
    """
    basis = np.linalg.svd(problem.A)[2][problem.m :]
    return problem.parallel(w0) + np.linalg.norm(problem.perp(w0)) * np.vstack([basis, -basis])


def test_what_the_data_do_not_see():
    """R(x) is R(x∥) + C⊥‖x⊥‖² in the mean over directions, for each method at any step, and for the end of the flow."""
    rng = np.random.default_rng(1)
    for trial, (problem, w0) in enumerate(random_problems(500, seed=2, cond=50)):
        Phi, targets = new_points(problem, rng)
        starts, g0, ratio = sphere(problem, w0), rng.uniform(0.2, 3), rng.uniform(0.1, 3)
        if trial % 4 == 3:
            x = np.array([flow_limit(problem, g0, start, ratio) for start in starts])
        else:
            method = (GD(0.3), WN(0.05, 0.05 * ratio), RPGD(0.05, 0.05 * ratio))[trial % 4]
            x = solve(problem, method, g0, starts, tol=None, max_steps=int(rng.integers(1, 80))).x
        seen = problem.parallel(x)
        grown = np.mean((x @ Phi.T - targets) ** 2) - np.mean((seen @ Phi.T - targets) ** 2)
        predicted = unseen_cost(problem, Phi) * np.mean(np.sum(problem.perp(x) ** 2, axis=1))
        assert np.isclose(grown, predicted, rtol=1e-8, atol=1e-10)


def test_an_informed_start_breaks_the_law():
    """A kernel part that points at the targets lowers the error: the mean over both signs is needed."""
    problem = LeastSquares([[1, 0]], [1])
    Phi, targets = np.array([[1.0, 1.0]]), np.array([3.0])
    x = np.array([1.0, 2.0])
    assert np.mean((Phi @ x - targets) ** 2) < np.mean((Phi @ problem.x_star - targets) ** 2)
    assert unseen_cost(problem, Phi) > 0


def test_what_noise_costs():
    """In the mean over uncorrelated noise; exact over plus and minus √m times each unit vector."""
    rng = np.random.default_rng(3)
    for problem, _ in random_problems(500, seed=4, cond=50):
        Phi, targets = new_points(problem, rng)
        sigma, mu = rng.uniform(0.1, 2), float(rng.choice([0.0, rng.uniform(0.01, 3)]))

        def risk(y, A=problem.A, m=problem.m, mu=mu, Phi=Phi, targets=targets):
            x = A.T @ np.linalg.solve(A @ A.T + mu * np.eye(m), y)
            return np.mean((Phi @ x - targets) ** 2)

        noise = sigma * np.sqrt(problem.m) * np.vstack([np.eye(problem.m), -np.eye(problem.m)])
        grown = np.mean([risk(problem.y + e) for e in noise]) - risk(problem.y)
        assert np.isclose(grown, sigma**2 * noise_cost(problem, Phi, mu), rtol=1e-7, atol=1e-9)
        assert noise_cost(problem, Phi, mu + 0.1) < noise_cost(problem, Phi, mu)


def test_a_held_scale_is_ridge():
    """The end has the norm that is asked for, is scikit-learn's ridge solution of some μ, and falls in μ."""
    rng = np.random.default_rng(5)
    for trial in range(500):
        m = int(rng.integers(1, 8))
        problem = make_least_squares(m, m + int(rng.integers(1, 8)), cond=np.exp(rng.uniform(0, 10)), seed=trial)
        scales = np.sort(problem.g_star * rng.uniform(0.001, 0.999, 5))
        ends = held_limit(problem, scales)
        assert np.allclose(np.linalg.norm(ends, axis=1), scales, rtol=1e-12)
        force = -problem.grad(ends)
        mu = np.sum(force * ends, axis=1) / scales**2
        assert np.all(mu > 0) and np.all(np.diff(mu) < 0)
        off = np.linalg.norm(force - mu[:, None] * ends, axis=1)
        assert off.max() < 1e-12 * problem.lam_max * problem.g_star
        if trial < 20:
            ridge = Ridge(alpha=mu[2], fit_intercept=False, solver="svd").fit(problem.A, problem.y).coef_
            assert np.allclose(ridge, ends[2], rtol=0, atol=1e-10)
    assert np.allclose(held_limit(problem, problem.g_star), problem.x_star, rtol=1e-10)
    assert np.isclose(np.linalg.norm(held_limit(problem, 1e-130)), 1e-130, rtol=1e-9)


def test_runs_on_features_end_at_the_held_limit():
    for kind in ("Fourier", "ReLU"):
        problem = draw_split(INPUTS, TARGETS, 20, 80, kind=kind, length=0.5, noise=1.0, seed=1).problem
        scales = problem.g_star * np.array([0.02, 0.1, 0.3])
        w0 = random_direction(problem.d, seed=1)
        run = solve(problem, RPGD(Optimal(), 0.0), scales, w0, tol=None, max_steps=50_000)
        assert np.allclose(run.x, held_limit(problem, scales), rtol=0, atol=1e-9 * problem.g_star)


def test_ridge_is_chosen_as_scikit_learn_chooses_it():
    for seed in range(5):
        problem = draw_split(INPUTS, TARGETS, 25, 90, length=0.7, noise=0.5, seed=seed).problem
        grid = problem.lam_max * np.geomspace(1e-10, 100, 121)
        theirs = RidgeCV(alphas=grid, fit_intercept=False, gcv_mode="svd").fit(problem.A, problem.y)
        assert np.allclose(choose_ridge(problem), theirs.coef_, rtol=0, atol=1e-7 * problem.g_star)


def test_a_scale_chosen_on_noisy_labels_predicts_better_than_the_least_norm():
    better = []
    for seed in range(20):
        split = draw_split(INPUTS, TARGETS, 30, 100, length=0.7, noise=1.0, seed=seed)
        scale = choose_scale(split.problem)
        assert 0 < scale <= split.problem.g_star
        better.append(split.error(held_limit(split.problem, scale)) < split.error(split.problem.x_star))
    assert sum(better) >= 18


def test_fourier_features_make_a_gaussian_kernel():
    """Their inner products are exp(−‖z − z'‖²/2ℓ²) but for about √(2/d)."""
    z = INPUTS - INPUTS.mean(axis=0)
    z /= np.sqrt(np.mean(np.sum(z**2, axis=1)))
    squares = np.sum((z[:, None] - z) ** 2, axis=-1)
    for length in (0.5, 2.0):
        features = random_features(INPUTS, 20_000, length=length, seed=3)
        assert np.abs(features @ features.T - np.exp(-squares / (2 * length**2))).max() < 5 * np.sqrt(1 / 20_000)
    relu = random_features(3 * INPUTS + 5, 50, kind="ReLU", seed=3)
    assert relu.min() == 0 and np.allclose(relu, random_features(INPUTS, 50, kind="ReLU", seed=3))


def test_a_split_keeps_its_rows_and_puts_noise_on_training_targets_only():
    clean, noisy = (draw_split(INPUTS, TARGETS, 20, 50, noise=noise, seed=2) for noise in (0, 2))
    assert np.array_equal(clean.problem.A, noisy.problem.A) and np.array_equal(clean.targets, noisy.targets)
    assert 1 < np.std(noisy.problem.y - clean.problem.y) < 3
    wider = draw_split(INPUTS, TARGETS, 20, 70, kind="ReLU", seed=2)
    assert np.array_equal(wider.targets, clean.targets)
    every = np.concatenate([clean.problem.y, clean.targets])
    assert abs(every.mean()) < 1e-12 and abs(every.std() - 1) < 1e-12
    assert clean.features.shape == (40, 50)
    both = clean.error([clean.problem.x_star, np.zeros(50)])
    assert np.allclose(both, [clean.error(clean.problem.x_star), np.mean(clean.targets**2)], rtol=1e-12)


PLANE = LeastSquares([[1, 0]], [1])


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: random_features(INPUTS, 5, kind="fourier"), ValueError, "kind must be one of 'Fourier', 'ReLU'"),
        (lambda: random_features(np.ones((4, 2)), 5), ValueError, "must not all be the same"),
        (lambda: random_features(INPUTS, 5, length=0), ValueError, "length"),
        (lambda: draw_split(INPUTS, TARGETS, 60, 90), ValueError, "below the number of inputs.*60 of 60"),
        (lambda: draw_split(INPUTS, np.ones(60), 6, 9), ValueError, "targets must not all be the same"),
        (lambda: draw_split(INPUTS, TARGETS[:-1], 6, 9), ValueError, "targets"),
        (lambda: draw_split(INPUTS, TARGETS, 20, 20), ValueError, "more unknowns than equations"),
        (lambda: unseen_cost(PLANE, [[1, 2, 3]]), ValueError, "features"),
        (lambda: noise_cost(PLANE, [[1, 2]], -1), ValueError, "mu"),
        (lambda: held_limit(PLANE, 1.5), ValueError, r"at most g\* = 1, where .*; got 1.5 to 1.5"),
        (lambda: held_limit(PLANE, 0), ValueError, "positive"),
        (lambda: choose_scale(PLANE), ValueError, "folds"),
        (lambda: choose_ridge(3), TypeError, "LeastSquares"),
    ],
)
def test_bad_input_gets_a_sentence(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
