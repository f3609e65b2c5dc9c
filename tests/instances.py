"""Random instances for the tests of the theory: `instance` for the flow, `draw` for section 3 and Appendices A and E.

Steps run here as Algorithm 2 has them, in R^d and on many instances at once, apart from the laws under test.
"""

from dataclasses import dataclass, replace

import numpy as np

from wnlib import RPGD, LeastSquares, Optimal, make_least_squares, random_direction

FIXED = RPGD(Optimal(), 0.0)
PLANE = LeastSquares([[1, 0]], [1])


def norm(z):
    return np.linalg.norm(z, axis=-1)


def instance(seed, cond=20.0):
    """A problem, g0 of either sign from 0 to twice g* and more, w0, and c from 0.05 to 20."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 4))
    d = m + int(rng.integers(1, 4))
    problem = make_least_squares(m, d, cond=rng.uniform(1, cond), g_star=rng.uniform(0.3, 3), seed=seed)
    w0 = random_direction(d, seed=seed)
    if seed % 4 == 0:  # nearly in the kernel
        w0 = problem.perp(w0) + 10 ** rng.uniform(-6, -1) * problem.parallel(w0)
    if seed % 4 == 1:  # looking away from the solution
        w0 = 0.5 * w0 - problem.w_star
    return problem, rng.uniform(-4, 4), w0 / np.linalg.norm(w0), 10 ** rng.uniform(np.log10(0.05), np.log10(20))


@dataclass(frozen=True)
class Batch:
    """B problems with orthonormal rows, A of shape (B, m, d), each with a state (g, w)."""

    A: np.ndarray
    y: np.ndarray
    g: np.ndarray
    w: np.ndarray

    @property
    def g_star(self):
        return norm(self.y)

    @property
    def w_star(self):
        return np.einsum("bmd,bm->bd", self.A, self.y) / self.g_star[:, None]

    @property
    def Aw(self):
        return np.einsum("bmd,bd->bm", self.A, self.w)

    @property
    def p(self):
        return norm(self.Aw)

    @property
    def w_perp(self):
        return norm(self.w - np.einsum("bmd,bm->bd", self.A, self.Aw))

    @property
    def residual(self):
        return self.g[:, None] * self.Aw - self.y

    def gradient_step(self):
        """v and ∇L, with the step 1/g²."""
        gradient = np.einsum("bmd,bm->bd", self.A, self.residual)
        return self.w - gradient / self.g[:, None], gradient

    def step(self, gamma):
        v, gradient = self.gradient_step()
        return replace(self, g=self.g - gamma * np.sum(self.w * gradient, axis=1), w=v / norm(v)[:, None])


def draw(size=1000, *, below=True, seed=0, g_star=None):
    """Random instances; g0 < g* if `below`, else up to 3 g*. Starts reach from near the row space to near ker A."""
    rng = np.random.default_rng(seed)
    A = np.swapaxes(np.linalg.qr(rng.standard_normal((size, 7, 3)))[0], 1, 2)
    y = rng.standard_normal((size, 3))
    y *= (np.exp(rng.uniform(-2, 2, size)) if g_star is None else g_star)[:, None] / norm(y)[:, None]
    ratio = 1 - np.exp(rng.uniform(-3.5, 0, size)) if below else rng.uniform(0.01, 3, size)
    w = rng.standard_normal((size, 7))
    parallel = np.einsum("bmd,bm->bd", A, np.einsum("bmd,bd->bm", A, w))
    w = w + parallel * (np.exp(rng.uniform(-6, 3, size)) - 1)[:, None]
    return Batch(A, y, np.maximum(ratio, 0.01) * norm(y), w / norm(w)[:, None]), rng


def before_projection(problem, g, w):
    """v of Algorithm 2 with the step 1/(g² λmax)."""
    return w - problem.grad(g * w) / (g * problem.lam_max)


def law(state):
    """p = ‖Aw‖, a = g*/p and the gap e = a − g, from the first step on."""
    a = state.g_star / state.p
    return state.p, a, a - state.g


def run_two_stages(state, first, second, first_gamma, second_gamma):
    """The states after T1 and T1 + T2 steps, g resting at step 0, and all ‖w⊥‖ and ‖r‖, shape (T + 1, B)."""
    at_first, history = state, []
    total = first + second
    for t in range(total.max() + 1):
        at_first = select(t == first, state, at_first)
        history.append((state.w_perp, norm(state.residual)))
        gamma = np.where(t == 0, 0.0, np.where(t < first, first_gamma, second_gamma))
        state = select(t < total, state.step(gamma), state)
    return at_first, state, np.swapaxes(history, 0, 1)


def select(mask, new, old):
    return replace(old, g=np.where(mask, new.g, old.g), w=np.where(mask[:, None], new.w, old.w))
