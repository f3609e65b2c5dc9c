"""Right answers, and typical mistakes with a part of the sentence that each gets: phase_one_and_two."""

RIGHT = {"phase_one_and_two.slow_gap": lambda gamma: (1 / (2 * gamma), (gamma - 0.5) / 2)}

WRONG = [
    ("phase_one_and_two.slow_gap", lambda gamma: (1.0, 0.1), "At p = 1 the direction is right"),
    ("phase_one_and_two.slow_gap", lambda gamma: (1 / (2 * gamma), 0.6), "Try a smaller g"),
    ("phase_one_and_two.slow_gap", lambda gamma: (0.001, 0.1), "which p?"),
    ("phase_one_and_two.slow_gap", lambda gamma: (0.9, 2.0), "it must be positive"),
    ("phase_one_and_two.slow_gap", lambda gamma: (1.5, 0.1), "p must be above 0 and at most 1"),
    ("phase_one_and_two.slow_gap", lambda gamma: (0.5, -0.1), "g positive"),
    ("phase_one_and_two.slow_gap", lambda gamma: 0.5, "Return the pair p, g"),
]
