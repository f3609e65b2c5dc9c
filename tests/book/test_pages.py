"""Every page of the built book: no error, no outside request, no broken link, light, accessible, fit for a phone."""

import functools
import gzip
import importlib.util
import urllib.parse
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

FIRST_VIEW_BYTES = 300_000

# What axe finds in parts that the theme and docutils write, and no text of the book can mend: rule -> HTML.
KNOWN_FINDINGS = {
    "region": 'class="sidebar-primary-item"',  # the theme's logo stands outside its landmarks
    "aria-allowed-role": 'role="doc-biblioentry"',  # docutils gives an entry of the bibliography a role ...
    "aria-deprecated-role": 'role="doc-biblioentry"',  # ... that has been withdrawn since ...
    "aria-required-children": 'class="citation-list"',  # ... and that a list may not hold
}

# Elements that stick out of the screen although nothing around them scrolls or clips.
WIDE = """() => [...document.body.querySelectorAll("*")].filter((element) => {
  const box = element.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
  for (let around = element; around; around = around.parentElement) {
    const style = getComputedStyle(around);
    if (style.position === "fixed" || (around !== element && style.overflowX !== "visible")) return false;
    if (style.visibility === "hidden" || style.clipPath !== "none") return false;
  }
  return true;
}).map((element) => `${element.tagName}.${element.className}`).concat(
  document.documentElement.scrollWidth > innerWidth ? [`the page: ${document.documentElement.scrollWidth} px`] : [])"""

# Pictures whose sides do not have the ratio that they have in the file.
STRETCHED = """async () => {
  const pictures = [...document.querySelectorAll("article img")];
  pictures.forEach((picture) => { picture.loading = "eager"; });
  await Promise.all(pictures.map((picture) => picture.decode()));
  const ratio = (picture) => picture.clientWidth / picture.clientHeight * picture.naturalHeight / picture.naturalWidth;
  return pictures.filter((picture) => picture.clientWidth && Math.abs(ratio(picture) - 1) > 0.02).map((p) => p.src);
}"""


@functools.cache
def theme_files():
    """Return the names under _static that the theme's packages bring."""
    names = set()
    for package in ("sphinx_book_theme", "pydata_sphinx_theme", "sphinx"):
        for static in Path(importlib.util.find_spec(package).origin).parent.rglob("static"):
            names |= {path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()}
    return names


def weight(response, address):
    """Return the gzipped bytes of a response; none for what the theme brings."""
    name = response.url.removeprefix(address).split("?")[0]
    if name.startswith("_static/") and name.removeprefix("_static/") in theme_files():
        return 0
    body = response.body()
    return min(len(body), len(gzip.compress(body)))


def violations(page, **options):
    """Return what axe finds, as pairs of rule and element."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], "preload": False, **options}
    found = Axe().run(page, options=options).response["violations"]
    return {(rule["id"], " ".join(map(str, node["target"]))): node["html"] for rule in found for node in rule["nodes"]}


@pytest.fixture(scope="session")
def visit(opened):
    """Return a function that opens a page, looks at it in all ways at once, and remembers what it saw."""

    @functools.cache
    def visit(name):
        with opened(name, color_scheme="light", reduced_motion="reduce") as (page, watch):
            page.evaluate("document.fonts.ready")
            # What the page itself does, before anything is done to it.
            errors, outside = list(watch.errors), list(watch.outside)
            weights = {url: weight(r, watch.address) for url, r in list(watch.responses.items()) if r.ok}
            page.set_viewport_size({"width": 360, "height": 740})
            wide, stretched = page.evaluate(WIDE), page.evaluate(STRETCHED)
            page.set_viewport_size({"width": 1280, "height": 900})
            # KaTeX writes each formula twice. This half is hidden from screen readers, and axe takes long over it.
            page.evaluate("document.querySelectorAll('.katex-html').forEach((half) => half.remove())")
            page.evaluate("document.documentElement.dataset.theme = 'light'")
            light = violations(page)
            page.evaluate("document.documentElement.dataset.theme = 'dark'")
            dark = violations(page, runOnly=["color-contrast"])
            found = {"violations": {**dark, **light}, "wide": wide, "stretched": stretched}
            return SimpleNamespace(errors=errors, outside=outside, weights=weights, **found)

    return visit


def test_page_has_no_errors(visit, page_name):
    assert visit(page_name).errors == []


def test_page_asks_nobody_else(visit, page_name):
    assert visit(page_name).outside == []


def test_page_fits_a_phone(visit, page_name):
    assert visit(page_name).wide == []
    assert visit(page_name).stretched == []


def test_page_is_accessible(visit, page_name):
    found = visit(page_name).violations.items()
    assert [(rule, target) for (rule, target), html in found if KNOWN_FINDINGS.get(rule, html + "?") not in html] == []


def test_first_view_is_light(visit, page_name):
    weights = visit(page_name).weights
    assert sum(weights.values()) <= FIRST_VIEW_BYTES, sorted(weights.items(), key=lambda item: -item[1])[:8]


def test_the_front_door_opens(opened):
    with opened("index.html") as (page, watch):
        page.locator("article h1").first.wait_for()
        assert watch.responses[page.url].ok and page.title()


@functools.cache
def parsed(path):
    """Return the links of a page, and the anchors that others can point to."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    links = [e[a] for e in page.find_all(True) for a in ("href", "src") if e.has_attr(a) and e.name != "base"]
    anchors = {e["id"] for e in page.select("[id]")} | {e["name"] for e in page.select("a[name]")}
    return links, anchors


def broken(link, page, folder):
    """Say what is wrong with a link inside the book; None when it is right or points outside."""
    parts = urllib.parse.urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = urllib.parse.unquote(parts.path)
    start = folder if path.startswith("/") else page.parent
    target = (start / path.lstrip("/")).resolve() if path else page
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return f"{link}: no such file"
    anchor = urllib.parse.unquote(parts.fragment)
    if anchor and target.suffix == ".html" and anchor not in parsed(target)[1]:
        return f"{link}: no such anchor"
    return None


def test_links_lead_somewhere(page_name, folder, site):
    page = (folder / page_name).resolve()
    links, _ = parsed(page)
    assert links
    assert [fault for link in links if (fault := broken(link, page, folder.resolve()))] == []
