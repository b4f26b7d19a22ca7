"""The HTTP seam of aiohttp: its client middleware, with vcrpy carrying the responses.

Every hop of a chain is one crossing, below aiohttp's redirects, cookies, retries, timeouts and
``raise_for_status``, which therefore are aiohttp's own in live and in replayed runs. vcrpy's stubs
read a live response and build a replayed one through one permanent cassette (see ``_router``), which
belongs to no test: it hands each interaction to the crossing of the current task.

Two limits. A body is read whole before the caller sees it, so its chunks are merged into one. A
WebSocket is not recorded, and is blocked in replay.
"""

from __future__ import annotations

import asyncio
import copy
import io
import math
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, TypeAlias

import wrapt

from agentops_eval.domain import (
    Call,
    Chunk,
    EndKind,
    Failure,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    Outcome,
    Patience,
    ReplayMiss,
    Seam,
    StreamEnd,
    TransportUnsupported,
)
from agentops_eval.seams._body import play_async
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._handler import drive_async
from agentops_eval.seams._scope import Scope, current_scope, refuse_stray, suspended
from agentops_eval.seams._signature import signature_of
from agentops_eval.seams.http._failures import failure_of, revive

_NEEDED = ("middlewares", "auto_decompress")
_installed = False

_Send: TypeAlias = Callable[[Any], Awaitable[Any]]
_Method: TypeAlias = Callable[..., Awaitable[Any]]


def install() -> None:
    """Patch aiohttp's sessions when aiohttp is imported; idempotent.

    Raises ``TransportUnsupported`` there where sessions take no middlewares (before aiohttp 3.12).
    """
    global _installed
    if _installed:
        return
    _installed = True
    wrapt.register_post_import_hook(_patch, "aiohttp.client")


def _patch(client: ModuleType) -> None:
    session = client.ClientSession
    request, connect = getattr(session, "_request", None), getattr(session, "_ws_connect", None)
    known = () if request is None else tuple(signature_of(request).parameters)
    missing = [name for name in _NEEDED if name not in known]
    if request is None or connect is None or missing:
        raise TransportUnsupported(
            "this aiohttp cannot be intercepted: ClientSession._request takes no client middlewares",
            difference=f"missing parameters: {', '.join(missing) or 'none'}",
            remedy="pip install 'aiohttp>=3.12,<4'",
        )
    session._request = _crossing(request, client)
    session._ws_connect = _refusing(connect)


def _crossing(original: _Method, client: Any) -> _Method:
    async def _request(self: Any, method: str, str_or_url: Any, **options: Any) -> Any:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"{method} {str_or_url}")
            return await original(self, method, str_or_url, **options)
        # Here and not below, where aiohttp's timers are running: the import takes a while. Outside the run:
        # vcrpy brings modules that read the clock, which is no reading of the agent's.
        with suspended():
            import agentops_eval.seams.http._router  # noqa: F401

        decompress = options.get("auto_decompress")
        decompress = self._auto_decompress if decompress is None else decompress
        outer = options.get("middlewares")
        outer = self._middlewares if outer is None else outer

        timeout = options.get("timeout", client.sentinel)
        timeout = self._timeout if timeout is client.sentinel else timeout
        timeout = (
            timeout if isinstance(timeout, client.ClientTimeout) else client.ClientTimeout(total=timeout)
        )
        patience = _patience(timeout)

        async def seam(request: Any, send: _Send) -> Any:
            return await _Hop(scope, self, request, send, decompress, patience).run()

        options |= {"middlewares": (*outer, seam), "auto_decompress": False, "timeout": _exact(timeout)}
        return await original(self, method, str_or_url, **options)

    return _request


def _patience(timeout: Any) -> Patience:
    """The limits that aiohttp sets on its socket; its total one runs on the event loop by itself."""
    known = [limit for limit in (timeout.connect, timeout.sock_connect) if limit]
    return Patience(connect_s=min(known, default=None), read_s=timeout.sock_read or None)


def _exact(timeout: Any) -> Any:
    """The same limits to the letter.

    From 5 s on, aiohttp rounds the moment of a limit up to a whole second of the loop's clock: the
    same call would be in time or not by the fraction at which that clock happens to stand.
    """
    exact = copy.copy(timeout)
    object.__setattr__(exact, "ceil_threshold", math.inf)  # a frozen class, made by attrs or dataclasses
    return exact


def _refusing(original: _Method) -> _Method:
    async def _ws_connect(self: Any, url: Any, **options: Any) -> Any:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"WEBSOCKET {url}")
            return await original(self, url, **options)
        if scope.replaying:
            miss = ReplayMiss(
                f"a WebSocket to {url} was opened in replay: WebSockets are not recorded",
                reason="blocked",
                remedy="record the exchange at a tool around it",
            )
            scope.remember(miss)
            raise miss
        with suspended():
            return await original(self, url, **options)

    return _ws_connect


class _Hop:
    """One request of a chain, as aiohttp was about to send it."""

    def __init__(
        self, scope: Scope, session: Any, request: Any, send: _Send, decompress: bool, patience: Patience
    ) -> None:
        self._scope, self._session, self._decompress = scope, session, decompress
        self._patience = patience
        self._native, self._send = request, send
        self._live: Any = None
        self._body: KeptBody | None = None

    async def run(self) -> Any:
        """The response of this hop, its body waiting in it; or its exception."""
        from agentops_eval.seams.http import _router

        call = await self._call()
        handlers, settle = self._scope.handlers, self._settle
        outcome = await drive_async(handlers, call, self._world, async_sleep, settle=settle)
        if isinstance(outcome, Failure):
            raise outcome.native or self._revive(outcome)
        assert isinstance(outcome, HttpReply)
        pieces: list[bytes] = []
        cut: Exception | None = None
        body = play_async(outcome, call, self._scope, fail=failure_of, revive=self._revive)
        try:
            async for piece in body:
                pieces.append(piece)
        except Exception as error:
            cut = error
        response = self._live
        if response is None or outcome.body is not self._body:  # replayed, or a handler's own answer
            response = _router.build(self._native, self._session, outcome)
        if response.status != 101:
            _router.fill(response, b"".join(pieces), cut, decompress=self._decompress)
        return response

    async def _call(self) -> Call:
        request = self._native
        url = request.url
        crossing = HttpRequest(
            method=request.method,
            url=str(url),
            headers=tuple([(str(name), str(value)) for name, value in request.headers.items()]),
            body=await _read_body(request),
        )
        boundary = f"{request.method} {url.origin()}{url.raw_path}"
        self._request = crossing
        return self._scope.call(Seam.HTTP, boundary, crossing, patience=self._patience)

    async def _world(self, call: Call) -> Outcome:
        from agentops_eval.seams.http import _router

        await self._apply(call)
        sent_s = self._scope.clock.elapsed_s()
        with suspended():
            try:
                live = await self._send(self._native)
            except asyncio.CancelledError as error:
                if not getattr(self._native._timer, "_cancelled", False):
                    raise
                # aiohttp's own timer cancelled us, and makes a TimeoutError of it above
                return Failure(kind="TimeoutError", module="builtins", message="", native=error)
            except Exception as error:
                return failure_of(error)
            try:
                data, cut = await _router.read_live(self._native, live)
            except BaseException:
                live.close()
                raise
        self._live = live
        return self._reply(_router.head_of(live), Chunk(data, self._scope.clock.elapsed_s() - sent_s), cut)

    async def _settle(self, seconds: float) -> None:
        """Sleep while aiohttp's total limit, should it come due, cancels nobody."""
        timer = self._native._timer
        tasks: list[Any] = getattr(timer, "_tasks", [])
        held = tasks.copy()
        tasks.clear()
        try:
            await async_sleep(seconds)
        finally:
            tasks[:] = held
            if held:
                timer._cancelled = False

    async def _apply(self, call: Call) -> None:
        """What a handler changed in the request on its way; the address stays what it was."""
        request = call.request
        assert isinstance(request, HttpRequest)
        if request.headers != self._request.headers:
            self._native.headers.clear()
            self._native.headers.extend(request.headers)
        if request.body != self._request.body:
            await self._native.update_body(request.body)

    def _reply(self, head: tuple[int, str, Headers, str], whole: Chunk, cut: Exception | None) -> HttpReply:
        status, reason, headers, version = head
        end = StreamEnd()
        if cut is not None:
            end = StreamEnd(kind=EndKind.CUT, failure=failure_of(cut))
        body = KeptBody(chunks=(whole,) if whole.data else (), end=end)
        self._body = body
        return HttpReply(status=status, reason=reason, headers=headers, http_version=version, body=body)

    def _revive(self, failure: Failure) -> BaseException:
        key, info = self._native.connection_key, self._native.request_info
        return revive(failure, library="aiohttp", connection_key=key, request_info=info)


async def _read_body(request: Any) -> bytes:
    """The bytes of the request's payload, which stays sendable: one-shot payloads become copies."""
    payload = request.body
    if isinstance(payload, bytes):
        return payload
    data: bytes = await payload.as_bytes()
    if getattr(payload, "consumed", False):
        import aiohttp  # the caller imported it long ago

        request._body = aiohttp.BytesIOPayload(io.BytesIO(data))  # headers and framing stay
    return data
