"""Asking the upstream: connections over the standard library, replies as they come, errors as values.

An error is told in the words of httpx, which every adapter of ours translates into those of its own
library: what was recorded through the proxy then also replays in the agent's own process.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from http.client import HTTPException
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from agentops_eval.domain import ConfigInvalid, Failure, HttpReply, HttpRequest, KeptBody, LiveBody
from agentops_eval.seams.http._wire import chunks_of, is_bodiless
from agentops_eval.seams.proxy._hangup import HungUp, Watch, hung_up

CONNECT_S = 60.0
"""How long a connection to an upstream may take. An answer may take as long as the agent waits."""

_VERSIONS = {10: "HTTP/1.0", 11: "HTTP/1.1"}
_CUT = "peer closed connection without sending complete message body"


class Outgoing:
    """The connections to upstreams that belong to one connection of the agent.

    They are kept open as the agent keeps its own, and closed with it.
    """

    def __init__(self) -> None:
        self._open: dict[str, http.client.HTTPConnection] = {}

    def ask(self, request: HttpRequest, watch: Watch) -> HttpReply | Failure:
        """The upstream's reply, its body still on the wire, or why there is none.

        Raises HungUp where ``watch`` says that the agent did not wait for it.
        """
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        reached = False
        try:
            connection = self._connected(origin, parts.scheme, parts.netloc)
            reached = True
            live = _sent(connection, request, watch)
        except (OSError, HTTPException) as error:
            self.drop(origin)
            if watch.gone:
                raise HungUp from None
            return failure_of(error) if reached else _unreached(error)
        except BaseException:
            self.drop(origin)
            raise
        return _reply(live, request.method, watch)

    def break_off(self) -> None:
        """Let whoever reads from an upstream now read its end; safe from another thread."""
        for connection in list(self._open.values()):
            if (sock := connection.sock) is not None:
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, which another thread uses

    def drop(self, origin: str) -> None:
        """Close the connection to ``origin``."""
        if (connection := self._open.pop(origin, None)) is not None:
            connection.close()

    def close(self) -> None:
        """Close every connection."""
        for origin in list(self._open):
            self.drop(origin)

    def _connected(self, origin: str, scheme: str, netloc: str) -> http.client.HTTPConnection:
        """An open connection: the one at hand, unless the upstream has closed it meanwhile."""
        connection = self._open.get(origin)
        if connection is not None and connection.sock is not None and not hung_up(connection.sock, 0):
            return connection
        self.drop(origin)
        connection = self._open[origin] = _connection(scheme, netloc)
        connection.connect()
        connection.sock.settimeout(None)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def check_forward_proxy(url: str) -> None:
    """Raise ConfigInvalid where the environment leads ``url`` through a proxy that is not spoken to."""
    _forward_proxy(*urlsplit(url)[:2])


def _forward_proxy(scheme: str, netloc: str) -> tuple[str, int] | None:
    """The proxy that the environment (HTTPS_PROXY, NO_PROXY) names for this address, if any."""
    host = netloc.rpartition("]")[0].strip("[") if netloc.startswith("[") else netloc.partition(":")[0]
    known = getproxies()
    named = known.get(scheme) or known.get("all")
    if not named or proxy_bypass(netloc) or host in {"127.0.0.1", "localhost", "::1"}:
        return None
    parts = urlsplit(named if "://" in named else f"http://{named}")
    if parts.scheme != "http" or not parts.hostname or parts.username:
        raise ConfigInvalid(
            f"upstreams are not asked through a {parts.scheme or 'nameless'} proxy",
            where=f"the environment variable {scheme.upper()}_PROXY",
            remedy=f"name an http:// proxy without a user, or except the host: NO_PROXY={host}",
        )
    return parts.hostname, parts.port or 80


def _connection(scheme: str, netloc: str) -> http.client.HTTPConnection:
    proxy = _forward_proxy(scheme, netloc)
    address = urlsplit(f"{scheme}://{netloc}")
    host, port = address.hostname or "", address.port
    if scheme == "http":
        where = (host, port) if proxy is None else proxy
        return http.client.HTTPConnection(*where, timeout=CONNECT_S)
    if proxy is None:
        return http.client.HTTPSConnection(host, port, timeout=CONNECT_S, context=_tls())
    connection = http.client.HTTPSConnection(*proxy, timeout=CONNECT_S, context=_tls())
    connection.set_tunnel(host, port)
    return connection


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _sent(
    connection: http.client.HTTPConnection, request: HttpRequest, watch: Watch
) -> http.client.HTTPResponse:
    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    if parts.scheme == "http" and _forward_proxy(parts.scheme, parts.netloc) is not None:
        target = request.url
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers:
        connection.putheader(name, value)
    connection.endheaders(request.body or None)
    if watch.gone:  # before there was a connection that could be broken off
        raise HungUp
    return connection.getresponse()


def _reply(live: http.client.HTTPResponse, method: str, watch: Watch) -> HttpReply:
    bodiless = is_bodiless(method, live.status)
    if bodiless:
        live.close()
    return HttpReply(
        status=live.status,
        reason=live.reason or "",
        headers=tuple([(name, " ".join(str(value).splitlines())) for name, value in live.headers.items()]),
        http_version=_VERSIONS.get(live.version, "HTTP/1.1"),
        body=KeptBody() if bodiless else LiveBody(handle=_pieces(live, watch)),
    )


def _pieces(live: http.client.HTTPResponse, watch: Watch) -> Iterator[bytes]:
    """The body as it arrives, a torn end included; HungUp where the agent ended it."""
    until_close = not live.chunked and live.length is None
    try:
        yield from chunks_of(live)
    except http.client.IncompleteRead as cut:
        if watch.gone:
            raise HungUp from None
        if cut.partial and cut.expected is not None:
            yield cut.partial
        raise
    except (OSError, HTTPException):
        if watch.gone:
            raise HungUp from None
        raise
    if until_close and watch.gone:
        raise HungUp


def _unreached(error: OSError | HTTPException) -> Failure:
    kind = "ConnectTimeout" if isinstance(error, TimeoutError) else "ConnectError"
    return _failure(kind, error, _words(error))


def failure_of(error: BaseException) -> Failure:
    """Why an upstream that was reached gave no answer, or only a part of one."""
    if isinstance(error, http.client.RemoteDisconnected):
        return _failure("RemoteProtocolError", error, "Server disconnected without sending a response.")
    if isinstance(error, http.client.IncompleteRead):
        return _failure("RemoteProtocolError", error, _CUT)
    if isinstance(error, TimeoutError):
        return _failure("ReadTimeout", error, _words(error))
    kind = "ReadError" if isinstance(error, OSError) else "RemoteProtocolError"
    return _failure(kind, error, _words(error))


def _failure(kind: str, error: BaseException, message: str) -> Failure:
    return Failure(kind=kind, module="httpx", message=message, native=error)


def _words(error: BaseException) -> str:
    """What went wrong, without the numbers that differ between systems."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text or type(error).__name__
