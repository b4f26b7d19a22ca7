"""However connections end, the server lets go of them."""

from __future__ import annotations

import random
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy
from tests.chaos.toxiproxy._kit import PATIENCE_S, Upstream, crash, echo

TOXICS = [
    ("latency", {"latency": 5, "jitter": 5}),
    ("bandwidth", {"rate": 0}),
    ("bandwidth", {"rate": 50}),
    ("slow_close", {"delay": 10}),
    ("timeout", {"timeout": 0}),
    ("timeout", {"timeout": 5}),
    ("reset_peer", {"timeout": 0}),
    ("reset_peer", {"timeout": 5}),
    ("slicer", {"average_size": 10, "size_variation": 5, "delay": 10}),
    ("limit_data", {"bytes": 0}),
    ("limit_data", {"bytes": 50}),
]


def descriptors() -> int:
    """How many files this process has open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


def behave(client: socket.socket, chance: random.Random) -> None:
    """What clients do: ask and read, finish, say nothing, crash."""
    client.settimeout(0.02)
    with suppress(OSError):
        for _ in range(chance.randrange(4)):
            client.sendall(b"x" * chance.choice([1, 100, 5_000]))
            client.recv(100)
        if chance.random() < 0.3:
            client.shutdown(socket.SHUT_WR)
            client.recv(100)
    if chance.random() < 0.4:
        crash(client)
    client.close()


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_no_connection_is_kept_after_its_client_is_gone(stream):
    """With every toxic, and clients that crash, hang up or are silent: once toxics are off, all is closed."""
    chance = random.Random(5)
    with EmbeddedServer() as server, Toxiproxy(server.url) as toxiproxy, Upstream(echo) as source:
        proxy = toxiproxy.create(source.address, "p")
        before = descriptors()
        for kind, attributes in TOXICS:
            with proxy.toxic(kind, stream=stream, toxicity=0.8, **attributes):
                for _ in range(6):
                    behave(socket.create_connection(proxy.address), chance)
        over_s = time.monotonic() + PATIENCE_S
        while descriptors() > before and time.monotonic() < over_s:
            time.sleep(0.05)
        assert descriptors() <= before


def test_an_upstream_that_is_down_leaves_nothing_open():
    """Clients that were told so are let go of, those that crashed meanwhile, too."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    chance = random.Random(6)
    with EmbeddedServer() as server, Toxiproxy(server.url) as toxiproxy:
        proxy = toxiproxy.create(f"127.0.0.1:{port}", "p")
        before = descriptors()
        for _ in range(20):
            behave(socket.create_connection(proxy.address), chance)
        over_s = time.monotonic() + PATIENCE_S
        while descriptors() > before and time.monotonic() < over_s:
            time.sleep(0.05)
        assert descriptors() <= before
