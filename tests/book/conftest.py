"""The built book, served on a local port and opened in a real Chromium."""

import contextlib
import functools
import http.server
import importlib.util
import os
import threading
from collections import defaultdict
from pathlib import Path

import living
import pytest
import visits
from pdf.browser import BROWSERS, FLAGS, browser_program

SITE = Path(__file__).parents[2] / "_build" / "html"


@functools.cache
def pages():
    """Return the HTML of every page by its name."""
    sources = {path.relative_to(SITE).as_posix(): path.read_text("utf-8") for path in sorted(SITE.rglob("*.html"))}
    # _static holds the theme's templates, lite another program, and index.html may only lead on to the first page.
    return {
        name: html for name, html in sources.items() if not name.startswith(("_static/", "lite/")) and "<body" in html
    }


@functools.cache
def figure_names():
    """Return the names of all interactive figures, each after its page's."""
    return [f"{page}#{figure[1]}" for page, html in pages().items() for figure in visits.FIGURE.finditer(html)]


@functools.cache
def representatives():
    """Return the names of the figures that stand for all kinds."""
    return [f"{page}#{name}" for page, name in visits.representatives(pages())]


def pytest_generate_tests(metafunc):
    """Run a test for every page, every interactive figure, or figures that stand for all kinds."""
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", list(pages()) or ["no book"])
    elif "living_name" in metafunc.fixturenames:
        names = living.living(pages(), os.environ.get("WNLIB_LIVE") == "all")
        metafunc.parametrize("living_name", names or ["no book"])
    elif "figure_name" in metafunc.fixturenames:
        metafunc.parametrize("figure_name", figure_names() or ["no book"])
    elif "representative" in metafunc.fixturenames:
        metafunc.parametrize("representative", representatives() or ["no book"], scope="session")


def missing(reason):
    """Skip for want of a tool; on a machine that checks changes nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def page_html(page_name):
    """Return the HTML of a page."""
    if page_name not in pages():
        missing("There is no built book: run make book first.")
    return pages()[page_name]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files at the book's place in silence, without a look-up of the machine's name."""

    def translate_path(self, path):
        """Return the file of an address; what is not at the book's place is not there."""
        place = visits.place(pages())
        return super().translate_path("/" + path.removeprefix(place) if path.startswith(place) else "/nowhere")

    def log_message(self, *args):
        """Write nothing."""


@pytest.fixture(scope="session")
def site():
    """Serve the book; yield its address."""
    if not (SITE / "index.html").is_file():
        missing("There is no built book: run make book first.")
    handler = functools.partial(Handler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{visits.place(pages())}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser():
    """Start one Chromium for all tests."""
    if importlib.util.find_spec("playwright") is None:
        missing("There is no playwright to open the book with: run make test, which installs it.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = browser_program(playwright.chromium.executable_path)
        if program is None:
            missing(
                f"There is no browser to open the book in: install one of {', '.join(BROWSERS)}, or run "
                "python -m playwright install chromium in the book's environment."
            )
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def opened(site, browser):
    """Open pages as a reader who was never here: ``with opened(name, **options) as (page, watch)``.

    Pages of the book follow each other in the windows of their options, each emptied in between: in a new window a
    page costs half a second more.
    """
    free = defaultdict(list)

    @contextlib.contextmanager
    def opened(name, address=site, viewport=visits.DESKTOP, **options):
        windows = free[address, repr(sorted(options.items()))]
        page = windows.pop() if windows else browser.new_context(**options).new_page()
        page.set_viewport_size(viewport)
        watch = visits.Watch(address)
        with watch.watching(page):
            page.goto(address + name, wait_until="load")
            yield page, watch
        if address == site:
            visits.empty(page, site)
            windows.append(page)
        else:
            page.context.close()

    return opened


@pytest.fixture(scope="session")
def visit(opened):
    """Return a function that visits a page once, and says what it saw."""
    return visits.Visitor(opened, pages())


@pytest.fixture
def described(site, figure_name):
    """Return what the HTML says of a figure."""
    page, _, name = figure_name.partition("#")
    return visits.figures(pages()[page])[name]


@pytest.fixture(scope="session")
def folder():
    """Return the folder of the built book."""
    if not (SITE / "index.html").is_file():
        missing("There is no built book: run make book first.")
    return SITE


@pytest.fixture(scope="session")
def lacking():
    """Return the function that skips a test for want of a tool, or fails where changes are checked."""
    return missing
