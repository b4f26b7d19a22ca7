"""Upstreams, clients and raw requests for the tests of the wire."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 30.0
AT_ONCE = struct.pack("ii", 1, 0)


class Upstream:
    """A TCP server on loopback that calls ``serve`` in a thread for each connection, and ends them all."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._handle, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _handle(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._serve(connection)


def echo(connection: socket.socket) -> None:
    """Send back what comes, then finish."""
    while data := connection.recv(65_536):
        connection.sendall(data)


def sending(data: bytes) -> Callable[[socket.socket], None]:
    """Wait for a first byte, then send ``data`` and finish."""

    def serve(connection: socket.socket) -> None:
        if connection.recv(1):
            connection.sendall(data)

    return serve


@contextmanager
def connected(address: tuple[str, int]) -> Iterator[socket.socket]:
    """A client that fails rather than waits for ever."""
    with socket.create_connection(address, timeout=PATIENCE_S) as client:
        yield client


def exactly(client: socket.socket, count: int) -> bytes:
    """So many bytes; fewer where the connection ended before."""
    found = bytearray()
    while len(found) < count and (data := client.recv(min(65_536, count - len(found)))):
        found += data
    return bytes(found)


def whole(client: socket.socket) -> bytes:
    """Everything until the end."""
    found = bytearray()
    while data := client.recv(65_536):
        found += data
    return bytes(found)


def crash(client: socket.socket) -> None:
    """Close with a reset, as the system does for a process that died with unread data."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    client.close()


class Raw:
    """Requests as they are on the wire, without the adapter."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        self.host, self.port = parts.hostname, parts.port or 8474

    def ask(
        self, method: str, path: str, body: object = None, *, raw: bytes | None = None, agent: str = "tests"
    ) -> tuple[int, object]:
        """Status and document of an answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        try:
            data = raw if raw is not None else None if body is None else json.dumps(body).encode()
            connection.request(method, path, body=data, headers={"User-Agent": agent})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text) if text.strip() else None
        except ValueError:
            return answer.status, text.decode()

    def send(self, data: bytes) -> bytes:
        """Everything that comes back for these bytes, until the server closes."""
        with connected((self.host, self.port)) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return whole(client)
