"""What the table of contents says of exercises that were answered rightly, on pages that never ran."""

import json

from visits import DESKTOP, PHONE, PROBE, violations

PAGE = "book/companion/notation.html"
# Of some of the book's pages: how many exercises are right, and of how many.
RIGHT = {"book/1-introduction/setup.html": (2, 4), "book/C-continuous-proofs/loss.html": (1, 1)}
BOXES = """[...document.querySelectorAll(".bd-links a, .bd-links .caption")].map((element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x, y, width, height];
})"""
KEEP = """(kept) => {
  for (const [path, value] of kept) localStorage.setItem(`wnlib-right:${new URL(path, location).pathname}`, value);
}"""


def kept():
    """Return what the pages keep, with addresses from the page that is open."""
    for name, (right, of) in RIGHT.items():
        yield "../../" + name, json.dumps({"of": of, "right": {f"exercise {k}": "cell" for k in range(right)}})


def test_each_page_says_how_many_are_right_and_no_line_moves(opened):
    with opened(PAGE) as (page, watch):
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            page.evaluate("localStorage.clear()")
            page.reload()
            if size is PHONE:
                page.locator("label[for=__primary], .primary-toggle").first.click()
            before = page.evaluate(BOXES)
            assert page.locator(".right-mark").count() == 0
            page.evaluate(KEEP, list(kept()))
            page.evaluate("dispatchEvent(new Event('live-answers'))")
            assert page.evaluate(BOXES) == before
            assert page.locator(".right-mark").count() == 2
        for link, (right, of) in RIGHT.items():
            words = page.locator(f'.bd-links a[href="../../{link}"], .bd-links a[href="../{link[5:]}"]').text_content()
            plural = "" if of == 1 else "s"
            assert words.endswith(f" ({right} of {of} exercise{plural} right)")
        assert watch.errors == []


def test_the_marks_are_accessible_and_lie_within_the_sidebar(opened):
    from axe_playwright_python.base import AXE_SCRIPT

    with opened(PAGE) as (page, _):
        page.evaluate(KEEP, list(kept()))
        page.reload()
        sidebar = page.locator(".bd-sidebar-primary").bounding_box()
        for mark in page.locator(".right-mark").all():
            mark.scroll_into_view_if_needed()
            box, text = mark.bounding_box(), mark.evaluate("(mark) => mark.parentElement.getBoundingClientRect().x")
            assert sidebar["x"] <= box["x"] and box["x"] + box["width"] <= text
        page.evaluate(PROBE)
        page.evaluate(AXE_SCRIPT)
        found = violations(page).items()
        assert [where for where, html in found if 'class="sidebar-primary-item"' not in html] == []


def test_what_cannot_be_read_hides_no_other_mark(opened):
    with opened(PAGE) as (page, _):
        page.evaluate(KEEP, [*kept(), ("../1-introduction/introduction.html", "{"), ("notation.html", "null")])
        page.reload()
        assert page.locator(".right-mark").count() == 2
