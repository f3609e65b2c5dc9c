"""The project itself: pins, notebooks, Binder's recipe, commands, buttons, and how a page is built."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from PIL import Image
from sphinxcontrib import katex
from wnbook import parallel
from wnbook.buttons import repository_url, web_address

ROOT = Path(__file__).parents[1]
NOT_SOURCES = {"_build", "build", "__pycache__", "node_modules"}
NOTEBOOKS = sorted(path for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PYPROJECT["project"]["optional-dependencies"]


def ignored(name):
    hidden = name.startswith(".") and name not in {".ci", ".github", ".gitignore", ".pre-commit-config.yaml"}
    return hidden or name in NOT_SOURCES or name.endswith(".egg-info")


def sources(folder=ROOT):
    """Every file of the project, as a fresh clone has it; git may be missing."""
    for path in sorted(folder.iterdir()):
        if not ignored(path.name):
            yield from sources(path) if path.is_dir() else [path]


def export(folder):
    """Copy the project as a fresh clone has it."""
    shutil.copytree(ROOT, folder, ignore=lambda _, names: {name for name in names if ignored(name)})
    return folder


def pins():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]


# Versions


def test_every_requirement_is_one_exact_version():
    found = {}
    for pin in pins():
        (specifier,) = pin.specifier
        assert specifier.operator == "==" and "*" not in specifier.version and pin.url is None, str(pin)
        found.setdefault(pin.name, []).append(specifier.version)
    assert all(len(versions) == 1 for versions in found.values()), found
    assert len(found) > 100


def test_requirements_are_what_pyproject_asks_for():
    versions = {pin.name: next(iter(pin.specifier)).version for pin in pins()}
    wanted = [*PYPROJECT["project"]["dependencies"], *(line for e in EXTRAS if e != "bench" for line in EXTRAS[e])]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(versions[requirement.name]), requirement
    for requirement in map(Requirement, EXTRAS["bench"]):
        assert requirement.name not in versions


def test_this_environment_has_the_pinned_versions():
    from importlib.metadata import version

    environment = {"sys_platform": sys.platform}
    wanted = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate(environment)]
    wrong = {pin.name: version(pin.name) for pin in wanted if not pin.specifier.contains(version(pin.name))}
    assert not wrong, "Run make lock, or remove .venv and run make test."


def test_binders_python_is_one_that_the_package_accepts():
    name = (ROOT / "runtime.txt").read_text().strip()
    assert re.fullmatch(r"python-3\.\d+", name)
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(name.removeprefix("python-"))


def test_fonts_belong_to_the_katex_that_typesets():
    style = (ROOT / "book/_assets/katex/katex.min.css").read_text()
    assert f'content:"{katex.katex_version}"' in style
    fonts = set(re.findall(r"url\((fonts/[^)]*)\)", style))
    assert fonts == {f"fonts/{path.name}" for path in (ROOT / "book/_assets/katex/fonts").iterdir()}


# What the files say


def test_no_file_names_a_machine_or_a_package_host():
    home = "|".join(["ho" + r"me/\w", "ro" + "ot/", r"Us" + r"ers/\w"])
    hosts = "|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs"])
    pattern = re.compile(rf"(?<![\w.])/(?:{home})|[A-Z]:\\\\?Users|{hosts}|{re.escape(str(ROOT))}(?!\w)")
    for path in sources():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        assert not (match := pattern.search(text)), f"{path.relative_to(ROOT)}: {match[0]}"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "book/companion/running.md"])
def test_commands_of_the_documents_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (ROOT / document).read_text()
    commands = re.findall(r"(?:^\s*|`)(?:\w+=\S+ )*make (?:PYTHON=\S+ )?([a-z]+)", text, re.MULTILINE)
    assert {"book", "test"} <= set(commands) <= targets
    for page in re.findall(r"PAGE=(book/\S+?\.ipynb)", text):
        assert "..." in page or (ROOT / page).is_file(), page


def test_every_page_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    pages = [path for suffix in ("*.md", "*.ipynb") for path in (ROOT / "book").rglob(suffix)]
    found = {path.relative_to(ROOT).with_suffix("").as_posix() for path in pages if not ignored(path.parent.name)}
    assert len(listed) == len(set(listed))
    assert found == set(listed)


def test_citation_names_the_book_and_the_paper():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PYPROJECT["project"]["version"]
    (paper,) = citation["references"]
    assert paper["year"] == 2020 and len(paper["authors"]) == 8


def kept(cell):
    return "keep_output" in cell.metadata.get("tags", [])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_stores_only_outputs_that_are_compared(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    loose = [cell.source for cell in cells if not kept(cell) and (cell.outputs or cell.execution_count)]
    assert not loose, f"Run make outputs PAGE={path.relative_to(ROOT)}."
    assert any(cell.outputs for cell in cells if kept(cell)), "No cell tagged keep_output has an output."
    addresses = [cell.source for cell in cells if re.search(r"\bat 0x[0-9a-f]{6,}", json.dumps(cell.outputs))]
    assert not addresses, "An output shows an address in memory, which differs from run to run."


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_still_figures_are_described(path):
    """A still figure has its description in the metadata of its cell: mystnb, image, alt."""
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code" and "plt.show()" in cell.source:
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 40, f"{path.name}: describe the figure of cell {cell.id} in its metadata"


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_code_has_the_form_that_make_format_gives(command):
    ruff = shutil.which("ruff", path=Path(sys.executable).parent)
    run = subprocess.run([ruff, *command, "--no-cache", "."], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, f"Run make format.\n{run.stdout}"


# Binder


def test_binder_installs_the_pins_on_the_right_python(tmp_path):
    pytest.importorskip("repo2docker", reason="repo2docker does not run on Windows")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(export(tmp_path / "book"))]
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
    recipe = run.stdout + run.stderr
    version = (ROOT / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"for python={version}\n" in recipe
    assert re.search(rf"environment\S*py-2d{version.replace('.', '-2e')}", recipe)
    steps = ['/pip install --no-cache-dir -r "requirements.txt"', "/pip install --no-cache-dir .\n", "RUN ./postBuild"]
    places = [recipe.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), places


def test_commands_refuse_an_old_python_in_a_sentence(tmp_path):
    old = tmp_path / "python3"
    old.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 9); exec(sys.argv[1])" "$2"\n'
    )
    old.chmod(0o755)
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    run = subprocess.run(["make", "book", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode != 0 and not (tmp_path / ".venv").exists()
    assert f"This book needs Python 3.11 or newer; {old} is 3.9." in run.stderr


# Addresses


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/someone/book", "https://github.com/someone/book"),
        ("https://github.com/someone/book.git\n", "https://github.com/someone/book"),
        ("https://github.com/someone/book/", "https://github.com/someone/book"),
        ("http://github.com/someone/book", "https://github.com/someone/book"),
        ("https://someone:secret@github.com/someone/book.git", "https://github.com/someone/book"),
        ("https://x-access-token:ghp_a1b2@github.com/someone/book", "https://github.com/someone/book"),
        ("git@github.com:someone/book.git", "https://github.com/someone/book"),
        ("github.com:someone/book", "https://github.com/someone/book"),
        ("ssh://git@github.com/someone/book.git", "https://github.com/someone/book"),
        ("ssh://git@github.com:22/someone/book.git", "https://github.com/someone/book"),
        ("git://github.com/someone/book.git", "https://github.com/someone/book"),
        ("git@gitlab.example.org:group/part/book.git", "https://gitlab.example.org/group/part/book"),
        ("https://GitLab.com/group/book.git", "https://gitlab.com/group/book"),
        ("https://example.org/someone/book.git", None),
        ("https://github.com/someone", None),
        ("/srv/github/someone/book.git", None),
        ("../github.com/someone/book", None),
        ("file:///srv/github.com/someone/book", None),
        (r"C:\github.com\someone\book", None),
        ("C:/github.com/someone/book", None),
        ("", None),
    ],
)
def test_web_address_of_a_remote(remote, address):
    assert web_address(remote) == address


def test_repository_comes_from_the_variable_then_the_workflow_then_git(tmp_path):
    given = {"WNLIB_REPOSITORY_URL": "https://github.com/a/given", "GITHUB_REPOSITORY": "a/workflow"}
    assert repository_url(given, tmp_path) == "https://github.com/a/given"
    del given["WNLIB_REPOSITORY_URL"]
    assert repository_url(given, tmp_path) == "https://github.com/a/workflow"
    assert repository_url({}, tmp_path) is None
    if shutil.which("git"):
        subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
        assert repository_url({}, tmp_path) is None
        remote = ["git", "-C", str(tmp_path), "remote", "add", "origin", "git@github.com:a/cloned.git"]
        subprocess.run(remote, check=True)
        assert repository_url({}, tmp_path) == "https://github.com/a/cloned"


# A small book, built with the real configuration

PAGE = r"""# Page

Inline $\lVert x \rVert$ and {eq}`energy`.

$$ L(x) = \tfrac12 \lVert A x - y \rVert^2 $$ (energy)
"""


CELLS = (
    "import sympy\nsympy.sqrt(sympy.Symbol('x')) / 2",
    "import matplotlib.pyplot as plt\nfrom wnlib import plots\nplots.use_style()\n"
    "plt.figure(figsize=(6, 4))\nplt.plot([0, 1])\nplt.show()",
)


def build(folder, page, cells=CELLS, copies=1, **environ):
    """Build a book of one page and a notebook, or copies of it; return the process."""
    (folder / "book").mkdir(parents=True)
    for name in ("_ext", "_assets"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "book" / "references.bib").touch()
    chapters = ["chapter", *(f"chapter{k}" for k in range(1, copies))]
    contents = "".join(f"- file: book/{name}\n" for name in chapters)
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{contents}")
    (folder / "book" / "index.md").write_text(page)
    cells = [nbformat.v4.new_code_cell(source) for source in cells]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Chapter"), *cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name in chapters:
        nbformat.write(notebook, folder / "book" / f"{name}.ipynb")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "WNLIB_"))}
    program = shutil.which("jupyter-book", path=Path(sys.executable).parent)
    command = [program, "build", str(folder), "-W", "--keep-going", "-n"]
    # No git above the folder: what the developer's own clone has as its remote must not count here.
    clean |= {"GIT_CEILING_DIRECTORIES": str(folder.parent), **environ}
    return subprocess.run(command, capture_output=True, text=True, env=clean, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A book whose address nobody knows."""
    folder = tmp_path_factory.mktemp("plain")
    run = build(folder / "book", PAGE)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "book/_build/html"


def test_unknown_addresses_give_no_link(plain):
    for page in ("book/index.html", "book/chapter.html"):
        html = (plain / page).read_text()
        assert not re.search(r"""(?:href|src)=["'](?:https?:)?//""", html)
        assert "fa-rocket" not in html and "og:url" not in html
    assert not (plain / "sitemap.xml").exists() and not (plain / "404.html").exists()


def test_known_addresses_give_buttons_and_what_a_published_book_needs(tmp_path):
    addresses = {"WNLIB_REPOSITORY_URL": "git@github.com:someone/fork.git", "WNLIB_BASE_URL": "https://example.org/wn"}
    run = build(tmp_path / "book", PAGE, **addresses)
    assert run.returncode == 0, run.stdout + run.stderr
    html = tmp_path / "book/_build/html"
    chapter = (html / "book/chapter.html").read_text()
    assert "https://mybinder.org/v2/gh/someone/fork/main?urlpath=lab/tree/book/chapter.ipynb" in chapter
    assert 'href="https://github.com/someone/fork"' in chapter
    assert "https://github.com/someone/fork/edit/main/book/chapter.ipynb" in chapter
    assert "https://github.com/someone/fork/issues/new" in chapter
    assert 'content="https://example.org/wn/book/chapter.html"' in chapter
    assert "<loc>https://example.org/wn/book/chapter.html</loc>" in (html / "sitemap.xml").read_text()
    assert 'href="/wn/_static/' in (html / "404.html").read_text()


def test_formulas_are_typeset_without_a_script(plain):
    index, chapter = ((plain / f"book/{name}.html").read_text() for name in ("index", "chapter"))
    assert index.count('<span class="katex">') == 2 and 'id="equation-energy"' in index
    assert index.count("<math ") == 2, "KaTeX adds MathML for screen readers"
    assert chapter.count('<span class="katex-display">') == 1, "a sympy result"
    scripts = " ".join(re.findall(r"<script[^>]*>", index + chapter)).lower()
    assert "katex" not in scripts and "mathjax" not in scripts


def test_still_figures_are_sharp_light_and_keep_their_place(plain):
    (image,) = BeautifulSoup((plain / "book/chapter.html").read_text(), "html.parser").select("article img")
    assert image["loading"] == "lazy"
    shown = [int(image["width"]), int(image["height"])]
    path = (plain / "book" / image["src"]).resolve()
    with Image.open(path) as picture:
        assert np.allclose(picture.size, 2 * np.array(shown), atol=1)
    assert path.suffix == ".webp" and path.stat().st_size < 15_000


def test_notebooks_come_first_and_draw_on_one_processor_when_many_are_read(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    env = SimpleNamespace(doc2path=lambda name: name)
    few, many = ["b.md", "a.ipynb"], ["a.md", "b.ipynb", "c.md", "d.ipynb", "e.md", "f.ipynb"]
    app = SimpleNamespace(parallel=2)
    parallel.share_out(app, env, few)
    assert few == ["b.md", "a.ipynb"] and os.environ["LOKY_MAX_CPU_COUNT"] == "2"
    if os.name == "posix":
        parallel.share_out(app, env, many)
        assert many == ["b.ipynb", "f.ipynb", "d.ipynb", "a.md", "c.md", "e.md"]
        assert os.environ["LOKY_MAX_CPU_COUNT"] == "1"


def test_a_formula_that_katex_rejects_fails_the_build(tmp_path):
    run = build(tmp_path / "book", "# Page\n\n$\\frac{1}{$ and $\\norm{x}$\n")
    assert run.returncode != 0
    assert run.stderr.count("KaTeX cannot typeset") == 2, run.stderr


@pytest.mark.parametrize("copies", [1, 6])
def test_every_cell_that_fails_is_named_with_its_error(tmp_path, copies):
    """One page is read alone, six side by side; both ways the build fails and says what went wrong where."""
    run = build(tmp_path / "book", "# Page\n", ["1 / 1", "scale = 3\n1 / (scale - 3)"], copies)
    assert run.returncode != 0
    said = re.sub(r"\x1b\[[0-9;]*m", "", run.stderr)
    assert said.count("ZeroDivisionError: division by zero") >= copies and "1 / (scale - 3)" in said
    for k in range(1, copies):
        assert f"chapter{k}.ipynb" in said


def test_icons_need_no_script(plain):
    html = (plain / "book/index.html").read_text()
    style = (plain / "_static/styles/pydata-sphinx-theme.css").read_text()
    names = set(re.findall(r"\bfa-(?!solid|brands|regular|lg)[a-z-]+", html))
    assert {"fa-bars", "fa-magnifying-glass"} <= names
    assert all(f".{name}:before" in style for name in names)
    assert (plain / "_static/scripts/fontawesome.js").stat().st_size == 0
