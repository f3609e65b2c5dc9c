"""Print a document with Chromium, with the numbers of its pages in its contents."""

import contextlib
import sys

from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from .browser import BROWSERS, FLAGS, browser_program

MILLISECONDS = 600_000
TEXT = 605  # the width of the text, 160 mm, in pixels
# What is wider than the text is set smaller: a formula, a table.
FIT = """() => {
  for (const math of document.querySelectorAll(".katex-display")) {
    const range = document.createRange();
    range.selectNodeContents(math.querySelector(".katex-html"));
    const part = math.clientWidth / range.getBoundingClientRect().width;
    if (part < 1) math.style.fontSize = `${0.98 * part * parseFloat(getComputedStyle(math).fontSize)}px`;
  }
  for (const table of document.querySelectorAll("table"))
    for (let k = 0; k < 6 && table.offsetWidth > table.parentElement.clientWidth; k++)
      table.style.fontSize = `${0.93 * parseFloat(getComputedStyle(table).fontSize)}px`;
}"""
NUMBER = """(numbers) => {
  for (const [key, number] of Object.entries(numbers))
    document.querySelector(`nav a[href="#${key}"] .number`).textContent = number;
}"""


@contextlib.contextmanager
def chromium():
    """Start Chromium, or say how to get it."""
    with sync_playwright() as playwright:
        program = browser_program(playwright.chromium.executable_path)
        if program is None:
            sys.exit(
                f"There is no browser to print the book with: install one of {', '.join(BROWSERS)}, or run python -m "
                "playwright install chromium in the book's environment."
            )
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


def print_document(browser, document, target):
    """Print an HTML file, once to see where each chapter begins, and once with these numbers; count the pages."""
    page = browser.new_page(viewport={"width": TEXT, "height": 900})
    page.set_default_timeout(MILLISECONDS)
    page.emulate_media(media="print", color_scheme="light")
    page.goto(document.as_uri(), wait_until="load", timeout=MILLISECONDS)
    page.evaluate("document.fonts.ready")
    page.evaluate(FIT)
    common = {"path": target, "prefer_css_page_size": True, "print_background": True}
    page.pdf(**common)
    reader = PdfReader(target)
    starts = {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
        if "--" not in name  # what stands in a chapter
    }
    page.evaluate(NUMBER, starts)
    page.pdf(**common, outline=True, tagged=True)
    page.close()
    return len(reader.pages)
