"""The HTML of an interactive figure, in the built book and in a page that runs its cells: explore.js drives both."""

import json
from html import escape

CSS_DPI = 100


def figure_html(identifier, parameters, first, index, caption, size, data):
    """Return the figure with its controls at their start.

    `first` is the address and the description of the picture there, `index` what the script needs to know beside the
    texts of the parameters, and `data` more attributes of the element.
    """
    source, alt = first
    width, height = (round(side * CSS_DPI) for side in size)
    controls = "\n".join(_range(p, identifier) if p.slides else _choice(p, identifier) for p in parameters)
    index = {"texts": [p.texts for p in parameters]} | index
    handle = ""
    if any(p.drag for p in parameters):
        index |= {"drag": [p.drag for p in parameters]}
        # Not for the keyboard, nor to be read out: the sliders do the same.
        handle = '\n<span class="explore-handle" aria-hidden="true" hidden></span>'
    index = json.dumps(index, ensure_ascii=False, allow_nan=False)
    index = index.replace("<", "\\u003c")  # a "</script>" in a text must not end the element
    below = f"\n<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"""<figure class="explore" id="{identifier}" {data}>
<div class="explore-picture">
<img src="{source}" width="{width}" height="{height}" alt="{escape(alt)}">{handle}
</div>
<div class="explore-controls" hidden>
{controls}
</div>
<p class="explore-readout" aria-live="polite">{escape(alt)}</p>
<script type="application/json">{index}</script>{below}
</figure>"""


def _range(p, identifier):
    own = f"{identifier}-{p.name}"
    play = f'\n<button type="button" class="explore-play" aria-label="Play {escape(p.label)}">Play</button>'
    return f"""<div class="explore-control" data-positions="{len(p.values)}">
<label for="{own}">{escape(p.label)}</label>
<output for="{own}" aria-live="off">{p.texts[p.start]}</output>
<input type="range" id="{own}" min="0" max="{len(p.values) - 1}" value="{p.start}" \
aria-valuetext="{p.texts[p.start]}" autocomplete="off">{play if p.play else ""}
</div>"""


def _choice(p, identifier):
    own = f"{identifier}-{p.name}"
    options = "\n".join(
        f'<label><input type="radio" name="{own}" value="{k}"{" checked" * (k == p.start)}> {escape(text)}</label>'
        for k, text in enumerate(p.texts)
    )
    return f"""<fieldset class="explore-control" data-positions="{len(p.values)}">
<legend>{escape(p.label)}</legend>
<div class="explore-options">
{options}
</div>
</fieldset>"""
