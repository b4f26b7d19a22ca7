"""Faults on the wire beside recorded and replayed runs: neither disturbs the other."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from agentops_eval.chaos.toxiproxy import open_toxiproxy
from agentops_eval.domain import ReplayMiss, Seam
from agentops_eval.harness import recording, replaying
from tests.chaos.toxiproxy._kit import Upstream, connected, echo, exactly

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def answer(connection):
    """Whatever is asked."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


def ask(base: str) -> int:
    """One call of an agent."""
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{base}/v1/chat/completions", json=ASKED).status_code


def test_requests_to_the_server_are_no_calls_of_the_run(tmp_path):
    """A recording holds what the agent did through the proxy, and nothing of what was done to the proxy."""
    path = tmp_path / "r.cassette.jsonl"
    with Upstream(answer) as llm, recording(path) as run, open_toxiproxy({}) as toxiproxy:
        proxy = toxiproxy.create(llm.address, "llm")
        with proxy.toxic("latency", latency=10):
            assert ask(f"http://{proxy.listen}") == 200
    asked = [event.boundary for event in run.events if event.seam is Seam.HTTP]
    assert asked == [f"POST http://{proxy.listen}/v1/chat/completions"]
    assert "/proxies" not in path.read_text()


def test_a_replay_neither_blocks_nor_counts_the_server(tmp_path):
    """In a replay the server is started, asked and stopped as ever; the agent's own way out stays shut."""
    path = tmp_path / "r.cassette.jsonl"
    with recording(path):
        pass
    with pytest.raises(ReplayMiss), replaying(path), Upstream(echo) as upstream:
        with open_toxiproxy({}) as toxiproxy:
            proxy = toxiproxy.create(upstream.address, "p")
            assert list(toxiproxy.proxies()) == ["p"]
            with connected(proxy.address):
                pass
    with replaying(path), open_toxiproxy({}) as toxiproxy:
        toxiproxy.create("127.0.0.1:9", "p")


def test_a_connection_from_outside_passes_while_a_run_replays(tmp_path):
    """Traffic of another process through the proxy is the network's, and reaches its upstream meanwhile."""
    path = tmp_path / "r.cassette.jsonl"
    with recording(path):
        pass
    program = (
        "import socket, sys; c = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 30);"
        "c.sendall(b'ping'); assert c.recv(4) == b'ping'; c.close()"
    )
    with Upstream(echo) as upstream, replaying(path), open_toxiproxy({}) as toxiproxy:
        proxy = toxiproxy.create(upstream.address, "p")
        command = [sys.executable, "-S", "-c", program, str(proxy.address[1])]
        assert subprocess.run(command, check=False).returncode == 0


def test_the_server_lives_on_real_time_beside_a_virtual_clock(tmp_path, upstream):
    """A run with virtual time around it changes nothing for bytes on the wire."""
    with recording(tmp_path / "r.cassette.jsonl"), open_toxiproxy({}) as toxiproxy:
        proxy = toxiproxy.create(upstream.address, "p")
        with proxy.toxic("latency", latency=5), connected(proxy.address) as client:
            client.sendall(b"ping")
            assert exactly(client, 4) == b"ping"
