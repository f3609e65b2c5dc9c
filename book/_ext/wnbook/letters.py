"""Fonts for formulas in two pieces: the letters that the book shows, and all others, which a browser loads on need.

A cell that a reader runs may print any formula; then the browser finds in the style sheet which piece has the letter.
"""

import re
from html import unescape
from pathlib import Path

from fontTools.ttLib import TTFont

from .icons import cut

SHEET = "katex/katex.min.css"
FACE = re.compile(r"@font-face\{[^}]*url\(fonts/([\w-]+)\.woff2\)[^}]*\}")
PIECE = re.compile(r"(</?\w[^>]*)?>([^<]*)")
LAST = 0x10FFFF


def split(app, error):
    """Write the first pieces, and the style sheet that tells them apart."""
    if error or app.builder.format != "html":
        return
    site, source = Path(app.outdir), Path(__file__).parents[2] / "_assets" / SHEET
    pages = [path for path in site.rglob("*.html") if site / "_static" not in path.parents]
    shown = letters(path.read_text("utf-8") for path in pages)
    fonts = (site / "_static" / SHEET).parent / "fonts"

    def faces(face):
        name = face[1]
        file = fonts / f"{name}.woff2"
        if not set(TTFont(file).getBestCmap()) - shown:
            return face[0]
        (fonts / f"{name}-shown.woff2").write_bytes(cut(file.read_bytes(), shown))
        first, rest = (f"unicode-range:{','.join(spans)}}}" for spans in ranges(shown))
        plain = face[0].removesuffix("}")
        return f"{plain};{rest}{plain.replace(name, f'{name}-shown')};{first}"

    style = source.read_text("utf-8")
    if not FACE.search(style):
        raise ValueError(f"No fonts are found in {SHEET}: wnbook/letters.py must follow KaTeX.")
    (site / "_static" / SHEET).write_text(FACE.sub(faces, style), "utf-8")


def letters(pages):
    """The characters that formulas show, and the space, by which a browser measures the height of a line."""
    found = {" ", "\xa0"}
    for page in pages:
        for formula in page.split('<span class="katex-html"')[1:]:
            depth = 1
            for tag, text in PIECE.findall(formula):
                depth += {"<span": 1, "</span": -1}.get(tag.partition(" ")[0], 0)
                if depth == 0:
                    break
                found |= set(unescape(text))
    return {ord(character) for character in found}


def ranges(characters):
    """Return the ranges of characters, and those of all others, as a style sheet writes them."""
    ours, others, start = [], [], 0
    for code in [*sorted(characters), LAST + 1]:
        if code > start:
            others.append((start, code - 1))
        if code <= LAST:
            if ours and ours[-1][1] == code - 1:
                ours[-1] = (ours[-1][0], code)
            else:
                ours.append((code, code))
        start = code + 1
    return [[f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in spans] for spans in (ours, others)]


def setup(app):
    """Connect, before the style sheets are made one."""
    app.connect("build-finished", split, priority=800)
