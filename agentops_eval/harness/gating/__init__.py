"""What a gate needs of the world: its file, files of samples, and what is known of judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.gating._decide import decide_files, decide_gathered, load_gate
    from agentops_eval.harness.gating._following import follow
    from agentops_eval.harness.gating._gather import Gathered, Source, gather, source_of
    from agentops_eval.harness.gating._opening import Watched, open_watch
    from agentops_eval.harness.gating._order import (
        load_order,
        order_json,
        plan_order,
        read_order,
    )
    from agentops_eval.harness.gating._read import read_samples
    from agentops_eval.harness.gating._results import samples_of
    from agentops_eval.harness.gating._sample_file import Form, SampleFile
    from agentops_eval.harness.gating._server import GateServer
    from agentops_eval.harness.gating._trusts import read_trusts
    from agentops_eval.harness.gating._watch import Look, Watch
    from agentops_eval.harness.gating._watch_log import read_watch_log

_HOMES = {
    "_decide": "decide_files decide_gathered load_gate",
    "_following": "follow",
    "_gather": "Gathered Source gather source_of",
    "_sample_file": "Form SampleFile",
    "_opening": "Watched open_watch",
    "_order": "load_order order_json plan_order read_order",
    "_read": "read_samples",
    "_results": "samples_of",
    "_server": "GateServer",
    "_trusts": "read_trusts",
    "_watch": "Look Watch",
    "_watch_log": "read_watch_log",
}
"""Where each public name lives, by module."""

__all__ = [
    "Form",
    "GateServer",
    "Gathered",
    "Look",
    "SampleFile",
    "Source",
    "Watch",
    "Watched",
    "decide_files",
    "decide_gathered",
    "follow",
    "gather",
    "load_gate",
    "load_order",
    "open_watch",
    "order_json",
    "plan_order",
    "read_order",
    "read_samples",
    "read_trusts",
    "read_watch_log",
    "samples_of",
    "source_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
