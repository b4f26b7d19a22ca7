"""JSON and JSON lines, read strictly, with the line of every value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import NoReturn

from agentops_eval.domain import Json
from agentops_eval.evals.suites._document import (
    Document,
    Place,
    number,
    refuse_extremes,
    shown,
    too_deep,
    unreadable,
)

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_CHECK = "python -m json.tool FILE shows the place; names and texts stand in double quotes"
_HALF = re.compile(r"\\u[dD][89abAB]")
# A first line that has none of these is no scenario: it is the head.
_OF_SCENARIOS = frozenset({"id", "title", "input", "user"})


class _TwiceError(Exception):
    """A key is twice in one object."""


def read_json(text: str, name: str) -> Document:
    """A JSON text. Raises ScenarioInvalid with the line."""
    lines = _Lines(text)
    value = _loads(text, name, lines, first=1)
    refuse_extremes(value, name)
    return Document(name=name, value=value, line_of=lines.of)


def read_jsonl(text: str, name: str) -> Document:
    """A scenario a line; the first may be the head instead. Raises ScenarioInvalid with the line."""
    rows = json_rows(text, name)
    head: Mapping[str, Json] = {}
    if rows and isinstance(rows[0][1], dict) and not rows[0][1].keys() & _OF_SCENARIOS:
        head = rows.pop(0)[1]  # type: ignore[assignment]  # it is a dict, as was just asked
        if "scenarios" in head:
            what = "the head of JSON lines has no scenarios: each has a line of its own"
            raise unreadable(name, what, line=1, remedy="name the file .json where it is one document")
    places = [line for line, _ in rows]
    value: Json = {**head, "scenarios": [scenario for _, scenario in rows]}
    refuse_extremes(value, name)

    def line_of(place: Place) -> int:
        inside = len(place) > 1 and place[0] == "scenarios" and isinstance(place[1], int)
        index = place[1] if inside else 0
        assert isinstance(index, int)
        return places[index] if inside and index < len(places) else 1

    return Document(name=name, value=value, line_of=line_of)


def json_rows(text: str, name: str) -> list[tuple[int, Json]]:
    """The values of JSON lines, each with its line; empty lines are passed over. Raises ScenarioInvalid."""
    return [
        (line, _loads(row, name, _Lines(row), first=line))
        for line, row in enumerate(text.split("\n"), start=1)
        if row.strip()
    ]


def cell_json(text: str, name: str, line: int) -> Json:
    """A cell that holds JSON. Raises ScenarioInvalid."""
    return _loads(text, name, _Lines(text), first=line)


def _loads(text: str, name: str, lines: _Lines, *, first: int) -> Json:
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
        raise unreadable(name, what, line=first + error.lineno - 1, remedy=_CHECK) from None
    except _TwiceError:
        key, before, line = lines.twice
        what = f"the field {shown(key)} is there twice"
        told = f", on line {first + before - 1} and here" if before != line else ""
        raise unreadable(name, what + told, line=first + line - 1, remedy="leave one of them") from None
    except RecursionError:
        raise too_deep(name, first) from None
    except ValueError as error:
        raise unreadable(name, f"the file is not JSON: {error}", line=first, remedy=_CHECK) from None
    if _HALF.search(text):
        _refuse_halves(value, name, first)
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _TwiceError
    return made


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _refuse_halves(value: Json, name: str, line: int) -> None:
    """Half of a surrogate pair is no character: no file, terminal or llm can be given one."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        what = "a text holds half of a surrogate pair, which is no character"
        raise unreadable(name, what, line=line, remedy="write the character itself") from None
    except RecursionError:
        raise too_deep(name, line) from None


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
