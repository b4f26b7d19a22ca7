"""Made-up files of formats that hold no spans, and what is read from them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from agentops_eval.traces import summary_json
from agentops_eval.traces.dialects import NormalTrace, normalise
from agentops_eval.traces.reading import Problems, read_traces

QUESTION = "Refund order 1042, please."
ANSWER = "59.90 EUR were refunded."
SYSTEM = "You refund orders."
ARGUMENTS = {"order": 1042}
RESULT = {"refunded": 59.9}

CHAT: list[Any] = [
    {"role": "system", "content": SYSTEM},
    {"role": "user", "content": QUESTION},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "refund", "arguments": json.dumps(ARGUMENTS)},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": json.dumps(RESULT)},
    {"role": "assistant", "content": ANSWER},
]


def content(text: str, role: str = "user") -> dict[str, Any]:
    """A content as ADK writes it, with every field that is not set."""
    part = {"text": text, "function_call": None, "function_response": None, "inline_data": None}
    return {"parts": [part], "role": role}


def eval_set(**between: Any) -> dict[str, Any]:
    """ADK's set of cases with one turn; ``between`` is what happens before the final response."""
    turn = {
        "invocation_id": "i1",
        "user_content": content(QUESTION),
        "final_response": content(ANSWER, "model"),
        "intermediate_data": between,
        "creation_timestamp": 1_747_000_000.5,
    }
    session = {"app_name": "desk", "user_id": "u", "state": {}}
    case = {"eval_id": "refund_1", "conversation": [turn], "session_input": session}
    return {"eval_set_id": "refunds", "name": "refunds", "description": None, "eval_cases": [case]}


USES = {
    "tool_uses": [{"id": None, "name": "refund", "args": ARGUMENTS}],
    "tool_responses": [{"id": None, "name": "refund", "response": RESULT}],
    "intermediate_responses": [],
}
EVENTS = {
    "invocation_events": [
        {
            "author": "desk",
            "content": {"parts": [{"function_call": {"id": "c1", "name": "refund", "args": ARGUMENTS}}]},
            "usage_metadata": {
                "prompt_token_count": 57,
                "candidates_token_count": 20,
                "thoughts_token_count": 11,
            },
            "model_version": "big-1",
        },
        {
            "author": "desk",
            "content": {"parts": [{"function_response": {"id": "c1", "name": "refund", "response": RESULT}}]},
        },
    ]
}
FIRST = [
    {
        "query": QUESTION,
        "expected_tool_use": [{"tool_name": "refund", "tool_input": ARGUMENTS, "mock_tool_output": RESULT}],
        "reference": ANSWER,
    }
]


def camel(value: Any) -> Any:
    """The same document with names as JSON spells them."""
    if isinstance(value, dict):
        words = {key: key.split("_") for key in value}
        return {
            words[key][0] + "".join(map(str.capitalize, words[key][1:])): (
                item if key in {"args", "response"} else camel(item)
            )
            for key, item in value.items()
        }
    return [camel(item) for item in value] if isinstance(value, list) else value


# -- inspect_ai -------------------------------------------------------------------------------

CALL = {"id": "c1", "function": "refund", "arguments": ARGUMENTS, "type": "function"}
SAID: list[Any] = [
    {"id": "m1", "role": "system", "content": SYSTEM},
    {"id": "m2", "role": "user", "content": QUESTION, "source": "input"},
    {"id": "m3", "role": "assistant", "content": "", "tool_calls": [CALL], "source": "generate"},
    {"id": "m4", "role": "tool", "content": json.dumps(RESULT), "tool_call_id": "c1", "function": "refund"},
    {"id": "m5", "role": "assistant", "content": ANSWER, "source": "generate"},
]
USED = {"input_tokens": 40, "output_tokens": 31, "total_tokens": 88, "input_tokens_cache_read": 17}


def at(second: float) -> str:
    """A time of the made-up run."""
    return f"2026-03-01T10:00:{second:06.3f}+00:00"


def output(message: Any, *, stop: str = "stop", **more: Any) -> dict[str, Any]:
    """What an llm gave."""
    return {"model": "big-1", "choices": [{"message": message, "stop_reason": stop}], **more}


def model(said: Any, given: dict[str, Any], start: float, **more: Any) -> dict[str, Any]:
    """An llm call's event."""
    return {
        "event": "model",
        "timestamp": at(start),
        "completed": at(start + 0.5),
        "model": "openai/big",
        "input": said,
        "tools": [{"name": "refund", "description": "Gives back.", "parameters": {"type": "object"}}],
        "config": {"temperature": 0.5, "max_tokens": 64},
        "output": given,
        **more,
    }


def tool(start: float, **more: Any) -> dict[str, Any]:
    """A tool's event."""
    return {
        "event": "tool",
        "timestamp": at(start),
        "completed": at(start + 0.25),
        "id": "c1",
        "function": "refund",
        "arguments": ARGUMENTS,
        "result": json.dumps(RESULT),
        **more,
    }


def sample(**more: Any) -> dict[str, Any]:
    """A sample with two llm calls and a tool between them."""
    return {
        "id": "refund-1",
        "epoch": 1,
        "input": QUESTION,
        "target": ANSWER,
        "messages": SAID,
        "output": output(SAID[4]),
        "events": [
            model(SAID[:2], output(SAID[2], stop="tool_calls", usage=USED), 1),
            tool(2),
            model(SAID[:4], output(SAID[4], usage={"input_tokens": 103, "output_tokens": 14}), 3),
        ],
        **more,
    }


def log(*samples: Any, **more: Any) -> dict[str, Any]:
    """A log."""
    evaluated = {"task": "refunds", "model": "openai/big", "created": at(0)}
    return {"version": 2, "status": "success", "eval": evaluated, "samples": list(samples), **more}


def archive(*samples: Any, header: Any = None, packed: int = zipfile.ZIP_DEFLATED, **others: bytes) -> bytes:
    """An ``.eval`` file."""
    head = {key: value for key, value in log().items() if key != "samples"} if header is None else header
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as members:
        for number, one in enumerate(samples, start=1):
            members.writestr(
                f"samples/{number}_epoch_1.json", one if isinstance(one, bytes) else json.dumps(one)
            )
        if head:
            members.writestr("header.json", json.dumps(head))
        for name, data in others.items():
            members.writestr(name, data)
    return made.getvalue()


# -- reading ----------------------------------------------------------------------------------


def read(path: Path, data: Any, *, sane: bool = True) -> tuple[list[NormalTrace], list[str]]:
    """The runs in a file that holds this, and what could not be read; the path is left out of it."""
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    problems = Problems()
    runs = [normalise(found) for found in read_traces([path], problems)]
    for run in runs:
        assert set(run.dialects.values()) <= {"genai", "agentops"}
        assert not sane or not any(run.unmapped.values())
    return runs, [str(problem).removeprefix(str(path)).lstrip(":").strip() for problem in problems.kept]


def told(run: NormalTrace) -> Any:
    """A run as scripts see it."""
    return summary_json(run)


def attributes(run: NormalTrace, operation: str) -> list[dict[str, Any]]:
    """The attributes of every span of one operation, without the prefix of the conventions."""
    spans = [
        span.attributes for span in run.trace if span.attributes.get("gen_ai.operation.name") == operation
    ]
    return [{key.removeprefix("gen_ai."): value for key, value in found.items()} for found in spans]
