"""Whose a fact is: what evidence calls an agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evidencing._items import name_kept

UNNAMED = "unnamed"
"""An agent that neither the settings nor a trace names."""


def agents_called(settings: Settings, names: Iterable[str]) -> tuple[str, ...]:
    """The agents that names mean: the project's, else each of the names, else one that has none."""
    if settings.agent_name:
        return (settings.agent_name,)
    return tuple(sorted({name_kept(name) for name in names if name})) or (UNNAMED,)


def agent_meant(settings: Settings, shown: Sequence[str]) -> str:
    """The agent that is meant where none is named: the project's, else the only one of those shown.

    Empty where there are several.
    """
    return settings.agent_name or (next(iter(shown), UNNAMED) if len(shown) <= 1 else "")


def agent_called(settings: Settings, spec: str) -> str:
    """The agent that ``module:callable`` means."""
    return agents_called(settings, [spec.rpartition(":")[2]])[0]
