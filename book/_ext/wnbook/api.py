"""The page of the library: formulas of docstrings are typeset, and the paper's numbers link to the statements.

Docstrings are written for a terminal: a formula is an indented line of Unicode. This module gives KaTeX the same
formula, so that it is written once.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from .paper import ITEMS

PAGE = "book/companion/api"
# In order: what a docstring's formula has, and what KaTeX wants. KaTeX knows Greek letters, ⟨ ⟩, ≤ and ∇ itself.
TEX = [
    (r" {2,}", r" \\quad "),
    (r"([{}])", r"\\\1"),
    (r"\*²", r"^{\\ast 2}"),
    (r"\^\(([^()]*\([^()]*\)[^()]*|[^()]*)\)", r"^{\1}"),
    (r"([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda found: "^{" + found[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")) + "}"),
    (r"ᵀ", r"^{\\mathsf T}"),
    (r"\*", "^*"),
    (r"λ(min|max)", r"λ_{\\\1}"),
    (r"(w|x)(\d?)([⊥∥])", lambda found: f"{found[1]}_{{{found[2]}{PARTS[found[3]]}}}"),
    (r"\b(first|second|accuracy|eps)\b", r"\\text{\1}"),
    (r"\b(log|max|min)\b(?!})", r"\\\1 "),
    (r"(\\log )₊", r"\1_+"),
    (r"([a-zA-Zγ])([0-9])", r"\1_{\2}"),
    (r"([₀₁₂₊])", lambda found: "_{" + found[1].translate(str.maketrans("₀₁₂₊", "012+")) + "}"),
    (r"½", r"\\tfrac12 "),
    (r"‖", r"\\| "),
]
PARTS = {"⊥": r"\perp", "∥": r"\parallel"}
LABELS = {item.text: label for label, item in ITEMS.items()}
# "Theorems 3.2 and …" names Theorem 3.2.
LABELS |= {text.replace(" ", "s ", 1): label for text, label in LABELS.items() if " " in text}
NUMBER = re.compile("|".join(rf"{re.escape(text)}(?![.\d])" for text in LABELS))


def tex(formula):
    """The TeX of a docstring's line."""
    for pattern, replacement in TEX:
        formula = re.sub(pattern, replacement, formula)
    return formula


def typeset(app, what, name, obj, options, lines):
    """Turn the indented lines before a docstring's first section into displayed formulas."""
    end = next((at - 1 for at, line in enumerate(lines) if line and not line.strip("-")), len(lines))
    output = []
    for line in lines[:end]:
        if line.startswith("    "):
            output += ["", ".. math::", "", f"   {tex(line.strip())}", ""]
        else:
            output.append(line)
    lines[:end] = output


def hide_private(app, what, name, obj, options, signature, result):
    """Leave out the arguments of a class that only the library makes, or nobody."""
    if what == "class" and (re.search(r"\b_\w|\*args", signature or "") or hasattr(obj, "_fields")):
        return "", result
    return None


class LinkNumbers(SphinxPostTransform):
    """Make each number of the paper on this page a link to where the book states it."""

    default_priority = 6

    def run(self, **kwargs):
        if self.env.docname != PAGE:
            return
        stated = {row.label: row for row in reversed(self.env.get_domain("prf").statements())}
        for text in list(self.document.findall(nodes.Text)):
            if not isinstance(text.parent, nodes.paragraph):
                continue
            parts, at = [], 0
            for found in NUMBER.finditer(text.astext()):
                row = stated.get(LABELS[found[0]])
                if row:
                    parts += [nodes.Text(text.astext()[at : found.start()]), self.link(row, found[0])]
                    at = found.end()
            if parts:
                text.parent.replace(text, [*parts, nodes.Text(text.astext()[at:])])

    def link(self, row, text):
        return make_refnode(self.app.builder, PAGE, row.docname, row.anchor, nodes.Text(text))


def unwrap_lists(app, doctree):
    """Take a list of what is returned out of the paragraph around it, which HTML does not allow."""
    for body in doctree.findall(nodes.field_body):
        for paragraph in list(body):
            found = next(paragraph.findall(nodes.bullet_list), None)
            if isinstance(paragraph, nodes.paragraph) and found and found.astext() == paragraph.astext():
                body.replace(paragraph, found)


def setup(app):
    app.connect("doctree-read", unwrap_lists)
    app.add_post_transform(LinkNumbers)
    app.connect("autodoc-process-docstring", typeset, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", hide_private)
