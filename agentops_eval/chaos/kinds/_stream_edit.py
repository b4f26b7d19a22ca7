"""Server-sent events on their way: taken one by one as bytes, so that nothing but the fault changes them."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from agentops_eval.chaos._kind import Hit
from agentops_eval.chaos.kinds._body_edit import framed, is_event_stream, plain
from agentops_eval.chaos.kinds._values import Impossible
from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    HttpReply,
    Label,
    Outcome,
    Rewrite,
    StreamEnd,
    header,
)
from agentops_eval.seams.http import Wire, wire_failure

_BETWEEN = re.compile(rb"\r\n\r\n|\n\n|\r\r(?=[^\n])")
_DATA = re.compile(rb"^data:[ ]?(.*?)\r?$", re.MULTILINE)
_OF_LLMS = ("response.", "message_", "content_block_", "ping")
TOO_FEW = "the stream had fewer events"
MOST_PENDING = 16 * 1024 * 1024
"""The longest event that is waited for; a stream without an end of one goes on as it is."""


def data_of(event: bytes) -> bytes:
    """What its data lines hold."""
    return b"\n".join(_DATA.findall(event))


def has_words(event: bytes) -> bool:
    """Whether it carries a piece of an llm's text or arguments; elsewhere any event with data does."""
    data = data_of(event)
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return data not in (b"", b"[DONE]")
    if not isinstance(told, dict):
        return True
    kind = told.get("type")
    if isinstance(kind, str) and kind.startswith(_OF_LLMS):
        return kind == "content_block_delta" or kind.endswith(("_text.delta", "_arguments.delta"))
    if isinstance(choices := told.get("choices"), list):
        return any(_says(choice) for choice in choices)
    return True


def _says(choice: object) -> bool:
    delta = choice.get("delta") if isinstance(choice, dict) else None
    return isinstance(delta, dict) and bool(delta.get("content") or delta.get("tool_calls"))


class FaultStage(Rewrite):
    """A stage that says at the end why its fault did not happen: ``missing``, empty once it did."""

    __slots__ = ("hit", "missing")

    def __init__(self, hit: Hit, missing: str) -> None:
        super().__init__()
        self.hit, self.missing = hit, missing

    def finish(self, end: StreamEnd) -> StreamEnd:
        if self.missing and self.over is None:
            read_on = end.kind is not EndKind.CLOSED
            self.hit.cannot(self.missing if read_on else f"{self.missing}, as far as the client read it")
        return end


class EventStage(FaultStage):
    """Splits a stream into its events. Subclasses say what becomes of each, and what comes at the end."""

    __slots__ = ("_pending", "_scanned")

    def __init__(self, hit: Hit, missing: str = "") -> None:
        super().__init__(hit, missing)
        self._pending = bytearray()
        self._scanned = 0

    def event(self, raw: bytes) -> Iterable[Chunk | bytes]:
        """What goes on in the place of one event."""
        raise NotImplementedError

    def last(self, end: StreamEnd) -> Iterable[Chunk | bytes]:
        """What goes on behind the last event."""
        return ()

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        self._pending += chunk.data
        out: list[Chunk] = []
        start = 0
        while self.over is None:
            found = _BETWEEN.search(self._pending, max(start, self._scanned - 3))
            if found is None:
                break
            out += _chunks(self.event(bytes(self._pending[start : found.end()])), chunk.at_s)
            start = self._scanned = found.end()
        del self._pending[:start]
        self._scanned = len(self._pending)
        if len(self._pending) > MOST_PENDING:
            out.append(Chunk(bytes(self._pending), chunk.at_s))
            self._pending.clear()
            self._scanned = 0
        return out

    def rest(self, end: StreamEnd) -> Iterable[Chunk]:
        left = bytes(self._pending)
        self._pending.clear()
        out = _chunks(self.event(left) if left.strip() else (left,), 0.0)
        return out if self.over is not None else [*out, *_chunks(self.last(end), 0.0)]


def _chunks(made: Iterable[Chunk | bytes], at_s: float) -> list[Chunk]:
    return [one if isinstance(one, Chunk) else Chunk(one, at_s) for one in made]


def events_changed(outcome: Outcome | None, hit: Hit, stage: Rewrite, *, framing: bool = False) -> Outcome:
    """The stream passing the stage; else the same outcome, and ``hit`` says why it could not be.

    With ``framing`` the length that the head announced no longer holds.
    """
    assert outcome is not None
    if not isinstance(outcome, HttpReply):
        hit.cannot("there was no reply")
        return outcome
    if not is_event_stream(outcome):
        kind = header(outcome.headers, "content-type") or "a body of no type"
        hit.cannot(f"the reply (status {outcome.status}) was no stream of events but {kind}")
        return outcome
    try:
        found = plain(outcome)
    except Impossible as why:
        hit.cannot(str(why))
        return outcome
    headers = framed(found.headers) if framing else found.headers
    return replace(found, headers=headers, stages=(*found.stages, stage), label=Label.SCRIPTED)


class EndAfter(EventStage):
    """Ends a stream after some events, with a last one."""

    __slots__ = ("_events", "_last")

    def __init__(self, hit: Hit, events: int, last: bytes) -> None:
        super().__init__(hit, TOO_FEW)
        self._events, self._last = events, last

    def event(self, raw: bytes) -> Iterable[bytes]:
        yield raw
        self._events -= bool(data_of(raw))
        if not self._events:
            yield self._last
            self.over = StreamEnd()


class Twice(EventStage):
    """Gives one of the events with words twice."""

    __slots__ = ("_number",)

    def __init__(self, hit: Hit, number: int) -> None:
        super().__init__(hit, TOO_FEW)
        self._number = number

    def event(self, raw: bytes) -> Iterable[bytes]:
        yield raw
        if self._number and has_words(raw):
            self._number -= 1
            if not self._number:
                self.missing = ""
                yield raw


class Swapped(EventStage):
    """Gives one of the events with words behind the next one."""

    __slots__ = ("_held", "_number")

    def __init__(self, hit: Hit, number: int) -> None:
        super().__init__(hit, TOO_FEW)
        self._number, self._held = number, b""

    def event(self, raw: bytes) -> Iterable[bytes]:
        if self._held:
            held, self._held, self.missing = self._held, b"", ""
            return (raw, held)
        if self._number and has_words(raw):
            self._number -= 1
            if not self._number:
                self._held = raw
                return ()
        return (raw,)

    def last(self, end: StreamEnd) -> Iterable[bytes]:
        held, self._held = self._held, b""
        return (held,) if held else ()


Ending: TypeAlias = tuple[tuple[Chunk, ...], StreamEnd]
"""What still passes behind the last bytes of a stream that breaks off, which is time, and its end."""


def broken_off(hit: Hit, call: Call) -> Ending:
    """How a stream breaks off by its parameter ``how``: close, reset, clean or stall."""
    how = hit.parameters["how"]
    if how == "clean":
        return (), StreamEnd()
    if how != "stall":
        what = Wire.RESET if how == "reset" else Wire.INCOMPLETE
        return (), StreamEnd(kind=EndKind.CUT, failure=wire_failure(what))
    limit_s = call.patience.read_s
    what = Wire.RESET if limit_s is None else Wire.READ_TIMEOUT
    wait = Chunk(b"", 0.0, hit.never_s if limit_s is None else limit_s)
    return (wait,), StreamEnd(kind=EndKind.CUT, failure=wire_failure(what))


class CutAt(FaultStage):
    """Lets so many bytes through."""

    __slots__ = ("_end", "_left", "_wait")

    def __init__(self, hit: Hit, at: int, ending: Ending) -> None:
        super().__init__(hit, f"the body has fewer than {at} bytes")
        self._left = at
        self._wait, self._end = ending

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        data = chunk.data[: self._left]
        self._left -= len(data)
        if self._left:
            return (replace(chunk, data=data),)
        self.over = self._end
        return (replace(chunk, data=data), *self._wait)


class CutInside(EventStage):
    """Breaks a stream off at one of its events with words: behind it, or inside of what ``inside`` says.

    ``number`` counts them from 1, or from the end where it is negative: then as many are held back.
    """

    __slots__ = ("_ending", "_held", "_inside", "_number", "_words")

    def __init__(self, hit: Hit, inside: str, number: int, ending: Ending) -> None:
        missing = "it had no such letter" if inside == "utf8" else "the stream had no such event"
        super().__init__(hit, missing)
        self._inside, self._number, self._ending = inside, number, ending
        self._held: deque[bytes] = deque()
        self._words = 0

    def event(self, raw: bytes) -> Iterable[Chunk | bytes]:
        words = has_words(raw)
        self._words += words
        if self._number < 0:
            return self._hold(raw, words=words)
        if not words or self._words < self._number:
            return (raw,)
        return self._cut(raw)

    def _hold(self, raw: bytes, *, words: bool) -> Iterator[bytes]:
        """Hand on what can no longer be the event that is meant."""
        held = self._held
        held.append(raw)
        if self._words == words == 0 or self._words > -self._number:
            yield held.popleft()
            while held and not has_words(held[0]):
                yield held.popleft()
            self._words = min(self._words, -self._number)

    def _cut(self, raw: bytes) -> Iterable[Chunk | bytes]:
        at = place(raw, self._inside)
        if at is None:  # no such byte in this event: the next one may have it
            return (raw,)
        wait, self.over = self._ending
        return (raw[:at], *wait)

    def last(self, end: StreamEnd) -> Iterable[Chunk | bytes]:
        held, self._held = self._held, deque()
        if self._number < 0 and held and self._words == -self._number:
            cut = list(self._cut(held[0]))
            if self.over is not None:
                return cut
        return held


def place(event: bytes, inside: str) -> int | None:
    """How many bytes of an event come before a cut of this kind; None where it has no such place."""
    if inside == "between":
        return len(event)
    found = _DATA.search(event)
    if inside == "event":  # its last line is there, the blank one is not
        at = len(event.rstrip(b"\r\n"))
        return at + 2 if event[at : at + 2] == b"\r\n" else min(at + 1, len(event))
    if inside == "utf8":
        return next((at + 1 for at, byte in enumerate(event) if byte >= 0xC2), None)
    if found is None or found.end(1) - found.start(1) < 2:
        return None
    return (found.start(1) + found.end(1)) // 2
