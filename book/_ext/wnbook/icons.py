"""Icons come from the theme's style sheet and fonts alone.

The theme also loads fontawesome.js, which draws the same icons once more as SVG: 1.49 MB (0.54 MB gzipped) on
every page. It replaces the <i> elements of other scripts too.
"""

from pathlib import Path

SCRIPT = "_static/scripts/fontawesome.js"


def empty_script(app, exception):
    """Empty the script in the built book; the theme's pages refer to it by name."""
    if exception is None and app.builder.format == "html":
        script = Path(app.outdir, SCRIPT)
        if not script.is_file():
            raise FileNotFoundError(f"The theme no longer brings {SCRIPT}: remove wnbook/icons.py.")
        script.write_text("")


def setup(app):
    """Connect."""
    app.connect("build-finished", empty_script)
