"""The errata, the paper map and the chapters say the same of each statement: all are held to one list."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
pytest.importorskip("sphinx", reason="the book's packages are not installed")

from wnbook.errata import ERRATA, KINDS, of_item  # noqa: E402
from wnbook.paper import CLAIMS, ITEMS, SECTIONS, STATUSES, missing_test  # noqa: E402

FOLDER = ROOT / "book" / "companion" / "errata"
PAGES = sorted({row.page for row in ERRATA.values()})
HEADING = re.compile(r"^\(erratum-([a-z-]+)\)=\n###? (.*)$", re.MULTILINE)
CHECKED = re.compile(r"^```\{admonition\} Checked: ([^\n]*)\n:class: checked ?([a-z-]*)$", re.MULTILINE)


def sources(path, kind="markdown"):
    """The cells of one kind of a notebook, as texts."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_rows_in_order(page):
    """Each with what is printed and what holds."""
    text = "\n\n".join(sources(FOLDER / f"{page}.ipynb"))
    assert HEADING.findall(text) == [(row.label, row.title) for row in ERRATA.values() if row.page == page]
    deepest = "### " if "\n### " in text else "## "
    assert text.count(f"\n{deepest}") == len(HEADING.findall(text))
    for part in HEADING.split(text)[3::3]:
        assert part.count("**Printed.**") == part.count("**Holds.**") <= 1


def test_all_pages_have_rows_and_the_table_shows_all():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(PAGES)
    text = FOLDER.with_suffix(".md").read_text(encoding="utf-8")
    shown = re.findall(r"\{errata-table\} (\S+)", text)
    assert shown[0] == "expectation" and sorted(shown[1:]) == PAGES
    assert all(f"(errata/{page}.ipynb)" in text for page in PAGES)


def test_what_changes_an_expectation_runs():
    """Each such row has a cell below it that asserts."""
    for page in PAGES:
        cells = json.loads((FOLDER / f"{page}.ipynb").read_text(encoding="utf-8"))["cells"]
        for cell, below in zip(cells, [*cells[1:], {"cell_type": "", "source": []}], strict=True):
            found = HEADING.findall("".join(cell["source"])) if cell["cell_type"] == "markdown" else []
            if any(ERRATA[label].kind == "expectation" for label, _ in found):
                assert below["cell_type"] == "code" and "assert " in "".join(below["source"]), found


def test_a_remark_says_that_it_is_none_of_the_errors():
    for page in PAGES:
        parts = HEADING.split("\n\n".join(sources(FOLDER / f"{page}.ipynb")))
        for label, text in zip(parts[1::3], parts[3::3], strict=True):
            assert ("A remark, not an error" in text) == (ERRATA[label].kind == "remark"), label


def statuses():
    """What the chapters say of each numbered item: (page, label, status)."""
    for path in sorted((ROOT / "book").rglob("*.ipynb")):
        for labels, status in CHECKED.findall("\n".join(sources(path))):
            yield from ((path.stem, label, status) for label in labels.split() if label in ITEMS)


def test_every_status_agrees_with_the_errata():
    """An item is corrected, or false, exactly if a row that is no remark names it."""
    seen = {}
    for page, label, status in statuses():
        assert status in STATUSES and label not in seen, (page, label)
        seen[label] = status
        assert (status != "holds") == bool(of_item(label)), f"{label} on {page}: {status}, {of_item(label)}"
    assert set(seen) == set(ITEMS)


def test_rows_name_items_of_the_paper():
    for row in ERRATA.values():
        assert set(row.items) <= set(ITEMS) and row.kind in KINDS, row.label
        assert row.kind != "remark" or not row.items, f"{row.label}: an item that is as printed needs no row"
        assert all(20 < len(row.printed + row.holds) < 260 for row in ERRATA.values())


def test_claims_of_running_text_lead_to_what_treats_them():
    """A statement or a page, a row of the errata, a test: whatever a claim names is there."""
    text = "\n".join("\n".join(sources(path)) for path in (ROOT / "book").rglob("*.ipynb"))
    labels = {
        name for found in re.findall(r"^:label: (\S+)|\$\$ \(([a-z0-9-]+)\)", text, re.MULTILINE) for name in found
    }
    for claim in CLAIMS:
        assert claim.section in SECTIONS and bool(claim.see) != bool(claim.page), claim
        assert claim.see in labels if claim.see else (ROOT / "book" / f"{claim.page}.ipynb").is_file(), claim
        assert not claim.erratum or claim.erratum in ERRATA, claim
        assert claim.see or claim.erratum or claim.how, claim
        if claim.how.startswith("tests/"):
            assert not missing_test(ROOT, claim.how), claim
    assert len({claim.claim for claim in CLAIMS}) == len(CLAIMS) > 40


def test_each_row_without_an_item_is_a_claim_or_a_slip_in_a_proof():
    """What is wrong in the running text and changes what to expect is on the map too."""
    named = {claim.erratum for claim in CLAIMS}
    for row in ERRATA.values():
        assert row.kind != "expectation" or row.items or row.label in named, row.label
