"""Whether each call is of the right tool, and its arguments are right."""

from __future__ import annotations

import pytest

from agentops_eval.domain import ScenarioInvalid, Trace
from tests.evals.tools._kit import FAIL, PASS, TRACED, UNKNOWN, call, judge, offering, untold

GET = call("get_order", {"order": 1042}, span="s1")
REFUND = call("issue_refund", {"order": 1042, "amount": 59.9}, span="s2")
UNTOLD = untold("issue_refund", "s3")
SCHEMA = {
    "type": "object",
    "properties": {"order": {"type": "integer"}, "amount": {"type": "number", "maximum": 100}},
    "required": ["order"],
    "additionalProperties": False,
}
OFFERED = offering(("get_order", {"type": "object"}), ("issue_refund", SCHEMA))


@pytest.mark.parametrize(
    ("expected", "value", "score"),
    [
        pytest.param(["get_order", "issue_refund"], PASS, 1.0, id="all"),
        pytest.param("get_order", FAIL, 2 / 3, id="another was called"),
        pytest.param(["get_order", "issue_refund", "mail", "approve"], FAIL, 2 / 3, id="two were not called"),
        pytest.param(["*"], PASS, 1.0, id="a pattern"),
        pytest.param(["mail"], FAIL, 0.0, id="none of them"),
        pytest.param([], FAIL, 0.0, id="no tool is expected"),
    ],
)
def test_selection_by_name(expected, value, score: float):
    """The score is the F1 of how many calls are expected, and how many expected tools are called."""
    found = judge("tool_selection", expected, [GET, REFUND])
    assert (found.value, found.score) == (value, pytest.approx(score))


def test_the_reason_names_what_is_missing_and_what_is_wrong():
    """It tells the first, counts the others, and gives precision, recall and F1."""
    found = judge("tool_selection", ["get_order", "mail"], [GET, GET, REFUND])
    assert found.reason == "mail was not called, and 1 more (precision 0.667, recall 0.5, F1 0.571)"
    assert found.evidence == ("s2",)
    partial = judge("tool_selection", {"expected": ["get_order"], "at_least": 0.5}, [GET, REFUND])
    assert (
        partial.reason
        == "issue_refund was called, and is not expected (precision 0.5, recall 1, F1 0.667; at least 0.5)"
    )
    assert partial.value is PASS


@pytest.mark.parametrize(
    ("calls", "trace", "value"),
    [
        pytest.param([GET, REFUND], OFFERED, PASS, id="offered"),
        pytest.param([GET, call("get_ordr")], OFFERED, FAIL, id="not offered"),
        pytest.param([GET], TRACED, UNKNOWN, id="not told"),
        pytest.param([GET], offering(), FAIL, id="nothing was offered"),
        pytest.param([], OFFERED, PASS, id="no call"),
        pytest.param([], Trace(), UNKNOWN, id="no trace"),
    ],
)
def test_selection_by_offer(calls, trace: Trace, value):
    """Without expected names, each call has to be of a tool that the llm was offered."""
    assert judge("tool_selection", None, calls, trace=trace).value is value


@pytest.mark.parametrize(
    ("given_", "value", "said"),
    [
        pytest.param(
            {"order": 1, "amount": 5}, PASS, "the arguments of 1 call are right (1 of 1)", id="right"
        ),
        pytest.param({"order": 1.0}, PASS, "are right", id="a whole float"),
        pytest.param(
            {"order": "1"},
            FAIL,
            "issue_refund.order: '1' is not of type 'integer' (the tool's schema)",
            id="type",
        ),
        pytest.param({"amount": 5}, FAIL, "issue_refund: 'order' is a required property", id="missing"),
        pytest.param(
            {"order": 1, "amount": 500},
            FAIL,
            "issue_refund.amount: 500 is greater than the maximum of 100",
            id="range",
        ),
        pytest.param({"order": 1, "x": 5}, FAIL, "Additional properties are not allowed", id="further"),
    ],
)
def test_parameters_by_schema(given_, value, said: str):
    """Arguments are held against the JSON schema that the trace tells of the tool."""
    found = judge("tool_parameters", None, [call("issue_refund", given_, span="s")], trace=OFFERED)
    assert (found.value, said in found.reason) == (value, True)
    assert found.evidence == (("s",) if value is FAIL else ())


@pytest.mark.parametrize(
    ("arguments", "calls", "value", "score"),
    [
        pytest.param(
            {"issue_refund": {"amount": {"between": [1, 60]}}}, [GET, REFUND], PASS, 1.0, id="a condition"
        ),
        pytest.param({"issue_refund": {"amount": 5990}}, [GET, REFUND], FAIL, 0.0, id="another value"),
        pytest.param({"*": {"order": 1042}}, [GET, REFUND], PASS, 1.0, id="all tools"),
        pytest.param({"*": {"amount": {"anything": True}}}, [GET, REFUND], FAIL, 0.5, id="one of two"),
        pytest.param(
            {"expected": {"*": {"amount": 59.9}}, "at_least": 0.5}, [GET, REFUND], PASS, 0.5, id="enough"
        ),
        pytest.param(
            {"expected": {"issue_refund": {"amount": 59.9}}, "mode": "exact"}, [REFUND], FAIL, 0.0, id="exact"
        ),
        pytest.param({"issue_refund": {"amount": 59.9}}, [UNTOLD], UNKNOWN, None, id="untold"),
        pytest.param({"issue_refund": {"amount": 59.9}}, [REFUND, UNTOLD], UNKNOWN, None, id="one untold"),
        pytest.param(
            {"issue_refund": {"amount": 5}}, [REFUND, UNTOLD], FAIL, None, id="one untold, one wrong"
        ),
        pytest.param(
            {"expected": {"issue_refund": {"amount": 59.9}}, "at_least": 0.5},
            [REFUND, UNTOLD],
            PASS,
            None,
            id="enough in any case",
        ),
        pytest.param({"mail": {"to": "x"}}, [REFUND], UNKNOWN, None, id="not called"),
        pytest.param(None, [REFUND], UNKNOWN, None, id="nothing to judge by"),
        pytest.param(None, [], UNKNOWN, None, id="nothing to judge"),
    ],
)
def test_parameters_by_expectation(arguments, calls, value, score):
    """Values and conditions by tool hold for each of its calls; what cannot be judged does not pass."""
    found = judge("tool_parameters", arguments, calls)
    assert (found.value, found.score) == (value, score)


def test_schema_and_expectation_both_count():
    """A call is right where both say so, and the expectation is told first; schemas can be left aside."""
    large = call("issue_refund", {"order": 1, "amount": 500})
    expected = {"issue_refund": {"amount": 500}}
    assert judge("tool_parameters", expected, [large], trace=OFFERED).value is FAIL
    assert (
        judge("tool_parameters", {"expected": expected, "schemas": False}, [large], trace=OFFERED).value
        is PASS
    )
    both = judge("tool_parameters", {"issue_refund": {"amount": 5}}, [large], trace=OFFERED)
    assert both.reason == "issue_refund.amount is 500, not 5 (0 of 1)"


BOMB = {
    "$ref": "#/$defs/a0",
    "$defs": {
        **{f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)},
        "a40": {"type": "object"},
    },
}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        pytest.param(BOMB, "references are followed more than 10000 times", id="references without end"),
        pytest.param({"$ref": "#"}, "maximum recursion depth", id="a reference to itself"),
        pytest.param({"$ref": "http://schemas.invalid/x"}, "Unresolvable", id="a reference to elsewhere"),
        pytest.param({"type": "wat"}, "Unknown type 'wat'", id="an unknown type"),
        pytest.param({"properties": 5}, "", id="no properties"),
    ],
)
def test_a_schema_that_cannot_be_used_is_unknown(schema, said: str):
    """A strange schema of somebody else's neither passes nor hangs, and reaches for nothing."""
    found = judge("tool_parameters", None, [call("act", {"x": "a"})], trace=offering(("act", schema)))
    assert (found.value, said in found.reason) == (UNKNOWN, True)
    assert found.reason.startswith("the schema of act cannot be read")


def test_no_pattern_of_a_schema_is_run():
    """A pattern that would take for ever is passed over; a property of that name is none."""
    slow = {"type": "string", "pattern": "(a+)+$"}
    schema = {"properties": {"x": slow, "pattern": {"type": "integer"}}, "patternProperties": {"(a+)+$": {}}}
    trace = offering(("act", schema))
    assert judge("tool_parameters", None, [call("act", {"x": "a" * 60 + "!"})], trace=trace).value is PASS
    assert judge("tool_parameters", None, [call("act", {"pattern": "x"})], trace=trace).value is FAIL


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        pytest.param("dict", {}, [], id="dict"),
        pytest.param("float", 5, "5", id="float"),
        pytest.param("tuple", [1], 1, id="tuple"),
        pytest.param("int", 5, "5", id="int"),
    ],
)
def test_types_are_known_by_their_other_names(kind: str, good, bad):
    """What Python calls a type is read as JSON Schema's."""
    trace = offering(("act", {"type": "dict", "properties": {"x": {"type": kind}, "y": {"type": "any"}}}))
    assert judge("tool_parameters", None, [call("act", {"x": good, "y": bad})], trace=trace).value is PASS
    assert judge("tool_parameters", None, [call("act", {"x": bad})], trace=trace).value is FAIL


@pytest.mark.parametrize(
    ("evaluator", "arguments", "said"),
    [
        pytest.param("tool_selection", {"at_least": 0}, "at_least is 0", id="selection"),
        pytest.param("tool_parameters", {"expected": {}, "at_least": 2}, "at_least is 2", id="parameters"),
        pytest.param(
            "tool_parameters", {"act": {"x": {"betwen": [1, 2]}}}, "expected.act.x", id="a condition"
        ),
        pytest.param(
            "tool_parameters",
            {"expected": {}, "schema": True},
            "did you mean 'schemas'?",
            id="a misspelt argument",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(evaluator: str, arguments, said: str):
    """A share that cannot be, or a word that means nothing, is an error with its place."""
    with pytest.raises(ScenarioInvalid) as caught:
        judge(evaluator, arguments)
    assert said in str(caught.value)
