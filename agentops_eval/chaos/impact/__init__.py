"""What faults did to a run: alignment, effects, blast radius, retries, recovery, mode."""

from agentops_eval.chaos.impact._judge import Judge, judge, net_effects
from agentops_eval.chaos.impact._many import judge_many
from agentops_eval.chaos.impact._measures import layered_bound
from agentops_eval.chaos.impact._score import SEVERITY, WORTH, resilience

__all__ = ["SEVERITY", "WORTH", "Judge", "judge", "judge_many", "layered_bound", "net_effects", "resilience"]
