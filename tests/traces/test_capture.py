"""Merging whatever was emitted with whatever crossed the seams."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Span, ToolRequest, ValueReply
from agentops_eval.traces import derived
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.capture import Emitted, merge
from agentops_eval.traces.reading import Origin, SourceSpan
from tests import _events as e

TOOLS = st.sampled_from(["look", "pay"])
OPERATIONS = st.sampled_from([sc.CHAT, sc.EXECUTE_TOOL, sc.INVOKE_AGENT, sc.PLAN, "made up"])
IDS = st.integers(1, 8).map(lambda number: f"{number:016x}")


@st.composite
def emitted(draw: st.DrawFn) -> list[Emitted]:
    """Up to seven spans, whose parents may be themselves, each other, or nowhere."""
    found = []
    for span_id in draw(st.lists(IDS, unique=True, max_size=7)):
        told = {sc.OPERATION_NAME: draw(OPERATIONS), sc.TOOL_NAME: draw(TOOLS), sc.USAGE_INPUT_TOKENS: 5}
        start_ns = draw(st.integers(0, 9)) * 10**9
        span = Span(
            name="s",
            trace_id="1" * 32,
            span_id=span_id,
            parent_id=draw(st.just("") | IDS),
            start_ns=start_ns,
            end_ns=start_ns + draw(st.integers(0, 3)) * 10**9,
            attributes=draw(st.just(told) | st.just({})),
        )
        inside = draw(st.none() | st.integers(0, 5))
        found.append(Emitted(source=SourceSpan(span=span, origin=Origin(scope="acme")), inside=inside))
    return found


@given(emitted(), st.lists(TOOLS, max_size=5), st.dictionaries(st.integers(0, 5), IDS, max_size=5))
def test_every_tool_call_is_told_once_whatever_was_emitted(spans, tools, around):
    """No tree of spans, broken or not, makes a call vanish: each is there with its arguments and result."""
    events = [
        e.event(n, ToolRequest(name=name, arguments={"n": n}), ValueReply(value=n), started_s=float(n))
        for n, name in enumerate(tools)
    ]
    told = derived(events, agent="desk", case="c")
    run = merge(told, spans, around, start_ns=0)
    executed = Counter(span.attributes.get(sc.TOOL_CALL_RESULT) for span in run.trace)
    assert all(executed[str(n)] == 1 for n in range(len(tools)))
    ids = [span.span_id for span in run.trace]
    assert len(ids) == len(set(ids))
    assert {span.parent_id for span in run.trace} <= {*ids, ""}
    assert {*told.spans.values()} <= {*ids, *run.duplicates}


def test_spans_from_the_body_of_a_tool_are_left_out():
    """They are not there on replay, so that they are not there in a recording either."""
    events = [e.event(0, ToolRequest(name="pay", arguments={}), ValueReply(value=1))]
    span = Span(name="SELECT", trace_id="1" * 32, span_id="2" * 16)
    inner = Emitted(source=SourceSpan(span=span, origin=Origin()), inside=0)
    run = merge(derived(events, agent="desk", case="c"), [inner], {}, start_ns=0)
    assert [span.name for span in run.trace] == ["invoke_agent desk", "execute_tool pay"]
