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


def _library():
    """The module, and what its functions take."""
    library = ctypes.CDLL(str(MODULE))
    ints, number = [c_int] * 3, c_double
    library.run.argtypes = [
        *ints, reals, reals, reals, reals, reals, c_int, reals, c_int, number, number, number,
        counts, counts, reals, number, reals,
    ]  # fmt: skip
    library.run.restype = None
    library.flow_steps.argtypes = [
        c_int, reals, reals, *[number] * 3, c_int, reals, *[number] * 5, reals, c_int, reals, reals, reals,
    ]  # fmt: skip
    library.flow_steps.restype = None
    library.recovery_steps.argtypes = [
        *[c_int] * 6, reals, reals, reals, reals, reals, c_int, reals, c_int, number, number, number,
        counts, counts, reals, reals, c_int, reals,
    ]  # fmt: skip
    library.recovery_steps.restype = None
    return library


def load():
    """The functions in place of compiled ones, by the names of those."""
    library = _library()

    def run(kind, s, b, z, g, eta, gamma, tol, max_steps, pause, first, stride, side, ending, t, loss, every, record):
        """As `wnlib.loops.run`, without lanes: all starts, whatever `first` and `stride` are."""
        s, b = np.array(s), np.array(b)
        rules = (_reals(eta), eta.size, _reals(gamma), gamma.size)
        stop = (tol, min(max_steps, MOST), min(pause, MOST))
        ends = (ending.ctypes.data_as(counts), t.ctypes.data_as(counts), _reals(loss))
        starts = (_reals(s), _reals(b), _reals(z), _reals(g))
        library.run(kind, s.size, g.size, *starts, *rules, *stop, *ends, min(every, MOST), _reals(record))

    def flow_steps(s, b, log_perp0, c, unit, stops, most, tol, reach, rtol, atol, progress, t, states):
        """As `wnlib.integrator.flow_steps`."""
        system = (s.size, _reals(s), _reals(b), log_perp0, c, unit)
        asked = (stops.size, _reals(stops), most, tol, reach, rtol, atol)
        told, work = np.append(progress, [0.0, 0.0]), np.empty(11 * states.shape[1])
        library.flow_steps(*system, *asked, _reals(told), t.size, _reals(t), _reals(states), _reals(work))
        progress[:] = told[:3]
        return int(told[3]), int(told[4])

    def recovery_steps(kind, A, y, W, D, eta, gamma, tol, max_steps, pause, ending, t, loss, recent):
        """As `wnlib.sensing._loop.recovery_steps`."""
        starts, k, d = W.shape
        system = (kind, starts, d, k, D.shape[1], y.size, *map(_reals, (A, y, W, D)))
        rules = (_reals(eta), eta.shape[1], _reals(gamma), gamma.shape[1])
        stop = (tol, min(max_steps, MOST), min(pause, MOST))
        ends = (ending.ctypes.data_as(counts), t.ctypes.data_as(counts), _reals(loss), _reals(recent))
        work = np.empty(d * (2 * d + 1 + 3 * k) + D.shape[1])
        library.recovery_steps(*system, *rules, *stop, *ends, recent.shape[1], _reals(work))

    return {"run": run, "flow_steps": flow_steps, "recovery_steps": recovery_steps}


def _reals(array):
    """The address of an array of floats, row by row; C would read any other one wrong."""
    if array.dtype != float or not array.flags.c_contiguous:
        raise TypeError(f"wnlib's compiled loops need contiguous floats; got {array.dtype}, strides {array.strides}.")
    return array.ctypes.data_as(reals)
