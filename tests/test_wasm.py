"""wnlib without numba, and in a browser's Python: the same steps, the same ends; its compiled module is its source."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from wasm_ends import ends

from wnlib import _browser, _wasm

TESTS = Path(__file__).parent
MISSING = "numba IPython matplotlib_inline tqdm joblib cloudpickle ipywidgets cvxpy"
BLOCKED = f"""
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {MISSING.split()!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""
WITHOUT = """
import numpy as np
from matplotlib.figure import Figure
from wnlib import GD, RPGD, WN, experiments, flow, make_least_squares, plots, random_direction, sensing, solve

plots.use_style()
problem, w0 = make_least_squares(4, 9, cond=3, seed=1), random_direction(9, seed=1)
for method in (GD(0.2), WN(0.2, 0.2), RPGD(0.2, 0.2)):
    run = solve(problem, method, [1.0, 2.0], w0, tol=1e-9)
    print(method, run.t.tolist(), run.x.round(9).tolist())
print(flow(problem, 1.0, w0, t_max=10.0).x[-1].round(9).tolist())
print(experiments.figure1(seeds=[0], g0=[1.0], progress=True).t["GD"].tolist())
sensed = sensing.make_matrix_sensing(d=4, r=1, m=6)
for kind, diagonal in sensing.METHODS.values():
    method = GD(0.01) if kind is GD else kind(0.01, 0.01)
    run = sensing.recover(sensed, method, sensing.random_factor(4), diagonal=diagonal, max_steps=50)
    print(run.x.round(9).tolist())
"""


def missing(reason):
    """Skip for want of a tool; on a machine that checks changes nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", **options).stdout


def test_a_jupyter_in_a_browser_is_no_page_of_the_book(monkeypatch):
    assert not _browser.in_page()
    monkeypatch.setattr(_browser, "BROWSER", True)
    for kernel in (None, object()):
        monkeypatch.setattr(_browser, "either", lambda name, kernel=kernel: lambda: kernel)
        assert _browser.in_page() is (kernel is None)


def test_without_numba_or_jupyter_the_steps_themselves_run():
    with_all, without = (run(sys.executable, "-c", code) for code in (WITHOUT, BLOCKED + WITHOUT))
    assert without == with_all and "GD" in without


@pytest.fixture(scope="module")
def python_of_the_page():
    """Return the folder of the Pyodide that a build has prepared, and node to run it."""
    from wnbook import formulas, pyodide

    folder = pyodide.folder(TESTS.parent / ".kept")
    if not folder.is_dir():
        missing("There is no Python for the browser here: make book fetches it, with a network.")
    return folder, formulas.NODE


def test_a_browser_gives_the_same_ends_in_as_many_steps(python_of_the_page, tmp_path):
    from wnbook import live

    folder, node = python_of_the_page
    live.zip_wnlib(tmp_path / "wnlib.zip")
    scripts = TESTS / "zoo.py", TESTS / "wasm_ends.py"
    theirs = json.loads(run(node, TESTS / "pyodide.mjs", folder, tmp_path / "wnlib.zip", *scripts))
    ours = json.loads(json.dumps(list(ends())))
    assert len(ours) == len(theirs) > 100
    for (what, counts, numbers), (_, their_counts, their_numbers) in zip(ours, theirs, strict=True):
        assert counts == their_counts, what
        here, there = np.array(numbers), np.array(their_numbers)
        # Runs take the same steps; those of a flow follow from errors as small as its tolerance, which is rounding.
        allowed = 1e-11 if "flow" in what else 1e-12
        assert np.abs(here - there).max(initial=0) <= allowed * max(1, np.abs(here).max(initial=0)), what


def test_the_module_is_what_its_source_gives(tmp_path):
    from wnlib._wasm.__main__ import build

    if not (shutil.which("clang") and shutil.which("wasm-ld")):
        pytest.skip("There is no clang and wasm-ld to compile it with.")
    version = run("clang", "--version").split("version ")[1].partition(".")[0]
    if version != "14":
        pytest.skip(f"clang {version} writes other bytes than the 14 that made it.")
    build(tmp_path / "again.so")
    assert (tmp_path / "again.so").read_bytes() == _wasm.MODULE.read_bytes()
