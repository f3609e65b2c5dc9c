"""The one Sphinx extension of this book: each module is one of its parts."""

from . import buttons, citations, figures, formulas, icons, parallel, statements

PARTS = (buttons, citations, figures, formulas, icons, parallel, statements)


def setup(app):
    """Set up every part; Sphinx calls this once."""
    for part in PARTS:
        part.setup(app)
    return {
        "version": "0.1.0",
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
