"""The page on frameworks: its statements on random instances, its optimizers beside PyTorch's, its stored numbers anew.

Where PyTorch is installed (the extra `bench`, or its CPU build alone) parts of the stored numbers are computed again.
"""

import json
import re

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import linprog, minimize

from benchmarks import frameworks
from wnlib import GD, WN, LeastSquares, make_least_squares, random_direction, solve
from wnlib.frameworks import stored_runs
from wnlib.practice import held_limit
from wnlib.problems import random_problems
from wnlib.theory import flow_limit

STORED = stored_runs()


@pytest.fixture(scope="module")
def optimizer():
    """The class that the page defines for its readers."""
    cells = json.loads(frameworks.PAGE.read_text(encoding="utf-8"))["cells"]
    (source,) = [s for s in ("".join(cell["source"]) for cell in cells) if s.startswith("class Optimizer:")]
    names = {"np": np}
    exec(source, names)
    return names["Optimizer"]


def level(problem, g, v, c):
    return np.log(np.linalg.norm(problem.perp(v)) / np.linalg.norm(v)) + g**2 / (2 * c)


# Statements


def test_the_ratio_is_exact_step_for_step():
    rng = np.random.default_rng(10)
    for problem, w0 in random_problems(100, seed=11):
        length, g0 = rng.uniform(0.2, 4), rng.uniform(-2, 2)
        eta, gamma = rng.uniform(0.01, 0.1, 2) / problem.lam_max
        sgd, unit = WN(eta * length**2, gamma), WN(eta, gamma)
        g, v, h, w = g0, length * w0, g0, w0
        for t in range(100):
            (g, v), (h, w) = sgd.step(problem, g, v, t), unit.step(problem, h, w, t)
            assert abs(g - h) < 1e-10 and np.abs(v / length - w).max() < 1e-10


def test_the_level_with_decay():
    """Along flows whose rates and gradients change in time, with decay on g, on v, on both and on none."""
    rng = np.random.default_rng(20)
    for trial in range(200):
        problem = make_least_squares(
            m := int(rng.integers(1, 5)), d := m + int(rng.integers(1, 5)), g_star=1.0, seed=trial
        )
        delta_g, delta_v = rng.uniform(0.1, 1, 2) * [trial % 2, trial // 2 % 2]
        pace, phase = rng.uniform(0.3, 3, 2), rng.uniform(0, 6, 2)
        push = rng.standard_normal((2, m))

        def rates(t, pace=pace, phase=phase):
            return 1.3 + np.sin(pace * t + phase)

        def change(t, z, problem=problem, push=push, delta_g=delta_g, delta_v=delta_v, rates=rates):
            g, v = z[0], z[2:]
            (a, b), size = rates(t), np.linalg.norm(v)
            u = v / size
            G = problem.A.T @ (np.tanh(problem.A @ (g * u) - problem.y) + push[0] * np.cos(t) + push[1] * np.sin(2 * t))
            slope = u @ G
            rate_g, rate_v = -a * (slope + delta_g * g), -b * (g / size * (G - slope * u) + delta_v * v)
            ratio = size**2 * a / b
            return np.concatenate([[rate_g, -(g * rate_g + a * delta_g * g**2) / ratio], rate_v])

        v0 = rng.uniform(0.7, 2) * random_direction(d, seed=trial)
        start = np.concatenate([[rng.uniform(-1, 1), 0.0], v0])
        end = solve_ivp(change, (0, 1), start, method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
        shares = [np.linalg.norm(problem.perp(v)) / np.linalg.norm(v) for v in (v0, end[2:])]
        assert abs(shares[1] - shares[0] * np.exp(end[1])) < 1e-7
        before, after = problem.perp(v0) / np.linalg.norm(problem.perp(v0)), problem.perp(end[2:])
        assert np.linalg.norm(after - before * (before @ after)) < 1e-9 * np.linalg.norm(v0)
        spent = (1.3 - (np.cos(pace[1] + phase[1]) - np.cos(phase[1])) / pace[1]) * delta_v
        assert abs(np.log(np.linalg.norm(end[2:]) / np.linalg.norm(v0)) + spent) < 1e-6


def test_decay_on_both_goes_to_ridge_and_jumps_away(optimizer):
    rng = np.random.default_rng(60)
    for trial in range(20):
        problem = make_least_squares(
            m := int(rng.integers(3, 25)),
            d := m + int(rng.integers(5, 60)),
            cond=rng.uniform(1, 8),
            g_star=rng.uniform(0.3, 2),
            seed=600 + trial,
        )
        v, lr, decay = (
            rng.uniform(-1, 1, d) / np.sqrt(d),
            rng.uniform(0.03, 0.3) / problem.lam_max,
            rng.uniform(0.02, 0.1),
        )
        method, steps = optimizer(lr, decay=(decay, decay)), int(40 / (lr * decay))
        path = solve(problem, method, np.linalg.norm(v), v, tol=None, max_steps=steps, record_every=1).path
        ridge = np.linalg.solve(problem.A.T @ problem.A + decay * np.eye(d), problem.A.T @ problem.y)
        distance = np.linalg.norm(path.x - ridge, axis=1) / problem.g_star
        closest = distance.argmin()
        assert distance[closest] < 1e-3 and distance[closest:].max() > 0.03


def test_a_start_that_is_too_long_gains_a_tenth_at_best_and_loses_at_a_slow_scale():
    problem, g0 = LeastSquares([[1, 0]], [0.3]), 3**-0.5
    left = [problem.perp(flow_limit(problem, g0, [0.6, 0.8], ratio / 3))[1] / (0.8 * g0) for ratio in (0.01, 0.1, 10)]
    assert left[0] > 1.05 and left[1] > 1 and 0.88 < left[2] < 0.92


def test_momentum_hurries_the_drift(optimizer):
    rng = np.random.default_rng(30)

    def rate(problem, g0, w0, c, steps, beta):
        h = 4 / steps
        method = optimizer((1 - beta) * h / problem.lam_max, ratio=c, momentum=beta)
        run = solve(problem, method, g0, w0, tol=None, max_steps=steps)
        return (level(problem, run.g, run.w, c) - level(problem, g0, w0, c)) / h

    def to_zero_step(*args, steps, beta):
        one, half, quarter = (rate(*args, count, beta) for count in (steps, 2 * steps, 4 * steps))
        return (8 * quarter - 6 * half + one) / 3

    for trial in range(20):
        problem = make_least_squares(2, 5, cond=3, g_star=rng.uniform(0.7, 1.5), seed=300 + trial)
        args = problem, rng.uniform(0.4, 1.2), random_direction(5, seed=300 + trial), rng.uniform(0.3, 3)
        beta = rng.uniform(0.1, 0.8)
        growth = (1 + beta) / (1 - beta)
        plain = growth * to_zero_step(*args, steps=80, beta=0.0)
        heavy = to_zero_step(*args, steps=round(80 * growth), beta=beta)
        assert abs(heavy - plain) < 1e-3 * max(1, abs(plain))


def test_adam_on_one_equation():
    """Where it ends, and that from zeros no solution has a smaller largest entry, by a linear program."""
    rng = np.random.default_rng(40)
    for trial in range(50):
        d = int(rng.integers(2, 8))
        a, y = rng.uniform(0.2, 2, d) * rng.choice([-1, 1], d), rng.uniform(-2, 2)
        x0 = rng.standard_normal(d) * (trial % 2)
        x, mean, square = x0, np.zeros(d), np.zeros(d)
        for t in range(1, 20_000):
            G = a * (a @ x - y)
            mean, square = 0.9 * mean + 0.1 * G, 0.999 * square + 0.001 * G**2
            root = np.sqrt(square / (1 - 0.999**t))
            if abs(a @ x - y) < 1e-10:
                break
            x = x - 0.01 * mean / (1 - 0.9**t) / root
        assert abs(a @ x - y) < 1e-10
        assert np.abs(x - x0 - np.sign(a) * (y - a @ x0) / np.abs(a).sum()).max() < 1e-9
        if not x0.any():
            bounds, ones = [(None, None)] * d + [(0, None)], -np.ones((2 * d, 1))
            signs = np.hstack([np.vstack([np.eye(d), -np.eye(d)]), ones])
            equation = np.append(a, 0)[None]
            least = linprog([*np.zeros(d), 1], A_ub=signs, b_ub=np.zeros(2 * d), A_eq=equation, b_eq=[y], bounds=bounds)
            assert abs(least.fun - np.abs(x).max()) < 1e-9


def test_a_held_scale_forgets_whatever_moves_the_direction():
    """Minima that BFGS finds; and no minimum of the loss is above that of the ridge solution."""
    rng = np.random.default_rng(50)
    for problem, v0 in random_problems(200, seed=51, cond=5):
        g = rng.uniform(0.1, 0.95) * problem.g_star

        def held(v, problem=problem, g=g):
            size = np.linalg.norm(v)
            G = problem.grad(g * v / size)
            # The loss does not see the length of v. A term for it keeps the gradient from fading as v grows.
            loss = problem.loss(g * v / size) + (size**2 - 1) ** 2 / 4
            return loss, g / size * (G - (v @ G) * v / size**2) + (size**2 - 1) * v

        found = minimize(held, v0, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 10_000})
        x = g * found.x / np.linalg.norm(found.x)
        # BFGS stops at a gradient of 1e-9, or where rounding ends its line search.
        assert np.linalg.norm(problem.perp(x)) < 1e-5 and np.linalg.norm(x - held_limit(problem, g)) < 1e-5
        assert found.fun > 0
        end = solve(problem, GD(1 / problem.lam_max), g, x / g, tol=1e-26)
        assert np.linalg.norm(problem.parallel(end.x) - problem.x_star) < 1e-10
        assert np.linalg.norm(problem.perp(end.x) - problem.perp(x)) < 1e-12


# The optimizers of the page beside PyTorch's, and what is stored


def test_the_page_takes_the_steps_of_pytorch(optimizer):
    problem, v0 = frameworks.example()
    g0 = np.linalg.norm(v0)
    assert set(STORED["optimizers"]) == set(frameworks.OPTIMIZERS)
    for name, stored in STORED["optimizers"].items():
        method = optimizer(**stored["options"], adam=stored["name"] == "Adam")
        run = solve(problem, method, g0, v0, tol=None, max_steps=frameworks.STEPS)
        share = np.linalg.norm(problem.perp(run.x)) / problem.g_star
        mine = [run.g, np.linalg.norm(run.w), *run.w[:2], share]
        assert np.allclose(mine, stored["end"], rtol=0, atol=1e-9), name
        # Were the setting without effect, the comparison would say nothing.
        plain = solve(problem, optimizer(stored["options"]["lr"]), g0, v0, tol=None, max_steps=frameworks.STEPS)
        assert name == "SGD" or abs(plain.g - run.g) + np.abs(plain.w - run.w).max() > 1e-3


def test_adam_from_three_starts():
    for rows in STORED["adam"].values():
        zeros, _, default, _, tenth, *_ = np.transpose(rows)
        assert len(rows) == 10 and zeros.min() > 0.4 and default.min() > 0.4 and tenth.max() < 0.02


@pytest.mark.parametrize("wrong", [0.0, 0.2])
def test_a_last_layer_computed_again(wrong):
    pytest.importorskip("sklearn")
    for name, seeds in (("seen", frameworks.SPLITS), ("aside", frameworks.ASIDE)):
        again = frameworks.last_layer_split(seeds[3], wrong)
        stored = STORED["last_layer"][f"{wrong:.0%} wrong"][name][3]
        # One of some thousand test rows may tip over by rounding.
        assert all(abs(again[key] - stored[key]) < 0.002 for key in stored) and again.keys() == stored.keys()


def test_unknown_parts_are_refused():
    with pytest.raises(SystemExit, match="There is no part lenghts; choose from lengths"):
        frameworks.main(["lenghts"])


# Where PyTorch is installed


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: pip install --editable '.[bench]'")


def test_pytorch_steps_are_those_stored(torch, tmp_path, monkeypatch):
    monkeypatch.setattr(frameworks, "STORED", tmp_path / "again.json")
    frameworks.main(["optimizers", "lengths"])
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["torch"] == torch.__version__.partition("+")[0]
    for name, stored in STORED["optimizers"].items():
        assert np.allclose(again["optimizers"][name]["end"], stored["end"], rtol=0, atol=1e-9), name
    for width, stored in STORED["lengths"].items():
        assert np.allclose(again["lengths"][width], stored, rtol=0.1)


def test_pytorch_ends_at_the_limit_of_the_flow(torch, monkeypatch):
    """One layer of its own making, at a step five times as long as the stored runs have."""
    problem = frameworks.gaussian(20, 60, 7)
    torch.manual_seed(7)
    layer, g, v = frameworks.layer_of(60)
    g0, v0 = g.item(), v.detach().numpy()[0].copy()
    frameworks.train(problem, layer, (g, v), "SGD", 50_000, lr=0.01 / problem.lam_max, tol=1e-10)
    limit = frameworks.flow_limit(problem, g0, v0, 1.0)
    error = abs(frameworks.share(problem, frameworks.weight(layer)) - frameworks.share(problem, limit))
    assert error < 2e-3 < abs(frameworks.share(problem, limit) - frameworks.share(problem, v0))


def test_the_printed_recipe_runs(torch):
    code = frameworks.printed_recipe()
    assert len(code.splitlines()) <= 22 and re.search(r"mul_\(0\.1\)", code)
    assert frameworks.recipe_end(20, 50, 99, code) < 1e-12


def test_pytorch_divides_by_the_length_itself(torch):
    layer = torch.nn.Linear(3, 1, bias=False)
    torch.nn.init.zeros_(layer.weight)
    assert torch.isnan(torch.nn.utils.parametrizations.weight_norm(layer).weight).all()


def test_adam_of_pytorch_computed_again(torch):
    pytest.importorskip("sklearn")
    assert np.allclose(frameworks.adam_split(0), STORED["adam"]["seen"][0], atol=0.02)


def test_a_problem_may_be_given_to_pytorch_in_batches(torch):
    """A batch's gradient is scaled so that its mean over all batches is the whole gradient."""
    problem, v0 = LeastSquares(np.eye(2, 3), [1.0, 2.0]), np.array([0.5, 0.5, 0.5])
    layer, _, v = frameworks.layer_of(3, v0)
    frameworks.train(problem, layer, (v,), "SGD", 1, lr=0.0, batch=1)
    size = np.linalg.norm(v0)
    rows = np.random.default_rng(0).choice(2, 1, replace=False)
    A, y = np.asarray(problem.A)[rows], np.asarray(problem.y)[rows]
    G = 2 * A.T @ (A @ v0 - y)
    assert np.allclose(v.grad.numpy()[0], G - v0 * (v0 @ G) / size**2)
