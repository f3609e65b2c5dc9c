"""The paper map: what the paper states, where the book has it, whether it holds as printed and how it is checked."""

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from .errata import ERRATA, of_item, table
from .paper import CLAIMS, ITEMS, SECTIONS, STATUSES

HEADS = ("Item", "Page", "As printed", "How it is checked")
TEXT_HEADS = ("In running text", *HEADS[1:])
OWN = "Not in the paper"


class paper_map(nodes.General, nodes.Element):
    """Stands for the tables of one section of the map, or for the summary line, until all pages are read."""


def printed(claim):
    """Say whether a claim of running text is as printed."""
    return "corrected" if claim.erratum and ERRATA[claim.erratum].kind != "remark" else "holds"


def detached(children):
    """Copy nodes so that they can be pickled with the environment and shown on another page."""
    copies = [child.deepcopy() for child in children]
    for copy in copies:
        for node in copy.findall():
            node.document = None
            if isinstance(node, nodes.Element):
                node["ids"], node["names"] = [], []
    return copies


class PaperMapDirective(SphinxDirective):
    """Show the summary line, and a table for each section of the paper."""

    def run(self):
        self.env.get_domain("prf").data["maps"][self.env.docname] = True
        labels = {f"map-{label}": item.text for label, item in ITEMS.items()} | {"map-own": OWN}
        standard = self.env.get_domain("std")
        for anchor, text in labels.items():
            standard.labels[anchor] = self.env.docname, anchor, text
            standard.anonlabels[anchor] = self.env.docname, anchor
        output = [paper_map(section="")]
        for title in SECTIONS:
            output.append(self.section(title, nodes.make_id(f"section {title}")))
        return [*output, self.section(OWN, "map-own")]

    def section(self, title, anchor):
        section = nodes.section(ids=[anchor], names=[])
        section += [nodes.title(title, title), paper_map(section=title)]
        return section


class FillPaperMap(SphinxPostTransform):
    """Fill the map in when all pages are read, before the references in it are resolved."""

    default_priority = 5

    def run(self, **kwargs):
        placeholders = list(self.document.findall(paper_map))
        if not placeholders:
            return
        domain = self.env.get_domain("prf")
        self.stated = {row.label: row for row in reversed(domain.statements()) if row.label}
        self.check = {(row.docname, label): row for row in domain.checks() for label in row.labels}
        for node in placeholders:
            if not node["section"]:
                node.replace_self(nodes.paragraph("", self.summary()))
            elif tables := self.tables(node["section"]):
                node.replace_self(tables)
            else:
                node.parent.parent.remove(node.parent)

    def tables(self, section):
        items = [self.row(label) for label in self.labels(section)]
        claims = [self.claim(claim) for claim in CLAIMS if claim.section == section]
        both = ((HEADS, items), (TEXT_HEADS, claims))
        return [table(heads, rows, "paper-map") for heads, rows in both if rows]

    def labels(self, section):
        if section == OWN:
            return [label for label in reversed(self.stated) if label not in ITEMS]
        return [label for label, item in ITEMS.items() if item.section == section]

    def summary(self):
        rows = [self.stated[label] for label in ITEMS if label in self.stated]
        found = [self.check[row.docname, row.label] for row in rows if (row.docname, row.label) in self.check]
        counts = {status: sum(row.status == status for row in found) for status in STATUSES}
        parts = [f"{status}: {count}".replace("-", " ").capitalize() for status, count in counts.items()]
        return (
            f"Numbered items in the paper: {len(ITEMS)}. Treated: {len(rows)}. {'. '.join(parts)}. "
            f"Not yet treated: {len(ITEMS) - len(rows)}. Claims of running text: {len(CLAIMS)}, "
            f"of which {sum(printed(claim) == 'corrected' for claim in CLAIMS)} are corrected."
        )

    def claim(self, claim):
        """A row for a claim of running text; what the errata say of it decides what stands under "as printed"."""
        stated = self.stated.get(claim.see)
        docname = stated.docname if stated else f"book/{claim.page}"
        title = self.env.titles.get(docname)
        page = self.doc_link(docname, "", title.astext()) if title else nodes.Text(claim.page or claim.see)
        see = [nodes.Text(": "), self.link(stated, stated.anchor, stated.text)] if stated else []
        row = nodes.row()
        row += nodes.entry("", nodes.paragraph("", claim.claim))
        row += nodes.entry("", nodes.paragraph("", "", page, *see))
        row += nodes.entry("", self.verdict(printed(claim), [ERRATA[claim.erratum]] if claim.erratum else []))
        row += nodes.entry("", self.how(claim))
        return row

    def how(self, claim):
        if claim.how.startswith("tests/"):
            return nodes.paragraph("", "", nodes.literal("", claim.how))
        rest = "By the check of that statement." if claim.see else "On the page."
        return nodes.paragraph("", claim.how or ("In the errata." if printed(claim) == "corrected" else rest))

    def verdict(self, word, errata):
        """A word, which leads to the first row of the errata that is about it."""
        labels = self.env.get_domain("std").anonlabels
        found = next((labels[row.anchor] for row in errata if row.anchor in labels), None)
        shown = self.doc_link(*found[:2], word) if found else nodes.Text(word)
        return nodes.paragraph("", "", shown, classes=[f"status-{nodes.make_id(word)}"])

    def row(self, label):
        stated = self.stated.get(label)
        text = stated.text if stated else ITEMS[label].text
        name = f" {ITEMS[label].name}" if label in ITEMS else ""
        item = self.link(stated, stated.anchor, text) if stated else nodes.Text(text)
        row = nodes.row(ids=[f"map-{label}"])
        row += nodes.entry("", nodes.paragraph("", "", item, nodes.Text(name)))
        if stated is None:
            row += nodes.entry("", nodes.paragraph("", "not yet treated"), morecols=len(HEADS) - 2)
            return row
        check = self.check.get((stated.docname, label))
        status = check.status.replace("-", " ") if check and label in ITEMS else "–"
        page = self.link(stated, "", self.env.titles[stated.docname].astext())
        row += nodes.entry("", nodes.paragraph("", "", page))
        row += nodes.entry("", self.verdict(status, of_item(label)))
        row += nodes.entry("", *self.body(check))
        return row

    def body(self, check):
        copies = detached(check.body) if check else [nodes.paragraph("", "–")]
        for copy in copies:
            for reference in copy.findall(addnodes.pending_xref):
                reference["refdoc"] = self.env.docname
        return copies

    def link(self, stated, anchor, text):
        return self.doc_link(stated.docname, anchor, text)

    def doc_link(self, docname, anchor, text):
        return make_refnode(self.app.builder, self.env.docname, docname, anchor, nodes.Text(text))


def map_pages(app, env):
    """Name the pages to write again: the map changes whenever any page does."""
    return sorted(env.get_domain("prf").data["maps"])


def setup(app):
    app.add_node(paper_map)
    app.add_directive("paper-map", PaperMapDirective)
    app.add_post_transform(FillPaperMap)
    app.connect("env-updated", map_pages)
