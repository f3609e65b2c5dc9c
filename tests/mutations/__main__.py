"""Do the tests notice when a statement is wrong? `make mutations` breaks one at a time in a copy of the project.

`make mutations NAME=lem-2` tries those whose label begins so.
"""

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.faults.__main__ import SIDE_BY_SIDE, run
from tests.mutations import ROOT, mutations

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".kept", "_build", "_figures", "__pycache__")


def attempt(mutation, copies):
    """Put a mutation into a copy, run its test there, and take it out again; say whether the test failed."""
    folder = copies.get()
    try:
        path = folder / mutation.file
        text = path.read_text("utf-8")
        path.write_text(mutation.applied(text), "utf-8")
        code, said = run(folder, [mutation.by])
        path.write_text(text, "utf-8")
    finally:
        copies.put(folder)
    return mutation, code == 1, said


def main(name=""):
    """Try all mutations, and print a line for each."""
    chosen = [mutation for mutation in mutations() if mutation.label.startswith(name)]
    with tempfile.TemporaryDirectory() as scratch:
        copies = Queue()
        for k in range(SIDE_BY_SIDE):
            copies.put(shutil.copytree(ROOT, Path(scratch, str(k)), ignore=LEFT_OUT))
        whole = copies.get()
        code, said = run(whole, sorted({mutation.by for mutation in chosen}))
        copies.put(whole)
        if code:
            sys.exit(f"Without any mutation the tests fail: {said}")
        caught = 0
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for mutation, noticed, said in pool.map(lambda mutation: attempt(mutation, copies), chosen):
                verdict = "caught  " if noticed else "SURVIVED"
                print(f"{verdict}  {mutation.label:10} {mutation.what:44} {mutation.by}  [{said}]", flush=True)
                caught += noticed
    print(f"{caught} of {len(chosen)} caught")
    sys.exit(caught < len(chosen))


if __name__ == "__main__":
    main(*sys.argv[1:])
