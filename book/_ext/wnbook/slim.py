"""Pages without spans that show nothing.

Pygments gives each name and bracket a span of its kind; no style sheet says anything of these kinds but the color of
the text around them.
"""

import re

PLAIN = {*(f'<span class="{kind}">' for kind in ("n", "nn", "p", "w")), "<span>"}
SCRIPT = re.compile(r"(<script\b.*?</script>)", re.DOTALL)
SPAN = re.compile(r"(</?span\b[^>]*>)")


def slim(markup):
    """Take plain spans away, and leave what they hold."""
    kept, output = [], []
    for piece in SPAN.split(markup):
        if piece.startswith("<span"):
            kept.append(piece not in PLAIN)
            output.append(piece if kept[-1] else "")
        elif piece != "</span>" or kept.pop():
            output.append(piece)
    if kept:
        raise ValueError(f"{len(kept)} spans are not closed.")
    return "".join(output)


def make_slim(app, pagename, templatename, context, doctree):
    """Slim the text of a page; what scripts hold stays as it is."""
    parts = SCRIPT.split(context.get("body") or "")
    whole = "\0".join(parts[::2])  # spans are closed across scripts
    context["body"] = "".join(a + b for a, b in zip(slim(whole).split("\0"), [*parts[1::2], ""], strict=True))


def setup(app):
    app.connect("html-page-context", make_slim, priority=900)
