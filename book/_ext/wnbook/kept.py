"""Outputs of notebooks and frames of figures, kept for the next build in .kept/<digest> of the project's folder.

The digest is of all that they depend on besides the code of a notebook: the source of wnlib and of this extension,
and the version of everything that is installed. Another source is another folder, so nothing that is kept is older
than the code. A fresh clone has nothing kept, and `make clean` leaves nothing.
"""

import functools
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import time
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

import nbclient
import nbformat
from jupyter_cache.executors import utils
from myst_nb.core import execute
from myst_nb.core.execute.direct import NotebookClientDirect
from wnlib.interactive.frames import are_whole

FRAMES = re.compile(r'data-frames=\\?"([0-9a-f]{12})\\?" data-count=\\?"(\d+)')


@functools.cache
def digest():
    """Return the digest of the source of wnlib and of this extension, and of all versions."""
    versions = sorted(f"{d.name} {d.version}" for d in distributions())
    found = hashlib.sha256("\n".join([sys.version, platform.platform(), *versions]).encode())
    for package in (Path(find_spec("wnlib").origin).parent, Path(__file__).parent):
        for source in sorted([*package.rglob("*.py"), *package.rglob("*.json")]):
            found.update(source.relative_to(package).as_posix().encode() + source.read_bytes())
    return found.hexdigest()[:16]


# The folders of this module, named by a digest.
OURS = re.compile("[0-9a-f]{16}")


def folder(app):
    """Return the folder of what this source and these versions gave."""
    return Path(app.srcdir, ".kept", digest())


def key_of(cells):
    """Return the digest of the code of a notebook: the source and the tags of each cell."""
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


class KeptNotebook(NotebookClientDirect):
    """Takes the outputs of a notebook whose code has not changed from the last build, and runs any other."""

    folder: Path

    def start_client(self):
        code = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        file = self.folder / f"{key_of([[cell.source, cell.metadata.get('tags')] for cell in code])}.json"
        kept = self._read(file)
        if kept is None:
            super().start_client()
            if self.exec_metadata["succeeded"]:
                language = self.notebook.metadata.get("language_info")
                _write(file, [self.exec_metadata, language, [cell.outputs for cell in code]])
            return
        self.exec_metadata, self.notebook.metadata["language_info"], outputs = kept
        for number, (cell, output) in enumerate(zip(code, outputs, strict=True), 1):
            cell.outputs, cell.execution_count = output, number

    def _read(self, file):
        """Return what a file holds if it is whole and the frames that it shows are there, else None."""
        try:
            found, text = file.read_text("utf-8").split("\n", 1)
        except (OSError, ValueError):
            return None
        if found != hashlib.sha256(text.encode()).hexdigest():
            return None
        for name, count in FRAMES.findall(text):
            if not are_whole(self.folder.parent / "frames" / name, int(count)):
                return None
        os.utime(file)
        return nbformat.from_dict(json.loads(text))


def _write(file, value):
    text = json.dumps(value)
    aside = file.with_suffix(f".{os.getpid()}")
    aside.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}", "utf-8")
    os.replace(aside, file)


def setup(app):
    """Run notebooks through KeptNotebook, and clear what a whole build had no use for."""
    KeptNotebook.folder = folder(app) / "notebooks"
    KeptNotebook.folder.mkdir(parents=True, exist_ok=True)
    execute.NotebookClientDirect = KeptNotebook
    # The pieces in which a printed text arrives depend on timing. Joined by the kernel's client they are one text;
    # joined by myst-nb (nb_merge_streams), now and then they have a blank line between them.
    utils.executenb = functools.partial(nbclient.execute, coalesce_streams=True)
    # Sets are pickled in the order of their hashes, and pickles say whether a figure has changed.
    os.environ["PYTHONHASHSEED"] = "0"
    app.connect("env-before-read-docs", _begin)
    app.connect("build-finished", _clear)


def _begin(app, env, docnames):
    app.kept_since = time.time() if set(docnames) == env.found_docs else None


def _clear(app, error):
    """After a build that read every page, remove what none of them shows."""
    if error or not app.kept_since:
        return
    here = folder(app)
    for other in here.parent.iterdir():
        if other != here and OURS.fullmatch(other.name):  # others keep what they need here too
            shutil.rmtree(other)
    shown = set()
    for file in (here / "notebooks").iterdir():
        if file.stat().st_mtime < app.kept_since - 1:
            file.unlink()
        else:
            shown |= {name for name, _ in FRAMES.findall(file.read_text("utf-8"))}
    for file in (here / "frames").glob("*"):
        if file.is_dir() and file.name not in shown:
            shutil.rmtree(file)
        elif file.suffix == ".json" and json.loads(file.read_bytes())[0] not in shown:
            file.unlink()
