"""Calls that must not be made."""

from __future__ import annotations

import pytest

from agentops_eval.domain import Effect, ScenarioInvalid, Trace
from tests.evals.tools._kit import FAIL, PASS, UNKNOWN, call, judge, untold

GET = call("get_order", {"order": 1042}, span="s1", effect=Effect.READ)
REFUND = call("issue_refund", {"order": 1042, "amount": 59.9}, span="s2", effect=Effect.WRITE)
FAILED = call("delete_order", {"order": 1042}, span="s3", effect=Effect.EXTERNAL, error="Timeout")
UNTOLD = untold("issue_refund", "s4")


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        pytest.param("delete_order", FAIL, id="a name, though it failed"),
        pytest.param(["mail"], PASS, id="another name"),
        pytest.param(["*_order"], FAIL, id="a pattern"),
        pytest.param(
            [{"name": "issue_refund", "arguments": {"amount": {"between": [100, None]}}}],
            PASS,
            id="a smaller amount",
        ),
        pytest.param(
            [{"name": "issue_refund", "arguments": {"amount": {"between": [50, None]}}}],
            FAIL,
            id="a larger amount",
        ),
        pytest.param([{"arguments": {"order": 1042}}], FAIL, id="any tool with an argument"),
        pytest.param(
            [{"arguments": {"secret": {"anything": True}}}], PASS, id="an argument that nobody gave"
        ),
        pytest.param([{"effect": "external"}], FAIL, id="an effect"),
        pytest.param(
            {"calls": [{"effect": ["write", "external"]}], "unless": ["issue_*", "delete_order"]},
            PASS,
            id="allowed writes",
        ),
        pytest.param({"calls": ["*"], "unless": ["get_order"]}, FAIL, id="a list of what is allowed"),
        pytest.param([{"name": "issue_refund", "effect": "read"}], PASS, id="all that is said has to be so"),
        pytest.param({"calls": [{"arguments": {"order": "1042 "}}], "text": "loose"}, PASS, id="options"),
    ],
)
def test_what_is_forbidden(arguments, value):
    """A call is forbidden by its name, its arguments and its effect, as far as they are said."""
    assert judge("tools_forbidden", arguments, [GET, REFUND, FAILED]).value is value


def test_the_reason_shows_the_call():
    """It says which call, how many more there are, and the score is the share of the others."""
    found = judge("tools_forbidden", ["issue_refund", "delete_*"], [GET, REFUND, FAILED, GET])
    assert found.reason == "issue_refund(order=1042, amount=59.9) (call 2) is forbidden, and 1 more"
    assert (found.score, found.evidence) == (0.5, ("s2", "s3"))
    assert judge("tools_forbidden", ["mail"], [GET]).reason == "1 call, none forbidden"


@pytest.mark.parametrize(
    ("arguments", "calls", "value"),
    [
        pytest.param(
            [{"name": "issue_refund", "arguments": {"amount": 5}}], [UNTOLD], UNKNOWN, id="arguments"
        ),
        pytest.param([{"effect": "write"}], [UNTOLD], UNKNOWN, id="effect"),
        pytest.param([{"name": "mail", "effect": "write"}], [UNTOLD], PASS, id="another tool"),
        pytest.param(["issue_refund"], [UNTOLD], FAIL, id="the name is enough"),
        pytest.param([{"arguments": {"order": 1042}}], [UNTOLD, GET], FAIL, id="another call is forbidden"),
        pytest.param(
            [{"effect": "write", "arguments": {"order": 7}}],
            [call("x", {"order": 8})],
            PASS,
            id="allowed in any case",
        ),
    ],
)
def test_what_the_trace_does_not_tell_is_unknown(arguments, calls, value):
    """Where the trace does not tell whether a call is forbidden, the verdict is not a pass."""
    found = judge("tools_forbidden", arguments, calls)
    assert found.value is value
    if value is UNKNOWN:
        assert "issue_refund may be forbidden: the trace does not tell its" in found.reason
        assert (found.score, found.evidence) == (None, ("s4",))


def test_a_run_without_calls_or_trace():
    """No call is a pass; no trace is unknown."""
    assert judge("tools_forbidden", "mail").value is PASS
    assert judge("tools_forbidden", "mail", trace=Trace()).value is UNKNOWN


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "it forbids nothing", id="nothing"),
        pytest.param([{}], "calls[0] says nothing", id="an empty entry"),
        pytest.param([{"effect": "wrte"}], "did you mean 'write'?", id="effect"),
        pytest.param([{"nam": "x"}], "did you mean 'name'?", id="key"),
        pytest.param(
            [{"name": "x", "arguments": {"a": {"between": 1}}}],
            "calls[0].arguments.a: between takes",
            id="condition",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, said: str):
    """An entry that forbids nothing, or is misspelt, is an error."""
    with pytest.raises(ScenarioInvalid) as caught:
        judge("tools_forbidden", arguments)
    assert said in str(caught.value)
