"""The double of a receiver of spans."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from agentops_eval.domain import RunMisuse
from agentops_eval.testing import OtlpReceiver, OtlpReply


def post(url: str, body: bytes = b"{}", **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers={"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_replies_are_given_in_order_and_then_the_last():
    """Scripted replies come first; what follows them is taken, or answered by ``then``."""
    with OtlpReceiver([OtlpReply(status=503, message="wait")], then=OtlpReply(rejected=2)) as receiver:
        assert post(receiver.url) == (503, b"wait")
        status, body = post(receiver.url)
    assert status == 200
    assert b'"rejectedSpans": "2"' in body
    assert [request.status for request in receiver.requests] == [503, 200]


def test_other_paths_are_not_served():
    """A sender with a wrong address learns so."""
    with OtlpReceiver() as receiver:
        assert post(receiver.url.replace("/v1/traces", "/v1/logs"))[0] == 404


def test_a_broken_gzip_is_refused():
    """What cannot be unpacked is answered with 400 and not kept."""
    with OtlpReceiver() as receiver:
        assert post(receiver.url, b"junk", **{"content-encoding": "gzip"})[0] == 400
    assert receiver.requests == ()


def test_its_state_shows():
    """It has an address only while it listens, and starts once."""
    receiver = OtlpReceiver()
    assert repr(receiver) == "<OtlpReceiver stopped requests=0>"
    with pytest.raises(RunMisuse):
        _ = receiver.url
    with receiver:
        assert receiver.url in repr(receiver)
        with pytest.raises(RunMisuse):
            receiver.start()
    receiver.stop()
