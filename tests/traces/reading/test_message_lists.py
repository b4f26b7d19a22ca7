"""Lists of messages: every answer of an assistant was an llm call with all that stands before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.domain import TraceUnreadable
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.reading.formats import _media
from tests.traces.reading import _documents as d

OBJECT = {
    "model": "big",
    "temperature": 0.5,
    "messages": d.CHAT,
    "tools": [{"type": "function", "function": {"name": "refund"}}],
}
TRAJ = {"task_id": 3, "trial": 1, "reward": 1.0, "info": {"task": {}}, "traj": d.CHAT}
BLOCKS = [
    {"role": "system", "content": d.SYSTEM},
    {"role": "user", "content": [{"type": "text", "text": d.QUESTION}]},
    {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "c1", "name": "refund", "input": d.ARGUMENTS}],
    },
    {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "c1", "content": json.dumps(d.RESULT)}],
    },
    {"role": "assistant", "content": [{"type": "text", "text": d.ANSWER}]},
]
FLAT = [
    *d.CHAT[:2],
    {**d.CHAT[2], "tool_calls": [{"id": "c1", "name": "refund", "arguments": d.ARGUMENTS}]},
    *d.CHAT[3:],
]
FIRST_INTERFACE = [
    *d.CHAT[:2],
    {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "refund", "arguments": json.dumps(d.ARGUMENTS)},
    },
    {"role": "function", "name": "refund", "content": json.dumps(d.RESULT)},
    d.CHAT[4],
]
SHAPES: dict[str, Any] = {
    "array": d.CHAT,
    "object": OBJECT,
    "trajectory": TRAJ,
    "array of objects": [OBJECT],
    "array of arrays": [d.CHAT],
    "blocks": BLOCKS,
    "flat tool calls": FLAT,
    "function calls": FIRST_INTERFACE,
    "developer": [{**d.CHAT[0], "role": "developer"}, *d.CHAT[1:]],
    "system apart": {"system": d.SYSTEM, "messages": d.CHAT[1:]},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_tells_the_same_run(tmp_path: Path, shape: str) -> None:
    """Two llm calls and the tool between them, with the history growing, in whichever shape."""
    (run,), problems = d.read(tmp_path / "chat.json", SHAPES[shape])
    assert problems == []
    first, last = d.attributes(run, "chat")
    (call,) = d.attributes(run, "execute_tool")
    assert json.loads(first["system_instructions"]) == [{"type": "text", "content": d.SYSTEM}]
    assert json.loads(call["tool.call.arguments"]) == d.ARGUMENTS
    assert json.loads(call["tool.call.result"]) == d.RESULT
    assert first["response.finish_reasons"] == ("tool_call",)
    history = json.loads(last["input.messages"])
    assert [message["role"] for message in history] == ["user", "assistant", "tool"]
    assert history[1]["parts"][0]["id"] == history[2]["parts"][0]["id"] == call["tool.call.id"]
    assert d.told(run)["usage"]["input_tokens"] is None
    assert all(sc.is_logical(span.start_ns) for span in run.trace)


def test_lines_are_runs_and_equal_ones_stay_two(tmp_path: Path) -> None:
    """JSON lines hold a run each; two that say the same are two runs, and the same in every reading."""
    other = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello."}]
    data = b"".join(json.dumps(one).encode() + b"\n" for one in (d.CHAT, {"messages": other}, d.CHAT, TRAJ))
    runs, problems = d.read(tmp_path / "chats.jsonl", data)
    again, _ = d.read(tmp_path / "copy.jsonl", data)
    assert [d.told(run)["llm_calls"] for run in runs] == [2, 1, 2, 2]
    assert len({d.told(run)["trace_id"] for run in runs}) == 4
    assert [run.trace for run in runs] == [run.trace for run in again]
    assert problems == []


def test_a_request_tells_its_llm_and_settings(tmp_path: Path) -> None:
    """What stands beside the messages belongs to every call."""
    (run,), _ = d.read(tmp_path / "chat.json", {**OBJECT, "n": 1, "id": "conv-9"})
    for call in d.attributes(run, "chat"):
        assert (call["request.model"], call["request.temperature"]) == ("big", 0.5)
        assert json.loads(call["tool.definitions"])[0]["name"] == "refund"
        assert "request.choice.count" not in call
    assert d.attributes(run, "invoke_agent")[0]["conversation.id"] == "conv-9"


def test_attempts_are_named_and_broken_ones_fail(tmp_path: Path) -> None:
    """A trajectory's conversation is its task and trial; one that broke off is an error."""
    (run,), _ = d.read(tmp_path / "a.json", {**TRAJ, "info": {"error": "rate limit"}})
    root = d.attributes(run, "invoke_agent")[0]
    assert (root["conversation.id"], root["error.type"]) == ("3/1", "_OTHER")
    assert d.told(run)["errors"][0]["message"] == "rate limit"


def test_a_greeting_is_no_call(tmp_path: Path) -> None:
    """What an assistant says before anybody spoke was put in its mouth."""
    greeted = [{"role": "assistant", "content": "How can I help?"}, *d.CHAT[1:]]
    (run,), _ = d.read(tmp_path / "a.json", greeted)
    assert len(d.attributes(run, "chat")) == 2
    assert json.loads(d.attributes(run, "chat")[0]["input.messages"])[0]["role"] == "assistant"


def test_parallel_calls_are_joined_by_id(tmp_path: Path) -> None:
    """Answers come in any order; each belongs to the call whose id it quotes."""
    asked = [
        {"id": f"c{n}", "type": "function", "function": {"name": "look", "arguments": json.dumps({"n": n})}}
        for n in (1, 2)
    ]
    answers = [{"role": "tool", "tool_call_id": f"c{n}", "content": str(n)} for n in (2, 1)]
    document = [*d.CHAT[:2], {"role": "assistant", "tool_calls": asked}, *answers, d.CHAT[4]]
    (run,), _ = d.read(tmp_path / "a.json", document)
    calls = d.attributes(run, "execute_tool")
    assert [json.loads(call["tool.call.arguments"])["n"] for call in calls] == [2, 1]
    assert [call["tool.call.result"] for call in calls] == ["2", "1"]


def test_large_images_are_kept_by_their_hash(tmp_path: Path) -> None:
    """A small image stays in the message, a large one becomes an address that follows from its bytes."""

    def image(size: int) -> Any:
        url = {"url": "data:image/png;base64," + "A" * size}
        return {"role": "user", "content": [{"type": "image_url", "image_url": url}]}

    document = [d.CHAT[0], image(8), image(_media.MAX_BLOB + 1), d.CHAT[4]]
    (run,), _ = d.read(tmp_path / "a.json", document)
    small, large = (one["parts"][0] for one in json.loads(d.attributes(run, "chat")[0]["input.messages"]))
    assert small == {"type": "blob", "modality": "image", "content": "A" * 8, "mime_type": "image/png"}
    assert (large["type"], large["mime_type"], large["uri"][:7]) == ("uri", "image/png", "sha256:")
    assert len(large["uri"]) == 71


def test_what_is_no_message_is_named(tmp_path: Path) -> None:
    """Values that are no messages are passed over by their place; what answers no call has no name."""
    document = [7, {"role": "user"}, *d.CHAT[:2], {"role": "tool", "tool_call_id": "zz", "content": "?"}]
    _, problems = d.read(tmp_path / "a.json", document)
    assert problems == [
        "messages[0]: passed over: no message with a role and a content",
        "messages[1]: passed over: no message with a role and a content",
        "a tool's message answers no call that was asked for ('zz')",
        "nobody answers in these messages: none is an assistant's",
    ]


def test_messages_on_their_own_are_no_conversation(tmp_path: Path) -> None:
    """A message on each line is told apart from other lines, and what to do about it is said."""
    data = b"".join(json.dumps(one).encode() + b"\n" for one in d.CHAT[:2])
    with pytest.raises(TraceUnreadable, match="a message on its own; a conversation is an array of its"):
        d.read(tmp_path / "a.jsonl", data)
    runs, problems = d.read(tmp_path / "a.jsonl", data + b'{"resourceSpans": []}\n')
    assert runs == []
    said = "passed over: a message on its own; a conversation is an array of its messages"
    assert problems == [f"{line}: {said}" for line in (1, 2)]


def test_a_conversation_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    """Part of a conversation is none: the file is named, and where it ends."""
    for document in (d.CHAT, OBJECT, d.FIRST):
        with pytest.raises(TraceUnreadable, match="breaks off"):
            d.read(tmp_path / "a.json", json.dumps(document, indent=1).encode()[:-40])


def test_a_history_has_a_bound(tmp_path: Path) -> None:
    """Calls whose history would not fit are shown without it, and that is said."""
    long = "x" * 3_000_000
    turns = [{"role": role, "content": long} for _ in range(3) for role in ("user", "assistant")]
    (run,), problems = d.read(tmp_path / "a.json", turns)
    shown = ["input.messages" in call for call in d.attributes(run, "chat")]
    assert shown == [True, False, False]
    assert problems[0].startswith("the messages of 2 llm calls are left out: more than 8388608 characters")


def test_very_many_messages_are_cut(tmp_path: Path) -> None:
    """A run is read up to a number of messages, and the rest is counted."""
    asked = [{"role": "user", "content": "x"}] * 4199
    (run,), problems = d.read(tmp_path / "a.json", [d.CHAT[1], d.CHAT[4], *asked])
    assert len(d.attributes(run, "chat")) == 1
    assert problems == ["the last 105 messages are left out: more than 4096"]
