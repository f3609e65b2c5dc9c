"""Figures in the built book: the frames, script and style of `wnlib.explore`, and the stills of other cells."""

import os
import pathlib
import re
import shutil

from docutils import nodes
from PIL import Image
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from . import kept

FIGURE = re.compile(r'<figure class="explore" id="[^"]+" data-frames="([0-9a-f]{12})" data-count="(\d+)"')

CSS_DPI = 100

# Sphinx writes a size as a style, which holds a narrow screen to the height of a wide one.
# As attributes the two are a ratio, by which the browser keeps the picture's place.
STILL_SIZE = re.compile(r'style="width: (\d+)px; height: (\d+)px;"')

logger = logging.getLogger(__name__)


class LightStills(SphinxTransform):
    """Store a cell's picture in a third of its bytes, and have the browser load it when it comes near."""

    default_priority = 500

    def apply(self, **kwargs):
        stills = [
            node for node in self.document.findall(nodes.image) if re.search(r"/jupyter_execute/.*\.png$", node["uri"])
        ]
        if not stills:
            return
        from wnlib.interactive.book import encode  # brings matplotlib: not for every page

        for node in stills:
            path = pathlib.Path(self.app.srcdir, node["uri"].lstrip("/"))
            with Image.open(path) as image:
                dpi = image.info["dpi"]
                size = (round(side * CSS_DPI / d) for side, d in zip(image.size, dpi, strict=True))
                path.with_suffix(".webp").write_bytes(encode(image.convert("RGB")))
            node["uri"] = node["uri"].removesuffix("png") + "webp"
            node["width"], node["height"] = (f"{side}px" for side in size)
            node["loading"] = "lazy"


def setup(app):
    """Tell the kernels where to write frames, and take part in the writing of pages."""
    os.environ["WNLIB_FRAMES"] = str(_drawn(app))
    # For every page: the style also fits the pictures of ordinary cells to dark mode.
    app.add_css_file("explore.css")
    app.add_js_file("explore.js", loading_method="defer")
    app.add_transform(LightStills)
    app.connect("html-page-context", _prepare_page)
    app.connect("build-finished", _place_frames)


def _drawn(app):
    return kept.folder(app) / "frames"


def _prepare_page(app, pagename, templatename, context, doctree):
    body = context.get("body") or ""
    body = STILL_SIZE.sub(r'width="\1" height="\2"', body)
    context["body"] = body.replace('src="frames:', f'src="{context["pathto"]("_frames", resource=True)}/')


def _place_frames(app, error):
    """Copy the frames that pages show into the built book, and clear those that none shows."""
    if error or app.builder.format != "html":
        return
    site = pathlib.Path(app.outdir)
    wanted = {}
    for page in sorted(site.rglob("*.html")):
        for name, count in FIGURE.findall(page.read_text(encoding="utf-8")):
            wanted[name] = (page.relative_to(site), int(count))
    for name, (page, count) in wanted.items():
        found = len(list((_drawn(app) / name).glob("*.webp")))
        if found != count:
            raise ExtensionError(
                f"A figure of {page} has {found} of its {count} frames; run make clean, then build again."
            )
        shutil.copytree(_drawn(app) / name, site / "_frames" / name, dirs_exist_ok=True)
    for stale in (site / "_frames").glob("*"):
        if stale.name not in wanted:
            shutil.rmtree(stale)
    sizes = [f.stat().st_size for f in (site / "_frames").rglob("*.webp")]
    if sizes:
        mean = sum(sizes) / len(sizes) / 1000
        logger.info(f"{len(wanted)} interactive figures: {len(sizes)} frames of {mean:.1f} kB on average")
