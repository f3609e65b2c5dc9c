"""The errata as records: ``errata.toml`` has a line for each row, and its page has the counterexample.

The table of all rows and the paper map are made from these records, so that they cannot contradict each other.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

KINDS = {"expectation": "changes what to expect", "slip": "slip", "remark": "remark"}
HEADS = ("Item", "Printed", "Holds", "Kind")


@dataclass(frozen=True)
class Erratum:
    """A row: its page, its heading there, the numbered items that are not as printed, and a line on each side."""

    label: str
    page: str
    title: str
    items: tuple
    kind: str
    printed: str
    holds: str

    @property
    def anchor(self):
        return f"erratum-{self.label}"


def load_errata(path):
    """Read the rows, in the paper's order, as a dictionary from label to `Erratum`."""
    pages = tomllib.loads(path.read_text(encoding="utf-8"))["page"]
    rows = [
        Erratum(label, page["name"], **{**row, "items": tuple(row["items"])})
        for page in pages
        for label, row in page.items()
        if label != "name"
    ]
    errata = {row.label: row for row in rows}
    if len(errata) < len(rows):
        raise ValueError(f"{path.name} lists {len(rows) - len(errata)} label(s) twice.")
    if unknown := [row.label for row in rows if row.kind not in KINDS]:
        raise ValueError(
            f"{path.name} has rows of no known kind: {', '.join(unknown)}. Take one of {', '.join(KINDS)}."
        )
    return errata


ERRATA = load_errata(Path(__file__).with_name("errata.toml"))


def of_item(label):
    """The rows that say how a numbered item differs from its printed version; remarks are none."""
    return [row for row in ERRATA.values() if label in row.items and row.kind != "remark"]


def table(heads, rows, kind):
    """A table of the book's own; on a phone each row of it becomes a paragraph."""
    output = nodes.table(classes=[kind, "colwidths-auto"])
    group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in heads], cols=len(heads))
    head = nodes.row("", *[nodes.entry("", nodes.paragraph("", text)) for text in heads])
    group += [nodes.thead("", head), nodes.tbody("", *rows)]
    output += group
    return output


class ErrataTableDirective(SphinxDirective):
    """Show rows of the errata: those of one kind, or those of one page that are of the other kinds."""

    required_arguments = 1

    def run(self):
        (wanted,) = self.arguments
        if wanted in KINDS:
            rows = [row for row in ERRATA.values() if row.kind == wanted]
        else:
            rows = [row for row in ERRATA.values() if row.page == wanted and row.kind != "expectation"]
        if not rows:
            raise self.error(f"errata.toml has no rows of {wanted!r}.")
        return [table(HEADS, [self.row(row) for row in rows], "errata-rows")]

    def row(self, erratum):
        link = addnodes.pending_xref("", nodes.inline("", erratum.title), refdomain="std", reftype="ref")
        link.attributes.update(reftarget=erratum.anchor, refdoc=self.env.docname, refexplicit=True, refwarn=True)
        texts = (erratum.printed, erratum.holds, KINDS[erratum.kind])
        cells = [nodes.paragraph("", "", link), *(nodes.paragraph("", text) for text in texts)]
        return nodes.row("", *[nodes.entry("", cell) for cell in cells])


class ErrataCountDirective(SphinxDirective):
    """Say how many rows there are of each kind."""

    def run(self):
        counts = {kind: sum(row.kind == kind for row in ERRATA.values()) for kind in KINDS}
        text = (
            f"Rows: {len(ERRATA)}. {counts['expectation']} of them change what to expect, {counts['slip']} are slips, "
            f"and {counts['remark']} are remarks, which are no errors of the paper."
        )
        return [nodes.paragraph("", text)]


def setup(app):
    app.add_directive("errata-table", ErrataTableDirective)
    app.add_directive("errata-count", ErrataCountDirective)
