"""What spans tell: attributes as what they should be, failures, and what a call cost."""

from decimal import Decimal

import pytest

from agentops_eval.domain import Span, StatusCode, Trace
from agentops_eval.traces import calls_json, view_totals
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import (
    count_of,
    error_type,
    failed,
    number_of,
    shown,
    text_of,
    told_text,
)
from agentops_eval.traces._cost import cost_of
from agentops_eval.traces._spans import step_type

TOLD = {
    sc.OPERATION_NAME: sc.CHAT,
    sc.REQUEST_MODEL: "in-house",
    sc.AGENTOPS_COST_AMOUNT: 0.0000001,
    sc.AGENTOPS_COST_CURRENCY: "USD",
}


def span(status: StatusCode = StatusCode.UNSET, **attributes) -> Span:
    return Span(name="s", trace_id="1" * 32, span_id="2" * 16, status=status, attributes=attributes)


@pytest.mark.parametrize(
    ("read", "right", "wrong"),
    [
        (text_of, ("a", ""), (1, None, True)),
        (told_text, ("a",), ("", 1, None)),
        (count_of, (0, 2**63 - 1), (-1, 2**63, True, 1.0, "1")),
        (number_of, (-1, 0.5), (True, "1", None)),
    ],
    ids=["text", "told", "count", "number"],
)
def test_a_value_of_another_kind_is_not_told(read, right, wrong):
    """Each reader gives values of its kind as they are, and nothing for all others."""
    assert [read(span(key=value), "key") for value in right] == list(right)
    assert not any(read(span(key=value), "key") for value in wrong)


def test_a_value_is_shown_whatever_it_is():
    """A name that is no text is spelt as Python spells it, and an absent one is empty."""
    assert (shown(span(key=7), "key"), shown(span(), "key")) == ("7", "")


@pytest.mark.parametrize(
    ("one", "error"),
    [
        (span(), None),
        (span(StatusCode.OK), None),
        (span(StatusCode.ERROR), "error"),
        (span(**{sc.ERROR_TYPE: "timeout"}), "timeout"),
        (span(StatusCode.ERROR, **{sc.ERROR_TYPE: 500}), "error"),
    ],
    ids=["unset", "ok", "status", "type", "no-word"],
)
def test_a_span_failed_by_its_status_or_by_its_type(one, error):
    """Either says that a span failed, and a failed span always has a word for its error."""
    assert (failed(one), error_type(one)) == (error is not None, error)


def test_what_a_trace_tells_of_a_cost_needs_no_table():
    """A cost that the span tells is the call's, whatever llm it names; JSON has it without an exponent."""
    call = span(**TOLD)
    found = cost_of(call)
    assert found is not None
    assert (found.amount, found.source) == (Decimal("0.0000001"), "trace")
    assert calls_json(Trace(spans=(call,)))[0]["cost_usd"] == "0.0000001"


@pytest.mark.parametrize("operation", [sc.CREATE_AGENT, sc.RETRIEVAL, sc.INVOKE_WORKFLOW, sc.PLAN])
def test_only_what_uses_tokens_of_its_own_is_an_llm_call(operation):
    """A span that names a provider and an llm, but asks it nothing, is a step, in the tree as in all sums."""
    one = span(**{sc.OPERATION_NAME: operation, sc.PROVIDER_NAME: "openai", sc.REQUEST_MODEL: "m"})
    assert step_type(one) == "step"
    assert view_totals(Trace(spans=(one,))).llm_calls == 0
