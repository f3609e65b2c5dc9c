"""JupyterLite in a real browser: notebooks of the book run whole there, and show what they store."""

import json
from pathlib import Path

import pytest
from lite import __main__ as maker
from lite.notebooks import adapt
from living import PAGE_MILLISECONDS, START_MILLISECONDS
from visits import texts

# Formulas, compiled loops, scipy, long runs, and cells that call cvxpy.
NOTEBOOKS = [
    "1-introduction/introduction",
    "1-introduction/setup",
    "2-continuous-time/concrete-example",
    "3-discrete-time/orthogonal",
    "companion/errata/appendix-f",
]
IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
RUN = "jupyterapp.commands.execute('notebook:run-all-cells').then(() => (window.finished = true))"
CODE = """[...jupyterapp.shell.currentWidget.content.model.cells]
  .filter((cell) => cell.type === "code").map((cell) => cell.toJSON())"""


@pytest.fixture(scope="module")
def lite(site, folder):
    """The address of JupyterLite."""
    if not (folder / "lite" / "lab" / "index.html").is_file():
        pytest.skip("The book was built without JupyterLite: run make lite.")
    return site + "lite/lab/index.html?path=book/"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_whole_and_shows_what_it_stores(name, lite, opened, folder):
    source = json.loads(folder.joinpath("lite", "files", "book", f"{name}.ipynb").read_text("utf-8"))
    with opened(f"{name}.ipynb", lite) as (page, watch):
        page.wait_for_function(IDLE, timeout=START_MILLISECONDS)
        page.evaluate(RUN)
        page.wait_for_function("window.finished", timeout=PAGE_MILLISECONDS)
        cells = page.evaluate(CODE)
        code = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
        for cell, stored in zip(cells, code, strict=True):
            failed = [output["evalue"] for output in cell["outputs"] if output["output_type"] == "error"]
            assert failed == [], "".join(stored["source"])
            if stored["outputs"]:
                assert texts(cell["outputs"]) == texts(stored["outputs"]), "".join(stored["source"])
        assert [url for url in watch.outside if not url.startswith(lite.partition("lite/")[0])] == []


def test_a_figure_is_drawn_at_each_move_of_its_slider(lite, opened):
    with opened("1-introduction/introduction.ipynb", lite) as (page, _):
        page.wait_for_function(IDLE, timeout=START_MILLISECONDS)
        page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
        page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
        image = page.locator(".jp-OutputArea-output img").first
        image.wait_for(timeout=START_MILLISECONDS)
        before = image.get_attribute("src")
        track = page.locator(".widget-slider .noUi-base").first.bounding_box()
        page.mouse.click(track["x"] + 0.8 * track["width"], track["y"] + track["height"] / 2)
        page.wait_for_function(
            "(before) => ![undefined, before].includes(document.querySelector('.jp-OutputArea-output img')?.src)",
            arg=before,
        )


def test_other_pages_are_named_in_words_and_what_cannot_run_is_text():
    def code(source):
        return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}

    notebook = {
        "metadata": {},
        "cells": [
            {
                "cell_type": "markdown",
                "source": ["(own)=\n", "{prf:ref}`own` {prf:ref}`lem` {eq}`eq-7` [x](../a/b.md#c)\n"],
            },
            {"cell_type": "markdown", "source": "{cite:t}`Wu2020` {cite}`Li2018,Du2018` {prf:ref}`the lemma <lem>`"},
            code("x = '{eq}`eq-7`'"),
            code("# cvxpy does not run in the page: Binder has it.\ny = 1"),
            code("print(y)"),
            code("print(x)"),
        ],
    }
    given = json.loads(adapt(notebook, "book/1/page.ipynb", {"lem": "Lemma 2.3"}, "https://example.org/wn/"))
    first, second, *others = (cell["source"] for cell in given["cells"])
    assert first == "(own)=\n{prf:ref}`own` Lemma 2.3 (7) [x](https://example.org/wn/book/a/b.html#c)\n"
    assert second == "Wu (2020) (Li, 2018; Du, 2018) Lemma 2.3" and others[0] == "x = '{eq}`eq-7`'"
    assert [cell["cell_type"] for cell in given["cells"][2:]] == ["code", "raw", "raw", "code"]
    assert given["metadata"]["kernelspec"]["name"] == "python"


def test_it_is_built_by_the_python_that_is_named_from_another_folder(tmp_path, monkeypatch):
    """`make lite` names the Python of its environment from the book's folder, and the build runs in one of its own."""
    commands = []
    monkeypatch.setattr(maker.subprocess, "run", lambda command, cwd, **_: commands.append((command, cwd)))
    monkeypatch.setattr(maker, "size", lambda place: 0)
    monkeypatch.setattr(maker, "titles", lambda site: {})
    monkeypatch.setattr(maker, "adapt", lambda notebook, path, names: "")
    maker.build(tmp_path / "aside", tmp_path / "site", ".venv/lite/bin/python")
    [(command, cwd)] = commands
    assert cwd == tmp_path / "aside" and command[0] == Path.cwd() / ".venv/lite/bin/python"
