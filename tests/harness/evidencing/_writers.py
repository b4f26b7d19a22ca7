"""What each writer of evidence writes of an agent with which all is well: made figures, real writers.

Figures are as good as they get, so that what is not met by them is met by nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from agentops_eval.chaos.conformance import CHECKS, CheckResult
from agentops_eval.chaos.experiments import impact_json
from agentops_eval.chaos.exploring import Counts, Coverage, Exploration, Single
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import (
    ActivityRun,
    CalibrationReport,
    CostForecast,
    Decision,
    DecisionValue,
    Drift,
    Estimate,
    Fault,
    FaultedRun,
    GamedayEnding,
    GamedayReport,
    Impact,
    Injection,
    Journal,
    JournalStatus,
    Mode,
    ObjectiveStatus,
    Result,
    Scenario,
    Schedule,
    Suite,
    Threshold,
    VerdictValue,
    Where,
)
from agentops_eval.evals.judging import Calibration, Confusion, Floor, Measured
from agentops_eval.harness import AuditReport, RunReport, Settings
from agentops_eval.harness.evaluating import Choice, plan
from agentops_eval.harness.evidencing import (
    AuditTally,
    Noted,
    Operations,
    Replayed,
    SuitesRun,
    Varied,
    Witness,
    noted_of_audit,
    noted_of_audited,
    noted_of_calibrated,
    noted_of_calibration,
    noted_of_checks,
    noted_of_decision,
    noted_of_drift,
    noted_of_exploration,
    noted_of_forecast,
    noted_of_gameday,
    noted_of_impacts,
    noted_of_incidents,
    noted_of_journals,
    noted_of_levels,
    noted_of_lint,
    noted_of_objectives,
    noted_of_replays,
    noted_of_suites,
)
from agentops_eval.operations import Indicator
from agentops_eval.replay import Factor
from agentops_eval.stats import Interval
from agentops_eval.traces.levels import Bill, Endings, Quantiles, Row, ServiceLevels, WasteLevels
from agentops_eval.traces.lint import RULES, Group, GroupScore, LintConfig, LintReport, RunLint

AGENT, SPEC = "desk", "shop:desk"
PASS = VerdictValue.PASS
RECORDED = datetime.now(UTC).isoformat()
SETTINGS = Settings(agent_name=AGENT)
SEEN = Witness(runs=2_000, named=2_000, llm_calls=2_000, pinned=2_000, agents={AGENT})
_COUNT = 25


def everything() -> Iterator[tuple[str, Noted]]:
    """What each command or fixture writes, by the words that its call holds."""
    checks = [CheckResult(name=one, passed=True) for one in CHECKS]
    yield "chaos check", noted_of_checks(checks, SPEC, SETTINGS)
    for depth in (1, 2):
        yield f"chaos explore --depth {depth}", _explored((), depth=depth)
    impacts = [(SPEC, one) for kind in CATALOGUE for one in _impacts(kind)]
    yield "fixture chaos", noted_of_impacts(impacts, SETTINGS)
    yield "gameday run", noted_of_gameday(_gameday("one"), SETTINGS, [])
    yield "gameday run", noted_of_gameday(_gameday("two"), SETTINGS, [])
    yield "eval run", noted_of_suites(_suites(), SETTINGS)
    yield "gate decide", _promoted()
    yield "judge calibrate", noted_of_calibration(_judge(), [])
    yield "replay", noted_of_replays(_replays(), SETTINGS)
    for number in range(3):
        yield "replay --twice", noted_of_audited(_varied(number), SETTINGS)
    yield from _of_traces()
    yield from _of_operations()


def again() -> Iterator[tuple[str, Noted]]:
    """What commands write of a part of that, and commands that write the same as others."""
    for name in CHECKS:
        checked = [CheckResult(name=name, passed=True)]
        yield f"chaos check --only {name}", noted_of_checks(checked, SPEC, SETTINGS)
    impacts = [one for kind in CATALOGUE for one in _impacts(kind)]
    yield "chaos explore --depth 1", _explored(impacts)
    for part in ("--faults", "--targets"):
        yield f"chaos explore --depth 1 {part}", Noted(facts=(), proof=None)  # a part of a search is none
    yield "chaos run", noted_of_journals([_journal(impacts)], SETTINGS)
    yield "gate watch", _promoted()
    for rules in sorted({rule[:3] for rule in RULES}):
        config = LintConfig(select=(rules,))
        yield f"trace lint --select {rules}", noted_of_lint(_linted(), config, SEEN, SETTINGS, [])


def _promoted() -> Noted:
    return noted_of_decision(Decision(value=DecisionValue.PROMOTE, n=500), None, "gate", SETTINGS, [])


def _explored(alone: Iterable[Impact], *, depth: int = 1) -> Noted:
    """A search that found nothing, and tried each of these alone."""
    coverage = Coverage(singles=Counts(covered=10), pairs=Counts(covered=90), runs=100)
    singles = tuple(Single(schedule=one.run.schedule, mode=one.mode, injected=True) for one in alone)
    found = Exploration(findings=(), coverage=coverage, singles=singles)
    return noted_of_exploration(found, SPEC, SETTINGS, depth=depth)


def _impacts(kind: str) -> Iterator[Impact]:
    """Faults of one kind, at enough places."""
    for number in range(_COUNT if kind == "tool_injection" else 2):
        hit = Injection(number=0, kind=kind, index=0, site="/")
        schedule = Schedule(faults=(Fault(kind=kind, where=Where(target="*", nth=(number + 1,))),))
        yield Impact(mode=Mode.FULL, run=FaultedRun(schedule=schedule, injections=(hit,), answered=True))


def _journal(impacts: Iterable[Impact]) -> Journal:
    """An experiment that runs the agent under each."""
    provider = {"type": "agent", "agent": SPEC}
    return Journal(
        status=JournalStatus.COMPLETED,
        run=tuple(ActivityRun(activity={"provider": provider}, output=impact_json(one)) for one in impacts),
    )


def _gameday(title: str) -> GamedayReport:
    return GamedayReport(
        title=title,
        roles={"lead": "role:desk", "scribe": "role:on-call"},
        ending=GamedayEnding.FINISHED,
        journals=(Journal(status=JournalStatus.COMPLETED),) * 3,
        planned=("a", "b", "c"),
    )


def _suites() -> SuitesRun:
    scenario = Scenario(id="whole", suite="refunds", agent=SPEC, repeat=8)
    trials = plan([Suite(name="refunds", scenarios=(scenario,))], Choice(), Path("golden_traces"))
    results = [Result(suite="refunds", case="whole", trial=one.number, value=PASS) for one in trials]
    return SuitesRun(trials=trials, results=results, choice=Choice())


def _judge() -> Calibration:
    kappa = Interval(value=0.9, low=0.8, high=1.0, n=200, method="made")
    measured = Measured(confusion=Confusion(pass_pass=150, fail_fail=50), kappa=kappa, agreement=kappa)
    return Calibration(name="correctness", measured=measured, floor=Floor())


def _replays() -> Iterator[Replayed]:
    for number in range(_COUNT):
        report = RunReport(case=f"{number}", mode="replay", labels={"replayed": 5})
        golden = f"golden_traces/{number}"
        yield Replayed(agent=AGENT, golden=golden, report=report, compared=True, recorded_at=RECORDED)


def _varied(number: int) -> Varied:
    report = AuditReport(varied=tuple(Factor), calls=5)
    return Varied(agent=AGENT, golden=f"golden_traces/{number}", report=report, document=None)


def _of_traces() -> Iterator[tuple[str, Noted]]:
    yield "trace lint", noted_of_lint(_linted(), LintConfig(), SEEN, SETTINGS, [])
    yield "trace stats", noted_of_levels(_levels(), SEEN, SETTINGS, [])
    tally = AuditTally(runs=200, actions=50, needing=50, approved=50, explained=50, authorised=50)
    yield "trace audit", noted_of_audit(tally, SEEN, SETTINGS, [])


def _linted() -> LintReport:
    groups = tuple(GroupScore(group=one.value, checks=100, passed=100) for one in Group)
    run = RunLint(trace_id="ab" * 16, root="desk", spans=10, score=1.0, counts={})
    return LintReport(groups=groups, runs=(run,) * 200)


def _levels() -> ServiceLevels:
    bill, nothing = (
        Bill(llm_calls=2_000, cost=Decimal(20)),
        Quantiles(n=0, unknown=0, p50=None, p95=None, p99=None),
    )
    endings = Endings(completed=2_000)
    return ServiceLevels(
        endings=endings,
        latency_ms={},
        first_chunk_ms=nothing,
        tokens_per_run=nothing,
        errors={},
        tools=(),
        waste=WasteLevels(llm_retries=0, tool_retries=0, lost=Bill(cost=Decimal(0))),
        bill=bill,
        groups={"team": (Row(value="desk", endings=endings, bill=bill, latency_ms=nothing),)},
    )


def _of_operations() -> Iterator[tuple[str, Noted]]:
    of = Operations(seen=SEEN, settings=SETTINGS, files=[], runs=2_000)
    names = [*(one.value for one in Indicator if one is not Indicator.LATENCY), "latency-run"]
    kept = [
        ObjectiveStatus(
            name=one,
            indicator=one,
            target=0.9,
            verdict=PASS,
            window_days=28,
            level=Estimate(value=0.95),
            events=2_000,
        )
        for one in names
    ]
    yield "ops slo", noted_of_objectives(kept, of)
    threshold = Threshold(action="issue_refund", verdict=PASS, target=0.01, value=0.9, n=2_000)
    calibrated = CalibrationReport(
        n=2_000, verdict=PASS, ece=Estimate(value=0.01, low=0.0, high=0.02), thresholds=(threshold,)
    )
    yield "ops calibration", noted_of_calibrated(calibrated, of)
    yield "ops drift", noted_of_drift([Drift(measure="cost", verdict=PASS)], of, periods=60)
    cost = Estimate(value=100.0, low=90.0, high=110.0, n=26)
    yield "ops forecast", noted_of_forecast(CostForecast(verdict=PASS, weeks=13, cost=cost), of)
    yield "ops incidents", noted_of_incidents([], of)
