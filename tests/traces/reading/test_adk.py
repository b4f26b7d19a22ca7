"""Eval sets of Google's ADK: each case is a run that did what is expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.traces import semconv as sc
from tests.traces.reading import _documents as d

SHAPES = {
    "turns": d.FIRST,
    "named lists of turns": [{"name": "refund_1", "data": d.FIRST, "initial_session": {"app_name": "desk"}}],
    "set of cases": d.eval_set(**d.USES),
    "set of cases in camelCase": d.camel(d.eval_set(**d.USES)),
    "events": d.eval_set(**d.EVENTS),
    "events in camelCase": d.camel(d.eval_set(**d.EVENTS)),
    "one case": d.eval_set(**d.USES)["eval_cases"][0],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_tells_the_same_run(tmp_path: Path, shape: str) -> None:
    """The llm is asked, asks for the tool, is told its answer and answers, whichever shape tells it."""
    (run,), problems = d.read(tmp_path / "set.json", SHAPES[shape])
    assert problems == []
    first, last = d.attributes(run, "chat")
    (call,) = d.attributes(run, "execute_tool")
    assert json.loads(first["input.messages"])[0]["parts"][0]["content"] == d.QUESTION
    assert (call["tool.name"], json.loads(call["tool.call.arguments"])) == ("refund", d.ARGUMENTS)
    assert json.loads(call["tool.call.result"]) == d.RESULT
    history = json.loads(last["input.messages"])
    assert [message["role"] for message in history] == ["user", "assistant", "tool"]
    assert history[1]["parts"][0]["id"] == history[2]["parts"][0]["id"] == call["tool.call.id"]
    assert json.loads(last["output.messages"])[0]["parts"] == [{"type": "text", "content": d.ANSWER}]


def test_times_are_logical_and_ids_stay(tmp_path: Path) -> None:
    """An expectation took no time; its ids follow from what it holds, wherever it lies."""
    (run,), _ = d.read(tmp_path / "a.json", d.eval_set(**d.USES))
    (again,), _ = d.read(tmp_path / "b.test.json", json.dumps(d.eval_set(**d.USES), indent=3).encode())
    assert all(sc.is_logical(span.start_ns) for span in run.trace)
    assert run.trace == again.trace
    assert run.trace.root is not None
    assert run.trace.root.attributes[sc.AGENT_NAME] == "desk"
    assert run.trace.root.attributes[sc.CONVERSATION_ID] == "refund_1"
    assert next(iter(run.sources.values())).origin.scope == "agentops-eval.import.adk"


def test_usage_and_llm_of_events_are_kept(tmp_path: Path) -> None:
    """Thoughts count as output; a call of which nobody tells tokens has none."""
    (run,), _ = d.read(tmp_path / "a.json", d.eval_set(**d.EVENTS))
    first, last = d.attributes(run, "chat")
    assert (first["usage.input_tokens"], first["usage.output_tokens"]) == (57, 31)
    assert first["usage.reasoning.output_tokens"] == 11
    assert first["response.model"] == "big-1"
    assert "usage.input_tokens" not in last


def test_a_tool_without_an_answer_is_called_all_the_same(tmp_path: Path) -> None:
    """What a tool is expected to be given is told, what it answers is not, and nothing is made up."""
    uses = {**d.USES, "tool_responses": []}
    (run,), problems = d.read(tmp_path / "a.json", d.eval_set(**uses))
    (call,) = d.attributes(run, "execute_tool")
    assert "tool.call.result" not in call
    assert "tool_call_response" not in d.attributes(run, "chat")[1]["input.messages"]
    assert problems == []


def test_turns_share_a_conversation(tmp_path: Path) -> None:
    """A second question is asked with all that was said before it."""
    second = {"query": "And order 7?", "expected_tool_use": [], "reference": "There is none."}
    (run,), _ = d.read(tmp_path / "a.json", [*d.FIRST, second])
    history = json.loads(d.attributes(run, "chat")[-1]["input.messages"])
    assert [message["role"] for message in history] == ["user", "assistant", "tool", "assistant", "user"]


def test_the_last_event_may_be_the_final_response(tmp_path: Path) -> None:
    """An answer that stands in the events and apart is one answer."""
    events = [*d.EVENTS["invocation_events"], {"author": "desk", "content": d.content(d.ANSWER, "model")}]
    (run,), _ = d.read(tmp_path / "a.json", d.eval_set(invocation_events=events))
    assert len(d.attributes(run, "chat")) == 2


def test_an_answer_to_nobody_is_read(tmp_path: Path) -> None:
    """Events of nobody and a question of nobody leave the answer."""
    document = d.eval_set(invocation_events=[None])
    document["eval_cases"][0]["conversation"][0]["user_content"] = None
    runs, problems = d.read(tmp_path / "a.json", document)
    assert runs == []  # an answer without a question is no llm call
    assert problems[-1] == "eval_cases[0].conversation: nothing happens in it: no llm call and no tool call"


def test_instructions_and_tools_of_an_app_are_read(tmp_path: Path) -> None:
    """What the app tells its llm stands with the calls of the agent that it belongs to."""
    document = d.eval_set(**d.EVENTS)
    turn = document["eval_cases"][0]["conversation"][0]
    declared = [{"function_declarations": [{"name": "refund", "description": "Gives back."}]}]
    agent = {"name": "desk", "instructions": d.SYSTEM, "tool_declarations": declared}
    turn["app_details"] = {"agent_details": {"desk": agent}}
    (run,), _ = d.read(tmp_path / "a.json", document)
    first = d.attributes(run, "chat")[0]
    assert d.SYSTEM in first["system_instructions"]
    assert json.loads(first["tool.definitions"])[0]["name"] == "refund"


def test_what_tells_no_conversation_is_said(tmp_path: Path) -> None:
    """Cases and turns that cannot be read are named by their place, and the others are read."""
    document: dict[str, Any] = d.eval_set(**d.USES)
    cases = document["eval_cases"]
    cases += [{"eval_id": "s", "conversation_scenario": {"starting_prompt": "x"}}, {"eval_id": "e"}, 7]
    cases[0]["conversation"] += [
        "nonsense",
        {"user_content": None, "final_response": d.content("x", "model")},
    ]
    runs, problems = d.read(tmp_path / "a.json", document)
    assert len(runs) == 1
    assert problems == [
        "eval_cases[0].conversation[1]: passed over: a turn without a query and without user_content",
        "eval_cases[0].conversation[2].user_content: nobody says anything in it",
        "eval_cases[1]: passed over: a scenario for a simulated user tells no conversation",
        "eval_cases[2].conversation: passed over: there are no turns in it",
        "eval_cases[3].conversation: passed over: there are no turns in it",
    ]
