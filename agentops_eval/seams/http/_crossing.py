"""One request on its way through the seam of httpx and httpx2, and the way back as a response."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

from agentops_eval.domain import (
    Call,
    EndKind,
    Failure,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    LiveBody,
    Outcome,
    Patience,
    ReplayMiss,
    Seam,
    StreamEnd,
)
from agentops_eval.seams._callers import call_site
from agentops_eval.seams._scope import Scope
from agentops_eval.seams.http._failures import revive

_SWITCHING_PROTOCOLS = 101
_BODILESS = frozenset({204, 304})


class Crossing:
    """One request on its way through the seam, and how to build the library's response for it."""

    __slots__ = (
        "_answers",
        "_library",
        "_sent",
        "_streamed",
        "_taken",
        "call",
        "request",
        "scope",
        "since_s",
    )

    def __init__(
        self, library: ModuleType, scope: Scope, request: Any, body: bytes, *, streamed: bool = False
    ) -> None:
        self._library, self.scope, self.request = library, scope, request
        self._streamed = streamed
        self._answers: list[tuple[HttpReply, Any]] = []  # the world's, with the library's own responses
        self._taken: tuple[HttpReply, Any] | None = None
        self.since_s = scope.clock.elapsed_s()
        address, query = address_of(request.url)
        self._sent = HttpRequest(
            method=request.method,
            url=f"{address}?{query}" if query else address,
            headers=_decode(request.headers.raw),
            body=body,
        )
        boundary = f"{request.method} {address}"
        self.call = scope.call(Seam.HTTP, boundary, self._sent, patience=_patience(request))

    def sendable(self, call: Call) -> Any:
        """What goes out: the caller's own request, or a copy where that is used up or was changed.

        The address stays what it was, for the transport was chosen by it.
        """
        wanted = call.request
        assert isinstance(wanted, HttpRequest)
        changed = wanted is not self._sent and wanted != self._sent
        if not (self._streamed or changed):
            return self.request
        headers = (
            self.request.headers.raw if wanted.headers == self._sent.headers else _encode(wanted.headers)
        )
        copy = self._library.Request(
            self.request.method,
            self.request.url,
            headers=headers,
            stream=self._library.ByteStream(wanted.body),
            extensions=self.request.extensions,
        )
        if wanted.body != self._sent.body and "transfer-encoding" not in copy.headers:
            copy.headers["content-length"] = str(len(wanted.body))
        return copy

    def reply(self, live: Any, chunks: Callable[[Any], object]) -> HttpReply:
        """The outcome of the real transport, its body still on the wire."""
        headers = _decode(live.headers.raw)
        body: LiveBody | KeptBody
        if live.status_code == _SWITCHING_PROTOCOLS:
            body = KeptBody(end=StreamEnd(kind=EndKind.CLOSED))
        elif self._was_read(live):  # by a transport that logs or caches, which left it decoded
            headers = tuple([pair for pair in headers if pair[0].lower() != "content-encoding"])
            body = LiveBody(handle=chunks(self._library.ByteStream(live.content)))
        else:
            body = LiveBody(handle=chunks(live.stream))
        reply = HttpReply(
            status=live.status_code,
            reason=live.reason_phrase,
            headers=headers,
            http_version=live.http_version,
            body=body,
        )
        self._answers.append((reply, live))
        return reply

    def _was_read(self, live: Any) -> bool:
        again = isinstance(live.stream, self._library.ByteStream)
        return live.is_stream_consumed and not again and hasattr(live, "_content")

    @property
    def live(self) -> Any:
        """The library's own response from which the caller's is read; None in replay."""
        return None if self._taken is None else self._taken[1]

    @property
    def spare(self) -> list[Any]:
        """Responses of the world that nobody will read: a handler asked again, or answered itself."""
        return [answer[1] for answer in self._answers if answer is not self._taken]

    def response(self, outcome: Outcome, stream: StreamMaker) -> Any:
        """The library's own response, or its own exception."""
        if isinstance(outcome, Failure):
            raise outcome.native or self.revive(outcome)
        assert isinstance(outcome, HttpReply)
        self._taken = self._source_of(outcome.body)
        if outcome.status == _SWITCHING_PROTOCOLS:
            return self._upgraded()
        return self._library.Response(
            outcome.status,
            headers=_encode(outcome.headers),
            stream=stream(self, outcome),
            extensions=self._extensions(outcome),
            request=self.request,
        )

    def _source_of(self, body: LiveBody | KeptBody) -> tuple[HttpReply, Any] | None:
        for answer in self._answers:
            if answer[0].body is body:
                return answer
        wrapped = isinstance(body, LiveBody) and self._answers
        return self._answers[-1] if wrapped else None

    def _extensions(self, outcome: HttpReply) -> dict[str, Any]:
        if self._taken is None:
            return {"http_version": _bytes(outcome.http_version), "reason_phrase": _bytes(outcome.reason)}
        reply, live = self._taken
        extensions: dict[str, Any] = dict(live.extensions)
        if outcome.http_version != reply.http_version:
            extensions["http_version"] = _bytes(outcome.http_version)
        if outcome.reason != reply.reason:
            extensions["reason_phrase"] = _bytes(outcome.reason)
        return extensions

    def _upgraded(self) -> Any:
        if self._taken is not None:
            return self.live
        miss = ReplayMiss(
            f"{self.call.boundary} was upgraded to another protocol when it was recorded: WebSockets are "
            "not recorded",
            reason="blocked",
            where=self.call.site or call_site(),
            remedy="record the exchange at a tool around it",
        )
        self.scope.remember(miss)
        raise miss

    def revive(self, failure: Failure) -> BaseException:
        return revive(failure, library=self._library.__name__, request=self.request)


def _patience(request: Any) -> Patience:
    limits = request.extensions.get("timeout")
    if not isinstance(limits, dict):
        return Patience()
    return Patience(connect_s=limits.get("connect"), read_s=limits.get("read"))


def address_of(url: Any) -> tuple[str, str]:
    """The address without user and query, and the query."""
    path, _, query = url.raw_path.decode("ascii").partition("?")
    return f"{url.scheme}://{url.netloc.decode('ascii')}{path}", query


def promised(call: Call, reply: HttpReply) -> int | None:
    """How many bytes the head of the reply announces; None where it does not say."""
    request = call.request
    assert isinstance(request, HttpRequest)
    if request.method == "HEAD" or reply.status in _BODILESS:
        return 0
    fields = {name.lower(): value for name, value in reply.headers}
    length = "" if "transfer-encoding" in fields else fields.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _decode(raw: list[tuple[bytes, bytes]]) -> Headers:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw])


def _encode(headers: Headers) -> list[tuple[bytes, bytes]]:
    try:
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    except UnicodeEncodeError:  # from a cassette of another tool
        return [(_bytes(name), _bytes(value)) for name, value in headers]


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


StreamMaker: TypeAlias = Callable[[Crossing, HttpReply], Any]
