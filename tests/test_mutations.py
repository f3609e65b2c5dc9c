"""The table of broken statements covers every numbered item, and each of its texts still stands where it says."""

import sys
from pathlib import Path

import pytest

from tests.mutations import ROOT, mutations, table

sys.path.insert(0, str(ROOT / "book" / "_ext"))
pytest.importorskip("sphinx", reason="the book's packages are not installed")

from wnbook.paper import ITEMS, missing_test

ALL = mutations()


@pytest.mark.parametrize("mutation", ALL, ids=lambda mutation: f"{mutation.label}: {mutation.what}")
def test_a_statement_can_be_broken(mutation):
    text = Path(ROOT, mutation.file).read_text(encoding="utf-8")
    start, end = mutation.span(text)
    assert text[start:end].count(mutation.old) == 1, (
        f"{mutation.at} has {mutation.old!r} {text[start:end].count(mutation.old)} times"
    )
    broken = mutation.applied(text)
    assert broken != text and len(broken) - len(text) == len(mutation.new) - len(mutation.old)
    # The function alone, at its indentation: the whole file, for each of its mutations, takes fifty times as long.
    function = broken[start : end + len(broken) - len(text)]
    compile(("if True:\n    pass\n" if text[start] == " " else "pass\n") + function, mutation.file, "exec")
    assert not missing_test(ROOT, mutation.by)


def test_every_numbered_item_is_broken_twice():
    """But those that state nothing, for the reason that is given."""
    counts = {label: sum(mutation.label == label for mutation in ALL) for label in ITEMS}
    without = table()["without"]
    assert set(without) <= set(ITEMS) and all(len(reason) > 20 for reason in without.values())
    assert [label for label, count in counts.items() if count < 2] == sorted(without, key=list(ITEMS).index)
    assert {mutation.label for mutation in ALL} <= set(ITEMS)
    assert len({(mutation.label, mutation.at, mutation.old, mutation.new) for mutation in ALL}) == len(ALL)
