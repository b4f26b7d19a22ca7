"""The fleet over real sockets: to read, from this machine, as it is now."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from agentops_eval.domain import AgentopsError, RunMisuse
from agentops_eval.harness.reporting import FleetServer, SiteOrder
from tests.harness.reporting._kit import FAIL, fact, keep, results, whole
from tests.reports._results import suite


class Clock:
    """A clock that stands still."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def serving(root: Path, **options: object) -> Iterator[FleetServer]:
    """A server in a thread."""
    with FleetServer(SiteOrder(root=root), 0, **options) as server:  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def ask(
    server: FleetServer, path: str = "/", method: str = "GET", **headers: str
) -> tuple[HTTPResponse, str]:
    """What it answers."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def test_the_index_is_live_and_its_pages_are_there(tmp_path: Path) -> None:
    """The index may ask its server, no other page may; each has its policy as a header too."""
    with serving(whole(tmp_path, at=None), clock=Clock()) as server:
        index, text = ask(server)
        assert index.status == 200
        assert "connect-src 'self'" in index.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in index.headers["Content-Security-Policy"]
        assert 'id="live"' in text
        for page in server._now().pages:
            found, _ = ask(server, f"/{page}")
            assert found.status == 200
            assert found.headers["X-Content-Type-Options"] == "nosniff"
            assert ("connect-src" in found.headers["Content-Security-Policy"]) == (page == "index.html")


def test_each_request_sees_the_files_as_they_are(tmp_path: Path) -> None:
    """A suite that runs, a finding that opens; what has not changed is answered without a body."""
    with serving(tmp_path, clock=Clock()) as server:
        first, text = ask(server)
        same, nothing = ask(server, **{"If-None-Match": first.headers["ETag"]})
        assert (same.status, nothing) == (304, "")
        results(tmp_path, suite(2, trials=2), planned=10)
        keep(tmp_path, fact(verdict=FAIL, subject="saga"), at=None)
        again, later = ask(server, **{"If-None-Match": first.headers["ETag"]})
        assert again.status == 200
        assert "4 of 10 planned trials" in later
        assert "4 of 10 planned trials" not in text
        assert "chaos.<wbr>check saga" in later


def test_it_gathers_a_quarter_of_its_time_at_most(tmp_path: Path) -> None:
    """A large project is looked at less often, and the page is that of the last look meanwhile."""
    clock = Clock()
    ticks = iter([0.0, 10.0])
    with serving(tmp_path, clock=lambda: next(ticks, clock.now)) as server:
        before = ask(server)[1]
        clock.now = 49.0
        keep(tmp_path, fact(subject="saga"), at=None)
        assert ask(server)[1] == before
        clock.now = 50.0
        assert server._now().fleet.count == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1", "192.0.2.1"]
)
def test_other_hosts_are_refused(tmp_path: Path, host: str) -> None:
    """A page elsewhere whose name was pointed here reads nothing (DNS rebinding)."""
    with serving(tmp_path) as server:
        found, text = ask(server, Host=host)
        assert found.status == 421
        assert "agent" not in text.lower() or "localhost" in text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8809", "[::1]:8809"])
def test_this_machine_is_answered(tmp_path: Path, host: str) -> None:
    """By each of its names, whatever the port."""
    with serving(tmp_path) as server:
        assert ask(server, Host=host)[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_it_is_only_read(tmp_path: Path, method: str) -> None:
    """Whatever would write is refused, and says what may be asked."""
    with serving(tmp_path) as server:
        found, _ = ask(server, method=method)
        assert (found.status, found.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_has_no_body(tmp_path: Path) -> None:
    """It tells the length of the page, and no more."""
    with serving(tmp_path) as server:
        found, text = ask(server, method="HEAD")
        assert (found.status, text) == (200, "")
        assert int(found.headers["Content-Length"]) > 1000


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/.agentops/evidence/", "//x", "/sources/", "/\x00"],
)
def test_nothing_but_pages_is_served(tmp_path: Path, path: str) -> None:
    """A path is looked up among the pages, never on the disk."""
    whole(tmp_path, at=None)
    with serving(tmp_path) as server, socket.create_connection(("127.0.0.1", server.server_port), 20) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(4096), b"")).decode()
        assert answer.split()[1] in {"404", "400"}
        assert "role:refunds" not in answer


def test_what_cannot_be_read_is_told_once_and_mended(tmp_path: Path) -> None:
    """Settings that are wrong are 503 until they are right; nobody has to start it again."""
    failures: list[AgentopsError | OSError] = []
    (tmp_path / "pyproject.toml").write_text("[tool.agentops]\nnonsense = 1\n")
    with serving(tmp_path, failed=failures.append) as server:
        assert [ask(server)[0].status for _ in range(2)] == [503, 503]
        assert len(failures) == 1
        (tmp_path / "pyproject.toml").write_text("[tool.agentops]\n")
        assert ask(server)[0].status == 200


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    with serving(tmp_path) as server, pytest.raises(RunMisuse, match="nobody can listen there"):
        FleetServer(SiteOrder(root=tmp_path), server.server_port)
