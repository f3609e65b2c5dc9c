import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo import ZOO

from wnlib import LeastSquares, make_least_squares, random_direction
from wnlib.problems import random_problems, random_start


@pytest.mark.parametrize("name", ZOO)
def test_definition_1_1(name):
    """x* solves Ax = y, lies in the row space, and is the shortest solution."""
    animal = ZOO[name]
    problem = animal.problem
    assert np.allclose(problem.x_star, animal.x_star, rtol=0, atol=1e-9)
    assert np.allclose(problem.A @ problem.x_star, problem.y, rtol=0, atol=1e-12)
    assert np.linalg.norm(problem.perp(problem.x_star)) < 1e-12 * problem.g_star
    assert np.allclose(problem.g_star * problem.w_star, problem.x_star) and problem.g_star > 0
    rng = np.random.default_rng(0)
    others = problem.x_star + problem.perp(rng.standard_normal((100, problem.d)))
    assert np.all(problem.loss(others) < 1e-20 * problem.lam_max + 1e-20)
    assert np.all(np.linalg.norm(others, axis=1) > problem.g_star)


@pytest.mark.parametrize("name", ZOO)
def test_split_is_orthogonal(name):
    """z = z∥ + z⊥ with Az∥ = Az, Az⊥ = 0, and z∥ in the row space, which makes it unique (Definition 1.1)."""
    problem = ZOO[name].problem
    z = np.random.default_rng(1).standard_normal((4, 5, problem.d))
    parallel, perp = problem.parallel(z), problem.perp(z)
    scale = np.sqrt(problem.lam_max)
    assert np.allclose(parallel + perp, z)
    assert np.abs(perp @ problem.A.T).max() < 1e-12 * scale
    assert np.abs((parallel - z) @ problem.A.T).max() < 1e-12 * scale
    assert np.abs(np.sum(parallel * perp, axis=-1)).max() < 1e-12
    assert np.allclose(parallel, z @ np.linalg.pinv(problem.A) @ problem.A)


@pytest.mark.parametrize("name", ZOO)
def test_gradient_is_the_slope_of_the_loss(name):
    problem = ZOO[name].problem
    x, move = np.random.default_rng(2).standard_normal((2, 3, problem.d))
    # The loss is quadratic, so the central difference is exact but for rounding, whatever the length.
    slope = (problem.loss(x + move) - problem.loss(x - move)) / 2
    assert np.allclose(slope, np.sum(problem.grad(x) * move, axis=-1), rtol=1e-9)
    assert np.abs(problem.perp(problem.grad(x))).max() < 1e-11 * problem.lam_max


@pytest.mark.parametrize("cond", [1.0, 10.0, 1e6])
@pytest.mark.parametrize(("m", "d"), [(1, 2), (20, 50), (49, 50)])
def test_make_least_squares(m, d, cond):
    problem = make_least_squares(m, d, cond=cond, g_star=2.5, seed=3)
    spectrum = np.linalg.eigvalsh(problem.A @ problem.A.T)[::-1]
    assert np.allclose(problem.eigenvalues, spectrum, rtol=1e-8, atol=1e-14)
    assert np.isclose(spectrum[0], 1)
    assert np.isclose(problem.lam_max / problem.lam_min, cond if m > 1 else 1, rtol=1e-8)
    assert np.isclose(problem.g_star, 2.5)
    assert np.allclose(np.diff(np.log(problem.eigenvalues), n=2), 0, atol=1e-8)


def test_draws_are_uniform():
    """Row spaces and directions have no preferred axis: second moments are m/d and 1/d times the identity."""
    draws = [make_least_squares(2, 4, seed=seed) for seed in range(600)]
    projections = np.mean([p.svd[2] @ p.svd[2].T for p in draws], axis=0)
    assert np.abs(projections - np.eye(4) / 2).max() < 0.06
    directions = np.array([random_direction(4, seed=seed) for seed in range(600)])
    assert np.abs(directions.mean(axis=0)).max() < 0.08
    assert np.abs(directions.T @ directions / 600 - np.eye(4) / 4).max() < 0.06
    w_star = np.array([p.svd[2].T @ p.w_star for p in draws])
    assert np.abs(w_star.T @ w_star / 600 - np.eye(2) / 2).max() < 0.1


def test_same_seed_same_problem():
    first, again, other = (make_least_squares(seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(first.A, again.A) and np.array_equal(first.y, again.y)
    assert not np.allclose(first.A, other.A)


def test_problem_is_its_own():
    A = np.eye(2, 3)
    problem = LeastSquares(A, [1, 1])
    A[0, 0] = 9
    assert problem.A[0, 0] == 1


BAD = [
    ([[1, 0], [0, 1]], [1, 1], ValueError, "m = 2, d = 2"),
    (np.eye(3, 2), [1, 1, 1], ValueError, "m = 3, d = 2"),
    ([[1, 0, 0], [2, 0, 0]], [1, 1], ValueError, "2 rows have rank 1"),
    (np.zeros((1, 2)), [1], ValueError, "1 rows have rank 0"),
    ([[1, 0]], [0], ValueError, "y must not be zero"),
    ([[1, 0]], [1, 2], ValueError, r"y must have shape \(1,\); got \(2,\)"),
    ([1, 0], [1], ValueError, r"A must have shape \(m, d\); got \(2,\)"),
    (np.empty((0, 3)), [], ValueError, r"got \(0, 3\)"),
    ([[1, np.nan]], [1], ValueError, "1 of its 2 entries"),
    ([[1, 0]], [np.inf], ValueError, "y must be finite"),
    ([[1, 1j]], [1], TypeError, "complex128"),
    ([["a", "b"]], [1], TypeError, "real numbers"),
    ([[True, False]], [1], TypeError, "bool"),
    ([[1, 2], [3]], [1], TypeError, "array of numbers"),
    ([[1, 0]], [1e200], ValueError, "largest target 1e.200. Change the units"),
    ([[1e-300, 0]], [1], ValueError, "singular values 1e-300 to 1e-300"),
    (None, [1], TypeError, "object"),
]


@pytest.mark.parametrize("name", ["A", "y", "x_star", "w_star", "eigenvalues"])
def test_nothing_writes_into_a_problem(name):
    with pytest.raises(ValueError, match="read-only"):
        getattr(LeastSquares([[1, 0]], [2]), name)[0] = 7


@pytest.mark.parametrize("name", ["loss", "grad", "parallel", "perp"])
def test_a_vector_of_another_dimension_gets_a_sentence(name):
    with pytest.raises(ValueError, match=r"must have d = 2 entries.* got shape \(2, 3\)"):
        getattr(LeastSquares([[1, 0]], [2]), name)(np.ones((2, 3)))


@pytest.mark.parametrize(("A", "y", "error", "sentence"), BAD)
def test_bad_problems_get_a_sentence(A, y, error, sentence):
    with pytest.raises(error, match=sentence):
        LeastSquares(A, y)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"m": 50, "d": 20}, ValueError, r"needs m < d .*got m = 50, d = 20"),
        ({"m": 2.0}, TypeError, "m must be an integer; got 2.0"),
        ({"m": 0}, ValueError, "m must be at least 1; got 0"),
        ({"cond": 0.5}, ValueError, "cond must be at least 1; got 0.5"),
        ({"cond": 1e30}, ValueError, r"cond must be below 8\.11e\+27.*full rank.*got 1e\+30"),
        ({"g_star": 0}, ValueError, "g_star must be at least 1e-100"),
        ({"g_star": np.inf}, ValueError, "g_star must be finite"),
        ({"g_star": "3"}, TypeError, "real number; got '3'"),
        ({"seed": 1.5}, TypeError, "seed must be an integer; got 1.5"),
        ({"seed": True}, TypeError, "seed must be an integer; got True"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
    ],
)
def test_bad_draws_get_a_sentence(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        make_least_squares(**arguments)


@given(
    value=st.one_of(st.none(), st.text(), st.floats(), st.integers(-5, 5), st.lists(st.floats(), max_size=4)),
    where=st.sampled_from(["A", "y"]),
)
def test_any_bad_input_is_a_sentence_or_a_problem(value, where):
    """Whatever comes in, the answer is a problem or a TypeError or ValueError with a whole sentence."""
    arguments = {"A": [[1.0, 2.0]], "y": [1.0], where: value}
    try:
        problem = LeastSquares(**arguments)
    except (TypeError, ValueError) as error:
        assert str(error).endswith(".") and where in str(error)
    else:
        assert problem.loss(problem.x_star) < 1e-12 * np.sum(problem.y**2) + 1e-300


def test_a_row_is_drawn_uniformly():
    """A bare QR factorization gives a single row a first entry of one sign only."""
    signs = {np.sign(make_least_squares(1, 6, seed=seed).A[0, 0]) for seed in range(40)}
    assert signs == {-1.0, 1.0}


@pytest.mark.parametrize("seed", range(10))
def test_a_direction_shares_no_draws_with_a_problem_of_the_same_seed(seed):
    """Shared draws would show as one run of numbers in both, perhaps moved by a few places."""
    row = make_least_squares(1, 50, seed=seed).A[0]
    assert np.abs(np.correlate(row, random_direction(50, seed=seed), "full")).max() < 0.8


def test_a_random_start_has_the_share_and_looks_at_the_solution():
    for seed, (problem, _) in enumerate(random_problems(50, seed=8)):
        share = seed / 49
        w0 = random_start(problem, share, seed=seed)
        assert np.isclose(np.linalg.norm(w0), 1) and np.isclose(np.linalg.norm(problem.perp(w0)), share, atol=1e-12)
        assert w0 @ problem.w_star >= -1e-12
