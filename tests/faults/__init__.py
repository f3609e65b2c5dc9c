"""Deliberate faults: small texts that break a promise of the project, each with the tests that must notice."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Fault:
    """One fault: in `file` the text `old`, which stands there once, becomes `new`, and one of `tests` must fail."""

    name: str
    promise: str
    file: str
    old: str
    new: str
    tests: list

    def places(self, root):
        """The file, and for a script or a style its copies in the built book: its own, and the script of all pages."""
        built = root / "_build/html/_static"
        return [root / self.file, built / self.file.removeprefix("book/_assets/"), built / "all.js"]


def faults():
    """Return all faults of faults.toml."""
    table = tomllib.loads(Path(__file__).with_name("faults.toml").read_text("utf-8"))
    return [Fault(name, **fields) for name, fields in table.items()]
