"""What calls no llm costs nothing; what could be an llm, or is told in part, is not known to cost nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import Span, Trace, VerdictValue
from agentops_eval.harness import Settings
from agentops_eval.harness.evidencing import Noted, noted_of_project
from agentops_eval.scorecard import Scoring, shipped_criteria
from agentops_eval.traces import golden_bytes
from agentops_eval.traces import semconv as sc

ROOT = Span(name="invoke_agent desk", trace_id="ab" * 16, span_id="01" * 8)
TOOL = {sc.OPERATION_NAME: sc.EXECUTE_TOOL, sc.TOOL_NAME: "read_order"}
REQUEST = {sc.HTTP_REQUEST_METHOD: "POST", sc.SERVER_ADDRESS: "shop.example"}


def trace(*steps: dict, below: str = ROOT.span_id) -> Trace:
    """A run of those steps; the first is the agent's own, the others are ``below``."""
    spans = [
        Span(
            name="step",
            trace_id=ROOT.trace_id,
            span_id=f"{number:02d}" * 8,
            parent_id=below if number > 2 else ROOT.span_id,
            attributes=told,
        )
        for number, told in enumerate(steps, start=2)
    ]
    return Trace(spans=(ROOT, *spans))


RUNS = {
    "tools alone": (trace(TOOL, TOOL), True),
    "a tool that asks a service": (trace(TOOL, REQUEST, below="02" * 8), True),
    "a request of the agent's own": (trace(TOOL, REQUEST), False),
    "an llm that is not named": (trace(TOOL, {sc.OPERATION_NAME: sc.CHAT}), False),
    "embeddings": (trace(TOOL, {sc.OPERATION_NAME: sc.EMBEDDINGS}), False),
    "tokens": (trace(TOOL, {sc.USAGE_INPUT_TOKENS: 5}), False),
    "a total": (trace(TOOL, {sc.OPERATION_NAME: sc.INVOKE_AGENT, "gen_ai.usage.cost": 0.1}), False),
    "no step at all": (trace(), False),
    "a circle": (trace(TOOL, {**REQUEST, sc.OPERATION_NAME: "x"}, below="03" * 8), False),
}


def unmet(*found: Noted) -> set[str]:
    """What of level 1 of finops such evidence does not show."""
    at = "2026-11-27T00:00:00Z"
    scoring = Scoring(shipped_criteria(), "desk", at=at)
    for number, fact in enumerate(fact for noted in found for fact in noted.facts):
        scoring.add(replace(fact, at=at, expires="2027-01-01T00:00:00Z"), str(number))
    return {gap.criterion for gap in scoring.scorecard().gaps if gap.dimension == "finops" and gap.level == 1}


def looked(root: Path, *goldens: bytes) -> Noted:
    """What is found in a project with those goldens."""
    (root / "golden_traces").mkdir()
    for number, data in enumerate(goldens):
        (root / f"golden_traces/{number}.otlp.jsonl").write_bytes(data)
        (root / f"golden_traces/{number}.cassette.jsonl").write_text("{}\n")
    return noted_of_project(root, Settings(agent_name="desk"), "desk")


@pytest.mark.parametrize(("run", "free"), RUNS.values(), ids=RUNS)
def test_only_goldens_of_tools_alone_leave_no_price_to_be_known(tmp_path, run, free):
    """The criterion of prices is met by them, and the look says why; of all others nothing is known."""
    found = looked(tmp_path, golden_bytes(run))
    assert ("finops.prices-known" not in unmet(found)) is free
    (prices,) = [one for one in found.facts if one.subject == "prices"]
    assert prices.verdict is (VerdictValue.PASS if free else VerdictValue.UNKNOWN)
    assert ("nothing to pay" in prices.says) is free


@pytest.mark.parametrize("other", [golden_bytes(RUNS["tokens"][0]), b"nonsense\n"], ids=["paid", "broken"])
def test_one_golden_that_may_be_paid_for_is_enough(tmp_path, other):
    """Another that costs nothing does not make up for it, nor for one that nobody can read."""
    assert "finops.prices-known" in unmet(looked(tmp_path, golden_bytes(RUNS["tools alone"][0]), other))


@pytest.mark.parametrize(("run", "free"), RUNS.values(), ids=RUNS)
def test_the_cost_of_runs_of_tools_alone_is_known(ae, run, free):
    """trace stats keeps that the cost of all calls is known; where an llm could be among them it is not."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops]\nagent_name = "desk"\n', encoding="utf-8")
    (ae.folder / "run.otlp.jsonl").write_bytes(golden_bytes(run))
    assert ae("trace", "stats", "run.otlp.jsonl").code == 0
    rows = [json.loads(text) for text in ae("evidence", "export").out.splitlines()]
    (row,) = [one for one in rows if one["kind"] == "trace.stats"]
    assert (row["measures"].get("cost_known_share") == 1.0) is free
    assert row["says"].endswith("and none calls an llm") is free
