"""Printing for people and for scripts. What agents and llms wrote is printed as plain text."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_eval.domain import Json

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])
_SHOWN = 2_000
_PIPE_WIDTH = 160
_SIDE, _LEAST = len("  this run   "), 20
_HIDES_TEXT = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def json_option(command: F) -> F:
    """Add ``--json``: one JSON document on standard output and nothing else."""
    option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    return option(command)


def print_json(document: Json) -> None:
    """Print ``document`` as one line of JSON, keys in their order.

    Where the terminal's encoding cannot hold every character, JSON's own escapes stand for them.
    """
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    text = json.dumps(document, ensure_ascii=not unicode)
    with _reader():
        click.echo(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def console() -> Console:
    """The console of standard output; colours only on a terminal.

    While a line of it moves, rich has put a proxy in the place of standard output: it is the same console
    then, which takes the line away before it prints.
    """
    return _console(getattr(sys.stdout, "rich_proxied_file", sys.stdout), os.environ.get("COLUMNS"))


@functools.lru_cache(maxsize=1)
def _console(_: object, columns: str | None) -> Console:
    """One console, until standard output is another."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """The reader went away (``| head``): finish the work, and say nothing more."""
            mute()

    wide = _PIPE_WIDTH if not _on_terminal() and columns is None else None
    return Output(highlight=False, emoji=False, width=wide)


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def plain(text: object, *, limit: int = _SHOWN) -> str:
    """Hostile text for a terminal: control characters shown, length bounded."""
    whole = str(text)
    shown = "".join(_shown(character) for character in whole[:limit])
    return shown if len(whole) <= limit else f"{shown}... ({many(len(whole) - limit, 'more character')})"


def _shown(character: str) -> str:
    if (character.isprintable() or character == "\n") and character not in _HIDES_TEXT:
        return character
    return character.encode("unicode_escape").decode("ascii")


def line(text: object, *, limit: int = 300) -> str:
    """Hostile text for one line of a terminal."""
    return plain(text, limit=limit).replace("\n", "\\n")


def many(count: int, noun: str) -> str:
    """Count things: ``1 call``, ``2 calls``, ``2 bodies``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def say(text: str = "", *, style: str = "") -> None:
    """Print one line of ours. It is never broken by us, so that commands in it can be pasted."""
    console().print(text, style=style or None, markup=False, soft_wrap=True)


def say_lines(lines: Iterable[str]) -> None:
    """Print many lines as they are."""
    with _reader():
        click.echo("\n".join(lines))


def prose(text: str = "", *, hang: int = 0, style: str = "") -> None:
    """Print a sentence, broken at words where a terminal is too narrow; later lines are indented by ``hang``.

    Not for what is meant to be pasted. A pipe gets the line whole.
    """
    room = console().width
    if not _on_terminal() and "COLUMNS" not in os.environ:
        room = max(room, len(text))
    indent = " " * hang
    width = max(room, hang + _LEAST)
    for part in wrap(text, width=width, subsequent_indent=indent, break_on_hyphens=False) or [""]:
        say(part, style=style)


def passage(parts: Iterable[tuple[str, str]], *, indent: int) -> None:
    """Print one line of texts with their styles, broken at words where a terminal is too narrow."""
    from rich.text import Text

    whole, out, margin = Text.assemble(*parts), console(), " " * indent
    lines = [whole]
    if _on_terminal() or "COLUMNS" in os.environ:
        lines = list(whole.wrap(out, max(out.width - indent, _LEAST)))
    for one in lines:
        out.print(Text.assemble(margin, one), soft_wrap=True)


def say_divergence(text: str, *, style: str = "") -> None:
    """Print how a run left its golden: both sides below each other, the command that approves it whole."""
    first, *more = plain(text).splitlines() or [""]
    prose(first, hang=2, style=style)
    for part in more:
        if part.startswith(" "):
            prose(part, hang=_SIDE, style=style)
        else:
            say(part, style=style)


def fit(text: str, room: int, *, middle: bool = False) -> str:
    """At most ``room`` characters; what is cut away, at the end or in the middle, leaves three dots."""
    if len(text) <= room:
        return text
    kept = max(room - 3, 5)
    tail = kept // 2 if middle else 0
    return f"{text[: kept - tail]}...{text[len(text) - tail :]}"


def note(text: str) -> None:
    """Tell a person at a terminal what is under way; scripts and files do not see it."""
    if sys.stderr is not None and sys.stderr.isatty():
        click.secho(text, err=True, dim=True)


@contextmanager
def step(text: str, *, quiet: bool = False) -> Iterator[None]:
    """Show ``text`` on a terminal while the body works, and take it away before its result."""
    if quiet or not _on_terminal() or os.environ.get("TERM") == "dumb":
        yield
        return
    sys.stdout.write(f"{text[: max(console().width - 1, 1)]}\r")
    sys.stdout.flush()
    try:
        yield
    finally:
        sys.stdout.write("\x1b[2K")
        sys.stdout.flush()


@contextmanager
def agents_output(*, aside: bool) -> Iterator[None]:
    """With ``aside``, what the agent prints goes to standard error: standard output is the document's."""
    if not aside or sys.stdout is None or sys.stderr is None:
        yield
        return
    sys.stdout.flush()
    with redirect_stdout(sys.stderr), _descriptor_aside():
        yield


@contextmanager
def _descriptor_aside() -> Iterator[None]:
    """The same for what is written to the file descriptor, as by processes that the agent starts."""
    try:
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # one of them is closed
        yield
        return
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def lenient() -> None:
    """Escape what a terminal's encoding cannot hold, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


@contextmanager
def _reader() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        mute()


def flush() -> None:
    """Send what is still buffered, so that a reader that is gone is noticed here and not at exit."""
    if sys.stdout is not None:
        with _reader():
            sys.stdout.flush()


def mute(*, error: bool = False) -> None:
    """Let standard output, or standard error, lead nowhere from now on."""
    with suppress(OSError, ValueError, AttributeError):
        output = (sys.stderr if error else sys.stdout).fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output)
        os.close(nowhere)
