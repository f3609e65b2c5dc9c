"""Exercises of the chapter "Matrix sensing" (Appendix F.2)."""

import numpy as np

from wnlib.exercises._answers import ROUNDING, Wrong, judge, matrix, number, pair, vector
from wnlib.methods import WN
from wnlib.sensing import make_matrix_sensing, min_nuclear_norm, random_factor, recover

# The law max(ν*, α²) is no theorem. On these draws it holds within 0.3%.
LAWFUL, AGREEMENT = (2, 3, 6, 9), 0.005


def gradient(answer):
    """answer(A, y, U) is the gradient of (57), for sensing matrices that are not symmetric."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        d, m = int(rng.integers(2, 6)), int(rng.integers(2, 8))
        problem = make_matrix_sensing(d, 1, m, seed=int(rng.integers(2**31)))
        U = rng.standard_normal((d, d))
        given, true = matrix("The gradient", answer(problem.A, problem.y, U), d, d), problem.grad(U)
        T = np.tensordot(problem.residual(U @ U.T), problem.A, axes=1) / m
        mistakes = (
            (2 * T @ U, "This is 2TU. It is right only for symmetric Aᵢ; here the transposes differ: use T + Tᵀ."),
            (T @ U, "Moving U moves UUᵀ on both sides: there is a second term, with Tᵀ."),
            (true * m, "The loss has a factor 1/(2m); the gradient keeps 1/m."),
            (true / 2, "Half of it is missing: the square gives a 2 that cancels the one in 1/(2m)."),
            (U @ (T + T.T), "T + Tᵀ multiplies U from the left."),
            (-true, "The sign is that of −∇f, the direction of descent."),
        )
        off = np.linalg.norm(given - true)
        otherwise = f"For d = {d}, m = {m} your gradient is off by {off:.3g}. Compare it with differences of the loss."
        judge(given, true, mistakes, otherwise)
    return "On 20 random problems it is the gradient, for sensing matrices that are not symmetric."


def diagonal_start(answer):
    """answer(U0) is (W, D): unit columns and the diagonal with W D Wᵀ = U0 U0ᵀ."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        d = int(rng.integers(2, 6))
        U0 = rng.standard_normal((d, d))
        W, D = pair("W, D", answer(U0))
        W, D = matrix("W", W, d, d), _diagonal(D, d)
        lengths = np.linalg.norm(W, axis=0)
        if not np.allclose(lengths, 1, rtol=0, atol=ROUNDING):
            if np.allclose(np.linalg.norm(W, axis=1), 1, rtol=0, atol=ROUNDING):
                raise Wrong("The rows of your W have length 1; it is the columns that need it (axis=0).")
            raise Wrong(f"Each column of W needs length 1; yours have lengths from {lengths.min():.3g} on.")
        if np.allclose(D, np.linalg.norm(U0, axis=0), rtol=0, atol=ROUNDING):
            raise Wrong("D multiplies w wᵀ, in which the length stands twice: it must be squared.")
        if np.allclose(D, D[0], rtol=0, atol=ROUNDING):
            raise Wrong("One D for all columns fits only a U0 whose columns are equally long; this one is general.")
        off = np.linalg.norm((W * D) @ W.T - U0 @ U0.T)
        if off > ROUNDING:
            raise Wrong(f"W D Wᵀ differs from U0 U0ᵀ by {off:.3g}.")
    return "On 20 random starts W has unit columns and W D Wᵀ is U0 U0ᵀ."


def final_norm(answer):
    """answer(least, alpha) is max(ν*, α²), judged by runs of WN with small steps."""
    for seed in LAWFUL:
        problem = make_matrix_sensing(d=5, r=1, m=6, seed=seed)
        least = min_nuclear_norm(problem)[0]
        alphas = np.sqrt(least) * np.array([0.4, 0.6, 0.8, 1.2, 1.5])
        starts = np.multiply.outer(alphas, random_factor(5, seed=seed))
        step = min(0.01, 0.02 / least)
        ends = recover(problem, WN(step, step), starts, max_steps=20_000).nuclear_norm
        for alpha, true in zip(alphas.tolist(), ends.tolist(), strict=True):
            value = number("The norm", answer(least, alpha))
            mistakes = (
                (least, "From a start with a trace above ν* a fit of that trace exists: the scale stays there."),
                (alpha**2, "From a small start no matrix of that trace fits, so the scale has to climb."),
                (alpha, "The start has trace α², not α, and a small start has to climb."),
            )
            otherwise = f"With ν* = {least:.4g} and α = {alpha:.4g} WN ends at {true:.4g}; you say {value:.4g}."
            judge(value, true, mistakes, otherwise, AGREEMENT)
    return "On 20 random starts, from below and above √ν*, WN ends within 0.5% of your prediction."


def _diagonal(value, d):
    """The diagonal of D, which an answer may give as d numbers or as a diagonal matrix."""
    if getattr(value, "shape", None) != (d, d):
        return vector("The diagonal D", value, d)
    D = matrix("D", value, d, d)
    beside = np.abs(D - np.diag(np.diag(D))).max()
    if beside > ROUNDING:
        raise Wrong(f"D must be diagonal; yours holds {beside:.3g} beside the diagonal.")
    return np.diag(D)
