"""What a plain run spent is what the long way finds, whatever is in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from agentops_eval.domain import Span, SpanEvent, StatusCode, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces import spend_of
from agentops_eval.traces._cost import cost_of
from agentops_eval.traces._plain_run import plain_repeats
from tests.examples import examples

T0 = 1_790_000_000 * 10**9
TEXT = st.sampled_from(["hi", "", "[1]", '[{"type": "text", "text": "a"}]', "\u00e4"])
PART = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "content": TEXT}),
    st.fixed_dictionaries(
        {"type": st.just("tool_call"), "name": st.sampled_from(["a", "b"]), "arguments": st.just({"n": 1})},
        optional={"id": st.sampled_from(["c1", "c2"])},
    ),
    st.fixed_dictionaries(
        {"type": st.just("tool_call_response"), "response": TEXT, "id": st.sampled_from(["c1", "c2"])},
        optional={"is_error": st.booleans()},
    ),
    st.sampled_from([{"type": "reasoning", "content": "so"}, {"type": "uri", "uri": "x:y"}, {}]),
)
MESSAGE = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["system", "user", "assistant", "tool", "model"]),
        "parts": st.lists(PART, max_size=2),
    },
    optional={"name": st.just("n")},
)
USED = st.sampled_from([0, 5, 70])
CHAT = st.fixed_dictionaries(
    {sc.REQUEST_MODEL: st.sampled_from(["gpt-4o", "scripted", ""])},
    optional={
        sc.PROVIDER_NAME: st.sampled_from(["openai", "OpenAI", "langchain", "acme"]),
        sc.RESPONSE_ID: st.sampled_from(["r1", "r2", "r3", "r4"]),
        sc.USAGE_INPUT_TOKENS: USED | st.sampled_from(["5", 5.0, True, -1]),
        sc.USAGE_OUTPUT_TOKENS: USED,
        sc.USAGE_CACHE_READ: USED,
        sc.USAGE_CACHE_CREATION: USED,
        sc.TOOL_DEFINITIONS: st.just('[{"type":"function","name":"a"}]'),
    },
)
ODD = st.sampled_from(
    [
        ("llm.usage.total_tokens", 75), ("gen_ai.prompt", "hi"), (sc.AGENTOPS_COST_AMOUNT, 0.5),
        ("gen_ai.usage.prompt_tokens", 9), ("http.request.method", "POST"), ("mine", "x"),
        (sc.ERROR_TYPE, ""),
    ]
)  # fmt: skip


def spelled(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


@st.composite
def runs(draw: st.DrawFn) -> Trace:
    """Runs of an agent that are plain, or nearly: each with a few things that may not be so."""
    wild = draw(st.integers(0, 3)) == 0
    conversation = draw(st.lists(MESSAGE, max_size=4)) if wild else []
    spans: list[Span] = []
    for number in range(draw(st.integers(1, 7))):
        kind = (
            sc.INVOKE_AGENT if not number else draw(st.sampled_from([sc.CHAT, sc.CHAT, sc.EXECUTE_TOOL, "x"]))
        )
        given: dict[str, object] = {sc.OPERATION_NAME: kind}
        if kind == sc.CHAT:
            given |= draw(CHAT)
            grown = conversation or draw(st.sampled_from([[], [user("a")], [user("a"), user("b")]]))
            given[sc.INPUT_MESSAGES] = spelled([{"role": "system", "parts": [text("s")]}, user("q"), *grown])
            if draw(st.booleans()):
                given[sc.SYSTEM_INSTRUCTIONS] = spelled([text("s")])
            if draw(st.booleans()):
                given[sc.OUTPUT_MESSAGES] = spelled(draw(st.lists(MESSAGE, max_size=1)))
            conversation = conversation[: draw(st.integers(0, len(conversation)))] if wild else conversation
        elif kind == sc.EXECUTE_TOOL:
            given |= {sc.TOOL_NAME: draw(st.sampled_from(["a", "b"])), sc.TOOL_CALL_ID: f"c{number}"}
            given[sc.TOOL_CALL_ARGUMENTS] = draw(st.sampled_from(['{"n":1}', '{ "n": 1 }', "{}"]))
        elif kind == sc.INVOKE_AGENT:
            given[sc.AGENT_NAME] = "desk"
        else:
            del given[sc.OPERATION_NAME]
        if wild and draw(st.booleans()):
            given.update([draw(ODD)])
        failed = draw(st.integers(0, 5)) == 0
        at = draw(st.sampled_from([number, number, 0])) * 10
        spans.append(
            Span(
                name=draw(st.sampled_from([sc.HITL_CHECKPOINT, "work"])) if kind == "x" else f"{kind} it",
                trace_id="1" * 32,
                span_id=f"{number + 1:016x}",
                parent_id=f"{draw(st.integers(0, number)) if wild else 1:016x}" if number else "",
                start_ns=T0 + at,
                end_ns=T0 + at + draw(st.sampled_from([5, 5, 500, -1])),
                attributes=given,
                status=StatusCode.ERROR if failed else StatusCode.UNSET,
                events=(SpanEvent(name="exception", time_ns=T0),) if wild and failed else (),
            )
        )
    return Trace(spans=tuple(spans))


def text(content: str) -> dict[str, object]:
    return {"type": "text", "content": content}


def user(content: str) -> dict[str, object]:
    return {"role": "user", "parts": [text(content)]}


@examples(300)
@given(runs())
def test_the_short_way_and_the_long_way_agree(trace: Trace) -> None:
    """Whoever gives a pricer goes the long way; without one it may be the short one."""
    event("plain" if plain_repeats(trace) is not None else "not plain")
    assert spend_of(trace) == spend_of(trace, price=cost_of)


def chats(*conversations: list[dict[str, object]]) -> Trace:
    root = Span(name="desk", trace_id="1" * 32, span_id="0" * 15 + "1", start_ns=T0, end_ns=T0 + 99,
                attributes={sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: "desk"})  # fmt: skip
    calls = [
        Span(
            name="chat it", trace_id="1" * 32, span_id=f"{at + 2:016x}", parent_id=root.span_id,
            start_ns=T0 + at, end_ns=T0 + at,
            attributes={sc.OPERATION_NAME: sc.CHAT, sc.REQUEST_MODEL: "it", sc.INPUT_MESSAGES: spelled(one)},
        )
        for at, one in enumerate(conversations)
    ]  # fmt: skip
    return Trace(spans=(root, *calls))


@pytest.mark.parametrize(
    ("trace", "repeats"),
    [
        pytest.param(chats([user("a")], [user("a"), user("b")]), 0, id="goes-on"),
        pytest.param(chats([user("a")], [user("a")], [user("a")]), 2, id="repeats"),
        pytest.param(chats([user("a")], [user("b")]), None, id="as-long"),
        pytest.param(chats([{"role": "user", "parts": []}]), None, id="empty-message"),
        pytest.param(chats([{"role": "user", "content": "a"}]), None, id="another-shape"),
        pytest.param(Trace(), 0, id="nothing"),
    ],
)
def test_repeats_are_counted_where_a_run_is_plain(trace: Trace, repeats: int | None) -> None:
    """Two conversations of as many parts may be one in two spellings: nobody guesses."""
    assert plain_repeats(trace) == repeats


def run(
    *, call: dict[str, object] | None = None, again: dict[str, object] | None = None, **span: object
) -> Trace:
    """A plain run of two chats and two tools. The last chat and the last tool are told as is asked for."""
    asked = {"type": "tool_call", "id": "c1", "name": "a", "arguments": {"n": 1}}
    answered = {"type": "tool_call_response", "id": "c1", "response": "ok"}
    history = [user("a"), {"role": "assistant", "parts": [asked]}, {"role": "tool", "parts": [answered]}]
    first, second = chats([user("a")], history).spans[1:]
    used = {sc.USAGE_INPUT_TOKENS: 9, sc.USAGE_OUTPUT_TOKENS: 1, sc.RESPONSE_ID: "r1"}
    told = {sc.OUTPUT_MESSAGES: spelled([{"role": "assistant", "parts": [asked]}])}
    tool = {sc.OPERATION_NAME: sc.EXECUTE_TOOL, sc.TOOL_NAME: "a", sc.TOOL_CALL_ARGUMENTS: '{"n":1}'}
    (root,) = chats().spans
    return Trace(
        spans=(
            root,
            replace(first, attributes={**first.attributes, **used, **told}),
            replace(first, span_id="a" * 16, name="execute_tool a",
                    attributes={**tool, sc.TOOL_CALL_ID: "c1"},
                    status=StatusCode.ERROR if again is not None else StatusCode.UNSET),
            replace(first, span_id="b" * 16, name="execute_tool b", start_ns=T0 + 3, end_ns=T0 + 4,
                    attributes={**tool, sc.TOOL_NAME: "b", sc.TOOL_CALL_ID: "c2", **(again or {})}),
            replace(second, attributes={**second.attributes, **used, sc.RESPONSE_ID: "r2", **(call or {})},
                    **{"start_ns": T0 + 5, "end_ns": T0 + 6, **span}),
        )
    )  # fmt: skip


DETAILS = SpanEvent(
    name="gen_ai.client.inference.operation.details", time_ns=T0, attributes={sc.USAGE_CACHE_READ: 70}
)


@pytest.mark.parametrize(
    "trace",
    [
        pytest.param(run(call={sc.USAGE_INPUT_TOKENS: 0, sc.USAGE_OUTPUT_TOKENS: 0}), id="nobody-counted"),
        pytest.param(run(call={sc.USAGE_CACHE_READ: 70}), id="cached-apart"),
        pytest.param(run(call={sc.USAGE_INPUT_TOKENS: "9"}), id="count-as-text"),
        pytest.param(run(call={"gen_ai.usage.total_tokens": 15, sc.USAGE_CACHE_READ: 5}), id="total"),
        pytest.param(run(call={"gen_ai.usage.prompt_tokens": 9}), id="alias"),
        pytest.param(run(call={sc.AGENTOPS_COST_AMOUNT: 0.5}), id="cost-told"),
        pytest.param(run(call={sc.PROVIDER_NAME: "OpenAI"}), id="provider-respelt"),
        pytest.param(run(events=(DETAILS,)), id="event"),
        pytest.param(run(call={sc.RESPONSE_ID: "r1"}, start_ns=T0), id="told-twice"),
        pytest.param(run(parent_id="0" * 15 + "2"), id="chat-in-chat"),
        pytest.param(Trace(spans=(*run().spans, run().spans[2])), id="one-id-twice"),
        pytest.param(run(again={sc.TOOL_NAME: "a"}), id="failed-and-again"),
        pytest.param(run(again={sc.TOOL_NAME: "a", sc.TOOL_CALL_ARGUMENTS: '{ "n": 1}'}), id="again-respelt"),
        pytest.param(run(call={sc.INPUT_MESSAGES: spelled([
            user("a"), {"role": "assistant", "parts": [{"type": "tool_call", "id": "c9", "name": "a"}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c9", "response": "ok"}]}])}),
            id="tool-without-span"),
        pytest.param(run(call={sc.INPUT_MESSAGES: f" {spelled([user('a')])}"}), id="conversation-respelt"),
        pytest.param(run(call={sc.SYSTEM_INSTRUCTIONS: spelled([text("s")]), sc.INPUT_MESSAGES: spelled(
            [{"role": "system", "parts": [text("s")]}, user("a")])}), id="instructions-twice"),
        pytest.param(run(call={sc.OPERATION_NAME: "completion"}), id="another-operation"),
        pytest.param(run(call={sc.OPERATION_NAME: "x", "http.request.method": "POST"}), id="http"),
    ],
)  # fmt: skip
def test_what_is_not_plain_goes_the_long_way(trace: Trace) -> None:
    """Each of these changes what is spent, or may; read the short way some of it would be lost."""
    assert plain_repeats(run()) == 0
    assert plain_repeats(trace) is None
    assert spend_of(trace) == spend_of(trace, price=cost_of)
