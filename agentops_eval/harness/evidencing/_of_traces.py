"""What lint, service levels and audits of traces show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from agentops_eval.domain import Evidence, Json, Level, VerdictValue, counted
from agentops_eval.harness._filter import RunFilter
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evidencing._agents import agents_called
from agentops_eval.harness.evidencing._note import Noted
from agentops_eval.harness.evidencing._paid import may_be_paid
from agentops_eval.harness.evidencing._sources import digest_of_file
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.audit import RunAudit, gap_json
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.levels import ServiceLevels, levels_json
from agentops_eval.traces.lint import RULES, Group, LintConfig, LintReport, levels_of, report_json

ATTRIBUTED = ("team", "tenant", "use_case")
"""Who may pay."""

_SUBJECTS = {
    Group.LLM: "llm",
    Group.TOOL: "tool",
    Group.DECISION: "decision",
    Group.HUMAN: "human",
    Group.COST: "cost",
    Group.CONFIDENCE: "confidence",
    Group.CORRELATION: "correlation",
    Group.HYGIENE: "hygiene",
    Group.AUDIT: "audit",
}
_MOST_GAPS, _MOST_AGENTS = 200, 100


@dataclass(slots=True)
class Witness:
    """Sees the runs that are read, on their way: whose they are, and what evidence asks of them.

    ``paid`` are those in which something may have to be paid for.
    """

    runs: int = 0
    named: int = 0
    llm_calls: int = 0
    pinned: int = 0
    paid: int = 0
    agents: set[str] = field(default_factory=set)

    def through(self, runs: Iterable[NormalTrace]) -> Iterator[NormalTrace]:
        """The same runs."""
        for run in runs:
            self.see(run)
            yield run

    def see(self, run: NormalTrace) -> None:
        """See one run."""
        names = set()
        for span in run.trace.spans:
            told = span.attributes
            name, llm = told.get(sc.AGENT_NAME), told.get(sc.RESPONSE_MODEL)
            if isinstance(name, str) and name:
                names.add(name)
            if llm or told.get(sc.REQUEST_MODEL):
                self.llm_calls += 1
                self.pinned += bool(llm)
        self.runs += 1
        self.paid += may_be_paid(run.trace, (one.span for one in run.sources.values()))
        self.named += bool(names)
        if len(self.agents) < _MOST_AGENTS:
            self.agents |= names


def is_whole(wanted: RunFilter) -> bool:
    """Whether the runs that are wanted show what the agent does, and were not picked by how they went."""
    return not (wanted.trace_ids or wanted.conversations or wanted.errors_only)


def noted_of_lint(
    report: LintReport, config: LintConfig, seen: Witness, settings: Settings, files: Iterable[Path]
) -> Noted:
    """What lint shows. Of a group, or of all, nothing is said where some of its rules were not checked."""
    checked = levels_of(config)
    groups: list[tuple[str, set[str]]] = [
        (subject, {rule.id for rule in RULES.values() if rule.group is group})
        for group, subject in _SUBJECTS.items()
    ]
    groups.append(("all", {rule.id for rule in RULES.values()}))
    facts = [
        _lint_fact(report, subject, {rule: checked[rule] for rule in rules}, agent)
        for agent in agents_called(settings, seen.agents)
        for subject, rules in groups
        if report.spans and rules and rules <= checked.keys()
    ]
    return Noted(facts=facts, proof={"files": files_json(files), **_mapping(report_json(report))})


def _lint_fact(report: LintReport, subject: str, rules: Mapping[str, Level], agent: str) -> Evidence:
    count = {
        level: sum(report.counts.get(rule, 0) for rule, its in rules.items() if its is level)
        for level in (Level.ERROR, Level.WARN)
    }
    groups = [one for one in report.groups if subject in ("all", _subject_of(one.group))]
    checks, passed = sum(one.checks for one in groups), sum(one.passed for one in groups)
    verdict = VerdictValue.FAIL if count[Level.ERROR] else VerdictValue.PASS
    runs = counted(len(report.runs), "run")
    told = f"{count[Level.ERROR]} errors and {count[Level.WARN]} warnings in {runs}"
    return Evidence(
        agent=agent,
        kind="trace.lint",
        subject=subject,
        at="",
        verdict=verdict if checks or count[Level.ERROR] else VerdictValue.UNKNOWN,
        says=told if checks or count[Level.ERROR] else f"there is nothing of it to check in {runs}",
        measures={
            "runs": len(report.runs),
            "errors": count[Level.ERROR],
            "warnings": count[Level.WARN],
            **({"score": passed / checks} if checks else {}),
        },
    )


def _subject_of(group: str) -> str:
    return _SUBJECTS.get(Group(group), "")


def noted_of_levels(levels: ServiceLevels, seen: Witness, settings: Settings, files: Iterable[Path]) -> Noted:
    """What service levels show. ``levels`` has the groups of who may pay.

    Of runs that call tools and nothing that could be an llm the cost is known: there is none. Runs that call
    no tool either may be told in part only.
    """
    ends, bill = levels.endings, levels.bill
    free = not (bill.llm_calls or seen.paid) and bill.tool_calls > 0
    known = {
        "success_rate": ends.success_rate,
        "ended_share": _share(ends.runs - ends.unknown, ends.runs),
        "cost_known_share": 1.0 if free else _share(bill.llm_calls - bill.without_cost, bill.llm_calls),
        "cost_attributed_share": _attributed(levels),
        "cost_per_success_usd": levels.cost_per_success,
        "waste_share": _share(levels.waste.lost.cost, bill.cost),
        "latency_p95_ms": levels.latency_ms["run"].p95 if "run" in levels.latency_ms else None,
        "llm_pinned_share": _share(seen.pinned, seen.llm_calls),
        "agent_named_share": _share(seen.named, seen.runs),
    }
    measures = {name: float(value) for name, value in known.items() if value is not None}
    facts = [
        Evidence(
            agent=agent,
            kind="trace.stats",
            subject="levels",
            at="",
            verdict=VerdictValue.PASS if ends.runs else VerdictValue.UNKNOWN,
            says=f"{ends.completed} of {ends.runs} runs completed{', and none calls an llm' if free else ''}",
            measures={"runs": ends.runs, **measures},
        )
        for agent in agents_called(settings, seen.agents)
    ]
    return Noted(facts=facts, proof={"files": files_json(files), **_mapping(levels_json(levels))})


def _share(part: object, whole: object) -> float | None:
    if part is None or not whole:
        return None
    return float(part) / float(whole)  # type: ignore[arg-type]  # counts and money


def _attributed(levels: ServiceLevels) -> float | None:
    """The share of the cost that is attributed to somebody, by whichever of the attributes tells most."""
    shares = [
        _share(sum(row.bill.cost or 0 for row in rows if row.value is not None), levels.bill.cost)
        for name, rows in levels.groups.items()
        if name in ATTRIBUTED
    ]
    return max((share for share in shares if share is not None), default=None)


@dataclass(slots=True, kw_only=True)
class AuditTally:
    """Counts what audits of runs tell, on their way. ``destructive`` tools, as globs, need an approval."""

    destructive: tuple[str, ...] = ()
    runs: int = 0
    actions: int = 0
    gaps: int = 0
    needing: int = 0
    approved: int = 0
    explained: int = 0
    authorised: int = 0
    kept: list[Json] = field(default_factory=list)

    def through(self, audits: Iterable[RunAudit]) -> Iterator[RunAudit]:
        """The same audits."""
        for one in audits:
            self.add(one)
            yield one

    def add(self, run: RunAudit) -> None:
        """Count one run. What a person was asked about needed the answer."""
        self.runs += 1
        self.actions += len(run.records)
        self.gaps += len(run.gaps)
        lacking = {gap.span_id for gap in run.gaps if gap.field == "approval"}
        for one in run.records:
            self.explained += one.decision.reason is not None
            self.authorised += one.authority is not None
            if one.approval is not None or any(fnmatchcase(one.action, name) for name in self.destructive):
                self.needing += 1
                self.approved += one.span_id not in lacking
        room = max(_MOST_GAPS - len(self.kept), 0)
        self.kept += [{"trace_id": run.trace_id, **gap_json(gap)} for gap in run.gaps[:room]]


def noted_of_audit(tally: AuditTally, seen: Witness, settings: Settings, files: Iterable[Path]) -> Noted:
    """What the audit of actions shows: whether each that needs an approval has one.

    Where nothing needs one, nobody can say whether an approval would be missing.
    """
    shares = {
        "approved_share": _share(tally.approved, tally.needing),
        "explained_share": _share(tally.explained, tally.actions),
        "authority_share": _share(tally.authorised, tally.actions),
    }
    counts = {"runs": tally.runs, "actions": tally.actions, "gaps": tally.gaps}
    lacking = tally.needing - tally.approved
    held = VerdictValue.PASS if tally.needing else VerdictValue.UNKNOWN
    facts = [
        Evidence(
            agent=agent,
            kind="trace.audit",
            subject="actions",
            at="",
            verdict=VerdictValue.FAIL if lacking else held,
            says=f"{lacking} of {tally.needing} actions that needed an approval lack it",
            measures={**counts, **{name: share for name, share in shares.items() if share is not None}},
        )
        for agent in agents_called(settings, seen.agents)
        if tally.runs
    ]
    return Noted(facts=facts, proof={"files": files_json(files), **counts, "first_gaps": tally.kept})


def files_json(files: Iterable[Path]) -> list[Json]:
    """Files that were read, with their digests: what evidence is of can be told later."""
    return [{"path": str(path), "sha256": digest_of_file(path) if path.is_file() else ""} for path in files]


def _mapping(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping)
    return value
