"""Traces that were made elsewhere: whatever form they come in, and whatever is wrong with them."""

from __future__ import annotations

import gzip
import io
import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from agentops_eval.domain import Span, SpanEvent, SpanKind, TraceUnreadable
from agentops_eval.traces.otlp import OtlpScope, encode_request, encode_value
from agentops_eval.traces.reading import Problems, read_traces
from agentops_eval.traces.reading import _frames as frames_module
from agentops_eval.traces.reading._frames import Rejoined
from agentops_eval.traces.reading._stream import streamed
from tests.examples import examples

RESOURCE = {"service.name": "shop"}


def span(number, *, trace=1, parent=0, start=0, **fields):
    return Span(
        name=f"step {number}",
        trace_id=f"{trace:032x}",
        span_id=f"{number:016x}",
        parent_id=f"{parent:016x}" if parent else "",
        kind=SpanKind.CLIENT,
        start_ns=start,
        end_ns=start + 5,
        **fields,
    )


def request(*spans, scope="agent.loop"):
    return encode_request(OtlpScope(resource=RESOURCE, scope=scope, schema_url="", spans=spans))


ONE, TWO = request(span(1), span(2, parent=1, start=3)), request(span(7, trace=2))


def logs(trace=1, of=2, name="gen_ai.choice", **record):
    body = encode_value({"content": "hi"})
    attributes = [{"key": "event.name", "value": {"stringValue": name}}]
    ids = {"traceId": f"{trace:032x}", "spanId": f"{of:016x}"}
    made = {**ids, "timeUnixNano": "4", "body": body, "attributes": attributes, **record}
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [made]}]}]}


def read(*paths, **options):
    problems = Problems()
    return list(read_traces(paths, problems, **options)), [str(problem) for problem in problems.kept]


@pytest.fixture
def write(tmp_path):
    """Write bytes to a file and give its path."""

    def write_file(data, name="traces.json"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write_file


def lines(*documents):
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def as_protobuf(*documents):
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    resources = [resource for document in documents for resource in document["resourceSpans"]]
    message = ParseDict({"resourceSpans": json.loads(json.dumps(resources))}, TracesData())
    for resource in message.resource_spans:
        for scope in resource.scope_spans:
            for one in scope.spans:  # ParseDict takes the hex of the ids for base64
                one.trace_id, one.span_id = (1).to_bytes(16), int(one.name.split()[1]).to_bytes(8)
                one.parent_span_id = b"" if one.name == "step 1" else (1).to_bytes(8)
    return message.SerializeToString()


FORMS = {
    "lines": lines(ONE, TWO),
    "lines without a last end": lines(ONE, TWO).rstrip(b"\n"),
    "blank lines": b"\n\n" + lines(ONE) + b"\n" + lines(TWO),
    "windows": lines(ONE, TWO).replace(b"\n", b"\r\n"),
    "array": json.dumps([ONE, TWO]).encode(),
    "pretty array": json.dumps([ONE, TWO], indent=2).encode(),
    "one document": json.dumps({"resourceSpans": ONE["resourceSpans"] + TWO["resourceSpans"]}).encode(),
    "pretty": json.dumps({"resourceSpans": ONE["resourceSpans"] + TWO["resourceSpans"]}, indent=1).encode(),
    "byte order mark": b"\xef\xbb\xbf" + lines(ONE, TWO),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_traces(write, form, packed):
    """JSON lines, arrays and single documents, pretty or not, packed or not, hold the same traces."""
    data = FORMS[form]
    traces, problems = read(write(gzip.compress(data, mtime=0) if packed else data))
    assert [[found.span for found in trace.spans] for trace in traces] == [
        [span(1), span(2, parent=1, start=3)],
        [span(7, trace=2)],
    ]
    assert {found.origin.scope for trace in traces for found in trace.spans} == {"agent.loop"}
    assert traces[0].spans[0].origin.resource == RESOURCE
    assert problems == []


def test_a_trace_may_be_spread_over_files_and_logs(write):
    """Spans of one trace meet, and log records become events of their spans, in order of time."""
    files = [
        write(
            lines(request(span(2, parent=1, start=3, events=(SpanEvent(name="x", time_ns=9),)))), "b.jsonl"
        ),
        write(lines(request(span(1))), "a.jsonl"),
        write(lines(logs(), logs(name="late", timeUnixNano="12"), logs(of=9)), "l.jsonl"),
    ]
    (trace,), problems = read(*files)
    assert [found.span.name for found in trace.spans] == ["step 1", "step 2"]
    assert [event.name for event in trace.spans[1].span.events] == ["gen_ai.choice", "x", "late"]
    assert trace.spans[1].span.events[0].attributes["agentops.log.body"] == {"content": "hi"}
    told = "1 log record belongs to a span that is not there; give the file with the spans, too"
    assert problems == [f"trace {1:032x}: {told}"]


def test_a_span_that_was_exported_twice_counts_once(write):
    """An exporter's retry is no second span; another span with its id is told."""
    (trace,), problems = read(write(lines(ONE, ONE, request(span(1, start=1)))))
    assert len(trace.spans) == 2
    assert problems == [f"trace {1:032x}: two different spans have the id {1:016x}"]


@pytest.mark.parametrize("held", [1, 2, 3])
def test_what_does_not_fit_into_memory_comes_back_the_same(write, held):
    """Spans beyond the limit go to disk and are grouped there."""
    path = write(lines(ONE, TWO, request(span(3, parent=1, start=9)), logs()))
    assert read(path, held=held) == read(path)


@pytest.mark.parametrize("documents", [1, 3])
def test_a_huge_document_is_read_span_by_span(documents):
    """What is too large to be held gives the same requests in pieces, with resource and scope."""
    spans = [span(number) for number in range(1, 501)]
    whole = {"resourceSpans": request(*spans)["resourceSpans"] * documents + TWO["resourceSpans"]}
    data = json.dumps({**whole, "resourceLogs": logs()["resourceLogs"]}).encode()
    problems = Problems()
    made = [found for _, found in streamed(Rejoined(data, io.BytesIO()), "huge", problems)]
    names = [
        one["name"]
        for piece in made
        if "resourceSpans" in piece
        for resource in piece["resourceSpans"]
        for scope in resource["scopeSpans"]
        for one in scope["spans"]
    ]
    assert names == [s.name for s in spans] * documents + ["step 7"]
    assert all(
        piece["resourceSpans"][0]["resource"] == whole["resourceSpans"][0]["resource"]
        and piece["resourceSpans"][0]["scopeSpans"][0]["scope"] == {"name": "agent.loop"}
        for piece in made
        if "resourceSpans" in piece
    )
    assert sum("resourceLogs" in piece for piece in made) == 1
    assert problems.count == 0


def test_a_file_above_the_limit_takes_that_way(write, tmp_path):
    """One line of more than 32 MiB is no reason to hold it."""
    padding = {"key": "pad", "value": {"stringValue": "x" * 1_000_000}}
    document = json.loads(json.dumps(ONE))
    spans = document["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans[0]["attributes"] = [padding]
    spans += [{**spans[0], "spanId": f"{n:016x}"} for n in range(10, 45)]
    path = write(json.dumps(document).encode())
    assert path.stat().st_size > frames_module.MAX_DOCUMENT
    (trace,), problems = read(path, held=10)
    assert (len(trace.spans), problems) == (37, [])


def test_protobuf_is_read(write):
    """A TracesData message gives its spans; what follows in no known form is told."""
    data = as_protobuf(ONE)
    (trace,), problems = read(write(data))
    assert [found.span for found in trace.spans] == [span(1), span(2, parent=1, start=3)]
    assert problems == []
    _, problems = read(write(data + b"\x0a\x7fcut"))
    assert any("cut off after 3 of 127 bytes" in problem for problem in problems)


UNREADABLE = {
    "empty": b"",
    "blank": b"\n \n",
    "prose": b"hello, world",
    "yaml": b"a: 1\nb: 2\n",
    "half a document": json.dumps(ONE, indent=1).encode()[:200],
    "cut gzip": gzip.compress(lines(ONE, TWO) * 50, mtime=0)[:-40],
    "no gzip": b"\x1f\x8bnothing",
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("form", UNREADABLE)
def test_a_file_that_holds_no_traces_is_an_error(write, form):
    """It names the file and says why."""
    path = write(UNREADABLE[form])
    with pytest.raises(TraceUnreadable) as caught:
        read(path)
    assert str(path) in caught.value.where


def test_a_missing_file_is_an_error(tmp_path):
    """It is not treated as empty."""
    with pytest.raises(TraceUnreadable, match="no such file"):
        read(tmp_path / "none.json")


def test_a_broken_line_costs_only_itself(write):
    """It is told with its number, and the others are read."""
    data = (
        lines(ONE)
        + b"{broken\n"
        + b'"text"\n'
        + b"[1]\n"
        + b"\xff\xfe\n"
        + lines({"resourceMetrics": []}, TWO)
    )
    traces, problems = read(write(data))
    assert len(traces) == 2
    places = [problem.partition("traces.json")[2].partition(": ")[0] for problem in problems]
    assert places == [":2", ":3", ":4[0]", ":5"]


def test_bytes_that_are_no_text_cost_only_themselves(write):
    """Broken UTF-8 inside a string is replaced, and the span is kept."""
    data = lines(request(span(1, attributes={"note": "caf_"}))).replace(b"caf_", b"caf\xe9")
    (trace,), _ = read(write(data))
    assert trace.spans[0].span.attributes["note"] == "caf�"


def test_nesting_without_end_is_cut(write):
    """Values nested thousands deep are told, not followed."""
    deep = {"stringValue": "x"}
    for _ in range(200):
        deep = {"arrayValue": {"values": [deep]}}
    document = json.loads(json.dumps(ONE))
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"] = [{"key": "a", "value": deep}]
    (trace,), problems = read(write(lines(document)))
    assert len(trace.spans) == 2
    assert any("nested more than 40 deep" in problem for problem in problems)
    traces, problems = read(write(lines(ONE) + b"[" * 100_000 + b"\n"))
    assert (len(traces), len(problems)) == (1, 1)


SEEDS = [lines(ONE, TWO, logs()), json.dumps([ONE, TWO], indent=1).encode(), as_protobuf(ONE, TWO)]


@examples(400, suppress=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_files_give_an_error_or_notes(write, seed, data):
    """Whatever bytes are cut, swapped or put in, reading ends, and with nothing but our own error."""
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        end = at + data.draw(st.integers(0, 30))
        damaged[at:end] = data.draw(
            st.binary(max_size=12) | st.sampled_from([b"{", b"[", b"null", b'"', b"1e999"])
        )
    with suppress(TraceUnreadable):
        read(write(bytes(damaged)))


def test_problems_are_counted_beyond_what_is_kept():
    """A million faults fill no memory."""
    problems = Problems()
    for number in range(1500):
        problems.add("here", f"fault {number}")
    assert (problems.count, len(problems.kept)) == (1500, 1000)


def test_equal_spans_compare_equal():
    """The same span read twice is one value, so that duplicates can be told."""
    assert span(1) == replace(span(1))
