"""vcrpy's part in carrying aiohttp: reading live responses and building replayed ones.

This module imports aiohttp and vcrpy, which imports every client it knows. Nothing imports it before
a run is open and an aiohttp request is under way.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import ClientPayloadError, ClientResponse, HttpVersion, hdrs
from aiohttp.http_parser import DeflateBuffer
from multidict import CIMultiDict, CIMultiDictProxy
from vcr.cassette import Cassette
from vcr.request import Request
from vcr.stubs.aiohttp_stubs import MockStream, build_response, record_response

from agentops_eval.domain import Headers, HttpReply

Interaction: TypeAlias = dict[str, Any]

_CODINGS = frozenset({"gzip", "deflate", "br", "zstd"})
_SWITCHING_PROTOCOLS = 101


@dataclass(slots=True)
class _Exchange:
    """The one interaction that is under way in a task, in vcrpy's own form."""

    interaction: Interaction | None = None


_EXCHANGE: ContextVar[_Exchange] = ContextVar("agentops_aiohttp_exchange")


class Router(Cassette):  # type: ignore[misc]
    """A cassette that keeps nothing: it passes each interaction to and from the task it belongs to."""

    def __init__(self) -> None:
        super().__init__(path="", record_mode=None)

    @property
    def write_protected(self) -> bool:
        """Nothing is ever written to its path."""
        return True

    def append(self, request: Request, response: Interaction) -> None:
        """Take what vcrpy read from a live response."""
        _EXCHANGE.get().interaction = response

    def can_play_response_for(self, request: Request) -> bool:
        """Whether the current task has an answer to play."""
        return _EXCHANGE.get().interaction is not None

    def play_response(self, request: Request) -> Interaction:
        """Give the answer of the current task, once."""
        exchange = _EXCHANGE.get()
        interaction, exchange.interaction = exchange.interaction, None
        assert interaction is not None
        return interaction


_ROUTER = Router()


async def read_live(request: Any, response: Any) -> tuple[bytes, Exception | None]:
    """Read a live response to its end: the raw bytes that arrived, and the error that cut them short."""
    pieces: list[bytes] = []
    cut: Exception | None = None
    if response.status == _SWITCHING_PROTOCOLS:
        return b"", None
    try:
        async for piece in response.content.iter_any():
            pieces.append(piece)
    except Exception as error:
        cut = error
    response._body = b"".join(pieces)
    exchange = _Exchange()
    token = _EXCHANGE.set(exchange)
    try:
        await record_response(_ROUTER, _vcr_request(request), response)
    finally:
        _EXCHANGE.reset(token)
    if cut is not None:
        response.close()
    assert exchange.interaction is not None
    return exchange.interaction["body"].get("string", b""), cut


def head_of(response: Any) -> tuple[int, str, Headers, str]:
    """Status, reason, headers in their order, and HTTP version of a live response."""
    headers = tuple([(n.decode("latin-1"), v.decode("latin-1")) for n, v in response.raw_headers])
    version = response.version or HttpVersion(1, 1)
    return response.status, response.reason or "", headers, f"HTTP/{version.major}.{version.minor}"


def build(request: Any, session: Any, reply: HttpReply) -> Any:
    """A response as aiohttp makes it, without a connection; its body is filled in by ``fill``.

    vcrpy's own response class decodes text as UTF-8 whatever the charset, takes any content type
    for JSON and cannot be cut, so the session's class is put in its place.
    """
    headers: dict[str, list[str]] = {}
    raw = tuple([(n.encode("latin-1"), v.encode("latin-1", "replace")) for n, v in reply.headers])
    decoded = [(n.decode("utf-8", "surrogateescape"), v.decode("utf-8", "surrogateescape")) for n, v in raw]
    for name, value in decoded:
        headers.setdefault(name, []).append(value)
    status = {"code": reply.status, "message": reply.reason}
    vcr_request = _vcr_request(request)
    token = _EXCHANGE.set(_Exchange({"status": status, "headers": headers, "body": {"string": b""}}))
    try:
        response = build_response(vcr_request, _ROUTER.play_response(vcr_request), ())
    finally:
        _EXCHANGE.reset(token)
    response.__class__ = request.response_class
    response.version = _version(reply.http_version)
    response._headers = CIMultiDictProxy(CIMultiDict(decoded))
    response._raw_headers = raw
    response._real_url, response._url = request.original_url, request.url
    response._request_info, response._traces = request.request_info, request._traces
    response._resolve_charset = session._resolve_charset
    if hasattr(ClientResponse, "_raw_cookie_headers"):
        response._cookies = None
        response._raw_cookie_headers = tuple(response._headers.getall(hdrs.SET_COOKIE, ())) or None
    response._cache.clear()
    return response


def fill(response: Any, data: bytes, cut: Exception | None, *, decompress: bool) -> None:
    """Give the response its body, decoded where aiohttp would have decoded it."""
    coding = response._headers.get(hdrs.CONTENT_ENCODING, "").lower()
    if decompress and data and coding in _CODINGS:
        data, broken = _decompress(data, coding, whole=cut is None)
        cut = cut or broken
    response._body = None
    response._released, response._closed = False, True
    response.content = _Stream(data, cut)


class _Stream(MockStream):  # type: ignore[misc]
    """A body known up front that may end in an error instead of an end of file."""

    def __init__(self, data: bytes, cut: Exception | None) -> None:
        super().__init__(data)
        self._cut = cut
        if cut is not None:
            self._eof = False

    async def _wait(self, func_name: str) -> None:
        assert self._cut is not None
        if type(self._cut) is not TimeoutError:  # that one is the caller's timer, not the stream's state
            self.set_exception(self._cut)
        raise self._cut


class _Sink:
    """Collects what aiohttp's decompressor gives out."""

    _low_water = sys.maxsize  # no limit: the whole body was asked for
    total_compressed_bytes: int | None = None

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def feed_data(self, data: bytes, size: int = 0) -> None:
        self.parts.append(data)

    def feed_eof(self) -> None:
        """Nothing waits for it."""


def _decompress(data: bytes, coding: str, *, whole: bool) -> tuple[bytes, Exception | None]:
    sink = _Sink()
    try:
        buffer = DeflateBuffer(sink, coding)  # type: ignore[arg-type]
        more = buffer.feed_data(data, len(data))
        while more is True:
            more = buffer.feed_data(b"", 0)
        if whole:
            buffer.feed_eof()
    except Exception as error:
        broken = ClientPayloadError(str(error))
        broken.__cause__ = error
        return b"".join(sink.parts), broken
    return b"".join(sink.parts), None


def _version(text: str) -> HttpVersion:
    major, _, minor = text.removeprefix("HTTP/").partition(".")
    return HttpVersion(int(major), int(minor or 0)) if (major + minor).isdigit() else HttpVersion(1, 1)


def _vcr_request(request: Any) -> Request:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(str(name), []).append(value)
    return Request(request.method, str(request.url), None, headers)
