"""Sending to a real server on loopback."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from agentops_eval.domain import PushFailed
from agentops_eval.testing import OtlpReceiver, OtlpReply
from agentops_eval.traces.pushing import Encoding, Limits, without_secrets
from agentops_eval.traces.redaction import Redactor
from tests.traces.pushing._kit import BANK, RICH, SHOP, SPANS, Pushed, source

KEY = "x-api-key=topsecretkey"


def spans_at(receiver):
    return [one for scope in receiver.taken for one in scope.spans]


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_every_span_arrives_as_it_was(encoding, gzip):
    """The receiver decodes the spans that were sent, with their resources and scopes, and its headers."""
    with OtlpReceiver() as receiver:
        push = Pushed(receiver, encoding=encoding, gzip=gzip, headers=("x-project=9",))
        report = push()
        (request,) = receiver.requests
        shop, bank = receiver.taken
    assert (report.spans, report.accepted, report.batches, report.traces) == (4, 4, 1, 2)
    assert (request.packed, request.encoding, dict(request.headers)["X-Project"]) == (gzip, encoding, "9")
    assert (shop.resource, shop.scope, shop.scope_version) == (SHOP.resource, "shop.agent", "1.2")
    assert (bank.resource, bank.spans) == (BANK.resource, (SPANS[2].span,))
    assert shop.spans[1:] == (SPANS[1].span, SPANS[3].span)
    sent = RICH.span
    assert {**shop.spans[0].attributes, "huge": 2**70} == sent.attributes
    assert shop.spans[0].links == sent.links
    assert (shop.spans[0].events, shop.spans[0].status) == (sent.events, sent.status)


def test_a_busy_receiver_is_obeyed():
    """429 with Retry-After leads to a wait of that length, and then the same request is taken."""
    busy = OtlpReply(status=429, headers=(("retry-after", "3"),))
    with OtlpReceiver([busy, OtlpReply(status=503)]) as receiver:
        push = Pushed(receiver)
        report = push()
        first, _, third = receiver.requests
    assert (push.waits, report.retries, report.accepted) == ([3.0, 1.0], 2, 4)
    assert first.body == third.body
    assert "status 429" in push.notes[0]


def test_a_receiver_that_stays_down_is_given_up():
    """After the last retry the error says how often it was tried and what had been accepted before."""
    replies = [OtlpReply(), *[OtlpReply(status=503, message="warming up")] * 9]
    with OtlpReceiver(replies) as receiver, pytest.raises(PushFailed) as found:
        Pushed(receiver, limits=Limits(spans=2), retries=2)()
    text = str(found.value)
    assert "503 Service Unavailable" in text
    assert "request 2: 2 spans" in text
    assert "from prod.jsonl" in text
    assert "tried 3 times" in text
    assert "it says: warming up" in text
    assert "accepted before: 2 spans in 1 request" in text
    assert len(receiver.requests) == 4


@pytest.mark.parametrize(
    ("status", "encoding", "remedy"),
    [
        (400, Encoding.PROTOBUF, "--encoding json"),
        (401, Encoding.PROTOBUF, "--header NAME=VALUE"),
        (403, Encoding.PROTOBUF, "--header"),
        (413, Encoding.PROTOBUF, "--max-bytes"),
        (415, Encoding.JSON, "--encoding protobuf"),
        (307, Encoding.PROTOBUF, "redirects are not followed"),
    ],
)
def test_a_refusal_is_told_at_once(status, encoding, remedy):
    """What a retry cannot mend is sent once, and the error says what to change."""
    reply = OtlpReply(status=status, headers=(("location", "http://127.0.0.1:1/"),))
    with OtlpReceiver(then=reply) as receiver, pytest.raises(PushFailed) as found:
        Pushed(receiver, encoding=encoding)()
    assert len(receiver.requests) == 1
    assert str(status) in found.value.what
    assert remedy in found.value.remedy


def test_an_endpoint_without_the_usual_path_is_told():
    """404 for another path names the path that most receivers have."""
    with OtlpReceiver() as receiver, pytest.raises(PushFailed) as found:
        Pushed(receiver, url=receiver.url.replace("/v1/traces", "/otlp"))()
    assert "--endpoint" in found.value.remedy
    assert found.value.remedy.endswith("/otlp/v1/traces")


@pytest.mark.parametrize("path", ["/v1", "/v1/foo", "/otlp/v1/logs", "/otlp/v1/"])
def test_half_of_a_path_is_not_said_twice(path: str):
    """What stands behind /v1 gives way to what belongs there."""
    with OtlpReceiver([OtlpReply(status=404)]) as receiver:
        above = receiver.url.replace("/v1/traces", path.partition("/v1")[0])
        with pytest.raises(PushFailed) as found:
            Pushed(receiver, url=receiver.url.replace("/v1/traces", path))()
    assert (
        found.value.remedy == f"the path of most receivers ends in /v1/traces:  --endpoint {above}/v1/traces"
    )


def test_a_page_is_no_receipt():
    """200 with a page for people is not taken for an acceptance."""
    page = OtlpReply(body=b"<html>welcome</html>", headers=(("content-type", "text/html"),))
    with OtlpReceiver(then=page) as receiver, pytest.raises(PushFailed) as found:
        Pushed(receiver)()
    assert "serves pages" in found.value.remedy


@pytest.mark.parametrize("encoding", Encoding)
def test_rejected_spans_are_counted_and_the_reason_told(encoding):
    """A partial success is no error: the receiver's count and words are in the report."""
    with OtlpReceiver([OtlpReply(rejected=3, message="too\x1b[31m old")]) as receiver:
        report = Pushed(receiver, encoding=encoding)()
    assert (report.rejected, report.accepted) == (3, 1)
    assert report.messages == ("too\\u001b[31m old",)


def test_a_warning_rejects_nothing():
    """A message without rejected spans is told as one."""
    with OtlpReceiver([OtlpReply(message="use TLS")]) as receiver:
        report = Pushed(receiver)()
    assert (report.rejected, report.messages) == (0, ("use TLS",))


def test_more_rejected_than_sent_is_no_more_than_sent():
    """A receiver that counts wrong cannot make the count of accepted spans negative."""
    with OtlpReceiver([OtlpReply(rejected=10**6)]) as receiver:
        assert Pushed(receiver)().accepted == 0


def test_a_connection_that_breaks_is_made_again():
    """After a reset the request is sent once more."""
    with OtlpReceiver([OtlpReply(reset=True)]) as receiver:
        report = Pushed(receiver)()
    assert (report.retries, report.accepted, len(receiver.requests)) == (1, 4, 2)


def test_a_slow_receiver_times_out():
    """Without an answer in time the request is sent again; the receiver may have it twice."""
    with OtlpReceiver([OtlpReply(delay_s=30)]) as receiver:
        push = Pushed(receiver, timeout_s=0.3)
        report = push()
        taken = [request for request in receiver.requests if request.status == 200]
    assert (report.retries, report.accepted, len(taken)) == (1, 4, 2)
    assert "no answer within 0.3 s" in push.notes[0]


def test_a_body_that_drips_is_not_waited_for():
    """A server that sends its answer byte by byte is given up after the time for one answer."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                    while True:
                        connection.sendall(b"x")
                        threading.Event().wait(0.02)
                except OSError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        with OtlpReceiver() as receiver, pytest.raises(PushFailed) as found:
            Pushed(receiver, url=f"http://127.0.0.1:{port}", retries=0, timeout_s=0.3)()
        thread.join()
    assert "no answer within 0.3 s" in found.value.what


def test_nobody_there():
    """A refused connection is tried again, then told with a question that helps."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with OtlpReceiver() as receiver, pytest.raises(PushFailed) as found:
        Pushed(receiver, url=f"http://127.0.0.1:{port}", retries=1)()
    assert "connection refused" in found.value.what
    assert "is the receiver up" in found.value.remedy


def test_a_server_that_speaks_something_else():
    """An answer that is no HTTP is told without a traceback."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"\x00\x00\x06\x04\x00 garbage\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        with OtlpReceiver() as receiver, pytest.raises(PushFailed) as found:
            Pushed(receiver, url=f"http://127.0.0.1:{port}", retries=0)()
        thread.join()
    assert "no HTTP answer" in found.value.what


def test_no_error_shows_a_header():
    """A receiver that echoes the key, and a repr of the error, show a placeholder in its place."""
    with OtlpReceiver(then=OtlpReply(status=401, message="bad key topsecretkey")) as receiver:
        with pytest.raises(PushFailed) as found:
            Pushed(receiver, headers=(KEY, "authorization=Bearer abcdefghij"))()
    assert "topsecretkey" not in str(found.value) + repr(found.value)
    assert "bad key [redacted" in str(found.value)


def test_a_long_and_hostile_answer_is_cut():
    """Of a page of control characters a line is shown, escaped."""
    with OtlpReceiver(then=OtlpReply(status=400, body=b"\x1b[2J" + b"x" * 10**6)) as receiver:
        with pytest.raises(PushFailed) as found:
            Pushed(receiver)()
    text = str(found.value)
    assert "\x1b" not in text
    assert len(text) < 1000


def test_secrets_leave_as_placeholders():
    """Keys in attributes, events, links and resources are redacted, equal ones alike."""
    from dataclasses import replace

    from agentops_eval.domain import SpanEvent, SpanLink

    key = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 2
    held = source(
        1,
        replace(SHOP, resource={"service.name": "shop", "api_key": key}),
        attributes={"gen_ai.input.messages": f'[{{"role":"user","content":"my key is {key}"}}]'},
        events=(SpanEvent(name="e", attributes={"body": key}),),
        links=(SpanLink(trace_id="1" * 32, span_id="2" * 16, attributes={"token": key}),),
    )
    (clean,) = without_secrets((held,), Redactor())
    assert key not in repr(clean)
    found = clean.span
    assert found.events[0].attributes["body"] == clean.origin.resource["api_key"]
    assert found.links[0].attributes["token"] == clean.origin.resource["api_key"]
    (same,) = without_secrets((RICH,), Redactor())
    assert same == RICH


def test_https_where_there_is_none_is_told_once():
    """A receiver without TLS is not asked again, and the error says http://."""
    with OtlpReceiver() as receiver, pytest.raises(PushFailed) as found:
        Pushed(receiver, url=receiver.url.replace("http:", "https:"))()
    assert found.value.what.startswith("the receiver cannot be reached: TLS failed")
    assert "tried" not in found.value.difference
    assert "http://" in found.value.remedy
