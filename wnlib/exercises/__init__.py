"""Exercises that say whether an answer is right and, if not, what is wrong with it.

A label is "chapter.exercise": the checkers of a chapter are the public functions of the module of its name. A
checker takes the answer and returns a sentence of praise, or raises `Wrong` with one about the mistake. It judges an
answer by its properties on random instances, not by comparing it with a stored one.
"""

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from wnlib.exercises._answers import Wrong

__all__ = ["Verdict", "check"]


@dataclass(frozen=True)
class Verdict:
    """What `check` found.

    Attributes
    ----------
    right : bool or None
        Whether the answer is right; None while the exercise is not answered.
    message : str
        What is right or wrong with it.
    label : str
        The label of the exercise.
    """

    right: bool | None
    message: str
    label: str

    def __bool__(self):
        """Whether the answer is right; one that is not given is not."""
        return self.right is True

    def __repr__(self):
        return {None: "Not answered yet. ", True: "Right. ", False: "Not right yet. "}[self.right] + self.message


def check(label: str, answer: Any) -> Verdict:
    """Judge an answer to an exercise of the book.

    Parameters
    ----------
    label : str
        "chapter.exercise", as the exercise's cell has it.
    answer : callable
        The function that the exercise asks for, not called. ``...``, or a function that returns it (the
        untouched stub), counts as not answered.

    Returns
    -------
    Verdict
        Its text says right, not right yet with the reason, or not answered yet.

    Raises
    ------
    TypeError
        If the label is not a text.
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
    right, message = _judge(_find(label), answer)
    return Verdict(right, message, label)


class _Untouched(Exception):
    pass


def _judge(checker, answer):
    untouched = None, "Replace the dots with your answer and run the cell again."
    if answer is ...:
        return untouched
    if not callable(answer):
        kind = type(answer).__name__
        article = "an" if kind[0] in "aeiou" else "a"
        return False, f"This exercise asks for a function, and you gave {article} {kind}. Give its name alone."
    try:
        return True, checker(_watched(answer))
    except _Untouched:
        return untouched
    except Wrong as wrong:
        return False, str(wrong)
    except SystemExit:
        return False, "Your answer ends Python, by exit() or the like. Return a value instead."
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        if called := getattr(error, "__notes__", None):
            return False, f"Your answer raised {what}. {called[-1]}"
        return False, f"What your function returned cannot be judged ({what}). Print it."


def _watched(answer):
    def call(*arguments):
        try:
            # Copies, so that an answer that writes into its arguments is judged on what it returns.
            value = answer(*(a.copy() if isinstance(a, np.ndarray) else a for a in arguments))
        except Exception as error:
            given = ", ".join(f"shape {a.shape}" if isinstance(a, np.ndarray) else f"{a:.4g}" for a in arguments)
            error.add_note(f"It was called with ({given}); call it so to find the line.")
            raise
        if value is ... or (isinstance(value, tuple | list) and any(part is ... for part in value)):
            raise _Untouched
        if value is None:
            raise Wrong("Your function returned None. Does it end in a return statement?")
        return value

    return call


def _find(label):
    if not isinstance(label, str):
        raise TypeError(f'the label of an exercise is a text, such as "setup.split"; got {label!r}')
    chapter, _, name = label.partition(".")
    chapters = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    if chapter not in chapters:
        raise KeyError(f"no exercises for {chapter!r}; the chapters are {', '.join(chapters)}")
    module = f"{__name__}.{chapter}"
    own = vars(import_module(module)).items()
    checkers = {n: f for n, f in own if getattr(f, "__module__", None) == module and not n.startswith("_")}
    if name not in checkers:
        raise KeyError(f"no exercise {label!r}; this chapter has {', '.join(f'{chapter}.{n}' for n in checkers)}")
    return checkers[name]
