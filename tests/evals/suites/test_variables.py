"""Variables are filled into texts, keep their kinds where they stand alone, and are never computed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.suites import verbatim
from tests.documents.test_json import JSON
from tests.evals.suites._kit import suite, wrong

PIECES = st.lists(
    st.sampled_from(["{{a}}", "{{ b }}", "{{", "}}", "\\", "{{a b}}", "x", "{% a %}", "{{1}}"]), max_size=8
)


def asked(given, variables):
    scenario = {"id": "a", "input": [given], "variables": variables}
    return suite(json.dumps({"scenarios": [scenario]}), "a.json").scenarios[0].turns[0]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{n}}", 7),
        ("{{ n }}", 7),
        ("{{n}} items", "7 items"),
        ("{{f}}|{{t}}|{{z}}|{{w}}", "0.5|true|null|word"),
        ("{{m}}", {"k": [1]}),
        ("{{w}}{{w}}", "wordword"),
        ("\\{{w}}", "{{w}}"),
        ("\\\\{{w}}!", "\\word!"),
        ("\\\\\\{{w}}", "\\{{w}}"),
        ("{{1 + 1}} {{ w | upper }} {% if w %} {w} {{}}", "{{1 + 1}} {{ w | upper }} {% if w %} {w} {{}}"),
        ({"k": ["{{n}}", "a {{w}}"]}, {"k": [7, "a word"]}),
        ("{{v}} and more", "{{w}} and more"),
        ("{{a.b}}", "dotted"),
    ],
    ids=repr,
)
def test_variables_stand_for_their_values(text, filled):
    """Alone a variable keeps its kind, within a text it is written out, and nothing is filled twice."""
    variables = {
        "n": 7,
        "f": 0.5,
        "t": True,
        "z": None,
        "w": "word",
        "m": {"k": [1]},
        "v": "{{w}}",
        "a.b": "dotted",
    }
    assert asked(text, variables) == filled


def test_the_nearest_variable_counts():
    """A row's variable stands above the scenario's, that above the defaults', and that above the file's."""
    text = """
variables: {a: file, b: file, c: file, d: file}
defaults: {variables: {b: defaults, c: defaults, d: defaults}}
scenarios:
  - {id: x, input: "{{a}} {{b}} {{c}} {{d}}", variables: {c: own, d: own}, foreach: [{d: row}]}
"""
    (scenario,) = suite(text).scenarios
    assert scenario.turns == ("file defaults own row",)
    assert scenario.variables == {"a": "file", "b": "defaults", "c": "own", "d": "row"}


def test_every_text_of_a_scenario_is_filled():
    """Title, user, world, expectations, approver, parameters, segments and tags take variables."""
    text = """
variables: {n: 3, w: word}
scenarios:
  - id: x
    title: The {{w}}
    user: {goal: "{{w}}", hidden: {k: "{{n}}"}, rules: [{when: "{{w}}", say: "{{n}}"}], stop: "{{w}}"}
    world: {files: {a: "{{w}}"}}
    expect: {answer_contains: "{{w}}", answer_number: "{{n}}"}
    state: {t: [{n: "{{n}}"}]}
    budget: {steps: "{{n}}"}
    approver: [{action: "{{w}}*", answer: modify, details: "{{n}}"}]
    parameters: {p: "{{n}}"}
    segments: {s: "{{w}}"}
    tags: ["{{w}}"]
"""
    (found,) = suite(text).scenarios
    assert (found.title, found.segments, found.tags, found.parameters) == (
        "The word",
        {"s": "word"},
        ("word",),
        {"p": 3},
    )
    assert found.user is not None
    assert (found.user.goal, found.user.hidden, found.user.stop) == ("word", {"k": 3}, "word")
    assert found.user.rules == ({"when": "word", "say": "3"},)
    assert found.world is not None
    assert found.world.setup == {"a": "word"}
    assert [one.arguments for one in found.expect] == ["word", 3, {"t": [{"n": 3}]}, {"steps": 3}]
    assert isinstance(found.approver, tuple)
    assert (found.approver[0].action, found.approver[0].details) == ("word*", 3)


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (
            {"input": "{{oder}}", "variables": {"order": 1}},
            "there is no variable \"oder\" (did you mean 'order'?; \\{{oder}}",
        ),
        ({"input": "{{order}}"}, 'there is no variable "order" (variables: {order: ...}'),
        (
            {"input": "a {{m}}", "variables": {"m": {}}},
            "the variable m is a mapping, which has no place within a text",
        ),
        ({"input": "a {{m}}", "variables": {"m": []}}, "the variable m is a list"),
    ],
    ids=["misspelt", "none at all", "mapping", "list"],
)
def test_what_cannot_be_filled_in_is_said(scenario, said):
    """An unknown variable, and one that has no place within a text, are errors with the way out."""
    (found,) = wrong(json.dumps({"scenarios": [{"id": "a", **scenario}]}), "a.json")
    assert said in found
    assert found.startswith("a.json:1 scenarios[0].input: ")


def test_a_number_is_written_out_where_an_evaluator_takes_a_text():
    """A variable that stands alone fits a text and a number alike, whichever the evaluator takes."""
    text = """
variables: {n: 1042, f: 59.9, w: word}
scenarios:
  - id: a
    input: x
    expect:
      - answer_contains: "{{n}}"
      - answer_contains: {texts: ["{{w}}", "{{n}}", "{{f}}"]}
      - answer_number: {expected: "{{f}}", field: "{{n}}"}
      - answer_equals: "{{n}}"
"""
    assert [one.arguments for one in suite(text).scenarios[0].expect] == [
        "1042",
        {"texts": ["word", "1042", "59.9"]},
        {"expected": 59.9, "field": "1042"},
        1042,
    ]


def test_a_variable_of_another_kind_is_said_as_what_it_is():
    """Where a number does not do, the error speaks of the number, and not of its text."""
    (found,) = wrong("variables: {n: 3}\nscenarios: [{id: a, input: x, expect: {refuses: '{{n}}'}}]")
    assert "refuses: true or false is expected, not a whole number" in found


def test_an_unknown_variable_is_the_only_complaint_about_what_it_stands_in():
    """An evaluator whose argument is not known is not judged by the text of the hole."""
    found = wrong("scenarios: [{id: a, input: x, expect: {answer_number: '{{total}}'}}]")
    assert [one.partition("(")[0].strip()[-24:] for one in found] == ['there is no variable "total"'[-24:]]


@given(JSON | PIECES.map("".join), st.dictionaries(st.sampled_from(["a", "b"]), st.just("value")))
def test_whatever_is_written_verbatim_comes_back(value, variables):
    """Texts that are escaped are filled to themselves, whatever variables there are."""
    assert asked(verbatim(value), variables) == value


def test_rows_make_scenarios_with_ids_of_their_own():
    """A row's id stands in brackets, else its number; the row is among the scenario's variables."""
    text = "scenarios: [{id: a, input: '{{n}}', foreach: [{id: one, n: 1}, {n: 2}, {id: 7, n: 3}]}]"
    found = suite(text).scenarios
    assert [(one.id, one.turns, one.variables["n"]) for one in found] == [
        ("a[one]", (1,), 1),
        ("a[2]", (2,), 2),
        ("a[7]", (3,), 3),
    ]


def test_tables_come_from_where_the_caller_finds_them():
    """A table is asked for by its name, once for each file, and its rows count in the digest."""
    text = "scenarios: [{id: a, input: '{{n}}', foreach: t.csv}, {id: b, input: '{{n}}', foreach: t.csv}]"
    asked_for: list[str] = []

    def tables(name: str):
        asked_for.append(name)
        return [{"n": "1"}, {"n": "2"}]

    found = suite(text, tables=tables)
    assert ([one.id for one in found.scenarios], asked_for) == (["a[1]", "a[2]", "b[1]", "b[2]"], ["t.csv"])
    assert found.digest != suite(text, tables=lambda _: [{"n": "1"}]).digest
