"""The canary gate: samples of a baseline and a candidate in, a decision out; pure.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.gate._bounds import GateProblem
    from agentops_eval.gate._characteristics import Characteristic, OperatingCharacteristics
    from agentops_eval.gate._columns import Columns
    from agentops_eval.gate._decide import decide
    from agentops_eval.gate._file import GateFile, read_gate
    from agentops_eval.gate._gate import (
        Asks,
        Direction,
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
    from agentops_eval.gate._plan import PlanRow, plan
    from agentops_eval.gate._rules import check_gate
    from agentops_eval.gate._schema import gate_schema
    from agentops_eval.gate._simulate import simulate
    from agentops_eval.gate._truth import MADE_UP, MadeUp, Truth
    from agentops_eval.gate._units import Unit, in_order, of_traffic, order_digest

_HOMES = {
    "_bounds": "GateProblem",
    "_characteristics": "Characteristic OperatingCharacteristics",
    "_columns": "Columns",
    "_decide": "decide",
    "_file": "GateFile read_gate",
    "_gate": "Asks Direction Gate Kind Metric Planned Quality Role RollbackNull Stage",
    "_judges": "JudgeTrust",
    "_plan": "PlanRow plan",
    "_rules": "check_gate",
    "_schema": "gate_schema",
    "_simulate": "simulate",
    "_truth": "MADE_UP MadeUp Truth",
    "_units": "Unit in_order of_traffic order_digest",
}
"""Where each public name lives, by module."""

__all__ = [
    "MADE_UP",
    "Asks",
    "Characteristic",
    "Columns",
    "Direction",
    "Gate",
    "GateFile",
    "GateProblem",
    "JudgeTrust",
    "Kind",
    "MadeUp",
    "Metric",
    "OperatingCharacteristics",
    "PlanRow",
    "Planned",
    "Quality",
    "Role",
    "RollbackNull",
    "Stage",
    "Truth",
    "Unit",
    "check_gate",
    "decide",
    "gate_schema",
    "in_order",
    "of_traffic",
    "order_digest",
    "plan",
    "read_gate",
    "simulate",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
