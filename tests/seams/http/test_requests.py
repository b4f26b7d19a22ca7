"""requests through the seam: what its own layer adds stays its own, recorded and replayed."""

from __future__ import annotations

import contextvars
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from agentops_eval.domain import HttpReply, KeptBody, ReplayMiss
from agentops_eval.seams.http import _urllib3
from tests.seams.http._loopback import dead_port
from tests.seams.http._memory import recording, replaying

EARLY_SESSION = requests.Session()
_urllib3.install()


def told(reply: requests.Response) -> tuple[object, ...]:
    history = [(hop.status_code, hop.url, hop.content) for hop in reply.history]
    cookies = sorted((cookie.name, cookie.value) for cookie in reply.cookies)
    head = (reply.status_code, reply.reason, list(reply.headers.items()), reply.url, reply.encoding)
    return (*head, history, cookies, reply.content, reply.text)


@pytest.mark.parametrize(
    "path",
    "/json /latin /chunked /gzip /gzip-chunked /cookies /nothing /redirect /redirect?status=308 "
    "/status?code=404 /until-close".split(),
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_a_replay_is_what_was_recorded_is_what_is_live(server, method, path):
    """Status, headers, encoding, history, cookies and body agree in live, recorded and replayed runs."""

    def call() -> tuple[object, ...]:
        with requests.Session() as session:
            reply = session.request(method, server.url + path, allow_redirects=True)
            return *told(reply), sorted(session.cookies.items())

    live = call()
    with recording() as run:
        recorded = call()
    server.stop()
    with replaying(run.events) as again:
        replayed = call()
    assert live == recorded == replayed
    assert again.scope.problems == []


@pytest.mark.parametrize("chunk_size", [None, 1, 7, 4096])
def test_streams_replay_chunk_by_chunk(server, chunk_size):
    """``iter_content`` gives the same pieces again, at the chunk boundaries of the wire."""

    def call() -> list[bytes]:
        with requests.get(server.url + "/chunked", stream=True, timeout=5) as reply:
            return list(reply.iter_content(chunk_size))

    with recording() as run:
        recorded = call()
    server.stop()
    with replaying(run.events):
        assert call() == recorded
    outcome = run.http[0].outcome
    assert isinstance(outcome, HttpReply)
    assert isinstance(outcome.body, KeptBody)
    if chunk_size in (None, 4096):
        assert [chunk.data for chunk in outcome.body.chunks] == recorded


FAILURES = {
    "refused": requests.ConnectionError,
    "silent": requests.ReadTimeout,
    "reset": requests.ConnectionError,
    "hangup": requests.ConnectionError,
    "garbage": requests.ConnectionError,
    "cut": requests.exceptions.ChunkedEncodingError,
    "short": requests.exceptions.ChunkedEncodingError,
    "gzip-broken": requests.exceptions.ContentDecodingError,
    "stall": requests.ConnectionError,
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_replay_as_the_same_requests_error(server, case):
    """requests wraps a revived urllib3 error as it wrapped the live one, text included."""
    url = f"http://127.0.0.1:{dead_port()}/" if case == "refused" else f"{server.url}/{case}"

    def call() -> requests.RequestException:
        with pytest.raises(requests.RequestException) as caught:
            requests.get(url, timeout=(5, 0.1 if case in ("silent", "stall") else 5))
        return caught.value

    with recording() as run:
        first = call()
    server.stop()
    with replaying(run.events) as again:
        second = call()
    assert type(first) is type(second) is FAILURES[case]
    assert str(first) == str(second)
    assert again.scope.problems == []


def test_a_cut_stream_breaks_at_the_same_chunk(server):
    """A stream cut after three chunks gives three chunks and the same error in replay."""

    def call() -> tuple[list[bytes], str]:
        chunks: list[bytes] = []
        with requests.get(server.url + "/cut?k=3&torn=1", stream=True, timeout=5) as reply:
            with pytest.raises(requests.exceptions.ChunkedEncodingError) as caught:
                chunks.extend(iter(reply.iter_content(None)))
            return chunks, str(caught.value)

    with recording() as run:
        first = call()
    server.stop()
    with replaying(run.events):
        assert call() == first


def test_retries_of_an_adapter_are_its_own(server):
    """Retries mounted on a session meet each recorded 429 again, in order."""

    def call() -> bytes:
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[429])))
            return session.get(server.url + "/flaky", timeout=5).content

    with recording() as run:
        first = call()
    server.stop()
    with replaying(run.events):
        assert call() == first
    assert [event.outcome.status for event in run.http] == [429, 429, 200]


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"a": [1, "ü"]}},
        {"data": {"form": "yes"}},
        {"data": b"raw"},
        {"params": {"q": "a b"}, "auth": ("user", "word")},
        {
            "files": {"f": ("name.txt", io.BytesIO(b"content"))},
            "headers": {"Content-Type": "multipart/x; boundary=b"},
        },
    ],
    ids=["json", "form", "raw", "params", "files"],
)
def test_requests_of_every_kind_replay(server, options):
    """JSON, forms, raw bodies and parameters reach event and server alike, and replay."""
    with recording() as run:
        sent = requests.post(server.url + "/echo", timeout=5, **options).json()
    assert run.http[0].request.body.decode("latin-1") == sent["body"]
    server.stop()
    with replaying(run.events[:1]) as again:
        if "files" not in options:  # its boundary is random, which matching by key forgives
            assert requests.post(server.url + "/echo", timeout=5, **options).json() == sent
    assert again.scope.problems == []


def test_generators_are_uploaded_in_chunks(server):
    """A generator body is kept whole and still sent chunked."""
    with recording() as run:
        sent = requests.post(server.url + "/echo", data=(part for part in (b"a", b"b")), timeout=5).json()
    assert run.http[0].request.body == b"ab"
    assert (sent["body"], sent["headers"]["transfer-encoding"]) == ("ab", "chunked")


def test_one_session_shared_by_threads(server):
    """Eight threads on one session: forty of forty recorded, forty replayed with no hit."""

    def calls(session: requests.Session) -> list[bytes]:
        def get(number: int) -> bytes:
            return session.get(f"{server.url}/echo?n={number}", timeout=5).content

        with ThreadPoolExecutor(8) as threads:
            jobs = [threads.submit(contextvars.copy_context().run, get, number) for number in range(40)]
            return [job.result() for job in jobs]

    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(pool_maxsize=8))
        with recording() as run:
            recorded = calls(session)
        assert len(run.http) == len(server.hits) == 40
        server.forget()
        with replaying(run.events) as again:
            assert calls(session) == recorded
    assert (server.hits, again.scope.problems) == ([], [])


def test_a_miss_passes_requests_unchanged(server):
    """A session made before the patch, with nothing recorded: the miss itself, and no hit."""
    with replaying(()) as run, pytest.raises(ReplayMiss) as miss:
        EARLY_SESSION.get(server.url + "/json", timeout=5)
    assert run.scope.problems == [miss.value]
    assert server.hits == []
