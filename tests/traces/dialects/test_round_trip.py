"""OTLP in, golden out, OTLP out: what the agent did is not lost on the way."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given

from agentops_eval.domain import Span, SpanEvent, Trace
from agentops_eval.traces import canonical, golden_bytes, read_golden, write_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import essential, normalise
from agentops_eval.traces.diff import diff
from agentops_eval.traces.otlp import OtlpScope, encode_request
from agentops_eval.traces.reading import Origin, Problems, SourceSpan, SourceTrace, read_traces
from agentops_eval.traces.redaction import Redactor
from tests.examples import examples
from tests.traces.dialects.test_hostile import TRACE


def _written(path: Path, spans: Iterable[SourceSpan]) -> Path:
    """An export, one request a line."""
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        for one in spans:
            origin = one.origin
            scope = OtlpScope(
                resource=origin.resource,
                scope=origin.scope,
                scope_version=origin.scope_version,
                schema_url=origin.schema_url,
                spans=(one.span,),
            )
            file.write(json.dumps(encode_request(scope)) + "\n")
    return path


def _read(path: Path) -> SourceTrace:
    (found,) = read_traces([path], Problems())
    return found


def _exported(trace: Trace) -> Iterable[SourceSpan]:
    origin = Origin(resource=trace.resource, scope=sc.SCOPE, schema_url=trace.schema_url)
    return [SourceSpan(span=span, origin=origin) for span in trace.spans]


def _content(span: Span) -> tuple[object, ...]:
    """What a golden promises to keep of a span; its ids and times follow from its place."""
    return (span.name, span.kind, span.status, span.status_message, dict(span.attributes))


@examples(150)
@given(TRACE)
def test_a_golden_is_a_lossless_stop_between_two_exports(source: SourceTrace) -> None:
    """The golden holds what its run did, and its own export, read by anyone's rules, is that golden again."""
    with tempfile.TemporaryDirectory() as folder:
        first = _written(Path(folder, "a.jsonl"), source.spans)
        trace = essential(normalise(_read(first)))
        if not trace.spans:
            return
        golden = Path(folder, "g.otlp.jsonl")
        write_golden(golden, trace, redactor=Redactor())
        kept = read_golden(golden).trace
        assert kept == canonical(kept)
        assert list(map(_content, kept)) == list(map(_content, canonical(trace, redactor=Redactor())))
        second = _written(Path(folder, "b.jsonl"), _exported(kept))
        again = essential(normalise(_read(second)))
        assert not diff(kept, again)
        assert golden_bytes(canonical(again)) == golden_bytes(kept)


@pytest.mark.parametrize("name", ["", "run", sc.HITL_CHECKPOINT])
def test_a_step_that_tells_of_a_person_stays_a_step(name: str) -> None:
    """A foreign step whose event holds a person's answer and a decision is the same step after an export."""
    told = {"agentops.decision.type": "route", sc.AGENTOPS_HITL_STATUS: "approved"}
    event = SpanEvent(name="gen_ai.client.inference.operation.details", attributes=told)
    span = Span(name=name, trace_id="ab" * 16, span_id="b" * 16, start_ns=0, events=(event,))
    foreign = SourceSpan(span=span, origin=Origin(scope="com.anthropic.sdk.python", resource={}))
    kept = canonical(essential(normalise(SourceTrace(trace_id=span.trace_id, spans=(foreign,)))))
    assert kept.spans[0].attributes[sc.AGENTOPS_STEP] == (name or "step")
    again = essential(normalise(SourceTrace(trace_id=span.trace_id, spans=tuple(_exported(kept)))))
    assert not diff(kept, again)


def test_tools_of_an_event_have_the_shape_of_all_tools() -> None:
    """What an event offers as tools is told in the conventions' schema, and what is no tool is left out."""
    offered = json.dumps([{"name": "refund", "input_schema": {"type": "object"}}, [True], {"lc": 1}])
    event = SpanEvent(
        name="gen_ai.client.inference.operation.details", attributes={sc.TOOL_DEFINITIONS: offered}
    )
    asked = {sc.OPERATION_NAME: sc.CHAT, sc.REQUEST_MODEL: "m"}
    span = Span(name="", trace_id="ab" * 16, span_id="b" * 16, attributes=asked, events=(event,))
    foreign = SourceSpan(span=span, origin=Origin(scope="x", resource={}))
    (found,) = essential(normalise(SourceTrace(trace_id=span.trace_id, spans=(foreign,)))).spans
    (tool,) = json.loads(str(found.attributes[sc.TOOL_DEFINITIONS]))
    assert (tool["type"], tool["name"], tool["parameters"]) == ("function", "refund", {"type": "object"})
