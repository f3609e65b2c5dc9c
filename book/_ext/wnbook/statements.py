"""Statements with the paper's own numbers, and a word on each about how it is checked.

The directives are sphinx-proof's ({prf:lemma} and so on); the number comes from the label, so it
is the same on every page and in any order. A build warns about a statement that no check covers.
"""

from html import escape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinx_proof.domain import ProofDomain, ProofXRefRole
from sphinx_proof.proof_type import PROOF_TYPES

from . import errata, papermap, tested
from .paper import ITEMS, STATUSES, Check, Statement, in_paper_namespace, missing_test, number_from_label

logger = logging.getLogger(__name__)
CLAIMS = {"corollary", "lemma", "property", "proposition", "theorem"}


class StatementDirective(SphinxDirective):
    """State an item: the number comes from the label, our own statements have none."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "label": directives.unchanged_required,
        "class": directives.class_option,
        # JupyterLab shows these: the number for the paper's items, no number for our own.
        "enumerator": directives.unchanged_required,
        "nonumber": directives.flag,
    }

    def run(self):
        kind, label = self.name.partition(":")[2], self.options.get("label", "")
        title = self.arguments[0] if self.arguments else ""
        heading = ITEMS[label].text if label in ITEMS else kind.title()
        inline, messages = self.parse_inline(f" ({title})" if title else "")
        box = nodes.admonition(classes=["proof", kind, *self.options.get("class", [])])
        box += nodes.title("", "", nodes.inline(heading, heading, classes=["caption-number"]), *inline)
        box += messages
        self.set_source_info(box)
        self.state.nested_parse(self.content, self.content_offset, box)
        if label or kind in CLAIMS:
            number = self.options.get("enumerator", "none" if "nonumber" in self.options else "")
            statement = Statement(label, kind, title or heading, number, self.env.docname, self.lineno)
            self.env.get_domain("prf").data["statements"].setdefault(self.env.docname, []).append(statement)
        if label:
            box["ids"].append(statement.anchor)
            standard = self.env.get_domain("std")
            standard.labels[label] = (self.env.docname, statement.anchor, statement.text)
            standard.anonlabels[label] = self.env.docname, statement.anchor
        return [box]


class ProofDirective(SphinxDirective):
    """A proof in a box; sphinx-proof's own gives every proof of a page the same id."""

    has_content = True
    option_spec: ClassVar = {"class": directives.class_option}

    def run(self):
        box = nodes.admonition(classes=["proof", *self.options.get("class", [])])
        box += nodes.title("Proof", "Proof")
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


class CheckNote(nodes.container):
    """How a statement is checked, behind a line with the verdict."""


def open_note(translator, node):
    translator.body.append(
        f'<details class="checked"><summary class="status-{node["status"] or "own"}">'
        f"<strong>{escape(node['verdict'])}</strong> How it is checked</summary>\n"
    )


def close_note(translator, node):
    translator.body.append("</details>\n")


def check_from_box(box, docname):
    """Record what an admonition of class ``checked`` says, and fold it into one line."""
    title, *body = box.children
    labels = tuple(title.astext().removeprefix("Checked:").split())
    status = next((name for name in STATUSES if name in box["classes"]), "")
    tests = [node.astext() for node in box.findall(nodes.literal) if node.astext().startswith("tests/")]
    known = [label for label in labels if label in ITEMS]
    names = ", ".join(ITEMS[label].text for label in known)
    verdict = f"{names}. {STATUSES[status]}" if known and status else "Not in the paper."
    target = f"map-{known[0]}" if known else "map-own"
    link = addnodes.pending_xref("", nodes.inline("", "Paper map"), refdomain="std", reftype="ref")
    link.attributes.update(reftarget=target, refdoc=docname, refexplicit=True, refwarn=True)
    note = CheckNote("", *body, verdict=verdict, status=status)
    note += nodes.paragraph("", "", link)
    box.replace_self(note)
    return Check(labels, status, tuple(tests), papermap.detached(body), docname, box.line)


def number_equations(env, docname, document):
    """Give each labelled equation its number, the paper's or a star and a count; yield the paper's."""
    equations, ours = env.get_domain("math").equations, 0
    for node in document.findall(nodes.math_block):
        label = node.get("label")
        if not label:
            continue
        if "amsmath" in node["classes"]:
            logger.warning("this environment numbers itself; use its starred form", location=node)
        elif label in ITEMS or in_paper_namespace(label):
            yield Statement(label, "equation", label, "", docname, node.line)
        ours += label not in ITEMS
        node["number"] = ITEMS[label].text.strip("()") if label in ITEMS else f"*{ours}"
        equations[label] = docname, node["number"]


class StatementDomain(ProofDomain):
    """sphinx-proof's domain with the paper's numbers, the pages' checks, and the paper map."""

    roles: ClassVar = {"ref": ProofXRefRole(warn_dangling=True)}
    directives: ClassVar = {**dict.fromkeys(PROOF_TYPES, StatementDirective), "proof": ProofDirective}
    indices: ClassVar = []
    dangling_warnings: ClassVar = {"ref": "no page states %(target)s; link to its row of the map, #map-%(target)s"}
    # Each holds one entry a page, so that a page that is read again replaces what it said before.
    initial_data: ClassVar = {"statements": {}, "checks": {}, "maps": {}}
    data_version = 1

    def statements(self):
        """Return all statements; the first one of a label is the one that references lead to."""
        return [row for _, rows in sorted(self.data["statements"].items()) for row in rows]

    def checks(self):
        return [row for _, rows in sorted(self.data["checks"].items()) for row in rows]

    def clear_doc(self, docname):
        for table in self.initial_data:
            self.data[table].pop(docname, None)

    def merge_domaindata(self, docnames, otherdata):
        for table in self.initial_data:
            rows = otherdata[table]
            self.data[table].update({name: rows[name] for name in docnames if name in rows})

    def process_doc(self, env, docname, document):
        equations = list(number_equations(env, docname, document))
        boxes = [box for box in document.findall(nodes.admonition) if "checked" in box["classes"]]
        self.data["statements"].setdefault(docname, []).extend(equations)
        self.data["checks"][docname] = [check_from_box(box, docname) for box in boxes]

    def resolve_xref(self, env, fromdocname, builder, typ, target, node, contnode):
        found = next((row for row in self.statements() if row.label == target), None)
        if found is None:
            return None
        text = nodes.Text(contnode.astext() if node.get("refexplicit") else found.text)
        return make_refnode(builder, fromdocname, found.docname, found.anchor, text)

    def resolve_any_xref(self, env, fromdocname, builder, target, node, contnode):
        return []  # the standard domain knows the labels too; sphinx-proof's own version fails here

    def check_consistency(self):
        for problem, row in [*statement_problems(self), *check_problems(self)]:
            logger.warning(problem, location=(row.docname, row.line), type="wnbook", subtype="statement")


def statement_problems(domain):
    """Yield what is wrong with the pages' statements, each with the record it is about."""
    checked = {(check.docname, label) for check in domain.checks() for label in check.labels}
    first = {}
    for row in domain.statements():
        item, name = (ITEMS.get(row.label), row.label or f"{row.directive} '{row.title}'")
        if not row.label:
            yield (f"{name} has no label; add one in words, so that a check can name it", row)
            continue
        if row.label in first:
            yield (f"{name} is stated twice, first on {first[row.label].docname}", row)
        first.setdefault(row.label, row)
        if row.label != nodes.make_id(row.label):
            yield (f"{name} is no label; use lower-case words, digits and single hyphens", row)
        if item is None and in_paper_namespace(row.label):
            yield (f"{name} is no item of the paper; labels of our own have no digits", row)
        elif item and row.directive != item.directive:
            yield (f"{name} is stated as {row.directive}; the paper's is stated as {item.directive}", row)
        elif row.directive != "equation" and row.number != (number_from_label(row.label) if item else "none"):
            wanted = f":enumerator: {number_from_label(row.label)}" if item else ":nonumber:"
            yield (f"{name} needs the option {wanted}, so that JupyterLab shows the same heading", row)
        if (item or row.directive in CLAIMS) and (row.docname, row.label) not in checked:
            yield f"{name} is stated here, but no check on this page names it", row


def check_problems(domain):
    """Yield what is wrong with the pages' checks, each with the record it is about."""
    stated = {(row.docname, row.label) for row in domain.statements()}
    root, seen = Path(domain.env.srcdir), set()
    for check in domain.checks():
        for label in check.labels:
            if (check.docname, label) not in stated:
                yield (f"a check names {label}, which this page does not state", check)
            if (check.docname, label) in seen:
                yield f"{label} is checked twice on this page", check
            seen.add((check.docname, label))
        if not check.labels:
            yield ("a check names no label; its title reads like: Checked: lem-2-5 eq-6", check)
        if bool(check.status) != any(label in ITEMS for label in check.labels):
            names = ", ".join(STATUSES)
            yield (f"a check of the paper's items has one class of {names}; one of our own has none", check)
        for label in check.labels:
            rows = errata.of_item(label)
            if check.status == "holds" and rows:
                yield (f"{label} holds as printed here, but a row of the errata corrects it: {rows[0].label}", check)
            if check.status in ("corrected", "false") and label in ITEMS and not rows:
                yield (f"{label} is {check.status} here, but no row of the errata names it", check)
        for test in check.tests:
            if problem := missing_test(root, test):
                yield f"a check names the test {test}, but {problem}", check


def set_up_config(app, config):
    """Take equation numbers from the labels, not from sphinx-proof's numfig; add our style sheet."""
    config.math_numfig = False
    config.html_static_path.append(str(Path(__file__).with_name("statements.css")))


def setup(app):
    app.setup_extension("sphinx_proof")
    app.add_domain(StatementDomain, override=True)
    app.add_node(CheckNote, html=(open_note, close_note))
    app.add_css_file("statements.css")
    app.connect("config-inited", set_up_config)
    errata.setup(app)
    papermap.setup(app)
    tested.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
