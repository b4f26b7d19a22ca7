"""JSON and JSON lines, read strictly, with the line of every value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import NoReturn

from agentops_eval.documents._document import (
    Document,
    Place,
    number,
    refuse_extremes,
    shown,
    too_deep,
)
from agentops_eval.documents._kind import DocumentKind
from agentops_eval.domain import AgentopsError, Json

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_CHECK = "python -m json.tool FILE shows the place; names and texts stand in double quotes"
_HALF = re.compile(r"\\u[dD][89abAB]")


class _TwiceError(Exception):
    """A key is twice in one object."""


def read_json(text: str, name: str, kind: DocumentKind[AgentopsError]) -> Document:
    """A JSON text. Raises the kind's error with the line."""
    lines = _Lines(text)
    value = _loads(text, name, kind, lines, first=1)
    refuse_extremes(value, name, kind)
    return Document(name=name, value=value, line_of=lines.of)


def json_rows(text: str, name: str, kind: DocumentKind[AgentopsError]) -> list[tuple[int, Json]]:
    """The values of JSON lines, each with its line; empty lines are passed over. Raises the kind's error."""
    return [
        (line, json_value(row, name, kind, line=line))
        for line, row in enumerate(text.split("\n"), start=1)
        if row.strip()
    ]


def json_value(text: str, name: str, kind: DocumentKind[AgentopsError], *, line: int) -> Json:
    """A line or a cell that holds JSON, and begins on that line of its file. Raises the kind's error."""
    return _loads(text, name, kind, _Lines(text), first=line)


def _loads(text: str, name: str, kind: DocumentKind[AgentopsError], lines: _Lines, *, first: int) -> Json:
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=number,
            parse_int=number,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        what = f"the file is not JSON: {error.msg}, column {error.colno}"
        raise kind.unreadable(name, what, line=first + error.lineno - 1, remedy=_CHECK) from None
    except _TwiceError:
        key, before, line = lines.twice
        what = f"the field {shown(key)} is there twice"
        told = f", on line {first + before - 1} and here" if before != line else ""
        raise kind.unreadable(name, what + told, line=first + line - 1, remedy="leave one of them") from None
    except RecursionError:
        raise too_deep(name, kind, first) from None
    except ValueError as error:
        raise kind.unreadable(name, f"the file is not JSON: {error}", line=first, remedy=_CHECK) from None
    if _HALF.search(text):
        _refuse_halves(value, name, kind, first)
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _TwiceError
    return made


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _refuse_halves(value: Json, name: str, kind: DocumentKind[AgentopsError], line: int) -> None:
    """Half of a surrogate pair is no character: no file, terminal or llm can be given one."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        what = "a text holds half of a surrogate pair, which is no character"
        raise kind.unreadable(name, what, line=line, remedy="write the character itself") from None
    except RecursionError:
        raise too_deep(name, kind, line) from None


class _Lines:
    """Where the values of a JSON text stand. The text is only scanned once somebody asks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[str | int] = []
        self._named = False
        self._twice = ("", 1, 1)

    def of(self, place: Place) -> int:
        """The line of the innermost part of a place that is in the text."""
        known = self._known
        return next(known[place[:n]] for n in range(len(place), -1, -1) if place[:n] in known)

    @property
    def twice(self) -> tuple[str, int, int]:
        """The first key that is twice in its object, and its two lines."""
        assert self._known
        return self._twice

    @cached_property
    def _known(self) -> Mapping[Place, int]:
        found: dict[Place, int] = {(): 1}
        line, seen = 1, 0
        with suppress(IndexError, ValueError):  # behind a key that is twice, the text may be anything
            for match in _TOKEN.finditer(self._text):
                line += self._text.count("\n", seen, match.start())
                seen = match.start()
                self._note(match[0], found, line)
        return found

    def _note(self, sign: str, found: dict[Place, int], line: int) -> None:
        """Cases: a container opens, it closes, the next part, a colon, a name, a value.

        The last of the parts is the name or index of what comes next; an object without a name has "".
        """
        parts = self._parts
        if sign in "{[":
            found.setdefault(tuple(parts), line)
            parts.append("" if sign == "{" else 0)
            self._named = False
        elif sign in "}]":
            parts.pop()
        elif sign == ",":
            last = parts[-1]
            parts[-1] = last + 1 if isinstance(last, int) else ""
            self._named = False
        elif sign == ":":
            self._named = True
        elif parts and isinstance(parts[-1], str) and not self._named:
            parts[-1] = json.loads(sign, strict=False)
            place = tuple(parts)
            if place in found and not self._twice[0]:
                self._twice = (str(parts[-1]), found[place], line)
            found.setdefault(place, line)
        else:
            found.setdefault(tuple(parts), line)
