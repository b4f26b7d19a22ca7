"""OpenAI Responses."""

from __future__ import annotations

import pytest

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import Usage, parse_llm_call
from tests.traces._kit import CUT, RESPONSES, post, reply, stream

ASKED = {
    "model": "gpt-test",
    "instructions": "Be brief.",
    "previous_response_id": "resp_0",
    "max_output_tokens": 100,
    "reasoning": {"effort": "low"},
    "tools": [{"type": "function", "name": "add", "parameters": {"type": "object"}}, {"type": "web_search"}],
    "input": [
        {"role": "user", "content": "2+3?"},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Add."}]},
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "call_1",
            "name": "add",
            "arguments": '{"a":2,"b":3}',
        },
        {"type": "function_call_output", "call_id": "call_1", "output": "5"},
        {"role": "user", "content": [{"type": "input_image", "image_url": "https://example.com/a.png"}]},
    ],
}
SAID = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "It is 5."}],
}
ANSWER = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "model": "gpt-test-2026",
    "output": [{"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "x"}, SAID],
    "usage": {
        "input_tokens": 57,
        "input_tokens_details": {"cached_tokens": 16},
        "output_tokens": 31,
        "output_tokens_details": {"reasoning_tokens": 4},
    },
}


def test_a_whole_exchange_is_read():
    """Items become messages: what the assistant did in a row is one message."""
    call = parse_llm_call(post(RESPONSES, ASKED), reply(ANSWER))
    assert call.system_instructions == ({"type": "text", "content": "Be brief."},)
    assert [message.role for message in call.input_messages] == ["user", "assistant", "tool", "user"]
    assert [part["type"] for part in call.input_messages[1].parts] == ["reasoning", "tool_call"]
    assert call.input_messages[1].parts[1]["id"] == "call_1"
    assert call.output_messages[0].parts == ({"type": "text", "content": "It is 5."},)
    assert call.parameters[sc.AGENTOPS_REQUEST + "reasoning_effort"] == "low"
    assert [tool["type"] for tool in call.tool_definitions] == ["function", "web_search"]
    assert call.usage == Usage(input_tokens=57, output_tokens=31, cache_read_tokens=16, reasoning_tokens=4)
    assert (call.finish_reasons, call.response_id, call.previous_response_id) == (
        ("stop",),
        "resp_1",
        "resp_0",
    )
    assert call.complete


def test_a_plain_string_is_a_user_message():
    """The short form of the input is the user speaking."""
    call = parse_llm_call(post(RESPONSES, {"model": "m", "input": "Hi"}), reply(ANSWER))
    assert call.input_messages[0].role == "user"
    assert call.input_messages[0].parts == ({"type": "text", "content": "Hi"},)


CALL = {"type": "function_call", "id": "fc_2", "call_id": "call_2", "name": "add", "arguments": ""}
EVENTS = [
    {
        "type": "response.created",
        "response": {"id": "resp_2", "model": "gpt-test-2026", "status": "in_progress"},
    },
    {"type": "response.output_item.added", "output_index": 0, "item": CALL},
    {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": '{"a": '},
    {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "1}"},
    {"type": "response.output_item.done", "output_index": 0, "item": {**CALL, "arguments": '{"a": 1}'}},
    {
        "type": "response.completed",
        "response": {
            "id": "resp_2",
            "status": "completed",
            "model": "gpt-test-2026",
            "output": [{**CALL, "arguments": '{"a": 1}'}],
            "usage": {"input_tokens": 3, "output_tokens": 4},
        },
    },
]


def test_a_stream_gives_its_last_state():
    """The closing event holds the whole response."""
    call = parse_llm_call(post(RESPONSES, {**ASKED, "stream": True}), stream(EVENTS, named=True))
    assert call.output_messages[0].parts[0]["arguments"] == {"a": 1}
    assert (call.finish_reasons, call.usage) == (("tool_call",), Usage(input_tokens=3, output_tokens=4))
    assert call.complete


@pytest.mark.parametrize("length", [4, 5])
def test_a_cut_stream_gives_what_came(length):
    """Before the closing event, items done and deltas so far are the answer."""
    call = parse_llm_call(post(RESPONSES, ASKED), stream(EVENTS[:length], named=True, end=CUT))
    assert call.output_messages[0].parts[0]["arguments"] == {"a": 1}
    assert call.response_id == "resp_2"
    assert not call.complete


def test_a_cut_text_gives_what_came():
    """Half a message is a message with half its text."""
    events = [
        EVENTS[0],
        {"type": "response.output_item.added", "output_index": 0, "item": {**SAID, "content": []}},
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "It "},
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "is"},
    ]
    call = parse_llm_call(post(RESPONSES, ASKED), stream(events, named=True, end=CUT))
    assert call.output_messages[0].parts == ({"type": "text", "content": "It is"},)


def test_an_incomplete_answer_says_why():
    """Too few tokens is a length, not a stop."""
    body = {**ANSWER, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    assert parse_llm_call(post(RESPONSES, ASKED), reply(body)).finish_reasons == ("length",)


def test_a_failed_answer_is_an_error():
    """A response that failed under status 200 is an error all the same."""
    body = {**ANSWER, "status": "failed", "output": [], "error": {"code": "server_error", "message": "x"}}
    call = parse_llm_call(post(RESPONSES, ASKED), reply(body))
    assert (call.error_type, call.finish_reasons) == ("server_error", ("error",))
