"""The HTTP seam of httpx and httpx2, at ``Client._transport_for_url``.

Patched there and not at the transport classes, because custom transports, SDKs' own transports and
other patching libraries bypass the latter. It lies below redirects, auth flows, cookies and hooks,
which therefore are the library's own in live and in replayed runs: each hop is one crossing. Both
libraries are served by the same code: the ``library`` argument is the imported module.

Three limits. An upload is read whole before it is sent. A WebSocket (any answer with status 101) is
not recorded, and is blocked in replay. A replayed response has no ``network_stream``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

import wrapt

from agentops_eval.domain import Call, HttpReply, Outcome, TransportUnsupported
from agentops_eval.seams._body import AsyncPlayback, Playback, play, play_async
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._handler import drive, drive_async
from agentops_eval.seams._scope import current_scope, refuse_stray, replaying_scopes, suspended
from agentops_eval.seams._signature import signature_of
from agentops_eval.seams.http._crossing import Crossing, StreamMaker, address_of, promised
from agentops_eval.seams.http._failures import failure_of

LIBRARIES = ("httpx", "httpx2")
_IN_PROCESS = frozenset({"ASGITransport", "WSGITransport", "_TestClientTransport"})
_installed = False
B = TypeVar("B", Playback, AsyncPlayback)


def install() -> None:
    """Patch both libraries, each when it is imported; idempotent.

    Raises ``TransportUnsupported`` there where a client has no ``_transport_for_url(self, url)``.
    """
    global _installed
    if _installed:
        return
    _installed = True
    for name in LIBRARIES:
        wrapt.register_post_import_hook(_patch, name)


def _patch(library: ModuleType) -> None:
    found = [(name, _original(library, name)) for name in ("Client", "AsyncClient")]
    seams = (
        _on(library, _SyncSeam, library.BaseTransport, _SyncStream, library.SyncByteStream),
        _on(library, _AsyncSeam, library.AsyncBaseTransport, _AsyncStream, library.AsyncByteStream),
    )
    for (name, original), seam in zip(found, seams, strict=True):
        if original.__module__ != __name__:  # httpx2 may go by both names: ``httpx2.alias_httpx()``
            getattr(library, name)._transport_for_url = _router(original, seam)


def _on(library: ModuleType, seam: type, transport: type, body: type, stream: type) -> Callable[[Any], Any]:
    """Our transport and our stream on the bases of this library, which checks for them."""
    stream = type(body.__name__, (body, stream), {})
    return type(seam.__name__, (seam, transport), {"library": library, "stream": stream})


def _original(library: ModuleType, name: str) -> Callable[..., Any]:
    original: Callable[..., Any] | None = getattr(getattr(library, name, None), "_transport_for_url", None)
    shape = [] if original is None else list(signature_of(original).parameters)
    if original is not None and shape == ["self", "url"]:
        return original
    version = getattr(library, "__version__", "?")
    raise TransportUnsupported(
        f"{library.__name__} {version} has no {name}._transport_for_url(self, url)",
        difference=f"expected  self, url\nfound     {', '.join(shape) or 'no such method'}",
        remedy=f"pip install '{library.__name__}<{version}' and report the version",
    )


def _router(original: Callable[..., Any], seam: Callable[[Any], Any]) -> Callable[..., Any]:
    def _transport_for_url(self: Any, url: Any) -> Any:
        transport = original(self, url)
        if current_scope() is None and not replaying_scopes():
            return transport
        return transport if _is_in_process(transport) else seam(transport)

    return _transport_for_url


def _is_in_process(transport: object) -> bool:
    """Whether it calls an application of this process, whose own calls are seen anyway."""
    return any(kind.__name__ in _IN_PROCESS for kind in type(transport).__mro__)


class _Seam:
    """A transport that passes its calls through the handlers of the run."""

    library: ModuleType
    stream: StreamMaker

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def _content(self, request: Any) -> bytes | None:
        """The body that is to be sent, None where it has to be drawn from a stream."""
        try:
            content: bytes = request.content
        except self.library.RequestNotRead:
            return None
        return content


class _SyncSeam(_Seam):
    """For synchronous clients."""

    def handle_request(self, request: Any) -> Any:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"{request.method} {address_of(request.url)[0]}")
            return self._inner.handle_request(request)
        body = self._content(request)
        streamed = body is None
        if body is None:
            body = b"".join(request.stream)
        crossing = Crossing(self.library, scope, request, body, streamed=streamed)
        try:
            outcome = drive(scope.handlers, crossing.call, self._world(crossing), scope.clock.sleep)
            return crossing.response(outcome, self.stream)
        finally:
            for live in crossing.spare:
                with suspended(), suppress(Exception):
                    live.stream.close()

    def _world(self, crossing: Crossing) -> Callable[[Call], Outcome]:
        def world(call: Call) -> Outcome:
            with suspended():
                try:
                    live = self._inner.handle_request(crossing.sendable(call))
                except Exception as error:
                    return failure_of(error)
            assert isinstance(live.stream, self.library.SyncByteStream)
            return crossing.reply(live, iter)

        return world


class _AsyncSeam(_Seam):
    """For asynchronous clients."""

    async def handle_async_request(self, request: Any) -> Any:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"{request.method} {address_of(request.url)[0]}")
            return await self._inner.handle_async_request(request)
        body = self._content(request)
        streamed = body is None
        if body is None:
            body = b"".join([part async for part in request.stream])
        crossing = Crossing(self.library, scope, request, body, streamed=streamed)
        try:
            outcome = await drive_async(scope.handlers, crossing.call, self._world(crossing), async_sleep)
            return crossing.response(outcome, self.stream)
        finally:
            for live in crossing.spare:
                with suspended(), suppress(Exception):
                    await live.stream.aclose()

    def _world(self, crossing: Crossing) -> Callable[[Call], Awaitable[Outcome]]:
        async def world(call: Call) -> Outcome:
            with suspended():
                try:
                    live = await self._inner.handle_async_request(crossing.sendable(call))
                except Exception as error:
                    return failure_of(error)
            assert isinstance(live.stream, self.library.AsyncByteStream)
            return crossing.reply(live, aiter)

        return world


class _Stream(Generic[B]):
    """The body of a response, as its library reads and closes it."""

    _play: ClassVar[Callable[..., Any]]

    def __init__(self, crossing: Crossing, reply: HttpReply) -> None:
        self._crossing, self._reply = crossing, reply
        self._body: B = self._play(
            reply,
            crossing.call,
            crossing.scope,
            fail=failure_of,
            revive=crossing.revive,
            since_s=crossing.since_s,
        )

    def _end(self) -> Any:
        """End the body, and give the library's own response, which has to be closed as well."""
        if not self._body.ended:
            self._body.close(promised=promised(self._crossing.call, self._reply))
        return self._crossing.live


class _SyncStream(_Stream[Playback]):
    """For synchronous clients."""

    _play = staticmethod(play)

    def __iter__(self) -> Iterator[bytes]:
        return self._body

    def close(self) -> None:
        live = self._end()
        if live is not None:
            with suspended():
                live.stream.close()


class _AsyncStream(_Stream[AsyncPlayback]):
    """For asynchronous clients."""

    _play = staticmethod(play_async)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body

    async def aclose(self) -> None:
        live = self._end()
        if live is not None:
            with suspended():
                await self._body.release()
                await live.stream.aclose()
