"""The adapter around toxiproxy-python: what the package lacks or does wrong, and what stays the package's."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading

import pytest
import toxiproxy as package

from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy, open_toxiproxy
from agentops_eval.domain import ToxiproxyRefused, ToxiproxyUnreachable
from tests.chaos.toxiproxy._kit import Upstream, connected, exactly

UPSTREAM = "127.0.0.1:9"


def test_its_objects_are_the_packages(toxiproxy):
    """Code that was written for the package takes the adapter's objects, and catches its errors."""
    proxy = toxiproxy.create(UPSTREAM, toxiproxy.unique("objects"))
    assert isinstance(toxiproxy, package.Toxiproxy)
    assert isinstance(proxy, package.Proxy)
    assert isinstance(proxy.add_toxic(type="latency"), package.proxy.Toxic)
    assert toxiproxy.get_proxy(proxy.name).listen == proxy.listen
    assert toxiproxy.get_proxy("none of these") is None
    assert proxy.get_toxic("latency_downstream").type == "latency"
    with pytest.raises(package.exceptions.ProxyExists):
        toxiproxy.create(UPSTREAM, proxy.name)
    with pytest.raises(package.exceptions.NotFound):
        proxy.destroy_toxic("none")
    with pytest.raises(package.exceptions.InvalidToxic):
        proxy.add_toxic(type="sunshine")
    assert toxiproxy.destroy(proxy)


def test_the_adapter_and_the_raw_api_show_the_same(toxiproxy, raw):
    """What the adapter makes is what the API shows, and the other way round."""
    proxy = toxiproxy.create(UPSTREAM, toxiproxy.unique("same"))
    toxic = proxy.add_toxic(type="slicer", stream="upstream", attributes={"average_size": 9})
    status, shown = raw.ask("GET", f"/proxies/{proxy.name}")
    assert (status, shown["listen"], shown["toxics"]) == (200, proxy.listen, [toxic.to_json()])
    raw.ask("PATCH", f"/proxies/{proxy.name}/toxics/{toxic.name}", {"attributes": {"average_size": 8}})
    assert proxy.get_toxic(toxic.name).attributes["average_size"] == 8
    raw.ask("PATCH", f"/proxies/{proxy.name}", {"enabled": False})
    assert not proxy.refresh().enabled


def test_a_server_is_asked_for_its_version(toxiproxy):
    """The version is text, and a server that answers runs."""
    assert toxiproxy.version().split(".")[0] == "2"
    assert toxiproxy.running()


def test_a_port_that_is_taken_is_told_with_a_remedy(toxiproxy):
    """The server's own words, where it happened, and what to do."""
    proxy = toxiproxy.create(UPSTREAM, toxiproxy.unique("clash"))
    with pytest.raises(ToxiproxyRefused, match="address already in use") as told:
        toxiproxy.create(UPSTREAM, toxiproxy.unique("clash"), listen=proxy.listen)
    assert told.value.status == 500
    assert told.value.where.endswith("/proxies")
    assert "127.0.0.1:0" in told.value.remedy


def test_a_toxic_that_is_there_is_no_proxy_that_is_there(toxiproxy):
    """A second toxic of a name is refused by its own name, and the first stays after the body."""
    proxy = toxiproxy.create(UPSTREAM, toxiproxy.unique("twice"))
    proxy.add_toxic(type="latency")
    with pytest.raises(ToxiproxyRefused, match="there is a toxic 'latency_downstream'") as told:
        with proxy.toxic("latency", latency=5):
            pass
    assert told.value.status == 409
    assert list(proxy.toxics()) == ["latency_downstream"]


def test_a_toxic_lasts_as_long_as_the_body(toxiproxy):
    """It is gone afterwards, also where the body raises or has removed it itself."""
    proxy = toxiproxy.create(UPSTREAM, toxiproxy.unique("body"))
    with pytest.raises(KeyError), proxy.toxic("latency", latency=5) as toxic:
        assert proxy.toxics()[toxic.name].attributes == {"latency": 5, "jitter": 0}
        raise KeyError
    assert proxy.toxics() == {}
    with proxy.toxic("latency") as toxic:
        proxy.destroy_toxic(toxic.name)
    with proxy.toxic("latency"):
        proxy.destroy()
    assert proxy.name not in toxiproxy.proxies()


def test_down_leaves_a_proxy_as_it_was(toxiproxy):
    """A proxy that was disabled before stays disabled; one that was up is up again."""
    proxy = toxiproxy.create(UPSTREAM, toxiproxy.unique("prior"), enabled=False)
    with proxy.down():
        assert not proxy.refresh().enabled
    assert not proxy.refresh().enabled
    proxy.enable()
    with proxy.down() as same:
        assert same is proxy
        assert not proxy.refresh().enabled
    assert proxy.refresh().enabled


def test_populate_gives_every_proxy_back(toxiproxy):
    """Also those that were there already, which keep their toxics; listen may be left out."""
    names = [toxiproxy.unique("pop"), toxiproxy.unique("pop")]
    first = toxiproxy.populate([{"name": name, "upstream": UPSTREAM} for name in names])
    assert [proxy.name for proxy in first] == names
    first[0].add_toxic(type="latency")
    again = toxiproxy.populate(
        [{"name": proxy.name, "upstream": UPSTREAM, "listen": proxy.listen} for proxy in first]
    )
    assert [proxy.listen for proxy in again] == [proxy.listen for proxy in first]
    assert list(again[0].toxics()) == ["latency_downstream"]


@pytest.mark.parametrize("name", ["naïve café", "代理", "50% ?#&", "x" * 200, "🔥"])
def test_names_of_any_script_can_be_made_and_removed(toxiproxy, name):
    """Whatever a name holds, it is found again: it is quoted in paths."""
    proxy = toxiproxy.create(UPSTREAM, toxiproxy.unique(name))
    with proxy.toxic("latency", name=name):
        assert list(toxiproxy.proxy(proxy.name).toxics()) == [name]
    proxy.destroy()
    assert proxy.name not in toxiproxy.proxies()


@pytest.mark.usefixtures("ours_only")
def test_a_name_with_a_slash_can_be_removed(toxiproxy):
    """The embedded server takes an escaped slash for part of the name."""
    proxy = toxiproxy.create(UPSTREAM, "a/b")
    proxy.add_toxic(type="latency", name="c/d")
    proxy.destroy_toxic("c/d")
    toxiproxy.create(UPSTREAM, "other")
    toxiproxy.destroy_all()
    assert toxiproxy.proxies() == {}


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "\ud800"])
def test_a_name_that_could_not_be_removed_is_refused_before(toxiproxy, name):
    """Nothing is created that no path can name."""
    before = set(toxiproxy.proxies())
    with pytest.raises(ToxiproxyRefused, match="cannot be a name"):
        toxiproxy.create(UPSTREAM, name)
    assert set(toxiproxy.proxies()) == before


def test_a_misspelt_proxy_is_told_with_the_nearest(toxiproxy):
    """The error names what is there."""
    name = toxiproxy.create(UPSTREAM, toxiproxy.unique("payments")).name
    with pytest.raises(ToxiproxyRefused) as told:
        toxiproxy.proxy(name[:-1])
    assert name in told.value.remedy


def test_unique_names_differ(toxiproxy):
    """Two calls, two workers, two processes: no name twice."""
    assert len({toxiproxy.unique("a") for _ in range(100)}) == 100


def test_a_server_that_is_not_there_is_told_at_once():
    """The address and what to do, and no retry."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with Toxiproxy(f"http://127.0.0.1:{port}") as gone:
        assert not gone.running()
        with pytest.raises(ToxiproxyUnreachable, match="Connection refused") as told:
            gone.proxies()
    assert f":{port}/proxies" in told.value.where
    assert "toxiproxy serve" in told.value.remedy


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12", b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 9],
    ids=["nothing", "half", "no end"],
)
def test_a_server_that_is_stuck_does_not_hang_the_test(said):
    """Silence, half an answer and an answer without end are given up after the timeout."""

    def serve(connection):
        connection.sendall(said)
        while connection.recv(1000):
            pass

    with Upstream(serve) as stuck, Toxiproxy(f"http://{stuck.address}", timeout_s=0.2) as toxiproxy:
        with pytest.raises(ToxiproxyUnreachable, match=r"did not answer in 0\.2 s"):
            toxiproxy.proxies()


@pytest.mark.parametrize("said", [b"<html>", b"[1]", b'{"version": 3}', b"[" * 100_000, b"\xff"])
def test_a_server_that_is_something_else_is_told(said):
    """What answers without being a Toxiproxy server is an error with the address."""

    def serve(connection):
        while connection.recv(1000):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))

    with Upstream(serve) as other, Toxiproxy(f"http://{other.address}") as toxiproxy:
        with pytest.raises(ToxiproxyRefused) as told:
            toxiproxy.version()
        assert other.address in told.value.where
        assert not toxiproxy.running()


def test_what_a_server_says_is_shown_on_one_bounded_line():
    """An error of a hostile server cannot fill the terminal, or steer it."""
    said = b'{"error": "\\u001b[31m' + b"x" * 5_000 + b'", "status": 500}'

    def serve(connection):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 500 X\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))

    with Upstream(serve) as hostile, Toxiproxy(f"http://{hostile.address}") as toxiproxy:
        with pytest.raises(ToxiproxyRefused) as told:
            toxiproxy.proxies()
    assert "\x1b" not in str(told.value)
    assert len(str(told.value)) < 1_000


def test_ipv6_is_spoken():
    """The API, a proxy and its address may be on ::1."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with EmbeddedServer(host="::1") as server, Toxiproxy(server.url) as toxiproxy:
        assert server.url.startswith("http://[::1]:")
        assert toxiproxy.running()
        with Upstream(lambda connection: connection.sendall(connection.recv(10))) as source:
            proxy = toxiproxy.create(source.address, "six", listen="[::1]:0")
            assert proxy.address[0] == "::1"
            with connected(proxy.address) as client:
                client.sendall(b"x")
                assert exactly(client, 1) == b"x"


def test_two_adapters_keep_their_servers_apart():
    """What was global in the package is each adapter's own, also when one of them is moved."""
    with EmbeddedServer() as one, EmbeddedServer() as two:
        with Toxiproxy(one.url) as first, Toxiproxy(two.url) as second:
            first.create(UPSTREAM, "p")
            assert set(second.proxies()) == set()
            first.update_api_consumer("127.0.0.1", two.port)
            assert first.url == second.url
            first.create(UPSTREAM, "q")
            assert set(second.proxies()) == {"q"}
            assert package.api.APIConsumer.port == 8474


def test_proxies_of_the_environment_are_not_used(monkeypatch, toxiproxy):
    """Control requests go to the server, whatever HTTP_PROXY says."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert toxiproxy.running()


def test_one_adapter_serves_many_threads(toxiproxy):
    """Changes from several threads are all made, and all taken back."""
    names = [toxiproxy.unique("thread") for _ in range(8)]

    def work(name: str) -> None:
        proxy = toxiproxy.create(UPSTREAM, name)
        for _ in range(5):
            with proxy.toxic("latency"):
                pass

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names) <= set(toxiproxy.proxies())
    toxiproxy.rollback()
    assert not set(names) & set(toxiproxy.proxies())


def test_open_toxiproxy_uses_the_server_that_is_named(embedded):
    """TOXIPROXY_URL leads to a server, with or without http://; without it an embedded one is started."""
    for value in (embedded.url, f" {embedded.url.removeprefix('http://')} "):
        with open_toxiproxy({"TOXIPROXY_URL": value}) as toxiproxy:
            assert toxiproxy.url == embedded.url
    with open_toxiproxy({}) as toxiproxy:
        assert toxiproxy.url != embedded.url
        assert toxiproxy.running()


@pytest.mark.parametrize(
    "value", ["http://127.0.0.1:1", "ftp://127.0.0.1", "http://", "127.0.0.1:99999", "http://[::1"]
)
def test_open_toxiproxy_does_not_fall_back(value):
    """A server that was named and does not answer is an error: no other one is tried."""
    with pytest.raises(ToxiproxyUnreachable), open_toxiproxy({"TOXIPROXY_URL": value}):
        pass


def test_importing_it_warns_of_nothing():
    """The package's imports are old; with warnings as errors they still pass, and only on first use."""
    program = (
        "import sys; import agentops_eval.chaos.toxiproxy as t; assert 'toxiproxy' not in sys.modules;"
        "t.Toxiproxy; assert 'toxiproxy' in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
