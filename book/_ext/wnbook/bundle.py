"""One style sheet and one script for every page, of what the pages use.

The theme and the extensions bring fifteen style sheets, of whose rules the book has use for a tenth, and twelve scripts
that the browser waits for before it shows anything. Here they become two files, and the script waits for the page.
"""

import hashlib
import json
import re
from pathlib import Path

from . import head, purge

OPTIONS = "_static/documentation_options.js"
STYLE, SCRIPT = "_static/all.css", "_static/all.js"
# Scripts of some pages, in the order in which they must run; live/start.js also asks where it was loaded from.
OWN = (
    "_static/searchtools.js",
    "_static/search.js",
    "_static/language_data.js",
    "searchindex.js",
    "_static/live/start.js",
)
# What runs a cell brings and names elements of its own.
LATER = ("page.js", "outputs.js", "make.js", "python.js", "live.css")
# KaTeX's classes are for any formula that a cell that runs may print.
WHOLE = {"_static/katex/katex.min.css"}
# Menus are in menus.js. The icons of fontawesome.js are in its fonts, and the book has no tabs.
LEFT_OUT = {
    "_static/scripts/bootstrap.js": r'data-bs-toggle="(?!tooltip|dropdown)',
    "_static/scripts/fontawesome.js": "<svg data-fa",
    "_static/design-tabs.js": 'class="sd-tab-set',
}
# What the theme lays out the page for again and again, and what is folded: scroll.js does it at once.
REPLACED = {
    "_static/scripts/pydata-sphinx-theme.js": (
        ".forEach(e=>{e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1})",
        "",
    ),
}
# When a font comes late, all formulas are laid out again. From a file no font can be asked for beforehand.
FONTS = [f"_static/katex/fonts/KaTeX_{name}-shown.woff2" for name in ("Main-Regular", "Math-Italic")]
PRELOADED = """if (location.protocol !== "file:")
  for (const href of %s) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href });
    document.head.append(link);
  }"""
LINK = re.compile(r'\s*<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="([^"]*?)(_static/[^"?]+)[^"]*"[^>]*>')
PRELOAD = re.compile(r'\s*<link rel="preload" as="script"[^>]*>')
TAG = re.compile(r"\s*<script\b([^>]*)>(.*?)</script>", re.DOTALL)
SOURCE = re.compile(r'src="(?:[^"]*?/)?(_static/[^"?]+|searchindex\.js)')
OURS = re.compile(rf'((?:src|href)="[^"?]*?)({"|".join((STYLE, SCRIPT, *OWN))})(?:\?v=\w*)?(?=")')


class Page:
    """The HTML of a page, and what it loads."""

    def __init__(self, path):
        self.path, self.html = path, path.read_text("utf-8")
        links = LINK.findall(self.html)
        self.sheets = [name for _, name in links]
        self.prefix = links[0][0] if links else ""

    @property
    def is_new(self):
        """Whether it still has what the theme gave it."""
        return bool(self.sheets) and self.sheets != [STYLE]

    def scripts(self):
        """Return its scripts in the order in which they run, files by name: not data, nor what sets the mode."""
        at_once, later = [], []
        for attributes, text in TAG.findall(self.html):
            source = SOURCE.search(attributes)
            if source:
                (later if "defer" in attributes else at_once).append(source[1])
            elif not attributes and text != head.THEME and text in self.html.partition("</head>")[0]:
                at_once.append(text)
        return at_once + later

    def rewrite(self):
        """Put the two files in place of all others, and behind them the scripts that are its own."""
        own = [name for name in OWN if name in self.scripts()]
        self.html = PRELOAD.sub("", LINK.sub("", self.html))
        start, end, rest = self.html.partition("</head>")
        rest = TAG.sub(lambda tag: "" if SOURCE.search(tag[1]) else tag[0], rest)
        start = TAG.sub("", start)
        scripts = "".join(f'<script defer src="{self.prefix}{name}"></script>\n' for name in (SCRIPT, *own))
        links = f'<link rel="stylesheet" href="{self.prefix}{STYLE}" />\n'
        if 'class="katex"' in rest:
            fonts = json.dumps([self.prefix + name for name in FONTS])
            links = f"<script>{PRELOADED % fonts}</script>\n{links}"
        self.html = f"{start}<script>{head.THEME}</script>\n{links}{scripts}{end}{rest}"


def bundle(app, error):
    """Write the two files, and have the pages load them."""
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = pages_of(site)
    new = [page for page in pages if page.is_new]
    if not new:
        return
    sheets = alike("style sheets", [page.sheets for page in new])
    scripts = alike("scripts", [common(page) for page in new])
    for page in new:
        page.rewrite()
    (site / SCRIPT).write_text(join(site, scripts, "".join(page.html for page in pages)), "utf-8")
    restyle(site, sheets)
    files = [site / name for name in (STYLE, SCRIPT, *OWN)]
    version = {
        file.relative_to(site).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:8]
        for file in files
        if file.exists()
    }
    for page in pages:
        page.path.write_text(OURS.sub(lambda f: f"{f[1]}{f[2]}?v={version[f[2]]}", page.html), "utf-8")


def restyle(site, sheets=None):
    """Write the one style sheet, of those given, or of those that it was made of, which its first line names."""
    sheets = sheets or (site / STYLE).read_text("utf-8").splitlines()[0].strip("/* ").split()
    style = purge.merge(site, sheets, WHOLE, uses(site, pages_of(site), (site / SCRIPT).read_text("utf-8")))
    (site / STYLE).write_text(f"/* {' '.join(sheets)} */\n{style}", "utf-8")


def pages_of(site):
    """Return all pages of the book; _static holds templates of the theme."""
    return [Page(path) for path in sorted(site.rglob("*.html")) if site / "_static" not in path.parents]


def alike(what, lists):
    """Return what all pages have; pages that differ are an error, for they would lack something."""
    for other in lists:
        if other != lists[0]:
            raise ValueError(
                f"Pages have different {what}, {sorted(set(other) ^ set(lists[0]))}: see wnbook/bundle.py."
            )
    return lists[0]


def common(page):
    """Return the scripts of a page that every page has; none of them says which page it is."""
    return [name for name in page.scripts() if name not in OWN and "DOCUMENTATION_OPTIONS.pagename" not in name]


def join(site, scripts, html):
    """Return the scripts as one."""
    texts = []
    # What is written out in a page are settings. Scripts that once waited for the page read them as they start.
    scripts = sorted(dict.fromkeys(scripts), key=lambda name: (name != OPTIONS, name.startswith("_static/")))
    for name in scripts:
        if name in LEFT_OUT:
            if re.search(LEFT_OUT[name], html):
                raise ValueError(f"A page needs {name}, which wnbook/bundle.py leaves out: it has {LEFT_OUT[name]}.")
            continue
        text = (site / name).read_text("utf-8") if name.startswith("_static/") else name
        if name in REPLACED:
            old, new = REPLACED[name]
            if old not in text:
                raise ValueError(f"{name} has changed: wnbook/bundle.py no longer finds {old!r} in it.")
            text = text.replace(old, new)
        texts.append(re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE).strip())
    return ";\n".join(texts) + "\n"


def uses(site, pages, script):
    """Find what the elements of pages are, and which words scripts say."""
    html = "".join(page.html for page in pages)
    found = purge.Uses(
        elements={name.lower() for name in re.findall(r"<([a-zA-Z]\w*)", html)},
        classes={name for names in re.findall(r'\bclass="([^"]*)"', html) for name in names.split()},
        ids=set(re.findall(r'\bid="([^"]*)"', html)),
        words=set(),
        variables=set(purge.VARIABLE.findall(" ".join(re.findall(r'\bstyle="([^"]*)"', html)))),
    )
    live = [site / "_static/live" / name for name in LATER]
    own = [site / name for name in OWN if name != "searchindex.js"]
    for text in [script, *(path.read_text("utf-8") for path in [*own, *live] if path.exists())]:
        found.words |= set(re.findall(r"[A-Za-z_][\w-]*", text))
        found.variables |= set(purge.VARIABLE.findall(text))
    return found


def setup(app):
    """Connect, after all that changes pages and files."""
    app.connect("build-finished", bundle, priority=900)
