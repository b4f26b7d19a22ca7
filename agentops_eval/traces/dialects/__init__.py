"""Traces of other instrumentations in the conventions' words, so that one judge can read them all.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.traces.dialects._model import NormalTrace
    from agentops_eval.traces.dialects._normalise import essential, normalise
    from agentops_eval.traces.dialects._operations import sort_of
    from agentops_eval.traces.dialects._own import normal_of
    from agentops_eval.traces.dialects._secrets import without_secrets

_HOMES = {
    "_model": "NormalTrace",
    "_normalise": "essential normalise",
    "_operations": "sort_of",
    "_own": "normal_of",
    "_secrets": "without_secrets",
}
"""Where each public name lives, by module."""

__all__ = ["NormalTrace", "essential", "normal_of", "normalise", "sort_of", "without_secrets"]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
