"""The last line: in a replay nothing connects, and outside of one nothing changes."""

from __future__ import annotations

import _socket
import asyncio
import contextvars
import socket
import ssl
import threading
from contextlib import ExitStack, closing

import pytest

from agentops_eval.domain import ReplayMiss
from agentops_eval.seams import _guard
from agentops_eval.seams._scope import Entry, enter, leave, suspended
from tests.seams._time_rig import new_scope, record, replay


@pytest.fixture
def server():
    """A listening socket on loopback that must not be reached; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


def by_connect(address):
    with socket.socket() as sock:
        sock.connect(address)


def by_connect_ex(address):
    with socket.socket() as sock:
        sock.connect_ex(address)


def by_create_connection(address):
    socket.create_connection(address)


def by_c_module(address):
    with closing(_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM, 0)) as sock:
        sock.connect(address)


def by_datagram(address):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", address)


def by_message(address):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.sendmsg([b"x"], [], 0, address)


def by_tls(address):
    context = ssl._create_unverified_context()
    with socket.socket() as sock, context.wrap_socket(sock) as wrapped:
        wrapped.connect(address)


def by_asyncio(address):
    asyncio.run(asyncio.open_connection(*address))


WAYS = [
    by_connect, by_connect_ex, by_create_connection, by_c_module, by_datagram, by_message, by_tls, by_asyncio,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_replay_connects_to_nothing(way, server):
    """Every way to reach a server raises a miss that says where, and that the run remembers."""
    with replay(name="clerk") as scope:
        with pytest.raises(ReplayMiss) as caught:
            way(server)
    miss = caught.value
    assert miss.reason == "blocked"
    assert f"'clerk' tried to connect to 127.0.0.1:{server[1]}" in miss.what
    assert miss.where.startswith(f"tests.seams.test_guard:{way.__name__}:")
    assert f"allowed_hosts = ['127.0.0.1:{server[1]}']" in miss.remedy
    assert miss in scope.problems


def test_ipv6_is_blocked_too():
    """An IPv6 address is shown in brackets."""
    with replay(), socket.socket(socket.AF_INET6) as sock:
        with pytest.raises(ReplayMiss, match=r"\[::1\]:9"):
            sock.connect(("::1", 9))


@pytest.mark.parametrize("allowed", ["127.0.0.1", "localhost", "127.0.0.1:{}", "localhost:{}"])
def test_allowed_hosts_are_reached(allowed):
    """A host, or a host with its port, may be allowed; localhost and its addresses are one."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with replay(allowed=[allowed.format(port)]) as scope:
            socket.create_connection(("localhost", port)).close()
        assert not scope.problems


def test_localhost_allows_its_address(monkeypatch):
    """An address of this machine needs no look-up to be recognised as localhost."""
    monkeypatch.setattr(_guard, "_resolved", {})
    with replay(allowed=["localhost:9"]) as scope:
        assert _guard._allowed(scope, "127.0.0.1", 9)
        assert not _guard._allowed(scope, "127.0.0.1", 10)


def test_another_port_is_not_allowed(server):
    """An entry with a port allows that port only."""
    with replay(allowed=["127.0.0.1:1"]), pytest.raises(ReplayMiss):
        by_connect(server)


def test_local_sockets_pass():
    """Socket pairs and UNIX sockets never leave the machine."""
    with replay() as scope:
        for end in socket.socketpair():
            end.close()
        with socket.socket(socket.AF_UNIX) as sock, pytest.raises(FileNotFoundError):
            sock.connect("/nonexistent/agentops.sock")
    assert not scope.problems


@pytest.mark.parametrize("event", sorted(_guard._LOOKUPS))
def test_names_are_not_looked_up(event):
    """A look-up that would ask a server is a miss; one of an address or of localhost passes."""

    def arguments(host):
        if event == "socket.getnameinfo":
            return ((host, 443),)
        return (host, 443, 0, 0, 0) if event == "socket.getaddrinfo" else (host,)

    with replay():
        with pytest.raises(ReplayMiss, match=r"look up api\.shop\.test"):
            _guard._heard(event, arguments("api.shop.test"))
        for local in ("localhost", "127.0.0.1", "::1"):
            _guard._heard(event, arguments(local))
    with replay(allowed=["api.shop.test:443"]):
        _guard._heard(event, arguments("api.shop.test"))


def test_the_addresses_of_an_allowed_name_are_allowed(monkeypatch):
    """A name that may be reached is reached at the addresses that it was looked up to."""
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.9.9.9", 443))]
    monkeypatch.setattr(_guard, "_original_getaddrinfo", lambda *args, **kwargs: answer)
    with replay(allowed=["api.shop.test"]) as scope:
        assert not _guard._allowed(scope, "127.9.9.9", 443)
        assert socket.getaddrinfo("api.shop.test", 443) == answer
        assert _guard._allowed(scope, "127.9.9.9", 443)


def in_lost_context(function, *args):
    """Call a function where no run is known, as in a thread of a C library."""
    failed = []

    def body():
        try:
            contextvars.Context().run(function, *args)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=body, name="stray")
    thread.start()
    thread.join()
    return failed


def test_a_stray_thread_is_blocked_during_a_replay(server):
    """Traffic without a run is refused while any run replays; every replay remembers it."""
    entries: list[Entry] = []
    with ExitStack() as stack:
        scopes = [new_scope(name="a"), new_scope(name="b")]
        for scope in scopes:
            entries.append(contextvars.copy_context().run(enter, scope))
            stack.callback(leave, entries[-1])
        (miss,) = in_lost_context(by_connect, server)
        assert "thread 'stray', which belongs to no run" in str(miss)
        assert all(miss in scope.problems for scope in scopes)


def test_outside_a_replay_nothing_is_blocked():
    """Without a run, in a recording, and beneath a transport that was let through, sockets connect."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        by_connect(address)
        with record():
            by_connect(address)
            assert not in_lost_context(by_connect, address)
        with replay(), suspended():
            by_connect(address)


def test_a_recording_beside_a_replay_is_not_blocked():
    """A run that records in another context reaches its server while a replay is open."""
    with socket.create_server(("127.0.0.1", 0)) as listening, replay() as replaying:

        def recording():
            with record(), suspended():
                by_connect(listening.getsockname())

        assert not in_lost_context(recording)
    assert not replaying.problems


@pytest.mark.parametrize("verb", ["send", "sendall"])
def test_a_connection_from_before_the_run_cannot_be_used(verb):
    """What some client's pool holds open lets nothing out of a replay either."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        with (
            socket.create_connection(listening.getsockname()) as kept,
            closing(listening.accept()[0]) as other,
        ):
            kept.sendall(b"before")
            assert other.recv(10) == b"before"
            with replay() as scope, pytest.raises(ReplayMiss, match=r"send to 127\.0\.0\.1"):
                getattr(kept, verb)(b"during")
            assert len(scope.problems) == 1
            kept.sendall(b"after")
            assert other.recv(10) == b"after"
