"""The WN flow to time 100 from 100 starts, to equal accuracy."""

import numpy as np

from benchmarks.timing import Row, median_seconds, missing, peer
from wnlib import flow, make_least_squares, random_direction

WORK = "WN flow to t = 100 from 100 starts, m = 20, d = 50"
GOALS = {"scipy": "≥ 20", "diffrax": "≥ 2"}
C, T_MAX = 1.0, 100.0
RTOL, ATOL = 1e-9, 1e-10
# The error that each may have in the weights at the end.
ERROR = 1e-8


def rows():
    """Yield a row for each peer."""
    problem = make_least_squares(20, 50, cond=10, seed=0)
    starts = np.array([random_direction(50, seed=k) for k in range(100)])
    g0 = np.linspace(0.2, 4, 100)
    exact = scipy_flows(problem, g0, starts, method="DOP853", rtol=1e-12, atol=1e-14)

    def ours():
        return end_of_flows(problem, g0, starts)

    def theirs():
        return scipy_flows(problem, g0, starts, method="LSODA", rtol=RTOL, atol=ATOL)

    for found in (ours(), theirs()):
        assert np.abs(found - exact).max() < ERROR, np.abs(found - exact).max()
    our_time = median_seconds(ours, 5)
    yield Row(WORK, "scipy solve_ivp in R^d", median_seconds(theirs, 1), our_time, GOALS["scipy"])
    if peer("diffrax"):
        flows = diffrax_flows(problem, g0, starts)
        assert np.abs(flows() - exact).max() < ERROR, np.abs(flows() - exact).max()
        yield Row(WORK, "diffrax, jit + vmap, warm", median_seconds(flows, 5), our_time, GOALS["diffrax"])
    else:
        yield missing(WORK, "diffrax, jit + vmap", GOALS["diffrax"])


def end_of_flows(problem, g0, starts):
    """The weights at the end, by wnlib."""
    options = {"c": C, "t_max": T_MAX, "times": [T_MAX], "rtol": RTOL, "atol": ATOL}
    ends = [flow(problem, g, w0, **options) for g, w0 in zip(g0, starts, strict=True)]
    return np.array([end.x[-1] for end in ends])


def scipy_flows(problem, g0, starts, **options):
    """One call of solve_ivp a start, on (g, w) in R^(d + 1)."""
    from scipy.integrate import solve_ivp

    A, y = problem.A, problem.y

    def rates(_, state):
        g, w = state[0], state[1:]
        size = np.sqrt(w @ w)
        u = w / size
        G = A.T @ (A @ (g * u) - y)
        slope = u @ G
        return np.concatenate([[-C * slope], -g / size * (G - slope * u)])

    ends = []
    for g, w0 in zip(g0, starts, strict=True):
        path = solve_ivp(rates, (0, T_MAX), np.append(g, w0), **options)
        g, w = path.y[0, -1], path.y[1:, -1]
        ends.append(g * w / np.linalg.norm(w))
    return np.array(ends)


def diffrax_flows(problem, g0, starts):
    """One compiled function over all starts."""
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    A, y = jnp.asarray(problem.A), jnp.asarray(problem.y)

    def rates(_, state, __):
        g, w = state
        size = jnp.sqrt(w @ w)
        u = w / size
        G = A.T @ (A @ (g * u) - y)
        slope = u @ G
        return -C * slope, -g / size * (G - slope * u)

    def run(g, w):
        path = diffrax.diffeqsolve(
            diffrax.ODETerm(rates),
            diffrax.Dopri8(),
            t0=0.0,
            t1=T_MAX,
            dt0=None,
            y0=(g, w),
            stepsize_controller=diffrax.PIDController(rtol=RTOL, atol=ATOL),
            max_steps=100_000,
        )
        g, w = (part[-1] for part in path.ys)
        return g * w / jnp.linalg.norm(w)

    compiled = jax.jit(jax.vmap(run))
    return lambda: np.asarray(compiled(jnp.asarray(g0), jnp.asarray(starts)))
