"""Measure, print the table, and with --write keep it for the page on speed.

`python -m benchmarks` measures all kinds of work but the slow ones, and names of modules (`python -m benchmarks sweep
flows`) those alone. With --write their rows, and the machine that they are from, replace what benchmarks/table.md has
of them; all others stay as they are, and what was never measured says so.
"""

import argparse
import importlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MODULES = ("sweep", "dimension", "diagram", "flows", "sensing", "starting", "slider", "loop")
SLOW = {"loop"}  # an hour, and only with its name
TABLE = Path(__file__).parent / "table.md"
HEAD = ("| work | beside | its time | wnlib | ratio | to reach |", "|---|---|--:|--:|--:|---|")
PEERS = ("numpy", "scipy", "numba", "jax", "diffrax", "torch")
NOT_MEASURED = "not measured yet"


def main(words):
    """Run the modules; every row is printed as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(MODULES)}")
    parser.add_argument("--write", action="store_true", help=f"put the rows into {TABLE.name}")
    asked = parser.parse_args(words)
    if unknown := sorted({*asked.names} - {*MODULES}):
        parser.error(f"There is no benchmark {', '.join(unknown)}; choose from {', '.join(MODULES)}.")
    print("\n".join(HEAD))
    for name in asked.names or [name for name in MODULES if name not in SLOW]:
        lines = []
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            lines.append(line(row))
            print(lines[-1], flush=True)
        if asked.write:  # at once: a later module may fail
            write(name, lines, machine())
    print(machine())


def write(name, lines, found):
    """Replace a module's rows in the table, and the machine that they are from."""
    text = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    groups = {**read(text), name: (lines, found)}
    TABLE.write_text(table(groups), encoding="utf-8")


def read(text):
    """The rows of each module in a table, and the machine that they are from."""
    rows = [line for line in text.splitlines() if line.startswith("| ") and line not in HEAD]
    machines = dict(line.removeprefix("- ").split(": ", 1) for line in text.splitlines() if line.startswith("- "))
    found = {one: where for names, where in machines.items() for one in names.split(", ")}
    groups = {}
    for name in MODULES:
        work = importlib.import_module(f"benchmarks.{name}").WORK
        lines = [line for line in rows if line.startswith(f"| {work}")]
        if lines and found.get(name, NOT_MEASURED) != NOT_MEASURED:
            groups[name] = (lines, found[name])
    return groups


def table(groups):
    """The table with all modules; below it what each was measured on."""
    rows, machines = [], {}
    for name in MODULES:
        work = importlib.import_module(f"benchmarks.{name}").WORK
        lines, found = groups.get(name, ([f"| {work} | – | – | – | – | {NOT_MEASURED} |"], NOT_MEASURED))
        rows += lines
        machines.setdefault(found, []).append(name)
    below = [f"- {', '.join(names)}: {found}" for found, names in machines.items()]
    return "\n".join([*HEAD, *rows, "", *below, ""])


def line(row):
    """A row of the table; what falls short of its goal says so."""
    peer = f"{row.peer} ({row.note})" if row.note else row.peer
    if row.ratio is None:
        return f"| {row.work} | {peer} | – | – | – | {row.goal} |"
    ratio = f"{row.ratio:,.0f}" if row.ratio >= 10 else f"{row.ratio:.2g}"
    goal = f"{row.goal}, **missed**" if row.missed else row.goal
    return f"| {row.work} | {peer} | {with_unit(row.peer_seconds)} | {with_unit(row.our_seconds)} | {ratio} | {goal} |"


def with_unit(seconds):
    """Seconds with a unit."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def machine():
    """Versions, and what they ran on."""
    found = []
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    return (
        f"Python {platform.python_version()}, {', '.join(found)}; {platform.machine()}, {os.cpu_count()} processors, "
        f"{platform.system()}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
