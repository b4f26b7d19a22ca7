"""A small HTTP client of our own, for llms that the product itself asks: judges and simulated users.

One POST, with the standard library. It crosses the http seam as any client's call does: it is numbered,
recorded, replayed and blocked like theirs. No redirect is followed (it would carry a key to another
host), nothing is retried, the reply is bounded in size and time, and whatever goes wrong is a value.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib import request as urllib
from urllib.error import URLError
from urllib.parse import urlsplit

from agentops_eval.domain import (
    Call,
    Chunk,
    Failure,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    Outcome,
    Seam,
    is_loopback,
)
from agentops_eval.seams._body import play
from agentops_eval.seams._clock import real_monotonic
from agentops_eval.seams._handler import drive
from agentops_eval.seams._scope import Scope, current_scope, refuse_stray, suspended
from agentops_eval.seams.http._failures import failure_of

LONGEST_REPLY = 8 * 1024 * 1024
_SPAN_BYTES = 64 * 1024


class ReplyTooLong(http.client.HTTPException):
    """The reply is longer than anything that is waited for."""


class _AsTheyAre(urllib.HTTPErrorProcessor):
    """Every status is an answer, a redirect above all."""

    def http_response(self, request: urllib.Request, response: Any) -> Any:
        return response

    https_response = http_response


def post(
    url: str, body: bytes, *, headers: Headers = (), timeout_s: float = 60.0, longest: int = LONGEST_REPLY
) -> HttpReply | Failure:
    """Send ``body``, and give the reply with its whole body, whatever its status, or what went wrong.

    ``timeout_s`` bounds the whole exchange but for the slowness of a name server. Inside a run the call
    is the run's. Raises ReplayMiss where a replay cannot answer it, and ValueError for an address that
    is not http or https.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{parts.scheme or 'it'} is no address of http or https")
    request = HttpRequest(method="POST", url=url, headers=headers, body=body)
    world = _world(timeout_s, longest)
    scope = current_scope()
    boundary = f"POST {parts._replace(query='', fragment='').geturl()}"
    if scope is None:
        refuse_stray(boundary)
        outcome = world(Call(seam=Seam.HTTP, boundary=boundary, request=request))
        assert isinstance(outcome, HttpReply | Failure)
        return outcome
    call = scope.call(Seam.HTTP, boundary, request)
    since_s = scope.clock.elapsed_s()
    outcome = drive(scope.handlers, call, world, scope.clock.sleep)
    assert isinstance(outcome, HttpReply | Failure)
    return outcome if isinstance(outcome, Failure) else _read(outcome, call, scope, since_s)


def _world(timeout_s: float, longest: int) -> Callable[[Call], Outcome]:
    def world(call: Call) -> Outcome:
        asked = call.request
        assert isinstance(asked, HttpRequest)
        made = urllib.Request(asked.url, data=asked.body, method=asked.method)  # noqa: S310  # checked
        for name, value in asked.headers:
            made.add_header(name, value)
        until_s = real_monotonic() + timeout_s
        with suspended():
            try:
                with _opener(asked.url).open(made, timeout=timeout_s) as reply:
                    data = _whole(reply, until_s, longest)
                    return HttpReply(
                        status=reply.status,
                        reason=reply.reason or "",
                        headers=tuple(reply.headers.items()),
                        body=KeptBody(chunks=(Chunk(data),) if data else ()),
                    )
            except URLError as error:
                return failure_of(error.reason if isinstance(error.reason, BaseException) else error)
            except (OSError, http.client.HTTPException, ValueError) as error:
                return failure_of(error)

    return world


def _opener(url: str) -> urllib.OpenerDirector:
    """Proxies of the environment are used but for loopback."""
    proxies: dict[str, str] | None = {} if is_loopback(urlsplit(url).hostname or "") else None
    opener = urllib.build_opener(_AsTheyAre, urllib.ProxyHandler(proxies))
    opener.addheaders = []
    return opener


def _whole(reply: Any, until_s: float, longest: int) -> bytes:
    found = bytearray()
    while more := reply.read1(_SPAN_BYTES):
        found += more
        if len(found) > longest:
            raise ReplyTooLong(f"the reply is longer than {longest} bytes")
        if real_monotonic() > until_s:
            raise TimeoutError("timed out")
    missing = reply.length
    if missing:  # read1 gives nothing at the end of a torn body, and does not complain
        raise http.client.IncompleteRead(bytes(found), missing)
    return bytes(found)


def _read(reply: HttpReply, call: Call, scope: Scope, since_s: float) -> HttpReply | Failure:
    """The reply with its body read through what handlers put on its way."""
    broken: list[Failure] = []

    def revived(failure: Failure) -> BaseException:
        broken.append(failure)
        return http.client.HTTPException(failure.message)

    body = play(reply, call, scope, fail=failure_of, revive=revived, since_s=since_s)
    try:
        data = b"".join(body)
    except Exception as error:
        return broken[0] if broken else failure_of(error)
    return replace(reply, body=KeptBody(chunks=(Chunk(data),) if data else ()), stages=())
