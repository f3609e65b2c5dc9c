"""What a build keeps for the next one is of this code, this library and these versions, or it is not used."""

import os
import time
from types import SimpleNamespace

import nbformat
import pytest

from wnlib.interactive.frames import name_of

kept = pytest.importorskip("wnbook.kept", reason="the book's packages are not installed")
NAME = name_of([bytes([0]), bytes([1])])
FIGURE = f'<figure class="explore" id="explore-1" data-frames="{NAME}" data-count="2"'


@pytest.fixture
def here(tmp_path):
    """The folder of one source and one set of versions."""
    return tmp_path / "0123456789abcdef"


@pytest.fixture
def runs(here, monkeypatch):
    """Count the notebooks that run; a run gives a cell its source as output, and shows a figure."""
    found = []

    def start_client(self):
        found.append([cell.source for cell in self.notebook.cells if cell.cell_type == "code"])
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [nbformat.v4.new_output("stream", text=cell.source)]
                cell.outputs.append(nbformat.v4.new_output("display_data", {"text/html": FIGURE}))
        self.notebook.metadata["language_info"] = {"name": "python"}
        self.exec_metadata = {"succeeded": "fails" not in self.notebook.cells[-1].source, "runtime": 1.0}

    monkeypatch.setattr(kept.NotebookClientDirect, "start_client", start_client)
    monkeypatch.setattr(kept.KeptNotebook, "folder", here / "notebooks", raising=False)
    (here / "notebooks").mkdir(parents=True)
    frames = here / "frames" / NAME
    frames.mkdir(parents=True)
    for k in range(2):
        (frames / f"{k}.webp").write_bytes(bytes([k]))
    return found


def outputs(*sources, text="# Title"):
    """Go through a notebook as myst-nb does; return what its cells show."""
    cells = [nbformat.v4.new_markdown_cell(text), *map(nbformat.v4.new_code_cell, sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with kept.KeptNotebook(notebook, None, None, None) as client:
        assert client.notebook.metadata["language_info"] == {"name": "python"}
        return [cell.outputs for cell in client.notebook.cells if cell.cell_type == "code"]


def test_a_notebook_runs_again_only_when_its_code_changes(runs):
    first = outputs("a = 1", "print(a)")
    assert outputs("a = 1", "print(a)", text="# Another title") == first and len(runs) == 1
    assert outputs("a = 2", "print(a)") != first and len(runs) == 2
    assert outputs("print(a)", "a = 1") != first and len(runs) == 3
    assert outputs("a = 1", "print(a)") == first and len(runs) == 3


def test_a_notebook_that_fails_is_not_kept(runs):
    for count in (1, 2):
        outputs("fails")
        assert len(runs) == count


def test_a_notebook_whose_record_or_frames_are_damaged_runs_again(runs, here):
    first = outputs("a")
    (record,) = (here / "notebooks").iterdir()
    whole = record.read_text()
    for damaged in (whole[:-5], whole.replace("stream", "strean"), ""):
        record.write_text(damaged)
        assert outputs("a") == first
    assert len(runs) == 4
    frame = here / "frames" / NAME / "1.webp"
    for damage in (lambda: frame.write_bytes(b""), lambda: frame.write_bytes(b"?"), frame.unlink):
        damage()
        outputs("a")
    assert len(runs) == 7


def test_another_library_or_other_versions_are_another_folder(tmp_path, monkeypatch):
    source = tmp_path / "wnlib" / "methods.py"
    source.parent.mkdir()
    source.write_text("a = 1")
    versions = [SimpleNamespace(name="numpy", version="2.0")]
    monkeypatch.setattr(kept, "find_spec", lambda name: SimpleNamespace(origin=str(tmp_path / "wnlib" / "__init__.py")))
    monkeypatch.setattr(kept, "distributions", lambda: versions)
    digest = kept.digest.__wrapped__
    first = digest()
    assert digest() == first
    source.write_text("a = 2")
    edited = digest()
    (source.parent / "more.py").touch()
    added = digest()
    versions.append(SimpleNamespace(name="scipy", version="1.0"))
    assert len({first, edited, added, digest()}) == 4


def test_a_whole_build_clears_what_no_page_shows(runs, here, monkeypatch):
    monkeypatch.setattr(kept, "folder", lambda app: here)
    other, theirs = here.with_name("fedcba9876543210"), here.with_name("pyodide-fedcba")
    other.mkdir()
    theirs.mkdir()
    outputs("old")
    outputs("new")
    for record in (here / "notebooks").iterdir():
        if '"old"' in record.read_text():
            os.utime(record, (0, 0))
    stale = here / "frames" / "ffffffffffff"
    stale.mkdir()
    (here / "frames" / "a.json").write_text('["ffffffffffff", [], []]')
    (here / "frames" / "b.json").write_text(f'["{NAME}", [], []]')
    app, env = SimpleNamespace(), SimpleNamespace(found_docs={"a", "b"})
    kept._begin(app, env, ["a"])  # a build of one page
    kept._clear(app, None)
    assert stale.exists() and other.exists() and len(list((here / "notebooks").iterdir())) == 2
    kept._begin(app, env, ["b", "a"])
    app.kept_since = time.time() - 5
    kept._clear(app, RuntimeError())
    assert stale.exists()
    kept._clear(app, None)
    assert not other.exists() and theirs.exists()
    (record,) = (here / "notebooks").iterdir()
    assert '"new"' in record.read_text()
    assert sorted(path.name for path in (here / "frames").iterdir()) == sorted([NAME, "b.json"])
