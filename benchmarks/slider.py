"""From a move of a slider to the new picture: with a live kernel in the introduction, without one in the whole book."""

import functools
import http.server
import json
import queue
import shutil
import statistics
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.timing import Row, peer

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "book" / "1-introduction" / "introduction.ipynb"
SITE = ROOT / "_build" / "html"
WORK = "slider to picture"
LIVE = f"{WORK} in a live kernel, 95th percentile of 100 moves"
BUILT = f"{WORK} in the built book, median of 40 moves, slowest figure"
LIVE_LIMIT, BUILT_LIMIT = 0.1, 0.033
# From the input event to the animation frame in which the new picture is decoded and in place.
TIME_A_MOVE = """([figure, position]) => new Promise((resolve) => {
  const slider = figure.querySelector("input[type=range]"), image = figure.querySelector("img");
  slider.value = position;
  const start = performance.now();
  new MutationObserver((_, observer) => {
    observer.disconnect();
    image.decode().then(() => requestAnimationFrame(() => resolve(performance.now() - start)));
  }).observe(image, { attributeFilter: ["src"] });
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def rows():
    """Yield two rows; limits take the place of peers."""
    yield Row(LIVE, "the limit, 100 ms", LIVE_LIMIT, float(np.quantile(move_seconds(100), 0.95)), "≥ 1")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program and peer("playwright") and SITE.is_dir():
        yield Row(BUILT, "the limit, 33 ms", BUILT_LIMIT, max(page_seconds(program)), "≥ 1")
    else:
        yield Row(BUILT, "the limit, 33 ms", None, None, "≥ 1", "needs chromium, playwright and make book")


def page_seconds(program):
    """Median seconds of a move for each figure of the built book, once its pictures are loaded."""
    from playwright.sync_api import sync_playwright

    pages = [page for page in SITE.rglob("*.html") if 'class="explore"' in page.read_text(encoding="utf-8")]
    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tab = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]).new_page()
        for page in pages:
            tab.goto(f"http://127.0.0.1:{server.server_port}/{page.relative_to(SITE).as_posix()}")
            for figure in tab.locator("figure.explore:has(input[type=range])").all():
                slider = figure.locator("input[type=range]").first
                slider.focus()
                tab.wait_for_load_state("networkidle")
                count, start = int(slider.get_attribute("max")) + 1, int(slider.input_value())
                positions = [(start + 1 + k) % count for k in range(40)]
                handle = figure.element_handle()
                yield statistics.median(tab.evaluate(TIME_A_MOVE, [handle, k]) for k in positions) / 1000
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serve files in silence."""

    def log_message(self, *args):
        """Write nothing."""


def move_seconds(moves):
    """Seconds from a slider's message to the picture, in a kernel that runs the page's first figure."""
    from jupyter_client.manager import start_new_kernel

    cells = json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if "explore(" in "".join(cell["source"]))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(PAGE.parent))
    try:
        opened = run(client, source)
        slider = next(c for c, model in opened.items() if model == "FloatSliderModel")
        return [move(client, slider, value) for value in np.random.default_rng(0).uniform(0, 5, moves)]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client, source):
    """Execute a cell; return the model name of every widget that it opens."""
    opened, request = {}, client.execute(source)
    while True:
        message = client.get_iopub_msg(timeout=120)
        kind, content = message["msg_type"], message["content"]
        if kind == "error":
            raise RuntimeError("\n".join(content["traceback"]))
        if kind == "comm_open":
            opened[content["comm_id"]] = content["data"]["state"].get("_model_name")
        done = kind == "status" and content["execution_state"] == "idle"
        if done and message["parent_header"].get("msg_id") == request:
            return opened


def move(client, slider, value):
    """Move a slider; return the seconds until a picture comes."""
    content = {"comm_id": slider, "data": {"method": "update", "state": {"value": float(value)}, "buffer_paths": []}}
    start = time.perf_counter()
    client.shell_channel.send(client.session.msg("comm_msg", content))
    while True:
        message = client.get_iopub_msg(timeout=30)
        state = message["content"].get("data", {}).get("state", {}) if message["msg_type"] == "comm_msg" else {}
        if "<img" in str(state.get("value", "")):
            taken = time.perf_counter() - start
            empty(client)
            return taken


def empty(client):
    """Wait until the kernel has nothing more to say about the last move."""
    while True:
        try:
            client.get_iopub_msg(timeout=0.05)
        except queue.Empty:
            return
