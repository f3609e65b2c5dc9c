"""Right answers, and typical mistakes with a part of the sentence that each gets: limiting flow."""

import numpy as np


def rates(A, y, g, w, c, *, sign=1, project=True, size_power=1, g_power=1, unit=True):
    size = np.linalg.norm(w)
    u = w / size
    G = sign * A.T @ (A @ (g * u) - y)
    move = G - (u @ G) * u if project else G
    return -c * ((u if unit else w) @ G), -(g**g_power) / size**size_power * move


def gap(A, y, g, w, *, g_power=2, slope_power=1, n_power=0, project=True):
    G = A.T @ (A @ (g * w) - y)
    slope = w @ G
    p = G - slope * w
    return -(g**g_power) * slope**slope_power * np.linalg.norm(p) ** n_power * (p if project else G)


BORDER = np.pi - np.arcsin(np.exp(-0.5))

RIGHT = {
    "limiting_flow.flow_rates": rates,
    "limiting_flow.matching_steps": lambda eta, c, length: (eta / length**2, c * length**2),
    "limiting_flow.second_order_gap": gap,
    "limiting_flow.other_side": lambda eta: BORDER + 0.09 * eta,
}

WRONG = [
    ("limiting_flow.flow_rates", lambda *a: rates(*a)[0], "the pair g', w'"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a)[::-1], "The first value, g', is one number"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, project=False), "Project the gradient"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, sign=-1), "points uphill"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, size_power=0), "too long by the factor ‖w‖"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, g_power=2), "a factor g too many"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, size_power=2), "too short by the factor ‖w‖"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, g_power=0), "lacks the factor g"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, size_power=3), "differs from a step of Algorithm 1"),
    ("limiting_flow.flow_rates", lambda *a: (rates(*a)[0], a[4] * rates(*a)[1]), "belongs to g' only"),
    ("limiting_flow.flow_rates", lambda *a: (rates(*a)[0] / a[4], rates(*a)[1]), "lacks the factor c"),
    ("limiting_flow.flow_rates", lambda *a: (-rates(*a)[0], rates(*a)[1]), "g' climbs"),
    ("limiting_flow.flow_rates", lambda *a: rates(*a, unit=False), "use the unit vector"),
    ("limiting_flow.matching_steps", lambda eta, c, length: eta, "Return the pair eta, c"),
    ("limiting_flow.matching_steps", lambda eta, c, length: (str(eta / length**2), str(c * length**2)), "quotes"),
    ("limiting_flow.matching_steps", lambda eta, c, length: (eta / length**2 + 0j, c * length**2), "a real one"),
    ("limiting_flow.matching_steps", lambda eta, c, length: (eta, np.nan), "c must be finite"),
    ("limiting_flow.matching_steps", lambda eta, c, length: (-eta, c), "must be positive"),
    ("limiting_flow.matching_steps", lambda eta, c, length: (eta, c), "change a step of its direction"),
    ("limiting_flow.matching_steps", lambda eta, c, length: (eta / length, c), "change a step of its direction"),
    ("limiting_flow.matching_steps", lambda eta, c, length: (eta / length**2, c), "step of WN's scale"),
    ("limiting_flow.second_order_gap", lambda *a: gap(*a)[:-1], "The gap must be an array"),
    ("limiting_flow.second_order_gap", lambda *a: gap(*a, project=False), "orthogonal to w"),
    ("limiting_flow.second_order_gap", lambda *a: -gap(*a), "sign is the other one"),
    ("limiting_flow.second_order_gap", lambda *a: gap(*a, g_power=1), "lacks a factor g"),
    ("limiting_flow.second_order_gap", lambda *a: gap(*a, slope_power=0), "lacks the slope"),
    ("limiting_flow.second_order_gap", lambda *a: gap(*a, n_power=1), "has n twice"),
    ("limiting_flow.second_order_gap", lambda *a: gap(*a, n_power=-1), "lacks n"),
    ("limiting_flow.second_order_gap", lambda *a: 2 * gap(*a), "the measured gap differs"),
    ("limiting_flow.other_side", lambda eta: BORDER, "runs into the saddle"),
    ("limiting_flow.other_side", lambda eta: BORDER - 0.09 * eta, "both end with g > 0"),
    ("limiting_flow.other_side", lambda eta: BORDER + eta, "both end with g < 0"),
    ("limiting_flow.other_side", lambda eta: np.rad2deg(BORDER + 0.09 * eta), "in radians"),
    ("limiting_flow.other_side", lambda eta: np.pi / 2, "both end with g > 0"),
]
