"""A single JSON document that is too large to be held: its spans and log records, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import ijson

from agentops_eval.domain import Json, TraceUnreadable
from agentops_eval.traces.reading._model import Problems

_HOLDERS = {
    "resourceSpans": ("scopeSpans", "spans"),
    "resource_spans": ("scope_spans", "spans"),
    "resourceLogs": ("scopeLogs", "logRecords"),
    "resource_logs": ("scope_logs", "log_records"),
}
BATCH = 200


class Readable(Protocol):
    """What a streaming parser needs of a file."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, empty at the end."""
        ...


@dataclass(slots=True)
class _Place:
    """Where the parser stands: the names of the arrays, and what is known around the items."""

    outer: str
    inner: str
    items: str
    around: dict[str, Json] = field(default_factory=dict)
    scope: dict[str, Json] = field(default_factory=dict)
    batch: list[Json] = field(default_factory=list)

    def request(self) -> Json:
        """The items seen since the last request, as a request of their own."""
        made: Json = {self.outer: [{**self.around, self.inner: [{**self.scope, self.items: self.batch}]}]}
        self.batch = []
        return made


def streamed(file: Readable, path: Path, problems: Problems) -> Iterator[tuple[str, Json]]:
    """Small requests that together hold what one large document does. Raises TraceUnreadable."""
    count = 0
    try:
        for request in _requests(file):
            count += 1
            yield f"{path}", request
    except ijson.JSONError as error:
        message = f"the document breaks off or is no JSON: {str(error)[:200]}"
        if not count:
            raise TraceUnreadable(message, where=str(path)) from error
        problems.add(str(path), message)


def _requests(file: Readable) -> Iterator[Json]:
    place: _Place | None = None
    builder: ijson.ObjectBuilder | None = None
    target, depth = "", 0
    for prefix, event, value in ijson.parse(file, use_float=True):
        if builder is not None:
            builder.event(event, value)
            depth += event in ("start_map", "start_array")
            depth -= event in ("end_map", "end_array")
            if depth == 0 and place is not None:
                yield from _kept(place, target, builder.value)
                builder = None
            continue
        place, target = _at(prefix, place, event)
        if place is None:
            continue
        if target and event in ("start_map", "start_array"):
            builder, depth = ijson.ObjectBuilder(), 1
            builder.event(event, value)
        elif event == "end_map" and prefix.endswith(f"{place.inner}.item") and place.batch:
            yield place.request()
            place.scope = {}
        elif event == "end_map" and prefix.endswith(f"{place.outer}.item"):
            place.around = {}
    if place is not None and place.batch:
        yield place.request()


def _at(prefix: str, place: _Place | None, event: str) -> tuple[_Place | None, str]:
    """The place for a prefix, and what of it is built here: an item, a resource, a scope."""
    parts = [part for part in prefix.split(".") if part != "item"]
    if not parts or parts[0] not in _HOLDERS:
        return place, ""
    inner, items = _HOLDERS[parts[0]]
    if place is None or place.outer != parts[0]:
        place = _Place(parts[0], inner, items)
    if parts == [parts[0], inner, items] and prefix.endswith(".item"):
        return place, items
    if len(parts) == 2 and parts[1] == "resource" and event == "start_map":
        return place, "resource"
    if len(parts) == 3 and parts[2] == "scope" and event == "start_map":
        return place, "scope"
    return place, ""


def _kept(place: _Place, target: str, value: Json) -> Iterator[Json]:
    if target == "resource":
        place.around = {"resource": value}
    elif target == "scope":
        place.scope = {"scope": value}
    else:
        place.batch.append(value)
        if len(place.batch) >= BATCH:
            yield place.request()
