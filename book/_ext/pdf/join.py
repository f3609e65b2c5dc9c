"""The pages of the built book as one document that can be printed: chapters in their order, links inside it."""

import posixpath
import re
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup

from .fold import gather_answers, unfold

NOT_ON_PAPER = (
    "script, style, button, input, #whole-book, .headerlink, .live-bar, .explore-controls, .explore-handle, "
    # Beside each formula stands another for screen readers. In a PDF it would be read and copied twice.
    ".katex-mathml, .toctree-wrapper, .sd-summary-state-marker, .expanded"
)
REFERRING = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")
STYLE = Path(__file__).with_name("print.css")


class Chapter:
    """A page of the book, with ids that no other page has."""

    def __init__(self, site, page, part=None, title=None):
        self.page, self.part = page, part
        self.key = re.sub(r"\W+", "-", "page-" + page.removeprefix("book/").removesuffix(".html"))
        html = (site / page).read_text("utf-8")
        article = re.search(r'<article class="bd-article">(.*?)</article>', html, re.DOTALL)
        if article is None:
            raise ValueError(f"{page} has no article: run make book again, or mend book/_ext/pdf/join.py.")
        self.soup = BeautifulSoup(article[1], "html.parser")
        for element in self.soup.select(NOT_ON_PAPER):
            element.decompose()
        gather_answers(self.soup)
        unfold(self.soup)
        if title:
            self.soup.h1.string = title
        self.title = self.soup.h1.get_text().strip()
        self.ids = {element["id"] for element in self.soup.select("[id]")}

    def place(self, fragment):
        """Return the id in the document of a place on this page."""
        return f"{self.key}--{fragment}" if fragment else self.key

    def adapt(self, site, chapters):
        """Make the ids its own, and have links and pictures lead to where they are from the one document."""
        folder = posixpath.dirname(self.page)
        for image in self.soup.select("img"):
            file = site / posixpath.normpath(posixpath.join(folder, unquote(image["src"])))
            if not file.is_file():
                raise ValueError(f"{self.page} shows {file}, which is not there: run make book again.")
            image["src"], image["loading"] = file.as_uri(), "eager"
        for link in self.soup.select("a[href]"):
            link["href"] = target_of(link["href"], self.page, chapters)
            if not link["href"]:
                link.unwrap()
        for element in self.soup.select("[id]"):
            element["id"] = self.place(element["id"])
        for name in REFERRING:
            for element in self.soup.select(f"[{name}]"):
                element[name] = " ".join(map(self.place, element[name].split()))
        for level in (5, 4, 3, 2, 1):  # parts are above chapters
            for heading in self.soup.select(f"h{level}"):
                heading.name = f"h{level + 1}"

    def html(self):
        """Return it as a section of the document."""
        part = f'<h1 class="part">{escape(self.part)}</h1>\n' if self.part else ""
        return f'<section class="chapter" id="{self.key}">\n{part}{self.soup.decode()}</section>\n'

    def style(self):
        """Return the rules that put its title at the head of its pages."""
        title = self.title.replace("\\", r"\\").replace('"', r"\"")
        return f'#{self.key} {{ page: {self.key}; }}\n@page {self.key} {{ @top-right {{ content: "{title}"; }} }}\n'


def target_of(href, page, chapters):
    """Return where a link leads from the document: outside, to a place in it, or "", for another file of the site."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return href
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
    if path not in chapters:
        return ""
    fragment = unquote(parts.fragment).partition("?")[0]  # behind it stands the state of a figure
    if fragment and fragment not in chapters[path].ids:
        raise ValueError(f"{page} links to {href}, but {path} has no such place.")
    return "#" + chapters[path].place(fragment)


def read(site, toc):
    """Return the chapters by page, in the order of _toc.yml; the first of a part has its name."""
    contents = yaml.safe_load(toc.read_text("utf-8"))
    root = f"{contents['root']}.html"
    chapters = {root: Chapter(site, root, title="About this book")}  # the page has the name of the whole
    for part in contents["parts"]:
        caption = part["caption"]
        for entry in part["chapters"]:
            page = f"{entry['file']}.html"
            chapters[page] = Chapter(site, page, caption)
            caption = None
    for chapter in chapters.values():
        chapter.adapt(site, chapters)
    return chapters


def document(site, chapters, title_page):
    """Return the document: the title page, the contents, whose numbers are found in print, and the chapters."""
    style = STYLE.read_text("utf-8") + "".join(chapter.style() for chapter in chapters.values())
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light">
<head>
<meta charset="utf-8">
<title>{escape(title_page["title"])}</title>
<link rel="stylesheet" href="{(site / "_static/all.css").as_uri()}">
<style>
{style}</style>
</head>
<body>
<header class="title-page">
<p class="title">{escape(title_page["title"])}</p>
<p>{title_page["subtitle"]}</p>
<p>{escape(title_page["author"])}</p>
<div class="notes">{title_page["notes"]}</div>
</header>
<nav class="list">
<h1>Contents</h1>
<ol>
{"".join(map(row, chapters.values()))}</ol>
</nav>
<div class="bd-content"><article class="bd-article">
{"".join(chapter.html() for chapter in chapters.values())}</article></div>
</body>
</html>
"""


def row(chapter):
    """Return the line of a chapter in the contents, below the name of the part that it begins."""
    part = f'<li class="part">{escape(chapter.part)}</li>\n' if chapter.part else ""
    title = f'<span>{escape(chapter.title)}</span> <span class="number"></span>'
    return f'{part}<li><a href="#{chapter.key}">{title}</a></li>\n'
