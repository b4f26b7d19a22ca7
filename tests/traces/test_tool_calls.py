"""The tool calls of a run, whether spans or only messages tell of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from agentops_eval.domain import Effect, Failure, Span, StatusCode, ToolCall, Trace
from agentops_eval.traces import derive, offered_tools, said_by_llms, tool_calls_of
from agentops_eval.traces import semconv as sc
from tests.traces._kit import Events, calls, refund_run, tool_answer
from tests.traces._traces import traces

ASKED = {"role": "user", "content": "Order 7 is broken."}


def trace_of(events) -> Trace:
    return derive(events, agent="desk", case="refund")


def tool(span_id: str = "s", *, at: int = 0, status: StatusCode = StatusCode.UNSET, **told) -> Span:
    attributes = {sc.OPERATION_NAME: sc.EXECUTE_TOOL, sc.TOOL_NAME: "act", **told}
    return Span(name="act", trace_id="t", span_id=span_id, start_ns=at, status=status, attributes=attributes)


def only(span: Span) -> ToolCall:
    (found,) = tool_calls_of(Trace(spans=(span,)))
    return found


def test_a_recorded_run_tells_everything_of_its_calls():
    """Name, arguments, result, effect, key and span of each call, in the order in which they began."""
    trace = trace_of(refund_run())
    one, two = tool_calls_of(trace)
    assert (one.name, one.arguments, one.result) == (
        "get_order",
        {"order": 1042},
        {"order": 1042, "amount": 59.9},
    )
    assert (one.error, one.effect, one.idempotency_key) == ("", Effect.READ, None)
    assert (two.name, two.effect, two.idempotency_key) == ("issue_refund", Effect.WRITE, "refund-1042")
    tools = [span for span in trace if span.attributes[sc.OPERATION_NAME] == sc.EXECUTE_TOOL]
    assert [one.span_id, two.span_id] == [span.span_id for span in tools]


def test_a_failed_call_tells_its_error():
    """The error's type stands in the call, and no result."""
    events = Events()
    events.tool("act", {}, Failure(kind="TimeoutError", module="builtins", message="too late"))
    (found,) = tool_calls_of(trace_of(events.all))
    assert (found.error, found.result) == ("TimeoutError", None)


def test_a_call_that_only_messages_tell_of_is_one_of_the_run():
    """It stands where the llm was told its answer, and its evidence is the llm call that asked."""
    events = Events()
    asking = [("c1", "refund", {"order": 7}), ("c2", "mail", {"to": "a"})]
    events.chat([ASKED], asking)
    history = [ASKED, calls(*asking), tool_answer("c1", '{"paid": 5}'), tool_answer("c2", "sent")]
    events.chat(history, "Done.")
    events.tool("close", {"order": 7})
    trace = trace_of(events.all)
    found = tool_calls_of(trace)
    assert [(one.name, one.arguments) for one in found] == [
        ("refund", {"order": 7}),
        ("mail", {"to": "a"}),
        ("close", {"order": 7}),
    ]
    assert (found[0].result, found[1].result) == ({"paid": 5}, "sent")
    asker = next(span for span in trace if span.attributes[sc.OPERATION_NAME] == sc.CHAT)
    assert [one.span_id for one in found[:2]] == [asker.span_id] * 2


@pytest.mark.parametrize(
    ("told", "arguments"),
    [
        pytest.param('{"x": 1}', {"x": 1}, id="an object"),
        pytest.param("{}", {}, id="an empty object"),
        pytest.param("", {}, id="an empty text"),
        pytest.param(" ", {}, id="white space"),
        pytest.param("null", None, id="null"),
        pytest.param("[1]", None, id="a list"),
        pytest.param("{", None, id="no JSON"),
        pytest.param(5, None, id="a number"),
        pytest.param({"x": 1}, {"x": 1}, id="an attribute that is a mapping"),
    ],
)
def test_arguments_are_an_object_or_not_told(told, arguments):
    """An empty text is a call without arguments; whatever is no object tells none."""
    assert only(tool(**{sc.TOOL_CALL_ARGUMENTS: told})).arguments == arguments


def test_arguments_that_are_absent_are_not_told():
    """Without content capture nobody knows them, which is not the same as none."""
    assert only(tool()).arguments is None


@pytest.mark.parametrize(
    ("told", "effect"),
    [
        pytest.param("write", Effect.WRITE, id="write"),
        pytest.param("READ", Effect.READ, id="upper case"),
        pytest.param("irreversible", Effect.EXTERNAL, id="irreversible"),
        pytest.param("destructive", Effect.EXTERNAL, id="destructive"),
        pytest.param("wat", None, id="an unknown word"),
        pytest.param(5, None, id="no text"),
    ],
)
def test_effects(told, effect):
    """The three of ours, what teams call stronger ones, and None for anything else."""
    assert only(tool(**{sc.AGENTOPS_TOOL_EFFECT: told})).effect is effect


@pytest.mark.parametrize(
    ("status", "told", "error"),
    [
        pytest.param(StatusCode.UNSET, {}, "", id="none"),
        pytest.param(StatusCode.ERROR, {}, "tool_error", id="a status"),
        pytest.param(StatusCode.ERROR, {sc.ERROR_TYPE: "KeyError"}, "KeyError", id="a type"),
        pytest.param(StatusCode.UNSET, {sc.ERROR_TYPE: "KeyError"}, "KeyError", id="a type alone"),
    ],
)
def test_errors(status, told, error: str):
    """A call failed where its span says so, by status or by type."""
    assert only(tool(status=status, **told)).error == error


@pytest.mark.parametrize(
    ("told", "result"),
    [
        pytest.param('{"a": 1}', {"a": 1}, id="JSON"),
        pytest.param("null", None, id="null"),
        pytest.param("done", "done", id="text"),
        pytest.param(5, 5, id="a number"),
    ],
)
def test_results(told, result):
    """A result is the JSON that its text spells, else the text."""
    assert only(tool(**{sc.TOOL_CALL_RESULT: told})).result == result


def test_calls_stand_in_the_order_of_their_start():
    """Whatever the order of spans, calls that began together keep theirs."""
    spans = (tool("late", at=9), tool("one", at=3), tool("two", at=3))
    assert [one.span_id for one in tool_calls_of(Trace(spans=spans))] == ["one", "two", "late"]


@given(traces())
def test_any_trace_gives_calls(trace: Trace):
    """Nothing that a trace may hold raises, and each execution is one call."""
    found = tool_calls_of(trace)
    spans = [span for span in trace if span.attributes.get(sc.OPERATION_NAME) == sc.EXECUTE_TOOL]
    assert len(found) >= len(spans)
    offered_tools(trace)
    said_by_llms(trace)


def chat(span_id: str, at: int = 0, **told) -> Span:
    attributes = {sc.OPERATION_NAME: sc.CHAT, **told}
    return Span(name="chat", trace_id="t", span_id=span_id, start_ns=at, attributes=attributes)


def test_offered_tools_are_those_of_all_llm_calls():
    """By name, with the latest schema; a definition below function is the same."""
    first = json.dumps([{"type": "function", "name": "a", "parameters": {"old": True}}, {"name": "b"}])
    later = json.dumps(
        [{"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}}, {"x": 1}, 5]
    )
    spans = (chat("1", **{sc.TOOL_DEFINITIONS: first}), chat("2", **{sc.TOOL_DEFINITIONS: later}))
    assert offered_tools(Trace(spans=spans)) == {"a": {"type": "object"}, "b": None}


def test_tools_that_are_not_told_are_not_the_same_as_none():
    """Where no llm call tells what it was offered, that is unknown; an empty list is told."""
    assert offered_tools(Trace(spans=(chat("1"),))) is None
    assert offered_tools(Trace(spans=(chat("1", **{sc.TOOL_DEFINITIONS: "{"}),))) is None
    assert offered_tools(Trace(spans=(chat("1", **{sc.TOOL_DEFINITIONS: "[]"}),))) == {}


def test_what_llms_said_stands_in_order():
    """The text of each answer that holds any, by the start of its call."""

    def said(*texts: str) -> str:
        parts = [{"type": "text", "content": text} for text in texts]
        return json.dumps([{"role": "assistant", "parts": parts}])

    spans = (
        chat("2", 2, **{sc.OUTPUT_MESSAGES: said("Done.", "Bye.")}),
        chat("1", 1, **{sc.OUTPUT_MESSAGES: said("Hello.")}),
        chat("3", 3, **{sc.OUTPUT_MESSAGES: said("")}),
        chat("4", 4),
    )
    assert [(one.span.span_id, one.text) for one in said_by_llms(Trace(spans=spans))] == [
        ("1", "Hello."),
        ("2", "Done.\nBye."),
    ]
