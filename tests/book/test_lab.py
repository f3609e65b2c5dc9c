"""The interactive figure with a kernel: JupyterLab in a real browser, a slider that is moved, a new picture."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

CELL = """
import numpy as np
from wnlib import Control, explore

def draw(fig, g0):
    fig.subplots().plot([0, g0], "o-", label="start scale")
    return f"The line ends at {g0:.2f}."

explore(draw, g0=Control(np.linspace(0, 5, 11), label="start scale", play=True))
"""


@pytest.fixture
def lab(tmp_path, browser):
    """Start JupyterLab on a notebook with one figure; yield the notebook's address."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(CELL)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, tmp_path / "figure.ipynb")
    quiet = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token="]
    here = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "RUNTIME")}
    environment = {**os.environ, **here, "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings")}
    environment.pop("WNLIB_FRAMES", None)
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *quiet, f"--ServerApp.root_dir={tmp_path}"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield f"{_address(server, tmp_path / 'RUNTIME', log)}lab/tree/figure.ipynb"
    finally:
        server.terminate()
        server.wait(20)


def _address(server, folder, log):
    """Return the server's address once it answers: it writes the address down before it listens."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        for file in folder.glob("jpserver-*.json"):
            with contextlib.suppress(OSError, json.JSONDecodeError):
                address = json.loads(file.read_text())["url"]
                with urllib.request.urlopen(f"{address}api", timeout=10):
                    return address
        time.sleep(0.1)
    state = "did not answer within 120 s" if server.poll() is None else f"ended with code {server.returncode}"
    raise RuntimeError(f"JupyterLab {state}. It wrote:\n{log.read_text()}")


def test_a_slider_in_jupyterlab_draws_a_new_picture(lab, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)  # the first start of a kernel on a busy machine
    page = context.new_page()
    page.goto(lab)
    page.locator(".jp-CodeCell").first.wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.locator("[data-command='notebook:run-cell-and-select-next']").click()
    image = page.locator(".jp-OutputArea img[alt^='The line ends']")
    image.wait_for()
    assert image.get_attribute("alt") == "The line ends at 2.50."
    before = image.get_attribute("src")
    page.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    moved = page.locator("img[alt='The line ends at 2.55.']")  # a value between two of the grid
    moved.wait_for()
    assert moved.get_attribute("src") != before
    assert moved.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 900
    page.locator(".widget-play button").first.click()
    page.locator("img[alt='The line ends at 5.00.']").wait_for()
    context.close()
