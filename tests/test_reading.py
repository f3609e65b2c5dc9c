"""What a reader scrolls through: code that fits and teaches, folds that say what they hold, times that are counted."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import reading

BOOK = Path(__file__).parents[1] / "book"
SECTIONS = ("1-introduction", "2-continuous-time", "3-discrete-time", "4-discussion", "practice")
APPENDICES = (
    "A-adaptive-regularization",
    "B-limiting-flow",
    "C-continuous-proofs",
    "D-beyond-linear-regression",
    "E-discrete-proofs",
)


def notebooks(*sections):
    return [path for section in sections for path in sorted((BOOK / section).glob("*.ipynb"))]


CHAPTERS = notebooks(*SECTIONS)
LATER = [*notebooks(*APPENDICES), BOOK / "F-experiments" / "linear-regression.ipynb"]
OPEN_LINES, COLUMNS = 15, 79
STUB = re.compile(r"^check\(", re.MULTILINE)

pages = pytest.mark.parametrize("path", [*CHAPTERS, *LATER], ids=lambda path: path.stem)
chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def code(path):
    return [cell for cell in reading.cells(path) if cell["cell_type"] == "code"]


@pages
def test_open_code_is_short_but_where_it_is_for_editing(path):
    for cell in code(path):
        source = reading.text(cell)
        to_edit = STUB.search(source) or "editable" in cell["metadata"].get("tags", [])
        if not reading.is_folded(cell) and not to_edit:
            lines = len(source.split("\n"))
            assert lines <= OPEN_LINES, f"{lines} lines are open: fold what checks.\n{source}"


@pages
def test_code_fits_the_page(path):
    for cell in code(path):
        for line in reading.text(cell).split("\n"):
            assert len(line) <= COLUMNS, f"{len(line)} columns: {line}"


@pages
def test_each_fold_says_what_it_holds(path):
    for cell in code(path):
        if reading.is_folded(cell):
            labels = cell["metadata"]["mystnb"]
            assert labels["code_prompt_hide"].startswith("Hide the ")
            label = labels["code_prompt_show"]
            if "hide-cell" in cell["metadata"]["tags"]:
                assert label == "Solution"
            elif "plt.show()" in reading.text(cell) or re.search(r"^explore\(", reading.text(cell), re.MULTILINE):
                assert label == "The code of this figure"
            else:
                assert label.startswith(("The check: ", "The code that "))


@pages
def test_a_stub_ends_in_the_three_lines_that_its_page_leaves_out(path):
    """Until it runs: see book.css."""
    for cell in code(path):
        if STUB.search(reading.text(cell)) and not reading.is_folded(cell):
            assert re.search(r"^    return .*\n\n\ncheck\(.*\)$", reading.text(cell), re.MULTILINE)


@pages
def test_a_check_shows_its_line(path):
    """Its fold hides the code, not that it ran."""
    for cell in code(path):
        if cell["metadata"].get("mystnb", {}).get("code_prompt_show", "").startswith("The check: "):
            assert cell["outputs"], reading.text(cell)


@pages
def test_the_stated_times_are_counted(path):
    counted = reading.minutes(path)
    assert reading.stated(path) == (counted if counted.exercises else None)


@chapters
def test_the_first_open_cell_brings_what_the_exercises_need(path):
    """A reader runs it, and then any exercise."""
    shown = [cell for cell in code(path) if not reading.is_folded(cell)]
    first, *_ = shown
    assert len(reading.text(first).split("\n")) <= OPEN_LINES
    names = {}
    exec(reading.text(first), names)
    answers = [cell for cell in code(path) if STUB.search(reading.text(cell))]
    assert len(answers) >= 6
    for cell in answers:
        mine = dict(names)
        exec(STUB.sub("verdict = check(", reading.text(cell)), mine)
        assert mine["verdict"].right is (True if reading.is_folded(cell) else None), mine["verdict"]


@pages
def test_the_button_at_an_exercise_finds_the_cell_that_imports_what_judges_it(path):
    if 'check("' not in "".join(map(reading.text, code(path))):
        return
    script = (BOOK / "_assets/live/page.js").read_text(encoding="utf-8")
    pattern = re.search(r"=> /(.+)/\.test\(original\)", script)[1]
    found = next(cell for cell in code(path) if re.search(pattern, reading.text(cell)))
    imports = [
        node for node in ast.walk(ast.parse(reading.text(found))) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    names = {alias.asname or alias.name for node in imports for alias in node.names}
    assert {"check", "np"} <= names


def test_the_index_states_the_times_of_its_paths():
    index = (BOOK / "index.md").read_text(encoding="utf-8")
    afternoon, week = re.findall(r"(?:An afternoon|A week)\n(.*?)\n:::", index, re.DOTALL)
    *listed, _ = re.findall(r"\(([\w/-]+\.ipynb)\)", afternoon)
    assert len(listed) == 4
    asked = sum(m.reading - m.asides for m in (reading.minutes(BOOK / name) for name in listed))
    assert f"{asked} minutes" in afternoon
    every = [reading.minutes(path) for path in notebooks("1-introduction", "2-continuous-time")]
    hours = [round(2 * sum(m[k] for m in every) / 60) / 2 for k in (0, 2)]
    assert f"take {hours[0]:g} hours to read, and {hours[1]:g} more" in " ".join(week.split())


def test_the_count_of_a_page_is_that_of_its_parts(tmp_path):
    words = "word " * 900  # five minutes
    sources = [
        ("markdown", f"# Page\n\n{words}\n\n```{{dropdown}} Answer\n{words}\n```\n"),
        ("code", "\n".join(["x = 1"] * 125)),
        (
            "markdown",
            f"## Aside: more\n\n{words}\n\n## Exercises\n\n{words}\n\n### 1. One\n\n### 2. Two\n\nneeds an idea",
        ),
        ("code", "\n".join(["y = 1"] * 125)),
    ]
    notebook = {"cells": [{"cell_type": kind, "metadata": {}, "source": [source]} for kind, source in sources]}
    (tmp_path / "page.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert reading.minutes(tmp_path / "page.ipynb") == (20, 5, 25)
