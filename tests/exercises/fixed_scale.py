"""Right answers, and typical mistakes with a part of the sentence that each gets: fixed_scale."""

import math


def count(share, eps):
    return 1 / eps**2 - 1 / share**2


RIGHT = {"fixed_scale.steps_at_the_target": lambda share, eps: math.ceil(count(share, eps))}

WRONG = [
    ("fixed_scale.steps_at_the_target", lambda share, eps: math.inf, "but a run gets there"),
    ("fixed_scale.steps_at_the_target", count, "must be rounded"),
    ("fixed_scale.steps_at_the_target", lambda *a: math.floor(count(*a)), "too few"),
    ("fixed_scale.steps_at_the_target", lambda *a: math.ceil(count(*a)) + 1, "too many"),
    ("fixed_scale.steps_at_the_target", lambda share, eps: math.ceil(1 / eps**2), "1/ε² is for a start"),
    ("fixed_scale.steps_at_the_target", lambda share, eps: math.ceil(1 / eps - 1 / share), "is the square of"),
    ("fixed_scale.steps_at_the_target", lambda share, eps: math.nan, "must be a number or np.inf"),
]
