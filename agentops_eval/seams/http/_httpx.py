"""The HTTP seam of httpx and httpx2, at ``Client._transport_for_url``.

Patched there and not at the transport classes, because custom transports, SDKs' own transports and
other patching libraries bypass the latter. Both libraries are served by the same code: the
``library`` argument is the imported module.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

import wrapt

from agentops_eval.domain import (
    Call,
    Failure,
    HttpReply,
    HttpRequest,
    LiveBody,
    Outcome,
    Seam,
    TransportUnsupported,
)
from agentops_eval.seams._body import abandon, play, play_async
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._handler import drive, drive_async
from agentops_eval.seams._scope import Scope, current_scope, refuse_stray, replaying_scopes, suspended
from agentops_eval.seams.http._failures import failure_of, revive

LIBRARIES = ("httpx", "httpx2")
_IN_PROCESS = frozenset({"ASGITransport", "WSGITransport", "_TestClientTransport"})
_installed = False


def install() -> None:
    """Patch both libraries, each when it is imported; idempotent."""
    global _installed
    if _installed:
        return
    _installed = True
    for name in LIBRARIES:
        wrapt.register_post_import_hook(_patch, name)


def _patch(library: ModuleType) -> None:
    seam = _make_transports(library)
    for client, wrap in ((library.Client, seam[0]), (library.AsyncClient, seam[1])):
        original = getattr(client, "_transport_for_url", None)
        if original is None or list(inspect.signature(original).parameters) != ["self", "url"]:
            version = getattr(library, "__version__", "?")
            raise TransportUnsupported(
                f"{library.__name__} {version} has no {client.__name__}._transport_for_url(self, url)",
                remedy=f"pip install '{library.__name__}<{version}' and report the version",
            )
        client._transport_for_url = _router(original, wrap)


def _router(original: Callable[..., Any], wrap: Callable[[Any], Any]) -> Callable[..., Any]:
    def _transport_for_url(self: Any, url: Any) -> Any:
        transport = original(self, url)
        if current_scope() is None and not replaying_scopes():
            return transport
        return transport if type(transport).__name__ in _IN_PROCESS else wrap(transport)

    return _transport_for_url


def _make_transports(library: ModuleType) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Build the two transport classes on this library's own base classes."""

    class SyncSeam(library.BaseTransport):  # type: ignore[misc,name-defined]
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def handle_request(self, request: Any) -> Any:
            scope = current_scope()
            if scope is None:
                refuse_stray(f"{request.method} {request.url}")
                return self._inner.handle_request(request)
            crossing = _Crossing(library, scope, request, request.read())
            outcome = drive(scope.handlers, crossing.call, self._world(crossing), scope.clock.sleep)
            return crossing.response(outcome, SyncStream)

        def _world(self, crossing: _Crossing) -> Callable[[Call], Outcome]:
            def world(_: Call) -> Outcome:
                with suspended():
                    try:
                        live = self._inner.handle_request(crossing.request)
                    except Exception as error:
                        return failure_of(error)
                return crossing.reply(live, iter(live.stream))

            return world

    class AsyncSeam(library.AsyncBaseTransport):  # type: ignore[misc,name-defined]
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        async def handle_async_request(self, request: Any) -> Any:
            scope = current_scope()
            if scope is None:
                refuse_stray(f"{request.method} {request.url}")
                return await self._inner.handle_async_request(request)
            crossing = _Crossing(library, scope, request, await request.aread())

            async def world(_: Call) -> Outcome:
                with suspended():
                    try:
                        live = await self._inner.handle_async_request(request)
                    except Exception as error:
                        return failure_of(error)
                return crossing.reply(live, live.stream.__aiter__())

            outcome = await drive_async(scope.handlers, crossing.call, world, async_sleep)
            return crossing.response(outcome, AsyncStream)

    class SyncStream(library.SyncByteStream):  # type: ignore[misc,name-defined]
        def __init__(self, crossing: _Crossing, reply: HttpReply) -> None:
            self._crossing, self._reply = crossing, reply
            self._chunks: Iterator[bytes] | None = None

        def __iter__(self) -> Iterator[bytes]:
            crossing = self._crossing
            self._chunks = play(
                self._reply, crossing.call, crossing.scope, fail=failure_of, revive=crossing.revive
            )
            return self._chunks

        def close(self) -> None:
            if self._chunks is None:
                abandon(self._reply)
            else:
                self._chunks.close()  # type: ignore[attr-defined]
            if self._crossing.live is not None:
                with suspended():
                    self._crossing.live.stream.close()

    class AsyncStream(library.AsyncByteStream):  # type: ignore[misc,name-defined]
        def __init__(self, crossing: _Crossing, reply: HttpReply) -> None:
            self._crossing, self._reply = crossing, reply
            self._chunks: AsyncIterator[bytes] | None = None

        def __aiter__(self) -> AsyncIterator[bytes]:
            crossing = self._crossing
            self._chunks = play_async(
                self._reply, crossing.call, crossing.scope, fail=failure_of, revive=crossing.revive
            )
            return self._chunks

        async def aclose(self) -> None:
            if self._chunks is None:
                abandon(self._reply)
            else:
                with suppress(RuntimeError):  # still running: its own frame closes it
                    await self._chunks.aclose()  # type: ignore[attr-defined]
            if self._crossing.live is not None:
                with suspended():
                    await self._crossing.live.stream.aclose()

    return SyncSeam, AsyncSeam


class _Crossing:
    """One request on its way through the seam, and how to build the library's response for it."""

    __slots__ = ("call", "library", "live", "request", "scope")

    def __init__(self, library: ModuleType, scope: Scope, request: Any, body: bytes) -> None:
        self.library, self.scope, self.request = library, scope, request
        self.live: Any = None
        url = request.url
        path, _, query = url.raw_path.decode("ascii").partition("?")
        address = f"{url.scheme}://{url.netloc.decode('ascii')}{path}"
        crossing = HttpRequest(
            method=request.method,
            url=f"{address}?{query}" if query else address,
            headers=_decode(request.headers.raw),
            body=body,
        )
        self.call = scope.call(Seam.HTTP, f"{request.method} {address}", crossing)

    def reply(self, live: Any, chunks: object) -> HttpReply:
        """The outcome of the real transport, its body still on the wire."""
        self.live = live
        return HttpReply(
            status=live.status_code,
            reason=live.extensions.get("reason_phrase", b"").decode("latin-1"),
            headers=_decode(live.headers.raw),
            http_version=live.extensions.get("http_version", b"HTTP/1.1").decode("latin-1"),
            body=LiveBody(handle=chunks),
        )

    def response(self, outcome: Outcome, stream: Callable[[_Crossing, HttpReply], Any]) -> Any:
        """The library's own response, or its own exception."""
        if isinstance(outcome, Failure):
            raise outcome.native or self.revive(outcome)
        assert isinstance(outcome, HttpReply)
        extensions = dict(self.live.extensions) if self.live is not None else {}
        extensions["http_version"] = outcome.http_version.encode("latin-1")
        extensions["reason_phrase"] = outcome.reason.encode("latin-1")
        return self.library.Response(
            outcome.status,
            headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in outcome.headers],
            stream=stream(self, outcome),
            extensions=extensions,
            request=self.request,
        )

    def revive(self, failure: Failure) -> BaseException:
        return revive(failure, library=self.library.__name__, request=self.request)


def _decode(raw: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw])
