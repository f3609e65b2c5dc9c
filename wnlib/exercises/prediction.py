"""Exercises of the page "Does the smaller solution predict better?" (Practice)."""

import numpy as np

from wnlib.exercises._answers import Wrong, judge, number, random_instances
from wnlib.practice import draw_split, held_limit, unseen_cost

# What an answer may have of the error of the best scale in hindsight.
ALLOWED = 1.3


def _points(seed):
    """Yield random problems with features of new points."""
    rng = np.random.default_rng(seed)
    for problem in random_instances(seed=seed):
        yield problem, rng.standard_normal((int(rng.integers(2, 9)), problem.d))


def cost(answer):
    """answer(A, Phi) is C⊥ = ‖ΦP‖²/(n(d − m))."""
    for problem, features in _points(1):
        given = number("The cost", answer(problem.A, features))
        true, (n, d), k = unseen_cost(problem, features), features.shape, problem.d - problem.m
        seen = np.sum(problem.parallel(features) ** 2) / (n * k)
        mistakes = (
            (true * n, "This adds up over the new points. The test error is their mean."),
            (true * k, "This is the mean squared distance from the row space. Share it out over the d − m directions."),
            (
                true * n * k,
                "Take the mean over the new points, and share it out over the d − m directions of the kernel.",
            ),
            (true * k / d, "The kernel has d − m directions, not d."),
            (np.sqrt(true), "This is a root: the cost goes with squares."),
            (seen, "This is what the data see of the new points. Subtract the projection on the row space."),
            (true + seen, "Project first: only what lies outside the row space costs."),
        )
        judge(given, true, mistakes, f"On a random problem C⊥ is {true:.4g}; you say {given:.4g}.")
    return "On 20 random problems this is what a squared unit of kernel part costs."


def largest_spread(answer):
    """answer(A, Phi, budget) is the standard deviation of the weights at which GD's start costs the budget."""
    rng = np.random.default_rng(2)
    for problem, features in _points(3):
        budget = float(rng.uniform(0.01, 1))
        given = number("The standard deviation", answer(problem.A, features, budget))
        if given <= 0:
            raise Wrong(f"A standard deviation is positive; yours is {given:.4g}.")
        rate, (d, k) = unseen_cost(problem, features), (problem.d, problem.d - problem.m)
        true, length = np.sqrt(budget / (rate * k)), np.mean(np.sum(features**2, axis=1))
        mistakes = (
            (true**2, "This is the variance. Its root is asked."),
            (np.sqrt(budget / rate), "This is the length of x0⊥. Each of its d − m directions has the variance ς²."),
            (
                np.sqrt(budget / (rate * d)),
                "‖x0‖² has the mean ς²d. Only its kernel part stays, with the mean ς²(d − m).",
            ),
            (
                np.sqrt(budget / length),
                "A part of each new point lies in the row space, where the data correct the start.",
            ),
            (true * k, "‖x0⊥‖² grows with d − m; it is not shared out."),
        )
        otherwise = f"On a random problem the largest standard deviation is {true:.4g}; you say {given:.4g}."
        judge(given, true, mistakes, otherwise)
    return "On 20 random problems a start of this spread costs just the budget, whatever d is."


def _tasks():
    """Yield 20 splits of smooth random tasks, from labels without noise to mostly noise."""
    rng = np.random.default_rng(4)
    for trial in range(20):
        inputs = rng.standard_normal((300, 5))
        targets = np.sin(inputs @ rng.standard_normal(5)) + 0.3 * inputs @ rng.standard_normal(5)
        yield draw_split(inputs, targets, 50, 200, length=0.7, noise=(0.0, 0.1, 1.0, 2.0)[trial % 4], seed=trial)


def choose(answer):
    """answer(A, y) is a scale to hold, judged by the test error of its end on 20 tasks."""
    ratio = []
    for split in _tasks():
        problem = split.problem
        scale = number("The scale", answer(problem.A, problem.y))
        if not 0 < scale <= problem.g_star * (1 + 1e-9):
            raise Wrong(f"A scale to be held lies between 0 and g* = {problem.g_star:.4g}; yours is {scale:.4g}.")
        best = split.error(held_limit(problem, problem.g_star * np.geomspace(0.005, 1, 100))).min()
        ratio.append(split.error(held_limit(problem, min(scale, problem.g_star))) / best)
    ratio = np.array(ratio)
    clean, noisy = (part.mean() for part in np.split(ratio.reshape(5, 4), 2, axis=1))
    if ratio.mean() <= ALLOWED:
        return f"On 20 random tasks the error is {ratio.mean():.2f} times that of the best scale in hindsight."
    raise Wrong(
        f"The error is {ratio.mean():.2f} times that of the best scale in hindsight, in the mean: {clean:.2f} where "
        f"labels have little noise, {noisy:.2f} where they have much. One part of g* does not serve both: let the "
        "data choose."
    )
