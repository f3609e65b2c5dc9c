"""The compiled functions in a browser, which has no compiler: a WebAssembly module made beforehand, called by ctypes.

`loops.c` is its source, and `python -m wnlib._wasm` makes the module anew. It is not named after a Python module, or
Python would take it for one.
"""

import ctypes
from ctypes import POINTER, c_double, c_int, c_longlong
from pathlib import Path

import numpy as np

MODULE = Path(__file__).with_name("loops.wasm32.so")
# A count goes to C as a double, which holds each one up to this; no run is as long.
MOST = 2.0**53

reals, counts = POINTER(c_double), POINTER(c_longlong)


def load():
    """The functions in place of compiled ones, by the names of those."""
    library = ctypes.CDLL(str(MODULE))
    ints, number = [c_int] * 3, c_double
    library.run.argtypes = [
        *ints, reals, reals, reals, reals, reals, c_int, reals, c_int, number, number, number,
        counts, counts, reals, number, reals,
    ]  # fmt: skip
    library.run.restype = None
    library.flow_step.argtypes = [c_int, reals, reals, number, number, reals, *[number] * 4, reals, reals]
    library.flow_step.restype = number

    def run(kind, s, b, z, g, eta, gamma, tol, max_steps, pause, first, stride, side, ending, t, loss, every, record):
        """As `wnlib.loops.run`, without lanes: all starts, whatever `first` and `stride` are."""
        s, b = np.array(s), np.array(b)
        rules = (_reals(eta), eta.size, _reals(gamma), gamma.size)
        stop = (tol, min(max_steps, MOST), min(pause, MOST))
        ends = (ending.ctypes.data_as(counts), t.ctypes.data_as(counts), _reals(loss))
        starts = (_reals(s), _reals(b), _reals(z), _reals(g))
        library.run(kind, s.size, g.size, *starts, *rules, *stop, *ends, min(every, MOST), _reals(record))

    def flow_step(s, b, log_perp0, c, state, h, reach, rtol, atol):
        """As `wnlib.integrator.flow_step`."""
        end, work = np.empty(state.size), np.empty(10 * state.size)
        numbers = (h, reach, rtol, atol)
        error = library.flow_step(
            s.size, _reals(s), _reals(b), log_perp0, c, _reals(state), *numbers, _reals(end), _reals(work)
        )
        return end, error

    return {"run": run, "flow_step": flow_step}


def _reals(array):
    """The address of an array of floats, row by row; C would read any other one wrong."""
    if array.dtype != float or not array.flags.c_contiguous:
        raise TypeError(f"wnlib's compiled loops need contiguous floats; got {array.dtype}, strides {array.strides}.")
    return array.ctypes.data_as(reals)
