"""Addresses as Toxiproxy writes them, HOST:PORT, and which of them this server may use."""

from __future__ import annotations

from typing import NamedTuple

from agentops_eval.chaos.toxiproxy._embedded._toxics import Refused
from agentops_eval.domain import is_loopback


class Address(NamedTuple):
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _read_address(text: str) -> Address:
    """Split ``host:port`` or ``[host]:port``; ``localhost`` is 127.0.0.1. Raises Refused."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise Refused(400, f"bad request body: address {text[:100]!r}: too many colons in address")
    if not colon or not (port.isascii() and port.isdigit() and len(port) <= 5) or int(port) > 65_535:
        raise Refused(400, f"bad request body: address {text[:100]!r} is to be host:port")
    return Address("127.0.0.1" if host.lower() == "localhost" else host, int(port))


def listening_address(text: str) -> Address:
    """Where a proxy is to listen: on loopback, at any free port by default. Raises Refused."""
    address = _read_address(text or "127.0.0.1:0")
    if not is_loopback(address.host):
        raise Refused(400, f"this server listens on loopback only, and {text[:100]!r} is not")
    return address


def upstream_address(text: str, allowed: frozenset[str]) -> Address:
    """Where a proxy leads: to loopback, or to a host that was allowed by name. Raises Refused."""
    address = _read_address(text)
    if not (is_loopback(address.host) or address.host in allowed):
        raise Refused(
            400,
            f"this server connects to loopback only, {text[:100]!r} is not: start it with --allow HOST",
        )
    if address.port == 0:
        raise Refused(400, "bad request body: upstream has no port")
    return address
