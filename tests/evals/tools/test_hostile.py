"""What agents wrote is shown in few characters that obey nobody, however much of it there is."""

from __future__ import annotations

import json

import pytest

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import semconv as sc
from tests.evals.tools._kit import FAIL, PASS, call, judge, offering

ESCAPE = "\x1b[2J\nfine\r\u202e"
LOUD = call(ESCAPE, {ESCAPE: [ESCAPE * 999, "\ud800"], **{f"x{n}": n for n in range(99)}}, span="s")


@pytest.mark.parametrize(
    ("evaluator", "arguments"),
    [
        pytest.param("tools", [{"name": ESCAPE, "arguments": {ESCAPE: [1, 2]}}], id="tools"),
        pytest.param("tools", [], id="tools, none"),
        pytest.param("tools", {"expected": ["x"], "order": "strict"}, id="tools, strict"),
        pytest.param("tools_forbidden", "*", id="tools_forbidden"),
        pytest.param("tools_ordered", ["x", ESCAPE], id="tools_ordered"),
        pytest.param(
            "tools_ordered", {"never_twice": [ESCAPE], "at_most": {ESCAPE: 0}}, id="tools_ordered, twice"
        ),
        pytest.param("tools_ordered", {"idempotency_key": ["*"]}, id="tools_ordered, key"),
        pytest.param("no_loops", 2, id="no_loops"),
        pytest.param("tool_selection", ["x"], id="tool_selection"),
        pytest.param("tool_parameters", {"*": {ESCAPE: 1}}, id="tool_parameters"),
    ],
)
def test_reasons_are_one_short_printable_line(evaluator: str, arguments):
    """No control character, no line break, no more than 500 characters."""
    found = judge(evaluator, arguments, [LOUD, LOUD])
    assert found.value is FAIL
    assert found.reason.isprintable()
    assert len(found.reason) <= 500


def test_a_schema_that_names_what_was_given_is_shown_like_it():
    """What a validator says of an argument is cut and escaped as well."""
    trace = offering((ESCAPE, {"properties": {ESCAPE: {"type": "integer"}}}))
    found = judge("tool_parameters", None, [LOUD], trace=trace)
    assert (found.value, found.reason.isprintable(), len(found.reason) <= 500) == (FAIL, True, True)


MANY = [call("get_order", {"order": number}, span=f"s{number}") for number in range(20_000)]


@pytest.mark.parametrize(
    ("evaluator", "arguments", "value"),
    [
        pytest.param("tools", ["get_order"], PASS, id="tools"),
        pytest.param(
            "tools", {"expected": ["get_order", "mail"], "order": "any_order"}, FAIL, id="tools, others"
        ),
        pytest.param(
            "tools", [{"name": "get_order", "arguments": {"order": 19_999}}], PASS, id="tools, the last"
        ),
        pytest.param("tools_forbidden", ["mail"], PASS, id="tools_forbidden"),
        pytest.param(
            "tools_ordered",
            {"before": [{"first": "get_order", "then": "get_order", "same": ["order"]}]},
            FAIL,
            id="tools_ordered",
        ),
        pytest.param("tools_ordered", {"never_twice": ["*"]}, PASS, id="tools_ordered, twice"),
        pytest.param("no_loops", None, PASS, id="no_loops"),
        pytest.param("tool_selection", ["get_*"], PASS, id="tool_selection"),
        pytest.param("tool_parameters", {"*": {"order": {"of_type": "integer"}}}, PASS, id="tool_parameters"),
    ],
)
def test_very_many_calls_are_judged(evaluator: str, arguments, value):
    """A run of twenty thousand calls has a verdict, with few spans as evidence."""
    found = judge(evaluator, arguments, MANY)
    assert (found.value, len(found.evidence) <= 20) == (value, True)


def test_a_deep_tree_is_walked():
    """Agents nested ten thousand deep are no recursion of ours."""
    spans = tuple(
        Span(
            name="a",
            trace_id="t",
            span_id=f"s{number}",
            parent_id=f"s{number - 1}" if number else "",
            attributes={sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: f"agent {number}"},
        )
        for number in range(10_000)
    )
    assert judge("no_loops", None, trace=Trace(spans=spans)).value is PASS


def test_arguments_nested_too_deep_to_be_kept_are_equal_to_nothing():
    """Two values that were both cut may have differed below the cut."""
    deep = json.loads("[" * 80 + "]" * 80)
    attributes = {
        sc.OPERATION_NAME: sc.EXECUTE_TOOL,
        sc.TOOL_NAME: "act",
        sc.TOOL_CALL_ARGUMENTS: json.dumps({"x": deep}),
    }
    trace = Trace(spans=(Span(name="act", trace_id="t", span_id="s", attributes=attributes),))
    found = judge("tools", [{"name": "act", "arguments": {"x": {"exactly": deep}}}], trace=trace)
    assert found.value is FAIL
