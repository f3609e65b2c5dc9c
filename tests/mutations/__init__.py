"""Statements that are broken on purpose, by a term, a factor or a hypothesis, each with the test that must notice."""

import ast
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


def table():
    """Return mutations.toml as it is."""
    return tomllib.loads(Path(__file__).with_name("mutations.toml").read_text("utf-8"))


@functools.cache
def syntax_tree(text):
    """Parse a file; many mutations stand in the same one."""
    return ast.parse(text)


@dataclass(frozen=True)
class Mutation:
    """In the function `at` the text `old`, which stands there once, becomes `new`, and the test `by` must fail."""

    label: str
    what: str
    at: str
    old: str
    new: str
    by: str

    @property
    def file(self):
        return self.at.partition("::")[0]

    def span(self, text):
        """Where the function stands in the text of its file, from the first character to the last."""
        scope = syntax_tree(text)
        for name in self.at.partition("::")[2].replace(".", "::").split("::"):
            scope = next(node for node in scope.body if getattr(node, "name", None) == name)
        lines = text.splitlines(keepends=True)
        return sum(map(len, lines[: scope.lineno - 1])), sum(map(len, lines[: scope.end_lineno]))

    def applied(self, text):
        """The text of the file with the mutation in it."""
        start, end = self.span(text)
        return text[:start] + text[start:end].replace(self.old, self.new) + text[end:]


def mutations():
    """Return all mutations, in the order of the file."""
    rows = [(label, row) for label, part in table().items() if label != "without" for row in part]
    return [
        Mutation(label, row["what"], row.get("at", row["by"]), row["old"], row["new"], row["by"]) for label, row in rows
    ]
