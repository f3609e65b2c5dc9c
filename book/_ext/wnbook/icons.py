"""Icons come from the theme's style sheet and fonts alone, and the fonts hold no other glyphs than the book shows.

The theme also loads fontawesome.js, which draws the same icons once more as SVG: 1.49 MB (0.54 MB gzipped) on
every page. It replaces the <i> elements of other scripts too. Its fonts are 300 kB for some twenty icons.
"""

import io
import logging
import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SCRIPT = "_static/scripts/fontawesome.js"
FONTS = "_static/vendor/fontawesome/webfonts"
STYLE = "_static/styles/pydata-sphinx-theme.css"
# An icon's names and its character in the theme's style sheet; the theme's own, by variable.
RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:{1,2}before,?)+)\{content:"(\\[0-9a-f]+ ?|.)"\}')
VARIABLE = re.compile(r'--pst-icon-[a-z-]+:"(\\[0-9a-f]+ ?|.)"')


logging.getLogger("fontTools").setLevel(logging.WARNING)  # else a build tells of each glyph


def lighten(app, exception):
    """Empty the script in the built book, whose pages refer to it by name, and cut the fonts."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for name in (SCRIPT, STYLE, FONTS):
        if not (site / name).exists():
            raise FileNotFoundError(f"The theme no longer brings {name}: wnbook/icons.py must follow it.")
    (site / SCRIPT).write_text("")
    style = (site / STYLE).read_text("utf-8")
    icons = shown(site, style)
    (site / STYLE).write_text(RULE.sub(lambda rule: rule[0] if rule[2] in icons else "", style), "utf-8")
    characters = {int(text[1:], 16) if text[0] == "\\" else ord(text) for text in icons}
    for font in (site / FONTS).glob("*.woff2"):
        font.write_bytes(cut(font.read_bytes(), characters))


def shown(site, style):
    """The icons that pages or scripts of the book name, and those of the theme, as the style sheet writes them."""
    named = set()
    for file in [*site.rglob("*.html"), *site.glob("_static/**/*.js")]:
        named |= set(re.findall(r"fa-[a-z0-9-]+", file.read_text("utf-8", errors="ignore")))
    rules, own = RULE.findall(style), VARIABLE.findall(style)
    if not rules or not own:
        raise ValueError(f"No icons are found in {STYLE}: wnbook/icons.py must follow the theme.")
    return {text for names, text in rules if named & set(re.findall(r"fa-[a-z0-9-]+", names))} | set(own)


def cut(content, characters):
    """A font with some of its characters."""
    font, output = TTFont(io.BytesIO(content)), io.BytesIO()
    cutter = subset.Subsetter()
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    font.flavor = "woff2"
    font.save(output)
    return output.getvalue()


def setup(app):
    """Connect."""
    app.connect("build-finished", lighten)
