"""The five methods of Appendix F.2 on a matrix-sensing problem, many starts at once."""

from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from wnlib._checks import instance, integer, real_array, real_number
from wnlib.engine import CONVERGED, DIVERGED, MAX_STEPS, ZERO_DIRECTION
from wnlib.sensing._problem import MatrixSensing, nuclear_norm

METHODS = ("GD", "WN", "WN-Diag", "RPGD", "RPGD-Diag")
# Starts that run together: enough to pay for a call of numpy, few enough to stay in the processor's cache.
BLOCK = 32
# A run whose loss passes this has diverged. The loss of the step after it, near its cube, still fits in a float.
LOSS_LIMIT = 1e80


@dataclass(frozen=True, eq=False)
class Recovery:
    """How the runs of `recover` ended. For one start (U0 of shape (d, k)) there is no leading axis B.

    Attributes
    ----------
    X : ndarray, shape (B, d, d)
        The last UUᵀ = W D Wᵀ.
    W : ndarray, shape (B, d, k)
        The last factor: U itself for "GD", of unit length (or unit columns) for the others.
    D : ndarray, shape (B,) or (B, k)
        The last scale g, or the diagonal of D for the two Diag methods; 1 for "GD".
    nuclear_norm : ndarray, shape (B,)
        ‖X‖_*. It is the trace of X unless a scale has turned negative.
    loss : ndarray, shape (B,)
        f of (57) at the end.
    steps : ndarray of int, shape (B,)
    converged : ndarray of bool, shape (B,)
        Whether the loss reached `tol`.
    message : tuple of str, length B
        One sentence for each start on how it ended; one str for a single start.
    """

    X: np.ndarray = field(repr=False)
    W: np.ndarray = field(repr=False)
    D: np.ndarray = field(repr=False)
    nuclear_norm: np.ndarray
    loss: np.ndarray
    steps: np.ndarray
    converged: np.ndarray
    message: tuple[str, ...] | str


def recover(
    problem,
    method,
    U0,
    *,
    eta,
    gamma=None,
    switch=0,
    norm_powers=(0, 0),
    tol=1e-6,
    max_steps=100_000,
):
    """Run a method of Appendix F.2 from UUᵀ = U0 U0ᵀ until f ≤ tol, tested before each step.

    With S as in `MatrixSensing.slope`, the gradient in the factor is ∝ SW, and that in a scale is ∝ wᵀSw:

    - "GD" on U.
    - "WN" on X = g WWᵀ/‖W‖²_F; "RPGD" on X = g WWᵀ with ‖W‖_F = 1 (Algorithm 3).
    - "WN-Diag" on X = Σⱼ Dⱼ wⱼwⱼᵀ/‖wⱼ‖²; "RPGD-Diag" on X = W D Wᵀ with unit columns (Algorithm 4, where
      UUᵀ = DWᵀ is printed).

    All start from the same UUᵀ: from U0 the factor gets its direction and the scale its squared length
    (‖U0‖²_F = α², or the squared length of each column). Nothing keeps a scale positive.

    Parameters
    ----------
    problem : MatrixSensing
    method : {"GD", "WN", "WN-Diag", "RPGD", "RPGD-Diag"}
    U0 : array_like, shape (d, k) or (B, d, k)
        Starting factors. Only for "GD" may U0 (or, for Diag, one of its columns) be zero.
    eta : float or array_like, shape (B,)
        Step size of the factor, at least 0.
    gamma : float or array_like, shape (B,), optional
        Step size of the scale; `eta` if not given.
    switch : int
        The scale stays as it is while t < switch (the two-phase algorithm).
    norm_powers : tuple of two ints
        (p, q): WN's steps are eta‖W‖ᵖ_F and gamma‖W‖^q_F. The paper prints η = γ = c‖W‖_F.
    tol : float
        Bound on f, positive.
    max_steps : int
        Bound on the steps of each start.

    Returns
    -------
    Recovery

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range.

    Examples
    --------
    >>> from wnlib.sensing import make_matrix_sensing, random_factor, recover
    >>> problem = make_matrix_sensing(d=6, r=1, m=8)
    >>> run = recover(problem, "WN", 0.5 * random_factor(6), eta=0.01)
    >>> run.converged, run.X.shape, bool(abs(run.nuclear_norm - run.D) < 1e-9)
    (True, (6, 6), True)
    """
    instance("problem", problem, MatrixSensing)
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}.")
    U0 = real_array("U0", U0, (problem.d, "k"), ("B", problem.d, "k"))
    single, U0 = U0.ndim == 2, U0.reshape(-1, *U0.shape[-2:])
    eta = _step_sizes("eta", eta, len(U0))
    gamma = eta if gamma is None else _step_sizes("gamma", gamma, len(U0))
    with np.errstate(over="ignore"):
        W, D = _start(method, U0)
    switch, tol = integer("switch", switch, at_least=0), real_number("tol", tol, above=0)
    stop = (switch, tol, integer("max_steps", max_steps, at_least=0))
    powers = power_pair(norm_powers)
    blocks = [slice(i, i + BLOCK) for i in range(0, len(U0), BLOCK)]
    # Two threads gain nothing on products this small, lose a hundredfold on a busy machine, and round differently.
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        ends = [_run(problem, method, W[k], D[k], eta[k], gamma[k], powers, *stop) for k in blocks]
        W, D, loss, steps, status = map(np.concatenate, zip(*ends, strict=True))
        X = (W * D) @ W.transpose(0, 2, 1)
    finite = np.isfinite(X).all(axis=(1, 2))
    norms = np.full(len(X), np.inf)  # of those that diverged beyond what a float holds
    if finite.any():
        norms[finite] = nuclear_norm(X[finite])
    message = tuple(_sentence(tol, *end) for end in zip(status, steps, loss, strict=True))
    D = D[:, 0] if method.endswith("Diag") else D[:, 0, 0]
    ends = (X, W, D, norms, loss, steps, status == CONVERGED, message)
    if single:
        ends = (end[0].item() if isinstance(end, np.ndarray) and end.ndim == 1 else end[0] for end in ends)
    return Recovery(*ends)


def power_pair(powers):
    """The two powers of ‖W‖_F in WN's steps, each an integer of at least 0."""
    if not isinstance(powers, tuple | list) or len(powers) != 2:
        raise ValueError(f"norm_powers must be a pair (p, q) of integers; got {powers!r}.")
    return tuple(integer("norm_powers", p, at_least=0) for p in powers)


def _step_sizes(name, value, starts):
    """One step size for each start, shape (B, 1, 1)."""
    sizes = real_array(name, value, (), (starts,))
    if (sizes < 0).any():
        raise ValueError(f"{name} must be at least 0; got {sizes.min()}.")
    return np.broadcast_to(sizes, (starts,)).reshape(-1, 1, 1)


def _axes(method):
    """The axes of (B, d, k) over which a factor is normalized: its columns, or all of it."""
    return (1,) if method.endswith("Diag") else (1, 2)


def _inner(V, W, axes):
    """Inner products of factors, shape (B, 1, 1), or of their columns, shape (B, 1, k)."""
    if axes == (1,):
        return np.einsum("bij,bij->bj", V, W)[:, None]
    return np.einsum("bij,bij->b", V, W)[:, None, None]


def _start(method, U0):
    """W of shape (B, d, k) and D of shape (B, 1, 1) or (B, 1, k) with W D Wᵀ = U0 U0ᵀ."""
    if method == "GD":
        return U0, np.ones((len(U0), 1, 1))
    size = np.sqrt(_inner(U0, U0, _axes(method)))
    if not size.all():
        part = "a column of U0" if method.endswith("Diag") else "U0"
        raise ValueError(f"{method} needs a direction; {part} is zero. Start from another U0, or use GD.")
    return U0 / size, size**2


def _run(problem, method, W, D, eta, gamma, powers, switch, tol, max_steps):
    """Run a block of starts; those that end leave the block. Returns W, D, loss, steps and status of all."""
    axes = _axes(method)
    ends = W.copy(), D.copy(), np.empty(len(W)), np.empty(len(W), dtype=int), np.empty(len(W), dtype=int)
    active, lost = np.arange(len(W)), np.zeros(len(W), dtype=bool)
    for t in range(max_steps + 1):
        squared_size = _inner(W, W, axes) if method.startswith("WN") else np.ones((len(W), 1, 1))
        r = problem._residual((W * (D / squared_size)) @ W.transpose(0, 2, 1))
        loss = (r * r).sum(axis=1) / (2 * problem.m)
        left = (loss > tol) & (loss < LOSS_LIMIT) & ~lost & (t < max_steps)
        if not left.all():
            status = np.where(lost, ZERO_DIRECTION, np.where(loss < LOSS_LIMIT, MAX_STEPS, DIVERGED))
            status[loss <= tol] = CONVERGED
            now = (W / np.sqrt(squared_size), D, loss, np.full(len(W), t), status)
            for end, value in zip(ends, now, strict=True):
                end[active[~left]] = value[~left]
            if not left.any():
                break
            kept = (W, D, squared_size, r, eta, gamma, active)
            W, D, squared_size, r, eta, gamma, active = (array[left] for array in kept)
        scale_step = gamma if t >= switch else 0.0
        W, D, lost = _step(method, axes, problem._slope(r), W, D, squared_size, eta, scale_step, powers)
    return ends


def _step(method, axes, S, W, D, squared_size, eta, gamma, powers):
    """One step; `lost` marks the starts whose gradient step leads to a direction of length 0."""
    SW = S @ W
    lost = np.zeros(len(W), dtype=bool)
    if method == "GD":
        return W - 2 * eta * SW, D, lost
    slope = _inner(W, SW, axes) / squared_size
    if method.startswith("WN"):
        if any(powers):
            size = np.sqrt(_inner(W, W, (1, 2)))
            eta, gamma = eta * size ** powers[0], gamma * size ** powers[1]
        return W - 2 * eta * D / squared_size * (SW - slope * W), D - gamma * slope, lost
    V = W - 2 * eta * D * SW
    size = np.sqrt(_inner(V, V, axes))
    lost = ~size.reshape(len(W), -1).all(axis=1)
    if lost.any():
        V, size = np.where(size > 0, V, W), np.where(size > 0, size, 1.0)
    return V / size, D - gamma * slope, lost


def _sentence(tol, status, steps, loss):
    if status == CONVERGED:
        return f"Converged after {steps} steps: loss {loss:.3g} is at most tol = {tol:.3g}."
    if status == DIVERGED and steps == 0:
        return f"Stopped at the start: its loss is {loss:.3g}, too large to go on from. Take a smaller U0."
    if status == DIVERGED:
        return f"Diverged: at step {steps} the loss is {loss:.3g}. Lower the step sizes."
    if status == ZERO_DIRECTION:
        return (
            f"Stopped at step {steps}: the gradient step led to a factor of length 0, which has no direction to "
            "project to. Change eta or the start a little."
        )
    return (
        f"Stopped at max_steps = {steps} with loss {loss:.3g}, above tol = {tol:.3g}. "
        "Raise max_steps; if the loss does not fall any more, lower the step sizes or change the start."
    )
