"""A living page in Firefox: it runs whole, shows what its notebook stores, and its figures are drawn anew."""

import json

import firefox
import pytest
from living import INTRODUCTION, PAGE_MILLISECONDS, SHOWN, START_MILLISECONDS
from visits import texts

CELLS = '[...document.querySelectorAll("div.cell:has(.cell_input)")]'
STATUS = 'document.querySelector(".live-status").textContent'
# What the first figure shows: the description, the width and the address of its picture, and how far its slider
# stands from the nearest value below it that was drawn for the printed page.
FIGURE = """(() => {
  const figure = document.querySelector("figure.explore[data-live]");
  const slider = figure.querySelector("input[type=range]");
  const number = [...figure.querySelectorAll(".explore-control")].indexOf(slider.closest(".explore-control"));
  const { strides } = JSON.parse(figure.querySelector("script").textContent);
  const image = figure.querySelector("img");
  return [image.alt, image.naturalWidth, image.src, slider.value % strides[number]];
})()"""
# Formulas with more or fewer parts than they must have, of which Firefox shows the source.
MALFORMED = """(() => {
  const parts = { msub: 2, msup: 2, mfrac: 2, mover: 2, munder: 2, mroot: 2, msubsup: 3, munderover: 3 };
  const all = [...document.querySelectorAll(Object.keys(parts).join())];
  return all.filter((formula) => formula.children.length !== parts[formula.localName]).map((f) => f.outerHTML);
})()"""


@pytest.fixture(scope="module")
def page(site, folder, lacking, tmp_path_factory):
    """The introduction in Firefox, with the button pressed and all its cells run."""
    program = firefox.program()
    if program is None:
        lacking("There is no Firefox to open the book in: install firefox-esr or firefox.")
    if not (folder / "_static" / "live" / "pyodide" / "pyodide.asm.wasm").is_file():
        lacking("The book was built without Python for the browser: run make book with a network.")
    with firefox.Firefox(program, tmp_path_factory.mktemp("firefox")) as page:
        page.open(site + INTRODUCTION)
        page.evaluate('document.querySelector(".live-start").click()')
        page.wait_for(f"/is ready|not start|come to life/.test({STATUS})", START_MILLISECONDS / 1000)
        assert "Python is ready" in page.evaluate(STATUS), page.faults()
        page.evaluate('document.querySelector(".live-all").click()')
        ended = f'{CELLS}.every((cell) => ["ran", "failed"].includes(cell.dataset.live))'
        page.wait_for(ended, PAGE_MILLISECONDS / 1000)
        yield page
        assert page.faults() == []
        outside = [url for url in page.addresses() if not url.startswith((site, "data:", "blob:"))]
        assert outside == []


def test_every_cell_runs_and_shows_what_the_notebook_stores(page, folder):
    source = json.loads(folder.joinpath("_sources", INTRODUCTION.replace(".html", ".ipynb")).read_text("utf-8"))
    code = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
    assert page.evaluate(f"{CELLS}.map((cell) => cell.dataset.live)") == ["ran"] * len(code)
    shown = page.evaluate(f"({SHOWN})({CELLS})")
    stored = {k: texts(cell["outputs"]) for k, cell in enumerate(code) if cell["outputs"]}
    assert stored and {k: shown[k] for k in stored} == stored


def test_every_formula_has_its_parts(page):
    assert page.evaluate(MALFORMED) == []


def test_a_figure_gets_a_picture_at_a_value_that_was_never_drawn(page):
    page.wait_for(f"({FIGURE})[1] > 0", 10)
    first, width, address, between = page.evaluate(FIGURE)
    assert between == 0
    page.evaluate('document.querySelector("figure.explore[data-live] input[type=range]").focus()')
    page.press("\ue014")  # the right arrow
    page.wait_for(f"({FIGURE})[0] !== {json.dumps(first)} && ({FIGURE})[1] > 0", 60)
    alt, now_width, now_address, between = page.evaluate(FIGURE)
    assert between != 0 and now_width == width
    assert now_address != address and now_address.startswith("blob:") and alt != first
