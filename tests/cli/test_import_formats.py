"""``trace import`` of formats that hold no spans: their runs replay through real SDK clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.traces.reading import _documents as d

if TYPE_CHECKING:
    from tests.cli._kit import Commands

AGENTS = """
import json
import anthropic
import openai
from agentops_eval import tool

@tool(effect="write")
def refund(order: int) -> dict:
    raise SystemExit("a replay runs no tool")

def desk(system: str, question: str = "Refund order 1042, please.") -> str:
    messages = [{"role": "user", "content": question}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    with openai.OpenAI(api_key="unused", base_url="https://llm.test/v1", max_retries=0) as client:
        while True:
            message = client.chat.completions.create(model="big", messages=messages).choices[0].message
            if not message.tool_calls:
                return message.content
            messages.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                result = refund(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})

def bureau(system: str, question: str = "Refund order 1042, please.") -> str:
    messages = [{"role": "user", "content": question}]
    given = {"system": system} if system else {}
    with anthropic.Anthropic(api_key="unused", base_url="https://llm.test", max_retries=0) as client:
        while True:
            reply = client.messages.create(model="big", max_tokens=64, messages=messages, **given)
            uses = [block for block in reply.content if block.type == "tool_use"]
            if not uses:
                return reply.content[0].text
            messages.append({"role": "assistant", "content": reply.content})
            results = [
                {"type": "tool_result", "tool_use_id": use.id, "content": json.dumps(refund(**use.input))}
                for use in uses
            ]
            messages.append({"role": "user", "content": results})
"""
FORMATS: dict[str, tuple[bytes, str]] = {
    "adk": (json.dumps(d.eval_set(**d.EVENTS)).encode(), ""),
    "adk-lists": (json.dumps(d.eval_set(**d.USES)).encode(), ""),
    "adk-turns": (json.dumps(d.FIRST).encode(), ""),
    "inspect-eval": (d.archive(d.sample()), d.SYSTEM),
    "inspect-messages": (json.dumps(d.log(d.sample(events=[]))).encode(), d.SYSTEM),
    "messages": (json.dumps(d.CHAT).encode(), d.SYSTEM),
    "trajectory": (json.dumps({"task_id": 1, "trial": 0, "traj": d.CHAT}).encode() + b"\n", d.SYSTEM),
}


@pytest.fixture
def shop(ae: Commands) -> Commands:
    """A folder with two agents, one on each of the clients."""
    (ae.folder / "shop.py").write_text(AGENTS)
    return ae


@pytest.mark.parametrize("agent", ["desk", "bureau"])
@pytest.mark.parametrize("name", FORMATS)
def test_an_imported_run_replays_through_the_real_clients(shop: Commands, name: str, agent: str) -> None:
    """Both clients get the run's answers and tool results in their own dialect, with no server."""
    data, system = FORMATS[name]
    (shop.folder / "runs").write_bytes(data)
    done = shop("trace", "import", "runs", "--as", "cassette", "--out", "one.cassette.jsonl")
    assert (done.code, done.err) == (0, "")
    assert "one.cassette.jsonl: 3 calls, of trace" in done.out
    assert "not told" not in done.out
    replayed = shop("replay", f"shop:{agent}", system, "--cassette", "one.cassette.jsonl")
    assert (replayed.code, replayed.err) == (0, "")
    assert "59.90 EUR were refunded." in replayed.out
    assert "3 synthesised" in replayed.out


@pytest.mark.parametrize("name", FORMATS)
def test_an_imported_run_becomes_a_golden(shop: Commands, name: str) -> None:
    """The golden of a run can be shown, and holds its llm and tool calls."""
    (shop.folder / "runs").write_bytes(FORMATS[name][0])
    assert shop("trace", "import", "runs", "--as", "golden", "--out", "one.otlp.jsonl").code == 0
    (run,) = shop("trace", "show", "one.otlp.jsonl", "--json").document["runs"]
    assert [call["name"] for call in run["tool_calls"]] == ["refund"]
    assert run["llm_calls"] == 2


def test_a_file_is_shown_as_a_tree(shop: Commands) -> None:
    """What a person sees of a run: who was asked, what was called, what is not known."""
    (shop.folder / "runs").write_bytes(FORMATS["adk"][0])
    shown = shop("trace", "show", "runs").out
    assert "agent desk" in shown
    assert "tool refund(order=1042)" in shown
    assert "2 llm calls, 1 tool call, none failed" in shown
    assert " ms" not in shown  # nobody measured


def test_a_result_that_nobody_tells_is_a_gap(shop: Commands) -> None:
    """An eval set without tool responses gives a recording that says what it lacks."""
    uses: dict[str, Any] = {**d.USES, "tool_responses": []}
    (shop.folder / "runs").write_text(json.dumps(d.eval_set(**uses)))
    done = shop("trace", "import", "runs", "--out", "one.cassette.jsonl")
    assert "not told: execute_tool refund" in done.out
    assert "the trace does not hold its result" in done.out


def test_nonsense_is_an_error_with_its_place(shop: Commands) -> None:
    """A file that breaks off, one without runs, and one of another kind are told apart."""
    cut = json.dumps(d.log(d.sample()))[:150].encode()
    (shop.folder / "cut").write_bytes(cut)
    done = shop("trace", "show", "cut")
    assert (done.code, "breaks off" in done.err, "cut" in done.err) == (2, True, True)
    (shop.folder / "none").write_text(json.dumps(d.log()))
    done = shop("trace", "show", "none")
    assert "the log holds no samples" in done.out
    (shop.folder / "other").write_text('{"conversations": []}')
    done = shop("trace", "show", "other")
    assert (done.code, "no other format that is read" in done.err) == (2, True)
