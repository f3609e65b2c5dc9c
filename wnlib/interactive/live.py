"""The interactive figure with a kernel: ipywidgets that draw again at each move."""

import base64
import gc
import io
import math
import traceback
from dataclasses import dataclass
from html import escape

import ipywidgets as widgets
import matplotlib
from IPython.display import display

from wnlib.interactive.parameters import BETWEEN, spacing
from wnlib.interactive.picture import picture

DPI = 150
PLAY_MILLISECONDS = 150


def live_figure(draw, parameters, caption, size):
    """Show the figure with widgets, which are returned by name; each move draws again, at any value in the range."""
    controls = {p.name: _control(p) for p in parameters}
    shown = widgets.HTML()
    values = {name: control.value for name, control in controls.items()}
    # The first picture is drawn outside any callback: an error is then the cell's own.
    shown.value, alt = _show(draw, values, size)

    def move(change):
        now = {name: control.value for name, control in controls.items()}
        # Collecting the last figure takes as long as drawing one: it waits until the new one is shown.
        gc.disable()
        try:
            shown.value, _ = _show(draw, now, size)
        except Exception as error:
            shown.value = _complaint(error, now)
        finally:
            gc.enable()

    for control in controls.values():
        control.observe(move, "value")
    rows = [
        widgets.HBox([controls[p.name], _play(p, controls[p.name])]) if p.play else controls[p.name] for p in parameters
    ]
    box = widgets.VBox([shown, *rows, *([widgets.HTML(escape(caption))] if caption else [])])
    display(_Shown(box, alt))
    return controls


@dataclass(frozen=True)
class _Shown:
    """A widget whose text, where widgets don't show, is the description of its picture."""

    box: widgets.Widget
    alt: str

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, **options):
        return {**self.box._repr_mimebundle_(**options), "text/plain": self.alt}


def _show(draw, values, size):
    # Letters without hints take a tenth less time. Written frames keep theirs: they are smaller with them.
    with matplotlib.rc_context({"text.hinting": "none"}):
        image, alt, _ = picture(draw, values, size, DPI)
    file = io.BytesIO()
    # A fifth of the time of a lossless format; without subsampling thin lines keep their colours.
    image.save(file, format="JPEG", quality=95, subsampling=0)
    data = base64.b64encode(file.getvalue()).decode()
    html = (
        f'<img src="data:image/jpeg;base64,{data}" alt="{escape(alt)}" '
        f'style="width: {size[0] * 100:g}px; max-width: 100%; height: auto">'
        f'<p aria-live="polite" style="line-height: 1.4">{escape(alt)}</p>'
    )
    return html, alt


def _complaint(error, values):
    lines = "".join(traceback.format_exception(error))
    where = ", ".join(f"{name} = {value!r}" for name, value in values.items())
    return (
        f'<div role="alert"><p><strong>draw failed at {escape(where)}: '
        f"{escape(type(error).__name__)}: {escape(str(error))}</strong></p>"
        f'<pre style="white-space: pre-wrap; line-height: 1.3">{escape(lines)}</pre></div>'
    )


def _control(p):
    values, start = p.values, p.values[p.start]
    common = dict(
        description=p.label, style={"description_width": "initial"}, layout={"width": "28em", "max_width": "100%"}
    )
    if not p.numeric:
        return widgets.Dropdown(options=values, value=start, **common)
    kind = spacing(values)
    if kind == "whole":
        return widgets.IntSlider(value=start, min=values[0], max=values[-1], **common)
    if kind == "even":
        step = (values[1] - values[0]) / BETWEEN
        return widgets.FloatSlider(
            value=start, min=values[0], max=values[-1], step=step, readout_format=".4g", **common
        )
    if kind == "geometric":
        low, high = math.log10(values[0]), math.log10(values[-1])
        step = (high - low) / (BETWEEN * (len(values) - 1))
        return widgets.FloatLogSlider(value=start, min=low, max=high, step=step, readout_format=".3g", **common)
    options = list(zip(p.texts, values, strict=True))
    kind = widgets.SelectionSlider if p.slides else widgets.ToggleButtons
    return kind(options=options, value=start, **common)


def _play(p, control):
    play = widgets.Play(min=0, max=len(p.values) - 1, value=p.start, interval=PLAY_MILLISECONDS)
    play.observe(lambda change: setattr(control, "value", p.values[change["new"]]), "value")
    return play
