"""Server-sent events: bytes in, events out, whatever the line endings and chunk boundaries."""

from __future__ import annotations

import codecs
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SseEvent:
    """One dispatched event; ``name`` is empty where the stream named none."""

    data: str
    name: str = ""
    last_id: str = ""


class SseDecoder:
    """Reads a stream piece by piece, as the WHATWG's event stream format says.

    One deviation: ``finish`` also gives an event that no blank line closed, because recorded
    bodies often lost their last blank line, and a consumer of JSON sees whether it is whole.
    """

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""
        self._first = True
        self._skip_newline = False
        self._name = ""
        self._last_id = ""
        self._data: list[str] = []

    def feed(self, data: bytes, *, final: bool = False) -> list[SseEvent]:
        """Take the next bytes, give the events that they complete."""
        text = self._utf8.decode(data, final)
        if self._first and text:
            self._first = False
            text = text.removeprefix("\ufeff")
        if self._skip_newline and text:
            self._skip_newline = False
            text = text.removeprefix("\n")
        found: list[SseEvent] = []
        for line in self._lines(text):
            event = self._take(line)
            if event is not None:
                found.append(event)
        return found

    def finish(self) -> list[SseEvent]:
        """Take the end of the stream, give the event that was still open, if there is one."""
        found = self.feed(b"", final=True)
        if self._rest:
            line, self._rest = self._rest, ""
            self._take(line)
        event = self._dispatch()
        return found if event is None else [*found, event]

    def _lines(self, text: str) -> list[str]:
        # A line ends at CRLF, LF or CR; nothing else that str.splitlines knows counts.
        if text.endswith("\r"):
            self._skip_newline = True
        pieces = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        pieces[0] = self._rest + pieces[0]
        self._rest = pieces.pop()
        return pieces

    def _take(self, line: str) -> SseEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id" and "\0" not in value:
            self._last_id = value
        return None  # comments (empty field), retry and unknown fields carry nothing for us

    def _dispatch(self) -> SseEvent | None:
        name, data = self._name, self._data
        self._name, self._data = "", []
        if not data:
            return None
        return SseEvent(data="\n".join(data), name=name, last_id=self._last_id)


def parse_sse(data: bytes) -> tuple[SseEvent, ...]:
    """All events of a whole body."""
    decoder = SseDecoder()
    return (*decoder.feed(data), *decoder.finish())
