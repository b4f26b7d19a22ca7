"""httpx and httpx2, synchronous and asynchronous, asked in one way; and what can be seen of an answer."""

from __future__ import annotations

import inspect
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import ModuleType


async def done(value: Any) -> Any:
    """Await what must be awaited."""
    return await value if inspect.isawaitable(value) else value


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of client."""

    library: ModuleType
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.library.__name__}-{'async' if self.asynchronous else 'sync'}"

    def make(self, **options: Any) -> Any:
        """A client that trusts no environment and loads no certificates, which takes long."""
        make = self.library.AsyncClient if self.asynchronous else self.library.Client
        if "transport" not in options:
            options |= {"verify": False}
        return make(trust_env=False, **options)

    @asynccontextmanager
    async def open(self, **options: Any) -> AsyncIterator[Caller]:
        """A client, closed in the end."""
        caller = Caller(self.make(**options), self)
        try:
            yield caller
        finally:
            await caller.shut()


SYNC = [Kind(httpx, False), Kind(httpx2, False)]
ASYNC = [Kind(httpx, True), Kind(httpx2, True)]
KINDS = [*SYNC, *ASYNC]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=str)
each_async_kind = pytest.mark.parametrize("kind", ASYNC, ids=str)


class Caller:
    """A client of any kind."""

    def __init__(self, client: Any, kind: Kind) -> None:
        self.client, self.kind = client, kind

    async def send(self, method: str, url: str, **options: Any) -> Any:
        """Send and read whole."""
        return await done(self.client.request(method, url, **options))

    async def get(self, url: str, **options: Any) -> Any:
        """GET and read whole."""
        return await self.send("GET", url, **options)

    async def begin(self, method: str, url: str, **options: Any) -> Any:
        """Send, and leave the body on the wire."""
        return await done(self.client.send(self.client.build_request(method, url, **options), stream=True))

    async def raw(self, response: Any) -> AsyncIterator[bytes]:
        """The body's chunks as they come from the wire."""
        if self.kind.asynchronous:
            async for chunk in response.aiter_raw():
                yield chunk
        else:
            for chunk in response.iter_raw():
                yield chunk

    async def read(self, response: Any) -> bytes:
        """The whole body, decoded."""
        data: bytes = await done(response.aread() if self.kind.asynchronous else response.read())
        return data

    async def close(self, response: Any) -> None:
        """Close the response."""
        await done(response.aclose() if self.kind.asynchronous else response.close())

    async def shut(self) -> None:
        """Close the client."""
        await done(self.client.aclose() if self.kind.asynchronous else self.client.close())


def head_of(response: Any) -> tuple[object, ...]:
    """What the head says, and the state the response is in."""
    return (
        response.status_code,
        response.reason_phrase,
        response.http_version,
        response.headers.raw,
        str(response.url),
        response.is_closed,
        response.is_stream_consumed,
        response.num_bytes_downloaded,
        hasattr(response, "_elapsed") or hasattr(response.stream, "elapsed"),
    )


def error_of(error: BaseException) -> tuple[object, ...]:
    """What a caller sees of an error; its cause is not promised."""
    return type(error), str(error), str(error.request.url)  # type: ignore[attr-defined]


async def whole(caller: Caller, url: str, method: str = "GET") -> tuple[object, ...]:
    """Everything that can be seen of an answer that is read at once, of its chain and of the client."""
    try:
        response = await caller.send(method, url, follow_redirects=True)
    except caller.kind.library.TransportError as error:
        return error_of(error)
    except caller.kind.library.DecodingError as error:
        return error_of(error)
    chain = [head_of(hop) for hop in (*response.history, response)]
    assert response.elapsed.total_seconds() > 0
    return (*chain, response.content, response.text, sorted(caller.client.cookies.items()))


async def streamed(caller: Caller, url: str, method: str = "GET") -> tuple[object, ...]:
    """The states of a response while its raw chunks are read one by one, up to its end or its error."""
    chunks: list[bytes] = []
    response = None
    seen: list[object] = []
    try:
        response = await caller.begin(method, url)
        seen.append(head_of(response))
        async for chunk in caller.raw(response):
            chunks.append(chunk)
            assert response.num_bytes_downloaded == sum(map(len, chunks))
    except caller.kind.library.TransportError as error:
        seen.append(error_of(error))
    if response is not None:
        await caller.close(response)
        seen.append(head_of(response))
    return tuple(seen), chunks


async def alike(
    kind: Kind, look: Callable[..., Awaitable[Any]], url: str, *, method: str = "GET", **options: Any
) -> Any:
    """What ``look`` sees through a new client."""
    async with kind.open(**options) as caller:
        return await look(caller, url, method)
