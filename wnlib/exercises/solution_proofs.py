"""Exercises of the proofs about the invariant and the solution (Appendices C.3 and C.4)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, vector


def blind_slope(answer):
    """answer(y) is z = Agw, neither 0 nor y, with ⟨y − z, z⟩ = 0: the slope in g is zero and the loss is not."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        y = rng.standard_normal(int(rng.integers(2, 6))) * rng.uniform(0.5, 3)
        z, size = vector("z", answer(y), len(y)), np.linalg.norm(y)
        if np.linalg.norm(z) < 1e-6 * size:
            raise Wrong("z = 0 means g = 0 or Aw = 0. Let it be another point.")
        if np.linalg.norm(z - y) < 1e-6 * size:
            raise Wrong("z = y has zero loss: there r = 0. Another point is asked for.")
        slope = (y - z) @ z
        if abs(slope) > ROUNDING * size**2:
            turned = abs(y @ z) < ROUNDING * size**2
            right = "z is orthogonal to y, but r = z − y must be orthogonal to z. " if turned else ""
            raise Wrong(f"{right}⟨y − z, z⟩ is {slope:.3g} and must be zero: where is the angle at z a right one?")
    return "On 20 random y the slope in g is zero at your z, and the loss is not."
