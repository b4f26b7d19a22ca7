"""A document of one of the formats that is too large to be held: its samples, cases or runs, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ijson

from agentops_eval.domain import Json, TraceUnreadable
from agentops_eval.traces.reading._finite import Finite
from agentops_eval.traces.reading._model import Problems
from agentops_eval.traces.reading._stream import Readable
from agentops_eval.traces.reading.formats._kinds import is_message, is_turn

MAX_ITEM = 64 * 1024 * 1024
"""Bytes of the file that one sample, case or run may take; a larger one is passed over."""

_LISTS = {"samples": "samples", "eval_cases": "eval_cases", "evalCases": "eval_cases"}
_AROUND = ("version", "status", "eval", "error")


class _Counted:
    """A file that knows how much of it was read."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self.count += len(data)
        return data


def large(file: Readable, path: Path, problems: Problems, *, broken: str = "") -> Iterator[tuple[str, Json]]:
    """Documents that together hold what the large one does. Raises TraceUnreadable where it holds none.

    A smaller one is read so where it is ``broken``, which says how.
    """
    found = 0
    try:
        for where, document in _documents(_Counted(Finite(file)), path, problems):
            found += 1
            yield where, document
    except (ijson.JSONError, ValueError, OverflowError) as error:
        message = f"the document breaks off or is no JSON: {' '.join(str(error).split())[:200]}"
        if not found:
            raise TraceUnreadable(message, where=str(path)) from error
        problems.add(str(path), message)
        return
    if not found and broken:
        raise TraceUnreadable(f"the document breaks off or is no JSON: {broken[:200]}", where=str(path))
    if not found:
        problems.add(
            str(path),
            f"passed over: one conversation, or no list that is read, in more than {MAX_ITEM} bytes",
        )


def _documents(file: _Counted, path: Path, problems: Problems) -> Iterator[tuple[str, Json]]:
    around: dict[str, Json] = {}
    counts: dict[str, int] = {}
    building, holder = _Building(), ""
    for prefix, event, value in ijson.parse(file, use_float=True):
        if building.open:
            whole = building.add(event, value, file.count)
            if not building.open:
                number = counts[holder] = counts.get(holder, -1) + 1
                where = f"{path}: {holder}[{number}]"
                if not whole:
                    problems.add(where, f"passed over: more than {MAX_ITEM} bytes")
                elif holder in _AROUND:
                    around[holder] = building.value
                elif not holder and (is_message(building.value) or is_turn(building.value)):
                    return  # one conversation
                else:
                    yield where, _document(holder, building.value, around)
        elif event in ("start_map", "start_array"):
            place = _holder(prefix)
            if place is not None:
                holder = place
                building.begin(event, value, file.count)
        elif prefix in _AROUND and event in ("number", "string"):
            around[prefix] = value


def _holder(prefix: str) -> str | None:
    """The list that an item at this place belongs to, or the object around the lists that is kept."""
    if prefix == "item":
        return ""
    if prefix in _AROUND:
        return prefix
    name, _, rest = prefix.partition(".")
    return name if rest == "item" and name in _LISTS else None


def _document(holder: str, item: Json, around: dict[str, Json]) -> Json:
    return item if not holder else {**around, _LISTS[holder]: [item]}


class _Building:
    """One item in the making, dropped where it grows too large."""

    def __init__(self) -> None:
        self.open = False
        self.value: Json = None
        self._depth = 0
        self._began = 0
        self._builder: ijson.ObjectBuilder | None = None

    def begin(self, event: str, value: Json, at: int) -> None:
        self.open, self._depth, self._began, self.value = True, 1, at, None
        self._builder = ijson.ObjectBuilder()
        self._builder.event(event, value)

    def add(self, event: str, value: Json, at: int) -> bool:
        """Take an event; whether the item is whole so far."""
        if at - self._began > MAX_ITEM:
            self._builder = None
        if self._builder is not None:
            self._builder.event(event, value)
        self._depth += event in ("start_map", "start_array")
        self._depth -= event in ("end_map", "end_array")
        if self._depth == 0:
            self.open = False
            self.value = None if self._builder is None else self._builder.value
        return self._builder is not None
