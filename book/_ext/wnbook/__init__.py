"""The one Sphinx extension of this book: each module is one of its parts."""

from importlib import import_module

import wnlib

PARTS = (
    "api",
    "bundle",
    "buttons",
    "citations",
    "figures",
    "folds",
    "formulas",
    "head",
    "icons",
    "kept",
    "letters",
    "live",
    "parallel",
    "search",
    "slim",
    "statements",
    "versions",
)


def setup(app):
    """Set up every part; Sphinx calls this once."""
    for part in PARTS:
        import_module(f".{part}", __name__).setup(app)
    return {"version": wnlib.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
