"""How a flow ended: what is seen, its cause, and the next move."""

from math import isfinite, log

import numpy as np

from wnlib._endings import _bounds as bounds
from wnlib._endings._cures import short
from wnlib._endings._kinds import raised


def flow_sentence(problem, asked, path, attempt):
    """How a flow ended that was integrated to its end.

    `asked` holds g0, w0, c, t_max and tol, `path` is (t, states, loss, met_tol) with rows (g, Vᵀu, …) for states, and
    `attempt` the flow with some of what was asked for changed.
    """
    times, states, losses, met_tol = path
    tol, t_max, c = asked["tol"], asked["t_max"], asked["c"]
    t, loss = times[-1], losses[-1]
    if met_tol and t == 0:
        return f"Started with loss {loss:.3g}, at most tol = {tol:.3g}."
    if met_tol:
        return f"Reached loss {loss:.3g} at t = {t:.6g}."
    if tol is None:
        return f"Reached t_max = {t_max:.6g} with loss {loss:.3g}."
    floor = _floor(problem, asked, problem.g_star)
    lowest = tol if tol > floor else float(f"{100 * floor:.2g}")
    later, too = 1e4 * max(t_max, 1e3), raised(tol, lowest)
    head = f"Stopped at t_max = {t_max:.6g} with loss {loss:.3g}, above tol = {tol:.3g}"
    g, z = states[-1][0], states[-1][1:-1]
    if c == 0 and abs(g) < problem.g_star * (1 - 1e-12) and (least := bounds.least_loss(problem, g)) > tol:
        why = f"c = 0 holds the scale at {g:.3g}, below the least norm of a solution, g* = {problem.g_star:.3g}"
        cure = _with_c(asked, later, lowest, attempt)
        return f"{head}. {why}: the loss stays above {least:.3g}. Take c above 0.{cure}{too}"
    if loss < _floor(problem, asked, g):
        return f"{head}. Rounding keeps the loss at about {loss:.1g}: raise tol to {2 * loss:.2g}."
    length = np.linalg.norm(asked["w0"])
    rate = _rate(problem, c, g, z, length) / loss
    if rate * length**2 < 1e-13 * problem.lam_max:
        why = "which does not change any more: the flow stands where its gradient vanishes"
        return f"{head}, {why}. {_turn(problem, asked, later, lowest, attempt)}{too}"
    return f"{head}. The loss still falls: {_longer(t_max, log(loss / lowest) / rate, lowest, attempt)}{too}"


def _floor(problem, asked, g):
    """The loss that rounding and the accuracy asked for leave at the scale g, roughly."""
    return max(1000 * bounds.rounding(problem, g), problem.lam_max * asked["atol"] ** 2)


def _rate(problem, c, g, z, length):
    """By how much the loss falls in a unit of time: c times the squared slope in g, and the squared gradient in w."""
    U, s, _ = problem.svd
    gradient = s * (g * s * z - U.T @ problem.y)
    slope = z @ gradient
    return c * slope**2 + (g / length) ** 2 * max(gradient @ gradient - slope**2, 0)


def _longer(t_max, more, tol, attempt):
    """The time that the flow needs, found by trials, each far beyond the one before, for a flow costs little then."""
    for factor in (2, 100, 1e4, 1e8):
        later = factor * (t_max + more)
        end = attempt(t_max=later, tol=tol) if isfinite(later) else None
        if end and end.converged:
            return f"raise t_max: with t_max = {1.01 * end.t[-1]:.4g} it arrives."
    return f"raise t_max; at this speed about {t_max + more:.2g} is needed."


def _with_c(asked, later, tol, attempt):
    for c in (1.0, 0.01):
        end = attempt(c=c, t_max=later, tol=tol)
        if end.converged:
            return f" With c = {c!r} and t_max = {max(1.01 * end.t[-1], asked['t_max']):.4g} it arrives."
    return ""


def _turn(problem, asked, later, tol, attempt):
    """A start turned towards w* that arrives."""
    g0, size = asked["g0"], np.linalg.norm(asked["w0"])
    g0 = g0 if abs(g0) > 0.01 * problem.g_star else short(0.1 * problem.g_star)
    for part in (0.01, 0.1, 1.0, 3.0):
        part = short(part * size)
        w0 = asked["w0"] + part * problem.w_star
        end = attempt(g0=g0, w0=w0, t_max=later, tol=tol) if np.linalg.norm(w0) > 1e-6 * size else None
        if end and end.converged:
            return (
                f"Change the start: from g0 = {g0!r} and w0 + {part!r} problem.w_star it arrives with "
                f"t_max = {max(1.01 * end.t[-1], asked['t_max']):.4g}."
            )
    return "Change the start: turn w0 a little towards problem.w_star, and take g0 ≠ 0."


def stuck_sentence(reason):
    """How a flow ended whose integrator found no way on."""
    return (
        f"The integrator gave up: {reason}. "
        "Take smaller g0, c or w0, or raise rtol and atol. This path holds its start only."
    )
