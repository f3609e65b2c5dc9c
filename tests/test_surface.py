"""What a user of the library meets: types that a checker knows, and docstrings in numpydoc's order with every part."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from mypy import api
from numpydoc.validate import validate

from wnlib import theory

ROOT = Path(__file__).parents[1]

MODULES = [
    "wnlib",
    *(f"wnlib.{name}" for name in "theory sensing experiments practice plots interactive exercises".split()),
]
# Parts that a docstring of this library may leave out: a list of relatives, a longer story, a word on a problem or on
# what is returned where its type says it, and the infinitive where the first line is a number's name.
OPTIONAL = {"SA01", "ES01", "RT03", "PR04", "PR07", "SS05"}


def public():
    """The functions and classes that the modules export."""
    found = {}
    for module in map(importlib.import_module, MODULES):
        names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
        for name in names:
            value = getattr(module, name)
            if callable(value) and value.__module__.startswith(module.__name__):
                found.setdefault(value, f"{value.__module__}.{value.__name__}")
    return {name: value for value, name in found.items()}


PUBLIC = public()
# What nobody calls: what a call returns lists what it holds, and the call has the example; a protocol has methods.
RESULTS = {"wnlib.methods.Method"} | {
    name for name, value in PUBLIC.items() if "Attributes" in value.__doc__ or hasattr(value, "_fields")
}


def test_the_library_keeps_its_types():
    report, complaints, code = api.run([])
    assert code == 0, report + complaints


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_functions_are_typed(name):
    value = PUBLIC[name]
    methods = [method for key, method in vars(value).items() if key[0] != "_"] if inspect.isclass(value) else [value]
    for function in methods:
        function = getattr(function, "fget", getattr(function, "func", function))
        if inspect.isfunction(function):
            signature = inspect.signature(function)
            given = [p for p in signature.parameters.values() if p.name != "self"]
            assert all(p.annotation is not p.empty for p in given), f"{function.__qualname__}{signature}"
            assert signature.return_annotation is not signature.empty, f"{function.__qualname__}{signature}"


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_docstrings_have_every_part(name):
    optional = OPTIONAL | ({"PR01", "EX01"} if name in RESULTS else set())
    assert not [error for error in validate(name)["errors"] if error[0] not in optional]


def test_the_page_of_the_library_lists_every_theorem_function():
    page = (ROOT / "book/companion/api.md").read_text("utf-8")
    assert [name for name in theory.__all__ if not re.search(rf":: {name}$", page, flags=re.M)] == []
