"""The interactive figure in the built book: every picture drawn beforehand, and plain HTML around them."""

import contextlib
import functools
import gc
import hashlib
import io
import itertools
import json
import math
import os
import pathlib
import pickle
import sys
import types
from collections import ChainMap
from typing import ClassVar

import cloudpickle
import matplotlib
from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky.backend.reduction import register
from joblib.externals.loky.process_executor import BrokenProcessPool
from tqdm import tqdm

from wnlib.interactive.frames import are_whole, name_of
from wnlib.interactive.markup import CSS_DPI, figure_html
from wnlib.interactive.picture import picture

PIXEL_RATIO = 2
# Each channel takes one of ten values, those of the book's own colours: as few bytes as a palette of 64 colours,
# in half the time.
VALUES = (0, 51, 94, 115, 158, 178, 213, 236, 247, 255)
LEVELS = [min(VALUES, key=lambda value: abs(value - channel)) for channel in range(256)] * 3
# Starting the workers costs as much as drawing about this many pictures.
SERIAL = 24

_numbers = itertools.count(1)


def book_figure(draw, parameters, caption, size, folder):
    """Draw all frames into a folder and return the HTML of the figure.

    The frames of a figure are ``<folder>/<hash>/<k>.webp``, k counting through the grid with the last
    parameter fastest; the hash is that of all frames. In the HTML their address is
    ``frames:<hash>/<k>.webp``, which the book's Sphinx extension makes relative to the page.

    A figure whose function, grid, size and style were drawn into this folder before is not drawn again. The folder
    has to be another one for another source of wnlib and for other versions of what draws.
    """
    folder = pathlib.Path(folder)
    key = _key(draw, parameters, size)
    kept = key and _kept(folder, key)
    if not kept:
        frames, alts, handles = draw_frames(draw, parameters, size)
        kept = _store(frames, folder), alts, handles
        if key:
            _write(folder / f"{key}.json", json.dumps(kept).encode())
    name, alts, handles = kept
    return _html(parameters, alts, handles, caption, size, name)


class _Pickler(cloudpickle.Pickler):
    """Writes a notebook's function in the same bytes whatever process it was defined in."""

    # Where code stood, which ipykernel says with the number of its process, does not change what it does.
    dispatch_table: ClassVar = ChainMap(
        {
            types.CodeType: lambda code: cloudpickle.Pickler.dispatch_table[types.CodeType](
                code.replace(co_filename="", co_firstlineno=1)
            ),
            functools._lru_cache_wrapper: lambda f: (_cached_again, (f.__wrapped__, f.cache_parameters())),
        },
        cloudpickle.Pickler.dispatch_table,
    )


def _key(draw, parameters, size):
    """Digest of what the frames depend on in a notebook; None where the function cannot be written down."""
    grid = [(p.name, p.values, p.drag) for p in parameters]
    file = io.BytesIO()
    try:
        _Pickler(file).dump((draw, grid, size, dict(_changed_style())))
    except (pickle.PicklingError, TypeError):
        return None
    return hashlib.sha256(file.getvalue()).hexdigest()


def _kept(folder, key):
    """Name, descriptions and handles of frames drawn before, if all of them are there and whole."""
    try:
        name, alts, handles = json.loads((folder / f"{key}.json").read_bytes())
    except (OSError, ValueError):
        return None
    return (name, alts, handles) if are_whole(folder / name, len(alts)) else None


def _write(file, content):
    """Write a file aside and rename it, so that a build that is stopped leaves no half of it."""
    aside = file.with_suffix(f".{os.getpid()}")
    aside.write_bytes(content)
    os.replace(aside, file)


def draw_frames(draw, parameters, size, jobs=None):
    """WebP files in grid order, their descriptions and handles; drawn by one process if they are few, or one a core."""
    grid = list(itertools.product(*(p.values for p in parameters)))
    points = [dict(zip((p.name for p in parameters), point, strict=True)) for point in grid]
    jobs = jobs or (1 if len(points) <= SERIAL else cpu_count())
    drag = any(p.drag for p in parameters)
    render = functools.partial(_draw_batch, draw, size, drag, dict(_changed_style()))
    batch = max(1, min(16, math.ceil(len(points) / (4 * jobs))))
    batches = [points[k : k + batch] for k in range(0, len(points), batch)]
    with (
        _terminal() as terminal,
        tqdm(total=len(points), desc="frames", file=terminal, disable=None, leave=False) as bar,
    ):
        try:
            drawn = _run(render, batches, jobs, bar)
        except (pickle.PicklingError, BrokenProcessPool):
            # Some functions cannot travel to another process; the pictures are the same from this one.
            bar.reset()
            drawn = _run(render, batches, 1, bar)
    return tuple(map(list, zip(*drawn, strict=True)))


def _run(render, batches, jobs, bar):
    drawn = []
    # One thread a process: the processes already fill the machine. No memory maps: they are read-only,
    # and draw may write into its arrays.
    with parallel_config(backend="loky", inner_max_num_threads=1 if jobs > 1 else None):
        work = Parallel(n_jobs=jobs, return_as="generator", max_nbytes=None, batch_size=1)
        for pictures in work(delayed(render)(batch) for batch in batches):
            drawn += pictures
            bar.update(len(pictures))
    return drawn


def _draw_batch(draw, size, drag, style, points):
    drawn = []
    # A figure leaves cycles behind, and to look for them among all that a notebook has imported takes a tenth longer.
    gc.freeze()
    with matplotlib.rc_context(style):
        for values in points:
            try:
                image, alt, handle = picture(draw, values, size, CSS_DPI * PIXEL_RATIO, drag=drag)
            except Exception as error:
                error.add_note("This happened at " + ", ".join(f"{k} = {v!r}" for k, v in values.items()) + ".")
                raise
            drawn.append((encode(image), alt, handle))
    gc.unfreeze()
    return drawn


def encode(image):
    """Return a picture as lossless WebP of few colours: half the bytes of all colours, and text stays sharp."""
    file = io.BytesIO()
    image.point(LEVELS).save(file, format="WEBP", lossless=True, quality=25, method=2)
    return file.getvalue()


def _changed_style():
    """What the notebook changed in matplotlib's settings, so that the workers draw alike."""
    for key in matplotlib.rcParams:
        if not key.startswith("backend") and matplotlib.rcParams[key] != matplotlib.rcParamsDefault[key]:
            yield key, matplotlib.rcParams[key]


@contextlib.contextmanager
def _terminal():
    """Yield the true standard error: a kernel's sys.stderr would write the progress into the page."""
    try:
        number = os.dup(sys.stderr.fileno())
    except (AttributeError, OSError):
        yield sys.stderr
        return
    with open(number, "w", encoding="utf-8") as terminal:
        yield terminal


def _cached_again(function, options):
    return functools.lru_cache(**options)(function)


# cloudpickle sends a notebook's functions to the workers by value, but a cached one only by name.
register(functools._lru_cache_wrapper, lambda f: (_cached_again, (f.__wrapped__, f.cache_parameters())))


def _store(frames, folder):
    name = name_of(frames)
    (folder / name).mkdir(parents=True, exist_ok=True)
    for k, frame in enumerate(frames):
        _write(folder / name / f"{k}.webp", frame)
    return name


def _html(parameters, alts, handles, caption, size, name):
    start = 0
    for p in parameters:
        start = start * len(p.values) + p.start
    index = {"alts": alts} | ({"handles": handles} if any(p.drag for p in parameters) else {})
    first = f"frames:{name}/{start}.webp", alts[start]
    data = f'data-frames="{name}" data-count="{len(alts)}"'
    return figure_html(f"explore-{next(_numbers)}", parameters, first, index, caption, size, data)
