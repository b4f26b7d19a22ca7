"""What goes out is what opentelemetry's own classes read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from agentops_eval.domain import Span, SpanEvent, SpanKind, SpanLink, StatusCode
from agentops_eval.traces.otlp import _protobuf as wire
from agentops_eval.traces.pushing import Encoding, Limits, Reply, batches, encoder_of, partial_success
from agentops_eval.traces.reading import Origin, SourceSpan
from tests.examples import examples
from tests.traces._traces import ATTRIBUTE
from tests.traces.pushing._kit import BANK, RICH, SHOP, SPANS, source

BOTH = [Encoding.PROTOBUF, Encoding.JSON]


def body(encoding: Encoding, *spans: SourceSpan) -> bytes:
    (batch,) = batches([spans], encoder_of(encoding))
    return batch.body


def test_every_field_is_where_the_protocol_has_it():
    """The bytes hold each field under OTLP's own number, unknown keys left out."""
    request = ExportTraceServiceRequest.FromString(body(Encoding.PROTOBUF, RICH))
    (resource,) = request.resource_spans
    (scope,) = resource.scope_spans
    (found,) = scope.spans
    assert (found.trace_id.hex(), found.span_id.hex()) == (RICH.span.trace_id, RICH.span.span_id)
    assert (found.parent_span_id.hex(), found.name, found.kind) == ("00f067aa0ba902b7", "chat \u00e4", 3)
    assert (found.start_time_unix_nano, found.end_time_unix_nano) == (2**53 + 1, 2**63 + 5)
    assert (found.trace_state, found.flags, found.dropped_attributes_count) == ("a=b", 257, 3)
    assert (found.dropped_events_count, found.dropped_links_count) == (2, 0)
    assert (found.status.code, found.status.message) == (2, "no")
    assert (found.events[0].name, found.events[0].time_unix_nano) == ("said", 3)
    assert (found.links[0].trace_id.hex(), found.links[0].attributes[0].key) == ("1" * 32, "why")
    assert (scope.scope.name, scope.scope.version, scope.schema_url) == ("shop.agent", "1.2", SHOP.schema_url)
    values = {pair.key: pair.value for pair in found.attributes}
    assert values["no"].WhichOneof("value") == "bool_value"
    assert values["empty"].WhichOneof("value") == "string_value"
    assert values["none"].WhichOneof("value") is None
    assert (values["many"].int_value, values["huge"].string_value) == (-(2**63), str(2**70))
    assert values["map"].kvlist_value.values[0].value.kvlist_value.values[0].key == "l"


SPAN = st.builds(
    Span,
    name=st.text(max_size=5),
    trace_id=st.integers(1, 2**128 - 1).map(lambda n: f"{n:032x}"),
    span_id=st.integers(1, 2**64 - 1).map(lambda n: f"{n:016x}"),
    kind=st.sampled_from(SpanKind),
    start_ns=st.integers(0, 2**64 - 1),
    end_ns=st.integers(0, 2**64 - 1),
    attributes=st.dictionaries(st.text(max_size=5), ATTRIBUTE, max_size=4),
    status=st.sampled_from(StatusCode),
    status_message=st.text(max_size=5),
)


@examples(150)
@given(st.lists(SPAN, min_size=1, max_size=4, unique_by=lambda span: span.span_id))
def test_both_encodings_say_the_same(spans):
    """Protobuf, read by opentelemetry-proto, and JSON, read by us, give the spans back as they were."""
    from agentops_eval.testing import OtlpRequest

    sources = [SourceSpan(span=one, origin=SHOP) for one in spans]
    for encoding in BOTH:
        kind = (("content-type", encoding.content_type),)
        received = OtlpRequest(path="", headers=kind, body=body(encoding, *sources), packed=False, status=200)
        (scope,) = received.scopes
        assert list(scope.spans) == spans
        assert (scope.resource, scope.scope_version) == (SHOP.resource, SHOP.scope_version)


@pytest.mark.parametrize("encoding", BOTH)
def test_resources_and_scopes_are_said_once(encoding):
    """Spans of one origin stand together, whichever object says so."""
    twin = SourceSpan(span=source(9).span, origin=replace(SHOP))
    request = body(encoding, *SPANS, twin)
    assert (request.count(b"shop.agent"), request.count(b"bank")) == (1, 2)


@pytest.mark.parametrize("encoding", BOTH)
def test_hostile_values_are_made_sendable(encoding):
    """Half characters, times before the epoch and bottomless nesting leave a request that can be read."""
    deep: object = "x"
    for _ in range(200):
        deep = {"k": deep}
    span = Span(
        name="a\ud800b",
        trace_id="1" * 32,
        span_id="2" * 16,
        start_ns=-5,
        end_ns=2**70,
        attributes={"half\udc00": "\ud83d\ude00", "deep": deep, "inf": float("inf")},
        events=(SpanEvent(name="e", time_ns=-1),),
        links=(SpanLink(trace_id="3" * 32, span_id="4" * 16),),
        extra={"flags": "junk", "traceState": 5, "droppedLinksCount": 2**40},
    )
    request = body(encoding, SourceSpan(span=span, origin=Origin()))
    if encoding is Encoding.JSON:
        found = json.loads(request)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        assert (found["name"], found["startTimeUnixNano"], found["endTimeUnixNano"]) == ("a?b", "0", "0")
        assert "flags" not in found
    else:
        found = ExportTraceServiceRequest.FromString(request).resource_spans[0].scope_spans[0].spans[0]
        assert (found.name, found.start_time_unix_nano, found.flags) == ("a?b", 0, 0)
        assert "\U0001f600" in {pair.value.string_value for pair in found.attributes}


# -- requests of bounded size -------------------------------------------------------------------


@pytest.mark.parametrize("encoding", BOTH)
def test_requests_are_bounded(encoding):
    """No request holds more spans or bytes than it may, no span is lost, and the order stays."""
    traces = [tuple(source(10 * t + n, trace=t + 1) for n in range(1, 8)) for t in range(6)]
    by_count = list(batches(traces, encoder_of(encoding), limits=Limits(spans=5)))
    assert [len(batch.spans) for batch in by_count] == [5] * 8 + [2]
    by_size = list(batches(traces, encoder_of(encoding), limits=Limits(size=2000)))
    assert max(len(batch.body) for batch in by_size) <= 2000
    assert len(by_size) > 1
    for made in (by_count, by_size):
        assert [one for batch in made for one in batch.spans] == [one for trace in traces for one in trace]
        assert [batch.number for batch in made] == list(range(1, len(made) + 1))


def test_a_span_that_is_too_large_is_sent_alone():
    """What does not fit by itself gets a request of its own."""
    large = source(2, attributes={"text": "x" * 5000})
    made = list(batches([(source(1), large, source(3))], encoder_of(Encoding.JSON), limits=Limits(size=1000)))
    assert [len(batch.spans) for batch in made] == [1, 1, 1]


def test_batches_are_made_as_traces_come():
    """The first request is there before the last trace was asked for."""
    asked = []

    def endless():
        number = 0
        while True:
            number += 1
            asked.append(number)
            yield (source(number, BANK, trace=number),)

    first = next(batches(endless(), encoder_of(Encoding.PROTOBUF), limits=Limits(spans=3)))
    assert (len(first.spans), asked) == (3, [1, 2, 3, 4])


# -- what receivers answer ----------------------------------------------------------------------


def reply(content: bytes, kind: str) -> Reply:
    return Reply(status=200, headers=(("Content-Type", kind),), body=content)


def test_a_partial_success_is_read_in_both_spellings():
    """Rejected spans and the message come out of protobuf and JSON alike."""
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = 300
    response.partial_success.error_message = "too old"
    text = '{"partialSuccess": {"rejectedSpans": "300", "errorMessage": "too old"}}'
    for one in (
        reply(response.SerializeToString(), "application/x-protobuf"),
        reply(text.encode(), "application/json"),
    ):
        found = partial_success(one)
        assert (found.rejected, found.message) == (300, "too old")


@examples(200)
@given(st.binary(max_size=40), st.sampled_from(["application/json", "application/x-protobuf", ""]))
def test_any_reply_is_survived(content, kind):
    """A body that is no reply says nothing, and raises nothing."""
    found = partial_success(reply(content, kind))
    assert found.rejected >= 0


@given(st.integers(0, 2**64 - 1))
def test_numbers_come_back(value):
    """A varint reads as it was written."""
    assert wire.last(b"\x08" + wire.varint(value), 1) == value
