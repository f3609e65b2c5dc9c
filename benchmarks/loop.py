"""The commands of the README beside those of an older commit: CPU seconds of all their processes, on this machine.

Each commit gets a clone and an environment of its own; the installation is not counted. What is committed or changed
in a file that git knows is measured, new files that git does not know are not. WNLIB_BENCH_BASE names the older commit.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import Row

WORK = "loop of an edit"
ROOT = Path(__file__).parents[1]
CHAPTER = "book/3-discrete-time/general.ipynb"
# The ratios are those of a promise: at most .6, .85 and .35 of the CPU seconds of the older commit.
LEAST = {"make test": 1 / 0.6, "make book, nothing kept": 1 / 0.85, "make book after a sentence": 1 / 0.35}
CHAPTER_LIMIT, CI_LIMIT = 15, 480
# What reaches the commands from outside: nothing of this run, of a workflow or of make.
OURS = ("PYTHON", "MAKE", "MFLAGS", "WNLIB_", "GITHUB_")


@dataclass(frozen=True)
class Used:
    """Seconds on the clock, and CPU seconds of all processes."""

    wall: float
    cpu: float


def rows():
    """Yield a row for each command; for the last two a limit takes the place of the older commit."""
    base = os.environ.get("WNLIB_BENCH_BASE", "fc9a02a")
    with tempfile.TemporaryDirectory() as folder:
        old, new, clean = (Path(folder, name) for name in ("old", "new", "clean"))
        now = git(ROOT, "-c", "user.name=wnlib", "-c", "user.email=wnlib@localhost", "stash", "create") or "HEAD"
        for tree, commit in ((old, base), (new, now), (clean, now)):
            check_out(commit, tree)
        for tree in (old, new):
            measure(["make", ".venv/installed"], tree)
        before = {target: measure(["make", target], old).cpu for target in ("book", "test")}

        def beside(work, target):
            found = measure(["make", target], new).cpu
            return Row(f"{WORK}: {work}", f"{base}, CPU seconds", before[target], found, f"≥ {LEAST[work]:.2f}")

        yield beside("make book, nothing kept", "book")
        yield beside("make test", "test")
        add_a_sentence(new / CHAPTER)
        yield beside("make book after a sentence", "book")
        add_a_sentence(new / CHAPTER)
        found = measure(["make", "chapter", f"PAGE={CHAPTER}"], new).wall
        yield Row(f"{WORK}: make chapter after a sentence", "the limit, 15 s", CHAPTER_LIMIT, found, "≥ 1", CHAPTER)
        found = measure([".ci/run"], clean).wall
        yield Row(f"{WORK}: .ci/run in a fresh clone", "the limit, 8 min", CI_LIMIT, found, "≥ 1")


def git(folder, *words):
    """What git answers."""
    run = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def check_out(commit, folder):
    """Make a clone at a commit of this repository; one that no branch has may be given as well."""
    found = git(ROOT, "rev-parse", commit)
    git(ROOT, "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(folder))
    git(folder, "checkout", "--quiet", "--detach", found)


def add_a_sentence(notebook):
    """Change the text of a notebook, not its code."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    text = next(cell for cell in content["cells"] if cell["cell_type"] == "markdown")
    text["source"] = [*text["source"], "\n\nOne more sentence."]
    notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def measure(command, folder):
    """Run a command in a folder; it must succeed."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with tempfile.TemporaryDirectory() as aside:
        file = Path(aside, "used.json")
        tree = [sys.executable, str(Path(__file__).with_name("tree.py")), str(file), *command]
        run = subprocess.run(
            tree,
            cwd=folder,
            env=outside,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"code": run.returncode}
    if found["code"]:
        raise RuntimeError(f"{' '.join(command)} failed in {folder.name}:\n{run.stdout[-3000:]}")
    return Used(found["wall"], found["cpu"])
