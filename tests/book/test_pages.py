"""Every page of the built book: no error, no outside request, no broken link, light, accessible, fit for a phone."""

import functools
import math
import re
import urllib.parse
from html.parser import HTMLParser

import visits
from bs4 import BeautifulSoup

FIRST_VIEW_BYTES, REQUESTS = 200_000, 15
ELEMENTS, HTML_BYTES = 15_000, 400_000

# What axe finds in parts that the theme writes, and no text of the book can mend: rule -> HTML.
KNOWN_FINDINGS = {"region": 'class="sidebar-primary-item"'}  # the theme's logo stands outside its landmarks


def test_page_has_no_errors(visit, page_name):
    assert visit(page_name)["errors"] == []


def test_page_asks_nobody_else(visit, page_name):
    assert visit(page_name)["outside"] == []


def test_page_fits_a_phone(visit, page_name):
    assert visit(page_name)["wide"] == []
    assert visit(page_name)["stretched"] == []


def test_no_code_is_cut_beside_the_contents(visit, page_name):
    assert visit(page_name)["cut"] == []


def test_page_is_accessible(visit, page_name):
    """Where the formulas are simplified before axe looks, as many scroll as before."""
    found = visit(page_name)["violations"].items()
    assert [where for where, html in found if KNOWN_FINDINGS.get(where.split()[0], html + "?") not in html] == []
    before, after = visit(page_name)["scrolling"]
    assert before == after


def test_keyboard_stops_only_at_tables_and_formulas_that_scroll(visit, page_name):
    assert visit(page_name)["idle"] == []


def test_first_view_is_light(visit, page_name):
    weights = visit(page_name)["weights"]
    assert sum(weights.values()) <= FIRST_VIEW_BYTES, sorted(weights.items(), key=lambda item: -item[1])[:8]
    assert len(weights) <= REQUESTS, sorted(weights)


class Elements(HTMLParser):
    """Count the elements of a page."""

    count = 0

    def handle_starttag(self, tag, attributes):
        """Take down one more."""
        self.count += 1


def test_page_is_short(page_html):
    """A browser lays it out at once, and a phone keeps it."""
    page = Elements()
    page.feed(page_html)
    assert page.count <= ELEMENTS
    assert len(page_html.encode()) <= HTML_BYTES


def test_no_two_places_of_a_page_have_one_name_and_no_list_stands_in_a_paragraph(page_html):
    ids = re.findall(r'<[a-z][^<>]*?\sid="([^"]*)"', page_html)
    assert ids == list(dict.fromkeys(ids))
    assert not re.search(r"<p>\s*<[uo]l\b", page_html)


def test_weight_normalization_ends_nearer_wherever_a_reader_drags_the_first_figure(folder):
    (first,) = visits.figures((folder / "book/index.html").read_text("utf-8")).values()
    ends = [re.search(r"descent ends ([0-9.]+) .* WN ([0-9.]+)[.]$", alt).groups() for alt in first.alts]
    assert len(ends) == math.prod(first.counts) and all(float(wn) < float(gd) for gd, wn in ends)


def test_large_steps_of_wn_cost_from_small_starts_and_help_from_large_ones(folder):
    first = next(iter(visits.figures((folder / "book/1-introduction/introduction.html").read_text("utf-8")).values()))
    found = (
        re.search(r"from g0 = ([0-9.]+) with steps ([0-9.]+): .* WN ends .* distance ([0-9.]+), rPGD", alt)
        for alt in first.alts
    )
    distance = {}
    for start, step, end in (match.groups() for match in found if match):
        distance.setdefault((float(start), float(step)), []).append(float(end))
    assert all(large > small for small, large in zip(distance[1, 0.005], distance[1, 0.5], strict=True))
    assert all(large < small / 2 for small, large in zip(distance[5, 0.005], distance[5, 0.5], strict=True))


def test_what_python_weighs_is_said_as_the_buttons_say_it(folder):
    pages = (path.read_text("utf-8") for path in (folder / "book").rglob("*.html"))
    sizes = [int(size) for html in pages for size in re.findall(r"(\d+) MB, once", html)]
    text = " ".join((folder / "book/companion/running.html").read_text("utf-8").split())
    assert f"how much that is, {min(sizes)} to {max(sizes)} MB with" in text


def test_the_page_of_the_library_typesets_formulas_and_links_the_papers_numbers(folder):
    page = BeautifulSoup((folder / "book/companion/api.html").read_text("utf-8"), "html.parser")
    limit = page.find(id="wnlib.theory.flow_limit").parent
    assert "".join(limit.find(class_="katex-display").math.strings).startswith("s(1−qe(g02−s)/c)=g∗2")
    invariant = page.find(id="wnlib.theory.flow_invariant").parent
    assert invariant.find("a", string="Lemma 2.5")["href"] == "../2-continuous-time/invariant.html#lem-2-5"
    signatures = " ".join(name.get_text() for name in page.select("dt.sig"))
    assert "make_least_squares(" in signatures and not re.search(r"\b_\w|\*args", signatures)


def test_a_dark_system_sees_a_dark_page_at_once_and_paper_is_light(opened, folder):
    with opened("book/index.html", color_scheme="dark") as (page, _):
        theme = "document.documentElement.dataset.theme"
        assert page.evaluate(theme) == "dark"
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(theme) == "light"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(theme) == "dark"
    # Whatever comes later in the page, its head has decided.
    head = (folder / "book/index.html").read_text("utf-8").partition("</head>")[0]
    assert "prefers-color-scheme" in head and "searchindex.js" not in head


def test_the_front_door_opens(opened):
    with opened("index.html") as (page, watch):
        page.locator("article h1").first.wait_for()
        assert watch.responses[page.url].ok and page.title()


class Links(HTMLParser):
    """The links of a page, and the anchors that others can point to."""

    def __init__(self):
        super().__init__()
        self.links, self.anchors = [], set()

    def handle_starttag(self, tag, attributes):
        """Take down what a tag links to and how it can be reached."""
        attributes = dict(attributes)
        self.links += [attributes[a] for a in ("href", "src") if a in attributes and tag != "base"]
        self.anchors |= {attributes[a] for a in ("id", "name") if a in attributes and (a == "id" or tag == "a")}


@functools.cache
def parsed(path):
    """Return the links and anchors of a page."""
    page = Links()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken(link, page, folder, place="/"):
    """Say what is wrong with a link inside the book, which is to stand at a place; None if it is right or leads out."""
    parts = urllib.parse.urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = urllib.parse.unquote(parts.path)
    start = folder if path.startswith("/") else page.parent
    target = (start / path.removeprefix(place).lstrip("/")).resolve() if path else page
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return f"{link}: no such file"
    anchor = urllib.parse.unquote(parts.fragment)
    if anchor and target.suffix == ".html" and anchor not in parsed(target).anchors:
        return f"{link}: no such anchor"
    return None


def test_links_lead_somewhere(page_name, folder, site):
    page = (folder / page_name).resolve()
    links = parsed(page).links
    assert links
    place = urllib.parse.urlsplit(site).path
    assert [fault for link in links if (fault := broken(link, page, folder.resolve(), place))] == []
