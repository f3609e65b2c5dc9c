"""The three methods, each as one readable step, and the rules that choose its step sizes.

The state is a scale g and a direction w; the weights are x = g w/‖w‖. `eta` always moves the direction,
`gamma` always moves the scale. These steps are the truth that `wnlib.solve` is tested against.
"""

from dataclasses import dataclass

import numpy as np

from wnlib._checks import MOST_STEPS, instance, integer, real_array, real_number
from wnlib.problems import LeastSquares


@dataclass(frozen=True)
class TwoStage:
    """A step size that changes once: `first` while t < `switch`, `second` from t = `switch` on.

    With it `RPGD(eta=Optimal(), gamma=TwoStage(...))` obeys Condition 3.1.

    Parameters
    ----------
    first, second : float
        The two step sizes, at least 0.
    switch : int
        The first step that uses `second`, at least 0.

    Raises
    ------
    TypeError, ValueError
        If a step size is not a finite number of at least 0, or `switch` not an integer of at least 0.

    Examples
    --------
    >>> from wnlib import TwoStage
    >>> rule = TwoStage(first=0, second=0.25, switch=100)
    >>> rule(99), rule(100)
    (0.0, 0.25)
    """

    first: float
    second: float
    switch: int

    def __post_init__(self):
        object.__setattr__(self, "first", real_number("first", self.first, at_least=0))
        object.__setattr__(self, "second", real_number("second", self.second, at_least=0))
        object.__setattr__(self, "switch", integer("switch", self.switch, at_least=0, at_most=MOST_STEPS))

    def __call__(self, t):
        return self.first if t < self.switch else self.second


@dataclass(frozen=True)
class Optimal:
    """The direction step 1/(g² λmax) of Condition 3.1, the inverse curvature of the loss in w.

    WN multiplies it by ‖w‖², which makes its step agree with rPGD's to first order in the step size.
    (Appendix F.1 prints ‖w‖.) The step does not exist at g = 0; a run that arrives there ends and says so.

    Examples
    --------
    >>> from wnlib import Optimal, RPGD
    >>> RPGD(eta=Optimal(), gamma=0.005)
    RPGD(eta=Optimal(), gamma=0.005)
    """


@dataclass(frozen=True)
class GD:
    """Gradient descent on the loss (1): x ← x − η ∇L(x), started at x = g0 w0/‖w0‖.

    Parameters
    ----------
    eta : float
        Step size, at least 0. Below 2/λmax the loss falls at every step.

    Raises
    ------
    TypeError, ValueError
        If `eta` is not a finite number of at least 0.

    Examples
    --------
    >>> from wnlib import GD, LeastSquares
    >>> g, w = GD(eta=0.5).step(LeastSquares([[1, 0]], [2]), 1.0, [0.0, 1.0])
    >>> g * w
    array([1., 1.])
    """

    eta: float

    def __post_init__(self):
        object.__setattr__(self, "eta", real_number("eta", self.eta, at_least=0))

    def step(self, problem, g, w, t=0):
        """One step from x = g w, with ‖w‖ = 1. The scale that comes back is ±‖x‖, with the sign of g."""
        g, w = _state(problem, g, w)
        x = g * w
        x = x - self.eta * problem.grad(x)
        g = np.copysign(np.linalg.norm(x), g)
        return g, x / g if g else w


@dataclass(frozen=True)
class WN:
    """Weight normalization, Algorithm 1: gradient descent on h(w, g) = L(g w/‖w‖), equation (2).

    Parameters
    ----------
    eta : float, TwoStage or Optimal
        Step size of the direction w.
    gamma : float or TwoStage
        Step size of the scale g.

    Raises
    ------
    TypeError, ValueError
        If a step size is neither a finite number of at least 0 nor one of the rules.

    References
    ----------
    Salimans and Kingma, "Weight normalization", NeurIPS 2016.

    Examples
    --------
    >>> from wnlib import WN, LeastSquares
    >>> g, w = WN(eta=0.5, gamma=0.5).step(LeastSquares([[1, 0]], [2]), 1.0, [0.0, 1.0])
    >>> float(g), w
    (1.0, array([1., 1.]))
    """

    eta: float | TwoStage | Optimal
    gamma: float | TwoStage

    def __post_init__(self):
        object.__setattr__(self, "eta", _rule("eta", self.eta, TwoStage, Optimal))
        object.__setattr__(self, "gamma", _rule("gamma", self.gamma, TwoStage))

    def step(self, problem, g, w, t=0):
        """Step t from (g, w), as Algorithm 1 has it. ‖w‖ never shrinks: the step is orthogonal to w."""
        g, w = _state(problem, g, w)
        size = np.linalg.norm(w)
        u = w / size
        gradient = problem.grad(g * u)
        gradient_w = g / size * (gradient - u * (u @ gradient))
        gradient_g = u @ gradient
        eta = size**2 * _optimal(problem, g) if isinstance(self.eta, Optimal) else _at(self.eta, t)
        return g - _at(self.gamma, t) * gradient_g, w - eta * gradient_w


@dataclass(frozen=True)
class RPGD:
    """Reparametrized projected gradient descent, Algorithm 2: f(w, g) = L(g w) with ‖w‖ = 1, equation (3).

    Parameters
    ----------
    eta : float, TwoStage or Optimal
        Step size of the direction w.
    gamma : float or TwoStage
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

    eta: float | TwoStage | Optimal
    gamma: float | TwoStage

    def __post_init__(self):
        object.__setattr__(self, "eta", _rule("eta", self.eta, TwoStage, Optimal))
        object.__setattr__(self, "gamma", _rule("gamma", self.gamma, TwoStage))

    def step(self, problem, g, w, t=0):
        """Step t from (g, w), ‖w‖ = 1, as Algorithm 2 has it."""
        g, w = _state(problem, g, w)
        gradient = problem.grad(g * w)
        gradient_w = g * gradient
        gradient_g = w @ gradient
        eta = _optimal(problem, g) if isinstance(self.eta, Optimal) else _at(self.eta, t)
        v = w - eta * gradient_w
        if not v.any():
            raise ZeroDivisionError(
                "The gradient step leads to v = 0, which has no direction: change eta or w a little."
            )
        return g - _at(self.gamma, t) * gradient_g, v / np.linalg.norm(v)


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


def _optimal(problem, g):
    if g == 0:
        raise ZeroDivisionError("Optimal has no step 1/(g² λmax) at g = 0: start from g0 ≠ 0, or give eta a number.")
    return 1 / (g**2 * problem.lam_max)


def _at(rule, t):
    return rule(t) if isinstance(rule, TwoStage) else rule
