"""The client's transports: what they carry is not seen again below, and a replay opens none of them.

``stdio_client``, ``streamable_http_client``, ``sse_client`` and the one to a server of this process are
replaced when their modules are imported. The tasks that they start belong to no run, for the session
above them is the seam.
"""

from __future__ import annotations

import functools
from contextlib import AsyncExitStack
from math import inf
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from agentops_eval.domain import ReplayMiss
from agentops_eval.seams._callers import call_site
from agentops_eval.seams._scope import Scope, current_scope, refuse_stray, suspended
from agentops_eval.seams._sweep import register
from agentops_eval.seams.mcp._requests import command_name, url_name

TRANSPORTS = {
    "mcp.client.stdio": "stdio_client",
    "mcp.client.streamable_http": "streamable_http_client",
    "mcp.client.sse": "sse_client",
    "mcp.client._memory": "InMemoryTransport",
}


def patch_transport(module: ModuleType) -> None:
    """Replace the transport of an imported module, wherever it is known by name."""
    name = TRANSPORTS[module.__name__]
    original = getattr(module, name, None)
    if original is None or getattr(original, "__agentops__", False):
        return
    named = _NAMED.get(name, _of_http)

    @functools.wraps(original)
    def opened(*args: Any, **kwargs: Any) -> Any:
        return _Transport(original(*args, **kwargs), *named(*args, **kwargs))

    opened.__agentops__ = True  # type: ignore[attr-defined]
    setattr(module, name, opened)
    register(original, opened)


def patch_client(module: ModuleType) -> None:
    """Let a ``Client`` of a server in this process know its name, where no transport lies between them."""
    original = getattr(module, "_connect_inproc", None)
    if original is None or getattr(original, "__agentops__", False):
        return

    @functools.wraps(original)
    def connecting(server: Any) -> Any:
        connect = original(server)

        async def connected(*args: Any) -> Any:
            dispatcher = await connect(*args)
            dispatcher.endpoint = _of_memory(server)[0]
            return dispatcher

        return connected

    connecting.__agentops__ = True  # type: ignore[attr-defined]
    module._connect_inproc = connecting  # type: ignore[attr-defined]


def _of_stdio(server: Any, *_: Any, **__: Any) -> tuple[str, str]:
    return command_name(server.command, server.args), ""


def _of_http(url: Any, *_: Any, **__: Any) -> tuple[str, str]:
    return url_name(str(url)), str(url)


def _of_memory(server: Any, *_: Any, **__: Any) -> tuple[str, str]:
    return str(getattr(server, "name", "")), ""


_NAMED = {"stdio_client": _of_stdio, "InMemoryTransport": _of_memory}


class _Transport:
    """The transport's context manager, opened only where a server may be reached."""

    def __init__(self, inner: Any, endpoint: str, url: str) -> None:
        self._inner, self._endpoint, self._url = inner, endpoint, url
        self._idle: AsyncExitStack | None = None

    async def __aenter__(self) -> tuple[Any, Any]:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"the MCP server {self._endpoint}")
        elif scope.shut:
            return await self._idle_streams()
        elif scope.world and self._url:
            _refuse_far(scope, self._url)
        with suspended():
            read, write = await self._inner.__aenter__()
        return _Read(read), _Write(write, self._endpoint)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if self._idle is not None:
            return await self._idle.__aexit__(kind, error, trace)
        with suspended():
            left: bool | None = await self._inner.__aexit__(kind, error, trace)
            return left

    async def _idle_streams(self) -> tuple[Any, Any]:
        """Streams with nobody at their other ends."""
        from anyio import create_memory_object_stream

        self._idle = AsyncExitStack()
        told, read = create_memory_object_stream[Any](inf)
        write, asked = create_memory_object_stream[Any](inf)
        for end in (told, read, write, asked):
            await self._idle.enter_async_context(end)
        return read, _Write(write, self._endpoint)


def _refuse_far(scope: Scope, url: str) -> None:
    """In a world of this machine only, connect to nobody else."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    names = {"localhost", host} if host in ("127.0.0.1", "::1") else {host}
    if names & {entry.rpartition(":")[0] or entry for entry in scope.allowed_hosts} or (
        names & scope.allowed_hosts
    ):
        return
    miss = ReplayMiss(
        f"{scope.name!r} tried to reach the MCP server {url_name(url)} in a run that stays on this machine",
        reason="blocked",
        where=call_site(),
        remedy=f"allow it with allowed_hosts = [{host!r}], or serve it on 127.0.0.1",
    )
    scope.remember(miss)
    raise miss


class _Stream:
    """One end of the transport. What it knows of its senders' contexts stays hidden."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def aclose(self) -> None:
        await self._inner.aclose()

    def close(self) -> None:
        self._inner.close()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        left: bool | None = await self._inner.__aexit__(kind, error, trace)
        return left


class _Read(_Stream):
    """What the server sends. Its callbacks belong to the run in which the session was entered."""

    async def receive(self) -> Any:
        return await self._inner.receive()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return await self._inner.__anext__()


class _Write(_Stream):
    """What is sent to the server, by whoever: below the session nothing is seen again."""

    def __init__(self, inner: Any, endpoint: str) -> None:
        super().__init__(inner)
        self.endpoint = endpoint

    async def send(self, item: Any) -> None:
        with suspended():
            await self._inner.send(item)
