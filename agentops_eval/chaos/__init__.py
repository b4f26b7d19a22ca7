"""Faults at every seam: injected, measured, searched for, and kept as experiments.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.chaos import faults
from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.chaos._arming import Carried
    from agentops_eval.chaos._injector import Injector, is_missed
    from agentops_eval.chaos._kind import Answered, Hit, Kind
    from agentops_eval.chaos._lives import Killed, Lives, may_kill
    from agentops_eval.chaos._sites import sites_of
    from agentops_eval.chaos._texts import json_text
    from agentops_eval.chaos._watchdog import Limits, RunHung, Watchdog
    from agentops_eval.chaos.contracts import Contract, Degradation, contract_schema, read_contract
    from agentops_eval.chaos.impact import Judge, judge, judge_many, layered_bound, net_effects, resilience
    from agentops_eval.chaos.kinds import ATTACKS, CATALOGUE, Attack, canary_asked_for

_HOMES = {
    "_arming": "Carried",
    "_injector": "Injector is_missed",
    "_kind": "Answered Hit Kind",
    "_lives": "Killed Lives may_kill",
    "_sites": "sites_of",
    "_texts": "json_text",
    "_watchdog": "Limits RunHung Watchdog",
    "contracts": "Contract Degradation contract_schema read_contract",
    "impact": "Judge judge judge_many layered_bound net_effects resilience",
    "kinds": "ATTACKS CATALOGUE Attack canary_asked_for",
}
"""Where each public name lives, by module."""

__all__ = [
    "ATTACKS",
    "CATALOGUE",
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
    "Watchdog",
    "canary_asked_for",
    "contract_schema",
    "faults",
    "is_missed",
    "json_text",
    "judge",
    "judge_many",
    "layered_bound",
    "may_kill",
    "net_effects",
    "read_contract",
    "resilience",
    "sites_of",
]

__getattr__ = lazy(__name__, {name: home for home, names in _HOMES.items() for name in names.split()})


def __dir__() -> list[str]:
    return sorted(__all__)
