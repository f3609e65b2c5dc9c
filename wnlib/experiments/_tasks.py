"""The one way a sweep runs its tasks: here or on an executor, with progress, keeping what is done."""

import dataclasses
import hashlib
import io
import json
import os
import tempfile
from concurrent.futures import as_completed
from pathlib import Path

import numpy as np

from wnlib._browser import either
from wnlib._checks import integer

DIGEST_SIZE = hashlib.sha256().digest_size


def run_tasks(function, tasks, *, executor=None, progress=False, cache=None):
    """Return ``[function(**task) for task in tasks]``.

    Each call gives a dict of arrays and depends on nothing but its task, so the results are the same wherever
    and in whichever order they run. A task that stands there twice, as that of a repeated seed, runs once.

    Parameters
    ----------
    function : callable
        At the top level of a module, so that other processes find it.
    tasks : list of dict
        Of numbers, strings, tuples and frozen dataclasses.
    executor : concurrent.futures.Executor, optional
        Where to run; here, one after the other, if not given.
    progress : bool
        Whether to show a progress bar.
    cache : path, optional
        Folder for the results so far, one file a task. A rerun reads those that are whole and computes the
        others. The parameters and the source of wnlib are part of a file's name.
    """
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"executor must have a method submit, as those of concurrent.futures do; got {executor!r}.")
    if cache is not None and not isinstance(cache, str | os.PathLike):
        raise TypeError(f"cache must be the path of a folder; got {cache!r}.")
    files = [_file(Path(cache), function, task) if cache is not None else None for task in tasks]
    results = [_load(file) for file in files]
    texts = [repr(task) for task in tasks]
    first = {text: i for i, text in reversed(list(enumerate(texts)))}
    missing = [i for i, result in enumerate(results) if result is None and first[texts[i]] == i]
    tqdm = either("tqdm.auto.tqdm")
    with tqdm(total=len(tasks), initial=len(tasks) - len(missing), disable=not progress) as bar:
        for i, result in _compute(function, tasks, missing, executor):
            results[i] = {name: np.asarray(value) for name, value in result.items()}
            _store(files[i], results[i])
            bar.update()
    return [results[first[text]] for text in texts]


def _compute(function, tasks, missing, executor):
    """Yield (i, result) as the results come."""
    if executor is None:
        for i in missing:
            yield i, function(**tasks[i])
        return
    futures = {executor.submit(function, **tasks[i]): i for i in missing}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _file(folder, function, task):
    """The file of a task. Results of other code must not be taken for those of this one."""
    key = json.dumps([function.__module__, function.__qualname__, task], sort_keys=True, default=_plain)
    digest = hashlib.sha256(key.encode())
    package = Path(__file__).parents[1]
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode() + source.read_bytes())
    return folder / f"{function.__name__.strip('_')}-{digest.hexdigest()[:32]}.result"


def _plain(value):
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value):
        return [type(value).__qualname__, {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}]
    raise TypeError(f"A task must hold numbers, strings, tuples and dataclasses; got {value!r}.")


def _load(file):
    """The result that a file holds, or None when there is none or it is not whole: a digest comes first."""
    if file is None or not file.exists():
        return None
    content = file.read_bytes()
    digest, stored = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    if hashlib.sha256(stored).digest() != digest:
        return None
    with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
        return dict(arrays)


def _store(file, result):
    """Write a result under a name of its own first, so that no reader ever meets half a file."""
    if file is None:
        return
    stream = io.BytesIO()
    np.savez(stream, **result)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(hashlib.sha256(stream.getvalue()).digest() + stream.getvalue())
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


def seed_tuple(seeds):
    """The seeds of a sweep, each an integer of at least 0."""
    try:
        seeds = tuple(seeds)
    except TypeError as error:
        raise TypeError(f"seeds must be a list or range of integers, such as [0]; got {seeds!r}.") from error
    if not seeds:
        raise ValueError("seeds must hold at least one integer, such as [0]; got none.")
    return tuple(integer("a seed", seed, at_least=0) for seed in seeds)


def check_table(name, table, values):
    """Refuse what is not a dict with a key for each method."""
    if not isinstance(table, dict) or not table:
        raise TypeError(f"{name} must be a dict from a method's name to its {values}, not empty; got {table!r}.")


def check_part(part, *parts):
    """Refuse a part that a figure does not have."""
    if not isinstance(part, str) or part not in parts:
        raise ValueError(f"part must be {' or '.join(map(repr, parts))}; got {part!r}.")
