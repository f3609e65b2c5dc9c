"""What an interactive figure can vary: the parameters of `wnlib.explore`, checked."""

import dataclasses
import itertools
import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Steps of a slider between two values of its grid, where the figure is drawn anew at each.
BETWEEN = 10
# As many positions are easier to choose from than to slide through, and all of them can be read.
FEW = 3


@dataclass(frozen=True)
class Control:
    """Values of one parameter of `explore`, with a label, a start value and a play button.

    Parameters
    ----------
    values : sequence of float, of int or of str
        What the parameter can be, at least two; numbers increase.
    label : str, optional
        What the reader sees. Default: the parameter's name.
    start : float, int or str, optional
        The value shown first, one of `values`. Default: the middle number, or the first string.
    play : bool
        Whether a button moves this parameter by itself. Only numbers play, one parameter a figure.
    drag : bool
        Whether the picture in the built book can be taken by its handle to move this parameter, of numbers:
        the one point that `draw` plots with ``gid="handle"``.

    Examples
    --------
    >>> Control([0, 1, 2], label="start scale g₀", start=1, play=True).label
    'start scale g₀'
    """

    values: Sequence[float] | Sequence[str]
    label: str | None = None
    start: float | str | None = None
    play: bool = False
    drag: bool = False


@dataclass(frozen=True)
class Parameter:
    """One checked parameter: values as plain int, float or str, a text for each, the index of the start."""

    name: str
    label: str
    values: tuple
    texts: tuple[str, ...]
    start: int
    play: bool
    drag: bool

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return not isinstance(self.values[0], str)

    @property
    def slides(self) -> bool:
        """Whether its control is a slider; a few values, which need not move, are chosen from."""
        return self.numeric and (len(self.values) > FEW or self.play or self.drag)


def spacing(values):
    """How numbers follow each other: "whole" ones evenly, any "even"ly or "geometric"ally; "" for all else."""
    steps = np.diff(values) if not isinstance(values[0], str) else np.zeros(0)
    if not steps.size:
        return ""
    if isinstance(values[0], int) and np.all(steps == steps[0]):
        return "whole"
    if np.allclose(steps, steps[0], rtol=1e-6):
        return "even"
    floats = isinstance(values[0], float) and values[0] > 0
    return "geometric" if floats and np.allclose(np.diff(np.log(values)), math.log(values[1] / values[0])) else ""


def finer(p):
    """The parameter with values between those of its grid, where they mean something, and how many for each step."""
    kind, values = spacing(p.values), np.array(p.values)
    if kind == "whole":
        stride = p.values[1] - p.values[0]
        between = tuple(range(p.values[0], p.values[-1] + 1))
    elif kind:
        stride, size = BETWEEN, (len(values) - 1) * BETWEEN + 1
        between = (np.linspace if kind == "even" else np.geomspace)(values[0], values[-1], size)
        between[::stride] = values
        between = tuple(between.tolist())
    else:
        return p, 1
    return dataclasses.replace(p, values=between, texts=_texts(p.name, between), start=p.start * stride), stride


def parameter(name, given) -> Parameter:
    """Check what `explore` was given for one parameter; a bad value gets a sentence."""
    control = given if isinstance(given, Control) else Control(given)
    values = _values(name, control.values)
    numeric = not isinstance(values[0], str)
    if control.label is not None and not (isinstance(control.label, str) and control.label.strip()):
        raise TypeError(f"The label of {name} must be a text; got {control.label!r}.")
    for option in ("play", "drag"):
        if getattr(control, option) and not numeric:
            raise ValueError(f"Only numbers can {option}, and {name} holds texts; leave out {option}.")
    label, start = control.label or name, _start(name, values, control.start)
    return Parameter(name, label, values, _texts(name, values), start, control.play, control.drag)


def _values(name, given):
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise TypeError(f"explore needs a list of numbers or of texts for {name}; got {given!r}.")
    values = tuple(v.item() if isinstance(v, np.generic) else v for v in given)
    if len(values) < 2:
        raise ValueError(f"explore needs at least two values for {name}; got {len(values)}.")
    if all(isinstance(v, str) for v in values):
        if len(set(values)) < len(values) or not all(v.strip() for v in values):
            raise ValueError(f"The texts of {name} must differ and not be empty; got {list(values)}.")
        return values
    for v in values:
        if isinstance(v, bool) or not isinstance(v, numbers.Real):
            raise TypeError(f"The values of {name} must be all numbers or all texts; got {v!r}.")
        if not math.isfinite(v):
            raise ValueError(f"The values of {name} must be finite; got {v}.")
    if any(b <= a for a, b in itertools.pairwise(values)):
        raise ValueError(f"The numbers of {name} must increase; got {_shorten(values)}.")
    return values if all(isinstance(v, int) for v in values) else tuple(float(v) for v in values)


def _start(name, values, start):
    if start is None:
        return 0 if isinstance(values[0], str) else len(values) // 2
    if isinstance(start, str) or isinstance(values[0], str):
        near = [k for k, v in enumerate(values) if v == start]
    else:
        near = [k for k, v in enumerate(values) if math.isclose(v, start, rel_tol=1e-9, abs_tol=1e-12)]
    if not near:
        raise ValueError(f"{name} starts at {start!r}, which is not one of its values {_shorten(values)}.")
    return near[0]


def _texts(name, values):
    """Shortest texts that tell the values apart, with a true minus sign."""
    if not isinstance(values[0], float):
        return tuple(str(v).replace("-", "−") if isinstance(v, int) else v for v in values)
    for digits in range(3, 18):
        texts = tuple(text(v, digits) for v in values)
        if len(set(texts)) == len(values):
            return texts
    raise ValueError(f"The numbers of {name} are too close to tell apart: {_shorten(values)}.")


def text(value, digits=3):
    """Write a number for a reader: 0.25, −3, 1e−5."""
    mantissa, *exponent = f"{value:.{digits}g}".split("e")
    return "e".join([mantissa, *(str(int(e)) for e in exponent)]).replace("-", "−")


def _shorten(values):
    shown = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in values]
    return ", ".join(shown if len(shown) < 8 else [*shown[:3], "…", shown[-1]])
