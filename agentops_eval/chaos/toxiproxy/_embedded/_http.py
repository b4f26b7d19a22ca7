"""As much of HTTP/1.1 as the API needs, with a bound on everything that a client sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn

from agentops_eval.chaos.toxiproxy._embedded._toxics import Refused
from agentops_eval.domain import Json

LONGEST_HEAD = 16 * 1024
_LONGEST_BODY = 1024 * 1024
_READ_S = 15.0
_IDLE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: ``body`` is None where it had none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    keeps_open: bool

    def json(self) -> Json:
        """The body as JSON. Raises Refused."""
        try:
            found: Json = json.loads(self.body, parse_constant=_no_number)
        except RecursionError:
            raise Refused(400, "bad request body: nested too deeply") from None
        except ValueError as error:  # of encodings and endless numbers, too
            raise Refused(400, f"bad request body: {str(error)[:200]}") from None
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer; without ``document`` it has no body."""

    status: int
    document: Json = None


class _Unreadable(Exception):
    """What was sent is no request; the connection ends with this answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = refusal(status, message)


def refusal(status: int, message: str) -> Answered:
    """An error as Toxiproxy writes it."""
    return Answered(status=status, document={"error": message, "status": status})


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answer: Callable[[Asked], Awaitable[Answered]],
) -> None:
    """Answer the requests of one connection until it ends."""
    try:
        open_ = True
        while open_:
            async with asyncio.timeout(_IDLE_S):
                head = await reader.readuntil(b"\r\n\r\n")
            async with asyncio.timeout(_READ_S):
                asked = await _read(head, reader, writer)
            _write(writer, await answer(asked), asked=asked)
            await writer.drain()
            open_ = asked.keeps_open
    except _Unreadable as error:
        _write(writer, error.answer, asked=None)
    except asyncio.LimitOverrunError:
        _write(writer, refusal(431, "the request's head is too long"), asked=None)
    except (asyncio.IncompleteReadError, OSError):  # it hung up, or took too long
        pass
    finally:
        writer.close()


async def _read(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise _Unreadable(400, "this is no request of HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or name != name.strip() or (key == "content-length" and key in headers):
            raise _Unreadable(400, "the request's headers cannot be read")
        headers[key] = value.strip()
    if "transfer-encoding" in headers:
        raise _Unreadable(501, "send the body with a Content-Length")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise _Unreadable(400, "Content-Length is no number")
    if len(length) > 9 or int(length) > _LONGEST_BODY:
        raise _Unreadable(413, f"the body is longer than {_LONGEST_BODY} bytes")
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    wish = headers.get("connection", "").lower()
    return Asked(
        method=words[0],
        path=words[1],
        headers=headers,
        body=await reader.readexactly(int(length)),
        keeps_open=wish != "close" and (words[2] != "HTTP/1.0" or wish == "keep-alive"),
    )


def _write(writer: asyncio.StreamWriter, answer: Answered, *, asked: Asked | None) -> None:
    if writer.is_closing():
        return
    status = HTTPStatus(answer.status)
    body = b"" if answer.document is None else json.dumps(answer.document).encode() + b"\n"
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    if status != HTTPStatus.NO_CONTENT:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if asked is None or not asked.keeps_open:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    writer.write(head if asked is not None and asked.method == "HEAD" else head + body)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
