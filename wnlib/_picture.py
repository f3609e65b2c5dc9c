"""One picture of an interactive figure: a call of `draw`, rendered and checked."""

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
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


def picture(draw, values, size, dpi):
    """Call ``draw(fig, **values)`` on a new figure and render it.

    A figure that is cleared and used again spares 8% of the time; a new one can carry nothing over.

    Parameters
    ----------
    draw : callable
        Draws on the matplotlib Figure it is given, and returns the alt text.
    values : dict
        Value of each parameter.
    size : tuple of float
        Width and height in inches.
    dpi : int
        Pixels an inch.

    Returns
    -------
    image : PIL.Image.Image
        The picture, in RGB.
    alt : str
        Its description.

    Raises
    ------
    TypeError, ValueError
        When `draw` returns no description or draws nothing.
    """
    with matplotlib.rc_context(STYLE | MARGINS):
        figure = Figure(size, dpi=dpi)
        canvas = FigureCanvasAgg(figure)
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
    image = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")
    return image, " ".join(alt.split())
