"""Measure everything, print the table, and keep it for the page on speed.

`python -m benchmarks` writes benchmarks/table.md; names of modules (`python -m benchmarks sweep flows`)
measure those alone and write nothing.
"""

import importlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MODULES = ("sweep", "dimension", "diagram", "flows", "sensing", "starting", "slider", "building")
TABLE = Path(__file__).parent / "table.md"
PEERS = ("numpy", "scipy", "numba", "jax", "diffrax", "torch")


def main(names):
    """Run the modules; every row is printed as soon as it is known."""
    lines = ["| work | beside | its time | wnlib | ratio | to reach |", "|---|---|--:|--:|--:|---|"]
    print("\n".join(lines))
    for name in names or MODULES:
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            lines.append(line(row))
            print(lines[-1], flush=True)
    print(machine())
    if not names:
        TABLE.write_text("\n".join([*lines, "", machine(), ""]), encoding="utf-8")


def line(row):
    """A row of the table."""
    peer = f"{row.peer} ({row.note})" if row.note else row.peer
    if row.ratio is None:
        return f"| {row.work} | {peer} | – | – | – | {row.goal} |"
    ratio = f"{row.ratio:,.0f}" if row.ratio >= 10 else f"{row.ratio:.2g}"
    return (
        f"| {row.work} | {peer} | {with_unit(row.peer_seconds)} | {with_unit(row.our_seconds)} | {ratio} | {row.goal} |"
    )


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
