"""Ends of runs and flows over the zoo, printed as JSON: the same script runs here and in a browser's Python."""

import json

import numpy as np
from zoo import CASES, ZOO, methods

from wnlib import GD, RPGD, WN, Optimal, Piecewise, flow, make_least_squares, random_direction, solve

MANY = (GD(Piecewise([0.3, 0.1], [40])), WN(Optimal(power=1), 0.05), RPGD(Optimal(), 0.1), RPGD(0.2, 0.1), GD(2.5))


def ends():
    """Yield (what, counts, numbers): counts must agree, and numbers nearly."""
    for animal, name in CASES:
        beast = ZOO[animal]
        how = {"tol": 1e-8, "max_steps": 3000, "record_every": 500}
        run = solve(beast.problem, methods(beast.problem)[name], beast.g0, beast.w0, **how)
        yield f"{animal}, {name}", [run.t, run.message.split()[0]], [*run.x, *run.path.x.ravel(), run.g]
    # More starts than there are lanes, which end at different steps, also at a start and by divergence.
    problem = make_least_squares(5, 12, seed=2)
    w0 = random_direction(12, seed=2) + 0.3 * problem.w_star
    for method in MANY:
        run = solve(problem, method, np.linspace(-6, 6, 61), w0, tol=1e-9, max_steps=1000)
        # Those far from a solution go apart from rounding alone.
        near = run.x[run.loss < 1]
        yield f"many, {method}", [*run.t.tolist(), *(m.split()[0] for m in run.message)], near.ravel().tolist()
    for animal, beast in ZOO.items():
        for c in (0.0, 1.0, 50.0):
            path = flow(beast.problem, beast.g0, beast.w0, c=c, t_max=1e4, tol=1e-16)
            yield f"{animal}, flow, c = {c}", [path.message.split()[0]], [*path.x[-1], path.g[-1]]


print(json.dumps(list(ends())))
