"""The JSON Schema and the loader agree on what a scenario file may say."""

from __future__ import annotations

import copy
import json
import re
from functools import cache

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentops_eval.evals.suites import parse, scenario_schema
from tests.documents.test_json import WORDS
from tests.evals.suites._kit import EVALUATORS, read
from tests.evals.suites.test_page import EXAMPLES
from tests.examples import examples

WHOLE = {
    "suite": "shop/refunds",
    "agent": "shop:refund",
    "variables": {"who": "Ann", "n": 3},
    "x-notes": ["mine"],
    "defaults": {
        "tags": ["a", 1],
        "approver": "reject",
        "segments": {"tier": 1},
        "expect": {"completes": None},
    },
    "matrix": {
        "axes": {"prompt": ["v1", "v2"], "llm": {"s": {"name": "small"}}},
        "exclude": [{"prompt": "v2"}],
        "baseline": {"prompt": "v1"},
        "variants": {"cold": {"temperature": 0}},
    },
    "scenarios": [
        {
            "id": "one",
            "title": "One",
            "input": ["hello", "you"],
            "world": {"sqlite": {"orders": []}},
            "expect": {
                "answer_contains": {"texts": ["a"], "how": "any", "case": False},
                "answer_equals": {"k": 1},
                "answer_number": "{{n}}",
                "answer_similar": {"expected": "x", "at_least": 0.5, "embedder": "shop:embed"},
                "concise": {"max_words": "{{n}}"},
                "refuses": True,
                "tools": ["get_order", {"name": "refund"}],
                "shop:check": {"k": 1},
            },
            "state": {"orders": []},
            "budget": {"steps": 3, "cost_usd": 0.5},
            "approver": [{"answer": "modify", "details": {"a": 1}, "after_s": 1}],
            "tags": "smoke",
            "repeat": 2,
            "timeout_s": 1.5,
            "skip": "later",
            "foreach": [{"id": "x", "k": 1}],
            "source": "elsewhere",
        },
        {
            "title": "Two",
            "user": {"goal": "g", "rules": [{"when": "a", "say": "b"}], "max_turns": 3, "hidden": {"k": 1}},
            "expect": ["completes", {"answer": "x"}, {"answer": {"reference": "y", "allow_extra": True}}],
        },
    ],
}
# What only the loader knows, since it concerns several fields, or needs the evaluator itself.
BEYOND = re.compile(
    "there twice|capitals alone|no variable|has no place within|cannot be the name|input or a user"
    "|neither what|nothing tells what|no regular expression|no axis|no value|value twice|has no values"
    "|name of a file|combination"
    "|the table|row's id|no turn|without a reason|modify|gives no id|is a file|leaves everything"
)
# How building an evaluator tells a wrong kind or name, which the schema has to know, from a wrong value.
KINDS = re.compile(
    r"takes no argument|Invalid enum value| is expected|missing a required|is an argument, and"
    "|not the name of a callable|is no module:callable"
)


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(scenario_schema(EVALUATORS))


def refusals(value) -> list[str]:
    return [error.message for error in validator().iter_errors(value)]


def test_the_schema_is_one():
    """It is valid by the meta-schema of its draft, and small enough for an editor."""
    schema = scenario_schema(EVALUATORS)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert len(json.dumps(schema)) < 200_000


def test_every_field_and_every_evaluator_is_described():
    """An editor has something to say of each field, and of each evaluator that says something of itself."""
    schema = json.loads(json.dumps(scenario_schema(EVALUATORS)))
    fields = {
        f"{name}.{field}": part
        for name, one in [("", schema), *schema["$defs"].items()]
        if name.endswith("Fields") or not name
        for field, part in one["properties"].items()
    }
    assert [name for name, part in fields.items() if not part.get("description")] == []
    told = {name for name, factory in EVALUATORS.items() if factory.__doc__}
    described = schema["$defs"]["evaluators"]["properties"]
    assert told
    assert [name for name in told if not described[name].get("description")] == []


def test_the_example_with_everything_is_accepted():
    """Schema and loader both take a file that uses every field."""
    assert (refusals(WHOLE), [str(one) for one in read(json.dumps(WHOLE), "a.json").problems]) == ([], [])


@pytest.mark.parametrize(("form", "text"), EXAMPLES, ids=[f"{n}" for n in range(1, len(EXAMPLES) + 1)])
def test_the_examples_of_the_page_are_accepted(form, text):
    """What the reference shows is valid by the schema."""
    assert refusals(parse(text.encode(), f"a.{form}").value) == []


# A schema does not know of what kind a variable is.
NUMBER = ("variables", "n")
SMALL = st.none() | st.booleans() | st.integers(-2, 3) | st.floats(-2, 3).filter(lambda one: one % 1) | WORDS
OTHER = (
    SMALL
    | st.sampled_from(["approve", "shop:check", "a b", "sqlite", "completes"])
    | st.lists(SMALL, max_size=2)
    | st.dictionaries(
        st.sampled_from(["texts", "answer", "name", "k", "goal", "completes"]), SMALL, max_size=2
    )
)


def places(value, at=()):
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in parts:
        yield from places(item, (*at, key))


@st.composite
def changed(draw):
    """The whole example with one or two changes: a value replaced, a field left out, added or renamed."""
    document = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 2))):
        *outer, last = draw(
            st.sampled_from([place for place in places(document) if place and place != NUMBER])
        )
        parent = document
        for part in outer:
            parent = parent[part]
        what = draw(st.sampled_from(["replace", "remove", "add", "rename"]))
        if what == "replace":
            parent[last] = draw(OTHER)
        elif what == "remove" or isinstance(parent, list):
            del parent[last]
        elif what == "add":
            parent[
                draw(st.sampled_from(["nope", "id", "tags", "answer", "name", "texts", "$schema", "x-y"]))
            ] = draw(OTHER)
        else:
            parent[f"{last}s"] = parent.pop(last)
        if not document.get("scenarios"):
            break
    return document


@examples(400)
@given(changed())
def test_what_one_refuses_the_other_refuses(document):
    """What the schema refuses does not load, and the reverse where one field alone shows what is wrong."""
    problems = [error.what for error in read(json.dumps(document), "a.json").problems]
    refused = refusals(document)
    if refused:
        assert problems
        return
    by_kind = [one for one in problems if not BEYOND.search(one)]
    assume(not any(one.split(":")[0] in EVALUATORS and not KINDS.search(one) for one in by_kind))
    assert by_kind == []


@examples(400)
@given(st.data())
def test_arguments_of_evaluators_are_judged_alike(data):
    """Whatever stands behind an evaluator's name, both take it, or neither does but for its value alone."""
    name = data.draw(st.sampled_from(sorted(EVALUATORS)))
    properties = [*map(str, _parameters(name)), "nope"]
    some = OTHER | st.just("{{n}}")
    arguments = data.draw(some | st.dictionaries(st.sampled_from(properties), some, max_size=3))
    document = {"variables": {"n": 3}, "scenarios": [{"id": "a", "input": "x", "expect": {name: arguments}}]}
    problems = [error.what for error in read(json.dumps(document), "a.json").problems]
    by_kind = [one for one in problems if KINDS.search(one)]
    if "{{n}}" in json.dumps(arguments):
        assume(not problems)  # whether a number does in that place is known once it is filled in
    assert bool(refusals(document)) == bool(by_kind), (problems, arguments)


def _parameters(name: str):
    from agentops_eval.evals import parameters_of

    return parameters_of(EVALUATORS[name])
