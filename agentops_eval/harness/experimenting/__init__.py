"""Experiments and game days carried out: providers, abort conditions, rollbacks, journals on disk.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.experimenting._files import load_experiment, load_gameday
    from agentops_eval.harness.experimenting._gameday import Gameday
    from agentops_eval.harness.experimenting._import import import_experiment_file
    from agentops_eval.harness.experimenting._journal_file import JOURNALS, read_entries
    from agentops_eval.harness.experimenting._provider import Project
    from agentops_eval.harness.experimenting._recover import Recovered, recover
    from agentops_eval.harness.experimenting._session import Conducted, conduct
    from agentops_eval.harness.experimenting._stop import Stop, signals

_HOMES = {
    "_files": "load_experiment load_gameday",
    "_gameday": "Gameday",
    "_import": "import_experiment_file",
    "_journal_file": "JOURNALS read_entries",
    "_provider": "Project",
    "_recover": "Recovered recover",
    "_session": "Conducted conduct",
    "_stop": "Stop signals",
}
"""Where each public name lives, by module."""

__all__ = [
    "JOURNALS",
    "Conducted",
    "Gameday",
    "Project",
    "Recovered",
    "Stop",
    "conduct",
    "import_experiment_file",
    "load_experiment",
    "load_gameday",
    "read_entries",
    "recover",
    "signals",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
