"""Section 2 and Appendix C against plain integrations: each closed form, each bound, each printed slip.

Bounds have one form of test: (observed, claimed) on random instances, and how near they come where tight.
"""

import math
from functools import cache

import mpmath
import numpy as np
import pytest
from instances import PLANE, instance
from scipy.integrate import solve_ivp

from wnlib import GD, LeastSquares, flow, make_least_squares, random_direction, solve, theory
from wnlib.theory import (
    break_even_ratio,
    decay_rate,
    flow_invariant,
    flow_limit,
    flow_time_bound,
    gd_limit,
    loss_decay_bounds,
    printed_flow_limit,
    scale_lower_bound,
)

INSTANCES = 200


def long_integration(problem, g0, w0, c):
    """The flow (4) in R^d from its definition, with scipy alone, until the loss is 1e-20."""

    A, y = np.array(problem.A), np.array(problem.y)

    def rates(_, state):
        g, w = state[0], state[1:]
        u = w / math.sqrt(w @ w)
        gradient = (A @ (g * u) - y) @ A
        slope = u @ gradient
        return np.concatenate(([-c * slope], -g * (gradient - slope * u)))

    def end(_, state):
        w = state[1:]
        residual = A @ (state[0] / math.sqrt(w @ w) * w) - y
        return residual @ residual / 2 - 1e-20

    end.terminal = True
    found = solve_ivp(rates, (0, 1e8), np.append(g0, w0), method="LSODA", events=end, rtol=1e-11, atol=1e-13)
    assert found.status == 1
    g, w = found.y[0, -1], found.y[1:, -1]
    return g, g * w / np.linalg.norm(w)


@cache
def ends():
    """The 200 instances with where the plain integration takes them."""
    return [(*start, *long_integration(*start)) for start in map(instance, range(INSTANCES))]


def observed_time(problem, g0, w0, c, eps, bound):
    path = flow(problem, g0, w0, c=c, t_max=2 * bound, tol=eps)
    assert path.converged, path.message
    return path.t[-1]


def loss_slope(problem, g, w, c):
    """d(½‖r‖²)/dt from the flow itself: ⟨∇L(x), x'⟩ with x' = g' u + g u'."""
    size = np.linalg.norm(w)
    u = w / size
    gradient = problem.grad(g * u)
    slope = u @ gradient
    return gradient @ (-c * slope * u - g**2 / size**2 * (gradient - slope * u))


def test_theorem_2_6_part_1():
    """The closed form is the end of 200 integrations in R^d, to 1e-6 of its norm, signs included."""
    kinds = dict.fromkeys(["g0 > g*", "g0 < 0", "near the kernel", "g changed sign", "c < 0.2", "c > 5"], 0)
    assert len(ends()) == INSTANCES
    for problem, g0, w0, c, g, x in ends():
        assert 0.05 <= c <= 20
        limit = flow_limit(problem, g0, w0, c)
        assert np.linalg.norm(limit - x) <= 1e-6 * np.linalg.norm(x)
        assert np.isclose(np.linalg.norm(limit), abs(g), rtol=1e-6)
        kinds["g0 > g*"] += g0 > problem.g_star
        kinds["g0 < 0"] += g0 < 0
        kinds["near the kernel"] += np.linalg.norm(problem.parallel(w0)) < 0.1
        kinds["g changed sign"] += g * g0 < 0
        kinds["c < 0.2"] += c < 0.2
        kinds["c > 5"] += c > 5
    assert min(kinds.values()) >= 15, kinds


def exact_limit(problem, g0, p, t, c):
    """(|g∞|, ‖x∞⊥‖) for A = [1, 0] and w0 = (p, t) by bisection in 40 digits, on the equation as it is stated."""
    with mpmath.workdps(40):
        g_star, g0, p, t, c = map(mpmath.mpf, (problem.g_star, g0, p, t, c))
        q, c = t**2 / (p**2 + t**2), c * (p**2 + t**2)

        def gap(excess):  # log of both sides of s (1 − q e^((g0² − s)/c)) = g*², turned to s − g*² = s q e^…
            s = g_star**2 + excess
            return mpmath.log(excess) - mpmath.log(s) - mpmath.log(q) - (g0**2 - s) / c

        low, high = mpmath.mpf(10) ** -600, mpmath.mpf(10) ** 14
        for _ in range(65):  # in log e: 1400 / 2^65 is below 1e-16
            middle = mpmath.sqrt(low * high)
            low, high = (low, middle) if gap(middle) > 0 else (middle, high)
        return mpmath.sqrt(g_star**2 + low), mpmath.sqrt(low)


def test_flow_limit_is_exact_from_1e_minus_6_to_1e6():
    """1e-12 relative in the norm and in the kernel part, for g0 and c over twelve orders of magnitude."""
    rng = np.random.default_rng(0)
    checked = 0
    while checked < INSTANCES:
        g_star, g0, c = 10.0 ** rng.uniform([-2, -6, -6], [2, 6, 6])
        if checked % 4 == 0:
            g0 = g_star * (1 + rng.choice([-1, 1]) * 10 ** rng.uniform(-9, 0))
        p = rng.uniform(0, 1) if checked % 2 else 10 ** rng.uniform(-12, 0)
        t = np.sqrt(1 - p**2)
        problem = LeastSquares([[1, 0]], [g_star])
        norm, perp = exact_limit(problem, g0, p, t, c)
        if perp < 1e-290:
            continue
        limit = flow_limit(problem, g0, [p, t], c)
        assert limit[0] == problem.x_star[0]
        assert abs(np.hypot(*limit) / norm - 1) < 1e-12 and abs(limit[1] / perp - 1) < 1e-12
        checked += 1


def test_flow_limit_never_overflows():
    for g0 in (-1e6, -1e-6, 0.0, 1e-6, 1.0, 1e6):
        for c in (1e-6, 1.0, 1e6):
            for w0 in ([0.6, 0.8], [1, 0], [3e-9, 1], [1, 1e-9], [0, 1]):
                if g0 == 0 and w0[0] == 0:
                    continue
                limit = flow_limit(PLANE, g0, w0, c)
                assert np.isfinite(limit).all() and limit[0] == 1


def test_the_equation_has_one_root():
    """s (1 − q e^((g0² − s)/c)) crosses g*² once on s > 0, and at or above g*²."""
    rng = np.random.default_rng(1)
    for _ in range(INSTANCES):
        g_star, g0, c, q = rng.uniform(0.3, 3), rng.uniform(0, 4), 10 ** rng.uniform(-1, 1), rng.uniform(0, 1)
        s = np.linspace(1e-3, g0**2 + g_star**2 + 60, 20_000)
        above = s * (1 - q * np.exp((g0**2 - s) / c)) >= g_star**2
        crossings = np.flatnonzero(np.diff(above))
        assert crossings.size == 1 and above[-1] and s[crossings[0] + 1] >= g_star**2


def test_the_sign_changes_at_most_once_and_for_the_stated_reasons(monkeypatch):
    """Where the notes of `flow_limit` give a sign without integration, the flow ends with it."""

    def refuse(*_, **__):
        raise RuntimeError("integrated")

    monkeypatch.setattr(theory.continuous, "flow", refuse)
    settled = integrated = 0
    for problem, g0, w0, c, g, _ in ends():
        try:
            limit = flow_limit(problem, g0, w0, c)
        except RuntimeError:
            integrated += 1
        else:
            part = (limit - problem.x_star) @ problem.perp(w0)
            if abs(part) > 1e-9:
                settled += 1
                assert np.sign(part) == np.sign(g)
    assert settled > 100 and integrated > 10
    for seed in range(INSTANCES):
        path = flow(*instance(seed)[:3], c=instance(seed)[3], t_max=50)
        assert np.count_nonzero(np.diff(np.sign(path.g))) <= 1


@pytest.mark.parametrize("g0", [2.0, -2.0])
def test_the_boundary_between_the_signs(g0):
    """For m = 1 it is g0² + c log q = 0: there the flow runs into S, and beside it the sign turns."""
    q = 0.75
    w0 = [-np.sign(g0) * np.sqrt(1 - q), np.sqrt(q)]
    border = -(g0**2) / np.log(q)
    for c, sign in ((border * (1 - 1e-6), 1), (border * (1 + 1e-6), -1)):
        assert np.sign(flow_limit(PLANE, g0, w0, c)[1]) == sign * np.sign(g0)
        path = flow(PLANE, g0, w0, c=c, t_max=1e6, tol=1e-12)
        assert np.sign(path.g[-1]) == sign * np.sign(g0)
        assert np.abs(path.loss - 0.5).min() < 1e-6  # it passes close to S


def test_special_starts():
    assert np.array_equal(flow_limit(PLANE, 3.0, [1, 0], 0.01), [1, 0])  # q = 0
    assert np.array_equal(flow_limit(PLANE, 3.0, [-1, 0], 0.01), [1, 0])
    assert flow_limit(PLANE, 0.0, [0.6, 0.8], 1)[1] > 0 > flow_limit(PLANE, 0.0, [-0.6, 0.8], 1)[1]
    for g0, w0 in ((0.0, [0.6, 0.8]), (0.0, [-0.6, 0.8]), (1e-3, [0, 1])):
        end = flow(PLANE, g0, w0, t_max=1e6, tol=1e-22)
        assert np.allclose(flow_limit(PLANE, g0, w0, 1), end.x[-1], rtol=0, atol=1e-9)
    with pytest.raises(ValueError, match=r"stays where it starts, in the set S .* g0 = 0 and ⟨Aw0, y⟩ = 0"):
        flow_limit(PLANE, 0, [0, 1], 1)


def test_a_flow_that_runs_into_s_is_a_sentence():
    """g0² + c log q = 1e-12 + 1e6 log(1 − 1e-18) is 0 in floats: no sign can be told."""
    with pytest.raises(ValueError, match=r"runs into the set S .* Change the start a little"):
        flow_limit(PLANE, -1e-6, [1e-9, 1], 1e6)


@pytest.mark.parametrize("length", [0.2, 5.0])
def test_theorem_2_6_for_w0_of_another_length(length):
    for seed in range(20):
        problem, g0, u, c = instance(seed)
        limit = flow_limit(problem, g0, length * u, c / length**2)
        assert np.allclose(limit, flow_limit(problem, g0, u, c), rtol=1e-9)
        end = flow(problem, g0, length * u, c=c / length**2, t_max=1e9, tol=1e-20)
        assert np.allclose(limit, end.x[-1], rtol=0, atol=1e-6)


def test_theorem_2_6_sufficient_condition():
    """Below the loss at zero the flow ends with zero loss, and g keeps its sign."""
    seen = 0
    for problem, g0, w0, _, g, x in ends():
        if problem.loss(g0 * w0) < problem.loss(np.zeros(problem.d)):
            seen += 1
            assert problem.loss(x) <= 1.01e-20 and g * g0 > 0
    assert seen > 60


def test_printed_equation_7_is_off():
    """The concrete example: .662 against .687 printed, 1.807 against 4.48; and g∞ carries a sign."""
    assert np.allclose(flow_limit(PLANE, 0.5, [0, 1], 1), [1, 0.6620], atol=1e-4)
    assert np.allclose(printed_flow_limit(PLANE, 0.5, [0, 1], 1), [1, 0.6873], atol=1e-4)
    assert np.allclose(flow_limit(PLANE, 2.0, [0, 1], 1), [1, 1.807], atol=1e-3)
    assert np.allclose(printed_flow_limit(PLANE, 2.0, [0, 1], 1), [1, 4.482], atol=1e-3)
    assert flow(PLANE, -0.5, [0, 1], t_max=1000, tol=1e-20).x[-1][1] < 0 < printed_flow_limit(PLANE, -0.5, [0, 1], 1)[1]
    for g0, c in ((0.5, 1), (2.0, 1), (1.0, 0.05)):
        end = flow(PLANE, g0, [0, 1], c=c, t_max=1e5, tol=1e-20).x[-1]
        assert abs(printed_flow_limit(PLANE, g0, [0, 1], c)[1] - end[1]) > 1e4 * abs(
            flow_limit(PLANE, g0, [0, 1], c)[1] - end[1]
        )


def test_printed_equation_7_is_near_where_it_says():
    """For c = g*² and g0 from 0 to g*, the printed kernel part is within 12% of the exact one."""
    ratios = [
        printed_flow_limit(PLANE, g0, [p, np.sqrt(1 - p**2)], 1)[1]
        / flow_limit(PLANE, g0, [p, np.sqrt(1 - p**2)], 1)[1]
        for g0 in np.linspace(0.01, 1, 34)
        for p in np.linspace(0, 0.99, 12)
    ]
    assert 0.999 < min(ratios) and max(ratios) < 1.12


def test_printed_equation_7_can_be_infinite():
    assert np.isinf(printed_flow_limit(PLANE, 100.0, [0, 1], 1)[1])
    assert np.array_equal(printed_flow_limit(PLANE, 100.0, [1, 0], 1), [1, 0])


def test_gd_limit():
    for seed in range(INSTANCES):
        problem, g0, w0, _ = instance(seed)
        run = solve(problem, GD(1 / problem.lam_max), g0, w0, tol=1e-24, max_steps=10**6)
        assert np.allclose(gd_limit(problem, g0 * w0), run.x, rtol=0, atol=1e-9)


def test_break_even_ratio():
    """On each side of it WN ends closer or farther than GD as stated, on 200 instances and any c."""
    closer_below = 0
    for seed in range(INSTANCES):
        problem, g0, w0, c = instance(seed)
        gd = np.linalg.norm(g0 * problem.perp(w0))

        def kernel_part(c, problem=problem, g0=g0, w0=w0):
            return np.linalg.norm(flow_limit(problem, g0, w0, c) - problem.x_star)

        even = break_even_ratio(problem, g0, w0)
        below = abs(g0) * np.linalg.norm(problem.parallel(w0)) < problem.g_star
        closer_below += below
        assert np.isclose(kernel_part(even), gd, rtol=1e-9)
        assert (kernel_part(c) < gd) == ((c < even) == below)
        assert np.isclose(break_even_ratio(problem, g0, 3 * w0), even / 9)
    assert 50 < closer_below < 190


def test_break_even_of_the_concrete_example():
    """With w0 = (0, 1) and c = 1, WN wins only for g0 above 1/√(e − 1) = .76287; the printed remark has all g0 ≤ 1."""
    assert np.isclose(break_even_ratio(PLANE, 1 / np.sqrt(np.e - 1), [0, 1]), 1, rtol=1e-12)
    for g0, closer in ((0.1, False), (0.762, False), (0.763, True), (1.0, True), (3.0, True)):
        assert (flow_limit(PLANE, g0, [0, 1], 1)[1] < g0) == closer


def test_break_even_near_equal_norms():
    """Where GD ends at its starting norm the mean is g0² itself, without 0/0."""
    for shift in (0, 1e-12, 1e-9, 1e-7, -1e-9):
        w0 = [0.5, np.sqrt(0.75)]
        assert np.isclose(break_even_ratio(PLANE, 2 * (1 + shift), w0), 4, rtol=1e-6)


def test_lemma_2_5():
    """The conserved quantity along 200 flows, of unit and other length, where w⊥ is not rounding."""
    for seed in range(INSTANCES):
        problem, g0, u, c = instance(seed)
        w0 = u * [1.0, 0.3, 2.5][seed % 3]
        path = flow(problem, g0, w0, c=c, t_max=100)
        values = flow_invariant(problem, path.g, path.w, c)[path.kernel_share > 1e-5]
        assert np.ptp(values) < 1e-8 * max(1, abs(values[0]))


def test_printed_equation_6_second_half_is_off():
    """‖w⊥‖² e^(g²/2c) is not constant: 1.133 at the start, .626 at the end."""
    path = flow(PLANE, 0.5, [0, 1], t_max=50)
    printed = path.kernel_share**2 * np.exp(path.g**2 / 2)
    assert np.allclose(printed[[0, -1]], [1.1331, 0.6256], atol=1e-3)
    assert np.ptp(path.kernel_share * np.exp(path.g**2 / 2)) < 1e-8


def test_invariant_of_a_start_in_the_row_space():
    assert flow_invariant(PLANE, 1.0, [1.0, 0.0], 1) == -np.inf


def test_theorem_d_2_needs_c():
    """With c = 3 the printed exponent (g0² − g²)/(2‖w0‖²) is wrong; with c in it, it is right."""
    path = flow(PLANE, 0.5, [0, 2], c=3, t_max=200)
    exponent = (path.g[0] ** 2 - path.g**2) / (2 * 4)
    assert np.allclose(path.kernel_share, np.exp(exponent / 3), rtol=0, atol=1e-8)
    assert np.abs(path.kernel_share - np.exp(exponent)).max() > 0.1


def test_lemma_2_3():
    """On S the flow rests, with one rate of growth: the positive root of μ² + cκμ − c‖Aᵀy‖² = 0, κ = ‖Aw‖²."""
    rng = np.random.default_rng(2)
    for seed in range(INSTANCES):
        problem, _, w, c = instance(seed)
        h = problem.A.T @ problem.y
        w = rng.standard_normal(problem.d)
        w -= (w @ h) / (h @ h) * h
        w /= np.linalg.norm(w)

        def rates(state, problem=problem, c=c):
            g, u = state[0], state[1:] / np.linalg.norm(state[1:])
            gradient = problem.grad(g * u)
            return np.append(-c * u @ gradient, -g * (gradient - (u @ gradient) * u))

        point = np.append(0.0, w)
        assert np.abs(rates(point)).max() < 1e-12
        moves = 1e-6 * np.eye(point.size)
        linear = np.array([(rates(point + e) - rates(point - e)) / 2e-6 for e in moves]).T
        growth = np.sort(np.linalg.eigvals(linear).real)
        friction = c * np.sum((problem.A @ w) ** 2)
        root = (-friction + np.sqrt(friction**2 + 4 * c * (h @ h))) / 2
        assert np.isclose(growth[-1], root, rtol=1e-5)
        assert growth[-2] < 1e-6 and growth[0] < 0


def test_lemma_2_4():
    """The derivative of the loss lies between its bounds on 200 random states, and meets both."""
    ratios = []
    for seed in range(INSTANCES):
        problem, g, w, c = instance(seed)
        w = w * [1.0, 0.4, 3.0][seed % 3]
        lower, upper = loss_decay_bounds(problem, g, w, c)
        slope = loss_slope(problem, g, w, c)
        assert lower * (1 + 1e-12) <= slope <= upper * (1 - 1e-12)
        ratios.append((slope / lower, upper / slope))
    assert np.max(ratios) <= 1 + 1e-12
    for g, c in ((2.0, 1.0), (2.0, 9.0)):
        along = loss_slope(PLANE, g, np.array([1.0, 0.0]), c)
        across = loss_slope(PLANE, g, np.array([0.0, 1.0]), c)
        assert sorted([along, across]) == pytest.approx(sorted([-c * (g - 1) ** 2, -(g**2)]))
        assert {float(b) for b in loss_decay_bounds(PLANE, g, [1.0, 0.0], c)} >= {along}
        assert {float(b) for b in loss_decay_bounds(PLANE, g, [0.0, 1.0], c)} >= {across}


def test_lemma_2_4_at_many_points_at_once():
    problem, g0, w0, c = instance(7)
    path = flow(problem, g0, w0, c=c, t_max=20)
    lower, upper = loss_decay_bounds(problem, path.g, path.w, c)
    assert lower.shape == upper.shape == path.t.shape
    slopes = [loss_slope(problem, g, w, c) for g, w in zip(path.g, path.w, strict=True)]
    assert np.all(lower * (1 + 1e-9) <= slopes) and np.all(slopes <= upper * (1 - 1e-9))


def test_lemma_2_4_rate():
    """loss ≤ loss(0) e^(−kt) with k = 2 λmin min{C², c}, and equality on the eigenvector of λmin."""
    for seed in range(INSTANCES):
        problem, g0, w0, c = instance(seed)
        path = flow(problem, g0, w0, c=c, t_max=10)
        k = decay_rate(problem, np.abs(path.g).min(), c)
        assert np.all(path.loss <= path.loss[0] * np.exp(-k * path.t) * (1 + 1e-7) + 1e-18)
    problem = LeastSquares([[2, 0, 0], [0, 0.5, 0]], [0, 1.5])
    path = flow(problem, 1.0, [0, 1, 0], c=0.8, t_max=10)
    assert np.allclose(path.loss, path.loss[0] * np.exp(-decay_rate(problem, 1.0, 0.8) * path.t), rtol=1e-6)


def test_printed_rate_of_lemma_2_4_fails_without_lambda_min():
    problem = LeastSquares([[0.5, 0]], [1])
    path = flow(problem, 1.0, [1, 0], c=1, t_max=5)
    assert path.loss[-1] > 10 * path.loss[0] * np.exp(-1 * path.t[-1])


def test_lemma_c_1():
    """g² stays above its bound on 200 flows; both have the same start, and the same slope on an eigenvector."""
    for seed in range(INSTANCES):
        problem, g0, w0, c = instance(seed)
        path = flow(problem, g0, 2 * w0, c=c, t_max=30)
        bound = scale_lower_bound(problem, g0, 2 * w0, c, path.t)
        assert np.all(path.g**2 >= bound - 1e-8)
        assert np.isclose(bound[0], g0**2)
    times = np.array([0.0, 1e-3, 2e-3])
    gaps = flow(PLANE, 0.9, [1, 0], t_max=1, times=times).g ** 2 - scale_lower_bound(PLANE, 0.9, [1, 0], 1, times)
    assert 0 < gaps[1] < 1e-6 and np.isclose(gaps[2] / gaps[1], 4, rtol=0.01)
    assert np.isclose(scale_lower_bound(PLANE, 0.9, [1, 0], 1, 1e6), 1 - 0.1**2)


def test_printed_lemma_c_1_fails():
    """It bounds g, not g², by Δ − δ/2: from x* with g* = 10 it promises 100 − δ/2, and g stays 10."""
    problem = LeastSquares([[1, 0]], [10])
    path = flow(problem, 10.0, [1, 0], t_max=50)
    printed = (problem.y @ problem.y - 2 * problem.loss(path.x[0])) / problem.lam_max
    assert printed == pytest.approx(100) and path.g[-1] == pytest.approx(10)
    assert path.g[-1] ** 2 >= scale_lower_bound(problem, 10.0, [1, 0], 1, 50) - 1e-9


def test_printed_footnote_4_fails():
    """⟨Aw0, Aw*⟩ > 0 does not put the start below the loss at zero."""
    assert PLANE.A @ np.array([1, 0]) @ (PLANE.A @ PLANE.w_star) > 0
    assert PLANE.loss(np.array([3.0, 0.0])) > PLANE.loss(np.zeros(2))


def rate_instance(seed):
    """Starts for Theorem 2.7: half of them nearly along w*, where it is tight."""
    rng = np.random.default_rng(seed)
    m = 1 if seed % 2 else int(rng.integers(1, 4))
    d = m + int(rng.integers(1, 3))
    problem = make_least_squares(m, d, cond=rng.uniform(1, 5), g_star=10 ** rng.uniform(-1, 1), seed=seed)
    w0 = random_direction(d, seed=seed)
    if seed % 4 < 2:
        w0 = problem.w_star + 10 ** rng.uniform(-4, 0) * w0
    w0 = w0 / np.linalg.norm(w0)
    g0 = 10 ** rng.uniform(-2, 0.5) * problem.g_star * rng.choice([1, 1, -1])
    eps = problem.loss(g0 * w0) / 10 ** rng.uniform(0.02, 4)
    return problem, g0, w0, 10 ** rng.uniform(-3, 2), eps


@cache
def times():
    """(observed, first, second) on rate instances where the theorem says something."""
    found, seed = [], 0
    while min(sum(np.isfinite(row[k]) for row in found) for k in (1, 2)) < INSTANCES if found else True:
        problem, g0, w0, c, eps = rate_instance(seed)
        seed += 1
        try:
            bound = flow_time_bound(problem, g0, w0, c, eps)
        except ValueError:
            continue
        found.append((observed_time(problem, g0, w0, c, eps, min(bound)), *bound))
    return np.array(found)


@pytest.mark.parametrize(("case", "name"), [(1, "first"), (2, "second")])
def test_theorem_2_7_holds(case, name):
    """The time observed is at most the time claimed, on 200 instances of each case; and it is tight."""
    rows = times()[np.isfinite(times()[:, case])]
    ratios = rows[:, 0] / rows[:, case]
    assert len(rows) >= INSTANCES
    assert ratios.max() <= 1 + 1e-7, name
    assert ratios.max() > 0.999, name


def test_theorem_2_7_first_case():
    """Half the printed time is enough, and as ‖w0⊥‖ → 0 nothing less is."""
    ratios = []
    for perp in (1e-1, 1e-2, 1e-3):
        w0, c, eps = [np.sqrt(1 - perp**2), perp], 0.01, 1e-6
        bound = flow_time_bound(PLANE, 0.7, w0, c, eps)
        printed = np.log(PLANE.loss(0.7 * np.array(w0)) / eps) / min(2 * c * np.log(perp) + 0.49, c)
        assert np.isclose(bound.first, printed / 2)
        ratios.append(observed_time(PLANE, 0.7, w0, c, eps, bound.first) / bound.first)
    assert ratios == sorted(ratios) and 0.9999 < ratios[-1] <= 1


def test_theorem_2_7_second_case():
    """Its formula, term by term, where the wait counts."""
    w0, g0, c, eps = np.array([np.sin(0.25), np.cos(0.25)]), 0.02, 0.008, 0.2
    problem = LeastSquares([[1, 0]], [0.8])
    delta = 0.64 - (0.8 - g0 * w0[0]) ** 2
    wait = np.log(2 - 2 * g0**2 / delta) / c
    bound = flow_time_bound(problem, g0, w0, c, eps)
    assert bound.first == np.inf
    assert np.isclose(bound.second, np.log(problem.loss(g0 * w0) / eps) / min(delta, 2 * c) + wait)
    assert flow(problem, g0, w0, c=c, t_max=bound.second).loss[-1] < eps


def test_printed_theorem_2_7_fails():
    """A = [1, 0], y = .8: at the printed time of the second case the loss is 1.047 times the one promised."""
    problem, g0, w0, c = LeastSquares([[1, 0]], [0.8]), 0.02, np.array([np.sin(0.25), np.cos(0.25)]), 0.008
    eps = problem.loss(g0 * w0) / 1.1
    delta = 0.64 - 2 * problem.loss(g0 * w0)
    assert g0 > delta > 0  # so the printed indicator is 0
    printed = np.log(1.1) / min(delta, c)
    assert np.isclose(flow(problem, g0, w0, c=c, t_max=printed).loss[-1] / eps, 1.047, atol=1e-3)
    assert flow(problem, g0, w0, c=c, t_max=flow_time_bound(problem, g0, w0, c, eps).second).loss[-1] <= eps


def test_theorem_2_7_for_w0_of_another_length():
    w0 = np.array([0.6, 0.8])
    for g0, c in ((0.5, 0.02), (0.8, 0.5), (0.1, 3.0)):
        unit = flow_time_bound(PLANE, g0, w0, c, 1e-4)
        long = flow_time_bound(PLANE, g0, 3 * w0, c / 9, 1e-4)
        assert np.allclose(long, 9 * np.array(unit))
        observed = observed_time(PLANE, g0, 3 * w0, c / 9, 1e-4, min(long))
        assert np.isclose(observed, 9 * observed_time(PLANE, g0, w0, c, 1e-4, min(unit)), rtol=1e-6)


def test_theorem_2_7_says_why_it_does_not_apply():
    with pytest.raises(ValueError, match=r"first fails by 0\.\d+, the second by 0\.\d+\. Start closer"):
        flow_time_bound(PLANE, 0.1, [-0.6, 0.8], 1, 1e-3)
    assert flow_time_bound(PLANE, 0.5, [0.6, 0.8], 1, 10.0).second == 0


@pytest.mark.parametrize("seed", range(8))
def test_theorem_2_6_part_2(seed):
    """c = 0 from g0 < g*: w turns into the row space, to the ridge direction of norm 1; the restart ends at x*."""
    m = 1 + seed % 3
    problem = make_least_squares(m, m + 3, cond=1 if seed < 3 else 5, g_star=2, seed=seed)
    g0, w0 = 1.5, random_direction(m + 3, seed=seed)
    end = flow(problem, g0, w0, c=0, t_max=2000)
    x = end.x[-1]
    assert np.linalg.norm(problem.perp(x)) < 1e-6
    pull = -problem.grad(x) @ x / g0**2  # the ridge penalty μ > 0 with x = (AᵀA + μ)⁻¹ Aᵀ y
    ridge = np.linalg.solve(problem.A.T @ problem.A + pull * np.eye(problem.d), problem.A.T @ problem.y)
    assert pull > 0 and np.allclose(x, ridge, atol=1e-6)
    parallel_to_w_star = np.isclose(x @ problem.w_star, g0, atol=1e-6)
    assert parallel_to_w_star == (seed < 3 or m == 1)
    assert np.allclose(flow_limit(problem, g0, problem.parallel(x), 1.0), problem.x_star, atol=1e-6)


def test_printed_theorem_2_6_part_2_fails_beyond_g_star():
    """From g0 = 2 > g* = 1 the frozen flow stops at zero loss, with ⟨w, w*⟩ = g*/g0 and not 1."""
    end = flow(PLANE, 2.0, [0.6, 0.8], c=0, t_max=1000, tol=1e-18)
    assert end.converged and np.isclose(end.w[-1] @ PLANE.w_star, 0.5, atol=1e-8)


def test_printed_theorem_2_6_part_2_fails_for_negative_scales():
    """From g0 < 0 the frozen flow turns to −w*, and the restart ends at (−g*, −w*): the same x*."""
    end = flow(PLANE, -0.5, [0.6, 0.8], c=0, t_max=200)
    assert np.allclose(end.w[-1], [-1, 0], atol=1e-8)
    restart = flow(PLANE, -0.5, end.w[-1], c=1, t_max=200)
    assert np.isclose(restart.g[-1], -1) and np.allclose(restart.x[-1], [1, 0], atol=1e-8)


def test_printed_appendix_c_4_3_misses_critical_points():
    """The sphere has stationary points with w = +Aᵀr/‖Aᵀr‖ that do not maximize the loss.

    In the row space this one even attracts, with g0 < g*; a part in the kernel, however small, leaves it.
    """
    problem, g0 = LeastSquares([[2, 0, 0], [0, 1, 0]], [0.025, 0.6]), 0.5
    end = flow(problem, g0, [0.1, -1, 0], c=0, t_max=400)
    gradient = problem.grad(end.x[-1])
    assert g0 < problem.g_star
    assert np.allclose(end.w[-1] / np.linalg.norm(end.w[-1]), gradient / np.linalg.norm(gradient), atol=1e-8)
    assert end.loss[-1] < problem.loss(np.array([-g0, 0, 0]))
    escape = flow(problem, g0, [0.1, -1, 1e-6], c=0, t_max=400)
    assert escape.loss[-1] < 0.1 * end.loss[-1] and escape.w[-1] @ problem.w_star > 0.99


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: flow_limit(PLANE, 1, [0.6, 0.8], 0), ValueError, "c must be greater than 0; got 0"),
        (lambda: flow_limit(PLANE, np.nan, [0.6, 0.8], 1), ValueError, "g0 must be finite"),
        (lambda: flow_limit(PLANE, 1, [0, 0], 1), ValueError, "w0 must not be zero"),
        (lambda: flow_limit(PLANE, 1, [1, 0, 0], 1), ValueError, r"w0 must have shape \(2,\)"),
        (lambda: printed_flow_limit(PLANE, 1, [0.6, 0.8], -1), ValueError, "c must be greater than 0"),
        (lambda: break_even_ratio(PLANE, 0, [0.6, 0.8]), ValueError, "needs g0 ≠ 0"),
        (lambda: flow_invariant(PLANE, 1, [0.6, 0.8], 0), ValueError, "c must be greater than 0"),
        (lambda: loss_decay_bounds(PLANE, 1, [0.6, 0.8], -1), ValueError, "c must be at least 0"),
        (lambda: decay_rate(PLANE, -1, 1), ValueError, "scale must be at least 0"),
        (lambda: scale_lower_bound(PLANE, 1, [0.6, 0.8], "1", 0), TypeError, "c must be a real number"),
        (lambda: flow_time_bound(PLANE, 1, [0.6, 0.8], 1, 0), ValueError, "eps must be greater than 0"),
    ],
)
def test_bad_input_gets_a_sentence(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
