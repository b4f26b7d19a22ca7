"""Searching the faults of an agent: every single, every pair, what need not be run, what is smallest."""

from agentops_eval.chaos.exploring._coverage import Counts, Coverage
from agentops_eval.chaos.exploring._explore import (
    Execute,
    Exploration,
    Explorer,
    Journal,
    Options,
    Progress,
    Wiring,
    explore,
    space_of,
)
from agentops_eval.chaos.exploring._seen import (
    Judge,
    Picks,
    Place,
    Runner,
    Seen,
    Space,
    Variant,
    observe,
    reasons_of,
    seen_from_json,
    seen_to_json,
)
from agentops_eval.chaos.exploring._shrink import Shrunk, Trial, shrink
from agentops_eval.chaos.exploring._signature import signature

__all__ = [
    "Counts",
    "Coverage",
    "Execute",
    "Exploration",
    "Explorer",
    "Journal",
    "Judge",
    "Options",
    "Picks",
    "Place",
    "Progress",
    "Runner",
    "Seen",
    "Shrunk",
    "Space",
    "Trial",
    "Variant",
    "Wiring",
    "explore",
    "observe",
    "reasons_of",
    "seen_from_json",
    "seen_to_json",
    "shrink",
    "signature",
    "space_of",
]
