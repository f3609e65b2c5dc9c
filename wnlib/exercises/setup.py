"""Exercises of the chapter "Setup" (section 1.1)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, judge, number, numeric, pair, random_instances, vector


def minimum_norm(answer):
    """answer(A, y) is the solution of Ax = y of least norm: it solves, and it is in the row space of A."""
    for problem in random_instances():
        A, y = problem.A, problem.y
        m, d = A.shape
        value = numeric(answer(A, y))
        if value.shape == (m,):
            raise Wrong(
                f"x must have {d} entries, one for each unknown; yours has {m}, one for each equation. "
                "If it is (AAᵀ)⁻¹y, multiply it by Aᵀ."
            )
        x = vector("x", value, d)
        off = np.linalg.norm(A @ x - y)
        if off > ROUNDING:
            raise Wrong(f"A x = y must hold, but on a random A of shape {A.shape} your x leaves ‖Ax − y‖ = {off:.3g}.")
        shortest = np.linalg.lstsq(A, y)[0]
        if np.linalg.norm(x - shortest) > ROUNDING:
            raise Wrong(
                f"Your x solves A x = y, but a shorter solution exists: norm {np.linalg.norm(shortest):.4g} against "
                f"your {np.linalg.norm(x):.4g}. Remove the part of x in the kernel of A."
            )
    return "On 20 random problems your x solves Ax = y and has no part in the kernel of A."


def split(answer):
    """answer(A, z) is (z∥, z⊥) of Definition 1.1, with z∥ in the row space of A."""
    rng = np.random.default_rng(1)
    for problem in random_instances():
        A = problem.A
        z = rng.standard_normal(A.shape[1])
        value = pair("z∥, z⊥", answer(A, z))
        parallel, perp = vector("z∥", value[0], z.size), vector("z⊥", value[1], z.size)
        row_part = np.linalg.pinv(A) @ (A @ z)
        if max(np.abs(parallel - z + row_part).max(), np.abs(perp - row_part).max()) < ROUNDING:
            raise Wrong("The two parts are swapped: z∥ comes first and lies in the row space of A.")
        if np.abs(parallel + perp - z).max() > ROUNDING:
            off = np.linalg.norm(parallel + perp - z)
            raise Wrong(f"z∥ + z⊥ must be z; yours is off by {off:.3g}.")
        if np.linalg.norm(A @ perp) > ROUNDING:
            raise Wrong(f"A z⊥ must be 0; yours has norm {np.linalg.norm(A @ perp):.3g}.")
        if np.linalg.norm(parallel - row_part) > ROUNDING:
            inner = parallel @ perp
            raise Wrong(
                "Your parts add up to z and A z⊥ = 0, which is all that the paper asks for, but your z∥ is not in the "
                f"row space of A: ⟨z∥, z⊥⟩ = {inner:.3g}, and it should be 0."
            )
    return "On 20 random matrices the parts add up, z⊥ is in the kernel and z∥ in the row space."


def weight_normalization_step(answer):
    """answer(A, y, g, w, eta, gamma) is (g, w) after one step of Algorithm 1, judged by differences of h."""
    rng = np.random.default_rng(2)
    for problem in random_instances():
        A, y = problem.A, problem.y
        w, g = rng.uniform(1.5, 3) * rng.standard_normal(A.shape[1]), float(rng.uniform(0.5, 2))
        eta, gamma = 0.3, 0.2
        g_next, w_next = pair("g, w", answer(A, y, g, w, eta, gamma))
        g_next, w_next = number("The first value, g,", g_next), vector("w", w_next, w.size)
        _judge_direction(A, y, g, w, (w - w_next) / eta, g_next)
        _judge_scale(A, y, g, w, (g - g_next) / gamma, w_next)
    return "On 20 random problems your step follows the gradient of h in w and in g."


def _h(A, y, g, w):
    return 0.5 * np.sum((g * (A @ w) / np.linalg.norm(w) - y) ** 2)


def _slope_g(A, y, g, w):
    return (_h(A, y, g + 1e-5, w) - _h(A, y, g - 1e-5, w)) / 2e-5


def _slope_w(A, y, g, w):
    moves = 1e-5 * np.eye(w.size)
    return np.array([(_h(A, y, g, w + e) - _h(A, y, g, w - e)) / 2e-5 for e in moves])


def _judge_direction(A, y, g, w, used, g_next):
    true = _slope_w(A, y, g, w)
    size, close = np.linalg.norm(w), 1e-6 * max(1, np.linalg.norm(true))
    if np.linalg.norm(used - true) < close:
        return
    if np.linalg.norm(used + true) < close:
        raise Wrong("w goes uphill: the sign of its gradient step is wrong.")
    if np.linalg.norm(used - size * true) < close * size:
        raise Wrong("The step of w is too long by the factor ‖w‖: x depends on w through w/‖w‖, which brings in 1/‖w‖.")
    if np.linalg.norm(used - _slope_w(A, y, g_next, w)) < close:
        raise Wrong("The step of w uses the new g. Algorithm 1 takes both gradients at (w_t, g_t).")
    if abs(used @ w) > close * size:
        raise Wrong(
            "The step of w has a part along w. Stretching w does not change h, so its gradient is orthogonal to w: "
            "project with I − wwᵀ/‖w‖². And Algorithm 1 does not normalize w after the step."
        )
    raise Wrong(
        f"(w_t − w_(t+1))/eta should be the gradient of h in w; it differs by {np.linalg.norm(used - true):.3g}. "
        "Check the factor g, and that eta, not gamma, moves w."
    )


def _judge_scale(A, y, g, w, used, w_next):
    true = _slope_g(A, y, g, w)
    if abs(used - true) < 1e-6 * max(1, abs(true)):
        return
    if abs(used - _slope_g(A, y, g, w_next)) < 1e-6 * max(1, abs(true)):
        raise Wrong("The step of g uses the new w. Algorithm 1 takes both gradients at (w_t, g_t).")
    raise Wrong(
        f"(g_t − g_(t+1))/gamma should be the slope of h in g, {true:.4g} here; yours is {used:.4g}. "
        "It is ⟨w/‖w‖, Aᵀ(Ax − y)⟩."
    )


def length_after(answer):
    """answer(length, eta, sizes) is ‖w‖ after steps of WN whose gradients in w have these sizes."""
    rng = np.random.default_rng(9)
    for _ in range(20):
        length, eta, sizes = rng.uniform(0.5, 2), rng.uniform(0.1, 0.9), rng.uniform(0.2, 2, int(rng.integers(2, 9)))
        found = number("The length", answer(length, eta, sizes))
        true = np.sqrt(length**2 + eta**2 * np.sum(sizes**2))
        mistakes = (
            (length, "No step shortens w, and none leaves its length as it is unless the gradient vanishes."),
            (
                length + eta * sizes.sum(),
                "Your steps point along w. They are orthogonal to it: what adds up is not lengths.",
            ),
            (length - eta * sizes.sum(), "A step orthogonal to w never shortens it."),
            (
                np.sqrt(length**2 + (eta * sizes.sum()) ** 2),
                "Each step is orthogonal to the w before it, not to the first one: the squares add up one by one.",
            ),
            (np.sqrt(length**2 + eta * np.sum(sizes**2)), "A step has the length η·size, so its square has η²."),
            (true**2, "This is ‖w‖². Take its root."),
        )
        otherwise = f"From length {length:.4g} the {sizes.size} steps lead to {true:.6g}; yours is {found:.6g}."
        judge(found, true, mistakes, otherwise)
    return "On 20 random runs your length is what Pythagoras gives, step by step."
