"""What a student's edit may not do to a page: sentences follow their numbers, and the tool that tries edits tells.

`make edits` tries hundreds of them; here are the rules that need no run, on all notebooks, and the tool on a small one.
"""

import json
import multiprocessing

import numpy as np
import pytest

from tests.edits import NOTEBOOKS, Edit, draw, places, sources
from tests.edits.judge import judged
from tests.edits.notebook import after, free, stored
from tests.edits.verdict import chosen_by_else, typed_twice, unsaid

pages = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pages
def test_no_number_is_typed_in_code_and_again_in_words(path):
    """Who changes the one sees the other stay: give the number a name, and have the sentence print that."""
    assert [(k, *found) for k, source in enumerate(sources(path)) for found in typed_twice(source)] == []


@pages
def test_no_claim_is_chosen_by_an_else(path):
    """Two numbers may be equal, and a number may be none: a claim has a test of its own."""
    assert [choice for source in sources(path) for choice in chosen_by_else(source)] == []


@pages
def test_a_run_that_has_to_converge_says_why_it_did_not(path):
    assert [told for source in sources(path) for told in unsaid(source)] == []


@pages
def test_each_place_of_an_edit_is_found(path):
    for source in sources(path):
        for kind, start, old, choices in places(source):
            assert source[start : start + len(old)] == old and old not in choices and choices, (kind, old)


def test_a_seed_draws_the_same_edits():
    first, again, other = (draw(np.random.default_rng(seed), 40) for seed in (3, 3, 4))
    assert first == again != other and len(set(first)) == 40
    assert {edit.kind for edit in first} >= {"number", "operator", "name"}


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("for k in range(200):\n    run(k)\nprint('200 random problems')", ["200"]),
        ("n = 200\nprint(f'{n} random problems')", []),
        ("assert off < 1e-10\nprint('equal to within 1e-10')", ["1e-10"]),
        ("show(7)\nprint('Theorem 7 and footnote 7, 7% and 1/7')", []),
        ("ax.text(5, 3, 'slope of 5')", []),
        ("print(f'of 40 starts {count(40)} end')", ["40"]),
        ("def f():\n    'The 30 starts.'\n    return 30", []),
    ],
)
def test_numbers_typed_twice_are_found(source, numbers):
    assert [number for number, _ in typed_twice(source)] == numbers


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("'closer' if a < b else 'farther'", 1),
        ("'closer' if a < b else 'farther' if a > b else 'as far'", 0),
        ("assert run.converged, run.message\n'closer' if a < b else 'farther'", 0),
        ("'left' if a < b else 'right'", 0),
        ("'WN' if kind is WN else 'another'", 0),
    ],
)
def test_claims_chosen_by_else_are_found(source, found):
    assert len(chosen_by_else(source)) == found


def test_assertions_without_a_sentence_are_found():
    assert unsaid("assert run.converged and run.loss < 1e-9") and unsaid("assert all(r.converged for r in runs)")
    assert not unsaid("assert run.converged, run.message") and not unsaid("assert not run.converged")


def test_cells_know_what_they_take_from_others():
    cells = ["import a\nx = 1", "y = x + 1", "z = 3", "def f(u):\n    return a.b(u, y)", "x = 2", "x"]
    assert free(cells[3]) == {"a", "y"} and stored(cells[3]) == {"f"}
    assert after(cells, 0) == [1, 3] and after(cells, 2) == [] and after(cells, 4) == [5]


CELLS = [
    "import numpy as np\nfrom wnlib import LeastSquares, RPGD, solve",
    "count = 3\nprint('4 starts and more')\nx = 4.0",
    "run = solve(LeastSquares([[1, 0]], [2]), RPGD(0.1, 0.1), 1.0, [0.6, 0.8], max_steps=2000)",
    "print(f'the norm is {np.linalg.norm(run.x):.2f}')",
    "half = 0.5\nprint('the check has passed')",
    "assert abs(half - 0.5) < 1e-9\nprint(f'half of it, {half}')",
    "print(f'the root is {np.sqrt(x):.1f}')",
    "total = sum(range(5))",
    "import matplotlib.pyplot as plt\nend = 6\nplt.figure().subplots().set_title('a\\nline')\nplt.show()",
]
EDITS = [
    (1, "4.0", "5.0", "SILENTLY WRONG", "says 4 still"),
    (1, "count = 3", "count = 0", "SILENTLY WRONG", "says the same of other numbers"),
    (2, "max_steps=2000", "max_steps=20", "SILENTLY WRONG", "has not converged"),
    (2, "RPGD(0.1", "RPGD(0.2", "the text follows", ""),
    (2, "RPGD(0.1", "RPGD(-0.1", "sentence of wnlib", "eta"),
    (2, "[0.6, 0.8]", "[0.6]", "sentence of wnlib", ""),
    (4, "half = 0.5", "half = 0.25", "SILENTLY WRONG", "checks nothing"),
    (5, "half - 0.5", "half - 0.7", "bare assert", ""),
    (6, "np.sqrt(x", "np.sqrt(-x", "SILENTLY WRONG", "nan"),
    (7, "range(5)", "range(50)", "same text, still true", ""),
    (7, "range(5)", "range(1, 5)", "no effect", ""),
    (7, "range(5)", "rang(5)", "error on the cell's own line", "NameError"),
    (8, "6", "7", "same text, still true", ""),
]


def test_the_tool_tells_what_becomes_of_an_edit(tmp_path):
    path = tmp_path / "page.ipynb"
    cells = [{"cell_type": "code", "metadata": {}, "source": [source], "outputs": []} for source in CELLS]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    edits = [Edit(path, k, "number", CELLS[k].index(old), old, new) for k, old, new, _, _ in EDITS]
    # In a process of its own: it changes how wnlib shows figures.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        lines = pool.apply(judged, [(path, edits, True)])
    told = lines[: len(EDITS)]
    for (_, old, new, kind, words), (given, said) in zip(EDITS, told, strict=True):
        assert given == kind and words in said, (old, new, given, said)
    assert [kind for kind, _ in lines[len(EDITS) :]] == ["runs alone"] * len(CELLS)
