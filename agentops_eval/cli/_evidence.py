"""``evidence``: what was shown of agents, when, and whether it still counts."""

from __future__ import annotations

import click

from agentops_eval.cli._lazy import LazyGroup

_COMMANDS = {
    "export": "_evidence_export:export",
    "list": "_evidence_list:listing",
    "verify": "_evidence_verify:verify",
}


@click.group(
    "evidence", cls=LazyGroup, commands_at=_COMMANDS, short_help="What was shown, and whether it counts."
)
def evidence() -> None:
    """Read the evidence that commands and tests have written below .agentops/evidence."""
