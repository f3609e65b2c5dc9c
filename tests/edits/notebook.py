"""A notebook run in this process as its page runs it, and each edit in a fork that begins where the page stands."""

import dis
import os
import pickle
import resource
import signal
import tempfile
import time
import traceback
from dataclasses import dataclass, field

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

import wnlib
from wnlib import interactive, sensing
from wnlib.interactive import page
from wnlib.interactive.picture import MARGINS
from wnlib.plots import STYLE

CELL_SECONDS, EDIT_SECONDS, MEMORY = 20, 40, 12 << 30


@dataclass
class Ran:
    """What a cell showed, and how it ended."""

    how: str
    text: str = ""
    error: tuple = ()  # its name, its sentence, the file of the last frame
    ends: list = field(default_factory=list)  # of each call of solve, flow or recover: whether all runs converged
    numbers: dict = field(default_factory=dict)  # what its names hold

    @property
    def printed(self):
        """The text without that of pictures, whose labels say less than the pictures show."""
        return "".join(line for line in self.text.splitlines(keepends=True) if not line.endswith("]\n"))


class TooLong(BaseException):
    """A cell that takes longer than a student waits."""


def start(_shown=[], _ends=[]):  # noqa: B006
    """Make the page's runner keep all that cells show as text, also what stands in pictures."""
    page._show_figures = show_figures
    page.start(lambda kind, data: _shown.append((kind, data)))
    interactive._display = show_explored
    for module, name in ((wnlib, "solve"), (wnlib, "flow"), (sensing, "recover")):
        setattr(module, name, noting(getattr(module, name), _ends))
    signal.signal(signal.SIGPROF, interrupt)
    return _shown, _ends


def noting(function, ends):
    """The same function, which notes whether its runs converged."""

    def noted(*arguments, **options):
        run = function(*arguments, **options)
        ends.append(bool(np.all(run.converged)))
        return run

    return noted


def interrupt(*_):
    raise TooLong(f"longer than {CELL_SECONDS} s")


def words(figure):
    """All texts that stand in a picture."""
    texts = [" ".join(text.get_text().split()) for text in figure.findobj(Text)]
    return " | ".join(filter(None, texts))


def show_figures(*_):
    """Send the texts of matplotlib's open figures, and close them."""
    for number in plt.get_fignums():
        said = words(plt.figure(number))
        plt.close(number)
        page._send("text", f"[{said}]\n")


def show_explored(draw, parameters, caption, size):
    """Draw a figure at its start, and with each control at its ends; send its texts."""
    at_start = {p.name: p.values[p.start] for p in parameters}
    points = [at_start, *({**at_start, p.name: p.values[end]} for p in parameters for end in (0, -1))]
    for values in points:
        try:
            with matplotlib.rc_context(STYLE | MARGINS):
                figure = Figure(size)
                said = f"{draw(figure, **values)} [{words(figure)}]"
        except Exception as error:
            if values is at_start:
                raise
            said = f"draw failed at {values}: {type(error).__name__}: {error}"
        page._send("text", said + "\n")
    page._send("text", f"{caption or ''}\n")


def run(k, source, shown, ends):
    """Run a cell as number k."""
    shown.clear(), ends.clear()
    signal.setitimer(signal.ITIMER_PROF, CELL_SECONDS)  # of work: a busy machine changes no verdict
    try:
        how = page.run(f"cell {k}", source)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    text = "".join(data for kind, data in shown if kind in ("text", "plain", "html", "latex") and isinstance(data, str))
    names = {name for name in stored(source) if name in page.namespace}
    return Ran(
        how,
        text,
        told(page._error) if how != "done" else (),
        list(ends),
        {name: summary(page.namespace[name]) for name in names},
    )


def told(error):
    """The name of an error, its sentence, and the file where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__, str(error), frames[-1].filename if frames else ""


def summary(value, depth=0):
    """What a name holds, so that it can be compared: numbers to ten digits."""
    if isinstance(value, bool | int | str | type(None)):
        return repr(value)
    if isinstance(value, float | np.floating):
        return f"{value:.10g}"
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return f"{value.shape} {np.array2string(np.ravel(value)[:1000], precision=10, threshold=1000)}"
    if isinstance(value, list | tuple) and depth < 3:
        return str([summary(part, depth + 1) for part in value[:200]])
    if isinstance(value, dict) and depth < 3:
        return str({str(name): summary(part, depth + 1) for name, part in list(value.items())[:200]})
    if str(type(value).__module__).startswith("sympy"):
        return str(value)
    if all(hasattr(value, name) for name in ("g", "w")) and depth < 3:
        return summary([value.g, value.w], depth + 1)
    return type(value).__name__


def stored(source):
    """Names that a cell binds."""
    return {i.argval for i in dis.get_instructions(compile(source, "", "exec")) if i.opname == "STORE_NAME"}


def free(source):
    """Names that a cell takes from the cells before it."""
    own, wanted, waiting = set(), set(), [compile(source, "", "exec")]
    every = stored(source)
    while waiting:
        code = waiting.pop()
        for step in dis.get_instructions(code):
            if step.opname == "STORE_NAME":
                own.add(step.argval)
            elif step.opname == "LOAD_NAME" and step.argval not in own:
                wanted.add(step.argval)
            elif step.opname == "LOAD_GLOBAL" and step.argval not in every:
                wanted.add(step.argval)
        waiting += [constant for constant in code.co_consts if hasattr(constant, "co_code")]
    return wanted


def after(sources, k):
    """Numbers of the cells after k that take something from it, and of those that these need, in order."""
    changed, found = stored(sources[k]), set()
    for later in range(k + 1, len(sources)):
        if free(sources[later]) & changed:
            found.add(later)
            changed = changed | stored(sources[later])
        else:
            changed = changed - stored(sources[later])
    needed = set()
    for later in range(len(sources) - 1, k, -1):
        if later in found or stored(sources[later]) & needed:
            found.add(later)
            needed = needed - stored(sources[later]) | free(sources[later])
    return sorted(found)


def in_fork(work):
    """Return what `work()` returns in a copy of this process; None if it takes too long or too much memory."""
    with tempfile.NamedTemporaryFile() as file:
        child = os.fork()
        if not child:
            try:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                with open(file.name, "wb") as mine:
                    pickle.dump(work(), mine)
            finally:
                os._exit(0)
        end = time.monotonic() + 10 * EDIT_SECONDS
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return None
            time.sleep(0.01)
        content = file.read()
        return pickle.loads(content) if content else None


def edited(sources, edit, shown, ends):
    """Run an edited cell and those that take something from it; return what each showed."""
    begun, found = time.process_time(), {}
    source = edit.applied(sources[edit.cell])
    for k in [edit.cell, *after(sources, edit.cell)]:
        found[k] = run(k, source if k == edit.cell else sources[k], shown, ends)
        if found[k].how != "done" or time.process_time() - begun > EDIT_SECONDS:
            break
    return found


def visit(sources, edits, alone=False):
    """Run a notebook, each edit at its place, and at the end, if asked, each cell again alone."""
    shown, ends = start()
    first, results, again = [], [], {}
    for k, source in enumerate(sources):
        for edit in (edit for edit in edits if edit.cell == k):
            results.append((edit, in_fork(lambda edit=edit: edited(sources, edit, shown, ends))))
        first.append(run(k, source, shown, ends))
    if alone:
        for k, source in enumerate(sources):
            again[k] = in_fork(lambda k=k, source=source: run(k, source, shown, ends))
    return first, results, again
