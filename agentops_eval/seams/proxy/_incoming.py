"""Reading what the agent sends: its framing, its body, and the request as the upstream is to get it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message
from http import HTTPStatus
from typing import BinaryIO

from agentops_eval.domain import Headers

MOST_BYTES = 256 * 1024 * 1024
"""The longest body that is taken: it is held in memory, as the recording needs it whole."""

_LINE_BYTES = 8192
_TRAILERS = 100
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A page in a browser that had its own name resolved to this machine would come with that name.
_HERE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]|host\.docker\.internal)(:\d*)?", re.IGNORECASE)

# They describe one connection, so each side has its own. Expect is answered here.
HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    "transfer-encoding upgrade expect http2-settings".split()
)


class Refused(Exception):
    """A request that is not passed on, with the status and the sentence that answer it."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def check(method: str, headers: Message) -> None:
    """Raise Refused for what http.client would not send, and for what two readers read differently."""
    if not _TOKEN.fullmatch(method):
        raise Refused(HTTPStatus.BAD_REQUEST, "The method is not made of letters.")
    if headers.defects or headers.get_payload():
        raise Refused(HTTPStatus.BAD_REQUEST, "A header line cannot be read.")
    if not _HERE.fullmatch(headers.get("host", "localhost").strip()):
        raise Refused(HTTPStatus.FORBIDDEN, "This proxy serves its own machine only.")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or any(c in value for c in "\r\n\0"):
            raise Refused(HTTPStatus.BAD_REQUEST, "A header has a broken name or value.")
    lengths, codings = set(_values(headers, "content-length")), _values(headers, "transfer-encoding")
    if codings and (lengths or [coding.lower() for coding in codings] != ["chunked"]):
        raise Refused(HTTPStatus.BAD_REQUEST, "The body is framed in a way that is not read here.")
    if len(lengths) > 1 or not all(length.isascii() and length.isdigit() for length in lengths):
        raise Refused(HTTPStatus.BAD_REQUEST, "The Content-Length is not one number.")


def passed_on(headers: Message, host: str, body: bytes, *, framed: bool) -> Headers:
    """The headers as the agent would have sent them to the upstream at ``host`` itself."""
    listed = {name.lower() for name in _values(headers, "connection")}
    kept = [
        (name, value)
        for name, value in headers.items()
        if name.lower() not in HOP_BY_HOP | listed | {"host", "content-length"}
    ]
    length = [("Content-Length", str(len(body)))] if framed else []
    return (("Host", host), *kept, *length)


def is_framed(headers: Message) -> bool:
    """Whether the head announces a body, an empty one included."""
    return bool(_values(headers, "content-length") or _values(headers, "transfer-encoding"))


def read_body(headers: Message, source: BinaryIO, *, most: int = MOST_BYTES) -> bytes:
    """The body's bytes.

    Raises Refused where it is too long or no body at all, ConnectionError where it ends early.
    """
    if _values(headers, "transfer-encoding"):
        return _chunked(source, most)
    length = int((_values(headers, "content-length") or ["0"])[0][:20])
    if length > most:
        raise _too_long(most)
    return _exactly(source, length)


def _chunked(source: BinaryIO, most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    while size := _size(_line(source)):
        left -= size
        if left < 0:
            raise _too_long(most)
        parts.append(_exactly(source, size))
        if _line(source):
            raise Refused(HTTPStatus.BAD_REQUEST, "A chunk is longer than it says.")
    for _ in range(_TRAILERS):
        if not _line(source):
            return b"".join(parts)
    raise Refused(HTTPStatus.BAD_REQUEST, "There are too many trailers.")


def _size(line: bytes) -> int:
    digits = line.split(b";", 1)[0].strip()
    if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", digits):
        raise Refused(HTTPStatus.BAD_REQUEST, "A chunk has no length.")
    return int(digits, 16)


def _line(source: BinaryIO) -> bytes:
    line = source.readline(_LINE_BYTES + 1)
    if not line.endswith(b"\n"):
        if len(line) > _LINE_BYTES:
            raise Refused(HTTPStatus.BAD_REQUEST, "A line between chunks is too long.")
        raise ConnectionResetError("the body ended early")
    return line.rstrip(b"\r\n")


def _exactly(source: BinaryIO, length: int) -> bytes:
    data = source.read(length)
    if len(data) < length:
        raise ConnectionResetError("the body ended early")
    return data


def _too_long(most: int) -> Refused:
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is longer than {most} bytes.")


def _values(headers: Message, name: str) -> Sequence[str]:
    """The comma-separated values of a header, given in one line or in several."""
    lines = headers.get_all(name) or []
    return [part.strip() for line in lines for part in str(line).split(",") if part.strip()]
