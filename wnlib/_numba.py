"""Compiled functions, cached on disk where that is possible: a cache that fails costs time, never a run."""

import warnings

from numba import njit
from numba.core.caching import FunctionCache

_warned: list[str] = []


class _Cache(FunctionCache):
    """numba's cache of one function, which takes a file that cannot be read or written for one that is not there."""

    def load_overload(self, signature, target):
        try:
            return super().load_overload(signature, target)
        except Exception as error:  # a damaged pickle can raise anything
            _warn(f"a file of its cache is damaged ({type(error).__name__})")
            self._try(self.flush)
            return None

    def save_overload(self, signature, data):
        self._try(super().save_overload, signature, data)

    def _try(self, write, *arguments):
        try:
            write(*arguments)
        except OSError as error:
            _warn(f"its cache cannot be written ({error.strerror})")


def _warn(reason):
    """Warn once a session."""
    if not _warned:
        _warned.append(reason)
        message = f"wnlib compiles its loops anew, for {reason}. Set NUMBA_CACHE_DIR to a folder that can be written."
        warnings.warn(message, RuntimeWarning, stacklevel=2)


def compiled(**options):
    """Decorate a function as ``numba.njit(cache=True, **options)`` does, but go on where its cache does not."""

    def compile(function):
        dispatcher = njit(**options)(function)
        try:
            dispatcher._cache = _Cache(function)
        except RuntimeError:  # no folder for it: neither the package nor the home can be written
            _warn("there is no folder for its cache")
        return dispatcher

    return compile
