"""``trace import``: a run that was traced elsewhere replays through a real SDK client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_exports import attributes

if TYPE_CHECKING:
    from tests.cli._kit import Commands

QUESTION = {"role": "user", "parts": [{"type": "text", "content": "Refund order 1042, please."}]}
CALL = {"type": "tool_call", "id": "c1", "name": "refund", "arguments": {"order": 1042}}
ANSWER = {"type": "tool_call_response", "id": "c1", "response": '{"refunded": 59.9}'}
SYSTEM = [{"type": "text", "content": "You refund orders."}]

AGENT = """
import json
import openai
from agentops_eval import tool

@tool(effect="write")
def refund(order: int) -> dict:
    raise SystemExit("a replay runs no tool")

def desk(question: str = "Refund order 1042, please.") -> str:
    messages = [{"role": "system", "content": "You refund orders."}, {"role": "user", "content": question}]
    with openai.OpenAI(api_key="unused", base_url="https://llm.test/v1", max_retries=0) as client:
        while True:
            message = client.chat.completions.create(model="big", messages=messages).choices[0].message
            if not message.tool_calls:
                return message.content
            messages.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                result = refund(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
"""


def span(number: int, trace: int, operation: str, name: str, **values: Any) -> dict[str, Any]:
    """A GenAI span; lists and objects become JSON strings."""
    told = {f"gen_ai.{key.replace('__', '.')}": value for key, value in values.items()}
    kept = {
        key: json.dumps(value) if isinstance(value, (list, dict)) else value for key, value in told.items()
    }
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{trace * 100 + number:016x}",
        "parentSpanId": f"{trace * 100 + 1:016x}" if number > 1 else "",
        "name": name,
        "startTimeUnixNano": str(number * 10**9),
        "endTimeUnixNano": str(number * 10**9 + 10**8),
        "attributes": attributes({"gen_ai.operation.name": operation, **kept}),
    }


def run(trace: int, question: Any = QUESTION) -> list[dict[str, Any]]:
    """Two llm calls; what the tool did stands only in what the second one was told."""
    asked = {"role": "assistant", "parts": [CALL]}
    said = {"role": "assistant", "parts": [{"type": "text", "content": "59.90 EUR were refunded."}]}
    common = {"provider__name": "openai", "request__model": "big", "system_instructions": SYSTEM}
    later = [question, asked, {"role": "tool", "parts": [ANSWER]}]
    return [
        span(1, trace, "invoke_agent", "invoke_agent desk", agent__name="desk"),
        span(2, trace, "chat", "chat big", input__messages=[question], output__messages=[asked], **common),
        span(3, trace, "chat", "chat big", input__messages=later, output__messages=[said], **common),
    ]


@pytest.fixture
def exported(ae: Commands) -> Commands:
    """An export of three runs, two of which do the same, beside the agent that made them."""
    (ae.folder / "desk.py").write_text(AGENT)
    other = {"role": "user", "parts": [{"type": "text", "content": "Refund order 7."}]}
    spans = [*run(1), *run(2), *run(3, other)]
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": spans}]}]}
    (ae.folder / "prod.json").write_text(json.dumps(document))
    return ae


def test_an_imported_run_replays_through_the_real_client(exported: Commands) -> None:
    """The agent gets the trace's answers and tool results, with no server, and its golden can be approved."""
    done = exported("trace", "import", "prod.json", "--trace", f"{1:032x}", "--out", "one.cassette.jsonl")
    assert done.code == 0
    assert "one.cassette.jsonl: 3 calls, of trace" in done.out
    replayed = exported(
        "replay", "desk:desk", "--cassette", "one.cassette.jsonl", "--golden", "one.otlp.jsonl", "--approve"
    )
    assert replayed.code == 0, replayed.err
    assert "59.90 EUR were refunded." in replayed.out
    assert "3 synthesised" in replayed.out
    again = exported("replay", "desk:desk", "--cassette", "one.cassette.jsonl", "--golden", "one.otlp.jsonl")
    assert again.code == 0
    changed = exported("replay", "desk:desk", "Refund order 1, please.", "--cassette", "one.cassette.jsonl")
    assert changed.code == 1
    assert "conversation[1].text" in changed.err


def test_runs_that_do_the_same_are_imported_once(exported: Commands) -> None:
    """Of three runs two are alike; each kind of file is named after the run."""
    document = exported("trace", "import", "prod.json", "--out", "runs", "--json").document
    assert [len(kept["alike"]) for kept in document["runs"]] == [1, 0]
    assert all((exported.folder / kept["path"]).exists() for kept in document["runs"])
    done = exported("trace", "import", "prod.json", "--out", "goldens", "--as", "golden")
    assert "1 further run that did the same left out" in done.out
    assert len(list((exported.folder / "goldens").glob("*.otlp.jsonl"))) == 2
    golden = next((exported.folder / "goldens").glob("*.otlp.jsonl"))
    assert exported("trace", "show", golden).code == 0


def test_importing_overwrites_nothing_unasked(exported: Commands) -> None:
    """A file that is there stays, and --force is the way to replace it."""
    words = ("trace", "import", "prod.json", "--trace", f"{1:032x}", "--out", "one.cassette.jsonl")
    assert exported(*words).code == 0
    refused = exported(*words)
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert exported(*words, "--force").code == 0


def test_what_fits_no_filter_is_said(exported: Commands) -> None:
    """No run is an exit code, not an empty file."""
    for words in (("--agent", "nobody"), ("--errors",), ("--conversation", "x"), ("--trace", "ff")):
        done = exported("trace", "import", "prod.json", "--out", "none", *words)
        assert (done.code, done.out.strip()) == (1, "no run was imported: none fits")
    assert not (exported.folder / "none").exists()


def test_a_run_without_content_cannot_be_replayed(exported: Commands) -> None:
    """Where message content was not captured, that is told, and nothing is written."""
    bare = [span(1, 9, "chat", "chat big", provider__name="openai", request__model="big")]
    document = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "prod"}, "spans": bare}]}]}
    (exported.folder / "bare.json").write_text(json.dumps(document))
    done = exported("trace", "import", "bare.json", "--out", "bare")
    assert done.code == 1
    assert "the trace holds no messages of it" in done.out
    assert not (exported.folder / "bare").exists()
