"""Pages are read side by side, one on each processor: to read a notebook is to run it."""

import os


def setup(app):
    """Let Sphinx read as many pages at once as there are processors; it does so when more than five have changed."""
    app.parallel = max(app.parallel, os.cpu_count() or 1)
    # It does not say so, but it is: it numbers sections once all pages are read.
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    app.connect("env-before-read-docs", share_out)


def share_out(app, env, docnames):
    """Order the pages so that each process gets its share of notebooks, and of processors for drawing frames."""
    if len(docnames) <= 5 or os.name != "posix":
        return
    # Sphinx deals out stretches of the list: notebooks, which take the time, come first.
    docnames.sort(key=lambda name: env.doc2path(name).endswith(".md"))
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"
