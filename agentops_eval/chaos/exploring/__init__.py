"""Searching the faults of an agent: every single, every pair, what need not be run, what is smallest."""

from agentops_eval.chaos.exploring._coverage import Counts, Coverage
from agentops_eval.chaos.exploring._explore import (
    Exploration,
    Explorer,
    Options,
    Progress,
    Single,
    Wiring,
    explore,
    space_of,
)
from agentops_eval.chaos.exploring._seen import (
    Picks,
    Seen,
    Space,
    observe,
    seen_from_json,
    seen_to_json,
)
from agentops_eval.chaos.exploring._shrink import Trial, shrink

__all__ = [
    "Counts",
    "Coverage",
    "Exploration",
    "Explorer",
    "Options",
    "Picks",
    "Progress",
    "Seen",
    "Single",
    "Space",
    "Trial",
    "Wiring",
    "explore",
    "observe",
    "seen_from_json",
    "seen_to_json",
    "shrink",
    "space_of",
]
