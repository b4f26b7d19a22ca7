"""Whatever a file holds, the normaliser neither fails nor hangs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Span, SpanEvent, SpanKind, StatusCode
from agentops_eval.traces import canonical, golden_bytes, view_rows
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import essential, normalise
from agentops_eval.traces.dialects._values import KINDS
from agentops_eval.traces.dialects.known import DIALECTS
from agentops_eval.traces.reading import Origin, SourceSpan, SourceTrace
from tests.examples import examples
from tests.traces._traces import ATTRIBUTE, TEXT
from tests.traces.dialects import _kit as k
from tests.traces.dialects.test_table import RUNS

WIRE = st.sampled_from(
    """role parts content type text message tool_calls function name arguments id data kwargs lc generations
    choices toolUse toolResult input output response args event.name tool_call_id""".split()
)
WORD = st.sampled_from(["tool_call", "text", "user", "tool", "function_call"])
SPELT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | WORD,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            WIRE,
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
VALUE = (
    ATTRIBUTE
    | SPELT.map(json.dumps)
    | st.sampled_from(["chat", "execute_tool", "invoke_agent", "LLM", "r1", "-1"])
)
SEEN = sorted({key for build, _ in RUNS.values() for one in build().spans for key in one.span.attributes})
KEY = st.sampled_from([*SEEN, *sc.ALIASES, *KINDS, *sc.MESSAGE_KEYS]) | TEXT
EVENT = st.sampled_from(
    """gen_ai.user.message gen_ai.choice exception gen_ai.content.prompt gen_ai.tool.message
    gen_ai.client.inference.operation.details""".split()
)
SCOPE = st.sampled_from(
    """agentops-eval com.anthropic.sdk.python mcp-python-sdk openinference.x langsmith pydantic-ai
    logfire.openai agent_framework strands.telemetry.tracer gcp.vertex.agent x""".split()
)
ID = st.sampled_from(["a" * 16, "b" * 16, "c" * 16, "d" * 16, "e" * 16])
FIELDS = st.dictionaries(KEY, VALUE, max_size=8)
NAME = st.sampled_from(
    ["chat x", "execute_tool t", "tools/call t", "agent run", "call_llm", "running tool", "workflow.run"]
)
SPAN = st.builds(
    Span,
    name=TEXT | NAME,
    trace_id=st.just(k.TRACE_ID),
    span_id=ID,
    parent_id=ID | st.just(""),
    kind=st.sampled_from(SpanKind),
    start_ns=st.integers(0, 9),
    end_ns=st.integers(0, 9),
    attributes=FIELDS,
    events=st.lists(st.builds(SpanEvent, name=EVENT, attributes=FIELDS), max_size=3).map(tuple),
    status=st.sampled_from(StatusCode),
)
SOURCE = st.builds(SourceSpan, span=SPAN, origin=st.builds(Origin, scope=SCOPE, resource=FIELDS))
TRACE = st.lists(SOURCE, min_size=1, max_size=6).map(
    lambda spans: SourceTrace(trace_id=k.TRACE_ID, spans=tuple(spans))
)


@examples(200)
@given(TRACE)
def test_any_trace_is_normalised(source):
    """Wrong types, circles of parents, ids twice: every span is there once, with names of the table only."""
    normal = normalise(source)
    ids = {one.span.span_id for one in source.spans}
    shown = [span.span_id for span in normal.trace]
    assert sorted([*shown, *normal.duplicates]) == sorted(ids)
    assert set(normal.sources) == set(normal.dialects) == set(normal.unmapped) == ids
    assert set(normal.duplicates.values()) <= set(shown)
    allowed = {*KINDS, *sc.MESSAGE_KEYS}
    for span in normal.trace:
        assert {key for key in span.attributes if not key.startswith(sc.AGENTOPS_REQUEST)} <= allowed
        assert span.parent_id != span.span_id


@examples(100)
@given(TRACE)
def test_what_comes_out_can_be_kept_shown_and_normalised_again(source):
    """The normal trace and its essence are traces like any other, and the essence is a part of the whole."""
    normal = normalise(source)
    core = essential(normal)
    assert {span.span_id for span in core} <= {span.span_id for span in normal.trace}
    known = {span.span_id for span in core}
    assert all(span.parent_id in {"", *known} for span in core)
    for trace in (normal.trace, core):
        assert bool(golden_bytes(canonical(trace))) == bool(len(trace))
        assert len(view_rows(trace)) == len(trace)


@examples(60)
@given(st.sampled_from(DIALECTS), SOURCE)
def test_every_dialect_reads_any_span(dialect, source):
    """A dialect's rules hold up against a span that is none of its own."""
    reading = dialect.read(source)
    assert reading.used <= set(source.span.attributes)


def plain(count: int, **fields: object) -> SourceTrace:
    spans = [
        Span(
            name="chat",
            trace_id=k.TRACE_ID,
            span_id=k.number(n + 1),
            attributes={"gen_ai.operation.name": "chat"},
        )
        for n in range(count)
    ]
    linked = [
        replace(span, parent_id=spans[n - 1].span_id if n else fields.get("root", ""))
        for n, span in enumerate(spans)
    ]
    return SourceTrace(
        trace_id=k.TRACE_ID, spans=tuple(SourceSpan(span=one, origin=Origin()) for one in linked)
    )


@pytest.mark.parametrize("root", ["", k.number(5000), k.number(1)])
def test_a_deep_chain_and_a_large_circle_are_walked_once(root):
    """Five thousand spans, each below the one before it, closed to a circle or not."""
    normal = normalise(plain(5000, root=root))
    assert len(normal.trace) + len(normal.duplicates) == 5000


def test_many_calls_of_one_tool_are_joined_without_comparing_all_with_all():
    """Executions without ids look at the latest open calls only."""
    run = k.Run()
    part = {"type": "tool_call", "id": "x", "name": "look", "arguments": {}}
    for turn in range(3000):
        message = [{"role": "assistant", "parts": [{**part, "id": str(turn)}]}]
        run.add("chat", {"gen_ai.operation.name": "chat", "gen_ai.output.messages": k.spelled(message)})
    for _ in range(3000):
        run.add("execute_tool look", {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look"})
    ids = {span.attributes.get(sc.TOOL_CALL_ID) for span in normalise(run.trace).trace}
    assert len(ids - {None}) > 200


GIANTS = {
    "a deep document": "[" * 100_000,
    "a deep closed document": "[" * 900 + "]" * 900,
    "deep quoting": json.dumps(json.dumps(json.dumps([{"text": json.dumps("x")}]))),
    "a large text": "x" * 20_000_000,
    "a large document": json.dumps([{"role": "user", "content": "x"}] * 50_000),
    "a large number": "9" * 5000,
    "no number": "NaN",
}


@pytest.mark.parametrize(
    "key", [sc.INPUT_MESSAGES, "gen_ai.prompt", "input.value", "request_data", "events", "tool_response"]
)
@pytest.mark.parametrize("value", GIANTS.values(), ids=GIANTS)
def test_giants_are_read_or_left(key, value):
    """Documents that are too deep or too large cost time in proportion and nothing else."""
    run = k.Run("pydantic-ai")
    run.add("running tool", {"gen_ai.tool.name": "x", "openinference.span.kind": "TOOL", key: value})
    run.add("chat", {"gen_ai.operation.name": "chat", key: value}, scope="y")
    assert len(normalise(run.trace).trace) == 2


def test_indices_beyond_reason_are_no_lists():
    """An index is a key until it stands in its place: the millionth message needs no million places."""
    run = k.Run()
    given = {
        "llm.request.type": "chat",
        "gen_ai.prompt.999999999.content": "b",
        "gen_ai.prompt.7.content": "a",
    }
    given |= {f"gen_ai.prompt.{'9' * 400}.content": "c", "gen_ai.prompt": "x", "gen_ai.prompt.": "y"}
    run.add("chat", given)
    assert len(normalise(run.trace).trace) == 1
