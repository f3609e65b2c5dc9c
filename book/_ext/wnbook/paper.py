"""The paper's numbered items: what their labels mean, and the records a page makes of them.

A label says it all: ``lem-2-5`` is the paper's Lemma 2.5 and ``eq-7`` its equation (7), wherever
they stand in the book. ``paper.toml`` lists every numbered item of the paper.
"""

import ast
import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes

# Label prefix: the word shown to the reader, and the directive that states it ("prf:" omitted).
KINDS = {
    "alg": ("Algorithm", "algorithm"),
    "asm": ("Assumption", "assumption"),
    "cond": ("Condition", "assumption"),
    "def": ("Definition", "definition"),
    "eq": ("Equation", "equation"),
    "fig": ("Figure", "observation"),
    "fn": ("Footnote", "remark"),
    "lem": ("Lemma", "lemma"),
    "prop": ("Proposition", "proposition"),
    "thm": ("Theorem", "theorem"),
}
LABEL = re.compile(rf"({'|'.join(KINDS)})-((?:[a-f]-)?[1-9][0-9]*(?:-[1-9][0-9]*)?)")
STATUSES = {
    "holds": "Holds as printed.",
    "corrected": "Corrected: the printed version differs.",
    "false": "False as printed.",
    "not-proved-here": "Not proved here.",
}


def in_paper_namespace(label):
    """Say whether a label looks like one of the paper's: a known prefix, and a digit after it."""
    prefix, _, rest = label.partition("-")
    return prefix in KINDS and any(character.isdigit() for character in rest)


def number_from_label(label):
    """Return the paper's number that a label stands for: ``"thm-e-7"`` gives ``"E.7"``."""
    match = LABEL.fullmatch(label)
    if match is None:
        raise ValueError(f"{label!r} is no label of a numbered item; write it like lem-2-5, thm-e-7 or eq-7.")
    return match[2].replace("-", ".").upper()


def text_from_label(label):
    """Return the text that refers to an item: ``"lem-2-5"`` gives ``"Lemma 2.5"``, ``"eq-7"`` ``"(7)"``."""
    number, kind = number_from_label(label), KINDS[label.partition("-")[0]][0]
    return f"({number})" if kind == "Equation" else f"{kind} {number}"


@dataclass(frozen=True)
class Item:
    """One numbered item of the paper: its label, a short name in our words, the section it stands in."""

    label: str
    name: str
    section: str

    @property
    def text(self):
        return text_from_label(self.label)

    @property
    def directive(self):
        return KINDS[self.label.partition("-")[0]][1]


@dataclass(frozen=True)
class Claim:
    """A claim of the paper's running text, in our words: the statement that treats it, or the page, and its erratum."""

    section: str
    claim: str
    see: str = ""
    page: str = ""
    erratum: str = ""
    how: str = ""


def load_paper(path):
    """Read the paper's sections in their order: their titles, numbered items by label, and claims of running text."""
    sections = tomllib.loads(path.read_text(encoding="utf-8"))["section"]
    rows = [Item(label, name, part["title"]) for part in sections for label, name in part.get("items", {}).items()]
    items = {row.label: row for row in rows}
    if len(items) < len(rows):
        raise ValueError(f"{path.name} lists {len(rows) - len(items)} label(s) twice.")
    claims = [Claim(part["title"], **row) for part in sections for row in part.get("text", [])]
    return [part["title"] for part in sections], items, claims


SECTIONS, ITEMS, CLAIMS = load_paper(Path(__file__).with_name("paper.toml"))


@dataclass(frozen=True)
class Statement:
    """A statement as a page makes it: the paper's when its label is in `ITEMS`, else our own.

    `number` is what the page itself gives as number: "none" where it says so, empty where it is silent.
    """

    label: str
    directive: str
    title: str
    number: str
    docname: str
    line: int

    @property
    def text(self):
        return ITEMS[self.label].text if self.label in ITEMS else self.title

    @property
    def anchor(self):
        return nodes.make_id(f"equation-{self.label}" if self.directive == "equation" else self.label)


@dataclass(frozen=True)
class Check:
    """What a page says about how some of its statements are checked; `body` holds docutils nodes."""

    labels: tuple
    status: str
    tests: tuple
    body: list
    docname: str
    line: int


@functools.cache
def syntax_tree(source):
    """Parse a file of tests; pages name some files many times."""
    return ast.parse(source).body


def missing_test(root, node_id):
    """Say in a few words what a pytest node id names that is not there; empty when all is there."""
    return find_test(root, node_id)[0]


def line_of_test(root, node_id):
    """Return the line at which a test begins, or 0 for a whole file."""
    return find_test(root, node_id)[1]


def find_test(root, node_id):
    """Return what is missing, in a few words or none, and the line of what is there."""
    path, *names = node_id.partition("[")[0].split("::")
    if not (root / path).exists():
        return f"there is no {path}", 0
    scope, line = syntax_tree((root / path).read_text(encoding="utf-8")) if names else [], 0
    for name in names:
        found = [node for node in scope if getattr(node, "name", None) == name]
        if not found:
            return f"{path} does not define {name}", 0
        scope, line = getattr(found[0], "body", []), found[0].lineno
    return "", line
