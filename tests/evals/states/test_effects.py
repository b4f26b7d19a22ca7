"""The ledger of effects, net of what failed."""

from __future__ import annotations

from typing import Any

import pytest

from agentops_eval.domain import Effect, Span, ToolCall, Trace
from tests.evals._judged import FAIL, PASS, UNKNOWN, judged, refused


def call(name: str, effect: Effect | None = Effect.WRITE, **more: Any) -> ToolCall:
    return ToolCall(name=name, effect=effect, **{"span_id": f"s-{name}", **more})


LOOK = call("get_order", Effect.READ, arguments={"order": 1042})
REFUND = call("issue_refund", arguments={"order": 1042, "amount": 59.9})
MAIL = call("send_mail", Effect.EXTERNAL, arguments={"to": "ann@shop.example"})
WANTED = {"tool": "issue_refund", "arguments": {"order": 1042}}


@pytest.mark.parametrize(
    ("arguments", "calls", "found", "why"),
    [
        pytest.param(
            ["issue_refund"], [LOOK, REFUND], PASS, "issue_refund(order=1042, amount=59.9)", id="exactly"
        ),
        pytest.param([WANTED], [LOOK, REFUND], PASS, "", id="arguments"),
        pytest.param(
            [{"tool": "issue_refund", "arguments": {"amount": 40}}],
            [REFUND],
            FAIL,
            "issue_refund(amount=40) did not happen",
            id="arguments-differ",
        ),
        pytest.param(
            [{"tool": "issue_refund", "arguments": {"amount": {"between": [50, 60]}}}],
            [REFUND],
            PASS,
            "",
            id="condition",
        ),
        pytest.param(["issue_refund"], [LOOK], FAIL, "issue_refund() did not happen", id="missing"),
        pytest.param(["issue_refund"], [REFUND, MAIL], FAIL, "send_mail(", id="another"),
        pytest.param(
            ["issue_refund"],
            [REFUND, call("issue_refund", arguments=REFUND.arguments)],
            FAIL,
            "happened again",
            id="twice",
        ),
        pytest.param([{**WANTED, "times": 2}], [REFUND, REFUND], PASS, "", id="twice-is-meant"),
        pytest.param(
            {"expected": ["issue_refund"], "mode": "at_least"}, [REFUND, MAIL], PASS, "", id="at-least"
        ),
        pytest.param(
            {"expected": ["issue_refund"], "mode": "at_least"}, [MAIL], FAIL, "did not", id="at-least-no"
        ),
        pytest.param({"expected": ["send_*"], "mode": "none"}, [REFUND], PASS, "none of", id="none-of"),
        pytest.param({"expected": ["send_*"], "mode": "none"}, [MAIL], FAIL, "send_mail", id="a-pattern"),
        pytest.param(
            {"expected": [WANTED], "mode": "none"}, [REFUND], FAIL, "should not have", id="none-of-but"
        ),
        pytest.param("none", [LOOK], PASS, "nothing was changed", id="none"),
        pytest.param([], [LOOK, REFUND], FAIL, "is not expected", id="none-but"),
        pytest.param(
            ["issue_refund"],
            [call("issue_refund", error="timeout")],
            FAIL,
            "failed with timeout",
            id="failed",
        ),
        pytest.param(
            ["issue_refund"], [call("issue_refund", error="timeout"), REFUND], PASS, "", id="failed-then-done"
        ),
        pytest.param(
            ["issue_refund"], [call("issue_refund", idempotency_key="k")] * 2, PASS, "", id="one-key"
        ),
        pytest.param(["issue_refund"], [call("issue_refund", None)], PASS, "", id="expected-tools-change"),
        pytest.param(["issue_refund"], [REFUND, call("other", None)], UNKNOWN, "other", id="untold-effect"),
        pytest.param(
            {"expected": ["issue_refund"], "changing": ["issue_*"]},
            [REFUND, call("other", None)],
            PASS,
            "",
            id="told-by-the-file",
        ),
        pytest.param(
            [WANTED], [call("issue_refund", arguments=None)], UNKNOWN, "arguments", id="untold-arguments"
        ),
        pytest.param(
            {"expected": [WANTED], "mode": "none"},
            [call("issue_refund", arguments=None)],
            UNKNOWN,
            "arguments",
            id="untold-arguments-of-what-must-not-be",
        ),
        pytest.param(
            [{"tool": "a"}, {"tool": "a", "arguments": {"x": 1}}],
            [call("a", arguments={"x": 1}), call("a", arguments={"x": 2})],
            PASS,
            "",
            id="each-gets-its-own",
        ),
        pytest.param("none", [], UNKNOWN, "nothing of its calls", id="no-trace"),
    ],
)
def test_effects(arguments, calls, found, why):
    """Exactly, at least, or none; with a reason that names the calls."""
    verdict = judged("effects", arguments, calls=tuple(calls))
    assert (verdict.value, why in verdict.reason) == (found, True), verdict.reason


def test_a_run_that_called_nothing_changed_nothing():
    """Where there is a trace, no call is known to be none."""
    trace = Trace(spans=(Span(name="invoke_agent desk", trace_id="1", span_id="1"),))
    assert judged("effects", "none", trace=trace).value is PASS


def test_the_evidence_is_the_spans_that_should_not_be():
    """Of what happened though nobody asked for it."""
    assert judged("effects", [], calls=(LOOK, REFUND)).evidence == ("s-issue_refund",)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param([{"tool": "a", "time": 2}], "unknown field `time`", id="misspelt"),
        pytest.param([{"tool": "a", "times": 0}], "mode: none", id="times-0"),
        pytest.param({"expected": ["a"], "mode": "some"}, "some", id="mode"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, why):
    """It is an error of the file."""
    assert why in refused("effects", arguments)
