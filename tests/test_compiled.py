"""Compiled functions run whatever has become of their cache, with one warning; side by side a start runs as alone."""

import errno
import importlib.util
import warnings

import numpy as np
import pytest

from wnlib import GD, RPGD, WN, Optimal, Piecewise, _numba, make_least_squares, random_direction, runs, solve
from wnlib.methods import TimesNorm

MODULE = """
from wnlib._compiled import compiled

@compiled(nogil=True)
def double(x):
    return 2 * x
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Import a module with a compiled function anew; return what it gives for 21, and the warnings on the way."""
    file = tmp_path / "doubles.py"
    file.write_text(MODULE)

    def load():
        monkeypatch.setattr(_numba, "_warned", [])
        spec = importlib.util.spec_from_file_location("doubles", file)
        module = importlib.util.module_from_spec(spec)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            spec.loader.exec_module(module)
            values = module.double(21), module.double(0.5)
        assert values == (42, 1.0)
        return module.double.stats, [str(warning.message) for warning in caught]

    return load


def test_what_was_compiled_is_taken_from_the_cache(load):
    assert load()[1] == []
    stats, said = load()
    assert said == [] and sum(stats.cache_hits.values()) == 2


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", [lambda content: b"", lambda content: content[:20], lambda content: b"?" * 50])
def test_a_damaged_file_is_compiled_anew_once(load, tmp_path, kind, damage):
    load()
    for file in tmp_path.rglob(f"*.{kind}"):
        file.write_bytes(damage(file.read_bytes()))
    _, (said,) = load()
    assert "a file of its cache is damaged" in said and "NUMBA_CACHE_DIR" in said
    stats, said = load()
    assert said == [] and sum(stats.cache_hits.values()) == 2


def test_where_no_folder_can_be_written_there_is_no_cache(load, tmp_path, monkeypatch):
    (tmp_path / "__pycache__").write_text("a file where the folder would be")
    monkeypatch.setenv("HOME", str(tmp_path / "__pycache__" / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "__pycache__" / "cache"))
    _, (said,) = load()
    assert said == (
        "wnlib compiles its loops anew, for there is no folder for its cache. "
        "Set NUMBA_CACHE_DIR to a folder that can be written."
    )


def test_a_full_disk_costs_the_cache_and_not_the_run(load, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", full)
    _, (said,) = load()
    assert "its cache cannot be written (No space left on device)" in said


@pytest.mark.parametrize("pause", [1, 10**7])
@pytest.mark.parametrize(
    "method",
    [
        GD(Piecewise([0.3, 0.1], [40])),
        WN(TimesNorm(0.2), Piecewise([0, 0.1], [20])),
        WN(Optimal(power=1), 0.05),
        RPGD(0.2, 0.1),
        RPGD(Optimal(), Piecewise([0, 0.3, 0.1], [1, 60])),
        GD(2.5),
    ],
    ids=repr,
)
def test_starts_side_by_side_end_as_each_alone(method, pause, monkeypatch):
    """More starts than lanes, which end at different steps and in different ways, also at a start and by divergence."""
    problem = make_least_squares(5, 12, seed=2)
    w0 = random_direction(12, seed=2) + 0.3 * problem.w_star
    g0 = np.concatenate([np.linspace(-6, 6, 61), 10.0 ** np.arange(1, 20)])
    how = {"tol": 1e-9, "max_steps": 1000}
    alone = [solve(problem, method, g, w0, **how) for g in g0]
    monkeypatch.setattr(runs, "PAUSE", pause)
    for stride in (1, 2, 7, 80):
        together = solve(problem, method, g0[::stride], w0, **how)
        for i, run in enumerate(alone[::stride]):
            assert together.t[i] == run.t and together.converged[i] == run.converged
            if run.loss < 1:  # others go apart from rounding alone
                assert np.abs(together.x[i] - run.x).max() <= 1e-12 * max(1, abs(run.g))
                assert abs(together.g[i] - run.g) <= 1e-12 * max(1, abs(run.g))


@pytest.mark.parametrize("g0", [1e100, [1e100, 1.0]])
def test_a_run_ends_where_its_loss_is_no_number(g0):
    problem = make_least_squares(5, 12, seed=2)
    for method in (WN(1e200, 0.1), RPGD(1e200, 0.1)):
        run = solve(problem, method, g0, random_direction(12, seed=2), max_steps=50)
        assert np.ravel(run.t)[0] == 1 and np.isnan(np.ravel(run.loss)[0]) and not np.ravel(run.converged)[0]
        assert "Diverged" in (run.message[0] if np.ndim(g0) else run.message)
