"""Closed forms and bounds of the paper, each checked on random instances; nothing here runs an algorithm."""

from wnlib.theory.adaptive import Penalty, penalty
from wnlib.theory.discrete import (
    Stages,
    admissible_scale,
    fixed_scale_steps,
    largest_phase_one_gamma,
    two_stage_steps,
)

__all__ = [
    "Penalty",
    "Stages",
    "admissible_scale",
    "fixed_scale_steps",
    "largest_phase_one_gamma",
    "penalty",
    "two_stage_steps",
]
