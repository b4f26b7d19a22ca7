"""Datasets of pydantic-evals become scenario files, evaluator by evaluator."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.test_json import JSON
from tests.evals.suites._kit import suite
from tests.evals.suites.importing._kit import imported, scenario, told
from tests.examples import examples


def dataset(*evaluators, **case):
    return {
        "name": "d",
        "cases": [{"name": "one", "inputs": "Hello", "evaluators": list(evaluators), **case}],
    }


@pytest.mark.parametrize(
    ("evaluator", "expected"),
    [
        ("EqualsExpected", {"answer_equals": {"expected": "out"}}),
        ({"EqualsExpected": {"evaluation_name": "x"}}, {"answer_equals": {"expected": "out"}}),
        ({"Equals": "x"}, {"answer_equals": {"expected": "x"}}),
        ({"Equals": {"value": [1], "evaluation_name": "n"}}, {"answer_equals": {"expected": [1]}}),
        ({"Equals": {"a": 1}}, {"answer_equals": {"expected": {"a": 1}}}),
        ({"Contains": "x"}, {"answer_contains": {"texts": "x"}}),
        (
            {"Contains": {"value": "x", "case_sensitive": False}},
            {"answer_contains": {"texts": "x", "case": False}},
        ),
        ({"Contains": {"value": 7, "as_strings": True}}, {"answer_contains": {"texts": "7"}}),
        ({"name": "Contains", "arguments": ["x"]}, {"answer_contains": {"texts": "x"}}),
        ({"name": "Contains", "arguments": {"value": "x"}}, {"answer_contains": {"texts": "x"}}),
        ({"IsInstance": "dict"}, {"answer_schema": {"schema": {"type": "object"}}}),
        ({"MaxDuration": 2.5}, {"budget": {"latency_s": 2.5}}),
        ({"MaxDuration": {"seconds": 2}}, {"budget": {"latency_s": 2}}),
        ({"LLMJudge": "Is it polite?"}, {"judge": {"rubric": "Is it polite?"}}),
        (
            {"LLMJudge": {"rubric": "Is it so?", "include_expected_output": True}},
            {"judge": {"rubric": "Is it so?", "reference": "out"}},
        ),
        ({"HasMatchingSpan": {"query": {"name_equals": "execute_tool search"}}}, {"tools": ["search"]}),
        ({"HasMatchingSpan": {"name_equals": "running tool: search"}}, {"tools": ["search"]}),
        (
            {"HasMatchingSpan": {"query": {"has_attributes": {"gen_ai.tool.name": "search"}}}},
            {"tools": ["search"]},
        ),
    ],
    ids=lambda one: json.dumps(one)[:44],
)
def test_evaluators_become_expectations(evaluator, expected):
    """Each evaluator that has a counterpart is one expectation, in all its short forms."""
    found = imported(dataset(evaluator, expected_output="out"))
    assert scenario(found)["expect"] == expected


@pytest.mark.parametrize(
    "evaluator",
    [
        "MyOwn",
        {"MyOwn": 1},
        {"Contains": {"value": [1]}},
        {"Contains": ["x"]},
        {"IsInstance": "str"},
        {"IsInstance": "Order"},
        {"LLMJudge": {"model": "x"}},
        {"HasMatchingSpan": {"query": {"name_contains": "x"}}},
        {"HasMatchingSpan": {"query": {"name_equals": "execute_tool x", "min_duration": 1}}},
        {"HasMatchingSpan": {"query": {"not_": {"name_equals": "x"}}}},
        {"MaxDuration": "soon"},
        {"a": 1, "b": 2},
        7,
    ],
    ids=lambda one: json.dumps(one)[:44],
)
def test_what_has_no_counterpart_is_listed_with_its_place(evaluator):
    """Nothing is left out in silence."""
    found = imported(dataset(evaluator))
    assert "expect" not in scenario(found)
    assert [line for line in told(found) if line.startswith("- cases[0].evaluators[0]: ")]


def test_cases_keep_inputs_names_and_metadata():
    """Inputs of any kind are one turn; metadata that are texts or numbers are segments, and tags tags."""
    cases = [
        {
            "name": "A List!",
            "inputs": [1, 2],
            "metadata": {"level": 3, "tags": ["x"], "deep": {}, "none": None},
        },
        {"inputs": {"q": "{{x}}"}},
        {"inputs": None},
    ]
    found = imported({"cases": cases})
    first, second, third = suite(json.dumps(found.document), "a.json").scenarios
    assert (first.id, first.title, first.turns) == ("a-list", "A List!", ([1, 2],))
    assert (first.segments, first.tags) == ({"level": "3"}, ("x",))
    assert (second.id, second.turns, third.id, third.turns) == (
        "case-2",
        ({"q": "{{x}}"},),
        "case-3",
        (None,),
    )
    assert told(found) == ["- cases[0].metadata.deep: metadata"]


def test_evaluators_of_the_dataset_hold_for_every_case():
    """They are defaults; one that needs a case's output, or is there in the case too, is said in the case."""
    document = {
        "cases": [
            {"name": "a", "inputs": "x", "expected_output": 1, "evaluators": [{"Contains": "b"}]},
            {"name": "b", "inputs": "y"},
        ],
        "evaluators": ["EqualsExpected", {"Contains": "a"}, {"MaxDuration": 1}],
    }
    first, second = suite(json.dumps(imported(document).document), "a.json").scenarios
    told_of = sorted((one.evaluator, json.dumps(one.arguments)) for one in first.expect)
    assert told_of == [
        ("answer_contains", '{"texts": "a"}'),
        ("answer_contains", '{"texts": "b"}'),
        ("answer_equals", '{"expected": 1}'),
        ("budget", '{"latency_s": 1}'),
    ]
    assert [one.evaluator for one in second.expect] == ["answer_contains", "budget"]


def test_an_output_that_nothing_compares_is_listed():
    """An expected output is only worth what an evaluator makes of it."""
    assert told(imported(dataset(expected_output="out"))) == [
        "- cases[0].expected_output: the expected output"
    ]


def test_several_files_are_one_suite():
    """Ids are kept apart, places name their file, and of what a file has once the first counts."""
    found = imported(
        {**dataset(), "evaluators": [{"MaxDuration": 1}]},
        {**dataset("MyOwn"), "evaluators": [{"MaxDuration": 2}]},
    )
    ids = [one.id for one in suite(json.dumps(found.document), "a.json").scenarios]
    assert (ids, found.document["defaults"]) == (["one", "one-2"], {"expect": {"budget": {"latency_s": 1}}})
    assert told(found) == [
        "- other.json cases[0].evaluators[0]: MyOwn",
        "- other.json defaults: of a second file",
    ]


NAMES = [
    "Equals",
    "EqualsExpected",
    "Contains",
    "IsInstance",
    "MaxDuration",
    "LLMJudge",
    "HasMatchingSpan",
    "Own",
]


@examples(150)
@given(
    st.lists(
        st.sampled_from(NAMES) | st.dictionaries(st.sampled_from(NAMES), JSON, max_size=2) | JSON, max_size=3
    ),
    JSON,
    JSON,
)
def test_every_evaluator_is_kept_or_listed_and_the_file_loads(evaluators, inputs, output):
    """Whatever the cases hold, what is written loads, and no evaluator is lost in silence."""
    found = imported({"cases": [{"inputs": inputs, "expected_output": output, "evaluators": evaluators}]})
    kept = len(scenario(found).get("expect", {}))
    left = {
        note.where for note in found.notes if not note.kept and note.where.startswith("cases[0].evaluators[")
    }
    nothing = sum(
        one == "EqualsExpected" or (isinstance(one, dict) and [*one] == ["EqualsExpected"])
        for one in evaluators
    )
    passed_over = nothing if output is None else 0
    whole = {where for where in left if where.endswith("]")}
    assert kept + len(whole) + passed_over >= len(evaluators)
