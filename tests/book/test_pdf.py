"""The book as one PDF: what is joined, and what Chromium prints of it."""

from collections import Counter

import pytest
from bs4 import BeautifulSoup
from pdf import __main__ as command
from pdf.join import document, read
from pdf.printer import print_document
from pypdf import PdfReader

PAGES = ["book/index", "book/1-introduction/introduction", "book/1-introduction/setup"]
TITLES = ["About this book", "Introduction", "Setup"]
TOC = """root: book/index
parts:
  - caption: The first part
    chapters:
      - file: book/1-introduction/introduction
      - file: book/1-introduction/setup
"""


@pytest.fixture(scope="module")
def joined(folder, tmp_path_factory):
    """Three pages of the book as one document."""
    place = tmp_path_factory.mktemp("joined")
    (place / "_toc.yml").write_text(TOC, encoding="utf-8")
    chapters = read(folder, place / "_toc.yml")
    file = place / "joined.html"
    file.write_text(document(folder, chapters, command.title_page(folder, {})), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def soup(joined):
    """What the document says."""
    return BeautifulSoup(joined.read_text(encoding="utf-8"), "html.parser")


def test_the_chapters_stand_in_their_order_and_in_the_contents(soup):
    assert [chapter.h2.get_text() for chapter in soup.select("section.chapter")] == TITLES
    rows = soup.select("nav li")
    assert [row.get_text().strip() for row in rows] == [TITLES[0], "The first part", *TITLES[1:]]
    keys = [chapter["id"] for chapter in soup.select("section.chapter")]
    assert [link["href"].removeprefix("#") for link in soup.select("nav a")] == keys


def test_no_two_places_have_one_name_and_links_lead_to_places(soup):
    ids = Counter(element["id"] for element in soup.select("[id]"))
    assert len(ids) > 60 and set(ids.values()) == {1}
    links = [link["href"] for link in soup.select("a[href]")]
    inside = [href.removeprefix("#") for href in links if href.startswith("#")]
    assert set(inside) <= set(ids) and len(inside) > 30
    assert all(href.startswith(("#", "http://", "https://", "mailto:")) for href in links)
    other = "page-1-introduction-setup"
    assert any(href.startswith(f"#{other}") for href in (a["href"] for a in soup.select(".chapter a[href]")))


def test_figures_are_described_and_nothing_waits_for_a_hand(soup):
    images = soup.select("img")
    assert len(images) > 8 and all(image["alt"].strip() for image in images)
    assert soup.select("figure.explore figcaption")
    assert soup.select("button, input, script, details, [hidden]:not(.explore-handle)") == []


def test_code_that_draws_or_checks_is_left_out_and_algorithms_stay(soup, folder):
    html = BeautifulSoup(folder.joinpath(f"{PAGES[1]}.html").read_text(encoding="utf-8"), "html.parser")
    folded = [fold.pre.get_text() for fold in html.select(".tag_hide-input > details.fold")]
    codes = {pre.get_text() for pre in soup.select("pre")}
    assert len(folded) > 8 and codes.isdisjoint(folded)
    names = {name.get_text() for name in soup.select(".check-name")}
    assert "The check: both lines, in sympy and for a step of rPGD" in names
    assert any("def projected_descent(" in code for code in codes)


def test_answers_stand_at_the_end_of_their_chapter(soup):
    chapter = soup.select("section.chapter")[1]
    headings = [heading.get_text() for heading in chapter.select("h3")]
    assert headings[-1] == "Hints and solutions"
    lines = chapter.select(".see-answers a")
    answers = chapter.select(".answers .exercise")
    assert [line["href"] for line in lines] == [f"#{answer['id']}" for answer in answers] and len(lines) > 3
    assert chapter.select_one(".answers pre") and not chapter.select("section:not(.answers) > .fold")


def test_a_link_to_a_place_that_is_not_there_is_an_error(tmp_path):
    (tmp_path / "_toc.yml").write_text("root: a\nparts: [{caption: B, chapters: [{file: b}]}]", encoding="utf-8")
    page = '<article class="bd-article"><section id="a"><h1>A</h1><p><a href="{}">x</a></p></section></article>'
    (tmp_path / "a.html").write_text(page.format("b.html#a?g0=3"), encoding="utf-8")
    (tmp_path / "b.html").write_text(page.format("a.ipynb"), encoding="utf-8")
    first, second = read(tmp_path, tmp_path / "_toc.yml").values()
    assert first.soup.a["href"] == "#page-b--a" and second.soup.a is None and second.soup.p.get_text() == "x"
    (tmp_path / "b.html").write_text(page.format("a.html#c"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"b\.html links to a\.html#c, but a\.html has no such place"):
        read(tmp_path, tmp_path / "_toc.yml")


def test_the_print_has_its_text_its_outline_and_the_numbers_of_its_pages(joined, browser, tmp_path):
    target = tmp_path / "book.pdf"
    count = print_document(browser, joined, target)
    reader = PdfReader(target)
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) == count > 20 and min(map(len, texts)) > 40
    outline = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert outline == ["Contents", "The first part"]
    inside = [entry for part in reader.outline if isinstance(part, list) for entry in part]
    chapters = [entry for entry in inside if not isinstance(entry, list)]
    assert [chapter.title for chapter in chapters] == TITLES
    for chapter in chapters:
        start = reader.get_destination_page_number(chapter)
        assert chapter.title in texts[start] and str(start + 1) in texts[1].split(), "a number in the contents is wrong"
    assert "Weight Normalization" in texts[0] and "ends at norm 3.41" in " ".join(" ".join(texts).split())
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_first_page_offers_the_print_that_is_there(tmp_path):
    index = tmp_path / "index.html"
    index.write_text(f"<p>a</p>\n{command.BEFORE}</section>", encoding="utf-8")
    target = tmp_path / command.NAME
    for count, size in ((300, 17_300_000), (301, 18_000_000)):
        target.write_bytes(bytes(size))
        command.offer(index, target, count)
        (link,) = BeautifulSoup(index.read_text(encoding="utf-8"), "html.parser").select("a")
        assert link["href"] == f"../{target.name}"
        assert link.parent.get_text() == f"The book as one PDF: {count} pages, {size / 1e6:.0f} MB."
    index.write_text("<p>a</p>", encoding="utf-8")
    with pytest.raises(ValueError, match="before which book/_ext/pdf puts the link"):
        command.offer(index, target, 1)
