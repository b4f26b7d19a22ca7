"""One message in every shape that traces hold it in."""

from __future__ import annotations

import json

import pytest

from agentops_eval.traces.dialects._messages import conversation, instructions
from agentops_eval.traces.dialects._parts import part, response
from agentops_eval.traces.dialects._tools import arguments, definitions

CALL = {"type": "tool_call", "id": "c1", "name": "look", "arguments": {"n": 1}}
SAID = '{"n": 1}'
CALLS = {
    "the conventions": {"role": "assistant", "parts": [CALL]},
    "arguments as text": {"role": "assistant", "parts": [{**CALL, "arguments": SAID}]},
    "OpenAI": {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": SAID}}],
    },
    "OpenAI Responses": {
        "type": "function_call",
        "call_id": "c1",
        "id": "f",
        "name": "look",
        "arguments": SAID,
    },
    "Anthropic": {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {"n": 1}}],
    },
    "Bedrock and Strands": {
        "role": "assistant",
        "content": json.dumps([{"toolUse": {"toolUseId": "c1", "name": "look", "input": {"n": 1}}}]),
    },
    "Gemini": {"role": "model", "parts": [{"function_call": {"id": "c1", "name": "look", "args": {"n": 1}}}]},
    "LangChain": {
        "type": "ai",
        "content": "",
        "tool_calls": [{"id": "c1", "name": "look", "args": {"n": 1}}],
    },
    "LangChain, dumped": {
        "type": "ai",
        "data": {
            "content": "",
            "tool_calls": [{"id": "c1", "name": "look", "args": {"n": 1}, "type": "tool_call"}],
        },
    },
    "LangChain, constructor": {
        "lc": 1,
        "id": ["langchain", "AIMessage"],
        "kwargs": {"content": "", "tool_calls": [{"id": "c1", "name": "look", "args": {"n": 1}}]},
    },
    "a choice": {"index": 0, "message": {"role": "assistant", "parts": [CALL]}, "finish_reason": "tool_call"},
    "OpenInference": {
        "message": {
            "role": "assistant",
            "tool_calls": [{"tool_call": {"id": "c1", "function": {"name": "look", "arguments": SAID}}}],
        }
    },
}


@pytest.mark.parametrize("shape", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_call_is_read_from_any_shape(shape, wrapped):
    """Whatever wraps it: the role, and one part with an object for arguments."""
    (message,) = conversation({"messages": [[shape]]} if wrapped else shape)
    assert (message.role, list(message.parts)) == ("assistant", [CALL])


ANSWERS = {
    "the conventions": {
        "role": "tool",
        "parts": [{"type": "tool_call_response", "id": "c1", "response": "[1]"}],
    },
    "the registry's example": {
        "role": "user",
        "parts": [{"type": "tool_call_response", "id": "c1", "result": [1]}],
    },
    "OpenAI": {"role": "tool", "tool_call_id": "c1", "content": "[1]"},
    "OpenAI Responses": {"type": "function_call_output", "call_id": "c1", "output": "[1]"},
    "Anthropic": {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "[1]"}],
    },
    "Bedrock": {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"json": [1]}]}}]},
    "Gemini": {"role": "user", "parts": [{"function_response": {"id": "c1", "response": [1]}}]},
    "LangChain": {"type": "tool", "content": "[1]", "tool_call_id": "c1"},
    "an event": {"event.name": "gen_ai.tool.message", "id": "c1", "content": "[1]"},
}


@pytest.mark.parametrize("shape", ANSWERS.values(), ids=ANSWERS)
def test_a_tool_s_answer_is_read_from_any_shape(shape):
    """It is the tool's, it names the call, and it is the value and not its spelling."""
    (message,) = conversation([shape])
    assert (message.role, list(message.parts)) == (
        "tool",
        [{"type": "tool_call_response", "id": "c1", "response": [1]}],
    )


def test_items_beside_messages_are_messages_of_their_own():
    """OpenAI's Responses hold messages, calls and answers in one list."""
    items = [{"role": "user", "content": "Look"}, CALLS["OpenAI Responses"], ANSWERS["OpenAI Responses"]]
    assert [message.role for message in conversation(items)] == ["user", "assistant", "tool"]
    assert [message.role for message in conversation(items[1:])] == ["assistant", "tool"]


def test_results_in_one_message_are_a_message_each():
    """Some providers answer several calls in one message, others in one message per call."""
    blocks = [{"type": "tool_result", "tool_use_id": one, "content": "x"} for one in ("a", "b")]
    assert [m.parts[0]["id"] for m in conversation([{"role": "user", "content": blocks}])] == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "role", "said"),
    [
        ("Hello", "user", "Hello"),
        (["human", "Hello"], "user", "Hello"),
        ([["user", "Hello"]], "user", "Hello"),
        ([{"type": "text", "text": "Hello"}], "user", "Hello"),
        ({"role": "developer", "content": "Hello"}, "system", "Hello"),
        ({"role": "model", "parts": [{"text": "Hello"}]}, "assistant", "Hello"),
        ({"role": "user", "content": '["a list", "of words"]'}, "user", '["a list", "of words"]'),
        ({"role": "user", "content": '[{"order": 7}]'}, "user", '[{"order": 7}]'),
        ({"generations": [[{"text": "Hello", "type": "Generation"}]], "type": "LLMResult"}, "user", "Hello"),
        ({"input": "Hello"}, "user", "Hello"),
        ({"role": "narrator", "content": "Hello"}, "narrator", "Hello"),
    ],
)
def test_text_is_text(given, role, said):
    """Roles have one name, and text that happens to be JSON is left alone."""
    (message,) = conversation(given)
    assert (message.role, [one["content"] for one in message.parts]) == (role, [said])


DEEP = json.loads("[" * 12 + '"deep"' + "]" * 12)


@pytest.mark.parametrize("nothing", [None, "", [], {}, 7, [None], {"messages": []}, DEEP])
def test_nothing_said_is_no_message(nothing):
    """What holds no message gives none."""
    assert [part for message in conversation(nothing) for part in message.parts] == []


def test_other_parts_are_kept():
    """Thoughts, images and what nobody knows have parts of their own."""
    parts = [
        {"type": "thinking", "thinking": "hm", "signature": "x"},
        {"reasoningContent": {"reasoningText": {"text": "hm"}}},
        {"type": "image_url", "image_url": {"url": "http://x/a.png"}},
        {"type": "blob", "modality": "image", "content": "AA==", "mime_type": None},
        {"type": "novel", "x": 1},
    ]
    thought = {"type": "reasoning", "content": "hm"}
    assert [part(one) for one in parts] == [
        thought,
        thought,
        {"type": "uri", "modality": "image", "uri": "http://x/a.png"},
        {"type": "blob", "modality": "image", "content": "AA=="},
        {"type": "novel", "x": 1},
    ]


BRIEF = {"type": "text", "content": "Be brief."}


@pytest.mark.parametrize("given", ["Be brief.", [BRIEF], [{"text": "Be brief."}]])
def test_instructions_are_parts(given):
    """System instructions come as text or as parts."""
    assert instructions(given) == [BRIEF]


LOOK = {"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}}
BARE = {"name": "look", "description": "Looks."}


@pytest.mark.parametrize(
    "given",
    [
        [LOOK],
        [{"type": "function", "function": {**BARE, "parameters": {"type": "object"}}}],
        [{**BARE, "input_schema": {"type": "object"}}],
        [{**BARE, "parameters": '{"type": "object"}'}],
        {"function_tools": [{**BARE, "parameters_json_schema": {"type": "object"}}]},
        [{"function_declarations": [{**BARE, "parameters": {"type": "object"}}]}],
        [{"tool": {"json_schema": json.dumps({"function": {**BARE, "parameters": {"type": "object"}}})}}],
        [{"toolSpec": {**BARE, "inputSchema": {"json": {"type": "object"}}}}],
        json.dumps([LOOK]),
    ],
)
def test_tools_are_defined_in_one_form(given):
    """Every provider's way to offer a tool is the conventions'."""
    assert definitions(given) == [LOOK]


NO_TOOLS = (None, 1, "x", [None], [{"type": "web_search"}], {"tool": {"json_schema": {}}})


@pytest.mark.parametrize("given", NO_TOOLS)
def test_what_defines_no_tool_is_none(given):
    """Definitions without a name are left out."""
    assert definitions(given) == []


@pytest.mark.parametrize(
    "given",
    [
        {"n": 1},
        SAID,
        {"input": SAID},
        {"input_str": SAID, "tags": []},
        {"inputs": {"n": 1}, "input_str": "x"},
        {"args": [], "kwargs": {"n": 1}},
        {"name": "look", "args": {"n": 1}, "id": "c1", "type": "tool_call"},
    ],
)
def test_arguments_are_unwrapped(given):
    """What recorders wrap around a tool's arguments is taken off."""
    assert arguments(given) == {"n": 1}


@pytest.mark.parametrize(
    "given",
    [
        [1],
        "[1]",
        [{"text": "[1]"}],
        [{"type": "text", "text": "[1]"}],
        {"content": "[1]", "tool_call_id": "c1"},
        {"type": "tool", "data": {"content": "[1]", "tool_call_id": "c1"}},
        [{"toolResult": {"toolUseId": "c1", "content": [{"text": "[1]"}]}}],
    ],
)
def test_results_are_unwrapped(given):
    """What carries a tool's result is taken off, and JSON in it is read."""
    assert response(given) == [1]
