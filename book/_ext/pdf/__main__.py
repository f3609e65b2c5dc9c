"""Print the built book as one PDF, and offer it on the first page: ``python -m pdf _build/html``."""

import argparse
import os
import re
import sys
import tempfile
from html import escape
from pathlib import Path

import yaml

from .join import document, read
from .printer import chromium, print_document

ROOT = Path(__file__).parents[3]
NAME = "weight-normalization.pdf"
INDEX = "book/index.html"
OFFERED = re.compile(r'<p id="whole-book">.*?</p>\n', re.DOTALL)
BEFORE = '<section id="what-you-need">'  # of the first page


def main():
    """Print it, or say what is missing."""
    parser = argparse.ArgumentParser(prog="pdf", description=__doc__.partition("\n")[0])
    parser.add_argument("site", type=Path, help="the folder of the built book")
    site = parser.parse_args().site.resolve()
    if not (site / INDEX).is_file():
        sys.exit(f"There is no book in {site}: run make book first.")
    target = site / NAME
    chapters = read(site, ROOT / "_toc.yml")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        joined = Path(folder, "joined.html")
        joined.write_text(document(site, chapters, title_page(site, os.environ)), "utf-8")
        count = print_document(browser, joined, target)
    offer(site / INDEX, target, count)
    print(f"The book as one PDF, {count} pages, {size(target)}, is {target}.")


def title_page(site, environ):
    """Return what stands on the title page."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    built = re.search(r'<p class="built-with">(.*?)</p>', (site / INDEX).read_text("utf-8"))
    base = environ.get("WNLIB_BASE_URL", "").rstrip("/")
    living = f'<p>Its figures move at <a href="{escape(base)}/">{escape(base)}</a>.</p>' if base else ""
    return {
        "title": config["title"],
        "subtitle": "A companion to <em>Implicit Regularization and Convergence for Weight Normalization</em>",
        "author": config["author"],
        "notes": f"{living}<p>{built[1] if built else ''}</p><p>Text and figures: CC BY 4.0. Code: MIT licence.</p>",
    }


def size(file):
    """Return the size of a file in words."""
    return f"{file.stat().st_size / 1e6:.0f} MB"


def offer(index, target, count):
    """Link the PDF on the first page: built without it, the page says nothing of it."""
    html = OFFERED.sub("", index.read_text("utf-8"))
    if BEFORE not in html:
        raise ValueError(f"{index} has no {BEFORE}, before which book/_ext/pdf puts the link to the PDF.")
    link = f'<p id="whole-book"><a href="../{NAME}">The book as one PDF</a>: {count} pages, {size(target)}.</p>\n'
    index.write_text(html.replace(BEFORE, link + BEFORE), "utf-8")


if __name__ == "__main__":
    main()
