"""The last line beneath every client: in a replay nothing connects and no name is looked up.

An audit hook hears every connection of the process, whoever makes it: blocking sockets, asyncio,
TLS, the C module. What was connected before the run is refused when the run sends. (A C library
with sockets of its own, like gRPC's, is not heard.) Outside any replay it lets everything through.
A host name given to ``connect`` itself is resolved by C before the hook is asked; clients look
names up first.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

import wrapt

from agentops_eval.domain import ReplayMiss
from agentops_eval.seams._callers import call_site
from agentops_eval.seams._scope import PASSING, Scope, answerable_scope, left_behind, replaying_scopes
from agentops_eval.seams._sweep import once, register

_CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_lock = threading.Lock()
_resolved: dict[str, set[str]] = {}  # address -> the allowed names that it was looked up for
_original_getaddrinfo = socket.getaddrinfo


def _heard(event: str, args: tuple[Any, ...]) -> None:
    """The audit hook: every event of the process passes here, so leave at once."""
    if not event.startswith("socket."):
        return
    if event in _CONNECTIONS:
        if args[0].family in _INTERNET and isinstance(args[1], tuple):
            try:
                _check(str(args[1][0]), args[1][1], "connect to")
            except ReplayMiss:
                if event == "socket.connect":
                    args[0].close()  # clients close on ordinary errors only, and leak on this one
                raise
    elif event in _LOOKUPS:
        target = args[0][0] if event == "socket.getnameinfo" else args[0]
        host = target.decode("ascii", "replace") if isinstance(target, bytes) else target
        if isinstance(host, str) and _leaves_the_machine(host):
            _check(host, args[1] if event == "socket.getaddrinfo" else None, "look up")


def _watching(send: Callable[..., Any]) -> Callable[..., Any]:
    """A socket's way to send, refused on connections that a replayed run did not open itself.

    No event is heard of these: the connection was there before the run, in a pool of some client.
    """

    @functools.wraps(send)
    def watched(self: socket.socket, *args: Any, **kwargs: Any) -> Any:
        scope = answerable_scope()
        watches = scope is not None and (scope.lets_nothing_out or (scope.replaying and not scope.closed))
        if watches and self.family in _INTERNET:
            with suppress(OSError):  # no longer connected: the call itself will say so
                peer = self.getpeername()
                _check(str(peer[0]), peer[1], "send to")
        return send(self, *args, **kwargs)

    return watched


def _watch_tls(ssl: ModuleType) -> None:
    for name in ("send", "sendall", "write"):
        setattr(ssl.SSLSocket, name, _watching(getattr(ssl.SSLSocket, name)))


def _leaves_the_machine(host: str) -> bool:
    """Whether a look-up of ``host`` asks a server: addresses and localhost do not."""
    if host in {"", "localhost"}:
        return False
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return False


def _check(host: str, port: object, verb: str) -> None:
    scope = answerable_scope()
    if scope is not None and not scope.closed:
        if scope.replaying and not _allowed(scope, host, port):
            _block((scope,), host, port, verb)
        return
    if scope is not None and scope.lets_nothing_out:
        raise left_behind(f"a socket to {host}", scope)
    scopes = replaying_scopes()
    if scopes and PASSING.get() is not True and not any(_allowed(scope, host, port) for scope in scopes):
        _block(scopes, host, port, verb)


def _allowed(scope: Scope, host: str, port: object) -> bool:
    if not scope.allowed_hosts:
        return False
    names = {host, *_resolved.get(host, ())}
    if host in _LOOPBACK:
        names.add("localhost")
    if port is None:  # a look-up without a port: any allowed port of that host will do
        return any(_host_of(entry) in names for entry in scope.allowed_hosts)
    return any(
        name in scope.allowed_hosts or f"{name}:{port}" in scope.allowed_hosts for name in names
    ) or any(f"[{name}]:{port}" in scope.allowed_hosts for name in names)


def _host_of(entry: str) -> str:
    host, colon, port = entry.rpartition(":")
    return host.strip("[]") if colon and port.isdigit() and (":" not in host or "]" in host) else entry


def _block(scopes: tuple[Scope, ...], host: str, port: object, verb: str) -> None:
    """Remember a miss on every scope that it may concern, and raise it in the client."""
    address = host if port is None else f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    thread = threading.current_thread().name
    lost = answerable_scope() is not scopes[0]
    miss = ReplayMiss(
        f"thread {thread!r}, which belongs to no run, tried to {verb} {address} during the replay of "
        f"{scopes[0].name!r}"
        if lost
        else f"{scopes[0].name!r} tried to {verb} {address} during its replay",
        reason="blocked",
        where=call_site() or f"thread {thread}",
        remedy=f"allow it with allowed_hosts = [{address!r}], or record the run again"
        + (" with the thread started inside it" if lost else ""),
    )
    for scope in scopes:
        scope.remember(miss)
    raise miss


def _getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    """``socket.getaddrinfo``, which keeps the addresses of allowed names for the connection."""
    found = _original_getaddrinfo(host, port, *args, **kwargs)
    scope = answerable_scope()
    if scope is not None and scope.allowed_hosts and isinstance(host, str):
        with _lock:
            for *_, address in found:
                _resolved.setdefault(str(address[0]), set()).add(host)
    return found


@once
def install_guard() -> None:
    """Begin to listen. Once per process: an audit hook cannot be taken back."""
    register(_original_getaddrinfo, _getaddrinfo)
    socket.getaddrinfo = _getaddrinfo
    for name in ("send", "sendall"):
        setattr(socket.socket, name, _watching(getattr(socket.socket, name)))
    wrapt.register_post_import_hook(_watch_tls, "ssl")
    sys.addaudithook(_heard)


__all__ = ["install_guard"]
