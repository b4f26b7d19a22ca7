"""What faults did to a run: alignment, effects, blast radius, retries, recovery, mode."""

from agentops_eval.chaos.impact._judge import Judge, judge, net_effects
from agentops_eval.chaos.impact._measures import layered_bound

__all__ = ["Judge", "judge", "layered_bound", "net_effects"]
