"""What each toxic does to bytes on the wire."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from tests.chaos.toxiproxy._kit import Upstream, connected, crash, echo, exactly, sending, whole

BODY = bytes(range(256)) * 800  # 204,800 bytes


def test_without_toxics_bytes_pass_in_both_directions(toxiproxy, upstream):
    """What is sent through a proxy arrives unchanged, and the sender's end arrives after it."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("plain"))
    with connected(proxy.address) as client:
        sender = threading.Thread(target=client.sendall, args=(BODY,))
        sender.start()
        assert exactly(client, len(BODY)) == BODY
        sender.join()


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_latency_delays_each_direction(toxiproxy, upstream, stream):
    """An echo takes at least as long as the latency, in whichever direction it stands, and arrives whole."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("latency"))
    with proxy.toxic("latency", stream=stream, latency=60), connected(proxy.address) as client:
        since_s = time.monotonic()
        client.sendall(b"ping")
        assert exactly(client, 4) == b"ping"
        assert time.monotonic() - since_s >= 0.06


def test_jitter_keeps_the_order(toxiproxy):
    """However the delays of its pieces vary, a stream arrives in order."""
    with Upstream(sending(BODY)) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("jitter"))
        with proxy.toxic("latency", latency=10, jitter=10), connected(proxy.address) as client:
            client.sendall(b"x")
            assert exactly(client, len(BODY)) == BODY


def test_bandwidth_lets_so_much_pass_in_a_second(toxiproxy):
    """200 kB at 1,000 KB/s take at least 0.15 s, and arrive whole."""
    with Upstream(sending(BODY)) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("bandwidth"))
        with proxy.toxic("bandwidth", rate=1000), connected(proxy.address) as client:
            since_s = time.monotonic()
            client.sendall(b"x")
            assert exactly(client, len(BODY)) == BODY
            assert time.monotonic() - since_s >= 0.15


def test_a_bandwidth_of_nothing_is_a_black_hole_until_it_is_changed(toxiproxy, upstream):
    """At rate 0 nothing passes on an open connection; what was held arrives once the rate is another."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("hole"))
    with connected(proxy.address) as client:
        with proxy.toxic("bandwidth", rate=0) as toxic:
            client.sendall(b"held")
            client.settimeout(0.1)
            with pytest.raises(TimeoutError):
                client.recv(1)
            client.settimeout(30)
            proxy.update_toxic(toxic.name, rate=1000)
            assert exactly(client, 4) == b"held"


def test_slow_close_holds_back_the_end_and_not_the_data(toxiproxy):
    """The data is there before the delay is over, the end only after it."""
    with Upstream(sending(b"answer")) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("close"))
        with proxy.toxic("slow_close", delay=80), connected(proxy.address) as client:
            since_s = time.monotonic()
            client.sendall(b"x")
            assert exactly(client, 6) == b"answer"
            assert client.recv(1) == b""
            assert time.monotonic() - since_s >= 0.08


def test_timeout_lets_nothing_through_and_closes(toxiproxy):
    """The client gets not a byte of the answer, and the end after the timeout."""
    with Upstream(echo) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("timeout"))
        with proxy.toxic("timeout", timeout=80):
            since_s = time.monotonic()
            with connected(proxy.address) as client:
                client.sendall(b"x")
                assert whole(client) == b""
                assert time.monotonic() - since_s >= 0.08


@pytest.mark.usefixtures("ours_only")
def test_a_trickle_does_not_keep_a_timeout_off(toxiproxy):
    """The timeout counts from the connection's begin, however often the upstream sends a little."""
    stop = threading.Event()

    def trickle(connection: socket.socket) -> None:
        while not stop.wait(0.01):
            connection.sendall(b".")

    with Upstream(trickle) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("trickle"))
        with proxy.toxic("timeout", timeout=60), connected(proxy.address) as client:
            assert whole(client) == b""
            assert not stop.is_set()
        stop.set()


@pytest.mark.usefixtures("ours_only")
def test_a_timeout_holds_back_an_upstream_that_closes_early(toxiproxy):
    """An upstream that closes at once looks like one that hangs, until the timeout."""
    with Upstream(lambda connection: None) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("early"))
        with proxy.toxic("timeout", timeout=80):
            since_s = time.monotonic()
            with connected(proxy.address) as client:
                assert client.recv(1) == b""
                assert time.monotonic() - since_s >= 0.08


def test_reset_peer_resets_and_does_not_close(toxiproxy, upstream):
    """The client of a new connection gets a real reset in place of the answer."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("reset"))
    with proxy.toxic("reset_peer", timeout=20), connected(proxy.address) as client:
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


@pytest.mark.usefixtures("ours_only")
def test_a_connection_that_was_open_before_is_reset_as_well(toxiproxy, upstream):
    """A toxic that comes to a connection in use resets it, too: it does not end as if all were well."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("live"))
    with connected(proxy.address) as client:
        client.sendall(b"fine")
        assert exactly(client, 4) == b"fine"
        with proxy.toxic("reset_peer"):
            client.sendall(b"x")
            with pytest.raises(ConnectionResetError):
                client.recv(1)


@pytest.mark.parametrize(("stream", "arrives"), [("upstream", b""), ("downstream", b"order")])
def test_the_stream_says_whether_a_request_landed_before_the_reset(toxiproxy, stream, arrives):
    """Upstream resets before the request arrives; downstream after, when its reply is lost."""
    got: list[bytes] = []
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        try:
            got.append(connection.recv(100))
            connection.sendall(b"done")
        except OSError:
            got.append(b"")
        finally:
            over.set()

    with Upstream(serve) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("landed"))
        with proxy.toxic("reset_peer", stream=stream), connected(proxy.address) as client:
            client.sendall(b"order")
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        assert over.wait(30)
    assert got == [arrives]


def test_slices_are_small_and_nothing_is_lost(toxiproxy):
    """Data arrives whole, in at least as many waits as there are slices."""
    with Upstream(sending(BODY[:10_000])) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("slicer"))
        with (
            proxy.toxic("slicer", average_size=1000, size_variation=100, delay=5000),
            connected(proxy.address) as client,
        ):
            since_s = time.monotonic()
            client.sendall(b"x")
            assert exactly(client, 10_000) == BODY[:10_000]
            assert time.monotonic() - since_s >= 0.03


@pytest.mark.parametrize("limit", [0, 1, 45, 10_000])
def test_limit_data_cuts_at_the_byte(toxiproxy, limit):
    """Exactly so many bytes arrive, and then an end that looks like any other."""
    with Upstream(sending(BODY)) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("limit"))
        with proxy.toxic("limit_data", bytes=limit), connected(proxy.address) as client:
            client.sendall(b"x")
            assert whole(client) == BODY[:limit]


def test_a_toxicity_of_nothing_acts_on_nobody(toxiproxy, upstream):
    """With toxicity 0 a toxic is there, and no connection meets it."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("none"))
    with proxy.toxic("limit_data", toxicity=0, bytes=0):
        for _ in range(5):
            with connected(proxy.address) as client:
                client.sendall(b"ping")
                assert exactly(client, 4) == b"ping"


def test_toxics_change_while_a_stream_flows(toxiproxy):
    """A stream that was slowed, sliced and freed again in its middle arrives whole and in order."""
    with Upstream(sending(BODY * 20)) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("mid"))
        with connected(proxy.address) as client:
            client.sendall(b"x")
            found = bytearray(exactly(client, 10_000))
            with proxy.toxic("latency", latency=20) as latency:
                found += exactly(client, 300_000)
                with proxy.toxic("slicer", average_size=5000, size_variation=500):
                    found += exactly(client, 300_000)
                    proxy.update_toxic(latency.name, latency=1, jitter=1)
                    found += exactly(client, 300_000)
                found += exactly(client, 300_000)
            found += exactly(client, len(BODY) * 20 - len(found))
            assert bytes(found) == BODY * 20


def test_an_upstream_that_is_down_is_seen_as_an_end(toxiproxy):
    """The client connects, and then sees its connection end, also where it had sent something."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    proxy = toxiproxy.create(f"127.0.0.1:{port}", toxiproxy.unique("gone"))
    with connected(proxy.address) as client:
        assert client.recv(1) == b""


def test_a_disabled_proxy_refuses_and_comes_back_at_its_port(toxiproxy, upstream):
    """Down means refused, for open connections an end; afterwards it is where it was."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("down"))
    before = proxy.address
    with connected(before) as client:
        client.sendall(b"x")
        assert exactly(client, 1) == b"x"
        with proxy.down():
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(before)
            try:
                assert client.recv(1) == b""
            except ConnectionResetError:
                pass
    assert proxy.address == before
    with connected(before) as client:
        client.sendall(b"y")
        assert exactly(client, 1) == b"y"


def test_a_client_that_crashes_takes_nobody_with_it(toxiproxy):
    """The upstream of a crashed client sees its connection break; other clients go on."""
    broke = threading.Event()

    def serve(connection: socket.socket) -> None:
        if connection.recv(1) == b"e":
            echo(connection)
            return
        try:
            while True:
                connection.sendall(BODY)
        except OSError:
            broke.set()

    with Upstream(serve) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("crash"))
        with proxy.toxic("latency", latency=5), connected(proxy.address) as other:
            client = socket.create_connection(proxy.address)
            client.sendall(b"x")
            assert client.recv(1000)
            crash(client)
            assert broke.wait(30)
            other.sendall(b"e" + b"still here")
            assert exactly(other, 10) == b"still here"


@pytest.mark.usefixtures("ours_only")
def test_an_upstream_that_crashes_is_no_end_of_the_answer(toxiproxy):
    """A reset from the upstream reaches the client as a reset: half an answer never looks whole."""

    def serve(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"half")
        connection.recv(1)
        crash(connection)

    with Upstream(serve) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("broken"))
        with connected(proxy.address) as client:
            client.sendall(b"x")
            assert exactly(client, 4) == b"half"
            client.sendall(b"y")
            with pytest.raises(ConnectionResetError):
                client.recv(1)


@pytest.mark.usefixtures("ours_only")
def test_a_client_may_finish_sending_and_still_read(toxiproxy):
    """Half-closed connections stay half-closed through the proxy, with toxics and without."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(whole(connection)[::-1])

    with Upstream(serve) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("half"))
        for toxics in ({}, {"latency": 5}):
            with proxy.toxic("latency", **toxics), connected(proxy.address) as client:
                client.sendall(b"abc")
                client.shutdown(socket.SHUT_WR)
                assert whole(client) == b"cba"


@pytest.mark.usefixtures("ours_only")
def test_removing_a_timeout_frees_a_connection_that_lost_nothing(toxiproxy, upstream):
    """A connection on which nothing was dropped goes on; one with a hole in its stream is closed."""
    proxy = toxiproxy.create(upstream.address, toxiproxy.unique("freed"))
    with connected(proxy.address) as idle, connected(proxy.address) as torn:
        for client in (idle, torn):
            client.sendall(b"1")
            assert exactly(client, 1) == b"1"
        with proxy.toxic("timeout", stream="upstream", timeout=0):
            torn.sendall(b"lost")
            torn.settimeout(0.1)
            with pytest.raises(TimeoutError):
                torn.recv(1)
        torn.settimeout(30)
        assert torn.recv(1) == b""
        idle.sendall(b"2")
        assert exactly(idle, 1) == b"2"
