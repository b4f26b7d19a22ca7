"""The option ``--prices``, and what is said where a price is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from agentops_eval.cli._output import line, prose

F = TypeVar("F", bound=Callable[..., Any])
_NAMED = 5


def prices_option(command: F) -> F:
    """Add ``--prices``."""
    told = "Your own prices: a TOML or YAML file; else what the setting prices names."
    option = click.option("--prices", type=click.Path(path_type=Path), metavar="FILE", help=told)
    return option(command)


def say_unpriced(names: Iterable[str], tables: Sequence[str]) -> None:
    """Which llms no table knows, and what to do about it."""
    unknown = sorted(set(names))
    if not unknown:
        return
    shown = ", ".join(line(name, limit=60) for name in unknown[:_NAMED])
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    way = "name your own table with --prices FILE"
    if tables:
        prose(f"no price: {shown}{more}; {way}", hang=10, style="yellow")
    else:
        public = "install the extra `prices` for a public table"
        prose(f"no price: {shown}{more}; there is no table: {public}, or {way}", hang=10, style="yellow")
