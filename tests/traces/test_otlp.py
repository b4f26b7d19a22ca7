"""OTLP JSON, written and read."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Span, SpanEvent, SpanKind, SpanLink, StatusCode
from agentops_eval.traces.otlp import (
    OtlpError,
    OtlpScope,
    decode_kept,
    decode_request,
    decode_value,
    encode_request,
    encode_value,
)
from tests.examples import examples
from tests.traces._traces import ATTRIBUTE

SPAN = Span(
    name="chat",
    trace_id="0" * 31 + "1",
    span_id="0" * 15 + "2",
    parent_id="0" * 15 + "3",
    kind=SpanKind.CLIENT,
    start_ns=2**53 + 1,
    end_ns=2**53 + 2,
    attributes={"b": 1, "a": ("x", None, {"k": b"\x00"})},
    events=(SpanEvent(name="first", time_ns=5, attributes={"n": 1.5}),),
    status=StatusCode.ERROR,
    status_message="no",
)
SCOPE = OtlpScope(resource={"service.name": "shop"}, scope="agentops-eval", schema_url="u", spans=(SPAN,))


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (None, {}),
        (True, {"boolValue": True}),
        (2**53 + 1, {"intValue": "9007199254740993"}),
        (0.5, {"doubleValue": 0.5}),
        (float("inf"), {"doubleValue": "Infinity"}),
        ("x", {"stringValue": "x"}),
        (b"\xff", {"bytesValue": "/w=="}),
        ((1, "a"), {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "a"}]}}),
        ({"k": None}, {"kvlistValue": {"values": [{"key": "k", "value": {}}]}}),
    ],
)
def test_every_kind_of_value_has_its_spelling(value, spelled):
    """Integers are decimal strings, bytes base64, and null is the empty value."""
    assert encode_value(value) == spelled
    assert decode_value(spelled, "x") == value


@examples(150)
@given(ATTRIBUTE)
def test_values_come_back(value):
    """Writing as JSON text and reading is the identity."""
    assert decode_value(json.loads(json.dumps(encode_value(value))), "x") == value


def test_a_request_comes_back():
    """Ids, kinds, times, events and status survive."""
    assert decode_request(json.loads(json.dumps(encode_request(SCOPE)))) == (SCOPE,)


def kept(scope: OtlpScope) -> bytes:
    """A scope as it is kept in files."""
    text = json.dumps(encode_request(scope), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


@examples(150)
@given(st.dictionaries(st.text(max_size=5), ATTRIBUTE, max_size=4), st.text(max_size=5))
def test_what_we_wrote_is_read_quickly_or_left_to_the_other_reader(attributes, text):
    """Where the quick reader takes a file of ours at all, it reads what the careful one reads."""
    span = replace(SPAN, attributes=attributes, links=(SpanLink(trace_id="1" * 32, span_id="2" * 16),))
    scope = replace(SCOPE, resource=attributes, schema_url=text, scope_version=text, spans=(span, SPAN))
    assert decode_kept(kept(scope)) == scope
    assert decode_request(json.loads(kept(scope))) == (scope,)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="no-spans"),
        pytest.param(kept(SCOPE)[:-9], id="cut-off"),
        pytest.param(kept(SCOPE).replace(b'"kind":3', b'"kind":"SPAN_KIND_CLIENT"'), id="other-spelling"),
        pytest.param(kept(SCOPE).replace(b'"kind":3', b'"kind":99'), id="unknown-kind"),
        pytest.param(kept(replace(SCOPE, spans=(replace(SPAN, extra={"flags": 1}),))), id="extra-field"),
        pytest.param(kept(SCOPE).replace(b'"key":"b"', b'"key":"a"'), id="key-twice"),
        pytest.param(kept(replace(SCOPE, schema_url="\ud800")), id="half-a-character"),
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_the_quick_reader_refuses_what_we_write_otherwise(data):
    """It is strict, as what it would lose is for the careful reader to keep."""
    with pytest.raises(OtlpError, match="not as we write it"):
        decode_kept(data)


def test_attributes_are_sorted_and_empty_fields_left_out():
    """The order of insertion does not show, and a root has no parent."""
    request = encode_request(SCOPE)
    (span,) = request["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert [pair["key"] for pair in span["attributes"]] == ["a", "b"]
    plain = encode_request(
        OtlpScope(resource={}, scope="", schema_url="", spans=(Span(name="x", trace_id="1", span_id="2"),))
    )
    (root,) = plain["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert {"parentSpanId", "status", "events"}.isdisjoint(root)


SPELLINGS = {
    "names of enums": {"kind": "SPAN_KIND_CLIENT", "status": {"code": "STATUS_CODE_ERROR", "message": "no"}},
    "numbers": {"startTimeUnixNano": 2**53 + 1, "kind": "3"},
    "upper-case hex": {"traceId": ("0" * 31 + "1").upper()},
    "base64 ids": {
        "traceId": "AAAAAAAAAAAAAAAAAAAAAQ==",
        "spanId": "AAAAAAAAAAI=",
        "parentSpanId": "AAAAAAAAAAM=",
    },
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_other_spellings_are_read(spelling):
    """Integers may be numbers, enums their names, ids base64."""
    request = encode_request(SCOPE)
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0].update(spelling)
    assert decode_request(request) == (SCOPE,)


def snake(value):
    """The same document with the names that protobuf gives its fields."""
    if isinstance(value, list):
        return [snake(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower(): snake(item) for key, item in value.items()}


def test_snake_case_is_read():
    """Some exporters write the names of protobuf fields."""
    assert decode_request(snake(encode_request(SCOPE))) == (SCOPE,)


def test_unknown_keys_are_kept_and_written_back():
    """What this release does not know is not lost on the way through."""
    request = encode_request(SCOPE)
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0].update(flags=257, traceState="a=b")
    (scope,) = decode_request(request)
    assert scope.spans[0].extra == {"flags": 257, "traceState": "a=b"}
    assert decode_request(encode_request(scope)) == (scope,)


@pytest.mark.parametrize("parent", ["", None, "0" * 16, "AAAAAAAAAAA="])
def test_a_root_may_be_spelt_in_four_ways(parent):
    """No parent, an empty one, and one of zeros are the same."""
    request = encode_request(SCOPE)
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["parentSpanId"] = parent
    ((span,),) = (scope.spans for scope in decode_request(request))
    assert span.parent_id == ""


def test_with_notes_taken_the_rest_is_kept():
    """A reader that takes notes loses the faulty field only, and a span only where it has no id."""
    request = encode_request(SCOPE)
    spans = request["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans += [
        {**spans[0], "spanId": "x"},
        {**spans[0], "kind": "ODD", "attributes": [{"key": "a", "value": 1}]},
    ]
    notes = []
    (scope,) = decode_request(request, complain=notes.append)
    assert scope.spans == (SPAN, replace(SPAN, kind=SpanKind.UNSPECIFIED, attributes={"a": None}))
    assert notes == [
        "resourceSpans[0].scopeSpans[0].spans[1].spanId is no id of 16 hex digits",
        "resourceSpans[0].scopeSpans[0].spans[2].kind is no SpanKind: 'ODD'",
        "resourceSpans[0].scopeSpans[0].spans[2].a is no object",
    ]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("traceId", "ABC", "traceId is no id of 32"),
        ("spanId", "0" * 16, "spanId is no id of 16"),
        ("kind", 9, "kind is no SpanKind"),
        ("kind", "SPAN_KIND_ODD", "kind is no SpanKind: 'SPAN_KIND_ODD'"),
        ("startTimeUnixNano", "soon", "startTimeUnixNano is no integer"),
        ("startTimeUnixNano", str(2**64), "64 bits"),
        ("attributes", {}, "attributes is no array"),
        ("attributes", [{"key": "a", "value": {"fooValue": 1}}], "unknown value: fooValue"),
        ("attributes", [{"key": "a"}, {"key": "a"}], "'a' twice"),
        ("attributes", [{"key": "a", "value": {"bytesValue": "%"}}], "no base64"),
        ("events", [1], "events[0] is no object"),
        ("name", 7, "name is no string"),
    ],
)
def test_errors_name_the_field(field, value, why):
    """What is not OTLP JSON is refused with the place of the fault."""
    request = encode_request(SCOPE)
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0][field] = value
    with pytest.raises(OtlpError) as caught:
        decode_request(request)
    assert why in str(caught.value)
    assert "resourceSpans[0].scopeSpans[0].spans[0]" in str(caught.value)


@pytest.mark.skipif("AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder")
def test_spans_of_real_instrumentations_come_back():
    """What eight instrumentations exported is read, and written and read again without loss."""
    count = 0
    for path in sorted((Path(os.environ["AGENTOPS_DEV_DATA"]) / "otel-traces").glob("*.jsonl")):
        for line in () if ".logs" in path.name else path.read_text(encoding="utf-8").splitlines():
            for scope in decode_request(json.loads(line)):
                assert decode_request(json.loads(json.dumps(encode_request(scope)))) == (scope,)
                count += len(scope.spans)
    assert count == 96


@pytest.mark.parametrize("digits", ["9" * 40, "ten", 1.5, True], ids=["large", "words", "part", "boolean"])
def test_a_count_that_cannot_be_read_is_unknown_and_never_zero(digits: Any) -> None:
    """The fault is told once, and the value is that of nothing."""
    told: list[str] = []
    assert decode_value({"intValue": digits}, "n", told.append) is None
    assert len(told) == 1
