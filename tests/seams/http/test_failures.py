"""Errors as values: what is kept of them, what they come back as, and what a hostile name gets."""

from __future__ import annotations

import http.client
import json
import socket
import ssl

import aiohttp
import httpx
import httpx2
import pytest
import urllib3
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3 import exceptions as urllib3_errors

from agentops_eval.domain import Failure
from agentops_eval.seams.http._failures import failure_of, revive

POOL = urllib3.HTTPConnectionPool("origin.invalid", 80)
CONN = urllib3.connection.HTTPConnection("origin.invalid", 80)
KEY = ConnectionKey("origin.invalid", 443, True, True, None, None, None)  # type: ignore[call-arg]
CERTIFICATE = ssl.SSLCertVerificationError(1, "certificate verify failed")


def through_a_file(failure: Failure) -> Failure:
    """What is left of a failure when it was written as JSON and read again."""
    written = json.dumps([failure.kind, failure.module, failure.message, failure.arguments])
    kind, module, message, arguments = json.loads(written)
    return Failure(kind=kind, module=module, message=message, arguments=tuple(arguments))


STANDARD = [
    ConnectionResetError(104, "Connection reset by peer"),
    BrokenPipeError(32, "Broken pipe"),
    TimeoutError("timed out"),
    TimeoutError(),
    OSError("odd"),
    OSError(113, "No route to host"),
    EOFError(),
    ValueError("bad", 1),
    socket.gaierror(-2, "Name or service not known"),
    ssl.SSLError(1, "[SSL] broken"),
    ssl.SSLEOFError(8, "EOF"),
    CERTIFICATE,
    http.client.RemoteDisconnected("Remote end closed connection without response"),
    http.client.BadStatusLine("nonsense"),
    http.client.IncompleteRead(b"half", 12),
    http.client.IncompleteRead(b""),
    http.client.LineTooLong("header line"),
    http.client.HTTPException("odd"),
]
URLLIB3 = [
    urllib3_errors.NewConnectionError(CONN, "refused"),
    urllib3_errors.NameResolutionError("origin.invalid", CONN, socket.gaierror(-2, "unknown")),
    urllib3_errors.ConnectTimeoutError(CONN, "too slow"),
    urllib3_errors.ReadTimeoutError(POOL, "/path", "Read timed out."),
    urllib3_errors.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")),
    urllib3_errors.ProxyError("Cannot connect to proxy.", OSError("Tunnel connection failed: 403")),
    urllib3_errors.SSLError(CERTIFICATE),
    urllib3_errors.IncompleteRead(3, 4),
    urllib3_errors.DecodeError("odd", ValueError("x")),
]
AIOHTTP = [
    aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused")),
    aiohttp.ClientConnectorDNSError(KEY, OSError(None, "unknown")),
    aiohttp.ClientConnectorCertificateError(KEY, CERTIFICATE),
    aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "broken")),
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientOSError(104, "reset"),
    aiohttp.ConnectionTimeoutError("slow"),
    aiohttp.SocketTimeoutError("Timeout on reading data from socket"),
    aiohttp.ClientPayloadError("not completed"),
    aiohttp.ServerFingerprintMismatch(b"a\xff", b"b", "origin.invalid", 443),
]
HTTPX = [
    "ConnectError",
    "ReadTimeout",
    "RemoteProtocolError",
    "PoolTimeout",
    "ProxyError",
    "UnsupportedProtocol",
]


def same(first: BaseException, second: BaseException) -> None:
    assert type(second) is type(first)
    assert str(second) == str(first)
    assert [repr(a) for a in second.args] == [repr(a) for a in first.args]


@pytest.mark.parametrize("library", ["httpx", "httpx2", "urllib3", "aiohttp"])
@pytest.mark.parametrize("error", STANDARD, ids=repr)
def test_standard_errors_come_back_as_themselves(error, library):
    """Errors of Python itself keep type, text and arguments in every library."""
    same(error, revive(through_a_file(failure_of(error)), library=library))


@pytest.mark.parametrize("error", URLLIB3, ids=lambda error: type(error).__name__)
def test_urllib3_errors_come_back_as_themselves(error):
    """Pools and connections are those of the caller; causes inside an error are rebuilt with it."""
    revived = revive(through_a_file(failure_of(error)), library="urllib3", pool=POOL, conn=CONN)
    same(error, revived)


@pytest.mark.parametrize("error", AIOHTTP, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("context", [{"connection_key": KEY}, {}], ids=["key", "no key"])
def test_aiohttp_errors_come_back_as_themselves(error, context):
    """A connection key comes from the caller, or is made from the recorded host and port."""
    revived = revive(through_a_file(failure_of(error)), library="aiohttp", **context)
    assert type(revived) is type(error)
    if context:
        same(error, revived)
    elif isinstance(error, aiohttp.ClientConnectorError):
        assert (revived.host, revived.port) == ("origin.invalid", 443)


def test_response_errors_of_aiohttp_carry_status_and_request():
    """A ClientResponseError keeps status and message, and takes the request of the replaying call."""
    info = aiohttp.RequestInfo("url", "GET", {}, "url")  # type: ignore[arg-type]
    error = aiohttp.ClientResponseError(info, (), status=400, message="Bad status line")
    revived = revive(through_a_file(failure_of(error)), library="aiohttp", request_info=info)
    same(error, revived)
    assert isinstance(revived, aiohttp.ClientResponseError)
    assert (revived.status, revived.request_info) == (400, info)


@pytest.mark.parametrize("kind", HTTPX)
@pytest.mark.parametrize(("recorded", "replaying"), [(httpx, httpx2), (httpx2, httpx), (httpx2, httpx2)])
def test_httpx_errors_are_those_of_the_callers_library(kind, recorded, replaying):
    """A recording of one of the twins replays in the other, with the request set."""
    request = replaying.Request("GET", "https://origin.invalid/")
    failure = through_a_file(failure_of(getattr(recorded, kind)("why")))
    revived = revive(failure, library=replaying.__name__, request=request)
    assert type(revived) is getattr(replaying, kind)
    assert (str(revived), revived.request) == ("why", request)


@pytest.mark.parametrize(
    ("failure", "library", "kind"),
    [
        (("ReadTimeout", "httpx"), "urllib3", urllib3_errors.ReadTimeoutError),
        (("ConnectError", "httpx2"), "urllib3", urllib3_errors.NewConnectionError),
        (("ConnectError", "httpx2"), "aiohttp", aiohttp.ClientConnectorError),
        (("ReadTimeoutError", "urllib3"), "httpx2", httpx2.ReadTimeout),
        (("ServerDisconnectedError", "aiohttp"), "httpx", httpx.RemoteProtocolError),
    ],
)
def test_errors_of_another_library_come_back_by_meaning(failure, library, kind):
    """A timeout recorded by one client is a timeout in another."""
    revived = revive(Failure(kind=failure[0], module=failure[1], message="why"), library=library)
    assert type(revived) is kind
    assert "why" in str(revived)


def test_a_users_subclass_is_kept_as_its_base():
    """An error class that only this process knows comes back as the library class it stands on."""

    class MyError(httpx2.ConnectTimeout):
        pass

    class MyOsError(ConnectionResetError):
        pass

    failure = failure_of(MyError("mine"))
    assert (failure.kind, failure.module, failure.message) == ("ConnectTimeout", "httpx2", "mine")
    assert type(revive(failure, library="httpx2")) is httpx2.ConnectTimeout
    assert str(revive(failure_of(MyOsError(104, "reset")), library="urllib3")) == "[Errno 104] reset"


HOSTILE = [
    ("system", "os"),
    ("Popen", "subprocess"),
    ("eval", "builtins"),
    ("SystemExit", "builtins"),
    ("KeyboardInterrupt", "builtins"),
    ("Client", "httpx2"),
    ("__class__", "httpx2"),
    ("ModuleType", "httpx2"),
    ("sys", "urllib3"),
    ("HTTPWarning", "urllib3"),
    ("ClientSession", "aiohttp"),
    ("", ""),
]
FALLBACKS = {
    "httpx": httpx.TransportError,
    "httpx2": httpx2.TransportError,
    "urllib3": urllib3_errors.ProtocolError,
    "aiohttp": aiohttp.ClientConnectionError,
}


@pytest.mark.parametrize("library", FALLBACKS)
@pytest.mark.parametrize("name", HOSTILE, ids=".".join)
def test_a_foreign_name_is_never_looked_up(name, library):
    """A cassette that names anything but a known error gets the generic transport error."""
    revived = revive(
        Failure(kind=name[0], module=name[1], message="boo", arguments=("echo",)), library=library
    )
    assert type(revived) is FALLBACKS[library]
    assert str(revived) == f"{name[1]}.{name[0]}: boo"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$bytes", "$error", "$connection", "kind", "arguments"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
names = st.sampled_from(
    [type(e).__name__ for e in (*STANDARD, *URLLIB3, *AIOHTTP)]
    + HTTPX
    + ["ClientResponseError", "MaxRetryError"]
)


@given(
    kind=names,
    module=st.sampled_from(["builtins", "http", "ssl", "socket", "urllib3", "aiohttp", "httpx", "x"]),
    arguments=st.lists(json_values, max_size=4),
    library=st.sampled_from(sorted(FALLBACKS)),
)
@example(kind="IncompleteRead", module="http", arguments=[None], library="aiohttp")
def test_no_argument_breaks_the_revival(kind, module, arguments, library):
    """Whatever arguments a file holds, an exception is returned and none is raised."""
    failure = Failure(kind=kind, module=module, message="m", arguments=tuple(arguments))
    revived = revive(failure, library=library)
    assert isinstance(revived, Exception)
    assert isinstance(str(revived), str)
