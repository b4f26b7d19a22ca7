"""What faults did to a run: alignment, effects, blast radius, retries, recovery, mode."""

from agentops_eval.chaos.impact._effects import is_write, named
from agentops_eval.chaos.impact._judge import Judge, judge, landed_effects, net_effects
from agentops_eval.chaos.impact._many import judge_many
from agentops_eval.chaos.impact._measures import layered_bound
from agentops_eval.chaos.impact._score import WORTH, resilience, weight_of, worth_of
from agentops_eval.chaos.impact._side import asked_text

__all__ = [
    "WORTH",
    "Judge",
    "asked_text",
    "is_write",
    "judge",
    "judge_many",
    "landed_effects",
    "layered_bound",
    "named",
    "net_effects",
    "resilience",
    "weight_of",
    "worth_of",
]
