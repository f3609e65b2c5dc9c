"""How checkers draw problems and read what an answer returns: a bad value gets a sentence and the next move."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wnlib.problems import LeastSquares, random_problems

# By how much two ways to compute the same may differ; mistakes differ by far more.
ROUNDING = 1e-8
NOT_FINITE = "Look for a division by zero, or a root or logarithm of a negative number."


class Wrong(Exception):
    """What is wrong with an answer, in one sentence."""


def random_instances(count: int = 20, *, seed: int = 0) -> Iterator[LeastSquares]:
    """Yield `count` random problems of different shapes, with well-conditioned A."""
    return (problem for problem, _ in random_problems(count, seed=seed, scale=(0.5, 2.0)))


def same(found: Any, value: Any, relative: float = ROUNDING, absolute: float = 0.0) -> bool:
    """Whether an answer is this number or array, but for a part of its largest entry and what is given beside it."""
    size = np.max(np.abs(value), initial=0, where=np.isfinite(value))
    return np.allclose(found, value, rtol=0, atol=absolute + relative * size)


def name_mistake(found: Any, mistakes: Iterable, relative: float = ROUNDING, absolute: float = 0.0) -> None:
    """Raise `Wrong` if an answer is one of the wrong values of `mistakes`, pairs (value, reason), with its reason."""
    for value, reason in mistakes:
        if same(found, value, relative, absolute):
            raise Wrong(reason)


def judge(
    found: Any, true: Any, mistakes: Iterable, otherwise: str, relative: float = ROUNDING, absolute: float = 0.0
) -> None:
    """Pass the true answer; raise `Wrong` for any other, as `name_mistake` does or else with the last sentence."""
    if not same(found, true, relative, absolute):
        name_mistake(found, mistakes, relative, absolute)
        raise Wrong(otherwise)


def unit_vector(rng: np.random.Generator, d: int) -> NDArray:
    """Draw a direction of R^d."""
    z = rng.standard_normal(d)
    return z / np.linalg.norm(z)


def vector(name: str, value: Any, size: int) -> NDArray:
    """Return an answer's vector as an array, or raise `Wrong` if it is not one of `size` finite numbers."""
    return _array(name, value, (size,), f"an array of {size} numbers", "return np.ravel of it")


def direction(name: str, value: Any, size: int) -> NDArray:
    """Return an answer's unit vector as an array, or raise `Wrong` if it is none."""
    w = vector(name, value, size)
    if abs(np.linalg.norm(w) - 1) > ROUNDING:
        raise Wrong(f"{name} must be a unit vector; yours has norm {np.linalg.norm(w):.4g}.")
    return w


def matrix(name: str, value: Any, rows: int, columns: int) -> NDArray:
    """Return an answer's matrix as an array, or raise `Wrong` if it is not rows × columns finite numbers."""
    return _array(name, value, (rows, columns), f"a {rows} × {columns} array of numbers", "reshape it")


def _array(name, value, shape, kind, remedy):
    array = numeric(value)
    if array.dtype.kind not in "fiu":
        raise Wrong(f"{name} must be {kind}; yours has shape {array.shape}, dtype {array.dtype}. {_advice(array)}")
    if array.shape != shape:
        move = f"The count is right: {remedy}" if array.size == np.prod(shape) else "Print the shapes that you multiply"
        raise Wrong(f"{name} must be {kind}; yours has shape {array.shape}. {move}.")
    if not np.isfinite(array).all():
        raise Wrong(f"{name} must be finite; yours holds NaN or infinity. {NOT_FINITE}")
    return array.astype(float)


def number(name: str, value: Any, *, infinite: bool = False) -> float:
    """Return an answer's number as a float, or raise `Wrong` if it is not one finite number (or ∞, where allowed)."""
    array = numeric(value)
    if array.size != 1:
        raise Wrong(f"{name} is one number; yours has shape {array.shape}. Return that number alone.")
    if array.dtype.kind not in "fiu":
        shown = "a function" if callable(array.item()) else repr(array.item())
        raise Wrong(f"{name} is one number; yours is {shown}. {_advice(array)}")
    if not np.isfinite(array).all() and not (infinite and array.item() == np.inf):
        kind = "a number or np.inf" if infinite else "finite"
        raise Wrong(f"{name} must be {kind}; yours is {array.item()}. {NOT_FINITE}")
    return float(array.item())


def truth(value: Any) -> bool:
    """Return an answer's True or False, or raise `Wrong`."""
    array = numeric(value)
    if array.ndim or array.dtype != bool:
        raise Wrong(
            f"Return True or False; you returned {type(value).__name__}. A comparison gives one; "
            "np.allclose compares whole arrays."
        )
    return bool(array)


def pair(names: str, value: Any) -> tuple[Any, Any]:
    """Return the two parts of an answer, or raise `Wrong` if there are not two."""
    array = isinstance(value, np.ndarray) and value.ndim > 0
    if not (array or isinstance(value, tuple | list)):
        raise Wrong(f"Return the pair {names}, with a comma between them; you returned {type(value).__name__}.")
    if len(value) != 2:
        raise Wrong(f"Return the pair {names}; you returned {type(value).__name__} of {len(value)} entries.")
    return value[0], value[1]


def numbers(names: str, value: Any) -> list[float]:
    """Return the two numbers of an answer, whose names stand with a comma between them, or raise `Wrong`."""
    return [number(name, part) for name, part in zip(names.split(", "), pair(names, value), strict=True)]


def numeric(value: Any) -> NDArray:
    """The answer as an array; of floats where its entries are numbers of another kind, such as sympy's."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong(
            "Your answer holds lists of different lengths; it must be a number or an array of numbers."
        ) from None
    try:
        return array.astype(float) if array.dtype == object and value is not None else array
    except (TypeError, ValueError, OverflowError):
        return array


def _advice(array):
    """The next move for an answer whose entries are not real numbers."""
    if array.dtype.kind in "US":
        return "Return the value itself, without quotes."
    if array.dtype.kind == "c":
        return "Look for the root of a negative number, and return a real one."
    if array.size and callable(array.flat[0]):
        return "Call it, and return what it gives."
    if array.size and getattr(array.flat[0], "free_symbols", None):
        return "Compute with the arguments of your function in place of symbols."
    return "Print what your function returns."
