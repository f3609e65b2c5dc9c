"""The cells of a page that runs Python in the reader's browser: what each shows, piece by piece, as it comes.

A piece is (kind, data). Its kinds are "text" and "stderr", printed; "plain", "latex", "html" and "png", results, the
first of them with a text of their own; "verdict", what `check` found; "figure", the HTML of an interactive figure;
"error", a JSON object.
"""

import ast
import builtins
import contextlib
import gc
import io
import itertools
import json
import linecache
import pydoc
import time
import traceback

import matplotlib
import matplotlib.pyplot as plt

from wnlib.exercises import Verdict
from wnlib.interactive.markup import figure_html
from wnlib.interactive.parameters import finer
from wnlib.interactive.picture import picture

DPI = 200
# Characters that a cell may print, and that a result may have. A page can't show more, and a loop without end would
# fill the memory.
MOST_PRINTED = 200_000
# Printed text is sent on in pieces: to send each line by itself takes longer than to run the cell.
PIECE_SECONDS = 0.1

namespace = {"__name__": "__main__"}
# What the figures shown draw, by their numbers.
figures: dict[int, tuple] = {}
_numbers = itertools.count(1)
_send = print
_error = None  # that the last cell ended with


def start(send):
    """Send all that cells show to ``send(kind, data)``."""
    global _send
    _send = send
    matplotlib.use("agg")
    plt.show = _show_figures
    gc.freeze()  # what is there stays: to look through it at each collection takes long
    namespace["display"] = _display
    builtins.input = _no_answer
    pydoc.pager = pydoc.plainpager  # what `help` writes to


def _display(*things):
    for thing in things:
        _show(thing)


def _no_answer(prompt="", /):
    raise RuntimeError("A page cannot wait for an answer. Write the value into the cell.")


class _Printed(io.TextIOBase):
    """Where a cell prints to."""

    def __init__(self, kind):
        self.kind, self.waiting, self.count, self.sent = kind, [], 0, time.monotonic()

    def write(self, text):
        self.count += len(text)
        if self.count > MOST_PRINTED:
            self.flush()
            raise RuntimeError(f"This cell has printed {MOST_PRINTED:,} characters, more than a page can show.")
        self.waiting.append(text)
        if time.monotonic() - self.sent > PIECE_SECONDS:
            self.flush()
        return len(text)

    def flush(self):
        if self.waiting:
            _send(self.kind, "".join(self.waiting))
        self.waiting, self.sent = [], time.monotonic()


printed = {kind: _Printed(kind) for kind in ("text", "stderr")}


def run(name, code):
    """Run a cell and say how it ended: "done", "failed", or "missing X" with the name of a module.

    Such a cell is to run again once the module is loaded; if it can't be, `complain` shows the error.
    """
    global _error
    file = f"<{name}>"
    linecache.cache[file] = len(code), None, code.splitlines(keepends=True), file
    for kind in printed:
        printed[kind].__init__(kind)
    with contextlib.redirect_stdout(printed["text"]), contextlib.redirect_stderr(printed["stderr"]):
        try:
            _execute(code, file)
            _show_figures()
        except BaseException as error:
            _error = error
            if isinstance(error, ModuleNotFoundError) and error.name:
                return "missing " + error.name.partition(".")[0]
            complain()
            return "failed"
        finally:
            _flush()
    return "done"


def _execute(code, file):
    tree = ast.parse(code, file)
    quiet = code.rstrip().endswith(";")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), namespace)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), file, "eval"), namespace)
        if value is not None and not quiet:
            _show_figures()
            _show(value)


def complain(why=""):
    """Show the error that the last cell ended with: its line in the cell, the way to it, and a word on why."""
    error, frames = _error, traceback.extract_tb(_error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith("<cell")]
    misread = isinstance(error, SyntaxError) and not own
    line = error.lineno if misread else own[-1].lineno if own else None
    shown = [frame for frame in frames if "interactive/page.py" not in frame.filename]
    # A long way through a library tells a reader little: the cell's own lines, and where it ended.
    shown = [frame for frame in shown if frame in own or (frame is shown[-1] and not misread)]
    text = "".join(traceback.format_list(shown) + traceback.format_exception_only(error)) + why
    plt.close("all")
    _flush()
    _send("error", json.dumps({"line": line, "text": text}))


def _flush():
    for stream in printed.values():
        stream.flush()


def _show(value):
    """Show a value in the richest form that it has, and tell its plain text as well."""
    _flush()
    plain = _cut(repr(value))
    if isinstance(value, Verdict):
        _send("verdict", json.dumps({"label": value.label, "right": bool(value), "plain": plain}))
        return
    for method, kind in (("_repr_html_", "html"), ("_repr_latex_", "latex")):
        try:
            data = getattr(value, method)()
        except Exception:
            continue
        if data and len(data) <= MOST_PRINTED:
            _send(kind, json.dumps({"data": data, "plain": plain}))
            return
    _send("plain", plain)


def _cut(text):
    if len(text) <= MOST_PRINTED:
        return text
    return f"{text[:MOST_PRINTED]} … and so on: {len(text):,} characters, more than a page can show."


def _show_figures(*arguments, **options):
    """Show matplotlib's open figures, and close them."""
    _flush()
    for number in plt.get_fignums():
        figure, file = plt.figure(number), io.BytesIO()
        figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight", pil_kwargs={"compress_level": 1})
        plt.close(figure)
        _send("png", file.getvalue())


def page_figure(draw, parameters, caption, size):
    """Show an interactive figure, whose pictures are drawn when the page asks for them."""
    _flush()
    number = next(_numbers)
    parameters, strides = zip(*map(finer, parameters), strict=True)
    figures[number] = draw, parameters, size
    image, alt, handle = _drawn(number, [p.start for p in parameters])
    index = {"strides": strides, "handle": handle}
    html = figure_html(f"live-{number}", parameters, ("", alt), index, caption, size, f'data-live="{number}"')
    _send("figure", json.dumps({"html": html, "plain": alt}))
    _send("frame", image)


def answer(number, positions):
    """The picture of a figure at positions of its controls: (BMP, description, handle), or (None, sentence, None)."""
    parameters = figures[number][1]
    try:
        return _drawn(number, positions)
    except Exception as error:
        values = ", ".join(f"{p.name} = {p.texts[k]}" for p, k in zip(parameters, positions, strict=True))
        return None, f"draw failed at {values}: {type(error).__name__}: {error}", None


def _drawn(number, positions):
    draw, parameters, size = figures[number]
    values = {p.name: p.values[k] for p, k in zip(parameters, positions, strict=True)}
    # Letters without hints take a tenth less time.
    # Collecting takes less time when it waits for the end of a drawing.
    gc.disable()
    try:
        with matplotlib.rc_context({"text.hinting": "none"}):
            image, alt, handle = picture(draw, values, size, DPI, drag=any(p.drag for p in parameters))
    finally:
        gc.enable()
    file = io.BytesIO()
    image.save(file, format="BMP")  # a tenth of the time of any format that makes it small
    return file.getvalue(), alt, handle
