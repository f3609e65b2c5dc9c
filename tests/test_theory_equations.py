"""Single equations and footnotes of Section 2 and Appendices C and E, each on random instances.

Derivatives are differences of flows, never the formulas under test. The names carry the paper's numbers.
"""

import numpy as np
from instances import PLANE, draw, instance, law, norm
from scipy.integrate import solve_ivp

from wnlib import RPGD, Optimal, Piecewise, experiments, flow, solve
from wnlib.theory import admissible_scale, flow_time_bound, scale_lower_bound

INSTANCES = 200


def starts(count=INSTANCES):
    return map(instance, range(count))


def short_flow(problem, g0, w0, c):
    """Three states of a flow, and the time between them: short beside its speeds."""
    h = 1e-3 / (1 + problem.lam_max * (c + g0**2 + problem.g_star**2))
    return flow(problem, g0, w0, c=c, t_max=2 * h, times=[0, h, 2 * h]), h


def test_lemma_2_3_nothing_else_rests():
    """The field has length² (⟨w, ∇L⟩)² + g²‖P∇L‖² ≥ min{1, g²} λmin ‖r‖²: it vanishes for r = 0 and on S only.

    The bound is attained along the eigenvector of λmin.
    """
    tight = np.inf
    for problem, g, w, _ in starts():
        for scale in (g, 0.0):
            gradient = problem.grad(scale * w)
            slope = w @ gradient
            field = slope**2 + scale**2 * np.sum((gradient - slope * w) ** 2)
            bound = min(1, scale**2) * problem.lam_min * 2 * problem.loss(scale * w)
            assert field >= bound * (1 - 1e-9)
            assert scale or np.isclose(field, ((problem.A @ w) @ problem.y) ** 2)
        last = problem.svd[2][:, -1]
        u = last if last @ problem.w_star > 0 else -last
        gradient = problem.grad(2 * u) - problem.grad(problem.x_star)
        if problem.m == 1:
            tight = min(tight, (u @ gradient) ** 2 / (problem.lam_min * 2 * problem.loss(2 * u)))
    assert np.isclose(tight, 1)


def test_equations_9_and_10():
    """d(½‖r‖²)/dt = −(c (⟨w, ∇L⟩)² + g²‖P∇L‖²), between −max{g², c} and −min{g², c} times ‖∇L‖², on 200 flows."""
    ratios = []
    for problem, g0, w0, c in starts():
        path, h = short_flow(problem, g0, w0, c)
        measured = (path.loss[2] - path.loss[0]) / (2 * h)
        g, w = path.g[1], path.w[1]
        gradient = problem.grad(g * w)
        slope, squared = w @ gradient, gradient @ gradient
        claimed = -(c * slope**2 + g**2 * (squared - slope**2))
        assert np.isclose(measured, claimed, rtol=1e-5, atol=1e-8)
        low, high = -max(g**2, c) * squared, -min(g**2, c) * squared
        assert low * (1 + 1e-5) - 1e-8 <= measured <= high * (1 - 1e-5) + 1e-8
        ratios += [measured / low, high / measured] if squared > 1e-3 else []
    assert max(ratios) > 0.99


def test_equation_11():
    """g² = g0² + 2c log‖w0⊥‖ − 2c log‖w⊥‖ ≥ g0² + 2c log‖w0⊥‖ along 200 flows, with equality as w tends to ker A."""
    nearest = np.inf
    for problem, g0, w0, c in starts():
        path = flow(problem, g0, w0, c=c, t_max=20)
        level = g0**2 + 2 * c * np.log(path.kernel_share[0])
        clear = path.kernel_share > 1e-5
        assert np.allclose(path.g[clear] ** 2, (level - 2 * c * np.log(path.kernel_share))[clear], rtol=0, atol=1e-7)
        assert np.all(path.g**2 >= level - 1e-7)
        nearest = min(nearest, (path.g**2 - level).min() / c)
    assert nearest < 1e-3


def test_equation_12():
    """dg/dt = c‖Aw‖²(δ/2 − g) and d(g²)/dt = cg‖Aw‖²(δ − 2g), δ = 2⟨Aw, y⟩/‖Aw‖², by differences of 200 flows."""
    for problem, g0, w0, c in starts():
        path, h = short_flow(problem, g0, w0, c)
        g, seen = path.g[1], problem.A @ path.w[1]
        delta = 2 * (seen @ problem.y) / (seen @ seen)
        # The last part is what the accuracy of a flow, 1e-10, leaves of a difference of g².
        size = 1e-5 * (1 + c * (seen @ seen) * (abs(delta) + abs(g)) * (1 + abs(g))) + 1e-10 * (1 + g**2) / h
        assert abs((path.g[2] - path.g[0]) / (2 * h) - c * (seen @ seen) * (delta / 2 - g)) < size
        assert abs((path.g[2] ** 2 - path.g[0] ** 2) / (2 * h) - c * g * (seen @ seen) * (delta - 2 * g)) < size


def test_equation_13():
    """For g0 > 0: g0 < δ0 iff the start is below the loss at zero; g0² below the margin Δ iff (14) starts positive.

    With g0 in place of g0², as printed, the second fails on some.
    """
    counts, printed = np.zeros(4, dtype=int), 0
    for problem, g0, w0, _ in starts(1000):
        g0, seen = abs(g0), problem.A @ w0
        delta = 2 * (seen @ problem.y) / (seen @ seen)
        below = problem.loss(0 * w0) - problem.loss(g0 * w0)
        margin = (delta - g0) * g0 * (seen @ seen) / problem.lam_max
        assert (g0 < delta) == (below > 0) and np.isclose(margin * problem.lam_max, 2 * below, atol=1e-9)
        rises = 2 * below - problem.lam_max * g0**2 > 0
        assert (g0**2 < margin) == rises
        printed += (g0 < margin) != rises
        counts += np.bincount([2 * (g0 < delta) + rises], minlength=4)
    assert counts[0] > 100 < counts[2] and counts[3] > 30 and printed > 30 and counts[1] == 0


def test_equation_14():
    """d(g²)/dt ≥ c(‖y‖² − ‖r0‖² − λmax g²) along 100 flows, by differences; near equality at some of them."""
    nearest = np.inf
    for problem, g0, w0, c in starts(100):
        path = flow(problem, g0, w0, c=c, t_max=1.0, times=np.linspace(0, 1, 801))
        measured = (path.g[2:] ** 2 - path.g[:-2] ** 2) / (path.t[2:] - path.t[:-2])
        margin = 2 * problem.loss(0 * w0) - 2 * path.loss[0]
        right = c * (margin - problem.lam_max * path.g[1:-1] ** 2)
        size = c * problem.lam_max * (problem.g_star**2 + path.g[1:-1] ** 2)
        assert np.all(measured - right > -1e-3 * size)
        nearest = min(nearest, ((measured - right) / size).min())
    assert nearest < 2e-2


def test_footnote_5():
    """From (−g0, −w0) the flow is the mirror image: −g, −w and the same x."""
    for problem, g0, w0, c in starts(50):
        times = np.linspace(0, 3, 7)
        one, other = (flow(problem, s * g0, s * w0, c=c, t_max=3, times=times) for s in (1, -1))
        assert np.allclose(one.g, -other.g, atol=1e-8) and np.allclose(one.w, -other.w, atol=1e-8)
        assert np.allclose(one.x, other.x, atol=1e-8)


def test_footnote_1():
    """Figure 2 has the loss (g w1 − 2)², twice ours, and the minimum-norm solution (2, 0)."""
    problem = experiments.figure2(1.2, 45).problem
    assert np.allclose(problem.x_star, [2, 0])
    for g, w1 in ((0.5, 0.6), (3.0, -0.8)):
        assert np.isclose(2 * problem.loss([g * w1, 7.0]), (g * w1 - 2) ** 2)


def test_footnote_7():
    """The gradient step in w leaves w⊥ as it is, for any matrix, scale and step."""
    for problem, g, w, c in starts():
        v = w - c * g * problem.grad(g * w)
        assert np.allclose(problem.perp(v), problem.perp(w), rtol=0, atol=1e-9 * (1 + norm(v)))
        assert norm(problem.parallel(v) - problem.parallel(w)) > 1e-12


def test_equation_38():
    """For orthonormal rows w∥ = AᵀAw and w⊥ = (I − AᵀA)w; for others this is no projection."""
    for problem, _, w, _ in starts(50):
        rows = problem.svd[2].T
        assert np.allclose(rows.T @ rows @ w, problem.parallel(w)) and np.allclose(
            w - rows.T @ rows @ w, problem.perp(w)
        )
        if problem.m > 1 and problem.lam_min < 0.9:
            assert norm(problem.A.T @ problem.A @ w - problem.parallel(w)) > 1e-6 * norm(problem.parallel(w))


def test_equations_39_to_42():
    """v = w⊥ + (g*/g)w*, its length, and the new kernel part, for each scale; after T1 steps at most ε."""
    state, rng = draw(1000, below=False, seed=50)
    ratio = state.g_star / state.g
    v = state.gradient_step()[0]
    kernel = state.w - np.einsum("bmd,bm->bd", state.A, state.Aw)
    assert np.allclose(v, kernel + ratio[:, None] * state.w_star, rtol=0, atol=1e-12 * (1 + ratio[:, None]))
    assert np.allclose(norm(v) ** 2, state.w_perp**2 + ratio**2)
    after = state.step(0.0)
    assert np.allclose(after.w_perp**2, state.w_perp**2 / (state.w_perp**2 + ratio**2), rtol=1e-9, atol=1e-14)
    assert np.all(after.w_perp <= state.w_perp / ratio * (1 + 1e-12) + 1e-14)
    assert np.max(after.w_perp / (state.w_perp / ratio)) > 0.999
    state, _ = draw(500, seed=51)
    eps = np.exp(rng.uniform(np.log(1e-4), np.log(0.5), 500))
    steps = np.ceil(np.log(eps**-2) / np.log((state.g_star / state.g) ** 2)).astype(int)
    small = steps < 500
    assert small.sum() > 400
    q, g, s = (z[small] for z in (state.w_perp**2, state.g, state.g_star))
    for t in range(1, steps[small].max() + 1):
        q = q / (q + (s / g) ** 2)
        assert np.all(q <= (g / s) ** (2 * t))
        assert np.all((q <= eps[small] ** 2 * (1 + 1e-12)) | (t < steps[small]))


def test_equations_33_and_44():
    """(33) is exactly (1 − γ')(g* − g0) > γ'δ, and below 1; T2 of (34) is where (1 − γ')ᵀ²(g* − g0 + δ) = δ ≤ 2ε²g*."""
    rng = np.random.default_rng(52)
    eps, g0 = np.exp(rng.uniform(np.log(1e-4), np.log(0.5), 5000)), 1 - np.exp(rng.uniform(-9, 0, 5000))
    bound = (1 - g0) / ((1 - eps**2) * (1 - g0) + eps**2)
    gamma = bound * rng.uniform(0, 1.5, 5000)
    rate, delta = gamma * (1 - eps**2), eps**2 / (1 - eps**2)
    clear = np.abs(gamma / bound - 1) > 1e-9
    assert np.all(((1 - rate) * (1 - g0) > rate * delta)[clear] == (gamma < bound)[clear])
    assert np.all(bound < 1)
    inside = (gamma < bound) & (gamma > 1e-6)
    rate = np.where(inside, rate, 0.5)
    T2 = np.log((1 - (1 - eps**2) * g0) / eps**2) / -np.log1p(-rate)
    left = ((1 - rate) ** T2)[inside]
    assert np.allclose(left * (1 - g0 + delta)[inside], delta[inside], rtol=1e-6)
    assert np.all(left * (1 - g0)[inside] <= 2 * eps[inside] ** 2)


def test_equations_51_and_52():
    """AᵀA = UΣUᵀ with d − m zeros; for λmax = 1 ‖v‖ ≥ √((g*/g)²Σλ²u² + ‖w⊥‖²) − ‖(1 − λ)Uᵀw‖ ≥ (g*/g + 1)λmin − 1."""
    nearest = np.inf
    for problem, g, w, _ in starts():
        V, lam = problem.svd[2], problem.eigenvalues / problem.lam_max
        assert np.allclose(V * problem.eigenvalues @ V.T, problem.A.T @ problem.A) and lam[0] == 1
        g = abs(g)
        v = w - problem.grad(g * w) / (g * problem.lam_max)
        ratio, u = problem.g_star / g, V.T @ problem.w_star
        first = np.hypot(ratio * norm(lam * u), norm(problem.perp(w))) - norm((1 - lam) * (V.T @ w))
        last = ratio * lam[-1] - (1 - lam[-1])
        assert norm(v) >= first * (1 - 1e-9) - 1e-12 and first >= last - 1e-9 * ratio
        v = -V[:, -1] * (1 - lam[-1] - ratio * lam[-1])
        nearest = min(nearest, abs(norm(v) - abs(last)))
        scale = admissible_scale(problem, 0.5)
        assert np.isclose(problem.g_star / scale * lam[-1] - (1 - lam[-1]), 1.5)
    assert nearest < 1e-12


def test_equation_49_needs_a_spread_out_spectrum():
    """It fails for equal eigenvalues, and for each spectrum of 2 to 11, where (m − 1)/m is too small; 12 can do."""
    for m in range(2, 60):
        deviation = 2 * np.sqrt(np.log(m) / m)
        best = np.append(np.ones(m - 1), 0.0)  # of all spectra with λmax = 1 the one with the most room
        assert (np.mean(best**2) >= best[-1] ** 2 + deviation) == (m >= 12)
        equal = np.full(m, 0.5)
        assert not np.mean(equal**2) >= equal[-1] ** 2 + deviation


def test_a_constant_step_ends_above_the_target():
    """500 draws: g tends to g*/‖Aw‖ > g* for each γ in (0, 1), with less to spare for a smaller one."""
    start, rng = draw(500, seed=53)
    start = start.step(0.0)
    gamma = rng.uniform(0.05, 0.95, 500)
    excess = []
    for share in (1.0, 0.5):
        state = start
        for _ in range(3000):
            state = state.step(share * gamma)
        # g*/‖Aw‖ − g* from ‖w⊥‖, without the difference of nearly equal numbers.
        assert np.allclose(state.g * state.p, state.g_star, rtol=1e-12)
        excess.append(state.g_star * state.w_perp**2 / (state.p * (1 + state.p)))
    assert np.all(excess[1] < excess[0]) and np.mean(excess[0] > 1e-9 * start.g_star) > 0.5
    large = excess[0] > 1e-12 * start.g_star
    assert large.sum() > 300 and np.all((state.g >= state.g_star)[large & (excess[1] > 1e-12 * start.g_star)])


def test_after_the_first_stage_rpgd_ends_closer_than_gd():
    """500 draws: from one state, at one rate, the kernel part of x falls at each step of rPGD; GD keeps it."""
    state, rng = draw(500, seed=54)
    for _ in range(5):
        state = state.step(0.0)
    begun = state.g * state.w_perp
    gamma = rng.uniform(0.02, 0.5, 500)
    for _ in range(300):
        before, state = state, state.step(gamma)
        a = law(state)[1]
        kept = state.g * state.w_perp
        factor = state.g / a
        assert np.allclose(kept, factor * before.g * before.w_perp, rtol=1e-7, atol=1e-14 * state.g_star)
        assert np.all(factor <= 1 + 1e-12)
    large = begun > 1e-6 * state.g_star
    assert large.sum() > 300 and np.all((kept < begun)[large]) and np.median((kept / begun)[large]) < 0.8


def test_one_step_leaves_the_saddle_and_need_not_lead_to_the_minimum():
    """The cycle of Condition 3.1 keeps ‖Aw‖ above ½ and the loss above ½g*²; the two stages do not."""
    for gamma, g0 in ((0.5, 0.5), (0.2, 0.1)):
        run = solve(PLANE, RPGD(Optimal(), gamma), g0, [-0.8, 0.6], max_steps=500, record_every=1)
        assert np.abs(run.path.w[:, 0]).min() > 0.5 and run.path.loss.min() > 0.5
        rested = solve(PLANE, RPGD(Optimal(), Piecewise([0.0, gamma], [1])), g0, [-0.8, 0.6], max_steps=500)
        assert rested.converged


def test_lemma_2_5_in_all_coordinates():
    """w⊥ as a vector, from the flow (4) integrated in (g, w): nothing there knows of the claim. 60 flows."""
    for problem, g0, w0, c in starts(60):

        def rates(_, state, problem=problem, c=c):
            gradient = problem.grad(state[0] * state[1:])
            slope = state[1:] @ gradient
            return np.append(-c * slope, -state[0] * (gradient - slope * state[1:]))

        run = solve_ivp(rates, (0, 5), np.append(g0, w0), method="DOP853", rtol=1e-10, atol=1e-12).y
        predicted = np.exp((g0**2 - run[0] ** 2) / (2 * c))[:, None] * problem.perp(w0)
        assert np.allclose(problem.perp(run[1:].T), predicted, rtol=0, atol=1e-7)
        assert np.ptp(run[0]) > 1e-6


def test_one_promise_is_kept_and_never_later():
    """The bound of both cases at once: along flows, and at the sooner of the two times of Theorem 2.7."""
    kept, sooner = 0, []
    for problem, g0, w0, c in starts(400):
        start, eps = problem.loss(g0 * w0), problem.loss(g0 * w0) / 10 ** (1 + kept % 3)
        try:
            soonest = min(flow_time_bound(problem, g0, w0, c, eps))
        except ValueError:
            continue
        t = np.linspace(0, soonest, 20_001)
        floor = np.maximum(g0**2 + 2 * c * np.log(norm(problem.perp(w0))), 0)
        floor = np.maximum(floor, scale_lower_bound(problem, g0, w0, c, t))
        speed = np.minimum(c, floor)
        lower = 2 * problem.lam_min * np.append(0, np.cumsum(np.minimum(speed[1:], speed[:-1])) * t[1])
        upper = 2 * problem.lam_min * np.append(0, np.cumsum(np.maximum(speed[1:], speed[:-1])) * t[1])
        assert upper[-1] >= np.log(start / eps) * (1 - 1e-9)  # never later
        path = flow(problem, g0, w0, c=c, t_max=soonest, times=t[::1000])
        assert np.all(path.loss <= start * np.exp(-lower[::1000]) * (1 + 1e-6))
        sooner.append(np.log(start / eps) / upper[-1])
        kept += 1
    assert kept > 100 and min(sooner) < 0.6 and max(sooner) > 0.9
