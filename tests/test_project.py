"""The project itself: pins, notebooks, Binder's recipe, commands, buttons, and how a page is built."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import visits
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from pdf import browser
from PIL import Image
from sphinx.util.parallel import ParallelTasks
from sphinxcontrib import katex
from wnbook import formulas, parallel, search, versions
from wnbook.buttons import repository_url, web_address
from wnbook.paper import Statement

import wnlib

ROOT = Path(__file__).parents[1]
SHOWN = {".ci", ".github", ".gitattributes", ".gitignore", ".pre-commit-config.yaml"}
NOT_SOURCES = {"_build", "build", "__pycache__", "node_modules"}
TEXTS = {".md", ".ipynb", ".py"}
NOTEBOOKS = sorted(path for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]


def ignored(name):
    hidden = name.startswith(".") and name not in {
        ".ci",
        ".github",
        ".gitattributes",
        ".gitignore",
        ".pre-commit-config.yaml",
    }
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


def pins(name="requirements.txt"):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]


# Versions


@pytest.mark.parametrize(("name", "least"), [("requirements.txt", 100), ("requirements-lite.txt", 30)])
def test_every_requirement_is_one_exact_version(name, least):
    found = {}
    for pin in pins(name):
        (specifier,) = pin.specifier
        assert specifier.operator == "==" and "*" not in specifier.version and pin.url is None, str(pin)
        found.setdefault(pin.name, []).append(specifier.version)
    assert all(len(versions) == 1 for versions in found.values()), found
    assert len(found) > least


def test_requirements_are_what_pyproject_asks_for():
    versions = {pin.name: next(iter(pin.specifier)).version for pin in pins()}
    wanted = [*PYPROJECT["project"]["dependencies"], *(line for e in EXTRAS if e != "bench" for line in EXTRAS[e])]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(versions[requirement.name]), requirement
    for requirement in map(Requirement, EXTRAS["bench"]):
        assert requirement.name not in versions
    lite = {pin.name: pin for pin in pins("requirements-lite.txt")}
    for requirement in map(Requirement, PYPROJECT["dependency-groups"]["lite"]):
        assert requirement.specifier == lite[requirement.name].specifier, requirement


def test_this_environment_has_the_pinned_versions():
    from importlib.metadata import version

    environment = {"sys_platform": sys.platform}
    wanted = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate(environment)]
    wrong = {pin.name: version(pin.name) for pin in wanted if not pin.specifier.contains(version(pin.name))}
    assert not wrong, "Run make lock, or remove .venv and run make test."


def test_binders_python_is_one_that_the_package_accepts():
    name = (ROOT / "runtime.txt").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"python-3\.\d+", name)
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(name.removeprefix("python-"))


def test_fonts_belong_to_the_katex_that_typesets():
    style = (ROOT / "book/_assets/katex/katex.min.css").read_text(encoding="utf-8")
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
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = (ROOT / document).read_text(encoding="utf-8")
    commands = re.findall(r"(?:^\s*|`)(?:\w+=\S+ )*make (?:PYTHON=\S+ )?([a-z-]+)", text, re.MULTILINE)
    assert {"book", "test"} <= set(commands) <= targets
    for page in re.findall(r"PAGE=(book/\S+?\.ipynb)", text):
        assert "..." in page or (ROOT / page).is_file(), page


def test_every_page_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    listed = [toc["root"], *(page["file"] for chapter in chapters for page in (chapter, *chapter.get("sections", [])))]
    pages = [path for suffix in ("*.md", "*.ipynb") for path in (ROOT / "book").rglob(suffix)]
    found = {path.relative_to(ROOT).with_suffix("").as_posix() for path in pages if not ignored(path.parent.name)}
    assert len(listed) == len(set(listed))
    assert found == set(listed)


def test_every_reference_is_cited():
    """A page or a docstring cites each entry of the bibliography, and nothing that is not there."""
    texts = [path for folder in ("book", "wnlib") for path in (ROOT / folder).rglob("*") if path.suffix in TEXTS]
    text = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    entries = re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    cited = {key for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text) for key in keys.split(",")}
    assert cited == set(entries) and len(entries) == len(set(entries))


def test_citation_names_the_book_and_the_paper():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == wnlib.__version__
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
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
    run = subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, f"Run make format.\n{run.stdout}"


# Binder


def test_binder_installs_the_pins_on_the_right_python(tmp_path):
    pytest.importorskip("repo2docker", reason="repo2docker does not run on Windows")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(export(tmp_path / "book"))]
    run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
    recipe = run.stdout + run.stderr
    version = (ROOT / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"for python={version}\n" in recipe
    assert re.search(rf"environment\S*py-2d{version.replace('.', '-2e')}", recipe)
    steps = ['/pip install --no-cache-dir -r "requirements.txt"', "/pip install --no-cache-dir .\n", "RUN ./postBuild"]
    places = [recipe.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), places


# Commands


def recipe(target):
    """What a command would run."""
    command = ["make", "--dry-run", "--old-file=.venv/installed", target]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_commands_run_what_the_documents_promise():
    assert " -W --keep-going -n" in recipe("book"), "a warning fails the build, which goes on to list all of them"
    assert "-m pytest --nbval --nbval-current-env " in recipe("test"), "every notebook runs"
    commands = (ROOT / ".ci/run").read_text(encoding="utf-8").split("\n")
    assert commands[-3:-1] == ["make book", "make test"] and "rm -rf .kept _build" in commands
    assert "\npython -m wnlib\n" in (ROOT / "postBuild").read_text(encoding="utf-8"), "Binder compiles the loops"


@pytest.fixture
def workshop(tmp_path):
    """A folder with the Makefile, and a Python that writes down what it is asked; words in `refused` make it fail."""
    folder = tmp_path / "with a space and é"
    folder.mkdir()
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    python = folder / "python3"
    python.write_text(
        """#!/bin/sh
here=$(dirname "$0"); case "$here" in *.venv/bin) here=$here/../..;; esac
echo "$*" >> "$here/asked"
if [ -f "$here/refused" ] && echo "$*" | grep -q -f "$here/refused"; then exit 1; fi
case "$*" in "-m venv"*) mkdir -p "$here/.venv/bin"; cp "$here/python3" "$here/.venv/bin/python";; esac
""",
        encoding="utf-8",
    )
    python.chmod(0o755)
    return folder


def make(folder, *words, **environ):
    """Run make in a workshop; return the process, and what Python was asked since the last time."""
    command = ["make", *words, "PYTHON=./python3"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")} | environ
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=clean)
    asked = folder / "asked"
    said = asked.read_text(encoding="utf-8") if asked.exists() else ""
    asked.unlink(missing_ok=True)
    return run, said


def test_commands_install_once_and_again_in_a_folder_that_was_moved(workshop):
    run, said = make(workshop, "figures")
    assert run.returncode == 0, run.stderr
    assert said.index("-m venv --clear") < said.index("--requirement requirements.txt") < said.index("--editable .")
    assert make(workshop, "figures")[1] == "-m wnlib.experiments _figures\n"
    moved = workshop.rename(workshop.with_name("moved"))
    run, said = make(moved, "figures")
    assert "--editable ." in said and "-m venv" not in said
    assert make(moved, "figures")[1] == "-m wnlib.experiments _figures\n"


def test_commands_begin_again_where_the_environment_was_left_half_made(workshop):
    """`python3 -m venv` leaves a folder without pip where the system lacks a package."""
    (workshop / "refused").write_text("venv", encoding="utf-8")
    run, _ = make(workshop, "book")
    assert run.returncode != 0 and not (workshop / ".venv/installed").exists()
    (workshop / ".venv/bin").mkdir(parents=True)
    shutil.copy("/bin/false" if Path("/bin/false").exists() else "/usr/bin/false", workshop / ".venv/bin/python")
    (workshop / "refused").unlink()
    run, said = make(workshop, "figures")
    assert run.returncode == 0 and "-m venv --clear .venv" in said


def test_the_last_book_stays_where_the_next_one_cannot_start(workshop):
    make(workshop, "figures")
    page = workshop / "_build/html/index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    (workshop / "refused").write_text("import jupyter_book, wnlib", encoding="utf-8")
    assert make(workshop, "book")[0].returncode != 0 and page.exists()
    (workshop / "refused").unlink()
    assert make(workshop, "book")[0].returncode == 0 and not page.exists()


def test_settings_of_the_user_reach_no_command(workshop):
    hostile = {
        **{name: "1" for name in ("PYTHONOPTIMIZE", "PYTHONINSPECT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")},
        **{name: "error" for name in ("PYTHONWARNINGS", "PYTEST_ADDOPTS", "NUMBA_DISABLE_JIT", "RUFF_CONFIG")},
        **{name: "/nowhere" for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_TARGET", "PIP_PREFIX")},
        **{name: "/nowhere" for name in ("MATPLOTLIBRC", "JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")},
        **{"MPLBACKEND": "tkagg", "LC_ALL": "tr_TR.ISO-8859-9", "LANG": "tr_TR.ISO-8859-9"},
    }
    kept = {"PIP_INDEX_URL": "https://mirror.example/simple", "PIP_CONFIG_FILE": "/etc/pip.conf", "LOGNAME": "someone"}
    with (workshop / "Makefile").open("a", encoding="utf-8") as makefile:
        makefile.write("\nsettings:\n\t@env\n")
    run, _ = make(workshop, "settings", **hostile, **kept)
    found = dict(line.split("=", 1) for line in run.stdout.splitlines() if "=" in line)
    assert kept.items() <= found.items()
    inside = str(workshop.resolve())
    ours = {"PIP_USER": "0", "PYTHONUTF8": "1", "JUPYTER_PREFER_ENV_PATH": "1"}
    assert ours.items() <= found.items()
    for name in hostile.keys() - ours.keys():
        assert name not in found or Path(found[name]).is_relative_to(inside), name


def test_a_clone_with_other_line_ends_runs(tmp_path):
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        pytest.skip("There is no clone of which to make another.")
    clone = ["git", "-c", "core.autocrlf=true", "clone", "--quiet", "--depth=1", ROOT.as_uri(), str(tmp_path / "book")]
    subprocess.run(clone, check=True)
    for name in (".ci/run", ".ci/tool", "postBuild", "Makefile"):
        assert b"\r" not in (tmp_path / "book" / name).read_bytes()
    assert b"\r\n" in (tmp_path / "book/README.md").read_bytes()


def test_hooks_run_the_pinned_tools_where_each_system_has_them(tmp_path):
    """And from nowhere else: no hook has a version of its own."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (repo,) = config["repos"]
    assert repo["repo"] == "local"
    for hook in repo["hooks"]:
        tool, program, *_ = hook["entry"].split()
        assert tool == ".ci/tool" and hook["language"] == "system" and "additional_dependencies" not in hook
        assert program in {pin.name for pin in pins()}
    tool = [shutil.which("sh"), str(ROOT / ".ci/tool"), "ruff", "check", "a file.py"]
    run = subprocess.run(tool, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1 and "run make book first" in run.stderr
    for name in (".venv/Scripts/python.exe", ".venv/bin/python"):
        python = tmp_path / name
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nprintf "%s|" {name} "$@"\nexit 7\n', encoding="utf-8")
        python.chmod(0o755)
        run = subprocess.run(tool, cwd=tmp_path, capture_output=True, text=True)
        assert (run.returncode, run.stdout) == (7, f"{name}|-m|ruff|check|a file.py|")


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


# Workflows

WORKFLOWS = {path.stem: path for path in (ROOT / ".github/workflows").glob("*.yml")}
# What a job may do beyond reading the code.
RIGHTS = {
    ("test", "address"): {"pages": "read"},
    ("test", "deploy"): {"pages": "write", "id-token": "write"},
    ("weekly", "report"): {"issues": "write"},
}


def workflow(name):
    return yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))


def step(job, words):
    """The one step of a job that runs or uses something, and its place."""
    ((place, found),) = [(k, s) for k, s in enumerate(job["steps"]) if words in s.get("run", s.get("uses", ""))]
    return place, found


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_ask_for_no_more_than_they_need(name):
    flow = workflow(name)
    assert flow["permissions"] == {"contents": "read"} and "group" in flow["concurrency"]
    # YAML reads the word "on" as true. Code of a stranger's branch never runs with rights to this repository.
    assert not {"pull_request_target", "workflow_run"} & set(flow[True])
    for key, job in flow["jobs"].items():
        assert job.get("permissions", {}) == RIGHTS.get((name, key), {}), key
        assert 0 < job["timeout-minutes"] <= (90 if name == "weekly" else 60), key
        for each in job["steps"]:
            if "uses" in each:
                assert re.fullmatch(r"actions/[a-z-]+@v\d+", each["uses"])
            if each.get("uses", "").startswith("actions/checkout@"):
                assert each["with"]["persist-credentials"] is False
            # Names that a stranger chooses, of a branch or a title, must not become part of a script.
            assert not re.search(r"\$\{\{\s*github\.(event|head_ref|ref_name)", each.get("run", ""))


def test_what_is_published_is_what_was_tested():
    """The job that ran .ci/run gives the book away after it, with the address that it was built and tested with."""
    jobs = workflow("test")["jobs"]
    place, run = step(jobs["test"], ".ci/run")
    after, upload = step(jobs["test"], "actions/upload-pages-artifact")
    assert place < after == len(jobs["test"]["steps"]) - 1 and upload["with"] == {"path": "_build/html"}
    address = "needs.address.outputs.base_url"
    python = "matrix.python == '3.11'"
    assert run["env"] == {
        "WNLIB_BASE_URL": f"${{{{ {python} && {address} || '' }}}}",
        "WNLIB_LITE": f"${{{{ {python} && {address} && 'yes' || '' }}}}",
    }
    between, lite = step(jobs["test"], "make lite")
    assert place < between < after and lite["run"] == "make lite test-lite pdf" and lite["if"] == upload["if"]
    assert upload["if"] == f"{python} && {address} != ''"
    assert jobs["test"]["strategy"]["matrix"]["python"].count("3.11") == 1
    assert not any("continue-on-error" in part for part in (jobs["test"], run, upload))
    deploy = jobs["deploy"]
    assert deploy["needs"] == ["address", "test"] and deploy["if"] == f"{address} != ''"
    (only,) = deploy["steps"]
    assert only["uses"].startswith("actions/deploy-pages@") and "run" not in only
    others = [key for key in WORKFLOWS if key != "test"]
    assert not any("deploy-pages" in WORKFLOWS[key].read_text(encoding="utf-8") for key in others)


def test_a_fork_without_pages_runs_all_but_the_publishing():
    (pages,) = workflow("test")["jobs"]["address"]["steps"]
    assert pages["continue-on-error"] is True and pages["if"] == "github.ref == 'refs/heads/main'"
    assert yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["branch"] == "main"


def test_other_systems_are_tried_and_hold_nothing_up():
    jobs = workflow("test")["jobs"]
    trial = jobs["elsewhere"]
    assert trial["continue-on-error"] is True and "elsewhere" not in jobs["deploy"]["needs"]
    book, browser, test = (step(trial, words)[0] for words in ("make book", "playwright install", "make test"))
    assert book < browser < test


def test_the_weekly_run_resolves_before_it_builds_and_keeps_one_issue(tmp_path):
    """With a stand-in for gh: none is open, so one is opened; one is open, so it gets a word."""
    jobs = workflow("weekly")["jobs"]
    lock, run = (step(jobs["newest"], words)[0] for words in ("make lock", ".ci/run"))
    assert lock < run and jobs["report"]["needs"] == "newest"
    (report,) = jobs["report"]["steps"]
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\necho "$1 $2 $3" >> asked\ncase "$2" in list) cat open;; esac\n', encoding="utf-8")
    gh.chmod(0o755)
    environ = {**os.environ, "TITLE": "It fails", "BODY": "See.", "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    for number, asked in (("", "issue create --title"), ("12", "issue comment 12")):
        (tmp_path / "open").write_text(number, encoding="utf-8")
        subprocess.run(["sh", "-e", "-c", report["run"]], cwd=tmp_path, env=environ, check=True)
        assert (tmp_path / "asked").read_text(encoding="utf-8").splitlines()[-1] == asked


def test_updates_are_proposed_for_actions_in_one_piece():
    (update,) = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert update["package-ecosystem"] == "github-actions" and update["schedule"] == {"interval": "weekly"}
    assert update["groups"] == {"actions": {"patterns": ["*"]}}


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
    "import time\nfor piece in 'one', 'two', 'three':\n    print(piece, flush=True)\n    time.sleep(0.1)",
)


def build(folder, page, cells=CELLS, pages=0, **environ):
    """Build a book of one page and a notebook, and more pages if asked to; return the process."""
    (folder / "book").mkdir(parents=True)
    for name in ("_ext", "_assets"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "book" / "references.bib").touch()
    more = [f"page{k}" for k in range(pages)]
    contents = "".join(f"- file: book/{name}\n" for name in ("chapter", *more))
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{contents}", encoding="utf-8")
    (folder / "book" / "index.md").write_text(page, encoding="utf-8")
    for name in more:
        (folder / "book" / f"{name}.md").write_text("# Page\n", encoding="utf-8")
    cells = [nbformat.v4.new_code_cell(source) for source in cells]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Chapter"), *cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "book" / "chapter.ipynb")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "WNLIB_"))}
    # jsonschema would import rfc3987_syntax, if it is there: 38 grammars, a fifth of the time that this book takes.
    program = "import sys; sys.modules['rfc3987_syntax'] = None; from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", str(folder), "-W", "--keep-going", "-n"]
    # No git above the folder: what the developer's own clone has as its remote must not count here.
    clean |= {"GIT_CEILING_DIRECTORIES": str(folder.parent), **environ}
    # These books fetch no Python for the browser: tests/test_pyodide.py and tests/book try that.
    clean["WNLIB_PYODIDE_URL"] = "https://python.example/pyodide"
    return subprocess.run(command, capture_output=True, text=True, env=clean, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A book whose address nobody knows."""
    folder = tmp_path_factory.mktemp("plain")
    run = build(folder / "book", PAGE)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "book/_build/html"


def chapter(site):
    """The page of the notebook."""
    return BeautifulSoup((site / "book/chapter.html").read_text(encoding="utf-8"), "html.parser")


def test_unknown_addresses_give_no_link(plain):
    for page in ("book/index.html", "book/chapter.html"):
        html = (plain / page).read_text(encoding="utf-8")
        assert not re.search(r"""(?:href|src)=["'](?:https?:)?//""", html)
        assert "fa-rocket" not in html and "og:url" not in html
        assert re.search(r'<meta name="description" content="\w', html)
        assert "searchindex.js" not in html
    assert not (plain / "sitemap.xml").exists() and not (plain / "404.html").exists()


def test_known_addresses_give_buttons_and_what_a_published_book_needs(tmp_path):
    addresses = {"WNLIB_REPOSITORY_URL": "git@github.com:someone/fork.git", "WNLIB_BASE_URL": "https://example.org/wn"}
    addresses["WNLIB_LITE"] = "yes"
    run = build(tmp_path / "book", PAGE, ["1 + 1"], **addresses)
    assert run.returncode == 0, run.stdout + run.stderr
    html = tmp_path / "book/_build/html"
    chapter = (html / "book/chapter.html").read_text(encoding="utf-8")
    assert "https://mybinder.org/v2/gh/someone/fork/main?urlpath=lab/tree/book/chapter.ipynb" in chapter
    assert "https://example.org/wn/lite/lab/index.html?path=book/chapter.ipynb" in chapter
    assert 'href="https://github.com/someone/fork"' in chapter
    assert "https://github.com/someone/fork/edit/main/book/chapter.ipynb" in chapter
    assert "https://github.com/someone/fork/issues/new" in chapter
    assert 'content="https://example.org/wn/book/chapter.html"' in chapter
    assert re.search(r'property="og:description" content="[^"\\\\]+"', (html / "book/index.html").read_text("utf-8"))
    assert 'content="https://example.org/wn/_static/hero.png"' in chapter
    assert "<loc>https://example.org/wn/book/chapter.html</loc>" in (html / "sitemap.xml").read_text(encoding="utf-8")
    assert visits.place({}) == "/"
    assert visits.place({"404.html": (html / "404.html").read_text(encoding="utf-8")}) == "/wn/"


def test_formulas_are_typeset_without_a_script(plain):
    index, chapter = ((plain / f"book/{name}.html").read_text(encoding="utf-8") for name in ("index", "chapter"))
    assert index.count('<span class="katex">') == 2 and 'id="equation-energy"' in index
    assert index.count("<math") == 2, "KaTeX adds MathML for screen readers"
    assert chapter.count('<span class="katex-display">') == 1, "a sympy result"
    scripts = " ".join(re.findall(r"<script[^>]*>", index + chapter)).lower()
    assert "katex" not in scripts and "mathjax" not in scripts


def test_still_figures_are_sharp_light_and_keep_their_place(plain):
    (image,) = chapter(plain).select("article img")
    assert image["loading"] == "lazy"
    shown = [int(image["width"]), int(image["height"])]
    path = (plain / "book" / image["src"]).resolve()
    with Image.open(path) as picture:
        assert np.allclose(picture.size, 2 * np.array(shown), atol=1)
    assert path.suffix == ".webp" and path.stat().st_size < 15_000


def test_what_takes_longest_is_read_first_where_many_pages_are_read(monkeypatch, tmp_path):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    env = SimpleNamespace(doc2path=lambda name: str(tmp_path / name))
    sizes = {"a.md": (0, 0), "b.ipynb": (0, 1), "c.ipynb": (2, 3), "d.ipynb": (0, 4), "e.md": (1, 0), "f.ipynb": (1, 5)}
    for name, (figures, cells) in sizes.items():
        (tmp_path / name).write_text("explore(draw)\n" * figures + '"cell_type": "code"\n' * cells, "utf-8")
    few, many = ["a.md", "c.ipynb"], list(sizes)
    parallel.share_out(None, env, few)
    assert few == ["a.md", "c.ipynb"] and os.environ["LOKY_MAX_CPU_COUNT"] == "2"
    if os.name == "posix":
        parallel.share_out(None, env, many)
        assert many == ["c.ipynb", "f.ipynb", "e.md", "d.ipynb", "b.ipynb", "a.md"]
        assert os.environ["LOKY_MAX_CPU_COUNT"] == "1"


def read(names):
    """Take a while over some pages."""
    time.sleep(0.1)
    return names


@pytest.mark.skipif(os.name != "posix", reason="Sphinx forks")
def test_a_process_takes_few_pages_at_a_time_and_those_that_take_longest_first():
    """In the order in which Sphinx's own tasks take them: those that wait from the end."""
    tasks, taken = ParallelTasks(1), []
    for portion in parallel.in_portions(list("abcdefg"), 1):
        tasks.add_task(read, portion, lambda names, result: taken.append(result))
    tasks.join()
    assert taken == [["a", "b"], ["c", "d"], ["e", "f"], ["g"]] and parallel.AT_A_TIME == 2
    assert sorted(parallel.in_portions(list("abcdefg"), 3)) == taken


@pytest.mark.parametrize("pages", [0, 5])
def test_every_formula_and_cell_that_fails_is_named(tmp_path, pages):
    """Two pages are read alone, seven side by side; both ways the build fails and says what went wrong where."""
    page = "# Page\n\n$\\frac{1}{$ and $\\norm{x}$\n"
    run = build(tmp_path / "book", page, ["1 / 1", "scale = 3\n1 / (scale - 3)"], pages)
    assert run.returncode != 0
    said = re.sub(r"\x1b\[[0-9;]*m", "", run.stderr)
    assert said.count("KaTeX cannot typeset") == 2, said
    assert "chapter.ipynb" in said and "ZeroDivisionError: division by zero" in said and "1 / (scale - 3)" in said


def test_printed_text_is_shown_in_one_piece(plain):
    (text,) = chapter(plain).select(".stream")
    assert text.get_text().split() == ["one", "two", "three"] and "\n\n" not in text.get_text().strip()


def test_each_page_says_what_it_was_built_with(plain, tmp_path):
    (line,) = chapter(plain).select(".built-with")
    python = ".".join(map(str, sys.version_info[:3]))
    assert line.get_text() == f"Built with wnlib {wnlib.__version__}, Python {python} and numpy {np.__version__}."
    assert versions.commit({"GITHUB_SHA": "0" * 40}, tmp_path) == "0" * 40
    assert versions.commit({}, tmp_path) == ""
    html = versions.footer("abcdef0123456789+", "https://github.com/a/b")
    assert html.endswith('<a href="https://github.com/a/b/commit/abcdef0123456789">abcdef0123+</a>.</p>')
    if shutil.which("git"):
        git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
        for words in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "-m", "First"]):
            subprocess.run([*git, *words], check=True)
        assert re.fullmatch("[0-9a-f]{40}", versions.commit({}, tmp_path))
        (tmp_path / "file").touch()
        assert versions.commit({}, tmp_path).endswith("+")


def test_playwrights_own_browser_stands_in_where_the_system_has_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    own = tmp_path / "own"
    assert browser.browser_program(str(own)) is None
    own.touch()
    assert browser.browser_program(str(own)) == str(own)
    system = tmp_path / (browser.BROWSERS[0] + ".exe" * (os.name == "nt"))
    system.touch(mode=0o755)
    assert Path(browser.browser_program(str(own))) == system


def test_a_mark_after_a_formula_is_set_with_it():
    paragraph = nodes.paragraph(
        "", "", nodes.math("x", "x"), nodes.Text(". Then "), nodes.math("y", "y"), nodes.Text(".5")
    )
    formulas.keep_mark(None, paragraph, "page")
    assert [node.astext() for node in paragraph] == ["x.", " Then ", "y", ".5"]


def test_search_knows_an_item_by_all_its_names():
    def row(label, kind):
        return Statement(label, kind, "", "", "page", 1)

    assert "Lemma 2.5" in search.names(row("lem-2-5", "lemma"))
    assert {"(7)", "eq 7", "equation 7"} <= set(search.names(row("eq-7", "equation")))
    assert [page for page in search.TOPICS if not list(ROOT.glob(f"{page}.*"))] == []


def test_only_pages_with_code_have_the_button_that_runs_them(plain):
    assert not (plain / "_static/live/pyodide").exists()
    assert "live-start" not in (plain / "book/index.html").read_text(encoding="utf-8")
    bar = chapter(plain).select_one("h1 + .live-bar")
    assert bar["data-place"] == "https://python.example/pyodide/" and bar.button.text == "Run this page"
    notebook = json.loads((plain / "book" / bar["data-source"]).read_text(encoding="utf-8"))
    assert sum(cell["cell_type"] == "code" for cell in notebook["cells"]) == len(CELLS)
    with zipfile.ZipFile(plain / "_static/live/wnlib.zip") as archive:
        names = archive.namelist()
    assert {"wnlib/__init__.py", "wnlib/frameworks.json", "wnlib/_wasm/loops.wasm32.so"} <= set(names)


def test_icons_need_no_script(plain):
    html = (plain / "book/index.html").read_text(encoding="utf-8")
    style = (plain / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    names = set(re.findall(r"\bfa-(?!solid|brands|regular|lg)[a-z-]+", html))
    assert {"fa-bars", "fa-magnifying-glass"} <= names
    assert all(f".{name}:before" in style for name in names)
    assert (plain / "_static/scripts/fontawesome.js").stat().st_size == 0
    fonts = [TTFont(path) for path in (plain / "_static/vendor/fontawesome/webfonts").glob("*.woff2")]
    held = {chr(code) for font in fonts for code in font.getBestCmap()}
    for name in names:
        text = re.search(rf'\.{name}:{{1,2}}before[^{{}}]*\{{content:"(.*?)"', style)[1]
        assert (chr(int(text[1:], 16)) if text[0] == "\\" else text) in held, name
    assert len(held) < 100
