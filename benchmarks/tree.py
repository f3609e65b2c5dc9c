"""Run a command, and write down its exit code, its seconds, and the CPU seconds of all processes that it started.

`python tree.py FILE COMMAND...` is a process of its own, so that on Linux the system counts for it: processes whose
parents have ended become its children. Elsewhere it looks every tenth of a second, and may miss the last one.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

BECOME_SUBREAPER = 36
PATIENCE = 20  # seconds that a process which outlives the command has to end


def main(file, *command):
    """Run the command; its output goes where this process's goes."""
    count = adopted if sys.platform == "linux" else watched
    start = time.perf_counter()
    code, ended, cpu = count(command)
    Path(file).write_text(json.dumps({"code": code, "wall": ended - start, "cpu": cpu}), encoding="utf-8")


def adopted(command):
    """Return the exit code, when the command ended, and the CPU seconds that the system counted."""
    import resource

    if ctypes.CDLL(None).prctl(BECOME_SUBREAPER, 1, 0, 0, 0):
        raise OSError("This system does not hand over processes whose parents have ended.")
    code = subprocess.Popen(command).wait()
    ended = time.perf_counter()
    try:
        while time.perf_counter() < ended + PATIENCE:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)
    except ChildProcessError:
        pass  # none is left
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return code, ended, used.ru_utime + used.ru_stime


def watched(command):
    """The same by looking at the processes again and again."""
    import psutil

    process = subprocess.Popen(command)
    root, seen = psutil.Process(process.pid), {}
    while process.poll() is None:
        try:
            for one in (root, *root.children(recursive=True)):
                times = one.cpu_times()
                seen[one.pid, one.create_time()] = times.user + times.system
        except psutil.Error:
            continue  # it ended in between
        time.sleep(0.1)
    return process.returncode, time.perf_counter(), sum(seen.values())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
