"""What steps can be at most, and what a loss can be at least: the numbers that the sentences name."""

from dataclasses import dataclass
from math import inf

import numpy as np

from wnlib.methods import GD, WN, step_size


@dataclass(frozen=True)
class Bound:
    """A step size of a method, the bound below which it is stable, and the formula of the bound."""

    name: str
    size: float
    most: float
    formula: str

    @property
    def ratio(self):
        return self.size / self.most

    @property
    def passed(self):
        """Whether the bound is reached, but for rounding."""
        return self.ratio > 1 - 1e-9


def bounds(problem, method, t, g, w):
    """The bound of each step size at step t of a run that is at (g, w): those that are passed most come first."""
    length = np.linalg.norm(w)
    if isinstance(method, GD):
        return [Bound("eta", step_size(method.eta, t), 2 / problem.lam_max, "2/λmax")]
    Au = problem.A @ (w / length)
    stretch, curvature = float(Au @ Au), (g / length) ** 2 * problem.lam_max
    power = "‖w‖²" if isinstance(method, WN) else ""
    eta, gamma = sizes(problem, method, t, g, w)
    both = [
        Bound("eta", eta, 2 / curvature if curvature else inf, f"2{power}/(g² λmax)"),
        Bound("gamma", gamma, 2 / stretch if stretch else inf, f"2{power}/‖Aw‖²"),
    ]
    return sorted(both, key=lambda bound: -bound.ratio)


def sizes(problem, method, t, g, w):
    """The numbers eta and gamma at step t of a run of WN or rPGD that is at (g, w)."""
    length = np.linalg.norm(w)
    return [step_size(rule, t, length, problem, g or 1e-150) for rule in (method.eta, method.gamma)]


JOINT = "γ A u uᵀ Aᵀ + η (g/‖w‖)² A (I − u uᵀ) Aᵀ"


def joint(problem, method, t, g, w):
    """The largest eigenvalue of `JOINT` at (g, w): below 2 at a solution, a run of WN or rPGD stays there."""
    eta, gamma = sizes(problem, method, t, g, w)
    length = np.linalg.norm(w)
    Au = problem.A @ (w / length)
    along = np.outer(Au, Au)
    return float(np.linalg.eigvalsh(gamma * along + eta * (g / length) ** 2 * (problem.A @ problem.A.T - along))[-1])


def least_loss(problem, g):
    """The least loss ½‖Ax − y‖² of all x with ‖x‖ = |g| < g*, by bisection for the multiplier μ of ‖x‖² ≤ g²."""
    U, s, _ = problem.svd
    b = U.T @ problem.y
    low, high = 0.0, s[0] * np.linalg.norm(b) / max(abs(g), 1e-150)
    for _ in range(200):
        middle = (low + high) / 2
        inside = np.linalg.norm(s * b / (s**2 + middle)) < abs(g)
        low, high = (low, middle) if inside else (middle, high)
    return 0.5 * float(np.sum((high * b / (s**2 + high)) ** 2))


def least_loss_along(problem, w):
    """The least loss of all x along w."""
    Au = problem.A @ (w / np.linalg.norm(w))
    stretch = Au @ Au
    part = (Au @ problem.y) ** 2 / stretch if stretch else 0.0
    return 0.5 * max(float(problem.y @ problem.y - part), 0.0)


def rounding(problem, g):
    """The loss that rounding leaves at the scale g, roughly."""
    size = np.sqrt(problem.lam_max) * abs(g) + np.linalg.norm(problem.y)
    return (np.finfo(float).eps * size) ** 2 * problem.m


def still(problem, g, w, loss):
    """Whether the gradient vanishes at (g, w), in g and in the direction, although the loss does not."""
    u = w / np.linalg.norm(w)
    gradient = problem.grad(g * u)
    slope = float(u @ gradient)
    across = float(np.linalg.norm(g * (gradient - slope * u)))
    return max(abs(slope), across / (1 + abs(g))) <= 1e-7 * np.sqrt(problem.lam_max * 2 * loss)
