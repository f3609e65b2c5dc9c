"""The built book, served on a local port and opened in a real Chromium."""

import contextlib
import functools
import http.server
import importlib.util
import os
import re
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "_build" / "html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split()
FIGURE = re.compile(r'<figure class="explore" id="([^"]+)"')


def pytest_generate_tests(metafunc):
    """Run a test for every page, every interactive figure, or the first figure of every page."""
    sources = {path.relative_to(SITE).as_posix(): path.read_text("utf-8") for path in SITE.rglob("*.html")}
    # _static holds the theme's templates, and index.html may only lead on to the first page.
    pages = sorted(n for n, s in sources.items() if not n.startswith("_static/") and "<body" in s)
    figures = [(page, name) for page in pages for name in FIGURE.findall(sources[page])]
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", pages or ["no book"])
    elif "figure_name" in metafunc.fixturenames:
        names = [f"{page}#{name}" for page, name in figures]
        metafunc.parametrize("figure_name", names or ["no book"], scope="session")
    elif "first_figure_name" in metafunc.fixturenames:
        names = [f"{page}#{name}" for page, name in dict(reversed(figures)).items()]
        metafunc.parametrize("first_figure_name", sorted(names) or ["no book"])


def missing(reason):
    """Skip for want of a tool; on a machine that checks changes nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files in silence, without a look-up of the machine's name."""

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
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser():
    """Start one Chromium for all tests."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None or importlib.util.find_spec("playwright") is None:
        missing(f"There is no browser to open the book in: install one of {', '.join(BROWSERS)}.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Watch:
    """What a page does while a test looks at it."""

    address: str
    errors: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    responses: dict = field(default_factory=dict)

    def attach(self, page):
        """Listen to a page's errors and requests."""
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", lambda request: self.errors.append(f"{request.url}: {request.failure}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.outside.append(request.url)

    def _response(self, response):
        self.responses[response.url] = response
        if response.status >= 400:
            self.errors.append(f"{response.url}: {response.status}")


@pytest.fixture(scope="session")
def opened(site, browser):
    """Open pages, each in a profile of its own: ``with opened(name, **options) as (page, watch)``."""

    @contextlib.contextmanager
    def opened(name, address=site, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        page = context.new_page()
        watch = Watch(address)
        watch.attach(page)
        page.goto(address + name, wait_until="load")
        yield page, watch
        context.close()

    return opened


@pytest.fixture(scope="session")
def folder():
    """Return the folder of the built book."""
    return SITE
