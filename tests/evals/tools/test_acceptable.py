"""Calls against lists of accepted values: generated ones, and those of a public data set."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals import match_tool_calls
from tests.evals.tools._kit import FAIL, PASS
from tests.evals.tools._mutations import mutations, right

NAMES = st.sampled_from(["order", "amount", "note", "city", "limit"])


def wrong_verdicts(accepted, tools, rng) -> tuple[list[str], Counter[str]]:
    """What the matcher says otherwise than the lists imply, or without a fitting line; and what was tried."""
    found, tried = [], Counter[str]()
    for mutation in mutations(accepted, tools, rng):
        verdict = match_tool_calls(mutation.calls, accepted, tools=mutation.tools)
        tried[mutation.kind] += 1
        told = verdict.reason and "\n" not in verdict.reason and len(verdict.reason) <= 500
        if (
            verdict.value is not (PASS if mutation.passes else FAIL)
            or not told
            or mutation.names not in verdict.reason
        ):
            found.append(
                f"{mutation.kind}: {verdict.value} {verdict.reason!r} should name {mutation.names!r}"
            )
    return found, tried


@st.composite
def argument(draw: st.DrawFn) -> tuple[str, list[object]]:
    """A type with accepted values of it, among them perhaps the mark of what may be left out."""
    kind = draw(st.sampled_from(["integer", "float", "string", "boolean", "array", "dict", "objects"]))
    values: dict[str, st.SearchStrategy] = {
        "integer": st.integers(-99, 99),
        "float": st.sampled_from([0.5, 2.0, -7.0, 12.25]),
        "string": st.sampled_from(["Paris", "paris", "New York", "5"]),
        "boolean": st.just(value=True),
        "array": st.lists(st.integers(0, 9), max_size=3),
    }
    fields = st.dictionaries(
        st.sampled_from("xyz"),
        st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2, unique=True),
        min_size=1,
        max_size=2,
    )
    values["dict"] = fields
    values["objects"] = st.lists(fields, min_size=1, max_size=2)
    accepted = draw(st.lists(values[kind], min_size=1, max_size=3, unique_by=json.dumps))
    if draw(st.booleans()):
        accepted.insert(draw(st.integers(0, len(accepted))), "")
    return "array" if kind == "objects" else kind, accepted


@st.composite
def items(draw: st.DrawFn):
    """Acceptable calls of one or two tools, each with arguments of its own, and their definitions."""
    chosen = draw(st.lists(st.sampled_from(["get_order", "issue_refund"]), min_size=1, max_size=4))
    kinds = {
        tool: draw(st.dictionaries(NAMES, argument(), min_size=1, max_size=3)) for tool in sorted(set(chosen))
    }
    accepted = []
    for tool in chosen:
        # Calls of one tool differ in their first argument, as parallel calls do.
        accepted.append({tool: {name: values for name, (_, values) in kinds[tool].items()}})
    tools = [
        {
            "name": tool,
            "parameters": {
                "type": "dict",
                "properties": {name: {"type": kind} for name, (kind, _) in each.items()},
            },
        }
        for tool, each in kinds.items()
    ]
    return accepted, tools


@given(items(), st.integers(0, 2**32))
def test_every_mutation_has_the_verdict_that_the_lists_imply(item, seed: int):
    """On data of our own making in that form, each verdict is right, with a line that names the place."""
    found, tried = wrong_verdicts(*item, random.Random(seed))
    assert found == []
    assert tried["correct"] == 1


@given(items(), st.randoms(use_true_random=False))
def test_the_order_of_calls_and_of_lists_does_not_matter(item, rng: random.Random):
    """Calls, acceptable calls and accepted values can stand in any order."""
    accepted, _ = item
    calls = right(accepted)
    turned = [
        {tool: {name: rng.sample(values, len(values)) for name, values in one[tool].items()} for tool in one}
        for one in rng.sample(accepted, len(accepted))
    ]
    assert match_tool_calls(rng.sample(calls, len(calls)), turned).passed


def test_calls_are_not_spent_on_the_first_list_that_accepts_them():
    """The call that fits two lists is left to the one that nothing else fits."""
    accepted = [{"get": {"order": [1, 2]}}, {"get": {"order": [1]}}]
    for calls in (
        [{"get": {"order": 1}}, {"get": {"order": 2}}],
        [{"get": {"order": 2}}, {"get": {"order": 1}}],
    ):
        assert match_tool_calls(calls, accepted).passed


@pytest.mark.parametrize(
    ("values", "given_", "passes"),
    [
        pytest.param([""], {}, True, id="left out"),
        pytest.param([""], {"x": ""}, True, id="an empty text for one left out"),
        pytest.param([""], {"x": "a"}, False, id="given, and only to be left out"),
        pytest.param([5, ""], {"x": ""}, False, id="an empty text for a number"),
        pytest.param(["a", ""], {"x": ""}, True, id="an empty text for a text"),
        pytest.param(["a", ""], {"x": None}, False, id="null for one left out"),
        pytest.param([None], {"x": None}, True, id="null is accepted"),
        pytest.param([True], {"x": 1}, False, id="one for true"),
        pytest.param([[1, 2]], {"x": [2, 1]}, False, id="lists are in order"),
        pytest.param([{"a": ["x", ""], "b": [1]}], {"x": {"b": 1}}, True, id="a field is left out"),
        pytest.param([{"a": ["x"], "b": [1]}], {"x": {"b": 1}}, False, id="a field is missing"),
        pytest.param([{"a": ["x"]}], {"x": {"a": "x", "b": 1}}, False, id="a field is not expected"),
        pytest.param([{"a": ["x"]}], {"x": {"a": ["x"]}}, False, id="the list for its value"),
        pytest.param([{"a": [["x"]]}], {"x": {"a": ["x"]}}, True, id="a list as the value of a field"),
        pytest.param([{"a": {"b": ["x"]}}], {"x": {"a": {"b": ["x"]}}}, True, id="a field without a list"),
        pytest.param([[{"a": ["x", "y"]}]], {"x": [{"a": "y"}]}, True, id="objects in a list"),
        pytest.param([["a"], ["b"]], {"x": ["b"]}, True, id="one of two lists"),
        pytest.param([[]], {"x": []}, True, id="an empty list"),
    ],
)
def test_what_accepted_values_mean(values, given_, passes: bool):
    """The marks and the nesting of the form mean what its data sets mean by them."""
    assert match_tool_calls([{"act": given_}], [{"act": {"x": values}}]).passed is passes


@pytest.mark.parametrize(
    ("kind", "accepted", "given_", "passes"),
    [
        pytest.param("float", 5.0, 5, True, id="int for float"),
        pytest.param("number", 5.0, 5, True, id="int for number"),
        pytest.param("float", 5, 5.0, True, id="float for float"),
        pytest.param("integer", 5, 5.0, False, id="float for integer"),
        pytest.param("string", "5", 5, False, id="int for string"),
        pytest.param("integer", 5, True, False, id="true for integer"),
    ],
)
def test_a_schema_says_which_numbers_are_whole(kind: str, accepted, given_, passes: bool):
    """An int stands for a float, a float for an int only where no schema says integer."""
    tools = [
        {"type": "function", "function": {"name": "act", "parameters": {"properties": {"x": {"type": kind}}}}}
    ]
    assert (
        match_tool_calls([{"act": {"x": given_}}], [{"act": {"x": [accepted]}}], tools=tools).passed is passes
    )


def test_a_schema_reaches_into_lists_and_objects():
    """The items of a list of integers, and the fields of an object, are whole as well."""
    properties = {
        "x": {"type": "array", "items": {"type": "integer"}},
        "y": {"type": "dict", "properties": {"z": {"type": "integer"}}},
    }
    tools = [{"name": "act", "input_schema": {"properties": properties}}]
    accepted = [{"act": {"x": [[1, 2]], "y": [{"z": [3]}]}}]
    assert match_tool_calls([{"act": {"x": [1, 2], "y": {"z": 3}}}], accepted, tools=tools).passed
    assert not match_tool_calls([{"act": {"x": [1, 2.0], "y": {"z": 3}}}], accepted, tools=tools).passed
    assert not match_tool_calls([{"act": {"x": [1, 2], "y": {"z": 3.0}}}], accepted, tools=tools).passed


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param(
            5, "act.x: accepted values stand in a list, which is not empty; write [5]", id="no list"
        ),
        pytest.param([], 'write [""] for one that is left out', id="an empty list"),
    ],
)
def test_lists_that_mean_nothing_are_refused(values, said: str):
    """An argument without a list of values is an error, not one that is never right."""
    with pytest.raises(ValueError) as caught:
        match_tool_calls([], [{"act": {"x": values}}])
    assert said in str(caught.value)


@pytest.mark.skipif("AGENTOPS_DEV_DATA" not in os.environ, reason="development data not present")
@pytest.mark.parametrize(("name", "count"), [("simple_python", 400), ("parallel", 200)])
def test_every_item_of_the_leaderboard_is_judged_as_its_lists_imply(name: str, count: int):
    """All questions, each with every mutation that it allows, under three seeds: no verdict is wrong."""
    folder = Path(os.environ["AGENTOPS_DEV_DATA"]) / "bfcl"
    file = f"BFCL_v4_{name}.json"
    questions = [json.loads(line) for line in (folder / file).read_text(encoding="utf-8").splitlines()]
    answers = [
        json.loads(line)
        for line in (folder / "possible_answer" / file).read_text(encoding="utf-8").splitlines()
    ]
    wrong: list[str] = []
    tried = Counter[str]()
    for question, answer in zip(questions, answers, strict=True):
        assert question["id"] == answer["id"]
        for seed in range(3):
            found, kinds = wrong_verdicts(
                answer["ground_truth"], question["function"], random.Random(f"{seed} {answer['id']}")
            )
            wrong += [f"{answer['id']} {line}" for line in found]
            tried += kinds
    assert wrong == []
    assert tried["correct"] == 3 * count
    spoilt = (
        "value changed",
        "required argument dropped",
        "optional argument dropped",
        "int for float",
        "extra argument",
    )
    assert all(tried[kind] for kind in spoilt)
    assert (tried["parallel calls reordered"] > 0) == (name == "parallel")
