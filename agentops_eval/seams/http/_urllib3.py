"""The HTTP seam of urllib3, and with it of requests and botocore.

It lies at ``HTTPConnectionPool._make_request``, below urllib3's own retries and redirects: each
attempt and each hop is one crossing, so that a fault meets the retries which should survive it. The
caller gets a real ``urllib3.HTTPResponse`` over a wire of ours (see ``_wire``), live and replayed.
"""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import Any

import wrapt

from agentops_eval.domain import (
    Call,
    Failure,
    HttpReply,
    HttpRequest,
    KeptBody,
    LiveBody,
    Outcome,
    Patience,
    Seam,
    TransportUnsupported,
)
from agentops_eval.seams._body import play
from agentops_eval.seams._handler import drive
from agentops_eval.seams._scope import Scope, current_scope, refuse_stray, suspended
from agentops_eval.seams._signature import signature_of
from agentops_eval.seams.http._failures import failure_of, revive
from agentops_eval.seams.http._wire import chunks_of, is_bodiless, response_of

_EXPECTED = (
    "self, conn, method, url, body, headers, retries, timeout, chunked, response_conn, preload_content, "
    "decode_content, enforce_content_length"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_VERSIONS = {9: "HTTP/0.9", 10: "HTTP/1.0", 11: "HTTP/1.1", 20: "HTTP/2"}
_DEFERRED = "_agentops_tunnel_deferred"
_PROXIED = "$proxied"
_installed = False


def install() -> None:
    """Patch urllib3's connection pools when urllib3 is imported; idempotent.

    Raises ``TransportUnsupported`` there where the pools have no ``_make_request`` of known shape.
    """
    global _installed
    if _installed:
        return
    _installed = True
    wrapt.register_post_import_hook(_patch, "urllib3.connectionpool")


def _patch(pools: ModuleType) -> None:
    pool = pools.HTTPConnectionPool
    original = getattr(pool, "_make_request", None)
    shape = "" if original is None else ", ".join(signature_of(original).parameters)
    if original is None or shape != _EXPECTED or not hasattr(pool, "_prepare_proxy"):
        raise TransportUnsupported(
            "this urllib3 cannot be intercepted: HTTPConnectionPool._make_request is not what it was",
            difference=f"expected  {_EXPECTED}\nfound     {shape or 'no such method'}",
            remedy="pip install 'urllib3>=2.0,<3'",
        )
    pool._make_request = _router(original, signature_of(original))
    for owner in (pool, pools.HTTPSConnectionPool):
        owner._prepare_proxy = _deferring(owner._prepare_proxy)


def _router(original: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    def _make_request(self: Any, conn: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"{method} {_absolute(self, url)}")
            return original(self, conn, method, url, *args, **kwargs)
        bound = signature.bind(self, conn, method, url, *args, **kwargs)
        bound.apply_defaults()
        return _Attempt(original, scope, bound.arguments).run()

    return _make_request


def _deferring(original: Callable[..., Any]) -> Callable[..., Any]:
    def _prepare_proxy(self: Any, conn: Any) -> None:
        """Put the tunnel off until the call is known to go out: it opens a connection."""
        if current_scope() is None:
            refuse_stray(f"CONNECT {self.host}:{self.port}")
            original(self, conn)
        else:
            setattr(conn, _DEFERRED, True)

    return _prepare_proxy


class _Attempt:
    """One attempt of one request, as urllib3 was about to make it."""

    def __init__(self, original: Callable[..., Any], scope: Scope, arguments: dict[str, Any]) -> None:
        self._original, self._scope, self._arguments = original, scope, arguments
        self._pool, self._conn = arguments["self"], arguments["conn"]
        self._method = str(arguments["method"])
        self._data, self._rewind = _read_body(arguments)
        self._since_s = scope.clock.elapsed_s()
        self._live: Any = None
        self._body: object = None
        self._went_out = False
        url = _absolute(self._pool, str(arguments["url"]))
        self._request = HttpRequest(
            method=self._method, url=url, headers=_headers(arguments["headers"]), body=self._data
        )
        boundary = f"{self._method} {url.partition('?')[0]}"
        patience = _patience(self._pool._get_timeout(arguments["timeout"]))
        self._call = scope.call(Seam.HTTP, boundary, self._request, patience=patience)

    def run(self) -> Any:
        """The response, or the exception, of this attempt."""
        outcome = drive(self._scope.handlers, self._call, self._world, self._scope.clock.sleep)
        if not self._went_out:
            self._pool.num_requests += 1
        if self._live is not None and getattr(outcome, "body", None) is not self._body:
            self._drop()
        if isinstance(outcome, Failure):
            raise outcome.native or self._revive(outcome)
        assert isinstance(outcome, HttpReply)
        return self._response(outcome)

    def _world(self, call: Call) -> Outcome:
        self._went_out = True
        arguments = {
            **self._arguments,
            **self._changes(call),
            "response_conn": None,  # the caller's response owns the connection, as always
            "preload_content": False,
            "decode_content": False,
        }
        with suspended():
            try:
                self._tunnel()
                self._rewind()
                live = self._original(**arguments)
            except Exception as error:
                return self._failure(error)
        return self._reply(live)

    def _changes(self, call: Call) -> dict[str, Any]:
        """What a handler changed in the request on its way; the address stays that of the pool."""
        request = call.request
        assert isinstance(request, HttpRequest)
        changes: dict[str, Any] = {}
        if request.body != self._request.body:
            changes |= {"body": request.body, "chunked": False}
        if request.headers != self._request.headers:
            changes["headers"] = dict(request.headers)
        return changes

    def _drop(self) -> None:
        """A handler answered in the world's place: what is still on the wire must not be reused."""
        with suspended():
            self._live.close()
            self._conn.close()

    def _tunnel(self) -> None:
        """Do what ``_prepare_proxy`` put off, with the errors that ``urlopen`` would have made of it."""
        if not getattr(self._conn, _DEFERRED, False):
            return
        setattr(self._conn, _DEFERRED, False)
        if not self._conn.is_closed:
            return
        try:
            self._pool._prepare_proxy(self._conn)
        except OSError as error:
            proxy, timeout_s = self._pool.proxy.url, self._conn.timeout
            self._pool._raise_timeout(err=error, url=proxy, timeout_value=timeout_s)
            raise

    def _reply(self, live: Any) -> HttpReply:
        self._live = live  # its finaliser would close the body below us
        original = getattr(live, "_original_response", None)
        bodiless = is_bodiless(self._method, live.status)
        if original is not None and bodiless:
            original.close()
        chunks = iter([live.data]) if original is None else chunks_of(original)
        items = live.headers.items() if original is None else original.headers.items()
        body = KeptBody() if bodiless else LiveBody(handle=chunks)
        self._body = body
        return HttpReply(
            status=live.status,
            reason=live.reason or "",
            headers=tuple([(name, " ".join(str(value).splitlines())) for name, value in items]),
            http_version=_VERSIONS.get(live.version, "HTTP/1.1"),
            body=body,
        )

    def _response(self, reply: HttpReply) -> Any:
        import urllib3  # the caller imported it long ago

        make: Any = urllib3.HTTPResponse
        arguments = self._arguments
        original = response_of(reply, self._method, self._open_body)
        optional = {
            "version_string": getattr(self._conn, "_http_vsn_str", "HTTP/?"),
            "sock_shutdown": getattr(getattr(self._conn, "sock", None), "shutdown", None),
        }
        known = signature_of(make.__init__).parameters
        response = make(
            body=original,
            headers=urllib3.HTTPHeaderDict(original.headers.items()),
            status=original.status,
            version=original.version,
            reason=original.reason,
            preload_content=arguments["preload_content"],
            decode_content=arguments["decode_content"],
            original_response=original,
            enforce_content_length=arguments["enforce_content_length"],
            request_method=self._method,
            request_url=arguments["url"],
            **{name: value for name, value in optional.items() if name in known},
        )
        response.retries = arguments["retries"]
        response._connection = arguments["response_conn"]
        response._pool = self._pool
        return response

    def _open_body(self, reply: HttpReply) -> Iterator[bytes]:
        return play(
            reply,
            self._call,
            self._scope,
            fail=failure_of,
            revive=self._revive,
            since_s=self._since_s,
        )

    def _failure(self, error: Exception) -> Failure:
        failure = failure_of(error)
        if getattr(self._conn, "proxy", None) is None:
            return failure
        # urlopen words an error by whether the proxy had been reached
        reached = bool(getattr(self._conn, "has_connected_to_proxy", False))
        return replace(failure, arguments=(*failure.arguments, {_PROXIED: reached}))

    def _revive(self, failure: Failure) -> BaseException:
        last = failure.arguments[-1] if failure.arguments else None
        if isinstance(last, Mapping) and _PROXIED in last:
            failure = replace(failure, arguments=failure.arguments[:-1])
            self._conn._has_connected_to_proxy = bool(last[_PROXIED])
        return revive(
            failure, library="urllib3", pool=self._pool, conn=self._conn, url=self._arguments["url"]
        )


def _patience(timeout: Any) -> Patience:
    """The limits of urllib3's ``Timeout``; those of the system, where it says so, are not known."""
    total = timeout.total

    def limit(own: Any) -> float | None:
        known = [float(one) for one in (own, total) if isinstance(one, (int, float))]
        return min(known, default=None)

    return Patience(connect_s=limit(timeout._connect), read_s=limit(timeout._read))


def _absolute(pool: Any, url: str) -> str:
    """The whole address; behind a forwarding proxy urllib3's own target is absolute already."""
    if not url.startswith("/"):
        return url.partition("#")[0]
    host = f"[{pool.host}]" if ":" in pool.host else pool.host
    port = "" if pool.port in (None, _DEFAULT_PORTS.get(pool.scheme)) else f":{pool.port}"
    return f"{pool.scheme}://{host}{port}{url}"


def _headers(headers: Mapping[Any, Any] | None) -> tuple[tuple[str, str], ...]:
    from urllib3.util import SKIP_HEADER

    pairs = [] if headers is None else [(_text(k), _text(v)) for k, v in headers.items()]
    return tuple([pair for pair in pairs if pair[1] != SKIP_HEADER])


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _nothing() -> None:
    """Leave the body as it is: it can be sent again."""


def _read_body(arguments: dict[str, Any]) -> tuple[bytes, Callable[[], object]]:
    """The body's bytes, and how to make it sendable again; one-shot bodies are replaced by copies.

    The copies keep the framing that urllib3 chooses: known length for bytes, chunks for the rest.
    """
    body = arguments["body"]
    if body is None:
        return b"", _nothing
    if isinstance(body, str):
        return body.encode("utf-8"), _nothing
    if hasattr(body, "read"):
        return _read_file(body, arguments)
    with suppress(TypeError):
        return bytes(memoryview(body)), _nothing
    assert isinstance(body, Iterable)
    chunks = [_bytes(chunk) for chunk in body]
    arguments["body"] = chunks
    return b"".join(chunks), _nothing


def _read_file(file: Any, arguments: dict[str, Any]) -> tuple[bytes, Callable[[], object]]:
    try:
        position = file.tell()
    except (AttributeError, OSError):
        data = _bytes(file.read())
        arguments["body"] = io.BytesIO(data)
        return data, _nothing
    data = _bytes(file.read())
    return data, lambda: file.seek(position)


def _bytes(data: Any) -> bytes:
    return data.encode("utf-8") if isinstance(data, str) else bytes(data)
