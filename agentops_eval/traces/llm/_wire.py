"""From the raw request and reply to decoded JSON and events; nothing in here raises on bad bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

from agentops_eval.domain import (
    EndKind,
    Failure,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Outcome,
    header,
    to_json,
)
from agentops_eval.traces._codings import BodyState, unpack
from agentops_eval.traces.llm._sse import SseEvent, parse_sse


def decode_content(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """Undo ``content-encoding``: the bytes as far as they could be read, and whether they are all there.

    An encoding that is not known here gives ``b"", False``, unless the bytes are JSON all the same.
    """
    found = unpack([data], encoding)
    if found.state is BodyState.UNKNOWN:
        return (data, True) if data.lstrip()[:1] in {b"{", b"["} else (b"", not data)
    return found.data, found.state in {BodyState.PLAIN, BodyState.WHOLE}


def load_json(data: bytes | str) -> Json:
    """A JSON document, bounded in depth and with finite numbers only; None where it is not one."""
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    try:
        return to_json(json.loads(text))
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and its reply, decoded on demand."""

    request: HttpRequest
    outcome: Outcome | None

    @cached_property
    def host(self) -> str:
        """The request's host in lower case."""
        return (self._parts[0]).lower()

    @cached_property
    def path(self) -> str:
        """The request's path, unquoted, without a slash at its end."""
        return unquote(self._parts[1]).rstrip("/")

    @cached_property
    def _parts(self) -> tuple[str, str]:
        try:
            parts = urlsplit(self.request.url)
            return parts.hostname or "", parts.path
        except ValueError:
            return "", ""

    @cached_property
    def asked(self) -> Json:
        """The request's body as JSON; None where it is none."""
        data, _ = decode_content(self.request.body, header(self.request.headers, "content-encoding"))
        return load_json(data) if data else None

    @cached_property
    def reply(self) -> HttpReply | None:
        """The reply, or None where the call failed before one came."""
        return self.outcome if isinstance(self.outcome, HttpReply) else None

    @cached_property
    def failed(self) -> bool:
        """Whether the reply tells of an error, or there is none."""
        return self.reply is None or self.reply.status >= 400

    @cached_property
    def _decoded(self) -> tuple[bytes, bool]:
        if self.reply is None or not isinstance(self.reply.body, KeptBody):
            return b"", False
        data, whole = decode_content(self.reply.body.data, header(self.reply.headers, "content-encoding"))
        return data, whole and self.reply.body.end.kind is not EndKind.CUT

    @cached_property
    def answered(self) -> Json:
        """The reply's body as one JSON document; None for streams and for what is not JSON."""
        return None if self.is_stream else load_json(self._decoded[0])

    @cached_property
    def is_stream(self) -> bool:
        """Whether the reply is a stream of server-sent events, by its header or its first line."""
        if (
            self.reply is not None
            and "text/event-stream" in header(self.reply.headers, "content-type").lower()
        ):
            return True
        start = self._decoded[0][:64].removeprefix(b"\xef\xbb\xbf").lstrip()
        return start.startswith((b"data:", b"event:", b": ", b":\n", b"id:"))

    @cached_property
    def events(self) -> tuple[SseEvent, ...]:
        """The reply's server-sent events."""
        return parse_sse(self._decoded[0]) if self.is_stream else ()

    @cached_property
    def documents(self) -> tuple[Json, ...]:
        """The events' data that are JSON, in order."""
        found = (load_json(event.data) for event in self.events)
        return tuple(document for document in found if document is not None)

    @property
    def whole(self) -> bool:
        """Whether the body came to its end and could be read."""
        return self._decoded[1] and (self.is_stream or self.answered is not None)

    @property
    def first_chunk_s(self) -> float | None:
        """Seconds until the first byte of a stream; None where it is unknown."""
        if self.reply is None or not self.is_stream or not isinstance(self.reply.body, KeptBody):
            return None
        return next((chunk.at_s for chunk in self.reply.body.chunks if chunk.data), None)

    @property
    def failure(self) -> Failure | None:
        """What kept a reply from coming, or cut it."""
        if isinstance(self.outcome, Failure):
            return self.outcome
        body = self.reply.body if self.reply is not None else None
        return body.end.failure if isinstance(body, KeptBody) else None
