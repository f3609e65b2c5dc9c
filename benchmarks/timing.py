"""Medians over repeats, and the rows of the table."""

import importlib
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds of a peer and of wnlib on the same work, and the ratio to reach.

    Where there is no peer, a limit stands in its place, and the ratio to reach is 1. A goal that is no ratio is given
    in words, and whether it was met as ``met``.
    """

    work: str
    peer: str
    peer_seconds: float | None
    our_seconds: float | None
    goal: str
    note: str = ""
    met: bool | None = None

    @property
    def ratio(self):
        return None if None in (self.peer_seconds, self.our_seconds) else self.peer_seconds / self.our_seconds

    @property
    def missed(self):
        """Whether it was measured and falls short of its goal."""
        if self.ratio is None or self.met is not None:
            return self.met is False
        return self.goal.startswith("≥ ") and self.ratio < float(self.goal.removeprefix("≥ "))


def median_seconds(function, repeats=5):
    """Median time of a call, after one call that is not counted."""
    function()
    return statistics.median(seconds(function) for _ in range(repeats))


def seconds(function):
    """Time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def peer(name):
    """Import a peer, or return None and let the caller say that it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def missing(work, name, goal):
    """The row of a peer that is not installed."""
    return Row(work, name, None, None, goal, "not installed: pip install --editable '.[bench]'")
