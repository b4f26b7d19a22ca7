"""The evaluator ``tools``, as files and users write it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from agentops_eval.domain import Run, Scenario, ScenarioInvalid, Span, Trace
from agentops_eval.evals.tools import ExpectedCall, ToolOptions, tools
from agentops_eval.traces import derive, draft_scenario, tool_calls_of
from agentops_eval.traces import semconv as sc
from tests.evals.tools._kit import FAIL, JSON, PASS, TRACED, UNKNOWN, call, judge, untold
from tests.examples import examples
from tests.traces._kit import refund_run

GET = call("get_order", {"order": 1042}, span="s1")
REFUND = call("issue_refund", {"order": 1042, "amount": 59.9, "note": "broken"}, span="s2")


def traced(events) -> Trace:
    """The trace of a recorded run."""
    return derive(events, agent="desk", case="refund")


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        pytest.param("get_order", PASS, id="one name"),
        pytest.param(["get_order"], PASS, id="names"),
        pytest.param(["get_order", "issue_refund"], PASS, id="in order"),
        pytest.param(["issue_refund", "get_order"], FAIL, id="out of order"),
        pytest.param({"expected": ["issue_refund", "get_order"], "order": "any_order"}, PASS, id="any order"),
        pytest.param({"expected": ["get_order"], "order": "strict"}, FAIL, id="strict"),
        pytest.param([], FAIL, id="no tool at all"),
        pytest.param([{"name": "get_order", "arguments": {"order": 1042}}], PASS, id="arguments"),
        pytest.param([{"name": "issue_refund", "arguments": {"order": 1042}}], FAIL, id="more are given"),
        pytest.param(
            [{"name": "issue_refund", "arguments": {"order": 1042}, "mode": "subset"}], PASS, id="a mode"
        ),
        pytest.param(
            {"expected": [{"name": "issue_refund", "arguments": {"order": 1042}}], "arguments": "subset"},
            PASS,
            id="a mode for all",
        ),
        pytest.param(
            {"expected": [{"name": "issue_refund", "arguments": {"order": 7}}], "arguments": "ignore"},
            PASS,
            id="ignored",
        ),
        pytest.param(
            [{"name": "issue_refund", "mode": "matcher", "arguments": {"not": {"exactly": {}}}}],
            PASS,
            id="one condition for all",
        ),
        pytest.param(
            [{"name": "get_order", "mode": "matcher", "arguments": {"any_of": [{"id": 7}, {"order": 1042}]}}],
            PASS,
            id="alternatives",
        ),
        pytest.param(
            [{"name": "get_order", "arguments": {"order": 1042, "note": "x"}, "mode": "superset"}],
            PASS,
            id="fewer are given",
        ),
    ],
)
def test_what_a_file_may_say(arguments, value):
    """Names, calls with arguments, and options pass and fail as they read."""
    assert judge("tools", arguments, [GET, REFUND]).value is value


@pytest.mark.parametrize(
    ("per_tool", "value"),
    [
        pytest.param({"issue_refund": ["order"]}, PASS, id="only these arguments"),
        pytest.param({"issue_refund": ["order", "amount"]}, FAIL, id="one that is not expected"),
        pytest.param({"issue_refund": "ignore"}, PASS, id="a mode"),
        pytest.param({"issue_*": {"mode": "subset"}}, PASS, id="options by pattern"),
        pytest.param({"issue_refund": {"only": ["order"], "numbers": "typed"}}, FAIL, id="options with only"),
        pytest.param({"get_order": "ignore"}, FAIL, id="another tool"),
    ],
)
def test_options_by_tool(per_tool, value):
    """A tool has options of its own: a mode, the arguments that are compared, or all of them."""
    expected = [{"name": "issue_refund", "arguments": {"order": 1042.0}}]
    assert judge("tools", {"expected": expected, "per_tool": per_tool}, [REFUND]).value is value


@pytest.mark.parametrize(
    ("options", "value"),
    [
        pytest.param({}, FAIL, id="exactly"),
        pytest.param({"text": "loose"}, PASS, id="loose"),
        pytest.param({"text": ["case"]}, PASS, id="case alone"),
        pytest.param({"text": ["space"]}, FAIL, id="space alone"),
    ],
)
def test_options_for_all_tools(options, value):
    """How values are compared is said once for all calls."""
    expected = [{"name": "issue_refund", "arguments": {"note": "Broken"}, "mode": "subset"}]
    assert judge("tools", {"expected": expected, **options}, [REFUND]).value is value


def test_tools_may_be_left_out():
    """Calls of a tool that does not matter are not looked at, whatever the order."""
    calls = [call("think"), GET, call("think"), REFUND]
    strict = {"expected": ["get_order", "issue_refund"], "order": "strict"}
    assert judge("tools", strict, calls).value is FAIL
    assert judge("tools", {**strict, "without": ["think"]}, calls).value is PASS


def test_a_threshold_gives_partial_credit():
    """From a score upwards the run passes, and the reason tells precision, recall and F1."""
    arguments = {"expected": ["get_order", "approve"], "order": "any_order", "at_least": 0.5}
    found = judge("tools", arguments, [GET, REFUND])
    assert (found.value, found.score) == (PASS, 0.5)
    assert (
        found.reason
        == "approve was not called, and 1 more (precision 0.5, recall 0.5, F1 0.5; 0.5 of at least 0.5)"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([{"name": "a", "argumets": {}}], "did you mean 'arguments'?", id="a misspelt key"),
        pytest.param([{"arguments": {}}], "missing required field `name`", id="no name"),
        pytest.param([{"name": "a", "arguments": [1]}], "arguments have names", id="a list of arguments"),
        pytest.param({"expected": ["a"], "order": "inorder"}, "did you mean 'in_order'?", id="order"),
        pytest.param({"expected": ["a"], "arguments": "exakt"}, "did you mean 'exact'?", id="mode"),
        pytest.param({"expected": ["a"], "text": ["cases"]}, "did you mean 'case'?", id="text"),
        pytest.param(
            {"expected": ["a"], "per_tool": {"a": "exakt"}}, "did you mean 'exact'?", id="a tool's mode"
        ),
        pytest.param(
            {"expected": ["a"], "per_tool": {"a": {"onyl": []}}}, "did you mean 'only'?", id="a tool's option"
        ),
        pytest.param({"expected": ["a"], "at_least": 2}, "at_least is 2", id="a threshold"),
        pytest.param({"order": "strict"}, "missing a required argument: 'expected'", id="nothing expected"),
        pytest.param([7], "not a whole number", id="a number"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, said: str):
    """The message names the place in the file and, where there is one, the nearest word."""
    with pytest.raises(ScenarioInvalid) as caught:
        judge("tools", arguments)
    assert said in str(caught.value)
    assert "refunds.yaml: cases[0].expect[0]" in str(caught.value)


def test_a_run_without_a_trace_is_unknown():
    """Where nobody knows what was called, nothing passes: not even that no tool was."""
    found = judge("tools", [], trace=Trace())
    assert (found.value, found.score, "no trace" in found.reason) == (UNKNOWN, None, True)
    assert judge("tools", [], trace=TRACED).value is PASS


def test_a_run_that_tells_no_arguments_is_unknown():
    """Missing data never passes; the reason says of which tool, and where to look."""
    expected = [{"name": "issue_refund", "arguments": {"order": 1042}}]
    found = judge("tools", expected, [GET, untold("issue_refund", "s9")])
    assert (found.value, found.evidence) == (UNKNOWN, ("s9",))
    assert found.reason == "the trace does not tell what issue_refund was given"


def test_calls_are_read_from_the_trace_where_a_run_has_none():
    """A run that was built from a trace alone is judged by what its trace tells."""
    attributes = {sc.OPERATION_NAME: sc.EXECUTE_TOOL, sc.TOOL_NAME: "get_order", sc.TOOL_CALL_ARGUMENTS: "{}"}
    span = Span(name="execute_tool get_order", trace_id="t", span_id="s", attributes=attributes)
    assert judge("tools", ["get_order"], trace=Trace(spans=(span,))).evidence == ("s",)


@pytest.mark.parametrize("order", ["strict", "in_order", "any_order", "subset", "superset"])
def test_a_draft_passes_on_the_run_that_it_was_drafted_from(order: str):
    """What trace import writes as a scenario's tools holds for that run, under every order."""
    trace = traced(refund_run())
    draft = draft_scenario(trace, name="refund")
    expected = draft["expect"]["tools"]
    assert [one["name"] for one in expected] == ["get_order", "issue_refund"]
    calls = tool_calls_of(trace)
    assert judge("tools", {"expected": expected, "order": order}, calls).value is PASS
    other = tool_calls_of(traced(refund_run(amount=5990)))
    found = judge("tools", {"expected": expected, "order": order}, other)
    assert "issue_refund.amount is 5990, not 59.9" in found.reason


@given(JSON)
@examples(60)
def test_a_draft_passes_whatever_the_arguments_were(value):
    """Arguments that look like conditions are drafted such that they stand for themselves."""
    attributes = {
        sc.OPERATION_NAME: sc.EXECUTE_TOOL,
        sc.TOOL_NAME: "act",
        sc.TOOL_CALL_ARGUMENTS: json.dumps({"x": value, "contains": 1}),
    }
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Go."}]}])
    chat = Span(
        name="chat",
        trace_id="t",
        span_id="c",
        attributes={sc.OPERATION_NAME: sc.CHAT, sc.INPUT_MESSAGES: said},
    )
    trace = Trace(
        spans=(chat, Span(name="act", trace_id="t", span_id="s", start_ns=1, attributes=attributes))
    )
    draft = draft_scenario(trace, name="act")
    assert (
        judge("tools", {"expected": draft["expect"]["tools"], "order": "strict"}, trace=trace).value is PASS
    )


def test_python_builds_it_too():
    """The factory takes the same options as the file."""
    evaluator = tools(
        ["get_order", ExpectedCall(name="issue_refund", arguments={"order": 1042})],
        per_tool={"issue_refund": ToolOptions(mode="subset")},
    )
    run = Run(scenario="refund", calls=(GET, REFUND))
    assert evaluator(run, Scenario(id="refund")).passed
