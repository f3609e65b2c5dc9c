"""Ends of runs, flows and recoveries, printed as JSON: the same script runs here and in a browser's Python."""

import json

import numpy as np
from zoo import CASES, ZOO, methods

from wnlib import GD, RPGD, WN, Optimal, Piecewise, flow, make_least_squares, random_direction, solve
from wnlib.methods import TimesNorm
from wnlib.sensing import METHODS, MatrixSensing, make_matrix_sensing, random_factor, recover

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
    yield from recoveries()


def recoveries():
    """Recoveries that converge, take all steps, diverge at once or later, and end at a factor of length 0."""
    problem = make_matrix_sensing(d=5, r=2, m=7)
    starts = np.multiply.outer([0.3, 1.0, 1e25], random_factor(5))[..., :4]
    for name, (kind, diagonal) in METHODS.items():
        eta, gamma = TimesNorm(0.01, 2) if kind is WN else 0.01, Piecewise([0, 0.01], [30])
        method = GD(eta) if kind is GD else kind(eta, gamma)
        run = recover(problem, method, starts, diagonal=diagonal, tol=1e-9, max_steps=700)
        counts = [*run.t.tolist(), *(message.split()[0] for message in run.message)]
        near = run.loss < 1
        yield f"recovery, {name}", counts, [*run.x[near].ravel(), *run.g[near].ravel()]
    run = recover(problem, GD(0.01), 30 * random_factor(5), max_steps=700)
    yield "recovery that diverges", [run.t, run.message.split()[0]], []
    run = recover(MatrixSensing([[[1, 0], [0, 0]]], [2]), RPGD(1 / 16, 0.0), [[2], [0]])
    yield "recovery to length 0", [run.t, run.message.split()[0]], [*run.x.ravel(), run.g]


if __name__ == "__main__":
    print(json.dumps(list(ends())))
