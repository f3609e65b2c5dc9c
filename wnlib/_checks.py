"""Checks of what users pass in: each failure is a sentence with the numbers and the next move."""

import math
import numbers

import numpy as np

# Compiled loops count in 64 bits.
MOST_STEPS = np.iinfo(np.int64).max
# The square of a size up to it, or down to its inverse, is a float.
LARGEST = 1e150
# An array of so many floats takes 0.8 GB.
MOST_ENTRIES = 10**8


def real_array(name, value, *shapes):
    """Return `value` as a new float64 array whose shape is one of `shapes`.

    A shape is a tuple of sizes; a string in it, such as ``"m"``, stands for any size of 1 or more, and a
    leading ``"..."`` for any number of such axes.
    """
    array = plain_array(name, value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers; got dtype {array.dtype}. Convert it to float first.")
    if array.dtype != float:
        with np.errstate(over="ignore"):
            array = array.astype(float)
    # Exact shapes are looked up first: a flow checks a gradient at each step, and one size after another takes longer.
    if array.shape not in shapes and not any(_fits(array.shape, shape) for shape in shapes):
        wanted = " or ".join("(" + ", ".join(map(str, s)) + ("," if len(s) == 1 else "") + ")" for s in shapes)
        raise ValueError(f"{name} must have shape {wanted}; got {array.shape}.")
    if not np.isfinite(array).all():
        count = int((~np.isfinite(array)).sum())
        raise ValueError(f"{name} must be finite; {count} of its {array.size} entries are NaN or infinite.")
    return array


def plain_array(name, value):
    """Return `value` as a new array of numpy's own class, if it holds no more than its entries."""
    if np.ma.is_masked(value):
        count = int(np.ma.getmaskarray(value).sum())
        raise ValueError(f"{name} must not be masked; {count} of its {np.size(value)} entries are. Fill or drop them.")
    try:
        return np.array(value)
    except ValueError as error:
        raise TypeError(f"{name} must be an array of numbers with rows of equal length; got {value!r}.") from error
    except (RuntimeError, TypeError) as error:  # such as a tensor that tracks its gradient
        kind = type(value).__name__
        raise TypeError(f"{name} cannot be read as an array; got {kind}. Convert it to a numpy array first.") from error


def _fits(shape, wanted):
    if wanted[:1] == ("...",):
        extra = len(shape) - len(wanted) + 1
        wanted = ("any",) * extra + wanted[1:]
    return len(shape) == len(wanted) and all(
        have >= 1 if isinstance(want, str) else have == want for have, want in zip(shape, wanted, strict=True)
    )


def few_entries(what, *shape, **sizes):
    """Refuse an array too large for the memory, before it is made; its shape follows from the arguments `sizes`."""
    if math.prod(shape) > MOST_ENTRIES:
        given = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        names = " and ".join(sizes)
        raise ValueError(f"{names} must give {what} at most {MOST_ENTRIES} entries; got {given}.")


def instance(name, value, wanted):
    """Return `value`, an instance of the class `wanted`."""
    if not isinstance(value, wanted):
        raise TypeError(f"{name} must be a {wanted.__name__}; got {type(value).__name__}.")
    return value


def real_number(name, value, *, at_least=None, above=None, at_most=None, below=None):
    """Return `value` as a finite float within the bounds given; `above` and `below` are strict."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number; got {value!r}.")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError(f"{name} must be finite as a float, at most 1.8e308 in size.") from None
    if not np.isfinite(number):
        raise ValueError(f"{name} must be finite; got {number}.")
    if above is not None and number <= above:
        raise ValueError(f"{name} must be greater than {above}; got {number}.")
    if at_least is not None and number < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {number}.")
    if at_most is not None and number > at_most:
        raise ValueError(f"{name} must be at most {at_most}; got {number}.")
    if below is not None and number >= below:
        raise ValueError(f"{name} must be less than {below}; got {number}.")
    return number


def squarable(name, value):
    """Return `value`, a number or an array of them, of a size whose square is a float."""
    largest = np.max(np.abs(value), initial=0.0)
    if largest > LARGEST:
        raise ValueError(f"{name} must be at most {LARGEST:.0e} in size, so that its square is a float; got {largest}.")
    return value


def boolean(name, value):
    """Return `value`, which is true or false, as a bool."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r}.")
    return bool(value)


def choice(name, value, allowed):
    """Return `value`, one of the texts `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; got {value!r}.")
    return value


def integer(name, value, *, at_least, at_most=None):
    """Return `value` as an int from `at_least` to `at_most`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer; got {value!r}.")
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {value}.")
    if at_most is not None and value > at_most:
        raise ValueError(f"{name} must be at most {at_most}; got {value}.")
    return int(value)


def direction(name, value, *shapes):
    """Return `value`, one vector or many, and the length of each, whose square is a float."""
    w = real_array(name, value, *shapes)
    zero = np.flatnonzero(~w.any(axis=-1))
    row = "; row {} of " + f"{len(w)} is" if w.ndim > 1 else ""
    if zero.size:
        raise ValueError(f"{name} must not be zero, it has no direction{row.format(zero[0])}.")
    with np.errstate(over="ignore"):
        length = np.linalg.norm(w, axis=-1)
    odd = np.flatnonzero((length < 1 / LARGEST) | (length > LARGEST))
    if odd.size:
        where = f" in row {odd[0]}" if w.ndim > 1 else ""
        raise ValueError(
            f"{name} must have a length from {1 / LARGEST:.0e} to {LARGEST:.0e}, so that its square is a float; "
            f"got {np.ravel(length)[odd[0]]:.3g}{where}. Multiply {name} by a number."
        )
    return w, length


def increasing_times(name, value, last=None):
    """Return `value` as times that increase from 0 or later to `last` or earlier, or to any time above 0."""
    times = real_array(name, value, ("K",))
    late = times[-1] <= 0 if last is None else times[-1] > last
    if times[0] < 0 or late or (np.diff(times) <= 0).any():
        end = "a time above 0" if last is None else f"t_max = {last:.6g} or earlier"
        raise ValueError(f"{name} must increase from 0 or later to {end}; got {times}.")
    return times
