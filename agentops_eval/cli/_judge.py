"""``judge``: measure how far an llm judge can be trusted, and keep people's overrides as labels."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS: dict[str, str] = {
    "calibrate": "_calibrate:calibrate",
    "label": "_label:label",
    "labels": "_label:labels",
    "rubrics": "_rubrics:rubrics",
}


@click.group("judge", cls=LazyGroup, commands_at=_COMMANDS, short_help="Measure llm judges against labels.")
def judge() -> None:
    """Measure how far an llm judge can be trusted, and keep people's overrides as labels."""
