"""Edits as a student makes them: one number, sign, operator, name or range of a code cell, changed at random."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)

OPERATORS = {
    **{ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.Pow: ("**", "*")},
    **{ast.Lt: ("<", ">"), ast.Gt: (">", "<"), ast.LtE: ("<=", ">"), ast.GtE: (">=", "<"), ast.Eq: ("==", "!=")},
}
# What a student tries in its place.
NAMES = {
    **{"GD": "WN", "WN": "RPGD", "RPGD": "WN", "perp": "parallel", "parallel": "perp"},
    **{"x_star": "w_star", "w_star": "x_star", "sin": "cos", "cos": "sin", "exp": "log", "log": "exp", "sqrt": "abs"},
    **{"linspace": "geomspace", "geomspace": "linspace", "maximum": "minimum", "minimum": "maximum"},
}
RANGES = {"range", "linspace", "geomspace", "arange"}
# Calls and keywords that say how a picture looks: to change them changes no statement.
LOOKS = {"text", "annotate", "set", "subplots", "figure", "legend", "add_axes", "subplots_adjust"}
LOOKS |= {"fontsize", "markersize", "ms", "linewidth", "lw", "alpha", "zorder", "size", "xytext", "figsize", "width"}


@dataclass(frozen=True)
class Edit:
    """One change: in code cell `cell` of a notebook, at `start` of its source, `old` becomes `new`."""

    path: Path
    cell: int
    kind: str
    start: int
    old: str
    new: str

    def applied(self, source):
        """The source of the cell with the edit in it."""
        return source[: self.start] + self.new + source[self.start + len(self.old) :]

    def __str__(self):
        source = sources(self.path)[self.cell]
        number = source[: self.start].count("\n")
        before, after = (text.splitlines()[number].strip() for text in (source, self.applied(source)))
        return f"{self.path.stem} [{self.cell}] {self.kind}: {before}  ->  {after}"


def sources(path):
    """The code cells of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def place(source, line, column):
    """Where a line and a column in bytes, as `ast` counts them, are in the text."""
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())


def start_of(source, node):
    """Where a node begins."""
    return place(source, node.lineno, node.col_offset)


def end_of(source, node):
    """Where a node ends."""
    return place(source, node.end_lineno, node.end_col_offset)


def code_nodes(tree):
    """Yield the nodes that are neither text nor looks, each with its parent."""
    waiting = [(tree, None)]
    while waiting:
        node, parent = waiting.pop()
        yield node, parent
        if isinstance(node, ast.JoinedStr):
            continue  # before Python 3.12 nobody says where its parts stand
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in LOOKS:
            continue
        inside = ast.iter_child_nodes(node)
        waiting += [(n, node) for n in inside if not (isinstance(n, ast.keyword) and n.arg in LOOKS)]


def places(source):
    """Yield all that can be edited in a source: kind, start, old text, and the texts that may replace it."""
    for node, parent in code_nodes(ast.parse(source)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            called = getattr(parent, "func", None)
            ranges = getattr(called, "attr", getattr(called, "id", None)) in RANGES
            start = start_of(source, node)
            yield "range" if ranges else "number", start, source[start : end_of(source, node)], numbers(node.value)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield "sign", start_of(source, node), "-", [""]
        elif isinstance(node, ast.BinOp | ast.Compare):
            yield from operator(source, node)
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in NAMES:
                yield "name", end_of(source, node) - len(name), name, [NAMES[name]]


def operator(source, node):
    """Yield the operator between two operands."""
    binary = isinstance(node, ast.BinOp)
    left, right = (node.left, node.right) if binary else (node.left, node.comparators[0])
    old, new = OPERATORS.get(type(node.op if binary else node.ops[0]), ("", ""))
    start = end_of(source, left)
    found = source[start : start_of(source, right)].find(old)
    if old and found >= 0:
        yield "operator", start + found, old, [new]


def numbers(value):
    """Other numbers in place of one."""
    if isinstance(value, int):
        others = {0, value + 1, 10 * value, value // 10, value + value // 2, -value}
    else:
        others = {0.0, 10 * value, value / 10, 1.5 * value, -value} if value else {1.0, 0.1}
    return sorted(f"{other!r}" if isinstance(value, int) else f"{other:.6g}" for other in others - {value})


def draw(rng, count):
    """Draw edits: a cell, a place in it, and what to put there, each at random."""
    cells = [(path, k, text) for path in NOTEBOOKS for k, text in enumerate(sources(path))]
    drawn = {}
    while len(drawn) < count:
        path, k, source = cells[rng.integers(len(cells))]
        found = list(places(source))
        if found:
            kind, start, old, choices = found[rng.integers(len(found))]
            drawn[Edit(path, k, kind, start, old, choices[rng.integers(len(choices))])] = None
    return list(drawn)
