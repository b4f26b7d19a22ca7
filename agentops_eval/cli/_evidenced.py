"""Evidence of what a command has shown: written where the project wants it, and never in its way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from agentops_eval.harness import RunFilter, Settings
    from agentops_eval.harness.evidencing import Noted


def keep(
    settings: Settings,
    make: Callable[[], Noted],
    *,
    root: Path | None = None,
    of: RunFilter | None = None,
) -> None:
    """Write what ``make`` gives. What goes wrong is one line on standard error.

    ``root`` is the project, where an agent has run that may have changed the folder. ``of`` are the runs
    that were wanted: picked by how they went, they show nothing.
    """
    from agentops_eval.harness.evidencing import is_whole, note_evidence

    if of is not None and not is_whole(of):
        return
    note_evidence(root or Path.cwd(), settings, make, warn=_warn)


def _warn(text: str) -> None:
    from agentops_eval.cli._output import line

    click.echo(line(text, limit=500), err=True)
