"""Living pages: a button by the title, and the files with which a page runs its cells in the reader's browser.

start.js adds small buttons at figures and exercises.

Where Python's files cannot be fetched when the book is built, the page takes the official ones of the same version
from the network when the button is pressed; WNLIB_PYODIDE_URL names another place for them.
"""

import json
import os
import re
import shutil
import zipfile
from html import escape
from pathlib import Path

import wnlib
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinxcontrib import katex

from . import pyodide

logger = logging.getLogger(__name__)
BAR = """
<div class="live-bar" data-source="{source}" data-place="{place}" data-packages="{packages}" data-bytes="{size}">
<button type="button" class="btn btn-sm btn-primary live-start" disabled>Run this page</button>
<span class="live-status" role="status">Python comes to your browser: {megabytes:.0f} MB, once.</span>
</div>"""
# What fetches a package, beside its name in a cell. Those of a page come with Python, as soon as it is ready.
WORDS = {"sympy": "sympy", "scipy": "scipy|sklearn|flow_of|flow_limit", "scikit-learn": "sklearn"}
# As large as what `pyodide.size` gives, where there is nothing to measure.
USUAL_SIZE, USUAL_SIZES = 27_000_000, {"sympy": 9_000_000, "scipy": 21_000_000, "scikit-learn": 7_000_000}


def setup(app):
    """Put the button on pages with code, and the files into the site."""
    app.connect("builder-inited", begin)
    app.connect("env-updated", receive)
    app.connect("html-page-context", add_button)
    app.connect("build-finished", place_files)
    app.add_js_file("live/marks.js", loading_method="defer")


def begin(app):
    """Have Python for the browser fetched while the pages are read."""
    app.live_files, app.live_place, app.live_work = None, os.environ.get("WNLIB_PYODIDE_URL", ""), None
    if app.builder.format == "html" and not app.live_place:
        app.live_work = pyodide.begin(Path(app.srcdir, ".kept"))


def receive(app, env):
    """Find out where Python will come from, before the pages are written."""
    if not app.live_work:
        return
    said = app.live_work.communicate()[1]
    if app.live_work.returncode == pyodide.NOT_HAD:
        # Not a warning, which would be an error: a book that is built without a network is whole.
        app.live_place = pyodide.OFFICIAL
        logger.info(f"Python for living pages could not be had; they take it from {app.live_place}. {said[-500:]}")
    elif app.live_work.returncode:
        raise ExtensionError(f"Python for living pages could not be prepared: {said[-2000:]}")
    else:
        app.live_files = pyodide.folder(Path(app.srcdir, ".kept"))


def add_button(app, pagename, templatename, context, doctree):
    """Add the button below the title of a notebook's page."""
    body = context.get("body") or ""
    source = context.get("sourcename") or ""
    if not source.endswith(".ipynb") or 'class="cell_input' not in body:
        return
    pathto = context["pathto"]
    packages = large_packages(Path(app.srcdir, pagename + ".ipynb"))
    size = USUAL_SIZE + sum(map(USUAL_SIZES.get, packages))
    if app.live_files:
        size = pyodide.size(app.live_files, packages)
    place = app.live_place.rstrip("/") + "/" if app.live_place else pathto("_static/live/pyodide/", resource=True)
    bar = BAR.format(
        source=escape(pathto("_sources/" + source, resource=True)),
        place=escape(place),
        packages=" ".join(packages),
        size=size,
        megabytes=size / 1e6,
    )
    context["body"] = body.replace("</h1>", "</h1>" + bar, 1)
    app.add_js_file("live/start.js", loading_method="defer")


def large_packages(notebook):
    """Return the names of the packages that the cells of a notebook ask for."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return [name for name, words in WORDS.items() if re.search(rf"\b({words})\b", code)]


def place_files(app, error):
    """Copy Python, wnlib and KaTeX into the built book."""
    if error or app.builder.format != "html":
        return
    live = Path(app.outdir, "_static", "live")
    if app.live_files:
        shutil.copytree(app.live_files, live / "pyodide", dirs_exist_ok=True)
    shutil.copy(Path(katex.__file__).with_name("katex.min.js"), live)
    zip_wnlib(live / "wnlib.zip")


def zip_wnlib(target):
    """Write wnlib, and the results that it stores, as one file, the same bytes for the same source."""
    package = Path(wnlib.__file__).parent
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for kind in ("*.py", "*.json", "*.wasm32.so") for path in package.rglob(kind)):
            name = file.relative_to(package.parent).as_posix()
            archive.writestr(zipfile.ZipInfo(name), file.read_bytes(), zipfile.ZIP_DEFLATED, 9)
