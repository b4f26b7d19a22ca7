"""What commands share that run an agent under faults: which agent, its world, who answers, how it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from agentops_eval.harness.faulting import SubjectOrder

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)


class Words(click.ParamType[tuple[str, ...]]):
    """Words with commas between them."""

    name = "words"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The words, without what is empty."""
        return value if isinstance(value, tuple) else tuple(w.strip() for w in value.split(",") if w.strip())


def subject_options(command: F) -> F:
    """Add the options that say how the agent is run."""
    for option in (
        click.option("--approver", default="", help="Who approves: approve, reject or silent."),
        click.option(
            "--answers",
            type=click.Choice(["recording", "world"]),
            help="Who answers: by default the recording.",
        ),
        click.option("--cassette", type=_FILE, help="The recording that answers."),
        click.option(
            "--world", metavar="MODULE:CALLABLE", default="", help="What lays out a world for each run."
        ),
        click.option("--contract", type=_FILE, help="The agent's degradation file."),
    ):
        command = option(command)
    return command


def subject_order(
    *,
    target: str,
    arguments: tuple[str, ...],
    cassette: Path | None,
    answers: str | None,
    world: str,
    approver: str,
    tasks: Mapping[str, tuple[str, ...]] | None = None,
) -> SubjectOrder:
    """The agent as those options say it, with the settings of the working directory."""
    from agentops_eval.harness import load_settings
    from agentops_eval.harness.faulting import Answers, SubjectOrder

    return SubjectOrder(
        target=target,
        arguments=arguments,
        settings=load_settings(Path.cwd()),
        cassette=cassette,
        answers=None if answers is None else Answers(answers),
        world=world,
        approver=approver,
        tasks=tasks or {},
    )
