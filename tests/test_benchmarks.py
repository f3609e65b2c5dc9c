"""The benchmarks say what they measure, and their peers do the same work. Nothing is timed here, only counted."""

import importlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import __main__ as report
from benchmarks import dimension, flows, loop, sensing, sweep, tree
from benchmarks.timing import Row, missing
from wnlib import GD, RPGD, WN, make_least_squares, random_direction, solve
from wnlib.experiments import SMALL_STEPS
from wnlib.sensing import METHODS, make_matrix_sensing, random_factor, recover


def test_a_row_has_units_and_a_ratio():
    assert report.line(Row("work", "peer", 2.0, 0.004, "≥ 5")) == "| work | peer | 2 s | 4 ms | 500 | ≥ 5 |"
    assert report.line(Row("work", "peer", 3e-6, 2e-6, "")) == "| work | peer | 3 µs | 2 µs | 1.5 |  |"
    assert "not installed" in report.line(missing("work", "peer", "≥ 5"))


@pytest.mark.parametrize(
    ("ours", "goal", "met", "last"),
    [
        (0.004, "≥ 500", None, "≥ 500"),
        (0.004, "≥ 501", None, "≥ 501, **missed**"),
        (3.0, "≥ 0.67", None, "≥ 0.67, **missed**"),
        (3.0, "", None, ""),
        (3.0, "as fast as before", True, "as fast as before"),
        (0.004, "as fast as before", False, "as fast as before, **missed**"),
    ],
)
def test_a_row_that_falls_short_says_so(ours, goal, met, last):
    assert report.line(Row("work", "peer", 2.0, ours, goal, met=met)).split(" | ")[-1].removesuffix(" |") == last


def test_what_was_not_measured_has_missed_nothing():
    assert not missing("work", "peer", "≥ 5").missed


def test_the_table_on_the_page_has_every_kind_of_work():
    """And says what each was measured on; `python -m benchmarks --write NAME` puts in what is missing."""
    text = report.TABLE.read_text(encoding="utf-8")
    assert report.table(report.read(text)) == text
    for name in report.MODULES:
        assert f"| {importlib.import_module(f'benchmarks.{name}').WORK}" in text


def test_rows_of_one_module_are_renewed_and_the_others_stay(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "TABLE", tmp_path / "table.md")
    monkeypatch.setattr(report, "machine", lambda: "a slow machine: old")
    monkeypatch.setattr(sweep, "rows", lambda: iter([Row(sweep.WORK, "abacus", 9.0, 1.0, "≥ 5")]))
    monkeypatch.setattr(flows, "rows", lambda: iter([Row(flows.WORK, "river", 2.0, 1.0, "≥ 5")] * 2))
    report.main(["sweep"])
    assert not report.TABLE.exists() and "abacus" in capsys.readouterr().out
    report.main(["--write", "sweep", "flows"])
    text = report.TABLE.read_text(encoding="utf-8")
    assert text.count("| river | 2 s | 1 s | 2 | ≥ 5, **missed** |") == 2
    assert text.count(f"– | {report.NOT_MEASURED} |") == len(report.MODULES) - 2
    assert "\n- sweep, flows: a slow machine: old\n" in text and f"loop: {report.NOT_MEASURED}\n" in text
    monkeypatch.setattr(report, "machine", lambda: "a fast machine")
    monkeypatch.setattr(sweep, "rows", lambda: iter([Row(sweep.WORK, "abacus", 9.0, 0.5, "≥ 5")]))
    report.main(["--write", "sweep"])
    renewed = report.TABLE.read_text(encoding="utf-8")
    assert "| abacus | 9 s | 500 ms | 18 | ≥ 5 |" in renewed and "| 9 s | 1 s |" not in renewed
    assert "\n- sweep: a fast machine\n" in renewed and "\n- flows: a slow machine: old\n" in renewed
    with pytest.raises(SystemExit):
        report.main(["--write", "sweeep"])
    assert "There is no benchmark sweeep" in capsys.readouterr().err


def test_what_was_measured_before_a_failure_is_kept(tmp_path, monkeypatch):
    def breaks():
        raise RuntimeError("torn")
        yield

    monkeypatch.setattr(report, "TABLE", tmp_path / "table.md")
    monkeypatch.setattr(sweep, "rows", lambda: iter([Row(sweep.WORK, "abacus", 9.0, 1.0, "≥ 5")]))
    monkeypatch.setattr(flows, "rows", breaks)
    with pytest.raises(RuntimeError, match="torn"):
        report.main(["--write", "sweep", "flows"])
    assert "abacus" in report.TABLE.read_text(encoding="utf-8")


def test_the_loop_compares_each_command_with_the_older_commit(monkeypatch):
    """With commands that take no time: what runs where, in which order, after which edit."""
    ran = []

    def check_out(commit, folder):
        chapter = folder / loop.CHAPTER
        chapter.parent.mkdir(parents=True)
        shutil.copy(loop.ROOT / loop.CHAPTER, chapter)
        ran.append((commit, folder.name))

    def measure(command, folder):
        text = (folder / loop.CHAPTER).read_text(encoding="utf-8")
        ran.append((" ".join(command), folder.name, text.count("One more sentence.")))
        return loop.Used(wall=20.0, cpu=100.0 if folder.name == "old" else 50.0)

    monkeypatch.setenv("WNLIB_BENCH_BASE", "v1")
    monkeypatch.setattr(loop, "git", lambda folder, *words: "")
    monkeypatch.setattr(loop, "check_out", check_out)
    monkeypatch.setattr(loop, "measure", measure)
    found = {row.work.removeprefix(f"{loop.WORK}: "): (row.ratio, row.missed) for row in loop.rows()}
    assert found == {
        "make book, nothing kept": (2, False),
        "make test": (2, False),
        "make book after a sentence": (2, True),
        "make chapter after a sentence": (0.75, True),
        ".ci/run in a fresh clone": (24, False),
    }
    assert ran == [
        *[("v1", "old"), ("HEAD", "new"), ("HEAD", "clean")],
        *[("make .venv/installed", "old", 0), ("make .venv/installed", "new", 0)],
        *[("make book", "old", 0), ("make test", "old", 0), ("make book", "new", 0), ("make test", "new", 0)],
        *[("make book", "new", 1), (f"make chapter PAGE={loop.CHAPTER}", "new", 2), (".ci/run", "clean", 0)],
    ]


def test_a_sentence_more_changes_one_line_of_the_notebook(tmp_path):
    before = (loop.ROOT / loop.CHAPTER).read_text(encoding="utf-8")
    (tmp_path / "page.ipynb").write_text(before, encoding="utf-8")
    loop.add_a_sentence(tmp_path / "page.ipynb")
    after = (tmp_path / "page.ipynb").read_text(encoding="utf-8")
    assert len({*after.splitlines()} - {*before.splitlines()}) <= 2
    code = [
        [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        for text in (before, after)
    ]
    assert code[0] == code[1]


def test_the_commits_that_are_compared_are_checked_out(tmp_path, monkeypatch):
    if not shutil.which("git"):
        pytest.skip("There is no git.")
    root = tmp_path / "root"
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    for text in ("old", "new"):
        (root / "file").write_text(text, encoding="utf-8")
        loop.git(root, "add", "file")
        loop.git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", text)
    monkeypatch.setattr(loop, "ROOT", root)
    for commit, text in (("HEAD~1", "old"), ("HEAD", "new")):
        loop.check_out(commit, tmp_path / text)
        assert (tmp_path / text / "file").read_text(encoding="utf-8") == text


WORK_A_LITTLE = "import time\nwhile time.process_time() < 0.3: pass"


def test_processes_whose_parents_have_ended_are_counted(tmp_path):
    """A shell that ends at once leaves a process behind, as a kernel is left where its client has ended."""
    if sys.platform != "linux":
        pytest.skip("Only Linux hands such processes over.")
    (tmp_path / "work.py").write_text(WORK_A_LITTLE, encoding="utf-8")
    used = loop.measure(["sh", "-c", f"(sleep 0.2; '{sys.executable}' work.py) & exit 0"], tmp_path)
    assert 0.3 <= used.cpu < 30
    with pytest.raises(RuntimeError, match=r"(?s)sh -c .* failed in .*:\nno such luck"):
        loop.measure(["sh", "-c", "echo no such luck; exit 3"], tmp_path)


def test_processes_are_counted_by_looking_at_them(tmp_path):
    code, _, cpu = tree.watched([sys.executable, "-c", f"{WORK_A_LITTLE}\ntime.sleep(1)"])
    assert code == 0 and 0.28 <= cpu < 30  # the system counts in hundredths, for the user and for itself
    assert tree.watched([sys.executable, "-c", "raise SystemExit(3)"])[0] == 3


def test_nothing_of_this_run_reaches_the_commands(tmp_path, monkeypatch):
    for name in ("PYTHONPATH", "MAKEFLAGS", "WNLIB_BASE_URL", "GITHUB_SHA"):
        monkeypatch.setenv(name, str(tmp_path))
    program = "import json, os; json.dump(dict(os.environ), open('environ.json', 'w'))"
    loop.measure([sys.executable, "-c", program], tmp_path)
    found = json.loads((tmp_path / "environ.json").read_text(encoding="utf-8"))
    assert not [name for name in found if name.startswith(loop.OURS)]
    assert {name for name in os.environ if not name.startswith(loop.OURS)} <= {*found, "_"}


def test_numpy_does_the_sweep_of_figure_1():
    problem, w0, g0 = make_least_squares(seed=0), random_direction(50, seed=0), np.array([0.5, 4.0])
    weights, steps = sweep.numpy_loop(problem.A, problem.y, w0, g0)
    for method, x, t in zip((GD(0.005), WN(0.005, 0.005), RPGD(0.005, 0.005)), weights, steps, strict=True):
        run = solve(problem, method, g0, w0)
        assert np.array_equal(run.t, t) and np.abs(run.x - x).max() < 1e-9


def test_numpy_does_the_steps():
    problem, w0 = make_least_squares(5, 12, cond=10, seed=0), random_direction(12, seed=0)
    g, w = dimension.numpy_steps(problem.A, problem.y, 1.0, w0, 100)
    run = solve(problem, RPGD(dimension.ETA, dimension.ETA), 1.0, w0, tol=None, max_steps=100)
    assert np.abs(run.x - g * w).max() < 1e-12


def test_scipy_does_the_flows():
    problem, w0, g0 = make_least_squares(4, 9, cond=10, seed=0), random_direction(9, seed=0)[None], np.array([0.7])
    ours = flows.end_of_flows(problem, g0, w0)
    assert np.abs(flows.scipy_flows(problem, g0, w0, rtol=1e-9, atol=1e-10) - ours).max() < flows.ERROR


@pytest.mark.parametrize("name", SMALL_STEPS)
def test_einsum_does_the_recoveries(name, monkeypatch):
    monkeypatch.setattr(sensing, "SMALL_STEPS", {name: 2e-3})
    problem, starts = make_matrix_sensing(6, 2, 9, seed=0), np.multiply.outer([0.3, 2.0], random_factor(6, seed=0))
    found = sensing.each_run(lambda *run: sensing.einsum_run(problem.A, problem.y, *run), starts)[0]
    kind, diagonal = METHODS[name]
    method = GD(2e-3) if kind is GD else kind(2e-3, 2e-3)
    ours = recover(problem, method, starts, diagonal=diagonal, tol=None, max_steps=sensing.STEPS)
    assert np.abs(found - ours.x).max() < 1e-10
