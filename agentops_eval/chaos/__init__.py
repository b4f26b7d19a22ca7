"""Faults at every seam: injected, measured, searched for, and kept as experiments."""

from agentops_eval.chaos import faults
from agentops_eval.chaos._arming import Carried
from agentops_eval.chaos._injector import Injector
from agentops_eval.chaos._kind import Answered, Hit, Kind
from agentops_eval.chaos._lives import Killed, Lives, may_kill
from agentops_eval.chaos._sites import Sites, sites_of, task_of
from agentops_eval.chaos._targets import LLM, is_llm_call, is_target
from agentops_eval.chaos._watchdog import Limits, RunHung, Watchdog
from agentops_eval.chaos.contracts import Contract, Degradation, contract_schema, read_contract
from agentops_eval.chaos.impact import Judge, judge, judge_many, layered_bound, net_effects, resilience
from agentops_eval.chaos.kinds import ATTACKS, CATALOGUE, Attack, canary_asked_for

__all__ = [
    "ATTACKS",
    "CATALOGUE",
    "LLM",
    "Answered",
    "Attack",
    "Carried",
    "Contract",
    "Degradation",
    "Hit",
    "Injector",
    "Judge",
    "Killed",
    "Kind",
    "Limits",
    "Lives",
    "RunHung",
    "Sites",
    "Watchdog",
    "canary_asked_for",
    "contract_schema",
    "faults",
    "is_llm_call",
    "is_target",
    "judge",
    "judge_many",
    "layered_bound",
    "may_kill",
    "net_effects",
    "read_contract",
    "resilience",
    "sites_of",
    "task_of",
]
