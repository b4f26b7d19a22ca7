"""What suites, gates, judges and replays show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.domain import Decision, DecisionValue, Evidence, Json, Result, VerdictValue, Versions
from agentops_eval.evals.comparing import sample_of
from agentops_eval.evals.judging import Calibration, calibration_json
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evaluating import Choice, Trial, rule
from agentops_eval.harness.evidencing._agents import agent_called, agents_called
from agentops_eval.harness.evidencing._note import Noted
from agentops_eval.harness.evidencing._of_traces import files_json
from agentops_eval.replay import age_days
from agentops_eval.stats import Summary, summarise
from agentops_eval.traces import GOLDEN_SUFFIX

if TYPE_CHECKING:
    from agentops_eval.harness._report import RunReport
    from agentops_eval.replay import AuditReport

_KS = (1, 3, 5, 8)
_TOOLS = "tools"
_GATED = {
    DecisionValue.PROMOTE: VerdictValue.PASS,
    DecisionValue.HOLD: VerdictValue.UNKNOWN,
    DecisionValue.ROLLBACK: VerdictValue.FAIL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitesRun:
    """What ``eval run`` was told, and what came of it. ``stopped`` says why not all was run, if so."""

    trials: Sequence[Trial]
    results: Sequence[Result]
    choice: Choice
    agent: str = ""
    min_pass_rate: float | None = None
    stopped: str = ""


def noted_of_suites(run: SuitesRun, settings: Settings) -> Noted:
    """What suites show of each agent: nothing where cases were picked, or a candidate was tried.

    Half a suite that passes is no suite that passed.
    """
    choice = run.choice
    if choice.cases or choice.tags or choice.candidate:
        return Noted(facts=(), proof=None)
    planned: dict[tuple[str, str], int] = defaultdict(int)
    whose: dict[tuple[str, str, str, int], str] = {}
    for trial in run.trials:
        agent = agent_called(settings, run.agent or trial.scenario.agent)
        planned[trial.scenario.suite, agent] += 1
        whose[trial.key] = agent
    groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for one in run.results:
        agent = whose.get((one.suite, one.case, one.variant, one.trial), "")
        groups[one.suite, agent].append(one)
    facts = [
        _suite_fact(suite, agent, groups[suite, agent], run, count)
        for (suite, agent), count in planned.items()
    ]
    rows: list[Json] = [
        {
            "suite": one.suite,
            "case": one.case,
            "variant": one.variant,
            "trial": one.trial,
            "ending": one.ending.value,
            "value": one.value.value,
            "recording": one.recording,
            "trace_id": one.trace_id,
        }
        for one in run.results
    ]
    return Noted(facts=facts, proof={"min_pass_rate": run.min_pass_rate, "results": rows})


def _suite_fact(suite: str, agent: str, results: Sequence[Result], run: SuitesRun, planned: int) -> Evidence:
    stopped = run.stopped or ("" if len(results) >= planned else f"{planned - len(results)} were not run")
    ruling = rule(results, min_pass_rate=run.min_pass_rate, stopped=stopped)
    summary = summarise(map(sample_of, results))
    verdict = VerdictValue.UNKNOWN
    if ruling.passed:
        verdict = VerdictValue.PASS
    elif any(one.passed is False for one in results):
        verdict = VerdictValue.FAIL
    return Evidence(
        agent=agent,
        kind="eval.suite",
        subject=suite,
        at="",
        verdict=verdict,
        says=ruling.reason,
        measures=_suite_measures(results, summary, planned),
        versions=versions_of_results(results),
    )


def _suite_measures(results: Sequence[Result], summary: Summary, planned: int) -> dict[str, float]:
    judged = sum(one.passed is not None for one in results)
    calls = sum(sum(one.labels.values()) for one in results)
    passed = sum(one.passed is True for one in results)
    costs = [one.spend.cost_usd for one in results]
    known = [cost for cost in costs if cost is not None]
    figures: dict[str, float | None] = {
        "cases": len(summary.collapsed.tallies),
        "trials": planned,
        "judged_share": judged / planned if planned else None,
        "live_share": sum(one.labels.get("live", 0) for one in results) / calls if calls else None,
        "cost_per_success_usd": sum(known) / passed if passed and len(known) == len(costs) else None,
    }
    if summary.pass_hat_k:
        interval = summary.clustered or summary.wilson
        figures["pass_rate"] = float(summary.pass_hat_k[1])
        figures["pass_rate_low"] = None if interval is None else interval.low
        figures |= {f"pass_hat_{k}": float(summary.pass_hat_k[k]) for k in _KS if k in summary.pass_hat_k}
    return _known(figures)


def versions_of_results(results: Iterable[Result]) -> Versions:
    """The versions of prompts and tools that results are about."""
    found: dict[str, dict[str, None]] = {"prompt": {}, _TOOLS: {}}
    for one in results:
        for name, version in one.versions.items():
            kind, text = (_TOOLS, version) if name == _TOOLS else ("prompt", f"{name} {version}")
            found[kind][text] = None
    return Versions(prompt=", ".join(found["prompt"])[:500], tools=", ".join(found[_TOOLS])[:500])


def noted_of_decision(
    decision: Decision,
    document: Json,
    name: str,
    settings: Settings,
    files: Iterable[Path],
    *,
    stages: Sequence[str] = (),
) -> Noted:
    """What a gate decided. ``name`` is the gate's file where it has no name of its own.

    ``stages`` are the names of all its stages: how many of them were decided on is a measure.
    """
    reached = stages.index(decision.stage) + 1 if decision.stage in stages else None
    fact = Evidence(
        agent=agents_called(settings, ())[0],
        kind="gate",
        subject=decision.gate or name,
        at="",
        verdict=_GATED[decision.value],
        says="; ".join([decision.value.value, *(reason.message for reason in decision.reasons)]),
        measures=_known({"units": decision.n, "metrics": len(decision.metrics), "stages": reached}),
    )
    return Noted(facts=[fact], proof={"files": files_json(files), "decision": document})


def noted_of_calibration(found: Calibration, files: Iterable[Path]) -> Noted:
    """How far a judge agrees with people."""
    measured = found.measured
    measures: dict[str, float] = {"labels": measured.confusion.labelled}
    if measured.kappa is not None:
        measures["kappa"] = measured.kappa.value
    if measured.agreement is not None:
        measures["agreement_low"] = measured.agreement.low
    fact = Evidence(
        agent="",  # it judges whoever is asked
        kind="judge",
        subject=found.name,
        at="",
        verdict=VerdictValue.PASS if found.trusted else VerdictValue.FAIL,
        says="it is trusted" if found.trusted else "; ".join(found.shortfalls),
        measures=measures,
        versions=Versions(llm=found.llm),
    )
    return Noted(facts=[fact], proof={"files": files_json(files), "calibration": calibration_json(found)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A recording that was replayed. ``diverged`` is empty where it equals its golden, or has none.

    ``recorded_at`` is when it was recorded, as its header tells; empty where that is not known.
    """

    agent: str
    golden: str
    report: RunReport
    compared: bool
    diverged: str = ""
    recorded_at: str = ""


def golden_name(path: Path, root: Path) -> str:
    """What a replay is of: the golden's path without its suffix, relative to the project."""
    there = path if path.is_absolute() else root / path
    below = there.relative_to(root) if there.is_relative_to(root) else there
    return below.as_posix().removesuffix(GOLDEN_SUFFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Varied:
    """A case whose determinism was audited; ``document`` is the report as it is printed."""

    agent: str
    golden: str
    report: AuditReport
    document: Json


def noted_of_audited(one: Varied, settings: Settings) -> Noted:
    """What the audit of a replay's determinism shows."""
    report = one.report
    quiet = len({*report.varied} - {finding.factor for finding in report.findings})
    verdict = VerdictValue.PASS if report.deterministic else VerdictValue.FAIL
    fact = Evidence(
        agent=agent_called(settings, one.agent),
        kind="replay",
        subject=one.golden,
        at="",
        verdict=verdict if report.calls else VerdictValue.UNKNOWN,
        says="deterministic" if report.deterministic else "not deterministic",
        measures={"calls": report.calls, "varied": quiet},
    )
    return Noted(facts=[fact], proof={"golden": one.golden, "audit": one.document})


def noted_of_replays(replays: Iterable[Replayed], settings: Settings) -> Noted:
    """What replays show: that the recording answered everything, and the run equals its golden."""
    kept = list(replays)
    proof: list[Json] = [
        {
            "golden": one.golden,
            "compared": one.compared,
            "diverged": one.diverged,
            "report": one.report.to_json(),
        }
        for one in kept
    ]
    return Noted(facts=[_replay_fact(one, settings) for one in kept], proof={"replays": proof})


def _replay_fact(one: Replayed, settings: Settings) -> Evidence:
    report = one.report
    calls = sum(report.labels.values())
    whole = not report.problems and not report.unused
    measures: dict[str, float | None] = {
        "calls": calls,
        "recorded_share": report.labels.get("replayed", 0) / calls if calls else None,
        "age_days": age_days(one.recorded_at, datetime.now(UTC)),
    }
    verdict, says = VerdictValue.PASS, "it was replayed whole, and equals its golden"
    if one.diverged or report.problems:
        verdict, says = VerdictValue.FAIL, one.diverged or report.problems[0]
    elif not whole or not one.compared:
        verdict = VerdictValue.UNKNOWN
        says = (
            "it was compared with no golden"
            if whole
            else f"{len(report.unused)} recorded calls were not made"
        )
    return Evidence(
        agent=agent_called(settings, one.agent),
        kind="replay",
        subject=one.golden,
        at="",
        verdict=verdict,
        says=says,
        measures=_known(measures),
    )


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if value is not None}
