"""Operating agents: traces and results as the facts that operational measures count.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.operating._files import load_objectives, load_reviews
    from agentops_eval.harness.operating._lens import Happened, Lens
    from agentops_eval.harness.operating._reading import Operated, files_in, operated
    from agentops_eval.harness.operating._tiers import Standing, actions_seen, harms_of, standings

_HOMES = {
    "_files": "load_objectives load_reviews",
    "_lens": "Happened Lens",
    "_reading": "Operated files_in operated",
    "_tiers": "Standing actions_seen harms_of standings",
}
"""Where each public name lives, by module."""

__all__ = [
    "Happened",
    "Lens",
    "Operated",
    "Standing",
    "actions_seen",
    "files_in",
    "harms_of",
    "load_objectives",
    "load_reviews",
    "operated",
    "standings",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
