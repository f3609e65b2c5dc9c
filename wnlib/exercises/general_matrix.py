"""Exercises of the proofs for a general matrix (Appendix E.3)."""

import numpy as np

from wnlib.exercises._answers import Wrong, numeric, vector

LIMIT = 10**6


def spectrum(answer):
    """answer(kappa) is a spectrum from 1/κ to 1 for which the random form has something to say: condition (49)."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        kappa = np.exp(rng.uniform(np.log(1.5), np.log(1000)))
        value = numeric(answer(kappa))
        if not 0 < value.size <= LIMIT:
            raise Wrong(f"Return at least one eigenvalue, and at most {LIMIT:,}; yours are {value.size:,}.")
        _judge_spectrum(kappa, vector("The spectrum", value, value.size))
    return "On 20 random κ your spectrum has this condition number and meets (49)."


def _judge_spectrum(kappa, lam):
    m = lam.size
    if lam.min() <= 0:
        raise Wrong(f"Eigenvalues of AAᵀ are positive; the smallest of yours is {lam.min():.3g}.")
    if not np.isclose(lam.max(), 1) or not np.isclose(lam.max() / lam.min(), kappa):
        raise Wrong(f"They must go from 1/κ = {1 / kappa:.3g} to 1; yours go from {lam.min():.3g} to {lam.max():.3g}.")
    if m == 1:
        raise Wrong("One eigenvalue has κ = 1.")
    mean, room = np.mean(lam**2), 2 * np.sqrt(np.log(m) / m)
    if mean < lam.min() ** 2 + room:
        move = "More equations make the root small." if room > 0.5 else "Let fewer of the eigenvalues be small."
        raise Wrong(f"At κ = {kappa:.3g} the mean of λ² is {mean:.3g}, below λmin² + {room:.3g}. {move}")
