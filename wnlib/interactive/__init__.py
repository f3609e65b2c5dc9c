"""The interactive figure of the book: one function, live with a kernel and plain HTML in the built pages."""

import inspect
import math
import numbers
import os
from collections.abc import Callable
from typing import Any

from wnlib._browser import in_page
from wnlib.interactive.parameters import Control, parameter

__all__ = ["Control", "explore"]

# 2000 frames of 10 kB are 20 MB, and two minutes to draw on two processors.
MAX_FRAMES = 2000


def explore(
    draw: Callable[..., str], /, *, caption: str | None = None, size: tuple[float, float] = (6, 4), **parameters: Any
) -> None:
    """Show a figure that the reader moves with sliders.

    With a kernel (Jupyter, Binder) the controls are ipywidgets, and each move calls `draw` again, at any
    value within the range of a parameter. Where the environment variable ``WNLIB_FRAMES`` names a folder,
    every grid point is drawn once into that folder and the output is plain HTML that needs no kernel; the
    Sphinx extension of the book sets it, nobody else has to. In a page of the book that runs its cells, that HTML
    asks for a picture at each move.

    Parameters
    ----------
    draw : callable
        ``draw(fig, **values)`` draws on a new matplotlib Figure and returns the alt text, a sentence made
        from the data. It must depend on `values` alone, not on an earlier call. Margins are fixed, for one
        axes with labels; with several axes, first set the figure's layout engine to "constrained".
    caption : str, optional
        Plain text below the figure.
    size : tuple of float
        Width and height in inches; 6 by 4 is 600 by 400 CSS pixels.
    **parameters : sequence of float, of int or of str, or `Control`
        The grid of each parameter. Evenly spaced integers give integers with a kernel too, other evenly or
        geometrically spaced numbers any float within their range, and all else only the values themselves. Numbers
        are moved by a slider; texts, and up to three numbers, are chosen from a list of all, where no others lie
        between them.

    Returns
    -------
    None
        The figure is displayed.

    Raises
    ------
    TypeError, ValueError
        When a parameter, or what `draw` returns, cannot be used.

    Examples
    --------
    >>> def draw(fig, g0, method):
    ...     fig.subplots().plot([0, g0])
    ...     return f"{method} starts at scale {g0:.1f}."
    >>> explore(draw, g0=Control([0.0, 0.5, 1.0], label="start scale g₀", play=True), method=["GD", "WN"])
    GD starts at scale 0.5.
    """
    if not callable(draw):
        raise TypeError(f"explore needs a function draw(fig, ...); got {draw!r}.")
    if not parameters:
        raise ValueError("explore needs at least one parameter, such as g0=np.linspace(0, 5, 26).")
    try:
        inspect.signature(draw).bind(None, **parameters)
    except TypeError as error:
        wanted = ", ".join(["fig", *parameters])
        raise TypeError(f"draw must take ({wanted}), but {error}; rename one or the other.") from None
    if caption is not None and not isinstance(caption, str):
        raise TypeError(f"caption must be a text; got {caption!r}.")
    _check_size(size)
    checked = [parameter(name, given) for name, given in parameters.items()]
    playing = [p.name for p in checked if p.play]
    if len(playing) > 1:
        raise ValueError(f"One play button a figure; {' and '.join(playing)} ask for one each.")
    frames = math.prod(len(p.values) for p in checked)
    if frames > MAX_FRAMES:
        counts = " × ".join(str(len(p.values)) for p in checked)
        raise ValueError(f"{counts} = {frames} frames are more than {MAX_FRAMES}; give fewer values.")
    _display(draw, checked, caption, size)


def _check_size(size):
    right = isinstance(size, tuple) and len(size) == 2 and all(isinstance(s, numbers.Real) for s in size)
    if not right or not all(1 <= s <= 12 for s in size):
        raise ValueError(f"size must be (width, height) in inches, each from 1 to 12; got {size!r}.")


def _display(draw, parameters, caption, size):
    # Imported here: joblib, ipywidgets and matplotlib cost more than the rest of wnlib.
    if in_page():
        from wnlib.interactive.page import page_figure

        page_figure(draw, parameters, caption, size)
    elif folder := os.environ.get("WNLIB_FRAMES"):
        from IPython.display import HTML, display

        from wnlib.interactive.book import book_figure

        display(HTML(book_figure(draw, parameters, caption, size, folder)))
    else:
        from wnlib.interactive.live import live_figure

        live_figure(draw, parameters, caption, size)
