"""Names of tests on the pages: they break between words alone, and lead to their line where an address is known."""

import os
import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes

from . import buttons, paper

NAME = re.compile(r"tests/\S+\.py(::\S+)?")
WORD_END = re.compile(r"(?<=[/_:])(?=[^/_:])")
FOLDERS = {"github": "blob", "gitlab": "-/blob"}


def address_of_line(root, name, url, branch):
    """Return where a host of the kind that we know shows the line of a test."""
    folder = FOLDERS[buttons.provider(urlsplit(url).hostname)]
    line = paper.line_of_test(root, name)
    place = f"{url}/{folder}/{branch}/{name.partition('::')[0]}"
    return f"{place}#L{line}" if line else place


def written(name, address):
    """Return the HTML of a name."""
    words = "<wbr>".join(map(escape, WORD_END.split(name)))
    inner = f'<a class="reference external" href="{escape(address)}">{words}</a>' if address else words
    return f'<code class="docutils literal notranslate test-name">{inner}</code>'


def write_names(app, doctree, docname):
    """Put the HTML in the place of each name; a name that leads nowhere has been warned of."""
    if app.builder.format != "html":
        return
    url = buttons.repository_url(os.environ, app.srcdir)
    known = url and buttons.provider(urlsplit(url).hostname) in FOLDERS
    branch = app.config.html_theme_options.get("repository_branch", "main")
    for literal in list(doctree.findall(nodes.literal)):
        name = literal.astext()
        if NAME.fullmatch(name) and not paper.missing_test(Path(app.srcdir), name):
            address = address_of_line(Path(app.srcdir), name, url, branch) if known else ""
            literal.replace_self(nodes.raw("", written(name, address), format="html"))


def setup(app):
    """Connect, after the paper map is filled."""
    app.connect("doctree-resolved", write_names)
