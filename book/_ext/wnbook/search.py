"""The search lists a statement, an equation, a figure, an exercise or a topic before any other hit.

Sphinx's search drops numbers, but first compares the query with the entries of the index: so "Lemma 2.5", "eq 7" and
the topics of search.toml are entries. They lead to the place, and search.js shows what they are.
"""

import re
import tomllib
from pathlib import Path

from sphinx import addnodes

from .paper import ITEMS

TOPICS = tomllib.loads(Path(__file__).with_name("search.toml").read_text("utf-8"))
EXERCISE = re.compile(r'^check\("(\w+\.\w+)"', re.M)


def names(row):
    """What somebody may type who looks for a statement."""
    if row.label not in ITEMS:
        return [row.title]
    item = ITEMS[row.label]
    if row.directive != "equation":
        return [item.text, item.name]
    number = item.text.strip("()")
    return [f"({number})", *(f"{word} {number}" for word in ("eq", "eq.", "equation", "formula")), item.name]


def add_entries(app, doctree):
    """Add what this page states, asks and is about to the index that the search reads."""
    docname = app.env.docname
    rows = app.env.get_domain("prf").data["statements"].get(docname, [])
    found = [(name, row.anchor) for row in rows for name in names(row)]
    found += [(topic, "") for topic in TOPICS.get(docname, [])]
    for cell in doctree.findall(lambda node: "cell" in getattr(node, "attributes", {}).get("classes", [])):
        found += [(f"exercise {label}", next(iter(cell["ids"]), "")) for label in EXERCISE.findall(cell.astext())]
    entries = [("single", name.replace(";", ","), anchor, "main", None) for name, anchor in found]
    if entries:
        doctree += addnodes.index(entries=entries)


def add_script(app, pagename, templatename, context, doctree):
    if pagename == "search":
        app.add_js_file("search.js", loading_method="defer")


def setup(app):
    app.connect("doctree-read", add_entries)
    app.connect("html-page-context", add_script)
