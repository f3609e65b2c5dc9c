"""The shape of the library: imports run one way, no function hides a module, functions fit on a screen."""

import ast
import importlib
import pkgutil
from pathlib import Path

import wnlib

ROOT = Path(__file__).parents[1]
LONGEST = 40


def modules():
    """The name and the syntax tree of each module."""
    for path in sorted((ROOT / "wnlib").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree, known):
    """The modules of the library that a module imports when it is imported itself."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in known:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & known
            yield from inside or {node.module}
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & known


def test_imports_run_one_way():
    found = {name: tree for name, _, tree in modules()}
    graph = {name: set(imported(tree, set(found))) - {name} for name, tree in found.items()}
    # What only gathers the names of its folder stands above what it gathers.
    while graph:
        free = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert free, f"These import each other: {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in free}


def test_no_name_hides_a_module():
    below = {module.name for module in pkgutil.iter_modules(wnlib.__path__)}
    hidden = {name for name in wnlib.__all__ if name in below}
    assert not hidden
    for name in ("solve", "flow", "check", "explore"):
        assert callable(getattr(wnlib, name)) and importlib.util.find_spec(f"wnlib.{name}") is None


def test_functions_fit_on_a_screen():
    long = []
    for folder in ("wnlib", "book/_ext", "tests/faults"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    text = ast.get_docstring(node, clean=False) or ""
                    lines = node.end_lineno - node.lineno + 1 - text.count("\n")
                    if lines > LONGEST:
                        long.append(f"{path.name}: {node.name} has {lines} lines")
    assert not long


def test_the_library_says_which_version_it_is():
    assert wnlib.__version__ in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
