"""Living pages in a real browser: they are run, edited, broken, stopped, reloaded and downloaded."""

import json
from collections import Counter

import nbformat
import pytest
import visits
from lite.notebooks import needs_more
from living import INTRODUCTION, START_MILLISECONDS, Living
from visits import texts


@pytest.fixture(scope="module")
def python_is_there(folder, lacking):
    if not (folder / "_static" / "live" / "pyodide" / "pyodide.asm.wasm").is_file():
        lacking("The book was built without Python for the browser: run make book with a network.")


@pytest.fixture(scope="module")
def alive(opened, python_is_there):
    """The introduction, alive; each test works on cells of its own."""
    with opened(INTRODUCTION, accept_downloads=True) as (page, watch):
        yield Living(page, watch).press()
        assert watch.outside == []
        assert watch.errors == []


def test_a_page_runs_whole_and_shows_what_its_notebook_stores(living_name, opened, folder, python_is_there):
    """Where there are exercises it starts at one, whose answer can be run at once, the imports folded or not."""
    with opened(living_name) as (page, watch):
        before = list(watch.responses)
        assert not [url for url in before if "/live/" in url and "/live/start.js" not in url]
        alive, here = Living(page, watch), page.locator(".live-here button", has_text="Answer here")
        if here.count():
            here.first.click()
            alive.wait_for_ready()
            page.locator(".cell .cm-content:focus").press("Shift+Enter")
            answer = page.locator(".cell:has(:focus)")
            alive.wait_for(answer, "ran")
            assert answer.locator(".cell_output").inner_text().strip().startswith("Not answered yet.")
        else:
            alive.press()
        source = json.loads(folder.joinpath("_sources", living_name.replace(".html", ".ipynb")).read_text("utf-8"))
        code = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
        page.locator(".live-all").click()
        for k, cell in enumerate(alive.cells.all()):
            alive.wait_for(cell, "failed" if needs_more(code, k) else "ran")
        for k, (cell, shown) in enumerate(zip(code, alive.shown(), strict=True)):
            if cell["outputs"] and not needs_more(code, k):
                assert shown == texts(cell["outputs"]), "".join(cell["source"])
        assert watch.errors == [] and watch.outside == []
        assert [url for url in watch.responses if url.endswith("pyodide.asm.wasm")]


def test_a_living_page_is_accessible(alive):
    """By axe on desktop and phone, in light and dark; no text is wider than a phone."""
    from axe_playwright_python.base import AXE_SCRIPT

    page = alive.page
    alive.run(alive.cell("def gd_limit"), "1/0", "failed")
    page.evaluate(visits.PROBE)
    page.evaluate(AXE_SCRIPT)
    page.evaluate("document.querySelectorAll('article details').forEach((details) => (details.open = true))")
    page.evaluate("visit.simplify()")
    looks = Counter()
    for size, rules in ((visits.PHONE, None), (visits.DESKTOP, visits.WIDE_RULES)):
        page.set_viewport_size(size)
        assert page.evaluate("visit.wide()") == []
        found = visits.violations(page, looks, rules).items()
        assert [where for where, html in found if 'class="sidebar-primary-item"' not in html] == []


def test_the_keyboard_goes_on_where_the_button_was(opened, python_is_there):
    with opened(INTRODUCTION) as (page, _):
        page.locator(".live-start").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.classList.contains('live-all')")


def test_small_buttons_lead_to_the_exercise_and_bring_the_figure_to_life(opened, python_is_there):
    """One starts the page and puts the reader into the answer, which can be run at once; the other runs a figure."""
    with opened(INTRODUCTION) as (page, watch):
        here = page.locator(".live-here button", has_text="Answer here").last
        figure = page.locator(".cell:has(figure.explore)").first
        assert "MB, once" in here.inner_text() and page.locator("details .live-here").count() == 0
        here.focus()
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.classList.contains('cm-content')")
        assert "preconditioned_limit" in page.evaluate("document.activeElement.textContent")
        living = Living(page, watch)
        living.wait_for_ready()
        page.keyboard.press("Shift+Enter")
        cell = page.locator(".cell:has(:focus)")
        living.wait_for(cell, "ran")
        assert cell.locator(".cell_output").inner_text().strip().startswith("Not answered yet.")
        figure.locator(".live-here button").focus()
        page.keyboard.press("Enter")
        living.wait_for(figure, "ran")
        assert figure.locator("figure.explore[data-live]").count() == 1 and figure.locator(".live-here").count() == 0
        assert page.evaluate("document.activeElement.closest('figure.explore[data-live]') !== null")


def test_an_edited_cell_runs_by_keyboard_and_the_keys_stay_in_it(alive):
    cell = alive.cell("def gd_limit")
    alive.type(cell, "")
    alive.page.keyboard.type("print(12 / 8)")
    assert cell.locator(".cm-content").inner_text() == "print(12 / 8)"
    alive.page.keyboard.press("Shift+Enter")
    alive.wait_for(cell, "ran")
    assert cell.locator(".cell_output").inner_text().strip() == "1.5"
    # Tab leaves the editor for the button below it.
    alive.page.keyboard.press("Tab")
    assert alive.page.evaluate("document.activeElement.className").endswith("live-run")


def test_an_exercise_is_judged_where_it_stands(alive):
    cell = alive.cell("def best_start")
    imports = "import numpy as np\nfrom wnlib import check\n\n"
    ask = '\n\ncheck("introduction.best_start", lambda A, x0: {})'
    assert alive.run(cell, imports + ask.format("...")).startswith("Not answered yet.")
    assert alive.run(cell, imports + ask.format("x0")).startswith("Not right yet.")
    assert alive.run(cell, imports + ask.format("np.linalg.pinv(A) @ (A @ x0)")).startswith("Right.")


RIGHT = """import numpy as np
from wnlib import check

check("introduction.best_start", lambda A, x0: np.linalg.pinv(A) @ (A @ x0))"""
COUNTED = ".bd-links a.current .right-words"


def test_right_answers_are_counted_in_the_table_of_contents(alive):
    words = alive.page.locator(COUNTED)
    stub, solution = alive.cell("def best_start"), alive.cell("# Solution: the projection of x0")
    alive.run(stub, RIGHT.replace("lambda A, x0: np.linalg.pinv(A) @ (A @ x0)", "..."))
    solution.locator(".live-run").evaluate("(button) => button.click()")  # it stands in a fold
    alive.wait_for(solution, "ran")
    assert words.count() == 0, "the book's own answer was counted"
    alive.run(stub, RIGHT)
    assert words.text_content() == " (1 of 4 exercises right)"
    alive.run(stub, RIGHT.replace("@ (A @ x0)", "@ x0[:2]"))
    assert words.count() == 0, "a wrong answer is counted"
    alive.run(stub, RIGHT)
    assert words.count() == 1
    stub.get_by_role("button", name="Reset").click()
    assert words.count() == 0


def test_an_error_marks_its_line(alive):
    cell = alive.cell("def best_start")
    said = alive.run(cell, "x = 1\ny = x / 0\n", "failed")
    assert "ZeroDivisionError: division by zero" in said and "y = x / 0" in said and "page.py" not in said
    assert cell.locator(".live-faulty").inner_text() == "y = x / 0"
    assert "SyntaxError" in alive.run(cell, "x = 1\ny = (2\n", "failed")
    assert "No module named 'cvxpy'" in alive.run(cell, "import cvxpy\n", "failed")


def test_without_a_network_all_goes_on_and_a_package_that_cannot_be_fetched_is_not_called_missing(alive):
    before = list(alive.watch.errors)
    cell = alive.cell("def best_start")
    alive.page.context.set_offline(True)
    alive.run(cell, "import sympy\nsympy.Symbol('x') / 2")
    cell.locator(".cell_output .katex").wait_for()
    said = alive.run(cell, "import scipy.optimize", "failed")
    alive.page.context.set_offline(False)
    assert "scipy could not be fetched. Is there a network?" in said
    alive.watch.errors[:] = before  # the request that failed
    alive.run(cell, "import scipy.optimize")


def test_a_cell_that_prints_without_end_is_ended(alive):
    said = alive.run(alive.cell("def best_start"), "while True:\n    print('on and on')", "failed")
    assert "more than a page can show" in said and said.startswith("on and on")


FIGURE = """import numpy as np
from wnlib import explore

def draw(fig, g0):
    if g0 > 4:
        raise ValueError("too far")
    fig.subplots().plot([0, g0])
    return f"The line ends at {g0:.2f}."

explore(draw, g0=np.linspace(0, 5, 11))
"""


def test_a_figure_takes_values_that_were_never_drawn_and_says_where_draw_fails(alive):
    cell = alive.cell("def shrink_factor")
    alive.run(cell, FIGURE)
    figure = cell.locator("figure.explore")
    slider, readout = figure.locator("input"), figure.locator(".explore-readout")
    before = figure.locator("img").get_attribute("src")
    slider.focus()
    alive.page.keyboard.press("ArrowRight")
    figure.locator("img[alt='The line ends at 2.55.']").wait_for()
    assert figure.locator("img").get_attribute("src") != before and readout.inner_text() == "The line ends at 2.55."
    assert figure.locator("img").evaluate("(image) => image.naturalWidth") == 1200
    alive.page.keyboard.press("End")
    alive.page.wait_for_function("(e) => e.textContent.startsWith('draw failed')", arg=readout.element_handle())
    assert readout.inner_text() == "draw failed at g0 = 5: ValueError: too far"
    assert figure.locator("img").get_attribute("alt") == "The line ends at 2.55."


def test_the_ring_of_a_running_figure_can_be_dragged(alive):
    """The start follows the pointer to the nearest point of the grid, and is drawn there."""
    cell = alive.cells.first
    cell.locator(".live-run").evaluate("(button) => button.click()")  # its code stands in a fold
    alive.wait_for(cell, "ran")
    ring, readout = cell.locator(".explore-handle"), cell.locator(".explore-readout")
    ring.scroll_into_view_if_needed()
    before, said = ring.bounding_box(), readout.inner_text()
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    alive.page.mouse.move(x, y)
    alive.page.mouse.down()
    alive.page.mouse.move(x + 100, y, steps=4)
    alive.page.mouse.up()
    alive.page.wait_for_function(
        "([readout, said]) => readout.textContent !== said", arg=[readout.element_handle(), said]
    )
    alive.page.wait_for_function(
        "([ring, goal]) => Math.abs(ring.getBoundingClientRect().x - goal) < 20",
        arg=[ring.element_handle(), before["x"] + 100],
    )


def test_an_endless_cell_can_be_stopped_and_python_starts_afresh(alive):
    cell = alive.cell("def best_start")
    alive.type(cell, "while True:\n    pass")
    alive.page.keyboard.press("Shift+Enter")
    cell.locator(".live-run", has_text="Stop").click()
    # What it says in between may be gone before anybody reads it.
    alive.page.locator(".live-status", has_text="variables are gone").wait_for(timeout=START_MILLISECONDS)
    assert cell.locator(".live-note").inner_text() == "stopped"
    assert alive.run(cell, "print(1 + 1)") == "2"


def test_cells_that_are_out_of_order_say_so(alive):
    first, second = alive.cell("def gd_limit"), alive.cell("def shrink_factor")
    alive.run(second, "print(1)")
    alive.run(first, "print(2)")
    assert second.locator(".live-note").inner_text() == "ran before a cell above it"
    alive.type(first, "print(3)")
    assert first.locator(".live-note").inner_text() == "changed since it ran"


def test_what_was_typed_is_there_again_until_it_is_reset_and_downloads(alive, tmp_path):
    page = alive.page
    words = "print('kept until tomorrow')"
    alive.type(alive.cell("def gd_limit"), words)
    alive.run(alive.cell("def best_start"), RIGHT)
    page.reload()
    assert page.locator(COUNTED).text_content() == " (1 of 4 exercises right)"
    alive.press()
    cell = alive.cell("def gd_limit")
    assert cell.locator(".cm-content").inner_text() == words
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "introduction.ipynb"
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells].count(words) == 1
    cell.get_by_role("button", name="Reset").click()
    assert "def gd_limit" in cell.locator(".cm-content").inner_text()
    page.get_by_role("button", name="Reset all").click()
    assert page.evaluate("localStorage['wnlib-live:' + location.pathname]") == "{}"
    assert page.locator(COUNTED).count() == 0


@pytest.mark.parametrize(
    ("without", "sentence"),
    [("delete window.WebAssembly", "no WebAssembly"), ("", "did not come to life")],
    ids=["no WebAssembly", "no network"],
)
def test_what_is_missing_is_said_in_a_sentence(opened, without, sentence):
    with opened(INTRODUCTION) as (page, _):
        before = page.locator(".live-status").inner_text()
        printed = page.locator("article").inner_text()
        page.evaluate(without)
        page.context.set_offline(not without)
        page.locator(".live-start").click()
        page.locator(".live-status", has_text=sentence).wait_for()
        status = page.locator(".live-status").inner_text()
        assert page.locator("article").inner_text().replace(status, "") == printed.replace(before, "")


def test_a_page_that_is_opened_as_a_file_says_how_to_serve_it(browser, folder):
    page = browser.new_page()
    page.goto((folder / INTRODUCTION).resolve().as_uri())
    page.locator(".live-start").click()
    assert "Run make serve" in page.locator(".live-status").inner_text()
    page.close()
