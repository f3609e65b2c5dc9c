"""Folds of the built book: below a figure or above an output, named by what they hold; on paper no code."""

import re

import pytest
from bs4 import BeautifulSoup, SoupStrainer
from docutils import nodes
from docutils.utils import new_document
from myst_nb.sphinx_ import HideCodeCellNode
from wnbook.folds import FigureFirst

FIGURES = "figure.explore, .cell_output img"
PAGE = "book/1-introduction/introduction.html"


def cells(folder):
    """Yield each cell of the book that has a fold around its source."""
    only = SoupStrainer("div", class_=re.compile(r"\bcell\b"))
    for page in sorted((folder / "book").rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        for cell in BeautifulSoup(html, "html.parser", parse_only=only).select("div.cell"):
            if cell.find("details", recursive=False) and cell.select_one(".cell_output"):
                yield cell


def test_a_figure_comes_before_its_code_and_a_check_before_its_output(site, folder):
    seen = {True: 0, False: 0}
    for cell in cells(folder):
        fold = cell.find("details", recursive=False)
        if fold.select_one(".cell_output"):
            continue  # a solution folds its output as well
        drawn = bool(cell.select(FIGURES))
        seen[drawn] += 1
        first = cell.find(True, recursive=False)
        assert (first is fold) is not drawn, cell.get_text()[:300]
    assert min(seen.values()) > 50


def test_the_name_of_a_fold_is_its_line(opened):
    with opened(PAGE) as (page, _):
        shown = page.locator("summary", has_text="The check: both lines")
        assert shown.get_attribute("aria-label") is None
        assert shown.inner_text().strip() == "The check: both lines, in sympy and for a step of rPGD"


def test_a_hint_shares_its_line_with_the_solution_until_one_is_opened(opened):
    with opened(PAGE) as (page, _):
        hint, solution = page.locator("details.sd-dropdown").first, page.locator(".tag_hide-cell > details.fold").first
        for fold in (hint, solution):
            line, other = (each.locator("summary").bounding_box() for each in (hint, solution))
            assert abs(line["y"] - other["y"]) < 5 and line["x"] + line["width"] < other["x"]
            fold.locator("summary").click()
            line, other = (each.bounding_box() for each in (hint, solution))
            assert line["y"] + line["height"] < other["y"]
            fold.locator("summary").click()


def test_a_fold_opens_by_keyboard(opened):
    with opened(PAGE) as (page, _):
        line = page.locator("summary", has_text="The check: both lines")
        code = line.locator("xpath=following-sibling::*")
        assert not code.is_visible()
        line.focus()
        page.keyboard.press("Enter")
        assert code.is_visible() and line.inner_text().strip() == "Hide the check"


ANSWERS = """() => [...document.querySelectorAll(".cell_input:has(> .live-here)")].map((input) => {
  const [box, pre, button] = [".highlight", "pre", ".live-here button"].map((part) => input.querySelector(part));
  const words = document.createRange();
  words.selectNodeContents(pre);
  const { bottom } = box.getBoundingClientRect();
  const on = button.getBoundingClientRect();
  const covers = (line) => line.right > on.left && line.top < on.bottom - 4 && line.bottom - 4 > on.top;
  return {
    left_out: (pre.getBoundingClientRect().bottom - bottom) / parseFloat(getComputedStyle(pre).lineHeight),
    covered: [...words.getClientRects()].filter((line) => line.bottom <= bottom && covers(line)).length,
  };
})"""


@pytest.mark.parametrize("width", [1280, 360])
def test_an_exercise_leaves_out_the_lines_that_ask_until_its_page_runs_but_prints_them(opened, width):
    with opened("book/1-introduction/setup.html", viewport={"width": width, "height": 900}) as (page, _):
        answers = page.evaluate(ANSWERS)
        assert len(answers) == 4
        for answer in answers:
            assert answer == {"left_out": pytest.approx(3, abs=0.05), "covered": 0}
        page.emulate_media(media="print")
        assert [answer["left_out"] for answer in page.evaluate(ANSWERS)] == [0] * 4


def test_a_printed_page_has_no_code_of_checks_and_of_figures(opened):
    with opened(PAGE) as (page, _):
        page.evaluate("document.querySelectorAll('.tag_hide-input > details').forEach((fold) => (fold.open = true))")
        page.emulate_media(media="print")
        assert page.locator("details.fold .cell_input:visible").count() == 0
        names = page.locator("details.fold > summary:visible").all_inner_texts()
        assert len(names) > 5 and all(name.strip().startswith("The check: ") for name in names)
        assert page.locator("figure.explore:visible").count() > 0


def test_a_printed_page_has_the_hints_and_solutions_that_are_open(opened):
    with opened(PAGE) as (page, _):
        page.emulate_media(media="print")
        hints, solutions = page.locator("details.sd-dropdown"), page.locator(".tag_hide-cell > details.fold")
        assert min(hints.count(), solutions.count()) > 1
        for answers in (hints, solutions):
            answers.first.evaluate("(answer) => (answer.open = true)")
            assert [answer.is_visible() for answer in answers.all()] == [True] + [False] * (answers.count() - 1)
        assert solutions.first.locator("pre").first.is_visible()


def test_a_printed_page_has_no_contents_and_its_tables_are_whole(opened):
    with opened("book/companion/paper-map.html") as (page, _):
        page.emulate_media(media="print")
        assert not page.locator("#jb-print-toc").is_visible()
        for table in page.locator("table").all():
            assert table.evaluate("(table) => table.scrollWidth <= table.parentElement.clientWidth")
            assert table.evaluate("(table) => getComputedStyle(table.parentElement).overflowX") == "visible"


def test_the_code_of_a_figure_is_put_below_it_and_that_of_a_check_stays_above():
    drawn, printed = (
        nodes.container("", HideCodeCellNode(""), nodes.raw("", html, format="html"))
        for html in ('<figure class="explore"></figure>', "<pre>1.0</pre>")
    )
    document = new_document("page")
    document += [drawn, printed]
    FigureFirst(document).run()
    assert isinstance(drawn[-1], HideCodeCellNode) and isinstance(printed[0], HideCodeCellNode)
