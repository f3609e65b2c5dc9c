"""Checks of what users pass in: each failure is a sentence with the numbers and the next move."""

import numbers

import numpy as np

# Compiled loops count in 64 bits.
MOST_STEPS = np.iinfo(np.int64).max


def real_array(name, value, *shapes):
    """Return `value` as a new float64 array whose shape is one of `shapes`.

    A shape is a tuple of sizes; a string in it, such as ``"m"``, stands for any size of 1 or more, and a
    leading ``"..."`` for any number of such axes.
    """
    try:
        array = np.array(value)
    except ValueError as error:
        raise TypeError(f"{name} must be an array of numbers with rows of equal length; got {value!r}.") from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers; got dtype {array.dtype}. Convert it to float first.")
    array = array.astype(float)
    if not any(_fits(array.shape, shape) for shape in shapes):
        wanted = " or ".join("(" + ", ".join(map(str, s)) + ("," if len(s) == 1 else "") + ")" for s in shapes)
        raise ValueError(f"{name} must have shape {wanted}; got {array.shape}.")
    if not np.isfinite(array).all():
        count = int((~np.isfinite(array)).sum())
        raise ValueError(f"{name} must be finite; {count} of its {array.size} entries are NaN or infinite.")
    return array


def _fits(shape, wanted):
    if wanted[:1] == ("...",):
        extra = len(shape) - len(wanted) + 1
        wanted = ("any",) * extra + wanted[1:]
    return len(shape) == len(wanted) and all(
        have >= 1 if isinstance(want, str) else have == want for have, want in zip(shape, wanted, strict=True)
    )


def instance(name, value, wanted):
    """Return `value`, an instance of the class `wanted`."""
    if not isinstance(value, wanted):
        raise TypeError(f"{name} must be a {wanted.__name__}; got {type(value).__name__}.")
    return value


def real_number(name, value, *, at_least=None, above=None):
    """Return `value` as a finite float, at least `at_least` or strictly above `above`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number; got {value!r}.")
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be finite; got {number}.")
    if at_least is not None and number < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {number}.")
    if above is not None and number <= above:
        raise ValueError(f"{name} must be greater than {above}; got {number}.")
    return number


def integer(name, value, *, at_least, at_most=None):
    """Return `value` as an int from `at_least` to `at_most`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer; got {value!r}.")
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {value}.")
    if at_most is not None and value > at_most:
        raise ValueError(f"{name} must be at most {at_most}; got {value}.")
    return int(value)
