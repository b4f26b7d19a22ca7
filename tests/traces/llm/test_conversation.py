"""What an llm was told is the same in every dialect."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Chunk, HttpReply, HttpRequest, KeptBody
from agentops_eval.traces.llm import Message, Usage, conversation, llm_request, parse_llm_call
from agentops_eval.traces.llm.writing import LlmReply, ToolAsk, answer, error_json, reply_json

CITY, SUM = {"city": "Paris"}, {"a": 2, "b": 3}
WEATHER = {"city": "Paris", "temp_c": 21}
TOLD = (
    {"role": "system", "text": "Use tools."},
    {"role": "user", "text": "Weather in Paris, and 2+3?"},
    {"call": 1, "name": "get_weather", "arguments": CITY},
    {"call": 2, "name": "add", "arguments": SUM},
    {"answer": 1, "response": WEATHER},
    {"answer": 2, "response": 5},
    {"role": "assistant", "text": "21C and 5."},
    {"role": "user", "text": "Thanks"},
)


def function(call_id, name, arguments):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


CHAT = {
    "model": "gpt",
    "messages": [
        {"role": "developer", "content": "Use tools."},
        {"role": "user", "content": [{"type": "text", "text": "Weather in Paris, and 2+3?"}]},
        {"role": "assistant", "tool_calls": [function("x", "get_weather", CITY), function("y", "add", SUM)]},
        {"role": "tool", "tool_call_id": "y", "content": "5"},
        {"role": "tool", "tool_call_id": "x", "content": json.dumps(WEATHER)},
        {"role": "assistant", "content": "21C and 5."},
        {"role": "user", "content": "Thanks"},
    ],
}
RESPONSES = {
    "model": "gpt",
    "instructions": "Use tools.",
    "input": [
        {"role": "user", "content": "Weather in Paris, and 2+3?"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "call_id": "x", "name": "get_weather", "arguments": json.dumps(CITY)},
        {"type": "function_call", "call_id": "y", "name": "add", "arguments": json.dumps(SUM)},
        {"type": "function_call_output", "call_id": "x", "output": json.dumps(WEATHER)},
        {"type": "function_call_output", "call_id": "y", "output": "5"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "21C and 5."}]},
        {"role": "user", "content": "Thanks"},
    ],
}
ANTHROPIC = {
    "model": "gpt",
    "max_tokens": 9,
    "system": [{"type": "text", "text": "Use tools."}],
    "messages": [
        {"role": "user", "content": "Weather in Paris, and 2+3?"},
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "x", "name": "get_weather", "input": CITY},
                {"type": "tool_use", "id": "y", "name": "add", "input": SUM},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "y", "content": [{"type": "text", "text": "5"}]},
                {"type": "tool_result", "tool_use_id": "x", "content": json.dumps(WEATHER)},
            ],
        },
        {"role": "assistant", "content": "21C and 5."},
        {"role": "user", "content": "Thanks"},
    ],
}
DIALECTS = {
    "chat": ("/v1/chat/completions", CHAT),
    "responses": ("/v1/responses", RESPONSES),
    "messages": ("/v1/messages", ANTHROPIC),
}


def post(path, body):
    return HttpRequest(
        method="POST",
        url=f"https://llm.test{path}",
        headers=(("content-type", "application/json"),),
        body=json.dumps(body).encode(),
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_conversation_reads_the_same_in_every_dialect(dialect):
    """Ids, thoughts, cuts between messages and the order of parallel answers do not show."""
    asked = llm_request(post(*DIALECTS[dialect]))
    assert asked.llm == "gpt"
    assert asked.conversation == TOLD


def test_another_word_is_another_conversation():
    """What was said, asked or answered counts."""
    changed = json.loads(json.dumps(CHAT).replace("Paris", "Rome"))
    assert llm_request(post("/v1/chat/completions", changed)).conversation != TOLD


def test_other_traffic_has_no_conversation():
    """A request that asks no llm has none."""
    assert llm_request(HttpRequest(method="GET", url="https://shop.test/orders")) is None


REPLIES = st.builds(
    LlmReply,
    id=st.just("id-1"),
    llm=st.just("gpt-1"),
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip),
    asks=st.lists(
        st.builds(
            ToolAsk,
            name=st.sampled_from(["get", "set"]),
            arguments=st.dictionaries(st.text("ab", min_size=1, max_size=2), st.integers(0, 9), max_size=2),
            id=st.just(""),
        ),
        max_size=2,
    ).map(
        lambda asks: tuple(
            ToolAsk(name=a.name, arguments=a.arguments, id=f"c{n}") for n, a in enumerate(asks)
        )
    ),
    usage=st.builds(
        Usage,
        input_tokens=st.integers(20, 99),
        output_tokens=st.integers(10, 50),
        cache_read_tokens=st.integers(0, 9),
    ),
)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
@given(reply=REPLIES)
def test_what_is_written_is_read_back(dialect, streamed, reply):
    """A reply that is written to the wire, whole or streamed, reads as what it was made of."""
    path, body = DIALECTS[dialect]
    request = post(path, {**body, "stream": streamed, "stream_options": {"include_usage": True}})
    call = parse_llm_call(request, answer(request, reply_json(reply)))
    parts = [part for message in call.output_messages for part in message.parts]
    assert "".join(part["content"] for part in parts if part["type"] == "text") == reply.text
    asks = [(p["name"], p["arguments"], p["id"]) for p in parts if p["type"] == "tool_call"]
    assert asks == [(ask.name, ask.arguments, ask.id) for ask in reply.asks]
    assert call.usage.input_tokens == reply.usage.input_tokens
    assert call.usage.output_tokens == reply.usage.output_tokens
    assert (call.usage.cache_read_tokens or 0) == reply.usage.cache_read_tokens
    assert (call.response_id, call.response_model) == ("id-1", "gpt-1")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_error_is_written_as_one(dialect):
    """A call that failed in the trace fails with its status, in a body that the client understands."""
    request = post(*DIALECTS[dialect])
    reply = answer(request, error_json(429, "slow down"))
    assert isinstance(reply, HttpReply)
    assert reply.status == 429
    assert json.loads(reply.body.data)["error"]["message"] == "slow down"
    assert parse_llm_call(request, reply).error_type


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_any_kept_answer_gives_a_reply(value):
    """A cassette edited by hand gives a reply that can be read, never an exception."""
    request = post("/v1/chat/completions", CHAT)
    reply = answer(request, value)
    assert isinstance(reply.body, KeptBody)
    assert all(isinstance(chunk, Chunk) for chunk in reply.body.chunks)


def test_answers_without_ids_belong_to_calls_in_order_or_by_name() -> None:
    """They are those of calls with ids: by the name of the tool where they tell it, else in turn."""
    calls = [{"type": "tool_call", "name": name, "arguments": {}} for name in ("a", "b")]
    bare = [Message(role="assistant", parts=calls)]
    full = [Message(role="assistant", parts=[{**call, "id": call["name"]} for call in calls])]
    parts = [{"type": "tool_call_response", "response": name} for name in ("a", "b")]
    by_id = [Message(role="tool", parts=[{**part, "id": part["response"]} for part in parts])]
    by_name = [Message(role="tool", parts=[{**part, "name": part["response"]} for part in reversed(parts)])]
    wanted = conversation([], [*full, *by_id] * 2)
    assert conversation([], [*bare, Message(role="tool", parts=parts)] * 2) == wanted
    assert conversation([], [*bare, *by_name] * 2) == wanted


def test_null_as_text_is_null() -> None:
    """A tool's answer that is JSON counts by its value, this one as well."""
    parts = [{"type": "tool_call_response", "response": found} for found in (None, " null\n")]
    one, other = ([Message(role="tool", parts=[part])] for part in parts)
    assert conversation([], one) == conversation([], other)
