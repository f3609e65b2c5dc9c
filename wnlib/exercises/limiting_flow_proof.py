"""Exercises of the proof of the limiting flow (Appendix B)."""

import numpy as np

from wnlib.exercises._answers import Wrong, vector
from wnlib.flows import flow
from wnlib.methods import WN
from wnlib.problems import make_least_squares, random_direction
from wnlib.runs import solve

STEP = 0.004


def better_end(answer):
    """answer(x_step, x_half) is closer to the flow's end by an order than the ends for η and η/2."""
    rng = np.random.default_rng(1)
    for seed in range(20):
        problem, w0 = make_least_squares(2, 5, cond=2, seed=seed), random_direction(5, seed=seed)
        g0, c = rng.uniform(0.4, 1.5), rng.uniform(0.4, 2)
        end = flow(problem, g0, w0, c=c, t_max=1e6, tol=1e-22, rtol=1e-12, atol=1e-14).x[-1]
        x_step, x_half = (solve(problem, WN(h, c * h), g0, w0, tol=1e-24, max_steps=10**6).x for h in (STEP, STEP / 2))
        yours = vector("The point", answer(x_step, x_half), problem.d)
        _judge_end(end, x_step, x_half, yours)
    return "On 20 random problems your point is at least ten times closer to the flow's end than either run."


def _judge_end(end, x_step, x_half, yours):
    change = x_half - x_step
    size = np.linalg.norm(change)
    off = np.linalg.norm(yours - end)
    if off < 0.1 * np.linalg.norm(x_half - end):
        return
    share = (yours - x_half) @ change / size**2  # how far beyond x_half, in changes from x_step to it
    if np.linalg.norm(yours - x_half - share * change) > 1e-6 * size:
        raise Wrong("Your point is not on the line through the two ends, but both ends and the flow's are.")
    if -1.01 < share < 0.01:
        raise Wrong("Your point lies between the two ends. The error halves with the step: where does it vanish?")
    if share <= -1.01:
        raise Wrong("Your point lies beyond the end for η, the worse of the two. Go on past the one for η/2.")
    if abs(share - 1 / 3) < 0.02:
        raise Wrong("(4x' − x)/3 is for an error like η². Here the error is like η.")
    raise Wrong(f"You go {share:.2f} times the change of the ends beyond x_half. How much is left, if the error is aη?")
