"""The words in which a file says what an argument has to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import literal
from agentops_eval.evals.conditions._reading import Reading
from agentops_eval.evals.conditions._structures import Extent
from agentops_eval.evals.conditions._words import Grammar
from tests.evals.tools._kit import JSON, PASS, call, judge

NOTHING = object()


def holds(condition, value, **options) -> bool:
    """Whether a call with an argument x passes; without it for NOTHING."""
    given_ = {} if value is NOTHING else {"x": value}
    expected = {"expected": [{"name": "act", "arguments": {"x": condition}}], **options}
    return judge("tools", expected, [call("act", given_)]).value is PASS


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        pytest.param(5, [5, 5.0], ["5", None, NOTHING, 6], id="a value"),
        pytest.param(None, [None], [NOTHING, 0], id="null"),
        pytest.param({"any_of": [1, "a"]}, [1, "a"], [2, NOTHING], id="any_of"),
        pytest.param({"any_of": [1, {"absent": True}]}, [1, NOTHING], [2], id="any_of with absent"),
        pytest.param({"optional": 1}, [1, NOTHING], [2, None], id="optional"),
        pytest.param({"optional": {"anything": True}}, [1, None, NOTHING], [], id="optional anything"),
        pytest.param({"absent": True}, [NOTHING], [1, None, ""], id="absent"),
        pytest.param({"anything": True}, [1, None, [], {}], [NOTHING], id="anything"),
        pytest.param({"matches": "^ab+$"}, ["ab", "abb"], ["xab", 5, NOTHING, "ab\nc"], id="matches"),
        pytest.param({"matches": "b"}, ["abc"], ["ac"], id="matches anywhere"),
        pytest.param({"contains": "bro"}, ["is broken"], ["Broken", 5, None], id="contains text"),
        pytest.param({"contains": ["a", "b"]}, ["b a"], ["a"], id="contains texts"),
        pytest.param({"contains": 1}, [[1, 2], [1.0]], [[2], 1, "1"], id="contains an item"),
        pytest.param({"contains": [1, 2]}, [[3, 2, 1]], [[1]], id="contains items"),
        pytest.param({"between": [1, 5]}, [1, 5, 2.5], [0.99, 5.01, "3", True, NOTHING], id="between"),
        pytest.param({"between": [None, 5]}, [-9, 5], [6], id="at most"),
        pytest.param({"between": [1, None]}, [1, 9], [0], id="at least"),
        pytest.param({"between": ["2026-01-01", "2026-12-31"]}, ["2026-05-01"], ["2027", 5], id="dates"),
        pytest.param({"near": 59.9, "within": 0.01}, [59.9, 59.91, 59.89], [59.92, "59.9", True], id="near"),
        pytest.param({"near": 60, "within": 0.1}, [59.9, 60.1], [59.89], id="near, rounded"),
        pytest.param({"of_type": "integer"}, [5, 0], [5.0, "5", True, None], id="integer"),
        pytest.param({"of_type": "number"}, [5, 5.0], [True, "5"], id="number"),
        pytest.param({"of_type": ["string", "null"]}, ["", None], [5, [], NOTHING], id="types"),
        pytest.param({"of_type": "object"}, [{}], [[]], id="object"),
        pytest.param({"of_type": "array"}, [[]], [{}, "ab"], id="array"),
        pytest.param({"of_type": "boolean"}, [True], [1], id="boolean"),
        pytest.param({"not": 5}, [6, None, NOTHING], [5, 5.0], id="not"),
        pytest.param({"not": {"between": [1, 5]}}, [0, "a"], [3], id="not within"),
        pytest.param({"not": {"absent": True}}, [5, None], [NOTHING], id="not absent"),
        pytest.param(
            {"unordered": [1, {"any_of": [2, 3]}]}, [[3, 1], [1, 2]], [[1], [1, 1], [1, 2, 3]], id="unordered"
        ),
        pytest.param({"exactly": {"any_of": [1]}}, [{"any_of": [1]}], [1], id="exactly"),
        pytest.param({"of_type": "string", "not": ""}, ["a"], ["", 5, NOTHING], id="several words"),
        pytest.param({"optional": 5, "not": 6}, [5, NOTHING], [6, 7], id="several words, optional"),
        pytest.param([1, {"between": [2, 3]}], [[1, 2]], [[2, 1], [1], [1, 2, 3], 1], id="within a list"),
        pytest.param(
            {"a": {"b": {"contains": "x"}}}, [{"a": {"b": "xy"}}], [{"a": {"b": "y"}}, {"a": 1}], id="deep"
        ),
        pytest.param(
            {"near": 5, "city": "Paris"}, [{"near": 5, "city": "Paris"}], [5], id="a word as a name"
        ),
    ],
)
def test_what_holds(condition, yes, no):
    """Each word accepts what it says, and refuses everything else."""
    assert [value for value in yes if not holds(condition, value)] == []
    assert [value for value in no if holds(condition, value)] == []


@pytest.mark.parametrize(
    ("condition", "value", "options"),
    [
        pytest.param({"contains": "BROKEN"}, "it is  broken", {"text": "loose"}, id="contains"),
        pytest.param({"any_of": ["paris"]}, "PARIS", {"text": ["case"]}, id="any_of"),
        pytest.param({"contains": ["Paris"]}, ["paris"], {"text": "loose"}, id="an item"),
        pytest.param([{"any_of": [1, 2]}, 3], [3, 2], {"lists": "unordered"}, id="lists"),
        pytest.param({"exactly": [1, 2]}, [2, 1], {"lists": "unordered"}, id="exactly"),
    ],
)
def test_options_reach_into_conditions(condition, value, options):
    """How texts and lists are compared holds within conditions, too."""
    assert not holds(condition, value)
    assert holds(condition, value, **options)


@pytest.mark.parametrize(
    ("condition", "value", "said"),
    [
        pytest.param(59.9, 5990, "act.x is 5990, not 59.9", id="a value"),
        pytest.param(59.9, NOTHING, "act lacks x, which should be 59.9", id="missing"),
        pytest.param({"any_of": [1, 2]}, 3, "act.x is 3, none of 1 or 2", id="any_of"),
        pytest.param({"any_of": list(range(9))}, 9, "act.x is 9, none of 0, 1, 2, 3 or 5 more", id="many"),
        pytest.param({"optional": 1}, 2, "act.x is 2, not 1", id="optional"),
        pytest.param({"absent": True}, 2, "act.x is 2, and should be left out", id="absent"),
        pytest.param({"matches": "^a"}, "b", 'act.x is "b", not text that matches "^a"', id="matches"),
        pytest.param({"contains": "a"}, "b", 'act.x is "b", not something that contains "a"', id="contains"),
        pytest.param({"between": [1, 5]}, 9, "act.x is 9, not between 1 and 5", id="between"),
        pytest.param({"between": [None, 5]}, 9, "act.x is 9, not at most 5", id="at most"),
        pytest.param({"between": [1, None]}, 0, "act.x is 0, not at least 1", id="at least"),
        pytest.param({"near": 1, "within": 0.5}, 2, "act.x is 2, not 1 within 0.5", id="near"),
        pytest.param({"of_type": "integer"}, "2", 'act.x is "2", not of type integer', id="type"),
        pytest.param({"not": 5}, 5, "act.x is 5, which it must not be", id="not"),
        pytest.param({"unordered": [1, 2]}, [1, 3], "act.x holds no 2", id="unordered"),
        pytest.param([1, 2], [1], "act.x has 1 item, not 2", id="length"),
        pytest.param([1, 2], 7, "act.x is 7, not [1, 2]", id="no list"),
        pytest.param([1, {"a": 2}], [1, {"a": 3}], "act.x[1].a is 3, not 2", id="deep"),
        pytest.param({"a": 1}, {"a": 1, "b": 2}, "act.x.b is 2, and is not expected at all", id="extra"),
        pytest.param({"of_type": "string", "not": ""}, "", 'act.x is "", which it must not be', id="several"),
        pytest.param(
            {"optional": {"anything": True}, "not": {"absent": True}},
            NOTHING,
            "act lacks x, which should be anything and something other than absent",
            id="lacks",
        ),
    ],
)
def test_the_reason_names_the_place_and_both_sides(condition, value, said: str):
    """One line says where, what it is, and what it should be."""
    given_ = {} if value is NOTHING else {"x": value}
    found = judge("tools", [{"name": "act", "arguments": {"x": condition}}], [call("act", given_)])
    assert found.reason.split(" (precision")[0] == said


def test_long_texts_are_told_around_the_difference():
    """Of two long texts the reason shows where they part."""
    text = "The order arrived broken and the customer wants the money back for it, please."
    found = judge(
        "tools",
        [{"name": "act", "arguments": {"x": text}}],
        [call("act", {"x": text.replace("money", "goods")})],
    )
    assert '"... customer wants the goods back' in found.reason
    assert len(found.reason) < 250


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        pytest.param({"any_of": 3}, "any_of takes a list of values or conditions, not 3", id="any_of"),
        pytest.param({"any_of": []}, "any_of takes a list", id="any_of nothing"),
        pytest.param({"absent": 1}, "absent takes true, not 1", id="absent"),
        pytest.param({"matches": 5}, "matches takes a pattern", id="matches"),
        pytest.param({"matches": "("}, "matches: the pattern '(' is none: missing )", id="no pattern"),
        pytest.param({"matches": r"(a)\1"}, "could not be matched in linear time", id="not linear"),
        pytest.param({"contains": []}, "contains takes what is contained", id="contains nothing"),
        pytest.param({"between": 5}, "for the value itself write {exactly: {between: 5}}", id="between"),
        pytest.param({"between": [1, "a"]}, "two numbers or two texts", id="bounds of two kinds"),
        pytest.param({"between": [None, None]}, "between takes [low, high]", id="no bounds"),
        pytest.param({"between": [5, 1]}, "between 5 and 1 there is nothing", id="bounds reversed"),
        pytest.param({"near": 5}, "near and within stand together", id="near alone"),
        pytest.param({"within": 5}, "near and within stand together", id="within alone"),
        pytest.param({"near": "a", "within": 1}, "near takes a number", id="near a text"),
        pytest.param({"near": 5, "within": -1}, "a distance is not below 0", id="a negative distance"),
        pytest.param({"of_type": "int"}, "did you mean 'integer'?", id="type"),
        pytest.param({"of_type": 5}, "of_type takes one of string", id="no type"),
        pytest.param({"unordered": 5}, "unordered takes a list", id="unordered"),
        pytest.param({"betwen": [1, 2]}, "did you mean 'between'?", id="a misspelt word"),
        pytest.param(
            {"any_of": [{"a": {"near": 1}}]}, "expected[0].arguments.x.a: near and within", id="deep"
        ),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused(condition, said: str):
    """The message says where in the file, what is wrong and what to write."""
    from agentops_eval.domain import ScenarioInvalid

    with pytest.raises(ScenarioInvalid) as caught:
        judge("tools", [{"name": "act", "arguments": {"x": condition}}])
    assert said in str(caught.value)
    assert "expected[0].arguments.x" in str(caught.value)


def test_endless_nesting_is_refused():
    """An expectation deeper than any value that is kept has no meaning."""
    deep: object = 1
    for _ in range(70):
        deep = [deep]
    with pytest.raises(ValueError, match="nested deeper than 64 levels"):
        Grammar(reading=Reading()).read(deep, "x")


def test_a_pattern_does_not_read_without_end():
    """A text of more characters than a pattern reads does not match, and the reason says so."""
    found = judge(
        "tools", [{"name": "act", "arguments": {"x": {"matches": "a"}}}], [call("act", {"x": "a" * 100_001})]
    )
    assert "act.x has 100001 characters, more than the 100000" in found.reason


def test_no_argument_makes_a_pattern_run_for_ever():
    """The time is linear, where trying one way after the other would take more than the age of the world."""
    calls = [call("act", {"x": "a" * 200 + "!"})]
    found = judge("tools", [{"name": "act", "arguments": {"x": {"matches": "^(a+)+$"}}}], calls)
    assert found.value is not PASS


@given(JSON)
def test_a_literal_value_accepts_itself(value):
    """Whatever a run did, the expectation that is drafted from it holds."""
    assert holds(literal(value), value)


@given(JSON, JSON)
def test_a_literal_value_accepts_what_equals_it(wanted, given_):
    """An expectation without conditions is plain equality of JSON."""
    assert holds(literal(wanted), given_) == Reading().same(wanted, given_)


# Without the words: what stands below `exactly` is exact, however far the rest may differ.
PLAIN = st.recursive(
    st.integers(0, 2) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), PLAIN, max_size=3)


def accepts(extent: Extent, wanted, given_, **options) -> bool:
    return Grammar(reading=Reading(**options), extent=extent).read(wanted, "x").holds(given_)


@given(OBJECTS, OBJECTS, st.sampled_from(["ordered", "unordered"]))
def test_subset_and_superset_mirror(one, other, lists: str):
    """What is a subset of another has that as its superset, at every depth."""
    there = accepts(Extent.SUBSET, one, other, lists=lists)
    assert there == accepts(Extent.SUPERSET, other, one, lists=lists)


@given(OBJECTS, OBJECTS)
def test_exact_is_subset_and_superset(one, other):
    """Nothing more and nothing less."""
    both = accepts(Extent.SUBSET, one, other) and accepts(Extent.SUPERSET, one, other)
    assert accepts(Extent.EXACT, one, other) == both


@pytest.mark.parametrize(
    ("wanted", "given_", "extents"),
    [
        pytest.param({"a": 1}, {"a": 1}, "exact subset superset", id="the same"),
        pytest.param({"a": 1}, {"a": 1, "b": 2}, "subset", id="more is given"),
        pytest.param({"a": 1, "b": 2}, {"a": 1}, "superset", id="less is given"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, "subset", id="more within"),
        pytest.param({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, "subset", id="more within a list"),
        pytest.param({"a": [1]}, {"a": [1, 2]}, "", id="a longer list"),
        pytest.param({"a": {"unordered": [1]}}, {"a": [2, 1]}, "subset", id="a longer list in any order"),
        pytest.param({"a": 1}, {"a": 2}, "", id="another value"),
        pytest.param({}, {"a": 2}, "subset", id="nothing"),
    ],
)
def test_how_far_objects_may_differ(wanted, given_, extents: str):
    """What is expected is all, a part of what is given, or the reverse; at every depth."""
    found = [
        str(one) for one in Extent if Grammar(reading=Reading(), extent=one).read(wanted, "x").holds(given_)
    ]
    assert " ".join(found) == extents
