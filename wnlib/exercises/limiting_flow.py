"""Exercises of the chapter "Limiting flow" (Lemma 2.2)."""

import numpy as np

from wnlib.exercises._answers import (
    ROUNDING,
    Wrong,
    judge,
    number,
    numbers,
    pair,
    random_instances,
    unit_vector,
    vector,
)
from wnlib.flows import flow
from wnlib.methods import RPGD, WN
from wnlib.problems import LeastSquares
from wnlib.runs import solve


def flow_rates(answer):
    """answer(A, y, g, w, c) is (g', w') of the WN flow for a w of any length, judged by steps of Algorithm 1."""
    rng = np.random.default_rng(3)
    for problem in random_instances():
        A, y = problem.A, problem.y
        w = rng.uniform(1.5, 3) * unit_vector(rng, A.shape[1])
        g, c = float(rng.choice([-1, 1]) * rng.uniform(1.5, 3)), float(rng.uniform(1.5, 3))
        g_rate, w_rate = pair("g', w'", answer(A, y, g, w, c))
        g_rate, w_rate = number("The first value, g',", g_rate), vector("w'", w_rate, w.size)
        # Algorithm 1 is linear in its step sizes, so a step of size 1 is the rate.
        g_next, w_next = WN(1.0, c).step(problem, g, w)
        _judge_direction(g, w, c, w_rate, w_next - w)
        _judge_scale(np.linalg.norm(w), c, g_rate, g_next - g)
    return "On 20 random problems your rates are those of Algorithm 1."


def _judge_direction(g, w, c, yours, true):
    size = np.linalg.norm(w)
    if abs(yours @ w) > ROUNDING * np.linalg.norm(true) * size:
        raise Wrong(
            f"The flow keeps ‖w‖, so w must be orthogonal to w'; yours has ⟨w, w'⟩ = {yours @ w:.3g}. "
            "Project the gradient, with the unit vector w/‖w‖."
        )
    reasons = {
        -1.0: "Your w' points uphill; check the sign of the residual.",
        size: "Your w' is too long by the factor ‖w‖: the gradient of h in w has 1/‖w‖.",
        1 / size: "Your w' is too short by the factor ‖w‖: this is how the direction w/‖w‖ moves, not w.",
        g: "Your w' has a factor g too many, as the printed equation (4) does with the true gradient of f.",
        1 / g: "Your w' lacks the factor g of x = g w/‖w‖.",
        c: "Your w' has a factor c, which belongs to g' only.",
    }
    _judge("w'", yours, true, reasons)


def _judge_scale(size, c, yours, true):
    reasons = {
        -1.0: "Your g' climbs; check the sign of the residual.",
        1 / c: "Your g' lacks the factor c.",
        size: "Your g' is too large by the factor ‖w‖: use the unit vector w/‖w‖.",
    }
    _judge("g'", yours, true, reasons)


def _judge(name, yours, true, reasons):
    off = np.linalg.norm(yours - true) / np.linalg.norm(true)
    otherwise = f"Your {name} differs from a step of Algorithm 1, divided by its size, by {off:.0%} of its length."
    judge(yours, true, ((factor * true, reason) for factor, reason in reasons.items()), otherwise, 1e-7, ROUNDING)


def matching_steps(answer):
    """answer(eta, c, length) is rPGD's (eta, c) that follows WN from a w0 of that length."""
    rng = np.random.default_rng(4)
    for problem in random_instances():
        u = unit_vector(rng, problem.d)
        (g, c, length), eta = rng.uniform(1.5, 3, size=3), 1e-6
        values = numbers("eta, c", answer(eta, c, length))
        if values[0] <= 0 or values[1] < 0:
            raise Wrong(f"eta must be positive and c at least 0; you returned {values[0]:.3g} and {values[1]:.3g}.")
        g_wn, w_wn = WN(eta, c * eta).step(problem, g, length * u)
        g_rpgd, w_rpgd = RPGD(values[0], values[0] * values[1]).step(problem, g, u)
        turn = np.linalg.norm(w_rpgd - u) / np.linalg.norm(w_wn / length - u)
        _judge_speed("direction", "turns", turn, length, "How does a longer w change a step of its direction?")
        move = (g_rpgd - g) / (g_wn - g)
        _judge_speed("scale", "moves", move, length, "Does the length enter the step of WN's scale at all?")
    return "On 20 random problems a step of rPGD with your sizes follows the step of WN."


def _judge_speed(part, verb, ratio, length, advice):
    if abs(ratio - 1) > 1e-3:
        raise Wrong(f"With ‖w0‖ = {length:.3g} rPGD's {part} {verb} {ratio:.3g} times as fast as WN's. {advice}")


def second_order_gap(answer):
    """answer(A, y, g, w) is the limit of (u_rPGD − u_WN)/η² after one step each from (g, w), ‖w‖ = 1."""
    rng = np.random.default_rng(5)
    for problem in random_instances():
        w = unit_vector(rng, problem.d)
        g = float(rng.choice([-1, 1]) * rng.uniform(1.5, 3))
        yours = vector("The gap", answer(problem.A, problem.y, g, w), w.size)
        true = 2 * _gap(problem, g, w, 5e-5) - _gap(problem, g, w, 1e-4)
        if np.linalg.norm(true) < 1e-2:
            continue
        if abs(yours @ w) > 1e-6 * np.linalg.norm(true):
            raise Wrong(
                f"The gap is orthogonal to w; yours has ⟨w, gap⟩ = {yours @ w:.3g}. Use p = (I − wwᵀ)G in place of G."
            )
        off = np.linalg.norm(yours - true) / np.linalg.norm(true)
        G = problem.grad(g * w)
        slope, n = w @ G, np.linalg.norm(G - (w @ G) * w)
        factors = (
            (-1.0, "The sign is the other one: it is rPGD minus WN."),
            (1 / g, "It lacks a factor g: the gradient of f in w has one, and it enters twice."),
            (1 / slope, "It lacks the slope σ = wᵀG."),
            (n, "The second entry of the pair counts unit vectors p/n, and n · p/n = p: yours has n twice."),
            (1 / n, "The second entry of the pair counts unit vectors p/n, and n · p/n = p: yours lacks n."),
        )
        otherwise = f"With η = 1e-4 the measured gap differs from yours by {off:.2g} of its length."
        judge(yours, true, ((factor * true, reason) for factor, reason in factors), otherwise, 1e-3)
    return "On 20 random problems your vector is the gap between the two steps, divided by η²."


def other_side(answer):
    """answer(eta) is an angle of w0 from which rPGD and the flow end with g of different signs; g0 = c = y = 1."""
    problem = LeastSquares([[1, 0]], [1])
    onto = np.pi - np.arcsin(np.exp(-0.5))
    for eta in np.random.default_rng(6).uniform(0.01, 0.1, 20):
        angle = number("The angle", answer(float(eta)))
        if abs(angle) > 2 * np.pi:
            raise Wrong(f"The angle is in radians; yours is {angle:.4g}.")
        if abs(np.cos(angle) - np.cos(onto)) < 1e-8:
            raise Wrong(
                f"From your angle {angle:.4f} the flow itself runs into the saddle. Leave its curve, by a little: "
                "which way, and by how much?"
            )
        w0 = np.array([np.cos(angle), np.sin(angle)])
        limit = flow(problem, 1.0, w0, t_max=200, tol=1e-8, rtol=1e-12, atol=1e-14)
        run = solve(problem, RPGD(eta, eta), 1.0, w0, tol=1e-8)
        if run.g * limit.g[-1] < 0:
            continue
        both = "g > 0" if run.g > 0 else "g < 0"
        raise Wrong(
            f"With eta = {eta:.3g} both end with {both} from your angle {angle:.4f}. The border of the flow is at "
            f"{onto:.4f}, and your start is {(angle - onto) / eta:+.2f} eta from it."
        )
    return "On 20 random step sizes rPGD and the flow end at different solutions from your start."


def _gap(problem, g, w, eta):
    directions = [method(eta, eta).step(problem, g, w)[1] for method in (RPGD, WN)]
    return (directions[0] - directions[1] / np.linalg.norm(directions[1])) / eta**2
