"""The conditions that choose among many runs, for every command that reads some, and what they left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._output import line, many, prose
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness import Sieve

F = TypeVar("F", bound=Callable[..., Any])
_DIGITS = re.compile(r"[0-9a-f]{1,32}")


_FIRST_YEAR, _LAST_YEAR = 1000, 9000


def time(text: str) -> datetime:
    """A time in ISO 8601, UTC where it names no zone, with room before and after it for what is counted."""
    try:
        found = datetime.fromisoformat(text)
        if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
            raise ValueError(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time; write 2026-11-26 or 2026-11-26T14:30:00Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def trace_id(text: str) -> str:
    """A trace id, or its first digits."""
    found = text.strip().lower().replace("-", "")
    if not _DIGITS.fullmatch(found):
        raise click.BadParameter(f"{text!r} is no trace id; write its first digits, such as 898fdccd")
    return found


def named(text: str) -> str:
    """A name that says something."""
    if not text.strip():
        raise click.BadParameter(f"{text!r} is no name; leave the option out to have all runs")
    return text


_OPTIONS = (
    click.option(
        "--trace",
        "trace_ids",
        multiple=True,
        type=trace_id,
        metavar="ID",
        help="Only this trace; its first digits will do. May be repeated.",
    ),
    click.option(
        "--agent",
        "agents",
        multiple=True,
        type=named,
        metavar="NAME",
        help="Only runs of this agent. May be repeated.",
    ),
    click.option(
        "--conversation",
        "conversations",
        multiple=True,
        type=named,
        metavar="ID",
        help="Only runs of this conversation, case or sample. May be repeated.",
    ),
    click.option("--errors", "errors_only", is_flag=True, help="Only runs in which something failed."),
    click.option(
        "--since", type=time, metavar="TIME", help="Only runs that began then or later (ISO 8601, UTC)."
    ),
    click.option("--until", type=time, metavar="TIME", help="Only runs that began before then."),
)


def run_filters(command: F) -> F:
    """Add the conditions; the command gets them as keywords of a ``RunFilter``."""
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command


def sieve_of(conditions: dict[str, Any]) -> Sieve:
    """What lets the runs through that the command line wants."""
    from agentops_eval.harness import RunFilter, Sieve

    return Sieve(wanted=RunFilter(**conditions))


def sieve_json(sieve: Sieve) -> dict[str, Json]:
    """The keys that every command prints which chooses among runs."""
    return {"read": sieve.read, "unfit": sieve.unfit, "unknown": sieve.unknown}


def left_out_lines(sieve: Sieve) -> Iterator[str]:
    """Why no run is left, where none is; else how many are missing because their trace does not tell."""
    if sieve.read and sieve.unfit + sieve.unknown == sieve.read:
        from agentops_eval.harness import redactor_of, settings_for_reading

        redactor = redactor_of(settings_for_reading(Path.cwd()))  # names of agents may hold secrets
        yield "none of the runs fits" if sieve.read > 1 else "the run does not fit"
        yield from (f"  {line(redactor.text(reason), limit=600)}" for reason in sieve.reasons())
    if sieve.unknown:
        yield (
            f"{many(sieve.unknown, 'run')} left out: the trace does not tell when it began, what it cost or "
            "how long it took"
        )


def say_left_out(sieve: Sieve) -> None:
    """Say that to a person, below the runs."""
    for text in left_out_lines(sieve):
        prose(text, hang=4, style="yellow")
