"""Figure 5: 12 scales α and five methods, a fixed number of small steps."""

import numpy as np

from benchmarks.timing import Row, median_seconds, missing, peer
from wnlib import GD
from wnlib.experiments import SMALL_STEPS
from wnlib.sensing import METHODS, make_matrix_sensing, random_factor, recover

WORK = "Figure 5: 12 α × 5 methods, 200 small steps each"
GOALS = {"einsum": "≥ 5", "torch": "≥ 20"}
STEPS = 200


def rows():
    """Yield a row for each peer."""
    problem = make_matrix_sensing(30, 4, 60, seed=0)
    starts = np.multiply.outer(np.geomspace(0.01, 4, 12), random_factor(30, seed=0))

    def ours():
        ends = []
        for name, c in SMALL_STEPS.items():
            kind, diagonal = METHODS[name]
            method = GD(c) if kind is GD else kind(c, c)
            ends.append(recover(problem, method, starts, diagonal=diagonal, tol=None, max_steps=STEPS).x)
        return np.array(ends)

    reference, our_time = ours(), median_seconds(ours, 5)

    def theirs():
        return each_run(lambda *run: einsum_run(problem.A, problem.y, *run), starts)

    assert np.abs(theirs() - reference).max() < 1e-9
    yield Row(WORK, "numpy einsum, a loop a run", median_seconds(theirs, 1), our_time, GOALS["einsum"])
    if peer("torch"):

        def torchs():
            return each_run(torch_runner(problem.A, problem.y), starts)

        assert np.abs(torchs() - reference).max() < 1e-9
        yield Row(WORK, "torch autograd + SGD, a loop a run", median_seconds(torchs, 1), our_time, GOALS["torch"])
    else:
        yield missing(WORK, "torch", GOALS["torch"])


def each_run(run, starts):
    """X at the end of each method from each start, from the W and D that give U0 U0ᵀ."""
    ends = []
    for name, c in SMALL_STEPS.items():
        axes = None if name == "GD" else 0 if name.endswith("Diag") else (0, 1)
        for U0 in starts:
            size = 1.0 if axes is None else np.sqrt((U0 * U0).sum(axis=axes, keepdims=True))
            ends.append(run(name, axes, U0 / size, np.asarray(size) ** 2, c))
    return np.array(ends).reshape(len(SMALL_STEPS), len(starts), *starts.shape[1:])


def einsum_run(A, y, name, axes, W, D, c):
    """Steps as one writes them from the formulas."""
    m = len(y)
    for _ in range(STEPS):
        V = W if axes is None else W / np.sqrt((W * W).sum(axis=axes, keepdims=True))
        r = np.einsum("kij,ij->k", A, np.einsum("ia,ja->ij", V * D, V)) - y
        T = np.einsum("k,kij->ij", r, A) / m
        S = (T + T.T) / 2
        if axes is None:
            W = W - 2 * c * S @ W
            continue
        size = np.sqrt((W * W).sum(axis=axes, keepdims=True))
        slope = (V * (S @ V)).sum(axis=axes, keepdims=True)
        if name.startswith("WN"):
            W = W - 2 * c * D / size * (S @ V - slope * V)
        else:
            W = W - 2 * c * D * (S @ W)
            W = W / np.sqrt((W * W).sum(axis=axes, keepdims=True))
        D = D - c * slope
    V = W if axes is None else W / np.sqrt((W * W).sum(axis=axes, keepdims=True))
    return (V * D) @ V.T


def torch_runner(A, y):
    """The same runs with gradients by autograd."""
    import torch

    torch.set_num_threads(1)
    A, y = torch.tensor(A), torch.tensor(y)
    matrix = A.reshape(len(y), -1)

    def run(name, axes, W, D, c):
        W = torch.tensor(W, requires_grad=True)
        D = torch.tensor(np.asarray(D, dtype=float), requires_grad=axes is not None)

        def normalized():
            return W if axes is None else W / W.square().sum(dim=axes, keepdim=True).sqrt()

        optimizer = torch.optim.SGD([W] if axes is None else [W, D], lr=c)
        for _ in range(STEPS):
            optimizer.zero_grad()
            V = W if name.startswith("rPGD") else normalized()
            X = (V * D) @ V.T
            r = matrix @ X.reshape(-1) - y
            # The paper's step on the factor is twice that on the scale; SGD's gradient already has the two.
            ((r @ r) / (2 * len(y))).backward()
            optimizer.step()
            if name.startswith("rPGD"):
                with torch.no_grad():
                    W.copy_(normalized())
        with torch.no_grad():
            V = normalized()
            return ((V * D) @ V.T).numpy()

    return run
