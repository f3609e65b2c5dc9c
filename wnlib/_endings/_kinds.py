"""The kinds of endings, and sentences that wait until they are read."""

from collections.abc import Sequence
from enum import IntEnum


class Ending(IntEnum):
    """Why a run ended. RUNNING is for a loop that is called in pieces."""

    RUNNING = 0
    CONVERGED = 1
    MAX_STEPS = 2
    DIVERGED = 3
    ZERO_SCALE = 4
    ZERO_DIRECTION = 5
    NOT_A_NUMBER = 6


# A run whose loss passes this has diverged; the squares of its weights still fit in a float.
LOSS_LIMIT = 1e200
# Last states that are kept of a run by a method's own step, and last losses of a recovery: they show where it goes.
RECENT = 32


def arrived(run):
    """The sentence of a run or a recovery that reached what was asked for; "" of others."""
    if run.ending == Ending.CONVERGED:
        return f"Converged after {run.t} steps: loss {run.loss:.3g} is at most tol = {run.tol:.3g}."
    if run.ending == Ending.MAX_STEPS and run.tol is None:
        return f"Took {run.t} steps: loss {run.loss:.3g}."
    return ""


def raised(asked, tol):
    """The sentence for a tolerance that rounding does not allow, beside another fault, where `tol` is; else ""."""
    return "" if tol == asked else f" Raise tol to {tol!r} too, which rounding allows."


class Sentences(Sequence):
    """One sentence for each start, written when it is read: to say why a run failed may take some more steps."""

    def __init__(self, write, number):
        self._write, self._made = write, [None] * number

    def __len__(self):
        return len(self._made)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return tuple(self[k] for k in range(*i.indices(len(self))))
        if self._made[i] is None:
            self._made[i] = self._write(range(len(self))[i])
        return self._made[i]

    def __repr__(self):
        return repr(tuple(self))
