"""A reply as the wire would carry it, and a wire's body as chunks: the two ends of one tee.

The caller's response is a real ``http.client.HTTPResponse`` that reads from here, so that every way
of reading it (whole, by size, by chunk, decoded or not) is the library's own, live and replayed.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from agentops_eval.domain import EndKind, HttpReply, KeptBody, LiveBody

_SPAN_BYTES = 65536
_LINE_BYTES = 65536


def response_of(
    reply: HttpReply, method: str, open_body: Callable[[HttpReply], Iterator[bytes]]
) -> http.client.HTTPResponse:
    """A response whose head is parsed and whose body is pulled from ``open_body(reply)`` as it is read.

    The iterator is exhausted when the body was read to its declared end, and closed when the caller
    closes earlier. Raises ``http.client.HTTPException`` where the reply's head cannot be one.
    """
    wire = _Wire(reply, open_body)
    response = http.client.HTTPResponse(_Socket(wire), method=method)  # type: ignore[arg-type]
    response.begin()
    wire.framed(chunked=bool(response.chunked), length=response.length)
    return response


def chunks_of(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The raw body of a live response as it arrives: transfer chunks, or spans of a plain body.

    A body that ends too early raises ``http.client.IncompleteRead`` with the torn chunk in it, or
    with the line that is no chunk length.
    """
    try:
        yield from _transfer_chunks(response) if response.chunked else _spans(response)
    finally:
        response.close()


def is_bodiless(method: str, status: int) -> bool:
    """Whether HTTP allows this reply no body, whatever its headers announce."""
    return method == "HEAD" or status in (204, 304) or 100 <= status < 200


def _transfer_chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    wire: Any = response.fp
    while True:
        line = wire.readline(_LINE_BYTES + 1)
        if not line:
            raise http.client.IncompleteRead(b"")
        size = _chunk_size(line)
        if size is None:
            raise http.client.IncompleteRead(line)
        if size == 0:
            break
        data = wire.read(size)
        if len(data) < size:
            raise http.client.IncompleteRead(data, size - len(data))
        yield data
        wire.read(2)  # the line end behind the data, which may arrive later than the data
    while wire.readline(_LINE_BYTES + 1) not in (b"\r\n", b"\n", b""):
        continue  # trailers


def _chunk_size(line: bytes) -> int | None:
    try:
        size = int(line.split(b";", 1)[0], 16)
    except ValueError:
        return None
    return None if size < 0 or len(line) > _LINE_BYTES else size


def _spans(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while response.fp is not None and response.length != 0:
        data = response.read1(_SPAN_BYTES)
        if not data:
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            return
        if response.length == 0:
            response.close()  # before 3.13 read1 leaves a finished body open
        yield data


class _Socket:
    """What ``http.client`` asks of a socket: its read side."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(self._wire, _SPAN_BYTES)


class _Wire(io.RawIOBase):
    """The head of a reply, then its body in the framing that the head announces."""

    def __init__(self, reply: HttpReply, open_body: Callable[[HttpReply], Iterator[bytes]]) -> None:
        super().__init__()
        self._reply = reply
        self._body = open_body(reply)
        self._pending = memoryview(_head(reply))
        self._chunked = False
        self._missing: int | None = None
        self._over = False

    def framed(self, *, chunked: bool, length: int | None) -> None:
        """Take what the parsed head says about the body."""
        self._chunked, self._missing = chunked, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._pending:
            self._pending = memoryview(self._pull())
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._pending))
        target[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._settle()

    def _pull(self) -> bytes:
        if self._over:
            return b""
        try:
            data = next(self._body)
        except StopIteration:
            self._over = True
            return b"0\r\n\r\n" if self._chunked else b""
        except http.client.IncompleteRead as cut:
            self._over = True
            return self._torn(cut)
        except BaseException:
            self._over = True
            raise
        if self._missing is not None:
            self._missing -= len(data)
        return b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data

    def _torn(self, cut: http.client.IncompleteRead) -> bytes:
        """What arrived last; then the wire ends, and the reader sees for itself what is missing."""
        if not self._chunked or not isinstance(cut.partial, bytes):
            return b""
        if cut.expected is None:  # not inside a chunk: a broken length line, or nothing
            return cut.partial
        return b"%x\r\n%b" % (len(cut.partial) + cut.expected, cut.partial)

    def _settle(self) -> None:
        """Let the body end: at its end where all of it was delivered, else as closed by the caller."""
        body = self._reply.body
        promised = self._missing is not None and self._missing <= 0
        closed_once = isinstance(body, KeptBody) and body.end.kind is EndKind.CLOSED
        if promised and not self._over and not closed_once:
            with suppress(Exception):  # the caller has all it was promised
                next(self._body, None)
        self._over = True
        for source in (self._body, body.handle if isinstance(body, LiveBody) else None):
            if (close := getattr(source, "close", None)) is not None:
                with suppress(ValueError):  # another thread is reading it now, and will end it
                    close()


def _head(reply: HttpReply) -> bytes:
    version = reply.http_version if reply.http_version in ("HTTP/1.0", "HTTP/1.1") else "HTTP/1.1"
    lines = [f"{version} {reply.status} {reply.reason}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    return b"".join(head_line(line) for line in lines) + b"\r\n"


def head_line(text: str) -> bytes:
    """One line of a head as bytes, whatever stands in it."""
    flat = text.replace("\r", " ").replace("\n", " ")  # a header never ends the head early
    try:
        return flat.encode("latin-1") + b"\r\n"
    except UnicodeEncodeError:
        return flat.encode("utf-8", "surrogateescape") + b"\r\n"  # as aiohttp has decoded it
