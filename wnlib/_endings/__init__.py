"""How runs, flows and recoveries end, and the sentence that says so: the numbers, and the next move.

A sentence is made when it is read. What failed is looked at where it stopped; the cause is told with the bound that
was passed; a next move is tried on the same start before it is told.
"""

from wnlib._endings._flows import flow_sentence, stuck_sentence
from wnlib._endings._kinds import LOSS_LIMIT, RECENT, Ending, Sentences
from wnlib._endings._recoveries import Recovered, recovery_sentence
from wnlib._endings._runs import Stopped, run_sentence

__all__ = [
    "LOSS_LIMIT",
    "RECENT",
    "Ending",
    "Recovered",
    "Sentences",
    "Stopped",
    "flow_sentence",
    "recovery_sentence",
    "run_sentence",
    "stuck_sentence",
]
