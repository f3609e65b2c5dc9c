"""Right answers, and typical mistakes with a part of the sentence that each gets: rate_proofs."""

import numpy as np

EAST = np.array([1.0, 0.0])

RIGHT = {"rate_proofs.falling_scale": lambda y: (1.5 * y, EAST)}

WRONG = [
    ("rate_proofs.falling_scale", lambda y: (3 * y, EAST), "not below that of x = 0"),
    ("rate_proofs.falling_scale", lambda y: (-y, EAST), "not below that of x = 0"),
    ("rate_proofs.falling_scale", lambda y: (0.5 * y, EAST), "does not fall"),
    ("rate_proofs.falling_scale", lambda y: (y, EAST), "does not fall"),
    ("rate_proofs.falling_scale", lambda y: (y, 2 * EAST), "unit vector"),
    ("rate_proofs.falling_scale", lambda y: 1.5 * y, "Return the pair g0, w0"),
    ("rate_proofs.falling_scale", lambda y: (1.5, EAST), "At y = "),
]
