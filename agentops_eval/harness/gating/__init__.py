"""What a gate needs of the world: its file, files of samples, and what is known of judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.gating._decide import decide_files, load_gate
    from agentops_eval.harness.gating._gather import Gathered, Source, gather, source_of
    from agentops_eval.harness.gating._gathered import decide_gathered
    from agentops_eval.harness.gating._model import Form, SampleFile
    from agentops_eval.harness.gating._order import PlannedOrder, order_json, plan_order, read_order
    from agentops_eval.harness.gating._read import read_samples
    from agentops_eval.harness.gating._results import samples_of
    from agentops_eval.harness.gating._trusts import read_trusts

_HOMES = {
    "_decide": "decide_files load_gate",
    "_gather": "Gathered Source gather source_of",
    "_gathered": "decide_gathered",
    "_model": "Form SampleFile",
    "_order": "PlannedOrder order_json plan_order read_order",
    "_read": "read_samples",
    "_results": "samples_of",
    "_trusts": "read_trusts",
}
"""Where each public name lives, by module."""

__all__ = [
    "Form",
    "Gathered",
    "PlannedOrder",
    "SampleFile",
    "Source",
    "decide_files",
    "decide_gathered",
    "gather",
    "load_gate",
    "order_json",
    "plan_order",
    "read_order",
    "read_samples",
    "read_trusts",
    "samples_of",
    "source_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
