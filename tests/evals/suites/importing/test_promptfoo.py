"""promptfoo's configurations become scenario files, assertion by assertion."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.test_json import JSON, WORDS
from tests.evals.suites._kit import suite
from tests.evals.suites.importing._kit import imported, scenario, told
from tests.examples import examples


def config(*assertions, **more):
    return {"prompts": ["{{q}}"], "tests": [{"vars": {"q": "Hello"}, "assert": list(assertions), **more}]}


@pytest.mark.parametrize(
    ("assertion", "expected"),
    [
        ({"type": "equals", "value": "Paris"}, {"answer_equals": {"expected": "Paris"}}),
        ({"type": "equals", "value": {"a": 1}}, {"answer_equals": {"expected": {"a": 1}}}),
        (
            {"type": "not-equals", "value": "a.b"},
            {"answer_matches": {"pattern": "a\\.b", "whole": True, "expected": False}},
        ),
        ({"type": "contains", "value": "x"}, {"answer_contains": {"texts": "x"}}),
        ({"type": "contains", "value": 7}, {"answer_contains": {"texts": "7"}}),
        ({"type": "icontains", "value": "x"}, {"answer_contains": {"texts": "x", "case": False}}),
        ({"type": "not-contains", "value": "x"}, {"answer_contains": {"texts": "x", "how": "none"}}),
        (
            {"type": "not-icontains", "value": "x"},
            {"answer_contains": {"texts": "x", "how": "none", "case": False}},
        ),
        ({"type": "contains-all", "value": ["x", "y"]}, {"answer_contains": {"texts": ["x", "y"]}}),
        (
            {"type": "contains-any", "value": ["x", "y"]},
            {"answer_contains": {"texts": ["x", "y"], "how": "any"}},
        ),
        ({"type": "contains-any", "value": "x, y"}, {"answer_contains": {"texts": ["x", "y"], "how": "any"}}),
        (
            {"type": "not-contains-any", "value": ["x", "y"]},
            {"answer_contains": {"texts": ["x", "y"], "how": "none"}},
        ),
        ({"type": "icontains-all", "value": ["x"]}, {"answer_contains": {"texts": "x", "case": False}}),
        ({"type": "regex", "value": "a+"}, {"answer_matches": {"pattern": "a+"}}),
        ({"type": "not-regex", "value": "a+"}, {"answer_matches": {"pattern": "a+", "expected": False}}),
        ({"type": "starts-with", "value": "A."}, {"answer_matches": {"pattern": "^A\\."}}),
        ({"type": "is-json"}, {"answer_schema": {"schema": {}}}),
        ({"type": "is-json", "value": {"type": "object"}}, {"answer_schema": {"schema": {"type": "object"}}}),
        ({"type": "cost", "threshold": 0.01}, {"budget": {"cost_usd": 0.01}}),
        ({"type": "latency", "threshold": 2500}, {"budget": {"latency_s": 2.5}}),
        (
            {"type": "similar", "value": "x", "threshold": 0.9},
            {"answer_similar": {"expected": "x", "at_least": 0.9}},
        ),
        (
            {"type": "levenshtein", "value": "abcdefghij", "threshold": 3},
            {"answer_similar": {"expected": "abcdefghij", "at_least": 0.7}},
        ),
        ({"type": "llm-rubric", "value": "is polite"}, {"judge": {"rubric": "is polite"}}),
        ({"type": "is-refusal"}, {"refuses": {"expected": True}}),
        ({"type": "not-is-refusal"}, {"refuses": {"expected": False}}),
        ({"type": "word-count", "value": {"max": 9}}, {"concise": {"max_words": 9}}),
        (
            {"type": "contains", "value": "{{q}} and {{r}}"},
            {"answer_contains": {"texts": "{{q}} and \\{{r}}"}},
        ),
    ],
    ids=lambda one: f"{one['type']}-{str(one.get('value'))[:12]}" if "type" in one else "",
)
def test_assertions_become_expectations(assertion, expected):
    """Each assertion that has a counterpart is one expectation; variables of the test stay variables."""
    assert scenario(imported(config(assertion)))["expect"] == expected


@pytest.mark.parametrize(
    "assertion",
    [
        {"type": "javascript", "value": "output.length"},
        {"type": "python", "value": "len(output)"},
        {"type": "contains-json"},
        {"type": "rouge-n", "value": "x"},
        {"type": "assert-set", "assert": []},
        {"type": "not-contains-all", "value": ["a", "b"]},
        {"type": "not-is-json"},
        {"type": "not-similar", "value": "x"},
        {"type": "not-levenshtein", "value": "x"},
        {"type": "not-llm-rubric", "value": "is rude"},
        {"type": "not-cost", "threshold": 1},
        {"type": "cost"},
        {"type": "regex", "value": "("},
        {"type": "regex", "value": 7},
        {"type": "contains", "value": {"a": 1}},
        {"type": "contains", "value": "file://a.txt"},
        {"type": "contains", "value": "x", "transform": "output.trim()"},
        {"type": "contains", "value": "x", "weight": 0},
        {"type": "word-count", "value": 3},
        {"type": "starts-with", "value": "{{q}}"},
        {"type": "not-equals", "value": {"a": 1}},
        {"value": "x"},
        "contains: x",
    ],
    ids=lambda one: str(one)[:44],
)
def test_what_has_no_counterpart_is_listed_with_its_place(assertion):
    """Nothing is left out in silence: each assertion that is not kept is named."""
    found = imported(config(assertion))
    assert "expect" not in scenario(found)
    assert [line for line in told(found) if line.startswith("- tests[0].assert[0]: ")]


@examples(150)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(
                    ["contains", "not-icontains-any", "regex", "is-json", "similar", "cost", "nope", "equals"]
                ),
                "value": JSON,
                "threshold": JSON,
                "weight": JSON,
                "transform": WORDS,
            },
        ),
        max_size=4,
    ),
    st.dictionaries(st.sampled_from(["q", "lang", "a b", "id"]), JSON, max_size=3),
)
def test_every_assertion_is_kept_or_listed_and_the_file_loads(assertions, variables):
    """Whatever assertions and variables hold, what is written loads, and no assertion is lost in silence."""
    found = imported(
        {"prompts": ["x {{q}}"], "tests": [{"vars": {"q": "a", **variables}, "assert": assertions}]}
    )
    if not found.scenarios:
        assert any(line.endswith((": a test", "tests[0]: a case")) for line in told(found))
        return
    kept = scenario(found).get("expect", {})
    left = {note.where for note in found.notes if not note.kept and note.where.endswith("]")}
    assert len(kept) + len([where for where in left if ".assert[" in where]) == len(assertions)


def test_the_one_prompt_is_the_input():
    """A prompt in the file is what the user asks; that is said, since instructions belong to the agent."""
    document = {"prompts": ["Translate {{q}} to {{lang}}"], "tests": [{"vars": {"q": "hello", "lang": "de"}}]}
    found = imported(document)
    (read,) = suite(json.dumps(found.document), "a.json").scenarios
    assert (read.turns, told(found)) == (("Translate hello to de",), ["~ prompts[0]: the prompt"])


@pytest.mark.parametrize(
    "prompts",
    [
        ["a {{q}}", "b {{q}}"],
        ["file://p.txt"],
        ["{{ q | upper }}"],
        ["{% if q %}x{% endif %}"],
        ['[{"role": "user"}]'],
        [],
    ],
    ids=["two", "file", "filter", "logic", "messages", "none"],
)
def test_without_one_plain_prompt_the_variables_are_the_input(prompts):
    """One variable is asked as it is, several as a mapping; the prompts are listed."""
    found = imported(
        {
            "prompts": prompts,
            "providers": ["x"],
            "tests": [{"vars": {"q": "hello"}}, {"vars": {"q": 1, "r": 2}}],
        }
    )
    one, two = suite(json.dumps(found.document), "a.json").scenarios
    assert (one.turns, two.turns) == (("hello",), ({"q": 1, "r": 2},))
    assert len([line for line in told(found) if line.startswith("- prompts[")]) == len(prompts)


def test_lists_of_values_become_rows():
    """A test is run for each combination of the values of its variables, as it is there."""
    document = {
        "prompts": ["{{a}}{{b}}{{c}}"],
        "tests": [{"vars": {"a": ["1", "2"], "b": ["x", "y"], "c": "!"}}],
    }
    found = suite(json.dumps(imported(document).document), "a.json")
    assert [one.turns[0] for one in found.scenarios] == ["1x!", "1y!", "2x!", "2y!"]


def test_what_holds_for_all_tests():
    """Variables and assertions of defaultTest hold beside those of a test, of the same kind as well."""
    document = {
        "prompts": ["{{q}} in {{lang}}"],
        "defaultTest": {
            "vars": {"lang": "de", "q": "never"},
            "assert": [{"type": "contains", "value": "a"}, {"type": "cost", "threshold": 1}],
        },
        "tests": [
            {
                "description": "First!",
                "vars": {"q": "Hello"},
                "assert": [{"type": "contains", "value": "b"}],
                "metadata": {"kind": "greeting"},
            }
        ],
    }
    (read,) = suite(json.dumps(imported(document).document), "a.json").scenarios
    assert (read.id, read.title, read.turns, read.segments) == (
        "first",
        "First!",
        ("Hello in de",),
        {"kind": "greeting"},
    )
    told_of = sorted((one.evaluator, json.dumps(one.arguments)) for one in read.expect)
    assert told_of == [
        ("answer_contains", '{"texts": "a"}'),
        ("answer_contains", '{"texts": "b"}'),
        ("budget", '{"cost_usd": 1.0}'),
    ]


def test_several_providers_are_an_axis():
    """Candidates are told apart by their llm; one provider alone is the agent's business."""
    tests = [{"vars": {"q": "x"}}]
    two = imported(
        {"prompts": ["{{q}}"], "providers": ["openai:a", {"id": "b:c", "label": "other"}], "tests": tests}
    )
    assert [one.parameters for one in suite(json.dumps(two.document), "a.json").variants] == [
        {"llm": "openai:a"},
        {"llm": "other"},
    ]
    one = imported({"prompts": ["{{q}}"], "providers": ["openai:a"], "tests": tests})
    assert ("matrix" in one.document, "- providers: the provider" in told(one)) == (False, True)


def test_what_else_is_in_the_file_is_listed():
    """Settings, options of tests, and tests in other files are named with their place."""
    document = {
        "prompts": ["{{q}}"],
        "env": {},
        "scenarios_": 1,
        "outputPath": "x",
        "tests": [
            {"vars": {"q": "x"}, "options": {}, "threshold": 0.5},
            "file://more.yaml",
            {"vars": "file://v.csv"},
            {"vars": {"q": "file://q.txt"}},
            {},
            {"vars": {"id": ["a"]}},
        ],
    }
    assert [line for line in told(imported(document)) if not line.startswith("~")] == [
        "- env: a setting of promptfoo",
        "- outputPath: a setting of promptfoo",
        "- scenarios_: a setting of promptfoo",
        "- tests[0].options: an option of a test",
        "- tests[0].threshold: an option of a test",
        "- tests[1]: tests in another file",
        "- tests[2]: a test",
        "- tests[3]: a test",
        "- tests[5]: a test",
    ]
    assert (
        told(imported({"prompts": ["a", "b"], "tests": "tests.csv"}))[-1] == "- tests: tests in another file"
    )
