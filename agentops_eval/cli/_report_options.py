"""What the commands of ``report`` share: which project, by which criteria and signatures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._errors import Misused

if TYPE_CHECKING:
    from agentops_eval.harness.reporting import SiteOrder

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)
out_option = click.option(
    "--out",
    type=_FILE,
    metavar="FOLDER",
    help="Where the pages go; by default .agentops/report of the project.",
)


def of_project(command: F) -> F:
    """Add what says which project, and how it is scored."""
    for decorate in reversed(
        (
            click.argument("folder", type=_FILE, default=Path()),
            click.option(
                "--criteria",
                type=_FILE,
                multiple=True,
                metavar="FILE",
                help="Extend the criteria. May be repeated.",
            ),
            click.option(
                "--attestations",
                type=_FILE,
                multiple=True,
                metavar="FILE",
                help="What roles signed. May be repeated.",
            ),
        )
    ):
        command = decorate(command)
    return command


def order_of(folder: Path, criteria: tuple[Path, ...], attestations: tuple[Path, ...]) -> SiteOrder:
    """The project that is meant. Raises Misused where there is no such folder."""
    from agentops_eval.harness.reporting import SiteOrder

    if not folder.is_dir():
        raise Misused(
            f"{folder} is no folder", remedy="name the project's folder: agentops-eval report build ."
        )
    return SiteOrder(root=folder, criteria=criteria, attestations=attestations)


def place_of(folder: Path, out: Path | None) -> Path:
    """Where the pages go."""
    from agentops_eval.harness.reporting import SITE

    return folder / SITE if out is None else out
