"""A file that was parsed: what it says, and on which line it says it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from agentops_eval.documents._kind import DocumentKind
from agentops_eval.domain import AgentopsError, Json, shorten

E = TypeVar("E", bound=AgentopsError)

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands in its document: keys and indices from the top."""

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 64
MAX_NODES = 1_000_000

_LONGEST_KEY = 60
_SHOWN = 60
_DIGITS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says, whatever its format. ``line_of`` gives the line of a place, 0 where unknown."""

    name: str
    value: Json
    line_of: Callable[[Place], int]

    def where(self, place: Place) -> str:
        """The file with the line, and the field's path: ``orders.yaml:14 scenarios[2].expect.tools``."""
        return " ".join(part for part in (self.line(place), path_text(place)) if part)

    def line(self, place: Place) -> str:
        """The file with the line of a place."""
        number = self.line_of(place)
        return f"{self.name}:{number}" if number else self.name


def path_text(place: Place) -> str:
    """A place as people write it; keys that are no plain names are quoted."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        shown = shorten(part, _LONGEST_KEY)
        plain = shown.isprintable() and shown.replace("-", "_").replace(":", "_").isidentifier()
        text += f".{shown}" if plain else f".{json.dumps(shown)}"
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value of a file for a message: bounded, on one line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text if text.isprintable() else json.dumps(value, default=str)
    return shorten(text, _SHOWN)


def too_deep(name: str, kind: DocumentKind[E], line: int = 0) -> E:
    """The error for a text whose values are nested deeper than anybody reads."""
    what = f"the file is nested more than {MAX_DEPTH} levels deep"
    return kind.unreadable(name, what, line=line, remedy="make it flatter")


def refuse_long(length: int, name: str, kind: DocumentKind[AgentopsError]) -> None:
    """Raise the kind's error for a file of ``length`` bytes where that is more than one may have."""
    if length > MAX_BYTES:
        what = f"the file has {length:,} bytes, and {kind.one} may have {MAX_BYTES:,}"
        raise kind.unreadable(name, what, remedy=kind.split)


def decoded(data: bytes, name: str, kind: DocumentKind[AgentopsError]) -> str:
    """The text of a file: UTF-8, with or without a byte order mark. Raises the kind's error."""
    remedy = "save it as UTF-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise kind.unreadable(name, "the file is in UTF-16", remedy=remedy)
    if b"\0" in data:
        raise kind.unreadable(name, "the file is binary, not text", remedy=remedy)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise kind.unreadable(name, "the file is not UTF-8", line=line, remedy=remedy) from None
    if not text.strip():
        raise kind.unreadable(name, "the file is empty", remedy=kind.example)
    return text


def number(text: str) -> int | float:
    """A number as JSON writes it. Raises ValueError for one that is too long or too large to keep."""
    whole = text.lstrip("-").isdigit()
    if whole and len(text) <= _DIGITS:
        return int(text)
    found = float("inf") if whole else float(text)
    if found - found != 0:
        raise ValueError(f"{text[:_SHOWN]} is too large a number")
    return found


def refuse_extremes(value: Json, name: str, kind: DocumentKind[AgentopsError]) -> None:
    """Raise the kind's error for a value that is nested too deeply, or has too many parts."""
    count, level, depth = 0, [value], 0
    while level:
        count += len(level)
        if depth >= MAX_DEPTH and any(isinstance(one, (dict, list)) for one in level):
            raise too_deep(name, kind)
        if count > MAX_NODES:
            what = f"the file has more than {MAX_NODES:,} values"
            raise kind.unreadable(name, what, remedy="split it into several files")
        level = [item for one in level for item in _within(one)]
        depth += 1


def _within(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
