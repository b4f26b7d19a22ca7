"""What may go wrong on the wire, in words that belong to no client library, and in those of each.

A handler that has a call fail does not know which client made it. The failure is told so in the event, and
becomes the client's own exception, as it would have been raised there, at the adapter.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from agentops_eval.domain import Failure, Json, Label

WIRE = "wire"
"""The module of failures in these words."""


class Wire(StrEnum):
    """What went wrong."""

    REFUSED = "ConnectionRefused"
    CONNECT_TIMEOUT = "ConnectTimeout"
    READ_TIMEOUT = "ReadTimeout"
    RESET = "ConnectionReset"
    DISCONNECTED = "Disconnected"  # closed before the head of a reply
    INCOMPLETE = "IncompleteBody"  # closed within the body of one


_SAID: Mapping[str, str] = {
    Wire.REFUSED: f"[Errno {errno.ECONNREFUSED:d}] Connection refused",
    Wire.CONNECT_TIMEOUT: "connecting timed out",
    Wire.READ_TIMEOUT: "The read operation timed out",
    Wire.RESET: f"[Errno {errno.ECONNRESET:d}] Connection reset by peer",
    Wire.DISCONNECTED: "Server disconnected without sending a response.",
    Wire.INCOMPLETE: "peer closed connection without sending complete message body (incomplete chunked read)",
}
_RESET: tuple[Json, ...] = (errno.ECONNRESET, "Connection reset by peer")
_REFUSED: Json = {
    "$error": {
        "kind": "ConnectionRefusedError",
        "module": "builtins",
        "message": _SAID[Wire.REFUSED],
        "arguments": (errno.ECONNREFUSED, "Connection refused"),
    }
}

_HTTPX: Mapping[str, str] = {
    Wire.REFUSED: "ConnectError",
    Wire.CONNECT_TIMEOUT: "ConnectTimeout",
    Wire.READ_TIMEOUT: "ReadTimeout",
    Wire.RESET: "ReadError",
    Wire.DISCONNECTED: "RemoteProtocolError",
    Wire.INCOMPLETE: "RemoteProtocolError",
}
# What the libraries below raise at their seams, with what their constructors take: (module, kind, arguments).
_Told = tuple[str, str, tuple[Json, ...]]
_URLLIB3: Mapping[str, _Told] = {
    Wire.REFUSED: (
        "urllib3",
        "NewConnectionError",
        (None, f"Failed to establish a new connection: {_SAID[Wire.REFUSED]}"),
    ),
    Wire.CONNECT_TIMEOUT: ("urllib3", "ConnectTimeoutError", (None, "Connection timed out.")),
    Wire.READ_TIMEOUT: ("httpx", "ReadTimeout", ()),  # built with the address that was asked
    Wire.RESET: ("builtins", "ConnectionResetError", _RESET),
    Wire.DISCONNECTED: ("http", "RemoteDisconnected", ("Remote end closed connection without response",)),
    Wire.INCOMPLETE: ("http", "IncompleteRead", ({"$bytes": ""}, None)),
}
_AIOHTTP: Mapping[str, _Told] = {
    Wire.REFUSED: ("aiohttp", "ClientConnectorError", (None, _REFUSED)),
    Wire.CONNECT_TIMEOUT: ("aiohttp", "ConnectionTimeoutError", ("Connection timeout",)),
    Wire.READ_TIMEOUT: ("aiohttp", "SocketTimeoutError", ("Timeout on reading data from socket",)),
    Wire.RESET: ("aiohttp", "ClientOSError", _RESET),
    Wire.DISCONNECTED: ("aiohttp", "ServerDisconnectedError", ("Server disconnected",)),
    Wire.INCOMPLETE: ("aiohttp", "ClientPayloadError", ("Response payload is not completed",)),
}


def wire_failure(what: Wire, message: str = "") -> Failure:
    """A failure on the wire, which no client's exception stands for yet."""
    return Failure(kind=what.value, module=WIRE, message=message or _SAID[what], label=Label.SCRIPTED)


def in_words_of(failure: Failure, library: str) -> Failure:
    """The same failure as ``library`` names it; one that is not known here stays what it is."""
    if library in ("httpx", "httpx2"):
        kind = _HTTPX.get(failure.kind)
        return failure if kind is None else replace(failure, kind=kind, module=library)
    told = (_URLLIB3 if library == "urllib3" else _AIOHTTP).get(failure.kind)
    if told is None:
        return failure
    module, kind, arguments = told
    return replace(failure, module=module, kind=kind, arguments=arguments)
