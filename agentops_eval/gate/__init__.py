"""The canary gate: samples of a baseline and a candidate in, a decision out; pure.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.gate._characteristics import Characteristic, OperatingCharacteristics
    from agentops_eval.gate._decide import decide
    from agentops_eval.gate._gate import (
        Asks,
        Direction,
        Evidence,
        Gate,
        Kind,
        Metric,
        Planned,
        Quality,
        Role,
        RollbackNull,
        Stage,
    )
    from agentops_eval.gate._judges import JudgeTrust
    from agentops_eval.gate._simulate import simulate
    from agentops_eval.gate._truth import SCENARIOS, Scenario, Truth
    from agentops_eval.gate._units import in_order, order_digest

_HOMES = {
    "_characteristics": "Characteristic OperatingCharacteristics",
    "_decide": "decide",
    "_gate": "Asks Direction Evidence Gate Kind Metric Planned Quality Role RollbackNull Stage",
    "_judges": "JudgeTrust",
    "_simulate": "simulate",
    "_truth": "SCENARIOS Scenario Truth",
    "_units": "in_order order_digest",
}
"""Where each public name lives, by module."""

__all__ = [
    "SCENARIOS",
    "Asks",
    "Characteristic",
    "Direction",
    "Evidence",
    "Gate",
    "JudgeTrust",
    "Kind",
    "Metric",
    "OperatingCharacteristics",
    "Planned",
    "Quality",
    "Role",
    "RollbackNull",
    "Scenario",
    "Stage",
    "Truth",
    "decide",
    "in_order",
    "order_digest",
    "simulate",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
