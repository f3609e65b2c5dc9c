"""One picture of an interactive figure: a call of `draw`, rendered and checked."""

import functools
from typing import NamedTuple

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from wnlib.plots import STYLE

# The axes stay in their place while a slider moves, and constrained layout would take half as long again.
# A draw with titles or several axes calls fig.subplots_adjust or fig.set_layout_engine("constrained").
MARGINS = {
    "figure.constrained_layout.use": False,
    "figure.subplot.left": 0.14,
    "figure.subplot.right": 0.96,
    "figure.subplot.bottom": 0.16,
    "figure.subplot.top": 0.97,
}

# Pixels of a letter on a phone of 360 pixels, which shows the picture at its whole width.
LEAST_LETTER, PHONE = 11, 360
POINTS = 72  # an inch


class Picture(NamedTuple):
    """An RGB image, its description, and the handle that a reader can drag: parts of width and height, or None."""

    image: Image.Image
    alt: str
    handle: tuple[float, float] | None


class Canvas(FigureCanvasAgg):
    """Draws all pictures of one size with one renderer, which knows how large a text is that it has met."""

    def get_renderer(self):
        return _renderer(*self.get_width_height(physical=True), self.figure.dpi)


_renderer = functools.lru_cache(maxsize=1)(RendererAgg)


def picture(draw, values, size, dpi, *, drag=False):
    """Call ``draw(fig, **values)`` on a new figure and render it; with `drag` it has to mark a handle.

    A figure that is cleared and used again spares 8% of the time; a new one can carry nothing over.
    """
    # What is `LEAST_LETTER` there, in points here: the wider a picture, the more it shrinks.
    points = LEAST_LETTER * size[0] * POINTS / PHONE
    with matplotlib.rc_context(STYLE | MARGINS | {"font.size": max(STYLE["font.size"], points)}):
        figure = Figure(size, dpi=dpi)
        canvas = Canvas(figure)
        alt = draw(figure, **values)
        if not isinstance(alt, str):
            raise TypeError(f"draw must return the figure's description, a text made from the data; got {alt!r}.")
        if not alt.strip():
            raise ValueError("draw returned an empty description; say in a sentence what the figure shows.")
        if not (figure.axes or figure.artists or figure.texts or figure.images):
            raise ValueError("draw left the figure empty; draw on what it is given, such as ax = fig.subplots().")
        figure.set_size_inches(size)
        figure.set_dpi(dpi)
        canvas.draw()
        handle = _handle(figure) if drag else None
    image = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")
    return Picture(image, " ".join(alt.split()), handle)


def _handle(figure):
    """Where the point with gid "handle" is, from the left and from the top."""
    found = figure.findobj(lambda artist: isinstance(artist, Line2D) and artist.get_gid() == "handle")
    if len(found) != 1:
        raise ValueError(
            f'A parameter with drag needs one point drawn with gid="handle", such as ax.plot(x, y, "o", gid="handle"); '
            f"draw made {len(found)}."
        )
    (x, y), *_ = found[0].get_transform().transform(found[0].get_xydata())
    return round(x / figure.bbox.width, 4), round(1 - y / figure.bbox.height, 4)
