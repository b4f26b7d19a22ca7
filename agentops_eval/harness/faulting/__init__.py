"""Running an agent under faults: what is run, one run under a schedule, and many of them.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness._opening import Answers, Faulting
    from agentops_eval.harness.faulting._budget import read_budget
    from agentops_eval.harness.faulting._contract import contract_files, load_contract
    from agentops_eval.harness.faulting._exploring import Around, explore_agent
    from agentops_eval.harness.faulting._load import SubjectOrder, load_subject, subject_of
    from agentops_eval.harness.faulting._missed import explore_command, not_injected
    from agentops_eval.harness.faulting._pool import Pool
    from agentops_eval.harness.faulting._process import ProcessRunner
    from agentops_eval.harness.faulting._ready import ExploreOrder, Ready
    from agentops_eval.harness.faulting._regression import fault_text, regression, write_regression
    from agentops_eval.harness.faulting._runner import Runner
    from agentops_eval.harness.faulting._store import ExplorationFolder
    from agentops_eval.harness.faulting._subject import Play, Subject
    from agentops_eval.harness.faulting._watched import Watched
    from agentops_eval.harness.faulting._within import Injected, recorded_run

_HOMES = {
    "agentops_eval.harness._opening": "Answers Faulting",
    "_budget": "read_budget",
    "_contract": "contract_files load_contract",
    "_exploring": "Around explore_agent",
    "_load": "SubjectOrder load_subject subject_of",
    "_missed": "explore_command not_injected",
    "_pool": "Pool",
    "_process": "ProcessRunner",
    "_ready": "ExploreOrder Ready",
    "_regression": "fault_text regression write_regression",
    "_runner": "Runner",
    "_store": "ExplorationFolder",
    "_subject": "Play Subject",
    "_watched": "Watched",
    "_within": "Injected recorded_run",
}
"""Where each public name lives, by module."""

__all__ = [
    "Answers",
    "Around",
    "ExplorationFolder",
    "ExploreOrder",
    "Faulting",
    "Injected",
    "Play",
    "Pool",
    "ProcessRunner",
    "Ready",
    "Runner",
    "Subject",
    "SubjectOrder",
    "Watched",
    "contract_files",
    "explore_agent",
    "explore_command",
    "fault_text",
    "load_contract",
    "load_subject",
    "not_injected",
    "read_budget",
    "recorded_run",
    "regression",
    "subject_of",
    "write_regression",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
