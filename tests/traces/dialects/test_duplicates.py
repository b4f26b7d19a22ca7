"""A call that two instrumentations tell is one call, with what both know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_eval.domain import StatusCode
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import essential, normalise
from agentops_eval.traces.llm import Usage
from tests.traces.dialects import _kit as k

RICH = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": k.LLM,
    "gen_ai.response.id": "m1",
    "gen_ai.usage.input_tokens": 78,
    "gen_ai.usage.output_tokens": 32,
    "gen_ai.input.messages": k.spelled(k.ASKED_PARTS),
    "gen_ai.output.messages": k.spelled([k.ANSWER_MESSAGE]),
}
NATIVE = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": k.LLM,
    "gen_ai.request.stream": True,
    "gen_ai.response.id": "m1",
    "gen_ai.response.time_to_first_chunk": 0.25,
    "gen_ai.usage.input_tokens": 78,
    "gen_ai.usage.output_tokens": 31,
    "gen_ai.usage.cache_write.input_tokens": 5,
    "anthropic.message.stop_reason": "end_turn",
    "http.request.method": "POST",
    "http.response.status_code": 200,
}
SDK = "com.anthropic.sdk.python"


def test_an_sdk_and_an_instrumentation_tell_one_call():
    """The span with the content stays, and learns what only the SDK knows; the SDK's counts hold."""
    run = k.Run("opentelemetry.instrumentation.anthropic", "0.62.4")
    top = run.add("agent-run", scope="app")
    rich = run.add("anthropic.chat", RICH, parent=top, times=(200, 400))
    native = run.add("anthropic.messages.create", NATIVE, parent=top, scope=SDK, times=(210, 390))
    normal = normalise(run.trace)
    assert normal.duplicates == {native.span.span_id: rich.span.span_id}
    assert normal.sources[native.span.span_id] is native
    assert normal.dialects[native.span.span_id] == "anthropic-sdk"
    (chat,) = essential(normal)
    told = chat.attributes
    assert (told[sc.REQUEST_STREAM], told[sc.RESPONSE_TIME_TO_FIRST_CHUNK]) == (True, 0.25)
    assert told[sc.RESPONSE_FINISH_REASONS] == ("stop",)
    assert sc.HTTP_REQUEST_METHOD not in told
    assert normal.usage == Usage(input_tokens=78, output_tokens=31, cache_creation_tokens=5)


def test_a_call_under_a_call_is_one_call():
    """Without response ids, nesting tells it; what stood between and below moves up."""
    run = k.Run()
    outer = run.add("chat", {**RICH, "gen_ai.response.id": None})
    wrapper = run.add("attempt", parent=outer)
    inner = run.add("chat", {**NATIVE, "gen_ai.response.id": None}, parent=wrapper, scope=SDK)
    run.add("POST", {"http.request.method": "POST"}, parent=inner)
    normal = normalise(run.trace)
    assert normal.duplicates == {inner.span.span_id: outer.span.span_id}
    assert [span.parent_id for span in normal.trace] == ["", outer.span.span_id, wrapper.span.span_id]
    assert len(essential(normal)) == 1


def test_a_call_over_several_calls_is_their_sum():
    """A wrapper that retries is no call of its own, and its totals are not counted."""
    run = k.Run()
    outer = run.add("chat", {**RICH, "gen_ai.response.id": "o", "gen_ai.usage.input_tokens": 156})
    for attempt in ("a", "b"):
        run.add("chat", {**NATIVE, "gen_ai.response.id": attempt}, parent=outer, scope=SDK)
    normal = normalise(run.trace)
    assert normal.duplicates == {}
    assert normal.trace.spans[0].attributes[sc.AGENTOPS_STEP] == "chat"
    assert normal.usage.input_tokens == 156
    assert len(essential(normal)) == 2


def test_a_call_behind_a_tool_is_another_call():
    """An agent that works as another one's tool asks for itself."""
    run = k.Run()
    outer = run.add("chat", RICH)
    tool = run.add("execute_tool ask", {"gen_ai.operation.name": "execute_tool"}, parent=outer)
    run.add("chat", {**RICH, "gen_ai.response.id": "m2"}, parent=tool)
    normal = normalise(run.trace)
    assert normal.duplicates == {}
    assert normal.usage.input_tokens == 156


def test_a_server_that_always_answers_with_one_id_hides_no_call():
    """One instrumentation tells two calls one after the other: they are two, whatever their id."""
    run = k.Run("opentelemetry.instrumentation.anthropic", "0.62.4")
    for turn in (0, 1):
        run.add("anthropic.chat", RICH, times=(1000 * turn + 1, 1000 * turn + 90))
        run.add("messages.create", NATIVE, scope=SDK, times=(1000 * turn + 10, 1000 * turn + 80))
    normal = normalise(run.trace)
    assert len(normal.trace) == 2
    assert normal.usage.input_tokens == 156


def mcp(name: str, **more: object) -> dict[str, object]:
    return {"mcp.method.name": name, "jsonrpc.request.id": "1", **more}


def test_both_sides_of_a_tool_call_over_mcp_are_one_tool_call():
    """The client's span stays, and learns of the error that only the server saw."""
    run = k.Run("mcp-python-sdk")
    run.add("MCP send initialize", mcp("initialize"))
    sent = run.add("MCP send tools/call boom", mcp("tools/call"))
    named = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "boom", "error.type": "tool_error"}
    got = run.add("tools/call boom", mcp("tools/call", **named), parent=sent, status=StatusCode.ERROR)
    normal = normalise(run.trace)
    assert normal.duplicates == {got.span.span_id: sent.span.span_id}
    assert [span.name for span in essential(normal)] == ["execute_tool boom"]
    assert essential(normal).spans[0].attributes[sc.ERROR_TYPE] == "tool_error"


def test_mcp_enriches_the_framework_s_tool_call():
    """A tool that a framework tells and that runs over MCP is executed once."""
    run = k.Run("pydantic-ai")
    given = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "boom", "gen_ai.tool.call.id": "c"}
    tool = run.add("execute_tool boom", given)
    sent = run.add("MCP send tools/call boom", mcp("tools/call"), parent=tool, scope="mcp-python-sdk")
    run.add("tools/call boom", mcp("tools/call"), parent=sent, scope="mcp-python-sdk")
    (only,) = normalise(run.trace).trace
    assert (only.span_id, only.attributes[sc.MCP_METHOD_NAME]) == (tool.span.span_id, "tools/call")


@pytest.mark.parametrize("own", ["c1", None])
def test_a_tool_that_calls_itself_is_two_tool_calls(own):
    """Within one instrumentation a tool below a tool is a call of its own."""
    run = k.Run("pydantic-ai")
    given = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "walk", "gen_ai.tool.call.id": own}
    outer = run.add("execute_tool walk", given)
    run.add("execute_tool walk", given, parent=outer)
    assert len(normalise(run.trace).trace) == 2


def test_one_id_twice_keeps_the_first_span():
    """A trace in which two spans share an id is read all the same."""
    run = k.Run()
    first = run.add("chat", RICH)
    again = replace(first, span=replace(first.span, name="other"))
    normal = normalise(replace(run.trace, spans=(first, again)))
    assert [span.span_id for span in normal.trace] == [first.span.span_id]
    assert normal.sources == {first.span.span_id: first}
