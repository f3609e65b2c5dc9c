"""The one Sphinx extension of this book: each module is one of its parts."""

from . import buttons, figures, formulas, icons, statements

PARTS = (buttons, figures, formulas, icons, statements)


def setup(app):
    """Set up every part; Sphinx calls this once."""
    for part in PARTS:
        part.setup(app)
    return {
        "version": "0.1.0",
        "parallel_read_safe": False,
        "parallel_write_safe": False,
    }
