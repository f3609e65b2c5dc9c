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
    # Sphinx deals out stretches of the list. Notebooks, which take the time, come first, and neighbours, which
    # are alike, go to different processes.
    notebooks = [name for name in docnames if not env.doc2path(name).endswith(".md")]
    pages = [name for name in docnames if name not in notebooks]
    docnames[:] = [*(name for k in range(app.parallel) for name in notebooks[k :: app.parallel]), *pages]
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"
