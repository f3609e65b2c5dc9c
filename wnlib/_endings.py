"""How runs, flows and recoveries end, and the sentence that says so: the numbers, and the next move."""

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


# A run whose loss passes this has diverged; the squares of its weights still fit in a float.
LOSS_LIMIT = 1e200


def run_sentence(problem, method, g0, w0, tol, max_steps, ending, t, g, w, loss, attempt):
    """How a run of `solve` ended."""
    if tol is None and ending == Ending.MAX_STEPS:
        return f"Took {t} steps: loss {loss:.3g}."
    if ending == Ending.CONVERGED:
        return f"Converged after {t} steps: loss {loss:.3g} is at most tol = {tol:.3g}."
    if ending == Ending.MAX_STEPS:
        return (
            f"Stopped at max_steps = {t} with loss {loss:.3g}, above tol = {tol:.3g}. "
            "Raise max_steps or the step sizes; if the loss does not fall any more, change the start."
        )
    if ending == Ending.DIVERGED and t == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to square. Take a smaller g0, or scale y down."
    if ending == Ending.DIVERGED:
        limit = f"; GD needs eta < 2/λmax = {2 / problem.lam_max:.3g}" if type(method).__name__ == "GD" else ""
        return f"Diverged: at step {t} the loss is {loss:.3g}. Lower the step sizes{limit}."
    if ending == Ending.ZERO_SCALE:
        return (
            f"Stopped at step {t}: the scale g is 0, where the step 1/(g² λmax) of Optimal does not exist. "
            "Start from g0 ≠ 0, or give eta a number."
        )
    if ending == Ending.NOT_A_NUMBER:
        return f"Stopped at step {t}: the step of {type(method).__name__} led to a g or w that is not a number."
    return (
        f"Stopped at step {t}: the gradient step leads to w = 0, which has no direction to project to. "
        "Change eta or the start a little."
    )


def flow_sentence(problem, c, t_max, tol, t, states, loss, met_tol):
    """How a flow ended that was integrated to its end; `states` are rows (g, Vᵀu, …)."""
    t, loss, first = t[-1], loss[-1], t.size == 1
    if met_tol and first and t == 0:
        return f"Started with loss {loss:.3g}, at most tol = {tol:.3g}."
    if met_tol:
        return f"Reached loss {loss:.3g} at t = {t:.6g}."
    if tol is None:
        return f"Reached t_max = {t_max:.6g} with loss {loss:.3g}."
    return (
        f"Stopped at t_max = {t_max:.6g} with loss {loss:.3g}, above tol = {tol:.3g}. "
        "Raise t_max; if the loss does not fall any more, change the start."
    )


def stuck_sentence(reason):
    """How a flow ended whose integrator found no way on."""
    return (
        f"The integrator gave up: {reason}. "
        "Take smaller g0, c or w0, or raise rtol and atol. This path holds its start only."
    )


def recovery_sentence(tol, ending, t, loss):
    """How a run of `recover` ended."""
    if tol is None and ending == Ending.MAX_STEPS:
        return f"Took {t} steps: loss {loss:.3g}."
    if ending == Ending.CONVERGED:
        return f"Converged after {t} steps: loss {loss:.3g} is at most tol = {tol:.3g}."
    if ending == Ending.DIVERGED and t == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to go on from. Take a smaller U0."
    if ending == Ending.DIVERGED:
        return f"Diverged: at step {t} the loss is {loss:.3g}. Lower the step sizes."
    if ending == Ending.ZERO_DIRECTION:
        return (
            f"Stopped at step {t}: the gradient step led to a factor of length 0, which has no direction to "
            "project to. Change eta or the start a little."
        )
    return (
        f"Stopped at max_steps = {t} with loss {loss:.3g}, above tol = {tol:.3g}. "
        "Raise max_steps; if the loss does not fall any more, lower the step sizes or change the start."
    )
