"""Exercises that say whether an answer is right and, if not, what is wrong with it.

A label is "chapter.exercise", and the checkers of a chapter stand in the module of its name, in the dict
CHECKERS. A checker takes the answer and returns a sentence of praise, or raises `Wrong` with one about the
mistake. It judges an answer by its properties on random instances, not by comparing it with a stored one.
"""

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from wnlib.problems import make_least_squares


class Wrong(Exception):
    """What is wrong with an answer, in one sentence."""


@dataclass(frozen=True)
class Verdict:
    """What `check` found; `right` is None while the exercise is not answered."""

    right: bool | None
    message: str

    def __repr__(self):
        return {None: "Not answered yet. ", True: "Right. ", False: "Not right yet. "}[self.right] + self.message


def check(label, answer):
    """Judge an answer to an exercise of the book.

    Parameters
    ----------
    label : str
        "chapter.exercise", as the exercise's cell has it.
    answer : object
        What the exercise asks for: a number, an array, a string or a function. ``...`` (the untouched stub),
        or a function that returns it, counts as not answered.

    Returns
    -------
    Verdict
        Its text says right, not right yet with the reason, or not answered yet.

    Raises
    ------
    KeyError
        If there is no exercise of that label; the message lists those of the chapter.

    Examples
    --------
    >>> from wnlib import check
    >>> check("setup.minimum_norm", ...)
    Not answered yet. Replace the dots with your answer and run the cell again.
    >>> check("setup.minimum_norm", lambda A, y: A.T @ y)
    Not right yet. A x = y must hold, but on a random A of shape (5, 9) your x leaves ‖Ax − y‖ = 0.977.
    """
    checker = _find(label)
    untouched = Verdict(None, "Replace the dots with your answer and run the cell again.")
    if answer is ...:
        return untouched
    try:
        praise = checker(_watched(answer) if callable(answer) else answer)
    except _Untouched:
        return untouched
    except Wrong as wrong:
        return Verdict(False, str(wrong))
    except Exception as error:
        if not callable(answer) and isinstance(error, TypeError) and "is not callable" in str(error):
            kind = type(answer).__name__
            return Verdict(False, f"This exercise asks for a function, and you gave a {kind}. Give its name, uncalled.")
        return Verdict(False, f"Your answer raised {type(error).__name__}: {error}")
    return Verdict(True, praise)


class _Untouched(Exception):
    pass


def _watched(answer):
    def call(*arguments):
        # Copies, so that an answer that writes into its arguments is judged on what it returns.
        value = answer(*(a.copy() if isinstance(a, np.ndarray) else a for a in arguments))
        if value is ...:
            raise _Untouched
        if value is None:
            raise Wrong("Your function returned None. Does it end in a return statement?")
        return value

    return call


def random_instances(count=20, *, seed=0):
    """Yield `count` random pairs (A, y) of different shapes, with well-conditioned A of full row rank."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        m = int(rng.integers(1, 6))
        d = m + int(rng.integers(1, 6))
        problem = make_least_squares(m, d, cond=10, g_star=rng.uniform(1, 3), seed=int(rng.integers(2**31)))
        yield problem.A * rng.uniform(0.5, 2), problem.y


def vector(name, value, size):
    """Return an answer's vector as an array, or raise `Wrong` if it is not one of `size` finite numbers."""
    return _array(name, value, (size,), f"an array of {size} numbers")


def matrix(name, value, rows, columns):
    """Return an answer's matrix as an array, or raise `Wrong` if it is not rows × columns finite numbers."""
    return _array(name, value, (rows, columns), f"a {rows} × {columns} array of numbers")


def _array(name, value, shape, kind):
    array = _numeric(value)
    if array.dtype.kind not in "fiu" or array.shape != shape:
        raise Wrong(f"{name} must be {kind}; yours has shape {array.shape}, dtype {array.dtype}.")
    if not np.isfinite(array).all():
        raise Wrong(f"{name} must be finite; yours holds NaN or infinity.")
    return array.astype(float)


def number(name, value, *, infinite=False):
    """Return an answer's number as a float, or raise `Wrong` if it is not one finite number (or ∞, where allowed)."""
    if value is None:
        raise Wrong(f"{name} is one number; yours is None.")
    array = _numeric(value)
    if array.size != 1:
        raise Wrong(f"{name} is one number; yours has shape {array.shape}.")
    if array.dtype.kind not in "fiu":
        raise Wrong(f"{name} is one number; yours is {value!r}.")
    if not np.isfinite(array).all() and not (infinite and array.item() == np.inf):
        raise Wrong(f"{name} must be {'a number or np.inf' if infinite else 'finite'}; yours is {array.item()}.")
    return float(array.item())


def _numeric(value):
    """The answer as an array; of floats where its entries are numbers of another kind, such as sympy's."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong(
            "Your answer holds lists of different lengths; it must be a number or an array of numbers."
        ) from None
    try:
        return array.astype(float) if array.dtype == object else array
    except (TypeError, ValueError):
        return array


def _find(label):
    chapter, _, name = label.partition(".")
    chapters = sorted(module.name for module in iter_modules(__path__))
    if chapter not in chapters:
        raise KeyError(f"no exercises for {chapter!r}; the chapters are {', '.join(chapters)}")
    checkers = import_module(f"{__name__}.{chapter}").CHECKERS
    if name not in checkers:
        raise KeyError(f"no exercise {label!r}; this chapter has {', '.join(f'{chapter}.{n}' for n in checkers)}")
    return checkers[name]
