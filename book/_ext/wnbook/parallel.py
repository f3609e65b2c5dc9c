"""Pages are read side by side, one on each processor: to read a notebook is to run it."""

import os
from pathlib import Path

from sphinx import builders

# Pages that a process takes at a time: few, so that all processes end at about the same time.
AT_A_TIME = 2


def setup(app):
    """Let Sphinx read as many pages at once as there are processors; it does so when more than five have changed."""
    app.parallel = max(app.parallel, os.cpu_count() or 1)
    # It does not say so, but it is: it numbers sections once all pages are read.
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    builders.make_chunks = in_portions
    app.connect("env-before-read-docs", share_out)


def in_portions(names, processes):
    """Deal out pages; Sphinx itself does so by ten or more.

    It starts as many portions as there are processes, and takes those that wait from the end.
    """
    portions = [names[k : k + AT_A_TIME] for k in range(0, len(names), AT_A_TIME)]
    return portions[:processes] + portions[: processes - 1 : -1]


def share_out(app, env, docnames):
    """Read first what takes longest: figures, then cells, then text. Each process draws on its own processor."""
    if len(docnames) <= 5 or os.name != "posix":
        return

    def cost(name):
        source = Path(env.doc2path(name)).read_text("utf-8")
        return source.count("explore("), source.count('"cell_type": "code"'), len(source)

    docnames.sort(key=cost, reverse=True)
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"
