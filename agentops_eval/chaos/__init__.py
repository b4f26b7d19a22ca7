"""Faults at every seam: injected, measured, searched for, and kept as experiments."""

from agentops_eval.chaos import faults
from agentops_eval.chaos._injector import LLM, Injector, is_llm_call
from agentops_eval.chaos._kind import Hit, Kind
from agentops_eval.chaos._sites import Sites, sites_of, task_of
from agentops_eval.chaos._watchdog import Limits, RunHung, Watchdog
from agentops_eval.chaos.kinds import CATALOGUE

__all__ = [
    "CATALOGUE",
    "LLM",
    "Hit",
    "Injector",
    "Kind",
    "Limits",
    "RunHung",
    "Sites",
    "Watchdog",
    "faults",
    "is_llm_call",
    "sites_of",
    "task_of",
]
