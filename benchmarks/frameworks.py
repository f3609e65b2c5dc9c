"""What PyTorch does to a layer with weight normalization, and a last layer on real data: numbers for a page.

Nothing is timed here. `python -m benchmarks.frameworks` runs all of it, in some minutes, and writes what it found to
wnlib/frameworks.json, which the page "Weight normalization in your framework" reads. Names of parts (`python -m
benchmarks.frameworks recipe last_layer`) renew these alone. All parts but `last_layer` need torch, two need
scikit-learn; the CPU build of torch will do.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np

from wnlib import LeastSquares, make_least_squares
from wnlib.frameworks import STORED
from wnlib.practice import draw_split, held_limit, random_features
from wnlib.theory import flow_limit

PAGE = Path(__file__).parents[1] / "book/practice/frameworks.ipynb"
# Splits that were looked at while the page was written, and those that were run once after it.
SPLITS, ASIDE = range(10), range(200, 210)
STEPS = 300
# Each run of an optimizer by its name: the class of torch.optim, and what it is given besides the rate.
OPTIMIZERS = {
    "SGD": ("SGD", {"lr": 0.1}),
    "slow scale": ("SGD", {"lr": 0.1, "ratio": 0.1}),
    "momentum": ("SGD", {"lr": 0.01, "momentum": 0.9}),
    "minibatches": ("SGD", {"lr": 0.1, "batch": 5}),
    "decay on g": ("SGD", {"lr": 0.1, "decay": [0.01, 0.0]}),
    "decay on v": ("SGD", {"lr": 0.1, "decay": [0.0, 0.01]}),
    "decay on both": ("SGD", {"lr": 0.1, "decay": [0.01, 0.01]}),
    "Adam": ("Adam", {"lr": 0.003}),
}


def example(seed=0):
    """The problem of the page, and a start whose entries PyTorch's default would draw: uniform on ±1/√d."""
    problem = make_least_squares(20, 50, cond=4, g_star=1.0, seed=seed)
    return problem, np.random.default_rng(seed).uniform(-1, 1, 50) / np.sqrt(50)


def gaussian(m, d, seed):
    """A problem with standard normal rows and targets."""
    rng = np.random.default_rng(seed)
    return LeastSquares(rng.standard_normal((m, d)), rng.standard_normal(m))


def layer_of(d, v0=None):
    """A normalized layer with one output, with its own start or a given one; and its scale and direction."""
    import torch
    from torch.nn.utils.parametrizations import weight_norm

    torch.set_num_threads(1)  # for vectors of so few numbers more threads are slower
    layer = torch.nn.Linear(d, 1, bias=False, dtype=torch.float64)
    if v0 is not None:
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(v0)[None])
    layer = weight_norm(layer)
    return layer, layer.parametrizations.weight.original0, layer.parametrizations.weight.original1


def train(problem, layer, parameters, name, steps, *, lr, ratio=1.0, batch=None, decay=(0.0, 0.0), tol=0.0, **options):
    """Train on ½‖Ax − y‖² with an optimizer of torch, and return the steps taken, at most `steps`.

    The first of the parameters has `ratio` times the rate. A batch has its loss multiplied by m over its size.
    """
    import torch

    A, y = torch.tensor(np.array(problem.A)), torch.tensor(np.array(problem.y))[:, None]
    rates, rng = (lr * ratio, lr), np.random.default_rng(0)
    groups = [
        {"params": [p], "lr": rate, "weight_decay": d} for p, rate, d in zip(parameters, rates, decay, strict=False)
    ]
    optimizer = getattr(torch.optim, name)(groups, **options)
    for t in range(steps):
        rows = rng.choice(problem.m, batch, replace=False) if batch else np.arange(problem.m)
        loss = 0.5 * problem.m / len(rows) * torch.sum((layer(A[rows]) - y[rows]) ** 2)
        if loss.item() <= tol:
            return t
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return steps


def weight(layer):
    return layer.weight.detach().numpy()[0]


def share(problem, x):
    """The kernel part of the weights, in units of g*."""
    return float(np.linalg.norm(problem.perp(x)) / problem.g_star)


def lengths():
    """Mean and standard deviation of ‖v0‖² over 2000 outputs of a layer of torch, at its own start."""
    import torch
    from torch.nn.utils.parametrizations import weight_norm

    found = {}
    for d in (10, 100, 1000):
        torch.manual_seed(0)
        layer = weight_norm(torch.nn.Linear(d, 2000, dtype=torch.float64))
        scale, v = layer.parametrizations.weight.original0, layer.parametrizations.weight.original1
        assert scale.shape == (2000, 1) and torch.allclose(scale[:, 0], v.norm(dim=1), rtol=1e-12)
        squares = (v**2).sum(dim=1)
        found[str(d)] = [squares.mean().item(), squares.std().item()]
    return found


def defaults():
    """Small steps from torch's own start: kernel parts of torch, of `flow_limit` and of the start, in units of g*."""
    import torch

    found = {}
    for m, d in ((20, 50), (100, 1000)):
        rows = []
        for seed in range(5):
            problem = gaussian(m, d, seed)
            torch.manual_seed(seed)
            layer, g, v = layer_of(d)
            g0, v0 = g.item(), v.detach().numpy()[0].copy()
            lr = 0.002 / problem.lam_max
            steps = train(problem, layer, (g, v), "SGD", 200_000, lr=lr, tol=1e-8)
            assert steps < 200_000
            ends = (weight(layer), flow_limit(problem, g0, v0, 1.0), v0)
            rows.append([share(problem, x) for x in ends])
        found[f"{m}x{d}"] = rows
    return found


def optimizers():
    """Scale, length, first two entries of v and kernel part after 300 steps from one start, for each optimizer."""
    problem, v0 = example()
    found = {}
    for label, (name, options) in OPTIMIZERS.items():
        layer, g, v = layer_of(problem.d, v0)
        train(problem, layer, (g, v), name, STEPS, **options)
        v_end = v.detach().numpy()[0]
        end = [g.item(), float(np.linalg.norm(v_end)), *v_end[:2].tolist(), share(problem, weight(layer))]
        found[label] = {"name": name, "options": options, "end": end}
    return found


def printed_recipe():
    """The recipe as the page prints it."""
    cells = json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "remove_param" in block]
    return code


def recipe_end(m, d, seed, code):
    """Run the recipe from torch's own start; ‖x − x*‖/g* at its end."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch.set_default_dtype(torch.float64)
    try:
        problem = gaussian(m, d, seed)
        names = {
            "torch": torch,
            "A": torch.tensor(np.array(problem.A)),
            "y": torch.tensor(np.array(problem.y))[:, None],
        }
        exec(code, names)
    finally:
        torch.set_default_dtype(torch.float32)
    return float(np.linalg.norm(weight(names["layer"]) - problem.x_star) / problem.g_star)


def recipe():
    """Ends of the recipe, and of the recipe without its shrinking line, for three shapes."""
    code = printed_recipe()
    whole = {
        f"{m}x{d}": [recipe_end(m, d, seed, code) for seed in range(5)] for m, d in ((20, 50), (100, 1000), (500, 1000))
    }
    unshrunk = "\n".join(line for line in code.splitlines() if "mul_(0.1)" not in line)
    assert unshrunk != code.rstrip()
    return {"whole": whole, "without the shrink": recipe_end(100, 1000, 0, unshrunk)}


def digits(labels=None):
    """Inputs and labels of scikit-learn's digits, of two classes as ±1 or of all."""
    from sklearn.datasets import load_digits

    data = load_digits()
    if labels is None:
        return data.data, data.target
    rows = np.isin(data.target, labels)
    return data.data[rows], np.where(data.target[rows] == labels[0], 1.0, -1.0)


def adam_split(seed):
    """Kernel part and test error where Adam ends on 3 against 8, with features of size one, and the test error of x*.

    From three starts: plain from zeros, WN from its default, and WN with a tenth of the scale.
    """
    import torch

    split, size = draw_split(*digits((3, 8)), 50, 250, length=0.5, seed=seed), np.sqrt(250 / 2)
    problem, ends = LeastSquares(size * split.problem.A, split.problem.y), []
    for start in ("zeros", 1.0, 0.1):
        torch.manual_seed(seed)
        if start == "zeros":
            layer = torch.nn.Linear(250, 1, bias=False, dtype=torch.float64)
            torch.nn.init.zeros_(layer.weight)
            parameters = (layer.weight,)
        else:
            layer, *parameters = layer_of(250)
            parameters[0].data.mul_(start)
        steps = train(problem, layer, parameters, "Adam", 30_000, lr=1e-3, tol=2.5e-7)
        assert steps < 30_000
        ends += [share(problem, weight(layer)), float(split.error(size * weight(layer)))]
    return [round(value, 5) for value in (*ends, float(split.error(split.problem.x_star)))]


def some_wrong(labels, wrong, m, seed):
    """Rows to train on, 300 clean ones to choose by, the rest for the test; and the labels to train with."""
    rng = np.random.default_rng((seed, 2))
    order = rng.permutation(len(labels))
    shown, flipped = labels[order[:m]].copy(), rng.permutation(m)[: round(wrong * m)]
    shown[flipped] = (shown[flipped] + rng.integers(1, 10, len(flipped))) % 10
    return order[:m], order[m : m + 300], order[m + 300 :], shown


def last_layer_split(seed, wrong, m=200, d=600):
    """Test errors of a last layer on random ReLU features of all ten digits, a share of its training labels wrong.

    In closed form: x* (what gradient descent reaches from zeros), the same with the kernel part of PyTorch's start,
    the direction alone trained at the scale of that start, the same at the scale that 300 clean rows prefer, and the
    ridge penalty that they prefer. A class whose g* is below the scale ends at its x*.
    """
    inputs, labels = digits()
    features = random_features(inputs, d, kind="ReLU", seed=seed)
    rows, choice, test, shown = some_wrong(labels, wrong, m, seed)
    A = features[rows]
    problems = [LeastSquares(A, (shown == k) - 0.1) for k in range(10)]
    targets = np.stack([p.y for p in problems], axis=1)

    def error(X, rows):
        return float(np.mean(np.argmax(features[rows] @ X, axis=1) != labels[rows]))

    def held(g):
        return np.stack([held_limit(p, g) if g < p.g_star else p.x_star for p in problems], axis=1)

    def ridge(mu):
        return A.T @ np.linalg.solve(A @ A.T + mu * np.eye(m), targets)

    def chosen(model, grid):
        return model(min(grid, key=lambda value: error(model(value), choice)))

    least = np.stack([p.x_star for p in problems], axis=1)
    start = np.random.default_rng((seed, 3)).uniform(-1, 1, (10, d)) / np.sqrt(d)
    models = {
        "zeros": least,
        "default": least + np.stack([p.perp(v) for p, v in zip(problems, start, strict=True)], axis=1),
        "held at 0.577": held(1 / np.sqrt(3)),
        "held, chosen": chosen(held, np.geomspace(0.01, 1, 25) * max(p.g_star for p in problems)),
        "ridge, chosen": chosen(ridge, np.geomspace(1e-6, 1, 25) * problems[0].lam_max),
    }
    return {name: round(error(X, test), 5) for name, X in models.items()}


def both(one_split, *args):
    """A split's numbers on those that were looked at, and on those that were not."""
    return {name: [one_split(seed, *args) for seed in seeds] for name, seeds in (("seen", SPLITS), ("aside", ASIDE))}


def adam():
    """Kernel part and test error of three starts of Adam, and the error of x*, on splits of the digits 3 and 8."""
    return both(adam_split)


def last_layer():
    """Test errors on splits with no and with a fifth of wrong labels."""
    return {f"{wrong:.0%} wrong": both(last_layer_split, wrong) for wrong in (0.0, 0.2)}


PARTS = {part.__name__: part for part in (lengths, defaults, optimizers, recipe, adam, last_layer)}


def main(words):
    """Run the parts, all or those that are named, and write each at once."""
    if unknown := sorted({*words} - {*PARTS}):
        sys.exit(f"There is no part {', '.join(unknown)}; choose from {', '.join(PARTS)}.")
    for name in words or PARTS:
        stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
        stored[name] = PARTS[name]()
        if "torch" in sys.modules:
            stored["torch"] = sys.modules["torch"].__version__.partition("+")[0]
        text = json.dumps(stored, default=float, indent=1, sort_keys=True)
        # Rows of numbers on one line each.
        text = re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda row: "[" + " ".join(row[1].split()) + "]", text)
        STORED.write_text(text + "\n", encoding="utf-8")
        print(f"{name}: done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
