"""From a move of a slider to the new picture, with a live kernel: the figure of the introduction."""

import json
import queue
import time
from pathlib import Path

import numpy as np

from benchmarks.timing import Row

WORK = "slider to picture in a live kernel, 95th percentile of 100 moves"
PAGE = Path(__file__).parents[1] / "book" / "1-introduction" / "introduction.ipynb"
LIMIT = 0.1


def rows():
    """Yield one row; the limit takes the place of a peer."""
    yield Row(WORK, "the limit, 100 ms", LIMIT, float(np.quantile(move_seconds(100), 0.95)), "≥ 1")


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
