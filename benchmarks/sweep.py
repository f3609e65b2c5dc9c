"""The sweep of Figure 1: 30 starting scales, three methods, each run to a loss of 1e-5."""

import numpy as np

from benchmarks.timing import Row, median_seconds, missing, peer, seconds
from wnlib import GD, RPGD, WN, LeastSquares, make_least_squares, random_direction, solve

WORK = "Figure 1 sweep: 30 g₀ × 3 methods, m = 20, d = 50"
ETA, TOL, MAX_STEPS = 0.005, 1e-5, 100_000
GOALS = {"torch": "≥ 4000", "numpy": "≥ 200", "jax": "≥ 40"}


def rows():
    """Yield a row for each peer."""
    made = make_least_squares(seed=0)
    A, y, w0, g0 = made.A, made.y, random_direction(50, seed=0), np.linspace(0, 5, 30)

    def ours():
        problem = LeastSquares(A, y)
        methods = (GD(ETA), WN(ETA, ETA), RPGD(ETA, ETA))
        runs = [solve(problem, method, g0, w0, tol=TOL) for method in methods]
        return [run.x for run in runs], [run.t for run in runs]

    reference, our_time = ours(), median_seconds(ours, 21)

    def same(found):
        for x, steps, our_x, our_steps in zip(*found, *reference, strict=True):
            assert np.array_equal(steps, our_steps)
            assert np.abs(x - our_x).max() < 1e-9

    same(numpy_loop(A, y, w0, g0))
    numpy_time = median_seconds(lambda: numpy_loop(A, y, w0, g0), 3)
    yield Row(WORK, "numpy, a loop a run", numpy_time, our_time, GOALS["numpy"])
    if peer("jax"):
        sweep = jax_sweep(A, y, w0, g0)
        found = []
        cold = seconds(lambda: found.append(sweep()))
        same(found[0])
        yield Row(WORK, "jax, jit + vmap, warm", median_seconds(sweep), our_time, GOALS["jax"])
        yield Row(WORK, "jax, with its compilation", cold, our_time, "")
    else:
        yield missing(WORK, "jax", GOALS["jax"])
    if peer("torch"):
        found = []
        torch_time = seconds(lambda: found.append(torch_sweep(A, y, w0, g0)))
        same(found[0])
        yield Row(WORK, "torch, weight_norm + SGD", torch_time, our_time, GOALS["torch"], "one repeat")
    else:
        yield missing(WORK, "torch", GOALS["torch"])


def numpy_loop(A, y, w0, g0):
    """One Python loop a run, on vectors of R^d."""

    def gd(g, w):
        x = g * w
        for t in range(MAX_STEPS):
            r = A @ x - y
            if 0.5 * (r @ r) <= TOL:
                return x, t
            x = x - ETA * (A.T @ r)

    def wn(g, w):
        for t in range(MAX_STEPS):
            size = np.sqrt(w @ w)
            u = w / size
            r = A @ (g * u) - y
            if 0.5 * (r @ r) <= TOL:
                return g * u, t
            G = A.T @ r
            slope = u @ G
            g, w = g - ETA * slope, w - ETA * g / size * (G - slope * u)

    def rpgd(g, w):
        for t in range(MAX_STEPS):
            r = A @ (g * w) - y
            if 0.5 * (r @ r) <= TOL:
                return g * w, t
            G = A.T @ r
            v = w - ETA * g * G
            g, w = g - ETA * (w @ G), v / np.sqrt(v @ v)

    ends = [[run(g, w0) for g in g0] for run in (gd, wn, rpgd)]
    return [np.array([x for x, _ in row]) for row in ends], [np.array([t for _, t in row]) for row in ends]


def jax_sweep(A, y, w0, g0):
    """Three compiled functions over all starts at once; returns a function that runs them."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    A, y, w0 = jnp.asarray(A), jnp.asarray(y), jnp.asarray(w0)

    def gd(g, w, G):
        return g, w - ETA * G  # the weights themselves, with g = 1

    def wn(g, w, G):
        size = jnp.sqrt(w @ w)
        slope = (w @ G) / size
        return g - ETA * slope, w - ETA * g / size * (G - slope * w / size)

    def rpgd(g, w, G):
        v = w - ETA * g * G
        return g - ETA * (w @ G), v / jnp.sqrt(v @ v)

    def to_tolerance(step, weights):
        def residual(g, w):
            return A @ weights(g, w) - y

        def go_on(state):
            t, g, w = state
            r = residual(g, w)
            return (0.5 * (r @ r) > TOL) & (t < MAX_STEPS)

        def advance(state):
            t, g, w = state
            return t + 1, *step(g, w, A.T @ residual(g, w))

        def run(g, w):
            t, g, w = jax.lax.while_loop(go_on, advance, (0, g, w))
            return weights(g, w), t

        return jax.jit(jax.vmap(run))

    def scaled(g, w):
        return g * w

    def unit(g, w):
        return g * w / jnp.sqrt(w @ w)

    ones, same = jnp.ones(len(g0)), jnp.tile(w0, (len(g0), 1))
    work = [
        (to_tolerance(gd, scaled), ones, jnp.asarray(g0)[:, None] * w0),
        (to_tolerance(wn, unit), jnp.asarray(g0), same),
        (to_tolerance(rpgd, scaled), jnp.asarray(g0), same),
    ]

    def run():
        ends = [function(*start) for function, *start in work]
        return [np.asarray(x) for x, _ in ends], [np.asarray(t) for _, t in ends]

    return run


def torch_sweep(A, y, w0, g0):
    """Layers without bias, torch's weight_norm, and SGD with a parameter group each for scale and direction."""
    import torch

    torch.set_num_threads(1)  # for vectors of 50 numbers more threads are slower
    A, y, w0 = torch.tensor(A), torch.tensor(y), torch.tensor(w0)

    def loss_of(layer):
        return 0.5 * torch.sum((layer(A)[:, 0] - y) ** 2)

    def train(layer, parameters, project=lambda: None):
        optimizer = torch.optim.SGD([{"params": [p], "lr": ETA} for p in parameters])
        for t in range(MAX_STEPS):
            optimizer.zero_grad()
            loss = loss_of(layer)
            if loss.item() <= TOL:
                return t
            loss.backward()
            optimizer.step()
            project()

    def linear(weight):
        layer = torch.nn.Linear(len(w0), 1, bias=False, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(weight[None])
        return layer

    def gd(g):
        layer = linear(g * w0)
        t = train(layer, [layer.weight])
        return layer.weight.detach().numpy()[0], t

    def wn(g):
        layer = torch.nn.utils.parametrizations.weight_norm(linear(w0))
        scale, direction = layer.parametrizations.weight.original0, layer.parametrizations.weight.original1
        with torch.no_grad():
            scale.fill_(g)
            direction.copy_(w0[None])
        t = train(layer, [scale, direction])
        return layer.weight.detach().numpy()[0], t

    def rpgd(g):
        scale, direction = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (g, w0.numpy()))

        def project():
            with torch.no_grad():
                direction.div_(torch.linalg.vector_norm(direction))

        t = train(lambda A: (A @ (scale * direction))[:, None], [scale, direction], project)
        return (scale * direction).detach().numpy(), t

    ends = [[run(float(g)) for g in g0] for run in (gd, wn, rpgd)]
    return [np.array([x for x, _ in row]) for row in ends], [np.array([t for _, t in row]) for row in ends]
