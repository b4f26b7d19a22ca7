"""The options that choose what of a suite runs, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._errors import Misused

if TYPE_CHECKING:
    from agentops_eval.harness.evaluating import Bounds, Choice

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


def choosing(command: F) -> F:
    """Which cases, of which variant, how often."""
    for option in reversed(
        (
            click.option("--agent", metavar="MODULE:CALLABLE", help="Run this agent instead of the files'."),
            click.option(
                "--case", "cases", multiple=True, metavar="ID", help="Only this case; * fits anything."
            ),
            click.option("--tag", "tags", multiple=True, help="Only cases with one of these tags."),
            click.option(
                "--variant", "variants", multiple=True, help="A variant of the matrix, by its name."
            ),
            click.option("--all-variants", is_flag=True, help="The baseline and every variant."),
            click.option(
                "--candidate", default="", metavar="NAME", help="Name a change that is being tried."
            ),
            click.option("--repeat", type=click.IntRange(1, 10_000), help="Trials of each case."),
        )
    ):
        command = option(command)
    return command


def bounding(command: F) -> F:
    """How many at once, for how long, and for how much."""
    for option in reversed(
        (
            click.option("--concurrency", type=click.IntRange(1, 256), default=1, help="Trials at once."),
            click.option("--processes", is_flag=True, help="Run each trial in a process apart."),
            click.option(
                "--timeout", "timeout_s", type=float, metavar="SECONDS", help="Longest time of a trial."
            ),
            click.option(
                "--limit", "limits", multiple=True, metavar="HOST=N", help="Requests to a host at once."
            ),
            click.option(
                "--max-cost",
                "max_cost_usd",
                type=click.FloatRange(0),
                metavar="USD",
                help="Begin nothing beyond it.",
            ),
        )
    ):
        command = option(command)
    return command


def choice_of(given: Mapping[str, Any]) -> Choice:
    """What ``choosing`` gave."""
    from agentops_eval.harness.evaluating import Choice

    if given["all_variants"] and given["variants"]:
        raise Misused("--variant and --all-variants contradict each other", remedy="leave one of them away")
    return Choice(
        cases=given["cases"],
        tags=given["tags"],
        variants=given["variants"],
        all_variants=given["all_variants"],
        repeat=given["repeat"],
        candidate=given["candidate"],
    )


def bounds_of(given: Mapping[str, Any]) -> Bounds:
    """What ``bounding`` gave."""
    from agentops_eval.harness.evaluating import Bounds

    if given["timeout_s"] is not None and given["timeout_s"] <= 0:
        raise Misused(f"--timeout {given['timeout_s']:g} is no time", remedy="give seconds, more than 0")
    return Bounds(
        concurrency=given["concurrency"], processes=given["processes"], timeout_s=given["timeout_s"]
    )


def limits_of(words: Sequence[str]) -> Mapping[str, int]:
    """Hosts with the number of requests that may be under way. Raises Misused."""
    read: dict[str, int] = {}
    for word in words:
        host, _, count = word.rpartition("=")
        if not host or not count.isdecimal() or not int(count):
            raise Misused(f"--limit {word!r} is not HOST=N", remedy="for example --limit api.openai.com=4")
        read[host.lower()] = int(count)
    return read
