"""Section 3 for any matrix, and Appendix E.3. The names carry the paper's numbers: pages cite them."""

from math import exp, log, sqrt

import numpy as np
import pytest
from instances import FIXED, PLANE, before_projection, norm
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

from wnlib import GD, LeastSquares, make_least_squares, random_direction, solve
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
        run = solve(problem, FIXED, g0, w0, tol=1e-300, max_steps=steps, record_every=1)
        path = run.path.w_perp_norm
        assert run.steps == steps and path[-1] <= eps * (1 + 1e-9)
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
    assert solve(PLANE, FIXED, 1 / 1.5, w0, tol=1e-300, max_steps=steps - 1, record_every=1).path.w_perp_norm[-1] > 1e-5


def test_printed_lemma_e_10_singular_values():
    """Read as singular values of A (.2 for λ = .04) the scale is too large: ‖w⊥‖ grows from .5 to .99."""
    problem = LeastSquares([[1, 0, 0], [0, 0.2, 0]], [0, 0.2])
    w0 = np.array([0.0, -sqrt(0.75), 0.5])
    steps = fixed_scale_steps(0.5, 0.05, 0.5)
    for sigma, right in ((0.2, False), (0.04, True)):
        run = solve(problem, FIXED, sigma / (2.5 - sigma), w0, tol=1e-300, max_steps=steps, record_every=1)
        assert (run.path.w_perp_norm[-1] <= 0.05) == right
        assert (run.path.w_perp_norm.max() > 0.9) != right


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


def wide(m, rng):
    """A = [diag(s), 0] with one small eigenvalue, and w* uniform on the unit sphere of the row space."""
    lam = np.append(rng.uniform(0.9, 1, m - 1), 0.2)
    lam[0] = 1
    A = np.hstack([np.diag(np.sqrt(lam)), np.zeros((m, 3))])
    z = rng.standard_normal(m)
    return LeastSquares(A, A[:, :m] @ (z / norm(z)))


def test_proposition_e_9():
    """(50) and Lemma E.11 at the printed deviation: 500 random targets and starts, and a scale well above (E.10)."""
    rng = np.random.default_rng(15)
    instances = [(wide(40, rng), 0.3, 0.01, unit_start(wide(40, rng), rng, adverse=k % 2)) for k in range(500)]
    check_fixed_scale(instances, target="random")
    problem = instances[0][0]
    assert admissible_scale(problem, 0.3, target="random") > 2 * admissible_scale(problem, 0.3)
    m = problem.m
    printed = sqrt((np.sum(problem.eigenvalues**2) - 2 * sqrt(m * log(m))) / m) / 2.3
    assert printed < admissible_scale(problem, 0.3, target="random")
    assert np.isclose(printed * 2.3 / 2.1, admissible_scale(problem, 0.3, target="random"))


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


def test_the_sphere_and_the_ball():
    """The minimizers of the two problems agree for g0 < g*; for g0 > g* the ball has some inside."""
    for seed in range(5):
        problem = make_least_squares(4, 7, cond=5, seed=seed)
        for ratio in (0.3, 0.8, 1.5):
            g0 = ratio * problem.g_star
            ball = {"type": "ineq", "fun": lambda w: 1 - w @ w}
            start = np.zeros(7)
            found = minimize(lambda w, g0=g0, p=problem: p.loss(g0 * w), start, constraints=ball, tol=1e-14).x
            inside = norm(found) < 1 - 1e-4
            assert inside == (ratio > 1)
            if ratio < 1:
                run = solve(problem, FIXED, g0, random_direction(7, seed=seed), tol=1e-300, max_steps=5000)
                assert np.allclose(run.w, found, atol=1e-4)


def test_projections_on_sphere_and_ball_agree_while_v_is_long():
    """At the admissible scale both give the same run; at g0 = .75 g* one step can end inside the ball."""
    for problem, delta, _, w0 in fixed_scale_instances(500, 19, True):
        g0 = admissible_scale(problem, delta)
        ball = w0
        for _ in range(10):
            v = before_projection(problem, g0, ball)
            ball = v / max(1, norm(v))
        assert np.allclose(ball, solve(problem, FIXED, g0, w0, tol=1e-300, max_steps=10).w, rtol=0, atol=1e-12)
    problem = LeastSquares([[1, 0, 0], [0, 0.5, 0]], [0, 1.0])
    assert norm(before_projection(problem, 1.5, np.array([0, -1.0, 0]))) < 0.5


def test_fixed_scale_finds_the_ridge_solution():
    """For any g0 < g*: x tends to (AᵀA + μ)⁻¹Aᵀy of norm g0, ‖w⊥‖ shrinks by 1 + μ/λmax a step, λ_t → μ."""
    for seed in range(30):
        problem = make_least_squares(4, 8, cond=20, seed=seed)
        g0 = np.random.default_rng(seed).uniform(0.3, 0.9) * problem.g_star
        lam, V = problem.eigenvalues, problem.svd[2]
        target = V.T @ problem.x_star

        def ridge(mu, lam=lam, target=target):
            return lam / (lam + mu) * target

        mu = brentq(lambda mu, ridge=ridge, g0=g0: norm(ridge(mu)) - g0, 0, 1e3, xtol=1e-14)
        run = solve(problem, FIXED, g0, random_direction(8, seed=seed), tol=1e-300, max_steps=2000, record_every=1)
        assert np.allclose(run.x, V @ ridge(mu), atol=1e-6)
        assert np.isclose(penalty(problem, FIXED, run.path).strength[-1], mu, rtol=1e-4)
        usable = run.path.w_perp_norm[run.path.w_perp_norm > 1e-280]
        assert np.isclose(usable[-2] / usable[-1], 1 + mu, rtol=1e-4)


def test_two_phases_against_gd_alone():
    """rPGD at the admissible scale, then GD: the kernel part of the end is g0 ε at most, where GD keeps all of it."""
    for cond in (1, 10, 100, 1e4):
        problem, w0 = make_least_squares(10, 25, cond=cond, seed=17), random_direction(25, seed=17)
        g0 = admissible_scale(problem, 1.0)
        first = solve(
            problem, FIXED, g0, w0, tol=1e-300, max_steps=fixed_scale_steps(norm(problem.perp(w0)), 1e-6, 1.0)
        )
        second = solve(problem, GD(1.0), g0, first.w, tol=1e-8, max_steps=10**6)
        alone = solve(problem, GD(1.0), g0, w0, tol=1e-8, max_steps=10**6)
        assert second.converged and alone.converged
        assert norm(problem.perp(second.x)) <= 1e-6 * g0 * (1 + 1e-9)
        assert np.isclose(norm(problem.perp(alone.x)), g0 * norm(problem.perp(w0)))


# Bad parameters


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: fixed_scale_steps(0.8, 0.01, 0), ValueError, "delta must be greater than 0; got 0.0"),
        (lambda: admissible_scale(PLANE, -1), ValueError, "delta must be greater than 0"),
        (lambda: admissible_scale(PLANE, 1, target="all"), ValueError, 'must be "every", "this" or "random"'),
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
