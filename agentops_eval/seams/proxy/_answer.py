"""Writing a reply to the agent: the head that its framing needs, then the body as it comes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from agentops_eval.domain import EndKind, Headers, HttpReply, KeptBody
from agentops_eval.seams.http._wire import head_line, is_bodiless
from agentops_eval.seams.proxy._incoming import HOP_BY_HOP

_FRAMING = frozenset({"content-length", "transfer-encoding"})


class Framing(Enum):
    """How the agent can tell where the body ends."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a reply on the agent's side, and how its body is framed there."""

    framing: Framing
    data: bytes

    def piece(self, data: bytes) -> bytes:
        """A piece of the body as it goes over the wire."""
        return b"%x\r\n%b\r\n" % (len(data), data) if self.framing is Framing.CHUNKED else data

    @property
    def last(self) -> bytes:
        """What ends a body that came whole."""
        return b"0\r\n\r\n" if self.framing is Framing.CHUNKED else b""


def head_of(reply: HttpReply, method: str, *, old: bool, closing: bool, location: str | None = None) -> Head:
    """Decide the head. ``old`` is an agent that speaks HTTP/1.0, ``closing`` one whose connection ends.

    ``location`` stands for the header of that name where the reply has one.
    """
    framing, length = _framing(reply, method, old=old)
    closing = closing or framing is Framing.CLOSE
    dropped = HOP_BY_HOP | _FRAMING | _listed(reply.headers)
    lines = [f"HTTP/1.1 {reply.status} {reply.reason}"]
    for name, value in reply.headers:
        folded = name.lower()
        if folded == "location" and location is not None:
            lines.append(f"{name}: {location}")
        elif folded not in dropped:
            lines.append(f"{name}: {value}")
    lines += [f"Content-Length: {length}"] if length else []
    lines += ["Transfer-Encoding: chunked"] if framing is Framing.CHUNKED else []
    lines += ["Connection: close"] if closing else ["Connection: keep-alive"] if old else []
    return Head(framing=framing, data=b"".join(head_line(line) for line in lines) + b"\r\n")


def _framing(reply: HttpReply, method: str, *, old: bool) -> tuple[Framing, str]:
    """The framing, and the length to announce, empty where none is."""
    fields = {name.lower(): value.strip() for name, value in reply.headers}
    declared = fields.get("content-length", "")
    chunked = "transfer-encoding" in fields
    if chunked or not (declared.isascii() and declared.isdigit()):
        declared = ""
    if is_bodiless(method, reply.status):
        return Framing.NONE, declared
    if declared:
        return Framing.LENGTH, _true_length(reply, declared)
    return (Framing.CLOSE if old else Framing.CHUNKED), ""


def _true_length(reply: HttpReply, declared: str) -> str:
    """The length of a body that is known whole: redaction may have changed what was announced.

    A body that was cut stays longer than what comes, so that the agent sees the cut again.
    """
    body = reply.body
    if not isinstance(body, KeptBody) or reply.stages:
        return declared
    known = len(body.data)
    if body.end.kind is EndKind.EOF:
        return str(known)
    return str(max(int(declared), known + 1))


def _listed(headers: Headers) -> frozenset[str]:
    values = (value for name, value in headers if name.lower() == "connection")
    return frozenset(part.strip().lower() for value in values for part in value.split(","))
