"""One proxy: where it listens, where it leads, its toxics and its connections."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass

from agentops_eval.chaos.toxiproxy._embedded._addresses import Address
from agentops_eval.chaos.toxiproxy._embedded._connection import Connection
from agentops_eval.chaos.toxiproxy._embedded._toxics import Refused, ToxicSpec, chance_of
from agentops_eval.domain import Json

_BACKLOG = 1024
_DIAL_S = 10.0
_MOST_TOXICS = 64


@dataclass(slots=True)
class Limits:
    """What all proxies of a server hold together."""

    most_connections: int = 5_000
    most_bytes: int = 512 * 1024 * 1024
    most_room: int = 4 * 1024 * 1024
    least_room: int = 64 * 1024
    connections: int = 0

    def room(self) -> int:
        """How many bytes one direction of one connection may hold now."""
        fair = self.most_bytes // max(2 * self.connections, 1)
        return max(self.least_room, min(self.most_room, fair))


class EmbeddedProxy:
    """Connections are counted from 1 since the proxy was made or reset; chance follows from their numbers."""

    def __init__(self, name: str, listen: Address, upstream: Address, *, seed: int, limits: Limits) -> None:
        self.name, self.listen, self.upstream = name, listen, upstream
        self.enabled = False
        self.toxics: dict[str, ToxicSpec] = {}
        self._seed, self._limits = seed, limits
        self._count = 0
        self._connections: set[Connection] = set()
        self._dialling: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def to_json(self) -> dict[str, Json]:
        """As the API shows it: toxics of the upstream first, each stream in order of creation."""
        ordered = sorted(self.toxics.values(), key=lambda toxic: toxic.stream != "upstream")
        return {
            "name": self.name,
            "listen": str(self.listen),
            "upstream": str(self.upstream),
            "enabled": self.enabled,
            "toxics": [toxic.to_json() for toxic in ordered],
        }

    async def start(self) -> None:
        """Listen. Raises Refused where the address is taken."""
        if self.enabled:
            return
        listener = bound(self.listen)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._accepted, sock=listener, backlog=_BACKLOG
            )
        except OSError as error:  # another socket has the address since
            listener.close()
            raise taken(self.listen, error) from None
        self.listen = Address(self.listen.host, listener.getsockname()[1])
        self.enabled = True

    def stop(self) -> None:
        """Listen no longer, and break every connection."""
        self.enabled = False
        if self._server is not None:
            self._server.close()
            self._server = None
        for dialling in self._dialling:
            dialling.cancel()
        for connection in tuple(self._connections):
            connection.abort()

    async def move(self, listen: Address, upstream: Address, *, enabled: bool) -> None:
        """Listen elsewhere, lead elsewhere, go up or down. Raises Refused, and is then as it was."""
        same_port = listen == self.listen
        if not same_port and enabled:
            bound(listen).close()  # refused before anything is broken
        if not same_port or upstream != self.upstream or not enabled:
            self.stop()
        self.listen, self.upstream = listen, upstream
        if enabled:
            await self.start()

    async def reset(self) -> None:
        """Go up, without toxics; connections are counted anew. Raises Refused."""
        await self.start()
        for name in tuple(self.toxics):
            self.remove(name)
        self._count = 0

    def add(self, toxic: ToxicSpec) -> None:
        """Put a toxic on every connection, those that are open included. Raises Refused."""
        if toxic.name in self.toxics:
            raise Refused(409, "toxic already exists")
        if len(self.toxics) >= _MOST_TOXICS:
            raise Refused(400, f"this server puts at most {_MOST_TOXICS} toxics on a proxy")
        self.toxics[toxic.name] = toxic
        for connection in tuple(self._connections):
            connection.add(toxic)

    def toxic(self, name: str) -> ToxicSpec:
        """The toxic of that name. Raises Refused."""
        if name not in self.toxics:
            raise Refused(404, "toxic not found")
        return self.toxics[name]

    def update(self, toxic: ToxicSpec) -> None:
        """Change a toxic on every connection."""
        self.toxics[toxic.name] = toxic
        for connection in tuple(self._connections):
            connection.update(toxic)

    def remove(self, name: str) -> None:
        """Take a toxic off every connection. Raises Refused."""
        toxic = self.toxic(name)
        del self.toxics[name]
        for connection in tuple(self._connections):
            connection.remove(toxic)

    def _accepted(self) -> asyncio.Protocol:
        self._count += 1
        connection = Connection(
            asyncio.get_running_loop(),
            self._chance(self._count),
            room=self._limits.room,
            dial=self._dial,
            forget=self._forget,
        )
        for toxic in self.toxics.values():
            connection.add(toxic)
        self._connections.add(connection)
        self._limits.connections += 1
        return connection.client

    def _chance(self, number: int) -> Callable[[str, str], random.Random]:
        return lambda toxic, what: chance_of(self._seed, self.name, toxic, number, what)

    def _dial(self, connection: Connection) -> None:
        if not self.enabled or self._limits.connections > self._limits.most_connections:
            connection.abort()
            return
        task = asyncio.get_running_loop().create_task(self._connect(connection))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    async def _connect(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(_DIAL_S):
                await asyncio.get_running_loop().create_connection(
                    lambda: connection.upstream, self.upstream.host, self.upstream.port
                )
        except OSError:  # a timeout is one, too
            connection.refuse()

    def _forget(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._limits.connections -= 1


def bound(address: Address) -> socket.socket:
    """A socket that has the address, not listening yet. Raises Refused where it is taken."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.setblocking(False)  # noqa: FBT003  # the standard library's own
        return listener
    except OSError as error:
        with contextlib.suppress(OSError):
            listener.close()
        raise taken(address, error) from None


def taken(address: Address, error: OSError) -> Refused:
    """What is answered where nothing can listen at an address."""
    return Refused(500, f"listen tcp {address}: bind: {(error.strerror or str(error)).lower()}")
