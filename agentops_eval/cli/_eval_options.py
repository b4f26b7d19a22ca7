"""The options that choose what of a suite runs, and how."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.cli._errors import Misused

if TYPE_CHECKING:
    from agentops_eval.harness.evaluating import Bounds, Choice

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


class Finite(click.FloatRange):
    """A number in a range. A range lets NaN pass, with which nothing compares."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises BadParameter for what is no number, none in the range, or without end."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number


class FiniteNumber(click.types.FloatParamType):
    """Any number that is one, and has an end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises BadParameter for what is no number, or without end."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number


RATE = Finite(0, 1)
SHARE = Finite(0, 1, min_open=True, max_open=True)
_SECONDS = Finite(0, threading.TIMEOUT_MAX, min_open=True)
_USD = Finite(0)


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
                "--timeout", "timeout_s", type=_SECONDS, metavar="SECONDS", help="Longest time of a trial."
            ),
            click.option(
                "--limit", "limits", multiple=True, metavar="HOST=N", help="Requests to a host at once."
            ),
            click.option(
                "--max-cost", "max_cost_usd", type=_USD, metavar="USD", help="Begin nothing beyond it."
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
