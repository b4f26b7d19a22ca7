"""The server over real sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from agentops_eval.domain import AgentopsError, RunMisuse
from agentops_eval.gate import Gate
from agentops_eval.harness.gating import GateServer, Look, open_watch
from agentops_eval.harness.gating._server import MOST_BODY
from tests.harness.gating._growing import PAIRS, TWO_STEPS, cases, grown, sessions, watched


class Served:
    """A server in a thread, and what it said of its looks."""

    def __init__(self, folder: Path, gate: Gate = PAIRS) -> None:
        self.gate = gate
        self.asked = watched(folder, gate, log=None if gate is PAIRS else folder / "log.jsonl")
        self.looks: list[Look] = []
        self.failures: list[AgentopsError | OSError] = []
        self.port = 0

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, object]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(4096), b""))

    def hook(self, name: str) -> int:
        return self.ask("POST", f"/flagger/{name}", b"{}")[0]


@contextmanager
def serving(found: Served) -> Iterator[Served]:
    with open_watch(found.asked, created=1.0) as watch:
        server = GateServer(
            found.gate, watch, told=found.looks.append, failed=found.failures.append, clock=lambda: 50.0
        )
        with server.listening("127.0.0.1", 0) as listening:
            found.port = listening.server_port
            thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield found
            listening.shutdown()
            thread.join()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(Served(tmp_path)) as found:
        yield found


def test_each_request_sees_the_files_as_they_are(served: Served) -> None:
    """New rows are a new look; the same files are the same look, whoever asks."""
    assert served.ask("GET", "/decision")[1]["n"] == 0
    grown(served.asked, cases(30, rate=0.9, seed=1), cases(30, rate=0.9, seed=2))
    status, document = served.ask("GET", "/decision")
    assert (status, document["value"], document["n"]) == (200, "hold", 30)
    assert served.ask("GET", "/argo/decision")[1]["n"] == 30
    assert [look.decision.n for look in served.looks] == [30]
    assert served.ask("GET", "/healthz") == (200, {"status": "ok", "gate": "", "waiting": []})


def test_unreadable_rows_are_503_and_no_rollback(served: Served) -> None:
    """While the evidence cannot be read, every hook is closed, that of a rollback too."""
    grown(served.asked, cases(3, rate=1, seed=1), [{"case": "c1", "passed": "perhaps"}])
    for path in ("/decision", "/argo/decision"):
        status, document = served.ask("GET", path)
        assert (status, document["value"]) == (503, "hold")
    assert served.hook("rollback") == served.hook("confirm-traffic-increase") == 503
    assert served.ask("GET", "/healthz")[0] == 200
    assert len(served.failures) == 1
    assert "perhaps" in str(served.failures[0])


def test_files_that_are_not_there_are_named(served: Served) -> None:
    """Whoever looks after the server sees which file it waits for, in its health and in the decision."""
    both = [str(served.asked.baseline), str(served.asked.candidate)]
    assert served.ask("GET", "/healthz")[1]["waiting"] == both
    assert " and ".join(both) in str(served.ask("GET", "/argo/decision")[1]["reasons"])
    grown(served.asked, cases(3, rate=1, seed=1), cases(3, rate=1, seed=1))
    assert served.ask("GET", "/healthz")[1]["waiting"] == []


def test_a_server_that_starts_again_knows_which_steps_it_confirmed(tmp_path: Path) -> None:
    """The log has them: a silent candidate is not let up to the next weight because of a restart."""
    with serving(Served(tmp_path, TWO_STEPS)) as first:
        assert [first.hook("confirm-traffic-increase") for _ in range(3)] == [200, 403, 403]
    with serving(Served(tmp_path, TWO_STEPS)) as second:
        assert second.hook("confirm-traffic-increase") == 403
        good = sessions(6_000, share=0.2, rates=(0.98, 0.98), seed=1, stage="five")
        grown(second.asked, *good)
        assert [second.hook("confirm-traffic-increase") for _ in range(2)] == [200, 403]
        grown(second.asked, *sessions(60, share=0.5, rates=(1, 1), seed=2, start=6_000, stage="half"))
        assert second.hook("confirm-traffic-increase") == 403
    with serving(Served(tmp_path, TWO_STEPS)) as third:
        assert third.hook("confirm-traffic-increase") == 403
        good = sessions(2_000, share=0.5, rates=(0.98, 0.98), seed=3, start=7_000, stage="half")
        grown(third.asked, *good)
        assert [third.hook("confirm-traffic-increase") for _ in range(2)] == [200, 200]


def test_an_answer_that_was_lost_before_any_traffic_is_given_again(tmp_path: Path) -> None:
    """The pre-rollout hook is called at no weight alone, so that the first step cannot have been taken."""
    with serving(Served(tmp_path, TWO_STEPS)) as found:
        statuses = [
            found.hook(name) for name in ["pre-rollout", "confirm-traffic-increase"] * 2 + ["rollout"]
        ]
        assert statuses == [200] * 5
        assert found.hook("confirm-traffic-increase") == 403


def test_a_rollback_stays_while_the_server_runs(served: Served) -> None:
    """Better evidence that comes later does not take it back."""
    grown(served.asked, cases(100, rate=0.95, seed=1), cases(100, rate=0.3, seed=2))
    assert served.ask("POST", "/flagger/rollback", b"{}")[0] == 200
    both = cases(900, rate=1, seed=3, first=100)
    grown(served.asked, both, both)
    assert served.ask("GET", "/decision")[1]["value"] == "rollback"


def test_bodies_are_bounded(served: Served) -> None:
    """A body that is too large, or of no told length, is not read."""
    assert served.ask("POST", "/flagger/event", b" " * (MOST_BODY - 2) + b"{}")[0] == 200
    assert served.raw(b"POST /flagger HTTP/1.1\r\nContent-Length: 65537\r\n\r\n").startswith(b"HTTP/1.0 413")
    assert served.raw(b"POST /flagger HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n").startswith(
        b"HTTP/1.0 413"
    )
    for length in (b"", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n"):
        assert served.raw(b"POST /flagger HTTP/1.1\r\n" + length + b"\r\n").startswith(b"HTTP/1.0 411")


@pytest.mark.parametrize("data", [b"\x16\x03\x01\r\n\r\n", b"GET\r\n\r\n", b"DELETE / HTTP/1.1\r\n\r\n", b""])
def test_what_is_no_request_does_no_harm(served: Served, data: bytes) -> None:
    """The next request is answered as ever."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(data)
    assert served.ask("GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8808", 200),
        ("127.0.0.1", 200),
        ("[::1]:8808", 200),
        ("", 200),
        ("gate.example", 421),
        ("127.0.0.1.gate.example:8808", 421),
        ("[", 421),
    ],
)
def test_on_loopback_no_request_for_another_host_is_answered(served: Served, host: str, status: int) -> None:
    """A page of the web whose name was pointed at this machine learns nothing."""
    found, document = served.ask("GET", "/decision", Host=host)
    assert (found, document["value"], "metrics" in document) == (status, "hold", status == 200)


@pytest.mark.parametrize(("method", "status"), [("PUT", 501), ("OPTIONS", 501), ("<b>", 501)])
def test_a_method_that_nothing_answers_to_is_refused_in_json(
    served: Served, method: str, status: int
) -> None:
    """Whoever reads the value all the same finds a hold."""
    found, document = served.ask(method, "/decision")
    assert (found, document["value"]) == (status, "hold")
    assert served.raw(b"HEAD /decision HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\n")


def test_a_request_that_is_told_without_end_is_ended(tmp_path: Path) -> None:
    """It sends a byte now and then, so that it is never quiet, and would keep its place for good."""
    with open_watch(watched(tmp_path), created=1.0) as watch:
        with GateServer(PAIRS, watch, longest_s=0.2).listening("127.0.0.1", 0) as listening:
            thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            with socket.create_connection(("127.0.0.1", listening.server_port), timeout=0.05) as slow:
                slow.sendall(b"GET /decision HTTP/1.1\r\nX")
                ended = False
                for _ in range(200):
                    try:
                        slow.sendall(b"-x")
                        slow.recv(1)  # an answer to what was told so far, or the end
                    except TimeoutError:
                        continue
                    except ConnectionError:
                        pass
                    ended = True
                    break
            listening.shutdown()
            thread.join()
    assert ended


def test_requests_at_once_get_one_look(served: Served) -> None:
    """Looks are taken one after the other, and only one finds what is new."""
    grown(served.asked, cases(50, rate=0.9, seed=1), cases(50, rate=0.9, seed=2))
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(served.ask("GET", "/decision")[1]["digest"]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == len(served.looks) == 1


def test_a_place_that_is_taken_is_told(served: Served, tmp_path: Path) -> None:
    """The error names the place and what to do."""
    with open_watch(watched(tmp_path), created=1.0) as watch, pytest.raises(RunMisuse) as caught:
        with GateServer(PAIRS, watch).listening("127.0.0.1", served.port):
            pass
    assert caught.value.where == f"127.0.0.1:{served.port}"
    assert "--port" in caught.value.remedy
