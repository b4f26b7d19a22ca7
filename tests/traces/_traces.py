"""Generated traces."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from agentops_eval.domain import Span, SpanEvent, SpanKind, StatusCode, Trace
from agentops_eval.traces import semconv as sc

TEXT = st.text(max_size=12)
ATTRIBUTE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXT
    | st.binary(max_size=6),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
LONG = st.sampled_from(["", "x" * 9000, "\u00e4" * 5000])
PART = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_call", "uri"]), "content": st.tuples(TEXT, LONG).map("".join)},
    optional={
        "mime_type": st.sampled_from(["text/plain", "application/vnd.agentops.part+json"]),
        "uri": TEXT,
    },
)
MESSAGE = st.fixed_dictionaries({"role": TEXT, "parts": st.lists(PART, max_size=2)})
CONVERSATION = st.lists(MESSAGE, max_size=4)


def spelled(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@st.composite
def attributes(draw: st.DrawFn, conversation: list[object]) -> dict[str, object]:
    """Free attributes, and now and then a chat that continues one conversation."""
    found = draw(st.dictionaries(TEXT | st.sampled_from(sc.JSON_KEYS), ATTRIBUTE, max_size=4))
    found[sc.OPERATION_NAME] = draw(st.sampled_from([sc.CHAT, sc.EXECUTE_TOOL, sc.INVOKE_AGENT, "plan"]))
    found[sc.TOOL_NAME] = draw(st.sampled_from(["a", "b", "a/b", "%#"]))
    if draw(st.booleans()):
        said = conversation[: draw(st.integers(0, len(conversation)))] + draw(st.lists(MESSAGE, max_size=1))
        found[sc.INPUT_MESSAGES] = spelled(said)
    if draw(st.booleans()):
        found[draw(st.sampled_from(sc.JSON_KEYS))] = draw(LONG)
    return found


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Any tree of up to six spans."""
    conversation = draw(CONVERSATION)
    spans: list[Span] = []
    for number in range(draw(st.integers(1, 6))):
        parent = draw(st.integers(0, number)) if number else 0
        events = draw(st.lists(st.builds(SpanEvent, name=TEXT, time_ns=st.integers(0, 9)), max_size=1))
        spans.append(
            Span(
                name=draw(TEXT),
                trace_id="0",
                span_id=f"s{number}",
                parent_id="" if parent == number else f"s{parent}",
                kind=draw(st.sampled_from(SpanKind)),
                attributes=draw(attributes(conversation)),
                events=tuple(events),
                status=draw(st.sampled_from(StatusCode)),
                status_message=draw(TEXT),
            )
        )
    resource = {sc.AGENTOPS_CASE: draw(TEXT), sc.AGENTOPS_SCHEMA_VERSION: 1}
    return Trace(spans=tuple(spans), resource=resource, schema_url=draw(TEXT))
