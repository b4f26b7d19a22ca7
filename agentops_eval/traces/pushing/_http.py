"""One request over HTTP with the standard library: no redirects, no cookies, a bounded reply."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import Any
from urllib import request as urllib
from urllib.error import URLError
from urllib.parse import urlsplit

from agentops_eval.domain import Headers, is_loopback
from agentops_eval.traces.pushing._model import Answer, Cause, Reply, Target, Unreached

_LONGEST_REPLY = 64 * 1024


class _AsTheyAre(urllib.HTTPErrorProcessor):
    """Every status is an answer; above all a redirect, which would carry keys to another host."""

    def http_response(self, request: urllib.Request, response: Any) -> Any:
        return response

    https_response = http_response


@dataclass(slots=True)
class HttpSender:
    """Sends requests to one receiver; proxies of the environment are used but for loopback."""

    target: Target
    timeout_s: float
    _opener: urllib.OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        proxies: dict[str, str] | None = {} if is_loopback(urlsplit(self.target.url).hostname or "") else None
        self._opener = urllib.build_opener(_AsTheyAre, urllib.ProxyHandler(proxies))
        self._opener.addheaders = []

    def __call__(self, body: bytes, headers: Headers, /) -> Answer:
        """Send ``body``; whatever goes wrong is an answer too."""
        made = urllib.Request(self.target.url, data=body, method="POST")  # noqa: S310  # checked: http(s) only
        for name, value in (*headers, *self.target.headers):
            made.add_header(name, value)
        try:
            with self._opener.open(made, timeout=self.timeout_s) as reply:
                return Reply(
                    status=reply.status,
                    reason=reply.reason or "",
                    headers=tuple(reply.headers.items()),
                    body=_beginning(reply, self.timeout_s),
                )
        except URLError as error:
            return _unreached(error.reason, self.timeout_s)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _unreached(error, self.timeout_s)


def _beginning(reply: Any, timeout_s: float) -> bytes:
    """The body as far as it is looked at; a server that sends byte by byte is not waited for any longer."""
    until_s, found = time.monotonic() + timeout_s, b""
    while len(found) < _LONGEST_REPLY and (more := reply.read1(_LONGEST_REPLY - len(found))):
        found += more
        if time.monotonic() > until_s:
            raise TimeoutError
    return found


def _unreached(error: object, timeout_s: float) -> Unreached:
    """Why there was no answer, in words that do not hold what was sent."""
    if isinstance(error, ssl.SSLError):
        return Unreached(cause=Cause.TLS, message=f"TLS failed: {_words(error)}", again=False)
    if isinstance(error, ConnectionRefusedError):
        return Unreached(cause=Cause.REFUSED, message="connection refused")
    if isinstance(error, TimeoutError):
        return Unreached(cause=Cause.TIMEOUT, message=f"no answer within {timeout_s:g} s")
    if isinstance(error, socket.gaierror):
        later = error.errno == socket.EAI_AGAIN
        return Unreached(cause=Cause.NAME, message=f"unknown host: {_words(error)}", again=later)
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return Unreached(cause=Cause.BROKEN, message=f"the connection broke: {_words(error)}")
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return Unreached(cause=Cause.REFUSED, message=_words(error))
    kind = type(error).__name__
    return Unreached(cause=Cause.BROKEN, message=f"no HTTP answer could be read ({kind})")


def _words(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
