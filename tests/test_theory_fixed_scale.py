"""Section 3 for any matrix, and Appendix E.3. The names carry the paper's numbers: pages cite them."""

from math import ceil, exp, log, sqrt

import numpy as np
import pytest
from instances import FIXED, PLANE, before_projection, norm
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

from wnlib import GD, LeastSquares, make_least_squares, solve
from wnlib.theory import admissible_scale, fixed_scale_steps, largest_phase_one_gamma, penalty

# Any matrix, fixed scale (Propositions 3.3 and E.9, Lemmas E.10 and E.11)


def unit_start(problem, rng, *, adverse):
    """A unit start; an adverse one is close to −w* at its worst, the eigenvector of λmin, off by a kernel part."""
    d = problem.d
    w = rng.standard_normal(d)
    if adverse:
        w = problem.perp(w) * np.exp(rng.uniform(-6, 0)) - problem.svd[2][:, -1] * rng.choice([-1, 1]) * 2
    return w / norm(w)


def fixed_scale_instances(count, seed, adverse):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        m = int(rng.integers(1, 7))
        problem = make_least_squares(
            m, m + int(rng.integers(1, 5)), cond=np.exp(rng.uniform(0, 5)), seed=rng.integers(9**9)
        )
        if adverse and rng.uniform() < 0.7:
            problem = LeastSquares(problem.A, problem.A @ (problem.svd[2][:, -1] * rng.choice([-1, 1]) * 2))
        delta, eps = np.exp(rng.uniform(-3, 1)), np.exp(rng.uniform(log(1e-4), log(0.5)))
        yield problem, delta, eps, unit_start(problem, rng, adverse=adverse)


def check_fixed_scale(instances, target="every"):
    """The promise T1 holds; returns promised over needed steps."""
    ratios = []
    for problem, delta, eps, w0 in instances:
        g0 = admissible_scale(problem, delta, target=target)
        w_perp = norm(problem.perp(w0))
        steps = fixed_scale_steps(w_perp, eps, delta)
        run = solve(problem, FIXED, g0, w0, tol=None, max_steps=steps, record_every=1)
        path = run.path.kernel_share
        assert run.t == steps and path[-1] <= eps * (1 + 1e-9)
        assert np.all(path[1:] * (1 + delta) <= path[:-1] * (1 + 1e-9))
        if steps:
            ratios.append(steps / max(np.argmax(path <= eps * (1 + 1e-9)), 1))
    return np.array(ratios)


@pytest.mark.parametrize("adverse", [False, True])
def test_proposition_3_3(adverse):
    """600 instances each, κ up to e⁵: every step divides ‖w⊥‖ by 1 + δ, and T1 steps reach ε."""
    ratios = check_fixed_scale(fixed_scale_instances(600, 10, adverse))
    assert ratios.min() == 1 and np.median(ratios) < 6 and ratios.max() < 100


def test_proposition_3_3_is_the_smaller_scale():
    """g* λmin/(2 + δ), as Propositions 3.3 and E.9 print it, is below Lemma E.10's scale, hence right too."""
    for problem, delta, _, _ in fixed_scale_instances(500, 11, False):
        assert problem.g_star * problem.lam_min / (2 + delta) < admissible_scale(problem, delta)
        assert admissible_scale(problem, delta) <= admissible_scale(problem, delta, target="this") * (1 + 1e-9)


def test_lemma_e_10_is_sharp():
    """(52) is an equality at w = −w*, w* the eigenvector of λmin: ‖v‖ = 1 + δ, and less at a larger scale."""
    for problem, delta, _, _ in fixed_scale_instances(500, 12, False):
        worst = LeastSquares(problem.A, problem.A @ (3 * problem.svd[2][:, -1]))
        g0 = admissible_scale(worst, delta)
        assert np.isclose(norm(before_projection(worst, g0, -worst.w_star)), 1 + delta)
        assert norm(before_projection(worst, 1.01 * g0, -worst.w_star)) < 1 + delta


def test_fixed_scale_steps_are_attained():
    """λmin = λmax, g0 = g*/(1 + δ), w0 near the row space: not one step can be spared."""
    w0 = np.array([sqrt(1 - 1e-6), 1e-3])
    steps = fixed_scale_steps(1e-3, 1e-5, 0.5)
    assert np.isclose(admissible_scale(PLANE, 0.5), 1 / 1.5)
    assert solve(PLANE, FIXED, 1 / 1.5, w0, tol=None, max_steps=steps - 1, record_every=1).path.kernel_share[-1] > 1e-5
    # The ends of the ranges give whole numbers too.
    assert type(fixed_scale_steps(1.0, 1e-100, 1e-100)) is int and fixed_scale_steps(1e-100, 1e-100, 1e300) == 0


def test_printed_lemma_e_10_singular_values():
    """Read as singular values of A (.2 for λ = .04) the scale is too large: ‖w⊥‖ grows from .5 to .99."""
    problem = LeastSquares([[1, 0, 0], [0, 0.2, 0]], [0, 0.2])
    w0 = np.array([0.0, -sqrt(0.75), 0.5])
    steps = fixed_scale_steps(0.5, 0.05, 0.5)
    for sigma, right in ((0.2, False), (0.04, True)):
        run = solve(problem, FIXED, sigma / (2.5 - sigma), w0, tol=None, max_steps=steps, record_every=1)
        assert (run.path.kernel_share[-1] <= 0.05) == right
        assert (run.path.kernel_share.max() > 0.9) != right


def test_admissible_scale_for_this_target():
    """‖Aᵀy‖/((2 + δ)λmax − λmin) keeps the promise for the target at hand, and adverse starts."""
    check_fixed_scale(fixed_scale_instances(500, 13, True), target="this")


def test_lemma_e_11():
    """P(Σλᵢ²uᵢ² ≤ μ − t) ≤ exp(−m t²) for u uniform on the sphere of the row space, over 500 spectra."""
    rng = np.random.default_rng(14)
    for _ in range(500):
        m = int(rng.integers(2, 40))
        squares = rng.beta(*np.exp(rng.uniform(-3, 1, 2)), m)
        squares[0] = 1
        z = rng.standard_normal((1000, m)) ** 2
        ratio = z @ squares / z.sum(axis=1)
        for t in (0.05, 0.1, 0.2):
            bound = exp(-m * t**2)
            assert np.mean(ratio <= squares.mean() - t) <= bound + 4 * sqrt(bound / 1000)


def wide(rng):
    """A = [diag(s), 0] of a spectrum for which (49) holds, and w* uniform on the unit sphere of the row space."""
    while True:
        m = int(rng.integers(14, 40))
        lam = np.sort(1 - rng.uniform(0, 1) * rng.uniform(0, 1, m) ** rng.uniform(1, 8))[::-1]
        lam[-1] *= np.exp(rng.uniform(-4, 0))
        lam /= lam[0]
        if np.mean(lam**2) >= lam[-1] ** 2 + 2 * sqrt(log(m) / m):
            break
    A = np.hstack([np.diag(np.sqrt(lam)), np.zeros((m, 3))])
    z = rng.standard_normal(m)
    return LeastSquares(A, A[:, :m] @ (z / norm(z)))


def test_proposition_e_9():
    """(50) and Lemma E.11 at the printed deviation: 500 random spectra with (49), targets and starts.

    A target is out of luck with probability m⁻⁴ at most; here none of 500 is.
    """
    rng = np.random.default_rng(15)
    instances, larger = [], []
    for trial in range(500):
        problem, delta, eps = wide(rng), np.exp(rng.uniform(-3, 1)), np.exp(rng.uniform(log(1e-4), log(0.5)))
        instances.append((problem, delta, eps, unit_start(problem, rng, adverse=trial % 2)))
        scale = admissible_scale(problem, delta, target="random")
        larger.append(scale / admissible_scale(problem, delta))
        m, width = problem.m, 2 + delta
        printed = sqrt((np.sum(problem.eigenvalues**2) - 2 * sqrt(m * log(m))) / m) / width
        assert np.isclose(printed * width / (width - problem.lam_min), scale, rtol=1e-9)
    check_fixed_scale(instances, target="random")
    assert min(larger) >= 1 - 1e-9 and np.median(larger) > 2


def test_equations_53_to_56():
    """500 random spectra: the lower tail from 2000 draws each, and the upper tail exactly, with c = (1 − log 2)/2."""
    rng = np.random.default_rng(23)
    c = (1 - log(2)) / 2
    for _ in range(500):
        m = int(rng.integers(2, 60))
        squares = rng.beta(*np.exp(rng.uniform(-2, 1, 2)), m)
        sums = rng.standard_normal((2000, m)) ** 2 @ squares
        fourth = np.sum(squares**2)
        chosen = sqrt(log(m) / m)
        for eps in (rng.uniform(0.02, 0.6), chosen):
            bound = exp(-((eps * m) ** 2) / 4 / fourth)
            assert bound <= exp(-m * eps**2 / 4)
            assert np.mean(sums <= squares.sum() - eps * m) <= bound + 4 * sqrt(bound / 2000)
            tail = chi2.sf((1 + eps) * m, m)
            assert tail <= exp(-m / 2 * (eps - np.log1p(eps))) <= exp(-c * m * min(eps, eps**2)) * (1 + 1e-12)
        assert np.isclose(exp(-m * chosen**2 / 4), m**-0.25) and np.isclose(exp(-c * m * chosen**2), m**-c)


def test_printed_equations_55_and_56_are_not_of_order_one_over_m():
    """The two tails are about m^(−1/4), exp(−cmε²) being m^(−c): m times them grows without bound."""
    for m in (20, 100, 10**3, 10**4, 10**6):
        deviation = sqrt(m * log(m))
        assert chi2.sf(m + deviation, m) > 1 / m and chi2.cdf(m - deviation, m) > 1 / m
    assert 10**6 * chi2.sf(10**6 + sqrt(10**6 * log(10**6)), 10**6) > 1000


def test_printed_lemma_e_11_sphere_of_the_whole_space():
    """w* on the sphere of R^d is no minimum-norm direction, and Σλᵢ²uᵢ² is about m/d of what (50) needs."""
    rng = np.random.default_rng(16)
    m, d = 40, 400
    u = rng.standard_normal((500, d))
    u /= norm(u)[:, None]
    need = 1 - 2 * sqrt(log(m) / m)
    assert need > 0.3
    assert np.mean(np.sum(u[:, :m] ** 2, axis=1) < need) == 1


def ridge(problem, g0):
    """μ and the unit vector u with (AᵀA + μ)g0u = Aᵀy, for 0 < g0 ≤ g*."""
    lam, target = problem.eigenvalues, problem.svd[2].T @ problem.x_star

    def excess(mu):
        return norm(lam / (lam + mu) * target) - g0

    mu = brentq(excess, 0, problem.lam_max * problem.g_star / g0, xtol=1e-15) if g0 < problem.g_star else 0.0
    return mu, problem.svd[2] @ (lam / (lam + mu) * target) / g0


def any_problem(rng, most=4.0):
    m = int(rng.integers(1, 7))
    cond, g_star = np.exp(rng.uniform(0, most)), np.exp(rng.uniform(-1, 1))
    problem = make_least_squares(m, m + int(rng.integers(1, 6)), cond=cond, g_star=g_star, seed=int(rng.integers(9**9)))
    unit = np.exp(rng.uniform(-1, 1))
    return LeastSquares(unit * problem.A, unit * problem.y)


def points_of_the_ball(rng, u, count):
    """Half of them on the sphere; from near u to far away."""
    z = rng.standard_normal((count, u.size))
    w = u + np.exp(rng.uniform(-6, 3, (count, 1))) * z
    radius = np.where(np.arange(count) % 2, 1.0, rng.uniform(0, 1, count))
    return w * (radius / norm(w))[:, None]


def test_the_sphere_and_the_ball():
    """500 problems, a third of them at g0 = g* exactly. Up to there the ridge solution u is the one minimizer.

    F − F(u) is ½g0²(‖A(w − u)‖² + μ(‖w − u‖² + 1 − ‖w‖²)) on the ball, and scipy finds no lower loss. For g0 > g*
    the ball has a minimizer inside, which the sphere cannot have.
    """
    rng = np.random.default_rng(20)
    for trial in range(500):
        problem = any_problem(rng)
        ratio = (rng.uniform(0.05, 0.98), 1.0, rng.uniform(1.02, 3))[trial % 3]
        g0 = ratio * problem.g_star
        start = points_of_the_ball(rng, np.zeros(problem.d), 1)[0]
        found = in_the_ball(problem, g0, start)
        if ratio > 1:
            inside = problem.x_star / g0
            beside = problem.perp(start)
            outside = inside + sqrt(1 - ratio**-2) * beside / norm(beside)
            assert norm(inside) < 1 and np.isclose(norm(outside), 1)
            scale = np.sum(problem.y**2)
            assert max(problem.loss(g0 * w) for w in (inside, outside, found)) < 1e-10 * scale
            continue
        mu, u = ridge(problem, g0)
        assert np.isclose(norm(u), 1)
        assert abs(problem.loss(g0 * found) - problem.loss(g0 * u)) < 1e-9 * problem.loss(0 * u)
        w = points_of_the_ball(rng, u, 100)
        rise = problem.loss(g0 * w) - problem.loss(g0 * u)
        squares = np.sum((w - u) ** 2, axis=1) + 1 - np.sum(w**2, axis=1)
        claimed = g0**2 / 2 * (np.sum(((w - u) @ problem.A.T) ** 2, axis=1) + mu * squares)
        assert np.allclose(rise, claimed, rtol=1e-6, atol=1e-12 * problem.loss(0 * u))
        assert (mu > 0) == (ratio < 1)


def in_the_ball(problem, g0, start):
    """The least loss over the ball, by scipy. In units in which the loss at 0 is 1."""
    unit = problem.loss(np.zeros(problem.d))
    ball = {"type": "ineq", "fun": lambda w: 1 - w @ w, "jac": lambda w: -2 * w}
    return minimize(
        lambda w: problem.loss(g0 * w) / unit,
        start,
        jac=lambda w: g0 * problem.grad(g0 * w) / unit,
        constraints=ball,
        tol=1e-15,
        options={"maxiter": 1000},
    ).x


def test_projections_on_sphere_and_ball_agree_while_v_is_long():
    """At the admissible scale both give the same run; at g0 = .75 g* one step can end inside the ball."""
    for problem, delta, _, w0 in fixed_scale_instances(500, 19, True):
        g0 = admissible_scale(problem, delta)
        ball = w0
        for _ in range(10):
            v = before_projection(problem, g0, ball)
            ball = v / max(1, norm(v))
        assert np.allclose(ball, solve(problem, FIXED, g0, w0, tol=None, max_steps=10).w, rtol=0, atol=1e-12)
    problem = LeastSquares([[1, 0, 0], [0, 0.5, 0]], [0, 1.0])
    assert norm(before_projection(problem, 1.5, np.array([0, -1.0, 0]))) < 0.5


def test_fixed_scale_finds_the_ridge_solution():
    """500 problems, any g0 < g*: x tends to (AᵀA + μ)⁻¹Aᵀy of norm g0, ‖w⊥‖ shrinks by 1 + μ/λmax a step, λ_t → μ.

    Half of the starts are adverse: near the eigenvector of λmin or its opposite, with a small kernel part.
    """
    rng = np.random.default_rng(21)
    for trial in range(500):
        problem = any_problem(rng)
        g0 = rng.uniform(0.05, 0.97) * problem.g_star
        mu, u = ridge(problem, g0)
        speed = mu / problem.lam_max
        assert speed >= (problem.g_star / g0 - 1) * problem.lam_min / problem.lam_max * (1 - 1e-9)
        w0 = unit_start(problem, rng, adverse=trial % 2)
        # At its final speed a run gains e⁴⁰ in 40/log(1 + speed) steps; the rest is for what comes before.
        steps = 3000 + int(40 / np.log1p(speed))
        w = solve(problem, FIXED, g0, w0, tol=None, max_steps=steps).w
        assert np.allclose(w, u, rtol=0, atol=1e-8)
        near = problem.parallel(w) + 1e-6 * problem.perp(w0) / norm(problem.perp(w0))
        path = solve(problem, FIXED, g0, near, tol=None, max_steps=5, record_every=1).path
        assert np.allclose(path.kernel_share[:-1] / path.kernel_share[1:], 1 + speed, rtol=1e-7)
        assert np.isclose(penalty(problem, FIXED, path).strength[-1], mu, rtol=1e-4, atol=1e-9 * problem.lam_max)


def test_two_phases():
    """500 problems, κ up to 10⁴: T1 and T2 suffice for ‖x⊥‖ ≤ ε g0 and for the loss.

    GD alone keeps all of the kernel part, at any scale.
    """
    rng = np.random.default_rng(22)
    ratios = []
    for trial in range(500):
        problem = any_problem(rng, most=log(1e4))
        delta, eps = np.exp(rng.uniform(-2, 2)), np.exp(rng.uniform(log(1e-8), log(0.3)))
        g0 = admissible_scale(problem, delta) * rng.uniform(0.1, 1)
        w0 = unit_start(problem, rng, adverse=trial % 2)
        kernel, share = norm(problem.perp(w0)), problem.lam_min / problem.lam_max
        first = solve(problem, FIXED, g0, w0, tol=None, max_steps=fixed_scale_steps(kernel, eps, delta))
        tol = 10.0 ** rng.uniform(-9, -1) * np.sum(problem.y**2)
        left = problem.loss(first.x)
        promised = max(0, ceil(log(left / tol) / -2 / np.log1p(-share))) if share < 1 else int(left > tol)
        second = solve(problem, GD(1 / problem.lam_max), g0, first.w, tol=tol * (1 + 1e-9), max_steps=promised)
        assert second.converged
        ratios.append((promised + 1) / (second.t + 1))
        kept = norm(problem.perp(second.x))
        assert kept <= g0 * eps * (1 + 1e-9)
        assert np.isclose(kept, g0 * norm(problem.perp(first.w)), rtol=1e-9, atol=1e-14 * problem.g_star)
        row_error = norm(problem.parallel(second.x) - problem.x_star)
        assert row_error <= sqrt(2 * tol / problem.lam_min) * (1 + 1e-6)
        alone = solve(problem, GD(1 / problem.lam_max), g0, w0, tol=tol, max_steps=20)
        assert np.isclose(norm(problem.perp(alone.x)), g0 * kernel, rtol=1e-9, atol=1e-14 * problem.g_star)
    assert min(ratios) >= 1 and 1 <= np.median(ratios) < 3


def test_a_fixed_scale_above_the_target_ends_at_a_solution():
    """200 problems, g0 > g*: x∥ → x*, so ‖w⊥‖² → 1 − (g*/g0)², from starts with a kernel part."""
    rng = np.random.default_rng(38)
    for trial in range(200):
        problem = any_problem(rng, most=2.0)
        g0 = rng.uniform(1.1, 4) * problem.g_star
        w0 = unit_start(problem, rng, adverse=trial % 2)
        run = solve(problem, FIXED, g0, w0, tol=None, max_steps=20_000)
        assert np.allclose(problem.parallel(run.x), problem.x_star, rtol=0, atol=1e-7 * problem.g_star)
        assert np.isclose(norm(problem.perp(run.w)) ** 2, 1 - (problem.g_star / g0) ** 2, atol=1e-7)


def test_a_longer_step_keeps_the_promise_of_lemma_e_10():
    """‖v‖ ≥ 1 + δ at the step s/(g0²λmax) for every s ≥ 1, on 500 instances; a shorter one breaks it."""
    rng = np.random.default_rng(39)
    for problem, delta, _, w in fixed_scale_instances(500, 40, adverse=True):
        g0, s = admissible_scale(problem, delta), 1 + 10 ** rng.uniform(-3, 2)
        v = w - s * problem.grad(g0 * w) / (g0 * problem.lam_max)
        assert norm(v) >= (1 + delta) * (1 - 1e-9)
    problem = LeastSquares([[1, 0, 0], [0, 0.5, 0]], [0, 1])
    g0, w = admissible_scale(problem, 0.5), -problem.w_star
    assert norm(w - 0.99 * problem.grad(g0 * w) / (g0 * problem.lam_max)) < 1.5 - 1e-3


# Bad parameters


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: fixed_scale_steps(0.8, 0.01, 0), ValueError, "delta must be at least 1e-100; got 0.0"),
        (lambda: admissible_scale(PLANE, -1), ValueError, "delta must be greater than 0"),
        (lambda: admissible_scale(PLANE, 1, target="all"), ValueError, "target must be one of 'every', 'this'"),
        (lambda: admissible_scale(PLANE, 1, failure=0.1), ValueError, 'failure is for target="random" only'),
        (lambda: admissible_scale(PLANE, 1, target="random", failure=2), ValueError, "failure must be at most 1"),
        (
            lambda: admissible_scale(make_least_squares(4, 8, cond=9), 1, target="random"),
            ValueError,
            r'condition \(49\); got .*take target="every"',
        ),
        (lambda: largest_phase_one_gamma(0.5, 1, 0.8, 0, rho=1), ValueError, "steps must be at least 1; got 0"),
        (lambda: largest_phase_one_gamma(0.5, 1, 0.8, 2.5, rho=1), TypeError, "steps must be an integer"),
    ],
)
def test_bad_parameters_get_a_sentence(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
