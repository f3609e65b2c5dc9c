"""An interrupt, such as the stop button of a notebook, ends what runs within a second or so, as a KeyboardInterrupt."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that a test can send")
PATIENCE = 20  # seconds; on a machine that does nothing else one is enough
START = """
import numpy as np
from wnlib import GD, RPGD, WN, LeastSquares, experiments, flow, make_least_squares, random_direction, solve
from wnlib.sensing import make_matrix_sensing, random_factor, recover
problem, w0 = make_least_squares(seed=1), random_direction(50, seed=1)
# All is compiled beforehand: an interrupt while numba compiles may go unheard.
solve(problem, GD(0.1), 1.0, w0, record_every=1), flow(problem, 1.0, w0, t_max=1)
recover(make_matrix_sensing(), GD(1e-9), random_factor(30), max_steps=1)
"""
CASES = {
    "one start": "solve(problem, GD(1e-12), 1.0, w0, max_steps=10**12)",
    "many starts": "solve(problem, WN(1e-12, 1e-12), np.linspace(1, 2, 200), w0, max_steps=10**10)",
    "a record": "solve(problem, RPGD(1e-12, 1e-12), 0.5, w0, max_steps=10**10, record_every=10**6)",
    "a flow": "flow(problem, 1.0, w0, t_max=1e3, times=np.linspace(0, 1e3, 10**7))",
    "a recovery": "recover(make_matrix_sensing(), GD(1e-9), random_factor(30), max_steps=10**9)",
}


@contextlib.contextmanager
def started(*words):
    """Start Python in a group of its own, which hears interrupts whether or not this process does."""
    process = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def interrupt(process):
    """Interrupt a group of processes as a terminal does; return what it says then."""
    os.killpg(process.pid, signal.SIGINT)
    return process.communicate(timeout=PATIENCE)


def test_an_interrupt_is_heard():
    """One process, for its start costs more than a case: a run that was interrupted leaves what the next one needs."""
    tries = (
        f"print({case!r}, flush=True)\ntry:\n    {run}\nexcept KeyboardInterrupt:\n    print('stopped', flush=True)\n"
        for case, run in CASES.items()
    )
    with started("-c", START + "".join(tries)) as process:
        for case in CASES:
            assert process.stdout.readline() == f"{case}\n", process.stderr.read()
            time.sleep(0.3)
            assert not select.select([process.stdout], [], [], 0)[0], f"{case}: it ended before it was interrupted"
            os.killpg(process.pid, signal.SIGINT)
            assert select.select([process.stdout], [], [], PATIENCE)[0], f"{case}: no word within {PATIENCE} s"
            said = process.stdout.readline()
            assert said == "stopped\n", said or process.stderr.read()


def test_the_figures_stop_with_a_sentence_and_keep_what_is_done(tmp_path):
    sweeps, deadline = tmp_path / "figures" / "sweeps", time.monotonic() + 60
    with started("-m", "wnlib.experiments", str(tmp_path / "figures")) as process:
        while not list(sweeps.glob("*.result")) and time.monotonic() < deadline:
            time.sleep(0.05)
        _, complaint = interrupt(process)
    assert process.returncode == 130 and "Traceback" not in complaint
    assert complaint.strip().endswith("Stopped. What is done is kept: run the same command again to go on.")
    assert list(sweeps.glob("*.result"))
