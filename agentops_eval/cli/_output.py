"""Printing for people and for scripts. What agents and models wrote is printed as plain text."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.domain import Json

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])
_SHOWN = 2_000


def json_option(command: F) -> F:
    """Add ``--json``: one JSON document on standard output and nothing else."""
    option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    return option(command)


def print_json(document: Json) -> None:
    """Print ``document`` as one line of JSON, keys in their order."""
    click.echo(json.dumps(document, ensure_ascii=False))


@functools.cache
def console() -> Console:
    """The console of standard output; colours only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def plain(text: object, *, limit: int = _SHOWN) -> str:
    """Hostile text for a terminal: control characters shown, length bounded."""
    shown = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in str(text)[:limit])
    return shown if len(str(text)) <= limit else f"{shown}... ({len(str(text)) - limit} more characters)"


def say(line: str = "", *, style: str = "") -> None:
    """Print one line of ours; markup inside it is not interpreted."""
    console().print(line, style=style or None, markup=False)
