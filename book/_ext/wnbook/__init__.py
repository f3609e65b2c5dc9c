"""The one Sphinx extension of this book: each module is one of its parts."""

import wnlib

from . import (
    api,
    buttons,
    citations,
    figures,
    folds,
    formulas,
    head,
    icons,
    kept,
    live,
    parallel,
    search,
    slim,
    statements,
    versions,
)

PARTS = (
    api,
    buttons,
    citations,
    figures,
    folds,
    formulas,
    head,
    icons,
    kept,
    live,
    parallel,
    search,
    slim,
    statements,
    versions,
)


def setup(app):
    """Set up every part; Sphinx calls this once."""
    for part in PARTS:
        part.setup(app)
    return {"version": wnlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
