"""A real server on loopback that sends a stream in chunks and breaks off where it is told to."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
)


class Breaker:
    """Answers every request with ``frames``, each a chunk, and breaks off behind ``at`` bytes of them.

    ``how`` is close, reset or clean. Past the end there is only the end.
    """

    def __init__(self, frames: Sequence[bytes], *, at: int, how: str) -> None:
        self._frames, self._at, self._how = frames, at, how
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        self._listener.settimeout(0.05)
        while True:
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with connection, suppress(OSError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().splitlines()
            if line.startswith(b"content-length")
        )
        while len(body) < length:
            body += connection.recv(65536)
        connection.sendall(_HEAD)
        left = self._at
        for frame in self._frames:
            data = frame[:left]
            left -= len(data)
            if data:
                connection.sendall(b"%x\r\n%b\r\n" % (len(data), data))
            if not left:
                break
        if self._how == "clean":
            connection.sendall(b"0\r\n\r\n")
        if self._how == "reset":
            time.sleep(0.1)  # a reset takes away what was sent and is not read yet
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
