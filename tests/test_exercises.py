import json
import re
from pathlib import Path

import numpy as np
import pytest

from wnlib import check
from wnlib.exercises import _find

BOOK = Path(__file__).parents[1] / "book"


def kernel(A):
    return np.eye(A.shape[1]) - np.linalg.pinv(A) @ A


def wn_step(A, y, g, w, eta, gamma, *, size_power=1, project=True, late_g=False, sign=1):
    size = np.linalg.norm(w)
    u = w / size
    G = A.T @ (g * (A @ u) - y)
    move = G - (u @ G) * u if project else G
    w_next = w - sign * eta * g / size**size_power * move
    if late_g:
        u = w_next / np.linalg.norm(w_next)
        G = A.T @ (g * (A @ u) - y)
    return g - gamma * (u @ G), w_next


RIGHT = {
    "setup.minimum_norm": lambda A, y: A.T @ np.linalg.solve(A @ A.T, y),
    "setup.split": lambda A, z: (np.linalg.pinv(A) @ (A @ z), kernel(A) @ z),
    "setup.weight_normalization_step": wn_step,
    "introduction.gd_limit": lambda A, y, x0: x0 + np.linalg.pinv(A) @ (y - A @ x0),
    "introduction.shrink_factor": lambda A, y, g, w, eta: 1 / np.linalg.norm(w - eta * g * A.T @ (A @ (g * w) - y)),
    "introduction.best_start": lambda A, x0: x0 - kernel(A) @ x0,
}

WRONG = [
    ("setup.minimum_norm", lambda A, y: A.T @ y, r"‖Ax − y‖ = "),
    ("setup.minimum_norm", lambda A, y: np.linalg.solve(A @ A.T, y), "multiply it by Aᵀ"),
    ("setup.minimum_norm", lambda A, y: np.linalg.pinv(A) @ y + kernel(A)[0], "a shorter solution exists"),
    ("setup.minimum_norm", lambda A, y: None, "returned None"),
    ("setup.minimum_norm", lambda A, y: np.full(A.shape[1], np.nan), "NaN"),
    ("setup.minimum_norm", lambda A: A, "raised TypeError"),
    ("setup.split", lambda A, z: z, "Return two vectors"),
    ("setup.split", lambda A, z: (kernel(A) @ z, z - kernel(A) @ z), "swapped"),
    ("setup.split", lambda A, z: (A.T @ (A @ z), kernel(A) @ z), "must be z"),
    ("setup.split", lambda A, z: (z / 2, z / 2), "A z⊥ must be 0"),
    ("setup.split", lambda A, z: (z - 2 * kernel(A) @ z, 2 * kernel(A) @ z), "not in the row space"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a)[1], "the pair g, w"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a)[::-1], "first value must be the number g"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, size_power=0), "too long by the factor ‖w‖"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, project=False), "part along w"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, late_g=True), "uses the new w"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a, sign=-1), "uphill"),
    ("setup.weight_normalization_step", lambda *a: wn_step(*a[:4], a[5], a[4]), "eta, not gamma, moves w"),
    ("setup.weight_normalization_step", lambda *a: (a[2], wn_step(*a)[1]), "slope of h in g"),
    ("introduction.gd_limit", lambda A, y, x0: np.linalg.pinv(A) @ y, "whatever x0 is"),
    ("introduction.gd_limit", lambda A, y, x0: x0, "so A x = y"),
    ("introduction.gd_limit", lambda A, y, x0: np.linalg.pinv(A) @ y - kernel(A) @ x0, "kernel part differs"),
    ("introduction.shrink_factor", lambda A, y, g, w, eta: 1.0, "divides all of w"),
    (
        "introduction.shrink_factor",
        lambda A, y, g, w, eta: np.linalg.norm(w - eta * g * A.T @ (A @ (g * w) - y)),
        "its inverse",
    ),
    (
        "introduction.shrink_factor",
        lambda A, y, g, w, eta: 1 / np.linalg.norm(w - eta * A.T @ (A @ (g * w) - y)),
        "carries a factor g",
    ),
    (
        "introduction.shrink_factor",
        lambda *a: RIGHT["introduction.shrink_factor"](*a) ** 2,
        "asks for that of ‖w⊥‖",
    ),
    ("introduction.shrink_factor", lambda A, y, g, w, eta: 0.5, "you say 0.5"),
    ("introduction.shrink_factor", lambda A, y, g, w, eta: w, "one number"),
    ("introduction.best_start", lambda A, x0: 0 * x0, "nearest to x0"),
    ("introduction.best_start", lambda A, x0: x0, "kernel part of norm"),
    ("introduction.best_start", lambda A, x0: x0[:1], "array of"),
]


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


@pytest.mark.parametrize("label", RIGHT)
def test_untouched_stubs_are_not_answered(label):
    assert check(label, ...).right is None
    assert check(label, lambda *arguments: ...).right is None


def test_answers_that_write_into_their_arguments_are_judged_by_what_they_return():
    def careless(A, y):
        x = np.linalg.pinv(A) @ y
        A[:] = 0
        return x

    assert check("setup.minimum_norm", careless).right


@pytest.mark.parametrize(
    ("label", "sentence"), [("nowhere.x", "the chapters are introduction"), ("setup.x", "setup.minimum_norm")]
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
