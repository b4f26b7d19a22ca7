"""``prompt``: prompts as versioned files: compare two versions, list them, approve one, check them all."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS = {
    "approve": "_prompt_approve:approve",
    "check": "_prompt_check:check",
    "diff": "_prompt_diff:diff",
    "log": "_prompt_log:log",
}


@click.group(
    "prompt",
    cls=LazyGroup,
    commands_at=_COMMANDS,
    short_help="Prompts as versions.",
)
def prompt() -> None:
    """Prompts as versioned files: compare two versions, list them, approve one, check them all."""
