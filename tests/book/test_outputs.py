"""What the built book shows of a cell is what its notebook stores: each build gives the same text."""

import json
from pathlib import Path

import pytest
from visits import texts

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def code_cells(path):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def built():
    """The outputs of the last build by the code of their notebook; see wnbook.kept."""
    found = {}
    for file in ROOT.glob(".kept/*/notebooks/*.json"):
        found[file.stem] = json.loads(file.read_text(encoding="utf-8").split("\n", 1)[1])[-1]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_build_shows_what_the_notebook_stores(path, built):
    from wnbook.kept import key_of

    cells = code_cells(path)
    shown = built.get(key_of([["".join(cell["source"]), cell["metadata"].get("tags")] for cell in cells]))
    if shown is None:
        pytest.skip("This notebook has changed since the book was built.")
    for cell, outputs in zip(cells, shown, strict=True):
        if cell["outputs"]:
            assert texts(outputs) == texts(cell["outputs"]), "".join(cell["source"])
