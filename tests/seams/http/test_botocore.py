"""botocore through the seam: a real S3 client against loopback, with made-up credentials."""

from __future__ import annotations

import contextvars
import io
from concurrent.futures import ThreadPoolExecutor

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from agentops_eval.domain import ReplayMiss
from agentops_eval.seams.http import _urllib3
from tests.seams.http._loopback import dead_port
from tests.seams.http._memory import recording, replaying

_urllib3.install()
SESSION = botocore.session.Session()


def client(url: str, *, attempts: int = 1, timeout_s: float = 5):
    """An S3 client whose requests need no clock to be equal: it signs nothing."""
    config = Config(
        retries={"total_max_attempts": attempts, "mode": "standard"},
        s3={"addressing_style": "path"},
        signature_version=botocore.UNSIGNED,
        read_timeout=timeout_s,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return SESSION.create_client(
        "s3",
        endpoint_url=url,
        region_name="eu-central-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=config,
    )


@pytest.mark.parametrize("bucket", ["json", "gzip", "chunked", "length", "slow-length"])
def test_objects_replay_byte_for_byte(server, bucket):
    """An object's streaming body and metadata come back without the server."""

    def call() -> tuple[int, dict[str, str], bytes]:
        reply = client(server.url).get_object(Bucket=bucket, Key="key")
        meta = reply["ResponseMetadata"]
        return meta["HTTPStatusCode"], meta["HTTPHeaders"], reply["Body"].read()

    live = call()
    with recording() as run:
        recorded = call()
    server.stop()
    with replaying(run.events) as again:
        replayed = call()
    assert live == recorded == replayed
    assert again.scope.problems == []


@pytest.mark.parametrize("body", [b"bytes", io.BytesIO(b"bytes")], ids=["bytes", "file"])
def test_uploads_are_kept_and_replayed(server, body):
    """What is put is in the event, whole, and putting it again replays."""

    def call() -> int:
        reply = client(server.url).put_object(Bucket="nothing", Key="key", Body=body)
        if isinstance(body, io.BytesIO):
            body.seek(0)
        return reply["ResponseMetadata"]["HTTPStatusCode"]

    with recording() as run:
        assert call() == 204
    server.stop()
    with replaying(run.events) as again:
        assert call() == 204
    assert run.http[0].request.body == b"bytes"
    assert again.scope.problems == []


FAILURES = {
    "refused": EndpointConnectionError,
    "silent": ReadTimeoutError,
    "hangup": ConnectionClosedError,
    "short": (IncompleteReadError, ResponseStreamingError),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_replay_as_the_same_botocore_error(server, case):
    """botocore makes of a revived error what it made of the live one."""
    url = f"http://127.0.0.1:{dead_port()}" if case == "refused" else server.url

    def call() -> Exception:
        with pytest.raises(FAILURES[case]) as caught:
            timeout_s = 0.1 if case == "silent" else 5
            client(url, timeout_s=timeout_s).get_object(Bucket=case, Key="key")["Body"].read()
        return caught.value

    with recording() as run:
        first = call()
    server.stop()
    with replaying(run.events) as again:
        second = call()
    assert (type(first), str(first)) == (type(second), str(second))
    assert again.scope.problems == []


def test_its_own_retries_are_above_the_seam(server):
    """A failed attempt and a success are two events, and two again in replay."""

    def call() -> int:
        reply = client(server.url, attempts=2).get_object(Bucket="flaky", Key="1")
        reply["Body"].read()
        return reply["ResponseMetadata"]["RetryAttempts"]

    with recording() as run:
        assert call() == 1
    server.forget()
    with replaying(run.events) as again:
        assert call() == 1
    assert [event.outcome.status for event in run.http] == [429, 200]
    assert (len(again.http), server.hits) == (2, [])


def test_a_miss_passes_botocore_unchanged(server):
    """botocore wraps ordinary errors; a miss surfaces as itself, after one attempt, without a hit."""
    s3 = client(server.url, attempts=3)
    with replaying(()) as run, pytest.raises(ReplayMiss) as miss:
        s3.get_object(Bucket="json", Key="key")
    assert run.scope.problems == [miss.value]
    assert server.hits == []


def test_one_client_shared_by_threads(server):
    """Eight threads on one client: forty of forty recorded, and replayed with no hit."""
    s3 = client(server.url)

    def get(number: int) -> bytes:
        return s3.get_object(Bucket="echo", Key=str(number))["Body"].read()

    def calls() -> list[bytes]:
        with ThreadPoolExecutor(8) as threads:
            jobs = [threads.submit(contextvars.copy_context().run, get, number) for number in range(40)]
            return [job.result() for job in jobs]

    with recording() as run:
        recorded = calls()
    assert len(run.http) == len(server.hits) == 40
    server.forget()
    with replaying(run.events) as again:
        assert calls() == recorded
    assert (server.hits, again.scope.problems) == ([], [])
