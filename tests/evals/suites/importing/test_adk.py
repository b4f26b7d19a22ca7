"""Eval sets of ADK, in each of their shapes, become scenarios."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agentops_eval.domain import ScenarioInvalid, ToolCall
from agentops_eval.evals.suites import suite_yaml
from tests.evals._judged import FAIL, PASS, value
from tests.evals.suites._kit import suite
from tests.evals.suites.importing._kit import imported, scenario, told

CALL = {"id": None, "name": "set_device", "args": {"device": "d1", "on": False}}


def content(*texts: str) -> dict[str, object]:
    return {"role": "user", "parts": [{"text": text, "function_call": None} for text in texts]}


def invocation(asked: str, answered: str, *calls: object) -> dict[str, object]:
    return {
        "user_content": content(asked),
        "final_response": content(answered),
        "intermediate_data": {"tool_uses": list(calls), "intermediate_responses": []},
    }


def test_a_set_of_cases_becomes_scenarios():
    """Turns are asked one after the other; all tools are expected strictly, and the last answer."""
    case = {
        "eval_id": "tests/home/lights.test.json",
        "conversation": [
            invocation("Lights off", "They are off.", CALL),
            invocation("And on", "They are on. \n", CALL),
        ],
    }
    found = imported({"eval_set_id": "s", "eval_cases": [case]})
    wanted = [{"name": "set_device", "arguments": {"device": "d1", "on": False}}] * 2
    assert scenario(found) == {
        "id": "lights",
        "input": ["Lights off", "And on"],
        "expect": {
            "tools": {"expected": wanted, "order": "strict"},
            "answer_similar": {"expected": "They are on.", "at_least": 0.7},
        },
        "source": "ADK, tests/home/lights.test.json",
    }
    where = "eval_cases[0].conversation[0].final_response"
    last = "eval_cases[0].conversation[1].final_response"
    assert told(found) == [
        f"- {where}: the answer to a turn that is not the last",
        f"~ {last}: the expected answer",
    ]


@pytest.mark.parametrize(
    "document",
    [
        [{"query": "Off", "expected_tool_use": [], "reference": "It is off."}],
        {"name": "other", "data": [{"query": "Off", "expected_tool_use": [], "reference": "It is off."}]},
        {
            "evalId": "other",
            "conversation": [
                {
                    "userContent": content("Off"),
                    "finalResponse": content("It is off."),
                    "intermediateData": {"toolUses": []},
                }
            ],
        },
    ],
    ids=["turns", "named turns", "one case in camel case"],
)
def test_each_shape_is_read(document):
    """A list of turns, named turns, and one case in JSON's spelling give the same scenario."""
    made = scenario(imported(document))
    wanted = {
        "tools": {"expected": [], "order": "strict"},
        "answer_similar": {"expected": "It is off.", "at_least": 0.7},
    }
    assert (made["id"], made["input"], made["expect"]) == ("other", "Off", wanted)


@pytest.mark.parametrize(
    ("reference", "answers"),
    [
        (
            "It is off.",
            {"It is now off.": PASS, "It is off!": PASS, "I do not know that device.": FAIL},
        ),
        (
            "The refund is 59.90 EUR.",
            {"You get 59,90 \u20ac back.": PASS, "The refund is 5,990 EUR.": FAIL},
        ),
    ],
    ids=["no fact", "facts"],
)
def test_an_expected_answer_can_pass_and_fail(reference, answers):
    """By its facts where it states any, else by its words: never unknown for whatever an agent says."""
    turn = {"query": "Off", "expected_tool_use": [], "reference": reference}
    ((name, arguments),) = (
        one for one in scenario(imported([turn]))["expect"].items() if one[0].startswith("answer")
    )
    assert {text: value(name, arguments, output=text) for text in answers} == answers


def test_arguments_that_look_like_conditions_are_values():
    """ADK has no conditions: an argument with the word of one is compared as it is, braces and all."""
    arguments = {"filter": {"contains": "x"}, "text": "{{name}}", "depth": {"a": [{"optional": True}]}}
    use = {"tool_name": "find", "tool_input": arguments}
    found = imported([{"query": "Find", "expected_tool_use": [use]}])
    (call,) = scenario(found)["expect"]["tools"]["expected"]
    assert call["arguments"]["filter"] == {"exactly": {"contains": "x"}}
    (read,) = suite(suite_yaml(found.document), "a.yaml").scenarios
    (expectation,) = read.expect
    for given, verdict in ((arguments, PASS), ({**arguments, "filter": "an x"}, FAIL)):
        calls = (ToolCall(name="find", arguments=given),)
        assert value("tools", expectation.arguments, calls=calls) is verdict


def test_a_simulated_user_is_kept():
    """A conversation scenario becomes a user with an opening and a goal."""
    case = {
        "eval_id": "dice",
        "conversation_scenario": {"starting_prompt": "Hi", "conversation_plan": "Roll a die."},
    }
    made = scenario(imported({"eval_cases": [case]}))
    assert made["user"] == {"goal": "Roll a die.", "opening": "Hi"}


def test_events_tell_tools_too():
    """Calls are found in the events of an invocation, in their order."""
    parts = [{"function_call": {"name": name, "args": {"n": 1}}} for name in ("first", "second")]
    turn = invocation("Go", "Done.")
    turn["intermediate_data"] = {
        "invocation_events": [{"author": "agent", "content": {"parts": [part]}} for part in parts]
    }
    made = scenario(imported({"eval_cases": [{"eval_id": "a", "conversation": [turn]}]}))
    assert [call["name"] for call in made["expect"]["tools"]["expected"]] == ["first", "second"]


def test_what_cannot_be_kept_is_listed():
    """Session state, results of tools, pictures, rubrics and cases without turns are named."""
    picture = {"parts": [{"inline_data": {"mime_type": "image/png"}}, {"text": "Look"}]}
    use = {"tool_name": "t", "tool_input": {}, "mock_tool_output": {"x": 1}}
    cases = [
        {
            "eval_id": "a",
            "session_input": {"app_name": "x", "state": {"k": 1}},
            "rubrics": [{"r": 1}],
            "conversation": [{"user_content": picture, "final_response": None, "rubrics": [1]}],
        },
        {"eval_id": "b", "conversation": []},
        {"eval_id": "c", "conversation": [{"user_content": {"parts": []}}]},
        {"eval_id": "d", "conversation_scenario": {"starting_prompt": "x"}},
        {
            "eval_id": "e",
            "conversation": [
                {
                    "query": "q",
                    "expected_tool_use": [use, {}],
                    "expected_intermediate_agent_responses": [{"text": "t"}],
                }
            ],
        },
    ]
    assert told(imported({"eval_cases": cases})) == [
        "- eval_cases[0].rubrics: the session's state",
        "- eval_cases[0].session_input: the session's state",
        "- eval_cases[0].conversation[0].user_content.parts[0]: inline_data",
        "- eval_cases[0].conversation[0].rubrics: rubrics of a turn",
        "- eval_cases[1]: a case",
        "- eval_cases[2].conversation: a case",
        "- eval_cases[3].conversation_scenario: a case",
        "- eval_cases[4].conversation[0].expected_tool_use[0].mock_tool_output: what the tool gives",
        "- eval_cases[4].conversation[0].expected_tool_use[1]: a tool call",
        "- eval_cases[4].conversation[0].expected_intermediate_agent_responses: what agents say in between",
    ]


def test_texts_that_look_like_variables_stand_for_themselves():
    """What a user typed is asked as it was typed."""
    made = imported([{"query": "What is {{name}}?", "expected_tool_use": [], "reference": "{{x}}"}])
    (read,) = suite(json.dumps(made.document), "a.json").scenarios
    assert read.turns == ("What is {{name}}?",)
    assert read.expect[1].arguments == {"expected": "{{x}}", "at_least": 0.7}


@pytest.mark.parametrize("document", [{}, [], {"scenarios": []}, 7, {"eval_cases": None}], ids=str)
def test_anything_else_is_refused(document):
    """A file in no form that is known is an error that says which are."""
    with pytest.raises(ScenarioInvalid) as caught:
        imported(document)
    assert "ADK" in caught.value.remedy


@pytest.mark.skipif("AGENTOPS_DEV_DATA" not in os.environ, reason="development data not present")
def test_published_eval_sets_are_imported_whole():
    """Each of the 11 published sets gives its scenario, with all 21 turns and 18 tool calls."""
    files = sorted((Path(os.environ["AGENTOPS_DEV_DATA"]) / "adk-evalsets").rglob("*.test.json"))
    made = [scenario(imported(json.loads(file.read_text(encoding="utf-8")))) for file in files]
    turns = [one["input"] if isinstance(one["input"], list) else [one["input"]] for one in made]
    calls = [call for one in made for call in one["expect"]["tools"]["expected"]]
    assert (len(made), sum(map(len, turns)), len(calls)) == (11, 21, 18)
