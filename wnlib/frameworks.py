"""What PyTorch did to a layer with weight normalization, stored, so that the book needs no PyTorch."""

import json
from pathlib import Path
from typing import Any

STORED = Path(__file__).with_suffix(".json")


def stored_runs() -> dict[str, Any]:
    """The results of `python -m benchmarks.frameworks`, by the part that found them.

    Returns
    -------
    dict
        "torch" is the version of PyTorch; the other keys are the functions of that script, whose docstrings say what
        each holds.

    Examples
    --------
    >>> from wnlib.frameworks import stored_runs
    >>> sorted(stored_runs()["lengths"])
    ['10', '100', '1000']
    """
    return json.loads(STORED.read_text(encoding="utf-8"))
