"""The list of deliberate faults does not rot: each stands where it says, and the tests that must notice are there."""

from pathlib import Path

import pytest

from tests.faults import ROOT, faults

ALL = list(faults())


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_fault_can_be_put_in(fault):
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    assert text.count(fault.old) == 1, f"{fault.file} has the old text {text.count(fault.old)} times"
    assert fault.old != fault.new and fault.promise
    files = [word for word in fault.tests if word.startswith(("tests/", "book/", "wnlib/"))]
    assert files
    for word in files:
        file, _, test = word.partition("::")
        assert (ROOT / file).exists(), word
        assert not test or f"def {test.partition('[')[0]}(" in Path(ROOT, file).read_text(encoding="utf-8"), word


def test_there_are_enough():
    assert len(ALL) >= 60 and len({fault.name for fault in ALL}) == len(ALL)
