"""Next moves for a run that failed, tried on its own start before they are told."""

from dataclasses import replace

import numpy as np

from wnlib._endings import _bounds as bounds
from wnlib._endings._kinds import raised
from wnlib.methods import GD, RPGD, WN, Optimal, Piecewise, TimesNorm

# What the trials of one run may take, in updates of a coordinate: a third of a second. What one costs beside them.
WORK, OVERHEAD = 6 * 10**7, 6 * 10**4
LIBRARY = (GD, WN, RPGD)


class Trials:
    """Trials of next moves for a run; without work for the methods that the library does not know."""

    def __init__(self, run):
        self.run = run
        self.left = WORK if type(run.method) in LIBRARY else 0
        self.a_step = 8 + run.problem.m
        self.nearest = 0.5 * run.loss, 0, {}
        # Below a hundred times what rounding leaves there is nothing to arrive at.
        self.tol = max(run.tol, float(f"{100 * bounds.rounding(run.problem, run.problem.g_star):.2g}"))
        self.raised = raised(run.tol, self.tol)

    def steps(self, most, **changes):
        """After how many steps, at most `most`, the run arrives with these changes; None if it does not."""
        most = min(most, int((self.left - OVERHEAD) // self.a_step))
        if most < 0:
            return None
        with np.errstate(all="ignore"):  # a trial may leave the numbers
            end = self.run.again(max_steps=most, tol=self.tol, **changes)
        self.left -= end.t * self.a_step + OVERHEAD
        if end.loss < self.nearest[0]:
            self.nearest = end.loss, end.t, changes
        return end.t if end.converged else None

    def sizes(self, methods):
        """The sentence for the first of some methods that arrives, in the steps given or in more; "" for none."""
        methods = [method for method in methods if method is not None]
        for k, most in enumerate((self.run.max_steps, 10**9)):
            for i, method in enumerate(methods):
                # Half of the work is kept for the second round.
                share = self.left * (1 if k else 0.5) / self.a_step / max(1, len(methods) - i) * 3
                t = self.steps(min(most, int(share)), method=method)
                if t is not None:
                    more = f", so raise max_steps to {t}" if t > self.run.max_steps else ""
                    return f"With {in_words(method)} this start arrives after {in_steps(t)}{more}.{self.raised}"
        return ""

    def nearly(self):
        """The sentence for the trial that came nearest, where none arrived in the work that may be spent."""
        loss, t, changes = self.nearest
        if "method" not in changes:
            return ""
        told = f"With {in_words(changes['method'])} the loss falls to {loss:.2g} in {in_steps(t)}"
        return f"{told}: raise max_steps well beyond them."

    def longer(self, part):
        """The sentence for more steps, if the run arrives within a part of the work that is left; else ""."""
        t = self.steps(int(part * self.left / self.a_step))
        return "" if t is None else f"Raise max_steps: this start arrives after {in_steps(t)}.{self.raised}"


def in_steps(t):
    return "1 step" if t == 1 else f"{t} steps"


def short(number):
    """A number as a sentence names it: what is tried is what is told."""
    return float(f"{number:.3g}")


def scaled(method, factor, names=("eta", "gamma")):
    """The method with some of its step sizes multiplied, or None where there is nothing to multiply."""

    def times(rule):
        if isinstance(rule, TimesNorm):
            return replace(rule, value=times(rule.value))
        if isinstance(rule, Piecewise):
            return replace(rule, values=[short(factor * value) for value in rule.values])
        return short(factor * rule)

    if type(method) not in LIBRARY:
        return None
    changed = {k: times(rule) for k, rule in rules(method) if k in names and not isinstance(rule, Optimal)}
    return replace(method, **changed) if changed else None


def shorter(method, names, least=1.0):
    """The methods whose step sizes `names` are halved again and again; by `least` at once where that is far."""
    first = least if least < 1e-3 else 1.0
    return [scaled(method, first * 0.5**k, names) for k in range(1, 11)]


def safe(run):
    """Methods whose steps are below every bound at the solution of least norm and at the start, coarse to fine."""
    problem, method = run.problem, run.method
    eta, gamma = safe_sizes(run)
    if isinstance(method, GD):
        return [replace(method, eta=short(1 / problem.lam_max))]
    if type(method) not in LIBRARY:
        return []
    return [
        replace(method, eta=short(eta * 4.0**-k), gamma=short(gamma * 4.0**-j))
        for k, j in ((0, 0), (1, 1), (0, 2), (2, 2), (2, 0), (3, 3), (1, 4), (4, 4), (5, 5))
    ]


def safe_sizes(run):
    """1/(g² λmax), times ‖w0‖² for WN, and 1/λmax, which are half of the bounds or less."""
    problem = run.problem
    length = np.linalg.norm(run.w0) if isinstance(run.method, WN) else 1.0
    return (length / max(problem.g_star, abs(run.g0))) ** 2 / problem.lam_max, 1 / problem.lam_max


def at_step(method, t):
    """The method with the step sizes that its schedules have at step t."""

    def now(rule):
        if isinstance(rule, TimesNorm):
            return replace(rule, value=now(rule.value))
        return rule(t) if isinstance(rule, Piecewise) else rule

    return replace(method, **{name: now(rule) for name, rule in rules(method)})


def last_switch(method):
    """The last step at which a schedule of the method changes; 0 without one."""
    values = [rule.value if isinstance(rule, TimesNorm) else rule for _, rule in rules(method)]
    return max((max(rule.switches, default=0) for rule in values if isinstance(rule, Piecewise)), default=0)


def held(method, t):
    """The step sizes that are 0 from step t on."""

    def later(rule):
        if isinstance(rule, TimesNorm):
            return later(rule.value)
        return rule.values[sum(t >= switch for switch in rule.switches) :] if isinstance(rule, Piecewise) else [rule]

    return [name for name, rule in rules(method) if all(value == 0 for value in later(rule))]


def rules(method):
    """The names and rules of the step sizes of a method of the library."""
    return [(name, getattr(method, name)) for name in ("eta", "gamma") if hasattr(method, name)]


def in_words(method):
    """The step sizes of a method as they are written in a call."""
    return " and ".join(f"{name} = {rule!r}" for name, rule in rules(method))
