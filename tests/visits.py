"""One visit to each page of the built book, in which it is looked at in all ways: loading a page costs the most."""

import contextlib
import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

PROBE = Path(__file__).with_name("visits.js").read_text(encoding="utf-8")
FIGURE = re.compile(r'<figure class="explore" id="([^"]+)".*?</figure>', re.DOTALL)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
# How often a look is judged on which axe does not decide, because of what covers it, or because it is a single letter.
ENOUGH = 4
# By which axe judges what a phone shows too, beside that of contrast.
WIDE_RULES = ["target-size", "scrollable-region-focusable", "link-in-text-block"]


def place(sources):
    """Return the path at which the book is to stand: "/", or what its page for error 404 has before its links."""
    found = re.search(r'href="(/[^"]*)_static/', sources.get("404.html", ""))
    return found[1] if found else "/"


class Figure:
    """An interactive figure as the HTML of its page describes it."""

    def __init__(self, html):
        root = BeautifulSoup(html, "html.parser").figure
        index = json.loads(root.script.string)
        self.root, self.image = root, root.img
        self.texts, self.alts, self.handles = index["texts"], index["alts"], index.get("handles")
        self.controls = root.select(".explore-control")
        self.drag = index.get("drag", [False] * len(self.controls))
        self.sliders = [control.select_one("input[type=range]") for control in self.controls]
        self.counts = [int(control["data-positions"]) for control in self.controls]
        start = [
            slider or c.select_one("input[checked]") for slider, c in zip(self.sliders, self.controls, strict=True)
        ]
        self.start = [int(choice["value"]) for choice in start]

    def frame(self, positions):
        """Return the number of the frame of some positions: the last control counts fastest."""
        number = 0
        for count, position in zip(self.counts, positions, strict=True):
            number = number * count + position
        return number

    def kinds(self, page):
        """Return what the script of the figures meets in this one."""
        yield "folders above it", page.count("/")
        yield from (("range" if slider else "radio",) for slider in self.sliders)
        yield "first", "range" if self.sliders[0] else "radio"
        yield "plays", bool(self.root.select(".explore-play"))
        yield "dragged", sum(self.drag)
        yield "stays before a dragged one", any(self.drag) and not self.drag[0]


def figures(html):
    """Return the interactive figures of a page by name."""
    return {match[1]: Figure(match[0]) for match in FIGURE.finditer(html)}


def representatives(sources):
    """Return pairs of page and figure that show the script all that it meets anywhere, on small pages if possible."""
    kinds = {
        (page, name): set(figure.kinds(page))
        for page, html in sources.items()
        for name, figure in figures(html).items()
    }
    missing, chosen = set().union(*kinds.values()), []
    while missing:
        best = max(kinds, key=lambda which: (len(kinds[which] & missing), -len(sources[which[0]])))
        missing -= kinds[best]
        chosen.append(best)
    return chosen


@dataclass
class Watch:
    """What a page does while a test looks at it."""

    address: str
    errors: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    responses: dict = field(default_factory=dict)

    @contextlib.contextmanager
    def watching(self, page):
        """Listen to a page's errors and requests."""
        listeners = {
            "console": lambda message: message.type == "error" and self.errors.append(message.text),
            "pageerror": lambda error: self.errors.append(str(error)),
            "requestfailed": self._failed,
            "request": self._request,
            "response": self._response,
        }
        for event, listener in listeners.items():
            page.on(event, listener)
        yield
        for event, listener in listeners.items():
            page.remove_listener(event, listener)

    def _failed(self, request):
        # The browser itself gives up what it still fetched for a page when a test leaves it.
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"{request.url}: {request.failure}")

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.outside.append(request.url)

    def _response(self, response):
        self.responses[response.url] = response
        if response.status >= 400:
            self.errors.append(f"{response.url}: {response.status}")


def empty(page, address):
    """Leave a window as it was when it was new: nothing of the last page, nothing stored, nothing held back."""
    page.unroute_all()
    page.context.set_offline(False)
    page.emulate_media(media="null")
    page.mouse.move(0, 0)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})  # which also clears the pictures in memory
    page.goto("about:blank")  # as they are left, pages store where their sidebar stood
    session.send("Network.clearBrowserCache")
    session.send("Storage.clearDataForOrigin", {"origin": "://".join(urlsplit(address)[:2]), "storageTypes": "all"})
    session.detach()


def texts(outputs):
    """Return what a cell of a notebook prints, in one piece, and the plain text of each result."""
    printed = "".join("".join(output["text"]) for output in outputs if "text" in output)
    results = [output["data"].get("text/plain") for output in outputs if "data" in output]
    return [printed, *("".join(text) for text in results if text is not None)]


class Visitor:
    """Visits each page once, and remembers what it saw."""

    def __init__(self, opened, sources):
        self.opened = opened
        self.sources = sources
        self.weights = {}
        self.visits = {}
        self.looks, self.parts = Counter(), set()

    def __call__(self, name):
        """Return what one visit to a page showed."""
        if name not in self.visits:
            with self.opened(name, color_scheme="light", reduced_motion="reduce") as (page, watch):
                page.evaluate("document.fonts.ready")
                weights = {url: self.weight(r, watch.address) for url, r in list(watch.responses.items()) if r.ok}
                page.evaluate(PROBE)
                moved = look_at_figures(page, figures(self.sources[name]))
                # What the page itself does, before anything is done to it.
                own = {"errors": list(watch.errors), "outside": list(watch.outside), "weights": weights}
                self.visits[name] = {**own, "figures": moved, **look(page, self.looks, self.parts)}
        return self.visits[name]

    def weight(self, response, address):
        """Return the gzipped bytes of a response."""
        name = response.url.removeprefix(address).split("?")[0]
        if name not in self.weights:
            body = response.body()
            self.weights[name] = min(len(body), len(gzip.compress(body)))
        return self.weights[name]


def look_at_figures(page, described):
    """Move every control of a page's figures by keyboard; return by name what each figure showed."""
    seen = {}
    for number, (name, figure) in enumerate(described.items()):
        moves = [move(page, number, figure, k) for k in range(len(figure.counts))]
        covered, reach = page.evaluate("(n) => [visit.covered(n), visit.reach(n)]", number)
        seen[name] = {"moves": moves, "covered": covered, "desk": reach}
    if seen:
        page.set_viewport_size(PHONE)
    for number, name in enumerate(seen):
        seen[name] |= page.evaluate("(n) => visit.sizes(n)", number)
    return seen


def move(page, number, figure, k):
    """Move a control to its ends and middle, and a step from either end; return pairs of position due and sight."""
    page.evaluate("([n, k]) => visit.focus(n, k)", [number, k])
    count, start, seen = figure.counts[k], figure.start[k], []
    keys = [("Home", 0), ("ArrowRight", 1), ("ArrowRight", count // 2), ("End", count - 1), ("ArrowLeft", count - 2)]
    if not figure.sliders[k]:
        keys = [("ArrowDown", (start + step) % count) for step in range(1, count + 1)]
    for key, position in keys:
        if key == "ArrowRight":
            page.evaluate("([n, k, p]) => visit.place(n, k, p)", [number, k, position - 1])
        page.keyboard.press(key)
        seen.append((position, page.evaluate("(n) => visit.shown(n)", number)))
    return seen


def look(page, looks, parts):
    """Look at a page as a phone and as a large screen show it, in light and in dark.

    What both show axe judges on the phone; on the large screen by `WIDE_RULES`, and by all where there are parts that a
    phone lacks and that are not among `parts`, those of other pages.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    page.set_viewport_size(PHONE)
    page.evaluate("document.querySelectorAll('article details').forEach((details) => (details.open = true))")
    wide, stretched = page.evaluate("visit.wide()"), page.evaluate("visit.stretched()")
    idle, scrolling = page.evaluate("visit.settled()"), page.evaluate("visit.simplify()")
    page.evaluate("visit.first()")
    page.evaluate(AXE_SCRIPT)
    found = violations(page, looks)
    page.set_viewport_size(DESKTOP)
    idle += page.evaluate("visit.settled()")
    cut = page.evaluate("visit.cut()")
    wider = set(page.evaluate("visit.first()"))
    found |= violations(page, looks, WIDE_RULES if wider <= parts else None)
    parts |= wider
    return {"wide": wide, "stretched": stretched, "cut": cut, "idle": idle, "scrolling": scrolling, "violations": found}


def violations(page, looks=None, light=None):
    """Return what axe finds, in light by some rules or all, and in dark by that of contrast, as names and HTML.

    `looks` counts how often each look of a text was judged in each theme, on this page and on others; one on which axe
    decides is not judged again.
    """
    looks = Counter() if looks is None else looks
    found = {}
    for theme, rules in (("dark", []), ("light", light)):
        page.evaluate("(name) => visit.theme(name)", theme)
        known = [look for (where, look), times in looks.items() if where == theme and times >= ENOUGH]
        if page.evaluate("(known) => visit.markLooks(known)", known) or theme == "light":
            result = page.evaluate("(rules) => visit.violations(rules)", rules)
            found |= dict(result["found"])
            looks.update({(theme, look): ENOUGH if decided else 1 for look, decided in result["looks"]})
    return found
