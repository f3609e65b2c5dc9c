"""What a page in a browser has instead of Jupyter, of threads and of progress bars: the one place that knows."""

import contextlib
import importlib
import os
import sys

BROWSER = sys.platform == "emscripten"
PROCESSORS = 1 if BROWSER else os.cpu_count() or 1


class _NoBar(contextlib.nullcontext):
    """A progress bar that shows nothing."""

    def __init__(self, **options):
        super().__init__(self)

    def update(self):
        pass


STAND_INS = {
    "IPython.get_ipython": lambda: None,
    "matplotlib_inline.config.InlineBackend": None,
    "tqdm.auto.tqdm": _NoBar,
}


def either(name):
    """What a dotted name stands for, or what does for it where its package is missing."""
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as missing:
        if missing.name.partition(".")[0] != name.partition(".")[0]:
            raise
        return STAND_INS[name]


def in_page():
    """Whether a page of the book runs this: a browser's Python, and no Jupyter in it."""
    return BROWSER and either("IPython.get_ipython")() is None
