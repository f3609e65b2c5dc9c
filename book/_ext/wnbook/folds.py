"""Folds: code that checks or draws stands behind a line that says what it does.

myst_nb makes the folds. Here a figure comes before the code that draws it, and the line itself is what a
screen reader says, which myst_nb replaces with "Toggle hidden content".
"""

from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform


class FigureFirst(SphinxPostTransform):
    """Put the fold with the code of a figure below the figure."""

    default_priority = 200  # after myst_nb has made the folds, at 199
    formats = ("html",)

    def run(self, **kwargs):
        for cell in self.document.findall(nodes.container):
            fold = next(iter(cell.children), None)
            if isinstance(fold, HideCodeCellNode) and len(cell) > 1 and _shows_a_figure(cell):
                cell.remove(fold)
                cell.append(fold)


def _shows_a_figure(cell):
    drawn = any('class="explore"' in node.astext() for node in cell.findall(nodes.raw))
    return drawn or next(cell.findall(nodes.image), None) is not None


def _open(translator, node):
    translator.body.append(
        # Not with the classes of myst_nb: the themes give them borders and grounds.
        '<details class="fold">\n<summary>'
        f'<span class="collapsed">{escape(node["prompt_show"])}</span>'
        f'<span class="expanded">{escape(node["prompt_hide"])}</span></summary>\n'
    )


def _close(translator, node):
    translator.body.append("</details>\n")


def setup(app):
    """Write the folds as above, in the style of folds.css."""
    app.add_node(HideCodeCellNode, override=True, html=(_open, _close))
    app.add_post_transform(FigureFirst)
    app.add_css_file("folds.css")
