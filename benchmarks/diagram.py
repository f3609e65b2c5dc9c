"""A phase diagram: the kernel part that discrete rPGD leaves, over 200 starting scales and 200 ratios γ/η."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.timing import Row, median_seconds, missing, peer, seconds
from wnlib import RPGD, make_least_squares, random_direction, solve

WORK = "phase diagram, 200 × 200 of (g₀, c), m = 5, d = 20"
GOAL = "≥ 20"
ETA, TOL, MAX_STEPS = 0.1, 1e-8, 20_000


def rows():
    """Yield one row."""
    problem, w0 = make_least_squares(5, 20, cond=4, g_star=1, seed=0), random_direction(20, seed=0)
    g0, c = np.linspace(0.05, 2, 200), np.geomspace(0.05, 5, 200)

    def line(ratio):
        run = solve(problem, RPGD(ETA, ratio * ETA), g0, w0, tol=TOL, max_steps=MAX_STEPS)
        return np.linalg.norm(problem.perp(run.x), axis=1), run.t

    def ours():
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            norms, steps = zip(*pool.map(line, c), strict=True)
        return np.array(norms), np.array(steps)

    norms, steps = ours()
    if not peer("jax"):
        yield missing(WORK, "jax, jit + vmap", GOAL)
        return
    diagram = jax_diagram(problem, w0, g0, c)
    their_norms, their_steps = diagram()
    assert np.abs(their_norms - norms).max() < 1e-9 and np.mean(their_steps == steps) > 0.999
    note = f"{steps.sum():,} steps"
    yield Row(WORK, "jax, jit + vmap, warm", seconds(diagram), median_seconds(ours, 3), GOAL, note)


def jax_diagram(problem, w0, g0, c):
    """One compiled function over the whole grid."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    A, y, w0 = jnp.asarray(problem.A), jnp.asarray(problem.y), jnp.asarray(w0)
    row_space = jnp.asarray(problem.svd[2])

    def run(g, gamma):
        def go_on(state):
            t, g, w = state
            r = A @ (g * w) - y
            return (0.5 * (r @ r) > TOL) & (t < MAX_STEPS)

        def advance(state):
            t, g, w = state
            G = A.T @ (A @ (g * w) - y)
            v = w - ETA * g * G
            return t + 1, g - gamma * (w @ G), v / jnp.sqrt(v @ v)

        t, g, w = jax.lax.while_loop(go_on, advance, (0, g, w0))
        x = g * w
        return jnp.linalg.norm(x - row_space @ (row_space.T @ x)), t

    over_scales = jax.vmap(run, in_axes=(0, None))
    compiled = jax.jit(jax.vmap(over_scales, in_axes=(None, 0)))
    return lambda: tuple(map(np.asarray, compiled(jnp.asarray(g0), ETA * jnp.asarray(c))))
