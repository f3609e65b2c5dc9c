import json
import re
from importlib import import_module, util
from pathlib import Path

import numpy as np
import pytest
import sympy

from wnlib import check, exercises
from wnlib.exercises import _find

BOOK = Path(__file__).parents[1] / "book"


ANSWERS = [
    import_module(f"exercises.{file.stem}") for file in sorted((Path(__file__).parent / "exercises").glob("*.py"))
]
RIGHT = {label: answer for module in ANSWERS for label, answer in module.RIGHT.items()}
WRONG = [mistake for module in ANSWERS for mistake in module.WRONG]

# They ask for an example, of which there are many near each other, or for True or False.
MANY_ARE_RIGHT = {
    "concrete_example.ends_farther",
    "convergence_rate.hundredfold",
    "general_matrix.spectrum",
    "phase_one_and_two.slow_gap",
    "prediction.choose",
    "stationary_points.is_stationary",
}


@pytest.mark.parametrize("label", RIGHT)
def test_right_answers_are_right(label):
    verdict = check(label, RIGHT[label])
    assert verdict.right is True, verdict
    assert str(verdict).startswith("Right. On 20 random")


@pytest.mark.parametrize(("label", "answer", "reason"), WRONG)
def test_each_mistake_gets_its_own_sentence(label, answer, reason):
    verdict = check(label, answer)
    assert verdict.right is False
    assert reason in str(verdict)


def test_each_exercise_knows_five_mistakes():
    assert all(sum(known == label for known, *_ in WRONG) >= 5 for label in RIGHT)


def off(value, factor=1.01):
    """An answer that is off by a hundredth, of whatever form it is."""
    if isinstance(value, tuple):
        return tuple(off(part, factor) for part in value)
    return value if isinstance(value, bool | np.bool_) else np.asarray(value, dtype=float) * factor


@pytest.mark.parametrize("label", sorted(set(RIGHT) - MANY_ARE_RIGHT))
def test_what_is_off_by_a_hundredth_is_not_right(label):
    verdict = check(label, lambda *arguments: off(RIGHT[label](*arguments)))
    assert verdict.right is False, verdict
    # A sentence that says what the right value is would leave nothing to think about.
    assert "the answer is" not in str(verdict)


@pytest.mark.parametrize("label", RIGHT)
def test_untouched_stubs_are_not_answered(label):
    assert check(label, ...).right is None
    assert check(label, lambda *arguments: ...).right is None
    assert check(label, lambda *arguments: (..., ...)).right is None


def test_answers_that_write_into_their_arguments_are_judged_by_what_they_return():
    def careless(A, y):
        x = np.linalg.pinv(A) @ y
        A[:] = 0
        return x

    assert check("setup.minimum_norm", careless).right


@pytest.mark.parametrize("kind", [float, np.float32, np.array, np.atleast_1d, sympy.Float])
def test_a_number_may_be_of_any_kind(kind):
    for label in ("stationary_points.unstable_rate", "orthogonal.steps_of_rest", "orthogonal.dangerous_scale"):
        assert check(label, lambda *a, right=RIGHT[label]: kind(right(*a))).right
    for label in ("discussion.share", "matrix_sensing.final_norm"):
        assert check(label, lambda *a, right=RIGHT[label]: kind(right(*a))).right
    for label in ("linear_regression.largest_scale", "general_loss.unseen_factor"):
        assert kind is np.float32 or check(label, lambda *a, right=RIGHT[label]: kind(right(*a))).right
    for label in ("general.largest_scale_for_all", "penalty.strength_of_rpgd", "penalty.largest_kernel_part"):
        # The last digits of a single-precision number are not those that these exercises are about.
        assert kind is np.float32 or check(label, lambda *a, right=RIGHT[label]: kind(right(*a))).right


def test_a_vector_may_be_a_list_or_hold_numbers_of_sympy():
    right = RIGHT["stationary_points.stuck_start"]
    assert check("stationary_points.stuck_start", lambda *a: [float(v) for v in right(*a)]).right
    assert check("stationary_points.stuck_start", lambda *a: tuple(map(sympy.Float, right(*a)))).right


def test_a_pair_may_be_an_array_and_a_bound_may_be_cut_off():
    ratios = RIGHT["solution.winning_ratios"]
    assert check("solution.winning_ratios", lambda *a: np.array(ratios(*a))).right
    floor = RIGHT["convergence_rate.scale_floor"]
    assert check("convergence_rate.scale_floor", lambda *a: max(0, floor(*a))).right


@pytest.mark.parametrize("label", ["matrix_sensing.gradient", "general_loss.seen_projection"])
def test_a_matrix_may_be_a_list_or_one_of_sympy(label):
    right = RIGHT[label]
    assert check(label, lambda *a: right(*a).tolist()).right
    assert check(label, lambda *a: sympy.Matrix(right(*a))).right


def test_a_diagonal_may_be_a_matrix():
    split = RIGHT["matrix_sensing.diagonal_start"]
    for kind in (np.diag, lambda D: sympy.diag(*D.tolist()), list):
        assert check("matrix_sensing.diagonal_start", lambda U0, kind=kind: (split(U0)[0], kind(split(U0)[1]))).right


def test_an_error_that_an_answer_raises_is_told_from_one_that_its_value_causes():
    assert "Your answer raised ZeroDivisionError" in str(check("invariant.scale_needed", lambda g0, c, share: 1 / 0))
    assert "What your function returned" in str(check("invariant.scale_needed", lambda g0, c, share: 1e308))


def test_a_verdict_may_be_numpys():
    right = RIGHT["concrete_example.ends_farther"]
    assert check("concrete_example.ends_farther", lambda *a: np.array(right(*a))).right


def test_a_package_that_is_imported_twice_knows_its_own_mistakes():
    """As pytest imports it when it collects the file alone."""
    spec = util.spec_from_file_location("wnlib.exercises", exercises.__file__)
    twin = util.module_from_spec(spec)
    spec.loader.exec_module(twin)
    assert str(twin.check("setup.minimum_norm", lambda A, y: A.T @ y)).startswith("Not right yet. A x = y must hold")


def test_a_verdict_is_true_where_the_answer_is_right():
    assert check("setup.minimum_norm", lambda A, y: np.linalg.pinv(A) @ y)
    assert not check("setup.minimum_norm", lambda A, y: A.T @ y)
    assert not check("setup.minimum_norm", ...)


def test_the_label_must_be_a_text():
    with pytest.raises(TypeError, match=r'such as "setup\.split"; got 3'):
        check(3, lambda A, y: y)


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("_answers.x", "the chapters are"),
        ("nowhere.x", "the chapters are .*introduction, .*setup"),
        ("setup.x", "setup.minimum_norm"),
        ("setup.vector", "setup.minimum_norm"),
        ("setup._h", "setup.minimum_norm"),
    ],
)
def test_unknown_labels_list_the_known_ones(label, sentence):
    with pytest.raises(KeyError, match=sentence):
        check(label, 1)


def test_every_exercise_of_the_book_has_a_checker_and_a_solution():
    """Each label in a notebook is known, and is checked twice there: on the stub and on the folded solution."""
    used = {}
    for notebook in BOOK.rglob("*.ipynb"):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            for label in re.findall(r'check\("([\w.]+)"', "".join(cell["source"])):
                used.setdefault(label, []).append(cell)
    assert set(RIGHT) == set(used)
    for label, cells in used.items():
        assert _find(label)
        assert len(cells) == 2, label
