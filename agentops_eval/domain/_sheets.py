"""Sheets: what people read of operations, as parts of lines and tables that any format can render.

A piece says whose words it holds, so that each format knows what it has to take the sting out of.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Say(StrEnum):
    """What a piece of text is."""

    WORDS = "words"  # ours
    CODE = "code"  # of agents, llms and files: names, reasons, schedules
    COMMAND = "command"  # to be pasted; a line of its own
    LINK = "link"  # to a file of the project


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a line. ``href`` is the file that a link leads to, relative to the project's root."""

    text: str
    say: Say = Say.WORDS
    href: str = ""


SheetLine: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """A table. Columns of ``right`` hold figures. ``more`` rows are left out."""

    head: tuple[str, ...]
    rows: tuple[tuple[SheetLine, ...], ...]
    right: frozenset[int] = frozenset()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPart:
    """A part under a heading: lines as a list, steps where ``ordered``, and a table behind them.

    ``id`` stays the same from one sheet to the next of its sort.
    """

    id: str
    title: str
    lines: tuple[SheetLine, ...] = ()
    ordered: bool = False
    table: SheetTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet. ``tone`` is good, bad or open; ``facts`` are a few figures that are seen first."""

    id: str
    title: str
    headline: str = ""
    tone: str = "open"
    facts: tuple[tuple[str, str], ...] = ()
    parts: tuple[SheetPart, ...] = ()


def in_line(*parts: str | Piece) -> SheetLine:
    """A line of pieces; a text is ours."""
    return tuple(Piece(text=part) if isinstance(part, str) else part for part in parts)


def in_code(text: object) -> Piece:
    """What somebody else wrote."""
    return Piece(text=str(text), say=Say.CODE)


def as_command(text: str) -> Piece:
    """A command to paste."""
    return Piece(text=text, say=Say.COMMAND)


def as_link(text: str, href: str) -> Piece:
    """A link to a file of the project."""
    return Piece(text=text, say=Say.LINK, href=href)
