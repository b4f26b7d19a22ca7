"""Transport errors as values, and back again as the exceptions of the caller's own library.

A cassette is input from a file: a name in it is looked up in fixed tables and in the error module of
the library that made the call, and nothing is imported because a cassette says so.
"""

from __future__ import annotations

import builtins
import http.client
import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from agentops_eval.domain import Failure, Json
from agentops_eval.seams.http._wire_failures import WIRE, in_words_of

_MAX_DEPTH = 3
_BYTES, _ERROR, _KEY, _OPAQUE = "$bytes", "$error", "$connection", "$opaque"

ErrorType: TypeAlias = type[Exception]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Library:
    """Where a library keeps its errors, whose names it shares, and what it raises by default."""

    module: str
    family: frozenset[str]
    fallback: str


_HTTPX_FAMILY = frozenset({"httpx", "httpx2", "httpcore", "httpcore2"})
_LIBRARIES: Mapping[str, _Library] = {
    "httpx": _Library(module="httpx", family=_HTTPX_FAMILY, fallback="TransportError"),
    "httpx2": _Library(module="httpx2", family=_HTTPX_FAMILY, fallback="TransportError"),
    "urllib3": _Library(module="urllib3.exceptions", family=frozenset({"urllib3"}), fallback="ProtocolError"),
    "aiohttp": _Library(module="aiohttp", family=frozenset({"aiohttp"}), fallback="ClientConnectionError"),
}
_KNOWN_FAMILIES = frozenset().union(*(library.family for library in _LIBRARIES.values()))

# What one library calls it, in the words of the others: (httpx, urllib3, aiohttp).
_SAME_MEANING = (
    ("ConnectError", "NewConnectionError", "ClientConnectorError"),
    ("ConnectTimeout", "ConnectTimeoutError", "ConnectionTimeoutError"),
    ("ReadTimeout", "ReadTimeoutError", "SocketTimeoutError"),
    ("RemoteProtocolError", "ProtocolError", "ServerDisconnectedError"),
    ("ReadError", "ProtocolError", "ClientPayloadError"),
    ("ProxyError", "ProxyError", "ClientHttpProxyError"),
)
_COLUMN = {"httpx": 0, "httpx2": 0, "httpcore": 0, "httpcore2": 0, "urllib3": 1, "aiohttp": 2}


def _named(module: str, names: str, source: object) -> dict[tuple[str, str], ErrorType]:
    return {(module, name): getattr(source, name) for name in names.split()}


_STANDARD: Mapping[tuple[str, str], ErrorType] = {
    **_named(
        "builtins",
        "OSError ConnectionError ConnectionResetError ConnectionAbortedError ConnectionRefusedError "
        "BrokenPipeError TimeoutError InterruptedError BlockingIOError PermissionError EOFError "
        "ValueError TypeError RuntimeError LookupError AttributeError AssertionError "
        "NotImplementedError Exception",
        builtins,
    ),
    **_named(
        "http",
        "HTTPException RemoteDisconnected IncompleteRead BadStatusLine LineTooLong UnknownProtocol "
        "NotConnected InvalidURL ImproperConnectionState CannotSendRequest CannotSendHeader "
        "ResponseNotReady UnknownTransferEncoding",
        http.client,
    ),
    **_named(
        "ssl",
        "SSLError SSLZeroReturnError SSLWantReadError SSLWantWriteError SSLSyscallError SSLEOFError "
        "SSLCertVerificationError",
        ssl,
    ),
    **_named("socket", "gaierror herror", socket),
}


def failure_of(error: BaseException) -> Failure:
    """The value that stands for ``error``; the error itself goes along as ``native``.

    A class that no table knows (a user's subclass) is named by its nearest known base, so that
    ``except`` clauses catch the revived error as they caught the first one.
    """
    kind, module = _name(type(error))
    return Failure(kind=kind, module=module, message=str(error), arguments=_arguments(error, 0), native=error)


def revive(failure: Failure, *, library: str, **context: object) -> BaseException:
    """Rebuild the exception that ``library`` (``httpx``, ``httpx2``, ``urllib3``, ``aiohttp``) raises.

    ``context`` holds what belongs to this process and is never recorded: ``request`` (httpx),
    ``pool``, ``conn``, ``url`` (urllib3), ``connection_key``, ``request_info`` (aiohttp). An error
    that cannot be rebuilt becomes the library's generic transport error, its name in the message.
    """
    if failure.module == WIRE:
        failure = in_words_of(failure, library)
    error = _rebuild(failure, library, context, 0)
    if error is None:
        error = _fallback(failure, library, context)
    if "request" in context and library in _HTTPX_FAMILY and hasattr(type(error), "request"):
        error.request = context["request"]  # type: ignore[attr-defined]
    return error


def _name(kind: type[BaseException]) -> tuple[str, str]:
    for base in kind.__mro__:
        name, module = base.__name__, base.__module__.partition(".")[0]
        if module in _KNOWN_FAMILIES:
            return name, module
        if (module, name) in _STANDARD and base is not Exception:
            return name, module
    return kind.__name__, kind.__module__.partition(".")[0]


def _arguments(error: Any, depth: int) -> tuple[Json, ...]:
    """What the constructor needs again, without what belongs to this process."""
    if isinstance(error, http.client.IncompleteRead) and isinstance(error.partial, bytes):
        return (_encode(error.partial, depth), error.expected)
    module = type(error).__module__.partition(".")[0]
    if module == "urllib3" and hasattr(error, "_message"):
        if hasattr(error, "_reason"):  # NameResolutionError(host, conn, reason)
            return (_encode(error._host, depth), _encode(error._reason, depth))
        return (_encode(getattr(error, "url", None), depth), str(error._message))
    if module == "aiohttp" and hasattr(error, "request_info"):
        return (_encode(error.status, depth), _encode(error.message, depth))
    if type(error).__name__ == _name(type(error))[0]:
        return tuple([_encode(argument, depth) for argument in error.args])
    if isinstance(error, OSError) and error.errno is not None:
        return (error.errno, _encode(error.strerror, depth))
    return (str(error),)  # a subclass of nobody's library: its base takes the text


def _encode(value: object, depth: int) -> Json:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return {_BYTES: value.decode("latin-1")}  # as text, so that redaction sees it
    if isinstance(value, BaseException) and depth < _MAX_DEPTH:
        kind, module = _name(type(value))
        arguments = _arguments(value, depth + 1)
        return {_ERROR: {"kind": kind, "module": module, "message": str(value), "arguments": arguments}}
    if isinstance(value, tuple) and type(value).__name__ == "ConnectionKey":
        return {_KEY: [_encode(part, depth) for part in value[:3]]}
    return {_OPAQUE: type(value).__name__}


def _decode(value: Json, library: str, context: Mapping[str, object], depth: int) -> object:
    if not isinstance(value, Mapping):
        return value
    if isinstance(text := value.get(_BYTES), str):
        return text.encode("latin-1", "replace")
    inner = value.get(_ERROR)
    if isinstance(inner, Mapping) and depth < _MAX_DEPTH:
        arguments = inner.get("arguments")
        failure = Failure(
            kind=str(inner.get("kind")),
            module=str(inner.get("module")),
            message=str(inner.get("message")),
            arguments=tuple(arguments) if isinstance(arguments, (list, tuple)) else (),
        )
        error = _rebuild(failure, library, context, depth + 1)
        return OSError(failure.message) if error is None else error
    return None


def _rebuild(failure: Failure, library: str, context: Mapping[str, object], depth: int) -> Exception | None:
    standard = _STANDARD.get((failure.module, failure.kind))
    kind = standard or _own_class(failure, library)
    if kind is None:
        return None
    arguments = [_decode(argument, library, context, depth) for argument in failure.arguments]
    try:
        if standard is not None:
            error = _standard(standard, arguments, failure.message)
        else:
            error = _BUILDERS[library](kind, failure, arguments, context)
        str(error)  # a file may hold arguments that its text cannot be made of
    except Exception:
        return None
    return error


def _own_class(failure: Failure, library: str) -> ErrorType | None:
    """The class of that name in the caller's library, or the one that means the same there."""
    own = _LIBRARIES[library]
    kind = failure.kind
    if failure.module not in own.family:
        column = _COLUMN.get(failure.module)
        row = next((r for r in _SAME_MEANING if column is not None and r[column] == kind), None)
        if row is None:
            return None
        kind = row[_COLUMN[library]]
    found = getattr(sys.modules.get(own.module), kind, None)
    if not isinstance(found, type) or not issubclass(found, Exception) or issubclass(found, Warning):
        return None
    return found if found.__module__.partition(".")[0] in own.family else None


def _standard(kind: ErrorType, arguments: list[object], message: str) -> Exception:
    if kind is http.client.LineTooLong:  # its constructor words the message anew
        error = Exception.__new__(kind, message)
        error.args = (message,)
        return error
    return kind(*arguments)


def _build_httpx(
    kind: ErrorType, failure: Failure, arguments: list[object], context: Mapping[str, object]
) -> Exception:
    return kind(failure.message)


def _build_urllib3(
    kind: ErrorType, failure: Failure, arguments: list[object], context: Mapping[str, object]
) -> Exception:
    ours: Any = sys.modules["urllib3.exceptions"]
    pool, conn = context.get("pool"), context.get("conn")
    make: Any = kind
    native = failure.module == "urllib3"
    text = arguments[-1] if native and arguments else failure.message
    if issubclass(kind, ours.NameResolutionError):
        error = make(arguments[0], conn, arguments[1])
    elif issubclass(kind, ours.NewConnectionError):
        error = make(conn, text)
    elif issubclass(kind, ours.RequestError):
        error = make(pool, arguments[0] if native else context.get("url"), text)
    elif issubclass(kind, ours.PoolError):
        error = make(pool, text)
    elif issubclass(kind, ours.ConnectTimeoutError):
        error = make(conn, text)
    else:
        error = make(*arguments) if native else make(failure.message)
    assert isinstance(error, Exception)
    return error


def _build_aiohttp(
    kind: ErrorType, failure: Failure, arguments: list[object], context: Mapping[str, object]
) -> Exception:
    ours: Any = sys.modules["aiohttp"]
    make: Any = kind
    native = failure.module == "aiohttp"
    if issubclass(kind, ours.ClientConnectorError | ours.ClientConnectorCertificateError):
        cause = arguments[1] if native else OSError(None, failure.message)
        error = make(_connection_key(failure, context), cause)
    elif issubclass(kind, ours.ClientResponseError):
        status, text = arguments if native else (502, failure.message)
        error = make(context["request_info"], (), status=status, message=text)  # its text needs one
    else:
        error = make(*arguments) if native else make(failure.message)
    assert isinstance(error, Exception)
    return error


def _connection_key(failure: Failure, context: Mapping[str, object]) -> object:
    """The caller's own key where it is at hand, or a plausible one from what was recorded."""
    if (known := context.get("connection_key")) is not None:
        return known
    make: Any = sys.modules["aiohttp.client_reqrep"].ConnectionKey
    host, port, secure = "", None, False
    kept = failure.arguments[0] if failure.arguments else None
    if isinstance(kept, Mapping) and isinstance(parts := kept.get(_KEY), (list, tuple)):
        host, port, secure = parts
    rest = [None] * (len(make._fields) - 4)
    made: object = make(host, port, secure, True, *rest)
    return made


def _fallback(failure: Failure, library: str, context: Mapping[str, object]) -> Exception:
    own = _LIBRARIES[library]
    kind = getattr(sys.modules.get(own.module), own.fallback, ConnectionError)
    assert isinstance(kind, type)
    assert issubclass(kind, Exception)
    return kind(f"{failure.module}.{failure.kind}: {failure.message}")


_Builder: TypeAlias = Callable[[ErrorType, Failure, list[object], Mapping[str, object]], Exception]
_BUILDERS: Mapping[str, _Builder] = {
    "httpx": _build_httpx,
    "httpx2": _build_httpx,
    "urllib3": _build_urllib3,
    "aiohttp": _build_aiohttp,
}
