"""Right answers, and typical mistakes with a part of the sentence that each gets: limiting_flow_proof."""

RIGHT = {"limiting_flow_proof.better_end": lambda x, half: 2 * half - x}

WRONG = [
    ("limiting_flow_proof.better_end", lambda x, half: half, "lies between the two ends"),
    ("limiting_flow_proof.better_end", lambda x, half: (x + half) / 2, "lies between the two ends"),
    ("limiting_flow_proof.better_end", lambda x, half: x, "lies between the two ends"),
    ("limiting_flow_proof.better_end", lambda x, half: 2 * x - half, "the worse of the two"),
    ("limiting_flow_proof.better_end", lambda x, half: (4 * half - x) / 3, "for an error like η²"),
    ("limiting_flow_proof.better_end", lambda x, half: 3 * half - 2 * x, "How much is left"),
    ("limiting_flow_proof.better_end", lambda x, half: 2 * half, "not on the line"),
    ("limiting_flow_proof.better_end", lambda x, half: half[:2], "must be an array of 5 numbers"),
]
