"""Anthropic Messages."""

from __future__ import annotations

from agentops_eval.traces.llm import Usage, parse_llm_call
from tests.traces._kit import ANTHROPIC, CUT, post, reply, stream

ASKED = {
    "model": "claude-test",
    "max_tokens": 512,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "tools": [{"name": "add", "description": "Adds.", "input_schema": {"type": "object"}}],
    "messages": [
        {"role": "user", "content": "2+3?"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Add.", "signature": "c2ln"},
                {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 2, "b": 3}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "5"}]},
                {"type": "tool_result", "tool_use_id": "toolu_2", "content": "boom", "is_error": True},
            ],
        },
    ],
}
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-test-2026",
    "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "It is 5."}],
    "usage": {
        "input_tokens": 57,
        "cache_read_input_tokens": 16,
        "cache_creation_input_tokens": 5,
        "output_tokens": 31,
    },
}


def test_a_whole_exchange_is_read():
    """A message that only brings results is the tool's; cached tokens are part of the input."""
    call = parse_llm_call(post(ANTHROPIC, ASKED), reply(ANSWER))
    assert call.provider == "anthropic"
    assert call.system_instructions == ({"type": "text", "content": "Be brief."},)
    assert [message.role for message in call.input_messages] == ["user", "assistant", "tool"]
    assert call.input_messages[1].parts[0] == {"type": "reasoning", "content": "Add."}
    assert call.input_messages[2].parts == (
        {"type": "tool_call_response", "id": "toolu_1", "response": "5"},
        {"type": "tool_call_response", "id": "toolu_2", "response": "boom", "is_error": True},
    )
    assert call.tool_definitions[0]["parameters"] == {"type": "object"}
    assert call.usage == Usage(
        input_tokens=78, output_tokens=31, cache_read_tokens=16, cache_creation_tokens=5
    )
    assert (call.finish_reasons, call.response_id, call.complete) == (("stop",), "msg_1", True)


def test_unknown_cache_counts_stay_unknown():
    """Counts that the provider does not give are None, not 0."""
    body = {**ANSWER, "usage": {"input_tokens": 5, "output_tokens": 6, "cache_read_input_tokens": None}}
    assert parse_llm_call(post(ANTHROPIC, ASKED), reply(body)).usage == Usage(input_tokens=5, output_tokens=6)


EVENTS = [
    {
        "type": "message_start",
        "message": {
            **ANSWER,
            "content": [],
            "stop_reason": None,
            "usage": {"input_tokens": 9, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Let me "}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "see."}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "content_block_start",
        "index": 1,
        "content_block": {"type": "tool_use", "id": "toolu_3", "name": "add", "input": {}},
    },
    {
        "type": "content_block_delta",
        "index": 1,
        "delta": {"type": "input_json_delta", "partial_json": '{"a": 1'},
    },
    {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "}"}},
    {"type": "content_block_stop", "index": 1},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 20}},
    {"type": "message_stop"},
]


def test_a_stream_is_joined():
    """Blocks grow by their deltas; the last word on usage is the closing one."""
    call = parse_llm_call(post(ANTHROPIC, {**ASKED, "stream": True}), stream(EVENTS, named=True))
    assert call.output_messages[0].parts == (
        {"type": "text", "content": "Let me see."},
        {"type": "tool_call", "id": "toolu_3", "name": "add", "arguments": {"a": 1}},
    )
    assert call.usage == Usage(input_tokens=9, output_tokens=20)
    assert (call.finish_reasons, call.streamed, call.complete) == (("tool_call",), True, True)


def test_a_cut_stream_gives_what_came():
    """Half the arguments of a call stay a text."""
    call = parse_llm_call(post(ANTHROPIC, ASKED), stream(EVENTS[:8], named=True, end=CUT))
    assert call.output_messages[0].parts[1]["arguments"] == '{"a": 1'
    assert not call.complete


def test_an_error_in_a_stream_is_an_error():
    """Overload told in the middle of a stream fails the call, though its status was 200."""
    told = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    call = parse_llm_call(post(ANTHROPIC, ASKED), stream([*EVENTS[:4], told], named=True))
    assert call.error_type == "overloaded_error"
    assert call.output_messages[0].parts == ({"type": "text", "content": "Let me "},)


def test_an_error_status_gives_the_providers_word():
    """A refused call keeps what was asked."""
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}
    call = parse_llm_call(post(ANTHROPIC, ASKED), reply(body, 429))
    assert (call.error_type, len(call.input_messages)) == ("rate_limit_error", 3)


def test_clouds_that_host_it_are_read_by_shape():
    """Bedrock has the same body at another address, which names the llm."""
    body = {key: value for key, value in ASKED.items() if key != "model"}
    url = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-test-v1%3A0/invoke"
    call = parse_llm_call(post(url, {**body, "anthropic_version": "bedrock-2023-05-31"}), reply(ANSWER))
    assert (call.provider, call.request_model) == ("aws.bedrock", "anthropic.claude-test-v1:0")


def test_counting_tokens_is_no_llm_call():
    """The sibling endpoints of Messages are plain HTTP."""
    assert parse_llm_call(post(f"{ANTHROPIC}/count_tokens", ASKED), reply({"input_tokens": 5})) is None
