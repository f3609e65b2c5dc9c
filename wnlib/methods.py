"""The three methods, each as one readable step, and the rules that choose its step sizes.

The state is a scale g and a direction w; the weights are x = g w/‖w‖. `eta` always moves the direction,
`gamma` always moves the scale. These steps are the truth that the compiled loops of `wnlib.solve` are tested
against; any other object with such a step can be run too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wnlib._checks import instance, integer, plain_array, real_array, real_number
from wnlib.problems import LeastSquares


class Method(Protocol):
    """What `wnlib.solve` runs: an object with a step from one state to the next.

    Examples
    --------
    A method of one's own is ten lines; this one divides the gradient by its length.

    >>> import numpy as np
    >>> from wnlib import LeastSquares, solve
    >>> class NormalizedGD:
    ...     def step(self, problem, g, w, t):
    ...         x = g * w / np.linalg.norm(w)
    ...         gradient = problem.grad(x)
    ...         x = x - 0.5 ** (t + 1) * gradient / np.linalg.norm(gradient)
    ...         return np.linalg.norm(x), x
    >>> solve(LeastSquares([[1, 0]], [2]), NormalizedGD(), 1.0, [0.6, 0.8], tol=None, max_steps=30).x.round(3)
    array([1.6, 0.8])
    """

    def step(self, problem: LeastSquares, g: float, w: NDArray, t: int) -> tuple[float, NDArray]:
        """Return the scale and the direction after step t from (g, w); the weights are x = g w/‖w‖."""


@dataclass(frozen=True)
class Piecewise:
    """A step size that changes at given steps: ``values[k]`` from step ``switches[k − 1]`` on.

    With it ``RPGD(Optimal(), Piecewise([0, γ₁, γ₂], [1, T₁]))`` rests at step 0 and then obeys Condition 3.1.

    Parameters
    ----------
    values : array_like, shape (k,)
        The step sizes, at least 0.
    switches : array_like of int, shape (k − 1,)
        The first step of each value but the first: increasing, at least 0.

    Raises
    ------
    TypeError
        If a step size is not a real number, or a switch not an integer.
    ValueError
        If a step size is negative or not finite, the switches do not increase, or their number does not fit.

    Examples
    --------
    >>> from wnlib import Piecewise
    >>> rule = Piecewise([0, 0.25], [100])
    >>> rule(99), rule(100)
    (0.0, 0.25)
    """

    values: Sequence[float]
    switches: Sequence[int]

    def __post_init__(self):
        values = real_array("values", self.values, ("k",))
        if values.min() < 0:
            raise ValueError(f"The values of Piecewise must be at least 0; got {values.min()}.")
        switches = plain_array("switches", self.switches)
        if switches.ndim != 1:
            raise TypeError(f"switches must be a list of step numbers; got {self.switches!r}.")
        switches = [integer("each of switches", t, at_least=0, at_most=10**300) for t in switches.tolist()]
        if len(switches) != len(values) - 1:
            raise ValueError(
                f"Piecewise needs a switch between two values; got {len(values)} values and {len(switches)} switches."
            )
        if any(b < a for a, b in pairwise(switches)):
            raise ValueError(f"The switches of Piecewise must increase; got {switches}.")
        object.__setattr__(self, "values", tuple(values.tolist()))
        object.__setattr__(self, "switches", tuple(switches))

    def __call__(self, t: int) -> float:
        return self.values[sum(t >= switch for switch in self.switches)]


@dataclass(frozen=True)
class Optimal:
    """The direction step 1/(g² λmax) of Condition 3.1, the inverse curvature of the loss in w, times ‖w‖^power.

    For rPGD ‖w‖ is 1. For WN the power 2 makes the step agree with rPGD's to first order in the step size;
    Appendix F.1 prints the power 1. The step does not exist at g = 0; a run that arrives there ends and says so.

    Parameters
    ----------
    power : {0, 1, 2}

    Raises
    ------
    TypeError, ValueError
        If the power is none of the three.

    Examples
    --------
    >>> from wnlib import Optimal, RPGD
    >>> RPGD(eta=Optimal(), gamma=0.005)
    RPGD(eta=Optimal(), gamma=0.005)
    """

    power: int = 2

    def __post_init__(self):
        object.__setattr__(self, "power", integer("power", self.power, at_least=0, at_most=2))

    def __repr__(self):
        return "Optimal()" if self.power == 2 else f"Optimal(power={self.power})"


@dataclass(frozen=True)
class TimesNorm:
    """A step size of WN that grows with the direction: value · ‖w‖^power.

    Appendix F.2 prints η = γ = c‖W‖_F, which is ``TimesNorm(c)`` for both.

    Parameters
    ----------
    value : float or Piecewise
    power : {0, 1, 2}

    Raises
    ------
    TypeError, ValueError
        If the value is neither a finite number of at least 0 nor a Piecewise, or the power none of the three.

    Examples
    --------
    >>> from wnlib import WN
    >>> from wnlib.methods import TimesNorm
    >>> WN(TimesNorm(0.1), gamma=0.1)
    WN(eta=TimesNorm(value=0.1, power=1), gamma=0.1)
    """

    value: float | Piecewise
    power: int = 1

    def __post_init__(self):
        object.__setattr__(self, "value", _rule("value", self.value, Piecewise))
        object.__setattr__(self, "power", integer("power", self.power, at_least=0, at_most=2))


@dataclass(frozen=True)
class GD:
    """Gradient descent on the loss (1): x ← x − η ∇L(x), started at x = g0 w0/‖w0‖.

    Parameters
    ----------
    eta : float or Piecewise
        Step size. Below 2/λmax the loss falls at every step.

    Raises
    ------
    TypeError, ValueError
        If `eta` is neither a finite number of at least 0 nor a Piecewise.

    Examples
    --------
    >>> from wnlib import GD, LeastSquares
    >>> g, w = GD(eta=0.5).step(LeastSquares([[1, 0]], [2]), 1.0, [0.0, 1.0])
    >>> g * w
    array([1., 1.])
    """

    eta: float | Piecewise

    def __post_init__(self):
        object.__setattr__(self, "eta", _rule("eta", self.eta, Piecewise))

    def step(self, problem: LeastSquares, g: float, w: ArrayLike, t: int = 0) -> tuple[float, NDArray]:
        """Step t from x = g w, with ‖w‖ = 1. The scale that comes back is ±‖x‖, with the sign of g."""
        g, w = _state(problem, g, w)
        x = g * w
        x = x - step_size(self.eta, t) * problem.grad(x)
        g = np.copysign(np.linalg.norm(x), g)
        return g, x / g if g else w


@dataclass(frozen=True)
class WN:
    """Weight normalization, Algorithm 1: gradient descent on h(w, g) = L(g w/‖w‖), equation (2).

    Parameters
    ----------
    eta : float, Piecewise, TimesNorm or Optimal
        Step size of the direction w.
    gamma : float, Piecewise or TimesNorm
        Step size of the scale g.

    Raises
    ------
    TypeError, ValueError
        If a step size is neither a finite number of at least 0 nor one of the rules.

    References
    ----------
    Salimans and Kingma, "Weight normalization", NeurIPS 2016,
    https://arxiv.org/abs/1602.07868.

    Examples
    --------
    >>> from wnlib import WN, LeastSquares
    >>> g, w = WN(eta=0.5, gamma=0.5).step(LeastSquares([[1, 0]], [2]), 1.0, [0.0, 1.0])
    >>> float(g), w
    (1.0, array([1., 1.]))
    """

    eta: float | Piecewise | TimesNorm | Optimal
    gamma: float | Piecewise | TimesNorm

    def __post_init__(self):
        object.__setattr__(self, "eta", _rule("eta", self.eta, Piecewise, TimesNorm, Optimal))
        object.__setattr__(self, "gamma", _rule("gamma", self.gamma, Piecewise, TimesNorm))

    def step(self, problem: LeastSquares, g: float, w: ArrayLike, t: int = 0) -> tuple[float, NDArray]:
        """Step t from (g, w), as Algorithm 1 has it. ‖w‖ never shrinks: the step is orthogonal to w."""
        g, w = _state(problem, g, w)
        size = np.linalg.norm(w)
        u = w / size
        gradient = problem.grad(g * u)
        gradient_w = g / size * (gradient - u * (u @ gradient))
        gradient_g = u @ gradient
        eta, gamma = step_size(self.eta, t, size, problem, g), step_size(self.gamma, t, size)
        return g - gamma * gradient_g, w - eta * gradient_w


@dataclass(frozen=True)
class RPGD:
    """Reparametrized projected gradient descent, Algorithm 2: f(w, g) = L(g w) with ‖w‖ = 1, equation (3).

    Parameters
    ----------
    eta : float, Piecewise or Optimal
        Step size of the direction w.
    gamma : float or Piecewise
        Step size of the scale g.

    Raises
    ------
    TypeError, ValueError
        If a step size is neither a finite number of at least 0 nor one of the rules.

    References
    ----------
    Douglas, Amari and Kung, "On gradient adaptation with unit-norm constraints", IEEE Trans. Signal
    Processing 48 (2000).

    Examples
    --------
    >>> from wnlib import RPGD, LeastSquares
    >>> g, w = RPGD(eta=0.5, gamma=0.5).step(LeastSquares([[1, 0]], [2]), 1.0, [0.0, 1.0])
    >>> float(g), w.round(3)
    (1.0, array([0.707, 0.707]))
    """

    eta: float | Piecewise | Optimal
    gamma: float | Piecewise

    def __post_init__(self):
        object.__setattr__(self, "eta", _rule("eta", self.eta, Piecewise, Optimal))
        object.__setattr__(self, "gamma", _rule("gamma", self.gamma, Piecewise))

    def step(self, problem: LeastSquares, g: float, w: ArrayLike, t: int = 0) -> tuple[float, NDArray]:
        """Step t from (g, w), ‖w‖ = 1, as Algorithm 2 has it."""
        g, w = _state(problem, g, w)
        gradient = problem.grad(g * w)
        gradient_w = g * gradient
        gradient_g = w @ gradient
        v = w - step_size(self.eta, t, 1.0, problem, g) * gradient_w
        if not v.any():
            raise ZeroDivisionError(
                "The gradient step leads to v = 0, which has no direction: change eta or w a little."
            )
        return g - step_size(self.gamma, t) * gradient_g, v / np.linalg.norm(v)


def step_size(rule, t, size=1.0, problem=None, g=1.0):
    """The number that a rule gives at step t, where ‖w‖ is `size` and the scale g."""
    if isinstance(rule, Piecewise):
        return rule(t)
    if isinstance(rule, TimesNorm):
        return size**rule.power * step_size(rule.value, t)
    if not isinstance(rule, Optimal):
        return rule
    if g == 0:
        raise ZeroDivisionError("Optimal has no step 1/(g² λmax) at g = 0: start from g0 ≠ 0, or give eta a number.")
    return size**rule.power * (1 / (g**2 * problem.lam_max))


def _state(problem, g, w):
    """The state as a float and an array, checked to be one from which a step can be taken."""
    instance("problem", problem, LeastSquares)
    g, w = float(real_array("g", g, ())), real_array("w", w, (problem.d,))
    if not w.any():
        raise ValueError("w must not be zero, it has no direction.")
    return g, w


def _rule(name, value, *rules):
    if isinstance(value, rules):
        return value
    try:
        return real_number(name, value, at_least=0)
    except TypeError as error:
        names = " or ".join(rule.__name__ for rule in rules)
        raise TypeError(f"{name} must be a number or a rule ({names}); got {value!r}.") from error
