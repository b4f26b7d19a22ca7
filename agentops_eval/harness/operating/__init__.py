"""Operating agents: traces and results as the facts that operational measures count.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.operating._failures import (
        explored_in,
        is_exploration,
        known_failures,
        redacted,
        seen_in_run,
    )
    from agentops_eval.harness.operating._files import load_objectives, load_reviews
    from agentops_eval.harness.operating._lens import Happened, Lens
    from agentops_eval.harness.operating._months import Months
    from agentops_eval.harness.operating._reading import Operated, files_in, operated
    from agentops_eval.harness.operating._runbook_files import (
        INDEX,
        RunbookFolder,
        paths_in_words,
        runbook_facts,
        runbook_folder,
        sheet_in_file,
        titled,
        write_runbooks,
    )
    from agentops_eval.harness.operating._tiers import Standing, actions_seen, harms_of, standings

_HOMES = {
    "_failures": "explored_in is_exploration known_failures redacted seen_in_run",
    "_files": "load_objectives load_reviews",
    "_lens": "Happened Lens",
    "_months": "Months",
    "_reading": "Operated files_in operated",
    "_runbook_files": "INDEX RunbookFolder paths_in_words runbook_facts runbook_folder sheet_in_file titled"
    " write_runbooks",
    "_tiers": "Standing actions_seen harms_of standings",
}
"""Where each public name lives, by module."""

__all__ = [
    "INDEX",
    "Happened",
    "Lens",
    "Months",
    "Operated",
    "RunbookFolder",
    "Standing",
    "actions_seen",
    "explored_in",
    "files_in",
    "harms_of",
    "is_exploration",
    "known_failures",
    "load_objectives",
    "load_reviews",
    "operated",
    "paths_in_words",
    "redacted",
    "runbook_facts",
    "runbook_folder",
    "seen_in_run",
    "sheet_in_file",
    "standings",
    "titled",
    "write_runbooks",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
