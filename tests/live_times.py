"""How long living pages take, beside the same cells without a browser: python -m tests.live_times [words of names].

Seconds are of the processor's work for Python, which a busy machine stretches little, but for those "on the clock".
"""

import contextlib
import functools
import http.server
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "book" / "_ext")]
INTRODUCTION = "book/1-introduction/introduction.html"
MOVES = 25
RUN_CELLS = """
import json, sys, time
import wnlib.interactive
from wnlib.interactive import page
wnlib.interactive.in_page = lambda: True
page.start(lambda kind, data: None)
wall, cpu = time.perf_counter(), time.process_time()
for number, code in enumerate(json.load(sys.stdin)):
    page.run(f"cell {number + 1}", code)
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]))
"""
# Seconds from the press to the first cell that can run.
STARTED = """performance.getEntriesByName("live-ready")[0].startTime
  - performance.getEntriesByName("live-press")[0].startTime"""
RAN = 'performance.getEntriesByName("live-ran").map(({ detail }) => detail)'
SLIDE = """async (moves) => {
  const figure = document.querySelector("figure.explore[data-live]");
  const [slider, image] = [figure.querySelector("input[type=range]"), figure.querySelector("img")];
  const times = [];
  for (let k = 0; k < moves; k++) {
    const shown = new Promise((resolve) => new MutationObserver(resolve).observe(image, { attributeFilter: ["src"] }));
    const begun = performance.now();
    slider.value = Number(slider.value) + 1;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await shown;
    times.push(performance.now() - begun);
  }
  return times;
}"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files in silence, which a browser may keep."""

    def log_message(self, *args):
        """Write nothing."""


@contextlib.contextmanager
def served():
    """Serve the book."""
    handler = functools.partial(Handler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def work():
    """Return the processor's seconds of Python in the page, which Linux tells of each thread of the browser."""
    import psutil

    ticks = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{process.pid}/task").iterdir():
                if thread.joinpath("comm").read_text().startswith("Dedicated"):
                    ticks += sum(map(int, thread.joinpath("stat").read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def code_of(name):
    """Return the code of the cells of a page, and which of them no browser can run."""
    from lite.notebooks import needs_more

    source = json.loads(SITE.joinpath("_sources", name.replace(".html", ".ipynb")).read_text("utf-8"))
    code = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
    return ["" if needs_more(code, k) else "".join(cell["source"]) for k, cell in enumerate(code)]


def native(name):
    """Return the seconds that a page's cells take here: those on the clock, and those of work."""
    run = [sys.executable, "-c", RUN_CELLS]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(run, input=json.dumps(code_of(name)), capture_output=True, text=True, check=True, env=environ)
    return json.loads(said.stdout.splitlines()[-1])


def run_all(living):
    """Press "Run all" and wait; return the seconds on the clock, those of work, and those of each cell."""
    begun, before = time.perf_counter(), work()
    living.page.locator(".live-all").click()
    for cell in living.cells.all():
        ended = "(cell) => ['ran', 'failed'].includes(cell.dataset.live)"
        living.page.wait_for_function(ended, arg=cell.element_handle(), timeout=600_000)
    return time.perf_counter() - begun, work() - before, living.page.evaluate(RAN)


def visit(browser, address, name):
    """Return what a page takes: to start, cold and warm, to run whole, and a move of its slider."""
    from living import Living

    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address + name)
        living = Living(page, None).press()
        found = {"cold": page.evaluate(STARTED) / 1000}
        if name == INTRODUCTION:
            page.reload()
            living.press()
            found["warm"] = page.evaluate(STARTED) / 1000
        found["clock"], found["work"], cells = run_all(living)
        found["cells"] = [cell["seconds"] for cell in cells]
        if name == INTRODUCTION:
            found["slider"] = statistics.median(page.evaluate(SLIDE, MOVES))
    return found


def main(words):
    """Print the table."""
    from pdf.browser import browser_program
    from playwright.sync_api import sync_playwright

    names = [path.relative_to(SITE).as_posix() for path in sorted(SITE.glob("book/**/*.html"))]
    names = [name for name in names if 'class="live-bar"' in (SITE / name).read_text("utf-8")]
    names = [name for name in names if all(word in name for word in words)]
    print(f"Load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")
    print("| page | native, s | in the page, s | ratio | on the clock, s | slowest cell, s |")
    print("| --- | --- | --- | --- | --- | --- |")
    with served() as address, sync_playwright() as playwright:
        program = browser_program(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name in names:
            _, here = native(name)
            there = visit(browser, address, name)
            row = f"{here:.1f} | {there['work']:.1f} | {there['work'] / here:.1f} | {there['clock']:.1f}"
            print(f"| {Path(name).stem} | {row} | {max(there['cells']):.1f} |", flush=True)
            if name == INTRODUCTION:
                start = f"{there['cold']:.1f} s cold (goal 5), {there['warm']:.1f} s warm (goal 3)"
                rest = f"first cell {there['cells'][0]:.2f} s (goal 1), slider {there['slider']:.0f} ms (goal 120)"
        browser.close()
    if INTRODUCTION in names:
        print(f"\nIntroduction, on the clock: press to ready {start}, {rest}.")
    print(f"Load at the end: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main(sys.argv[1:])
