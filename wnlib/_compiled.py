"""How the loops are compiled: by numba; in a browser beforehand, to WebAssembly; and elsewhere not at all."""

import sys

try:
    from wnlib._numba import compiled, njit

    AVAILABLE = True
except ModuleNotFoundError as missing:
    if missing.name != "numba":
        raise
    AVAILABLE = sys.platform == "emscripten"
    if AVAILABLE:
        from wnlib import _wasm

        twins = _wasm.load()
    else:
        twins = {}

    def compiled(**options):
        """Decorate a function: take its twin in WebAssembly, or without one itself."""
        return lambda function: twins.get(function.__name__, function)

    def njit(**options):  # type: ignore[no-redef]
        """Decorate a function that only compiled ones call: it stays as it is."""
        return lambda function: function


__all__ = ["AVAILABLE", "compiled", "njit"]
