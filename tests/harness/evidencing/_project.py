"""A small project in whose files everything is there that evidence looks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from agentops_eval.domain import (
    Fault,
    FaultedRun,
    Impact,
    Injection,
    Mode,
    Schedule,
    Span,
    Trace,
    VerdictValue,
    Where,
)
from agentops_eval.evals.judging import Label
from agentops_eval.harness import Settings, append_label, approve_prompt
from agentops_eval.harness.evidencing import keep_evidence, noted_of_impacts
from agentops_eval.harness.operating import known_failures, runbook_facts, runbook_folder, write_runbooks
from agentops_eval.operations import REVIEW, next_month, runbooks_of
from agentops_eval.traces import golden_bytes
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.redaction import Redactor

FILES = {
    "pyproject.toml": """
[project]
name = "shop"
version = "1"
dependencies = ["Click>=8", "ruamel.yaml[jinja2] ; python_version > '3'"]
[tool.agentops]
agent_name = "desk"
prices = "prices.toml"
[tool.agentops.agents.desk]
purpose = "refunds"
owner = "role:desk"
payer = "team desk"
[tool.agentops.lint]
destructive_tools = ["issue_refund"]
""",
    "prices.toml": """
date = 2026-11-01
[llm.gpt-x]
input = 1.0
output = 2.0
""",
    "requirements.txt": "click==8.2 --hash=sha256:00\nruamel-yaml==0.18 \\\n    --hash=sha256:01\n",
    "scenarios/refunds.yaml": "agent: shop:desk\nscenarios:\n"
    " - {id: whole, input: issue_refund, expect: {answer_contains: sorry}}\n",
    ".github/workflows/ci.yml": "steps:\n - run: agentops-eval eval run --max-cost 1\n"
    " - run: agentops-eval gate decide\n",
    "runbooks/outage.md": "# Outage\nOwner: role:desk\n## Detection\n...\n## Rollback\n...\n",
    "gate.yaml": "metrics: [{name: passed, kind: binary, margin: 0.05}]\n",
    "degradation.yaml": "approval: [issue_refund]\nchecks: {budget: {calls: 20}}\n"
    "degradations: [{dependency: issue_refund, message: sorry}]\n",
    "objectives.yaml": """
objectives:
  - {name: success, indicator: task-success, target: 0.95}
  - {name: quick, indicator: latency, step: run, below_s: 60, target: 0.9}
  - {name: cost, indicator: cost-per-success, at_most_usd: 1}
autonomy:
  tiers: {issue_refund: supervised}
  escalation: {issue_refund: {after_s: 900, to: "role:approvals-lead"}}
""",
    "chaos/outage.yaml": """
title: The shop is down
steady-state-hypothesis:
  title: nothing is refunded twice
  probes:
    - type: probe
      name: no refund twice
      tolerance: true
      provider: {type: impact, of: issue_refund fails, harms: []}
method:
  - type: action
    name: issue_refund fails
    provider: {type: agent, agent: "shop:desk", faults: [{fault: tool_error, target: issue_refund}]}
""",
    "chaos/day.yaml": """
title: Orders without a shop
roles: {lead: role:desk, scribe: role:on-call}
kill-switch: stop.me
abort-conditions: [{type: elapsed, seconds: 600}]
experiments: [{experiment: outage.yaml}]
""",
    "prompts/desk/v1.0.0.txt": "version: 1.0.0\n---\nBe kind.",
}


def whole_project(root: Path) -> Settings:
    """Write all of it below ``root``; gives the settings that it has."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text.lstrip(), encoding="utf-8")
    month = next_month(datetime.now(UTC).strftime("%Y-%m"), -1)
    (root / "reviews").mkdir()
    (root / f"reviews/{month}.md").write_text(f"<!-- agentops-eval {REVIEW}{month}: spent -->\n")
    approve_prompt(root / "prompts", "desk", "1.0.0", role="desk lead", environ={})
    (root / "golden_traces").mkdir()
    (root / "golden_traces/refund.otlp.jsonl").write_bytes(golden_bytes(_run()))
    (root / "golden_traces/refund.cassette.jsonl").write_text("{}\n")
    said = VerdictValue.PASS
    label = Label(
        id="1",
        label=said,
        verdict=said,
        suite="refunds",
        case="whole",
        rubric="r@1",
        answer_digest="0",
        why="so",
    )
    append_label(root / "judges/labels.jsonl", label)
    return Settings(agent_name="desk", prices="prices.toml")


def fail_safely(root: Path, settings: Settings, *tools: str) -> None:
    """Keep that the agent failed, and did no harm, whenever each of these tools did."""
    impacts = []
    for tool in tools:
        schedule = Schedule(faults=(Fault(kind="tool_error", where=Where(target=tool)),))
        hit = Injection(number=0, kind="tool_error", index=0, site=f"/{tool}#0")
        run = FaultedRun(schedule=schedule, injections=(hit,), answered=True)
        impacts.append(("shop:desk", Impact(mode=Mode.FAILED_SAFE, run=run)))
    keep_evidence(root, Redactor(), noted_of_impacts(impacts, settings))


def write_a_runbook_each(root: Path, settings: Settings) -> list[Path]:
    """Write a runbook for every failure mode that was shown, as ``ops runbooks`` does; gives their files."""
    told: list[tuple[str, str]] = []
    known = known_failures(root, settings, lambda *what: told.append(what))
    facts = runbook_facts(root, settings, known.shown, lambda *what: told.append(what))
    folder = runbook_folder(runbooks_of(known.seen, facts), root / "runbooks", root)
    write_runbooks(folder, root / "runbooks")
    assert told == []
    return [one.path for one in folder.files]


def _run() -> Trace:
    trace = "ab" * 16
    llm = {sc.OPERATION_NAME: "chat", sc.REQUEST_MODEL: "gpt-x", sc.PROVIDER_NAME: "openai"}
    tool = {
        sc.OPERATION_NAME: "execute_tool",
        sc.TOOL_NAME: "issue_refund",
        sc.AGENTOPS_TOOL_EFFECT: "external",
    }
    root = Span(name="invoke_agent desk", trace_id=trace, span_id="01" * 8)
    steps = [
        Span(name=name, trace_id=trace, span_id=f"{number:02d}" * 8, parent_id=root.span_id, attributes=told)
        for number, (name, told) in enumerate([("chat", llm), ("execute_tool issue_refund", tool)], start=2)
    ]
    return Trace(spans=(root, *steps))
