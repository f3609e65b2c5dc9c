"""Exercises of the chapter "Beyond linear regression" (Appendix D)."""

import numpy as np

from wnlib.exercises._answers import Wrong, judge, matrix, number


def unseen_factor(answer):
    """answer(g0, g1, c, size) is the factor of Theorem D.2, judged by how the flow composes and moves."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        g0, g1, c, size = (float(v) for v in rng.uniform(0.5, 2, 4))
        factor = number("The factor", answer(g0, g1, c, size))
        exponent = (g0**2 - g1**2) / 2
        true = np.exp(exponent / (c * size**2))
        mistakes = (
            (1 / true, "This is the inverse: the unseen part of w shrinks where the scale grows."),
            (np.exp(exponent / size**2), "Your exponent lacks the ratio c, as the printed theorem does."),
            (np.exp(exponent / c), "Your exponent lacks the length of w0: a longer w turns more slowly."),
            (
                np.exp(exponent / (c * size)),
                "The length enters as its square: once from w/‖w‖, once from its gradient.",
            ),
            (np.exp(2 * exponent / (c * size**2)), "This is the factor of the squared norm; the half is missing."),
            (g1 / g0 * true, "This is the factor of x⊥ = g w⊥/‖w‖; leave out the ratio of the scales."),
        )
        otherwise = (
            f"From g0 = {g0:.3g} to g1 = {g1:.3g} with c = {c:.3g} and length {size:.3g} the unseen part is multiplied "
            f"by {true:.5g}; you say {factor:.5g}."
        )
        judge(factor, true, mistakes, otherwise)
    return "On 20 random cases this is the factor of the flow."


def seen_projection(answer):
    """answer(B) is the orthogonal projection on the row space of B, whatever the rank."""
    rng = np.random.default_rng(2)
    for trial in range(20):
        d = int(rng.integers(3, 8))
        rank = int(rng.integers(1, d))
        k = rank + int(rng.integers(0, 3)) * (trial % 2)
        B = rng.standard_normal((k, rank)) @ rng.standard_normal((rank, d))
        try:
            P = matrix("P, which acts on x,", answer(B), d, d)
        except np.linalg.LinAlgError as error:
            raise Wrong(f"numpy says: {error}. If you inverted BBᵀ: here B has {k} rows and rank {rank}.") from error
        if np.abs(P @ P - P).max() > 1e-6:
            raise Wrong(f"P must be a projection, P² = P. If you inverted BBᵀ: here B has {k} rows and rank {rank}.")
        if np.abs(P - P.T).max() > 1e-6:
            raise Wrong("P must be an orthogonal projection, so symmetric.")
        if np.abs(B.T - P @ B.T).max() > 1e-6:
            raise Wrong("(I − P)Bᵀ must be 0: yours misses some gradients.")
        if round(np.trace(P)) > rank:
            raise Wrong(
                f"True, but P has rank {round(np.trace(P))}, and {rank} is enough: the identity sees everything."
            )
    return "On 20 random B your P keeps all gradients and nothing else."
