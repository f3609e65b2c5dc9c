"""The book: built from nothing, and one chapter again after an edit. Both in a copy, with this environment."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Row, seconds

WORK = "make book, after the installation"
ROOT = Path(__file__).parents[1]
CHAPTER = "book/3-discrete-time/general.ipynb"


def rows():
    """Yield two rows; limits take the place of peers."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "book")
        ignored = shutil.ignore_patterns(".git", ".venv", "_build", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)
        program = shutil.which("jupyter-book", path=Path(sys.executable).parent)

        def build():
            command = [program, "build", str(copy), "-W", "--keep-going", "-n"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"The book does not build:\n{done.stderr[-3000:]}")

        yield Row(WORK, "the limit, 4 min", 240, seconds(build), "≥ 1")
        (copy / CHAPTER).touch()
        yield Row("make chapter", "the limit, 15 s", 15, seconds(build), "≥ 1", CHAPTER)
