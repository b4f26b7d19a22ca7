"""Many connections at once, and much data through one."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import threading
import time
from contextlib import contextmanager

import pytest

from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy
from tests.chaos.toxiproxy._kit import PATIENCE_S, Upstream, connected, sending

MANY = 1_000
MEGABYTES = 100


@contextmanager
def many_files():
    """Each connection through a proxy costs four descriptors when both ends are here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * MANY + 500
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            pytest.skip(f"a process may open {hard} files here, and this needs {wanted}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(autouse=True)
def _enough_files():
    with many_files():
        yield


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_a_thousand_connections_at_once_lose_nothing(toxiproxy):
    """All are open together, each sends its own bytes through latency and slicer, and gets them back."""
    server = await asyncio.start_server(_echo, "127.0.0.1", 0, backlog=MANY)
    port = server.sockets[0].getsockname()[1]
    proxy = toxiproxy.create(f"127.0.0.1:{port}", toxiproxy.unique("many"))
    proxy.add_toxic(type="latency", attributes={"latency": 20, "jitter": 10})
    proxy.add_toxic(
        type="slicer", stream="upstream", attributes={"average_size": 300, "size_variation": 100, "delay": 10}
    )
    opened = asyncio.Barrier(MANY)

    async def one(number: int) -> bool:
        reader, writer = await asyncio.open_connection(*proxy.address)
        data = hashlib.shake_128(str(number).encode()).digest(1_000)
        await opened.wait()
        writer.write(data)
        same = await reader.readexactly(len(data)) == data
        writer.close()
        await writer.wait_closed()
        return same

    async with asyncio.timeout(2 * PATIENCE_S):
        assert all(await asyncio.gather(*(one(number) for number in range(MANY))))
    server.close()
    proxy.destroy()
    await asyncio.sleep(0.05)


def test_a_hundred_megabytes_through_slicer_and_latency(toxiproxy):
    """They arrive whole, in order."""
    block = hashlib.shake_128(b"block").digest(1_000_000)
    wanted = hashlib.blake2b()
    for _ in range(MEGABYTES):
        wanted.update(block)
    found, count, buffer = hashlib.blake2b(), 0, bytearray(1 << 20)
    with Upstream(sending(block * MEGABYTES)) as source:
        proxy = toxiproxy.create(source.address, toxiproxy.unique("much"))
        with (
            proxy.toxic("slicer", average_size=16_384, size_variation=4_096, delay=10),
            proxy.toxic("latency", latency=10, jitter=5),
            connected(proxy.address) as client,
        ):
            client.sendall(b"x")
            while size := client.recv_into(buffer):
                found.update(memoryview(buffer)[:size])
                count += size
    assert count == MEGABYTES * 1_000_000
    assert found.digest() == wanted.digest()


def test_a_reader_that_is_slow_slows_its_sender_down():
    """What the proxy holds for a client that reads nothing is bounded, however much the upstream sends."""
    sent = 0

    def serve(connection):
        nonlocal sent
        connection.recv(1)
        while True:
            connection.sendall(b"x" * 100_000)
            sent += 100_000

    with EmbeddedServer() as server, Toxiproxy(server.url) as toxiproxy, Upstream(serve) as source:
        proxy = toxiproxy.create(source.address, "slow")
        proxy.add_toxic(type="latency", attributes={"latency": 1})
        with connected(proxy.address) as client:
            client.sendall(b"x")
            before = -1
            while sent != before:
                before = sent
                time.sleep(0.3)
            assert sent < 40_000_000
            assert len(client.recv(1000)) > 0


def test_two_servers_in_two_threads_do_not_mix():
    """Each adapter speaks to its own server, whatever another one does meanwhile."""
    seen: dict[int, list[str]] = {}

    def work(number: int) -> None:
        with EmbeddedServer() as server, Toxiproxy(server.url) as toxiproxy:
            for step in range(20):
                toxiproxy.create("127.0.0.1:9", f"{number}-{step}")
            seen[number] = sorted(toxiproxy.proxies())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: sorted(f"{number}-{step}" for step in range(20)) for number in range(2)}
