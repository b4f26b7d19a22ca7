"""``prompt``: prompts as versioned files: compare two versions, list them, approve one, check them all."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS: dict[str, str] = {}


@click.group(
    "prompt",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Prompts as versions.",
)
def prompt() -> None:
    """Prompts as versioned files: compare two versions, list them, approve one, check them all."""
