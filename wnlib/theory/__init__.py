"""Closed forms and bounds of the paper, each checked on random instances."""

from wnlib.theory.adaptive import Penalty, penalty
from wnlib.theory.continuous import break_even_ratio, flow_invariant, flow_limit, gd_limit, printed_flow_limit
from wnlib.theory.discrete import (
    Stages,
    admissible_scale,
    fixed_scale_steps,
    largest_phase_one_gamma,
    two_stage_steps,
)
from wnlib.theory.rates import FlowTime, decay_rate, flow_time_bound, loss_decay_bounds, scale_lower_bound

__all__ = [
    "FlowTime",
    "Penalty",
    "Stages",
    "admissible_scale",
    "break_even_ratio",
    "decay_rate",
    "fixed_scale_steps",
    "flow_invariant",
    "flow_limit",
    "flow_time_bound",
    "gd_limit",
    "largest_phase_one_gamma",
    "loss_decay_bounds",
    "penalty",
    "printed_flow_limit",
    "scale_lower_bound",
    "two_stage_steps",
]
