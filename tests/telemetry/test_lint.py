"""The set-up that the page shows gives the lint what it asks for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace

from agentops_eval import telemetry
from agentops_eval.traces.audit import audit
from agentops_eval.traces.capture import emitted_span
from agentops_eval.traces.dialects import NormalTrace, normalise
from agentops_eval.traces.lint import LintConfig, LintReport, lint
from agentops_eval.traces.reading import SourceTrace
from tests.telemetry._kit import blocks

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

OURS = LintConfig(select=("AL0", "AL3", "AL4", "AL5", "AL6"))


def told(operation: str, **more: Any) -> dict[str, Any]:
    found = {f"gen_ai.{key.replace('__', '.')}": value for key, value in more.items()}
    return {"gen_ai.operation.name": operation, **found}


def ask_llm(order: int) -> dict[str, object]:
    """What an instrumented client emits, with the cost on the span of the call."""
    asked = told("chat", provider__name="acme", request__model="big", usage__input_tokens=9)
    with trace.get_tracer("acme").start_as_current_span("chat big", attributes=asked):
        telemetry.cost(0.01)
    return {"sure": 0.9, "action": "refund", "why": "it arrived broken"}


def refund(order: int) -> str:
    """A tool that changes something, and says so."""
    asked = told("execute_tool", tool__name="refund", tool__call__arguments=f'{{"order":{order}}}')
    with trace.get_tracer("acme").start_as_current_span("execute_tool refund", attributes=asked):
        telemetry.effect("write", idempotency_key=str(order))
    return "refunded"


def emitted(spans: InMemorySpanExporter) -> NormalTrace:
    found = [
        emitted_span(one, start_ns=one.start_time, end_ns=one.end_time) for one in spans.get_finished_spans()
    ]
    return normalise(SourceTrace(trace_id=found[0].span.trace_id, spans=tuple(found)))


def linted(spans: InMemorySpanExporter) -> LintReport:
    return lint(emitted(spans), config=OURS)


def handle() -> Any:
    home: dict[str, Any] = {}
    exec(compile(blocks()[1], "trace-in-production.md", "exec"), home)
    return home["handle"]


def test_the_page_leaves_the_lint_nothing_to_ask_for(spans: InMemorySpanExporter) -> None:
    """Decisions, checkpoints, costs, confidence and audit of the page's run have no finding, of any level."""
    handle()(7, ask_llm, lambda order: ("approved", "ann"), refund)
    report = linted(spans)
    assert report.findings == ()
    assert {group.group: group.score for group in report.groups if group.checks} == {
        "decision point": 1.0,
        "human checkpoint": 1.0,
        "cost": 1.0,
        "confidence": 1.0,
        "decision audit": 1.0,
    }


def test_the_page_leaves_the_audit_a_result_to_ask_for(spans: InMemorySpanExporter) -> None:
    """The refund stands on the page's decision and on the llm call before it, with cost and confidence."""
    handle()(7, ask_llm, lambda order: ("approved", "ann"), refund)
    found = audit(emitted(spans))
    (record,) = found.records
    assert (record.cost, record.cost_source) == (Decimal("0.01"), "trace")
    assert (record.decision.llm, record.decision.confidence) == ("big", 0.9)
    assert (record.decision.chosen, record.decision.reason) == ("refund", "it arrived broken")
    assert [gap.field for gap in found.gaps] == ["result"]


@pytest.mark.parametrize("status", ["rejected", "timeout", "nonsense"])
def test_a_tool_that_ran_without_approval_is_an_error(spans: InMemorySpanExporter, status: str) -> None:
    """The lint tells a refund that nobody approved from one that somebody did."""
    with telemetry.agent("desk"):
        with telemetry.checkpoint("refund") as asked:
            asked.answer(status)
        refund(7)
    assert not linted(spans)
