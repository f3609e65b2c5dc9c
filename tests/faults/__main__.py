"""Do the tests notice when a promise is broken? `make faults` breaks one promise at a time in a copy of the project.

Each fault of faults.toml is a text that is replaced, and the tests of which at least one must fail then. `make faults
NAME=cache` tries those with "cache" in their name. Faults in pages, scripts and styles need a built book.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from tests.faults import ROOT, Fault, faults

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from wnbook import bundle

SIDE_BY_SIDE = 2
# Seconds after which tests that hang have noticed a fault: many times what the slowest need.
PATIENCE = 600
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".kept", "doctrees", "jupyter_execute", "__pycache__")


@dataclass(frozen=True)
class Found:
    """What the tests said of a fault."""

    fault: Fault
    caught: bool
    said: str


def run(folder, tests, processes=0):
    """Run tests in a copy of the project; return pytest's exit code, and which test failed with its last line.

    Without processes of their own, as for one fault, they may take `PATIENCE`.
    """
    how = [f"--numprocesses={processes}", *"--dist=loadscope -x -q -p no:cacheprovider --nbval".split()]
    how += ["--nbval-current-env", "--nbval-cell-timeout=120"]
    command = [sys.executable, "-m", "pytest", *how, *tests]
    # The copy's wnlib comes before the one that is installed, in kernels too.
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    limit = None if processes else PATIENCE
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return 1, f"the tests did not end within {PATIENCE} s"
    lines = (done.stdout + done.stderr).strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return done.returncode, " ".join([*failed[:1], *lines[-1:]])


def put(folder, paths, texts):
    """Write files; where one is a style of the built book, write the style of all pages anew."""
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    if any(path.suffix == ".css" and "_static" in path.parts for path in paths):
        bundle.restyle(folder / "_build/html")


def attempt(fault, copies):
    """Put a fault into a copy, run its tests there, and take it out again."""
    folder = copies.get()
    try:
        changed = [path for path in fault.places(folder) if path.is_file()]
        texts = [path.read_text("utf-8") for path in changed]
        put(folder, changed, [text.replace(fault.old, fault.new) for text in texts])
        code, said = run(folder, fault.tests)
        put(folder, changed, texts)
    finally:
        copies.put(folder)
    # 1: a test failed. 2: the tests could not even be collected, as with an import that fails.
    return Found(fault, code in (1, 2), said)


def main(name=""):
    """Try all faults, and print a line for each."""
    chosen = [fault for fault in faults() if name in fault.name]
    with tempfile.TemporaryDirectory() as scratch:
        copies = Queue()
        for k in range(SIDE_BY_SIDE):
            copies.put(shutil.copytree(ROOT, Path(scratch, str(k)), ignore=LEFT_OUT))
        whole = copies.get()
        named = {test for fault in chosen for test in fault.tests}
        code, said = run(whole, sorted(test for test in named if test.startswith(("tests/", "book/"))), SIDE_BY_SIDE)
        copies.put(whole)
        if code:
            sys.exit(f"Without any fault the tests fail: {said}")
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            results = []
            for found in pool.map(lambda fault: attempt(fault, copies), chosen):
                verdict = "caught  " if found.caught else "SURVIVED"
                print(f"{verdict}  {found.fault.name:28} {found.fault.promise}  [{found.said}]", flush=True)
                results.append(found.caught)
    print(f"{sum(results)} of {len(results)} caught")
    sys.exit(sum(results) < len(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
