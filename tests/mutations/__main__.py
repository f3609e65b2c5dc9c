"""Do the tests notice when a statement is wrong? `make mutations` breaks one at a time in a copy of the project.

`make mutations NAME=lem-2` tries those whose label begins so.
"""

import shutil
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from tests.faults.__main__ import SIDE_BY_SIDE, run
from tests.mutations import ROOT, mutations

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".kept", "_build", "_figures", "__pycache__")


def failures(folder, tests):
    """Run tests, and return how many of each file failed, as a dictionary from the file's name."""
    report = folder / "report.xml"
    run(folder, [*tests, "--dist=loadfile", "--maxfail=100000", f"--junitxml={report}"], SIDE_BY_SIDE)
    found = {}
    for case in ET.parse(report).iter("testcase"):
        name = case.get("classname", "").rpartition(".")[2]
        found[name] = found.get(name, 0) + (case.find("failure") is not None)
    return found


def in_tests(folder, chosen):
    """Break statements that stand in the file of their test: each in a file of its own, all in one run."""
    names = {}
    for k, mutation in enumerate(chosen):
        names[mutation] = f"test_mutation_{k}"
        text = (folder / mutation.file).read_text("utf-8")
        (folder / "tests" / f"{names[mutation]}.py").write_text(mutation.applied(text), "utf-8")
    nodes = [f"tests/{name}.py::{mutation.by.partition('::')[2]}" for mutation, name in names.items()]
    found = failures(folder, nodes) if nodes else {}
    return {mutation for mutation, name in names.items() if found.get(name)}


def in_library(folder, mutation):
    """Break a statement of the library, or of what tests share."""
    path = folder / mutation.file
    text = path.read_text("utf-8")
    path.write_text(mutation.applied(text), "utf-8")
    code, _ = run(folder, [mutation.by])
    path.write_text(text, "utf-8")
    return code == 1


def main(name=""):
    """Try all mutations, and print a line for each."""
    chosen = [mutation for mutation in mutations() if mutation.label.startswith(name)]
    together = [mutation for mutation in chosen if mutation.file == mutation.by.partition("::")[0]]
    with tempfile.TemporaryDirectory() as scratch:
        folder = shutil.copytree(ROOT, Path(scratch, "copy"), ignore=LEFT_OUT)
        code, said = run(folder, sorted({mutation.by for mutation in chosen}), SIDE_BY_SIDE)
        if code:
            sys.exit(f"Without any mutation the tests fail: {said}")
        caught = in_tests(folder, together)
        caught |= {mutation for mutation in chosen if mutation not in together and in_library(folder, mutation)}
    for mutation in chosen:
        verdict = "caught  " if mutation in caught else "SURVIVED"
        print(f"{verdict}  {mutation.label:10} {mutation.what:44} {mutation.by}")
    print(f"{len(caught)} of {len(chosen)} caught")
    sys.exit(len(caught) < len(chosen))


if __name__ == "__main__":
    main(*sys.argv[1:])
