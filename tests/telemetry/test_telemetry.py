"""What the helpers for production put on spans."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from opentelemetry import trace
from opentelemetry.trace import StatusCode

from agentops_eval import telemetry
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import normalise
from agentops_eval.traces.reading import Problems, read_traces
from tests.telemetry._kit import blocks

if TYPE_CHECKING:
    from pathlib import Path

    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def named(spans: InMemorySpanExporter) -> dict[str, dict[str, object]]:
    """The attributes of each span, by its name."""
    return {span.name: dict(span.attributes or {}) for span in spans.get_finished_spans()}


def test_an_agent_is_a_span_with_whom_it_is_for(spans: InMemorySpanExporter) -> None:
    """What the body does hangs below the agent's span, which says whom it is for."""
    with telemetry.agent("desk", team="support", tenant="t", task="refund", use_case="u", authority="a"):
        with trace.get_tracer("x").start_as_current_span("inner"):
            telemetry.attribute(team="other")
    inner, outer = spans.get_finished_spans()
    assert outer.name == "invoke_agent desk"
    assert dict(outer.attributes) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "desk",
        "agentops.team": "support",
        "agentops.tenant": "t",
        "agentops.task": "refund",
        "agentops.use_case": "u",
        "agentops.authority": "a",
    }
    assert inner.parent.span_id == outer.context.span_id
    assert dict(inner.attributes) == {"agentops.team": "other"}


def test_decisions_are_spans_so_that_a_run_may_hold_several(spans: InMemorySpanExporter) -> None:
    """Two decisions in one agent are two spans with what was open, chosen and why."""
    with telemetry.agent("desk"):
        telemetry.decision("route", options=["a", "b"], chosen="a", reason="cheap", confidence=0.7, agent="d")
        telemetry.decision("route", chosen="b")
    first, second, _ = spans.get_finished_spans()
    assert first.name == "plan d"
    assert dict(first.attributes) == {
        "gen_ai.operation.name": "plan",
        "gen_ai.agent.name": "d",
        "agentops.decision.type": "route",
        "agentops.decision.options": ("a", "b"),
        "agentops.decision.chosen": "a",
        "agentops.decision.reason": "cheap",
        "agentops.decision.confidence": 0.7,
    }
    assert (second.name, second.attributes["agentops.decision.chosen"]) == ("plan", "b")


def test_a_checkpoint_spans_the_wait(spans: InMemorySpanExporter) -> None:
    """The span tells what was asked, what the person said, and a hash of who it was."""
    with telemetry.checkpoint("refund", details={"b": 1, "a": 2}, policy="over 50") as asked:
        asked.answer("modified", reason="too much", details={"amount": 5}, approver="ann", salt="s")
    found = named(spans)["agentops.hitl_checkpoint"]
    assert found.pop("agentops.hitl.wait_ms") >= 0
    digest = found.pop("agentops.hitl.approver_hash")
    assert "ann" not in digest
    assert found == {
        "agentops.hitl.required": True,
        "agentops.hitl.action": "refund",
        "agentops.hitl.details": '{"a":2,"b":1}',
        "agentops.hitl.policy": "over 50",
        "agentops.hitl.status": "modified",
        "agentops.hitl.reason": "too much",
        "agentops.hitl.answer": '{"amount":5}',
    }
    assert repr(asked) == "<Checkpoint modified>"


def test_silence_is_no_approval(spans: InMemorySpanExporter) -> None:
    """Unanswered, a checkpoint is pending, after a TimeoutError a timeout; other words are not heard."""
    with telemetry.checkpoint("a") as asked:
        asked.answer("fine")
    with pytest.raises(TimeoutError), telemetry.checkpoint("b"):
        raise TimeoutError
    with pytest.raises(ValueError), telemetry.checkpoint("c"):
        raise ValueError
    pending, timeout, broken = spans.get_finished_spans()
    statuses = [span.attributes["agentops.hitl.status"] for span in (pending, timeout, broken)]
    assert statuses == ["pending", "timeout", "pending"]
    assert broken.attributes["error.type"] == "ValueError"
    assert broken.status.status_code is StatusCode.ERROR


def test_cost_confidence_and_effect_go_onto_the_current_span(spans: InMemorySpanExporter) -> None:
    """They are attributes of the span that the caller stands in."""
    with trace.get_tracer("x").start_as_current_span("chat"):
        telemetry.cost(0.25)
        telemetry.confidence(1)
        telemetry.effect("external", idempotency_key="o-1")
    assert named(spans)["chat"] == {
        "agentops.cost.amount": 0.25,
        "agentops.cost.currency": "USD",
        "agentops.confidence": 1.0,
        "agentops.tool.effect": "external",
        "agentops.tool.idempotency_key": "o-1",
    }


def test_nonsense_is_left_out_and_logged(
    spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    """A value that cannot be what it should be never raises, and is not on the span."""
    circle: list[object] = []
    circle.append(circle)
    with caplog.at_level(logging.WARNING, "agentops_eval.telemetry"):
        with trace.get_tracer("x").start_as_current_span("chat"):
            telemetry.cost(float("nan"))
            telemetry.cost(-1)
            telemetry.cost("1")  # type: ignore
            telemetry.cost(None)
            telemetry.confidence(1.5)
            telemetry.confidence(True)
            telemetry.effect("delete")
            telemetry.attribute(team=5)  # type: ignore
        telemetry.decision("k", chosen="a", options="ab", confidence=7, agent=None)  # type: ignore
        with telemetry.checkpoint("x", details=circle):
            pass
        telemetry.decision("k", chosen="\ud800" + "x" * 100_000)
    found = named(spans)
    assert found["chat"] == {}
    assert "agentops.hitl.details" not in found["agentops.hitl_checkpoint"]
    first, second = [span for span in spans.get_finished_spans() if span.name == "plan"]
    assert set(first.attributes) == {
        sc.OPERATION_NAME,
        sc.AGENTOPS_DECISION_TYPE,
        sc.AGENTOPS_DECISION_CHOSEN,
    }
    assert second.attributes[sc.AGENTOPS_DECISION_CHOSEN].startswith("?xxx")
    assert len(second.attributes[sc.AGENTOPS_DECISION_CHOSEN]) == 32 * 1024
    assert len(caplog.records) == 10


PROGRAM = """
import sys
from agentops_eval import telemetry
with telemetry.agent("desk", team="t"):
    telemetry.decision("k", chosen="a", options=["a"])
    telemetry.cost(1.0)
    with telemetry.checkpoint("x") as asked:
        asked.answer("approved")
ours = {n for n in sys.modules if n.startswith("agentops_eval.")}
print(sorted(n for n in ours if not n.startswith("agentops_eval.telemetry")))
heavy = {"msgspec", "click", "yaml", "ijson", "wrapt", "vcr", "pytest", "rich", "jinja2", "deepdiff"}
print(sorted(heavy & {n.partition(".")[0] for n in sys.modules}), "opentelemetry.sdk" in sys.modules)
"""


def test_it_is_light_and_does_nothing_without_a_provider() -> None:
    """In a process without a provider it needs the API and our table of names, and nothing else of ours."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "['agentops_eval.traces', 'agentops_eval.traces.semconv']",
        "[] False",
    ]
    assert done.stderr == ""


# -- the page ---------------------------------------------------------------------------------


def test_the_ten_lines_of_the_page_emit_what_they_say(spans: InMemorySpanExporter) -> None:
    """The page's example, run as printed, gives an agent, a decision, a checkpoint and a confidence."""

    def ask_llm(order: int) -> dict[str, object]:
        with trace.get_tracer("llm").start_as_current_span("chat big"):
            telemetry.cost(0.01)
        return {"usd": 0.01, "sure": 0.9, "action": "refund", "why": "it arrived broken"}

    home: dict[str, object] = {}
    exec(compile(blocks()[1], "trace-in-production.md", "exec"), home)
    answer = home["handle"](7, ask_llm, lambda order: ("approved", "ann"), lambda order: f"refunded {order}")
    assert answer == "refunded 7"
    found = named(spans)
    agent, plan = found["invoke_agent refund-desk"], found["plan"]
    assert (agent[sc.AGENTOPS_TEAM], agent[sc.AGENTOPS_CONFIDENCE]) == ("support", 0.9)
    assert (plan[sc.AGENTOPS_DECISION_CHOSEN], plan[sc.AGENTOPS_DECISION_REASON]) == (
        "refund",
        "it arrived broken",
    )
    assert found["chat big"][sc.AGENTOPS_COST_AMOUNT] == 0.01
    asked = found[sc.HITL_CHECKPOINT]
    assert (asked[sc.AGENTOPS_HITL_STATUS], asked[sc.AGENTOPS_HITL_POLICY]) == ("approved", "over 50 euros")


def test_the_file_of_the_page_is_read_back(tmp_path: Path) -> None:
    """The page's exporter, run as printed with its ten lines, writes a file that the commands read."""
    ten_lines, exporter = blocks()[1:3]
    program = f"""
{exporter}
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
provider = TracerProvider(resource=Resource.create({{"service.name": "desk"}}))
provider.add_span_processor(BatchSpanProcessor(ToFile()))
trace.set_tracer_provider(provider)
{ten_lines}
handle(7, lambda order: {{"usd": 1, "sure": 0.5, "action": "refund", "why": "w"}},
       lambda order: ("rejected", "ann"), None)
trace.get_tracer("another", "0.62.4").start_span("other").end()
provider.shutdown()
"""
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=60)
    source, other = read_traces([tmp_path / "export.jsonl"], Problems())
    run = normalise(source)
    assert [span.name for span in run.trace] == ["invoke_agent refund-desk", "plan", sc.HITL_CHECKPOINT]
    assert run.trace.resource["service.name"] == "desk"
    assert other.spans[0].origin.scope_version == "0.62.4"  # some dialects are told by it


def test_the_set_up_of_the_page_reaches_a_receiver(tmp_path: Path) -> None:
    """Both blocks, run as printed in a process of their own, reach a receiver and read back in our words."""
    pytest.importorskip(
        "opentelemetry.exporter.otlp.proto.http",
        reason="opentelemetry-exporter-otlp-proto-http is not installed",
    )
    from agentops_eval.testing import OtlpReceiver
    from agentops_eval.traces.otlp import encode_request

    call = """
handle(7, lambda order: {"usd": 1, "sure": 0.5, "action": "refund", "why": "w"},
       lambda order: ("rejected", "ann"), None)
provider.shutdown()
"""
    program = "\n".join([*blocks()[:2], call])
    with OtlpReceiver() as receiver:
        base = receiver.url.removesuffix("/v1/traces")

        environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": base}
        subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)
        lines = [json.dumps(encode_request(scope)) for scope in receiver.taken]
    (tmp_path / "sent.jsonl").write_text("\n".join(lines) + "\n")
    (source,) = read_traces([tmp_path / "sent.jsonl"], Problems())
    run = normalise(source)
    assert [span.name for span in run.trace] == ["invoke_agent refund-desk", "plan", sc.HITL_CHECKPOINT]
    assert run.trace.spans[2].attributes[sc.AGENTOPS_HITL_STATUS] == "rejected"
    assert run.trace.spans[1].attributes[sc.AGENTOPS_DECISION_OPTIONS] == ("refund", "refuse")
    assert not any(run.unmapped.values())
