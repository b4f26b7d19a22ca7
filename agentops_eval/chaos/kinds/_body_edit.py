"""Replies with another body: taken apart, changed, put together so that length and codings agree again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from agentops_eval.chaos._kind import Hit
from agentops_eval.chaos.kinds._values import Impossible
from agentops_eval.domain import (
    Chunk,
    EndKind,
    Headers,
    HttpReply,
    KeptBody,
    Label,
    Outcome,
    Rewrite,
    StreamEnd,
    header,
)
from agentops_eval.traces import BodyState, unpack

MOST_BYTES = 64 * 1024 * 1024
"""The longest body that is held to be changed as a whole."""

_READ = (BodyState.PLAIN, BodyState.WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body that came whole, without its codings, and the head above it."""

    head: HttpReply
    data: bytes

    @property
    def streamed(self) -> bool:
        """Whether it is a stream of server-sent events."""
        return is_event_stream(self.head)


Edit = Callable[[Body], Sequence[bytes]]
"""Gives the body in its new pieces. Raises Impossible."""


def is_event_stream(reply: HttpReply) -> bool:
    """Whether the head says that server-sent events follow."""
    return "text/event-stream" in header(reply.headers, "content-type").lower()


def framed(headers: Headers, length: int | None = None) -> Headers:
    """The headers of a body without codings, of this length, or in chunks where that is not known."""
    gone = ("content-length", "content-encoding", "transfer-encoding", "content-md5", "digest")
    kept = tuple([pair for pair in headers if pair[0].lower() not in gone])
    return (*kept, ("transfer-encoding", "chunked") if length is None else ("content-length", str(length)))


def plain(reply: HttpReply) -> HttpReply:
    """The same reply with a kept body that has no coding. Raises Impossible for one that is on the wire."""
    coding = header(reply.headers, "content-encoding")
    if coding.lower() in ("", "identity"):
        return reply
    body = reply.body
    if not isinstance(body, KeptBody):
        raise Impossible(f"the body is packed ({coding})")
    found = unpack([chunk.data for chunk in body.chunks], coding)
    if found.state not in (*_READ, BodyState.CUT):
        raise Impossible(f"the body could not be unpacked ({coding})")
    chunks = tuple([replace(chunk, data=data) for chunk, data in zip(body.chunks, found.chunks, strict=True)])
    return replace(reply, headers=framed(reply.headers), body=replace(body, chunks=chunks))


def rewritten(hit: Hit, outcome: Outcome | None, edit: Edit) -> Outcome:
    """The outcome with what ``edit`` makes of its body; else the same, and ``hit`` says why."""
    assert outcome is not None
    if not isinstance(outcome, HttpReply):
        hit.cannot("there was no reply")
        return outcome
    if not 200 <= outcome.status < 300:
        hit.cannot(f"the reply was an error already (status {outcome.status})")
        return outcome
    if isinstance(outcome.body, KeptBody) and not outcome.stages:
        return _kept(hit, outcome, outcome.body, edit)
    headers = framed(outcome.headers)
    stage = _Whole(hit, outcome, edit)
    return replace(outcome, headers=headers, stages=(*outcome.stages, stage), label=Label.SCRIPTED)


def _kept(hit: Hit, reply: HttpReply, body: KeptBody, edit: Edit) -> HttpReply:
    if body.end.kind is not EndKind.EOF:
        hit.cannot("the reply breaks off by itself")
        return reply
    try:
        pieces = edit(_unpacked(reply, [chunk.data for chunk in body.chunks]))
    except Impossible as why:
        hit.cannot(str(why))
        return reply
    last_s = body.chunks[-1].at_s if body.chunks else 0.0
    chunks = tuple([Chunk(piece, last_s) for piece in pieces if piece])
    sized = not is_event_stream(reply)
    headers = framed(reply.headers, sum(map(len, pieces)) if sized else None)
    return replace(reply, headers=headers, body=replace(body, chunks=chunks), label=Label.SCRIPTED)


def _unpacked(reply: HttpReply, chunks: Sequence[bytes]) -> Body:
    found = unpack(chunks, header(reply.headers, "content-encoding"), limit=MOST_BYTES)
    if found.state not in _READ:
        raise Impossible("the body could not be unpacked")
    return Body(head=reply, data=found.data)


class _Whole(Rewrite):
    """Waits for all of a body, then hands on what an edit makes of it."""

    __slots__ = ("_edit", "_head", "_hit", "_parts", "_size")

    def __init__(self, hit: Hit, head: HttpReply, edit: Edit) -> None:
        super().__init__()
        self._hit, self._head, self._edit = hit, head, edit
        self._parts: list[Chunk] = []
        self._size = 0

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        self._size += len(chunk.data)
        if self._size > MOST_BYTES:  # what is too long goes on as it is
            parts, self._parts = self._parts, []
            return (*parts, chunk)
        self._parts.append(chunk)
        return ()

    def rest(self, end: StreamEnd) -> Iterable[Chunk]:
        parts = self._parts
        at_s = parts[-1].at_s if parts else 0.0
        why = "the reply breaks off by itself" if end.kind is not EndKind.EOF else ""
        if self._size > MOST_BYTES:
            why = "the body is too long"
        raw = [part.data for part in parts]
        if not why:
            try:
                return [Chunk(piece, at_s) for piece in self._edit(_unpacked(self._head, raw))]
            except Impossible as impossible:
                why = str(impossible)
        self._hit.cannot(why)
        found = unpack(raw, header(self._head.headers, "content-encoding"))
        return [Chunk(data, at_s) for data in found.chunks]
