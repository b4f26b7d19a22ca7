"""No test leaves this machine: an audit hook refuses lookups and connections, whoever makes them."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading

# Names that never resolve (RFC 2606, RFC 6761): a lookup is answered here, as a resolver would.
RESERVED = (".invalid", ".test", ".example", "example.com", "example.net", "example.org")


class OutsideContact(Exception):
    """A test tried to reach an address that is not on this machine."""


class Watch:
    """What was tried since the last ``take``. Install it once per process: audit hooks stay."""

    def __init__(self) -> None:
        self._tried: list[str] = []
        self._lock = threading.Lock()

    def install(self) -> None:
        """Begin to refuse."""
        sys.addaudithook(self._hear)

    def take(self) -> list[str]:
        """Give what was tried, and forget it."""
        with self._lock:
            tried, self._tried = self._tried, []
        return tried

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            host = outside(args[1])
        elif event == "socket.getaddrinfo":
            host = outside((args[0],))
            if host is not None and host.endswith(RESERVED):
                raise socket.gaierror(socket.EAI_NONAME, f"{host} is a reserved name")
        else:
            return
        if host is not None:
            with self._lock:
                self._tried.append(f"{event} {host}")
            raise OutsideContact(f"{event} to {host}: tests stay on this machine")


def outside(address: object) -> str | None:
    """Return the host part when it is not on this machine; paths of local sockets are."""
    if not isinstance(address, tuple) or not address:
        return None
    name = address[0].decode("ascii", "replace") if isinstance(address[0], bytes) else address[0]
    if not isinstance(name, str):
        return None
    host = name.partition("%")[0]
    if host in {"", "localhost"}:
        return None
    try:
        return None if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host
