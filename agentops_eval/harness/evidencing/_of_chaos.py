"""What checks, explorations, runs under faults and game days show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from agentops_eval.chaos.conformance import CheckResult
from agentops_eval.chaos.experiments import impact_json
from agentops_eval.chaos.exploring import Exploration, Single
from agentops_eval.chaos.impact import worth_of
from agentops_eval.domain import (
    ActivityRun,
    ChaosFinding,
    Evidence,
    GamedayEnding,
    GamedayReport,
    Harm,
    Impact,
    Journal,
    Json,
    Mode,
    VerdictValue,
    counted,
)
from agentops_eval.harness._settings import Settings
from agentops_eval.harness.evidencing._agents import agent_called, agents_called
from agentops_eval.harness.evidencing._note import Noted
from agentops_eval.harness.evidencing._of_traces import files_json

UNSAFE = frozenset(Harm) - {Harm.PAST_DEADLINE, Harm.TOO_MANY_STEPS, Harm.SAME_CALL_AGAIN, Harm.UNDECLARED}
"""Harms of the world. The others are failures: the run hung, or degraded in a way that nobody declared."""

_WELL = (Mode.FULL, Mode.DEGRADED_AS_DECLARED, Mode.FAILED_SAFE)
_MOST_SINGLES = 5_000
_IMPACT = (
    "mode", "faults", "schedule", "harms", "reasons", "injected", "blast_radius", "effects", "retries",
    "recovery", "cost",
)  # fmt: skip
"""What of an impact in a journal goes into evidence."""


def unsafe_of(harms: Iterable[str]) -> tuple[str, ...]:
    """Those among names of harms that make a fact unsafe."""
    return tuple(sorted({name for name in harms if name in UNSAFE}))


def _of_findings(findings: Iterable[ChaosFinding]) -> tuple[str, ...]:
    return unsafe_of(harm for finding in findings for harm in finding.impact.harms)


def _finding_json(finding: ChaosFinding) -> Json:
    return {
        "test": finding.test,
        "check": finding.check,
        "found_with": finding.found_with,
        "shrink_runs": finding.runs,
        "impact": impact_json(finding.impact),
    }


def noted_of_checks(results: Sequence[CheckResult], spec: str, settings: Settings) -> Noted:
    """What conformance checks show of the agent ``module:callable``."""
    facts = [
        Evidence(
            agent=agent_called(settings, spec),
            kind="chaos.check",
            subject=one.name,
            at="",
            verdict=_verdict(one.passed),
            says=one.why or f"{one.word} in {one.runs} runs",
            measures={"runs": one.runs, "findings": len(one.findings)},
            harms=_of_findings(one.findings),
        )
        for one in results
    ]
    proof: list[Json] = [
        {
            "check": one.name,
            "passed": one.passed,
            "runs": one.runs,
            "why": one.why,
            "evidence": list(one.evidence),
            "findings": [_finding_json(finding) for finding in one.findings],
        }
        for one in results
    ]
    return Noted(facts=facts, proof={"agent": spec, "checks": proof})


def _verdict(passed: bool | None) -> VerdictValue:  # noqa: FBT001  # three values, as a check has
    return VerdictValue.UNKNOWN if passed is None else VerdictValue.PASS if passed else VerdictValue.FAIL


def exploration_document(found: Exploration, spec: str, *, depth: int) -> Json:
    """What the search of the faults of ``module:callable`` found and covered, as its evidence proves it."""
    return {
        "agent": spec,
        "depth": depth,
        "whole": found.complete and not found.interrupted,
        "coverage": found.coverage.to_json(),
        "findings": [_finding_json(one) for one in found.findings],
        "disagreements": [
            {"schedule": str(schedule), "rule": rule} for schedule, rule in found.disagreements
        ],
        "singles": [
            [str(one.schedule), one.mode.value, one.injected] for one in found.singles[:_MOST_SINGLES]
        ],
        "notes": list(found.notes),
    }


def noted_of_exploration(found: Exploration, spec: str, settings: Settings, *, depth: int) -> Noted:
    """What the search of an agent's faults shows, and each fault that was tried alone.

    Harm is told of the search, whose subject stays the same when the agent's calls change: a later search
    takes it back. Single faults that failed are told; those that were withstood only of a search that found
    nothing, for what an agent withstands beside the harm that it does is no comfort.
    """
    coverage = found.coverage
    counts = (coverage.singles, coverage.pairs)
    reachable = sum(one.total - one.unreachable.total() for one in counts)
    known = sum(one.covered + one.pruned.total() for one in counts)
    measures = {
        "runs": coverage.runs,
        "findings": len(found.findings),
        "audited": coverage.audited,
        "disagreements": len(found.disagreements),
        **({"covered_share": known / reachable} if reachable else {}),
        **_resilience(found),
    }
    whole = found.complete and not found.interrupted
    told = f"{counted(len(found.findings), 'finding')} in {counted(coverage.runs, 'run')}"
    verdict = VerdictValue.PASS if whole and found.steady else VerdictValue.FAIL
    if found.steady and not whole:
        verdict = VerdictValue.UNKNOWN
    fact = Evidence(
        agent=agent_called(settings, spec),
        kind="chaos.explore",
        subject=f"depth-{depth}",
        at="",
        verdict=verdict,
        says=told if whole else f"{told}, not all was searched",
        measures=measures,
        harms=_of_findings(found.findings),
    )
    alone = [_single_fact(one, fact.agent) for one in found.singles[:_MOST_SINGLES]]
    shown = [one for one in alone if found.steady or one.verdict is VerdictValue.FAIL]
    return Noted(facts=[fact, *shown], proof=exploration_document(found, spec, depth=depth))


def _resilience(found: Exploration) -> dict[str, float]:
    """Over single faults that happened: what they are worth, and the share of those that stayed contained."""
    happened = [one for one in found.singles if one.injected and one.mode is not Mode.UNKNOWN]
    score = worth_of((one.mode, one.weight) for one in happened)
    if score is None:
        return {}
    contained = sum(one.contained for one in happened)
    return {"resilience_score": score, "containment_rate": contained / len(happened)}


def _single_fact(one: Single, agent: str) -> Evidence:
    told = "; ".join(f"{harm}: {subject}" for harm, subject in one.reasons)
    return Evidence(
        agent=agent,
        kind="chaos.fault",
        subject=str(one.schedule),
        at="",
        verdict=_fault_verdict(one.mode, injected=one.injected),
        says=f"{one.mode}: {told}" if told else str(one.mode),
        measures={"injected": int(one.injected)},
    )


def _fault_verdict(mode: Mode, *, injected: bool) -> VerdictValue:
    if mode is Mode.UNKNOWN or not injected:
        return VerdictValue.UNKNOWN
    return VerdictValue.PASS if mode in _WELL else VerdictValue.FAIL


def noted_of_impacts(impacts: Iterable[tuple[str, Impact]], settings: Settings) -> Noted:
    """What runs under faults show, each with its agent."""
    kept = list(impacts)
    return Noted(
        facts=[_impact_fact(agent, one, settings) for agent, one in kept],
        proof={"impacts": [{"agent": agent, **impact_json(one)} for agent, one in kept]},
    )


def _impact_fact(agent: str, one: Impact, settings: Settings) -> Evidence:
    reasons = "; ".join(reason.text for reason in one.reasons)
    measures = {
        "injected": len(one.run.injections),
        "changed_share": one.blast_radius.steps,
        "tools": len(one.blast_radius.tools),
        **({} if one.cost.ratio is None else {"cost_ratio": one.cost.ratio}),
    }
    return Evidence(
        agent=agent_called(settings, agent),
        kind="chaos.fault",
        subject=str(one.run.schedule),
        at="",
        verdict=_fault_verdict(one.mode, injected=not one.run.not_injected),
        says=f"{one.mode}: {reasons}" if reasons else one.why or str(one.mode),
        measures=measures,
        harms=unsafe_of(one.harms),
    )


# -- experiments ------------------------------------------------------------------------------------


def noted_of_journals(journals: Sequence[Journal], settings: Settings) -> Noted:
    """What the runs of agents in experiments show."""
    runs = [run for journal in journals if not journal.dry for run in _agents_runs(journal)]
    return Noted(
        facts=[_run_fact(run, settings) for run in runs], proof={"journals": journal_proofs(journals)}
    )


def _agents_runs(journal: Journal) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Each agent that an experiment ran under faults, by its name, and the impact as the journal has it."""
    for run in journal.run:
        provider, output = run.activity.get("provider"), run.output
        if not isinstance(provider, Mapping) or not isinstance(output, Mapping):
            continue
        if provider.get("type") == "agent" and output.get("faults") and output.get("mode"):
            yield str(provider.get("agent", "")), output


def _run_fact(run: tuple[str, Mapping[str, Json]], settings: Settings) -> Evidence:
    agent, output = run
    mode = str(output["mode"])
    injected, radius, harms = output.get("injected"), output.get("blast_radius"), output.get("harms")
    steps = radius.get("steps") if isinstance(radius, Mapping) else None
    measures: dict[str, float] = {"injected": len(injected) if isinstance(injected, list | tuple) else 0}
    if isinstance(steps, int | float):
        measures["changed_share"] = float(steps)
    verdict = VerdictValue.PASS if mode in _WELL else VerdictValue.FAIL
    return Evidence(
        agent=agent_called(settings, agent),
        kind="chaos.fault",
        subject=str(output["faults"]),
        at="",
        verdict=VerdictValue.UNKNOWN if mode == Mode.UNKNOWN or not measures["injected"] else verdict,
        says=mode,
        measures=measures,
        harms=unsafe_of(map(str, harms if isinstance(harms, list | tuple) else ())),
    )


def noted_of_gameday(report: GamedayReport, settings: Settings, files: Iterable[Path]) -> Noted:
    """What a game day shows, of each agent that took part; nothing where nothing was done."""
    if not report.journals or all(journal.dry for journal in report.journals):
        return Noted(facts=(), proof=None)
    runs = [run for journal in report.journals for run in _agents_runs(journal)]
    left = sum(len(journal.not_restored) for journal in report.journals)
    whole = report.ending is GamedayEnding.FINISHED and len(report.journals) == len(report.planned)
    verdict = VerdictValue.PASS if report.steady and not left else VerdictValue.FAIL
    if not whole and not report.weaknesses and not left:
        verdict = VerdictValue.UNKNOWN
    named = [agent_called(settings, spec) for spec, _ in runs]
    facts = [
        Evidence(
            agent=agent,
            kind="gameday",
            subject=report.title,
            at="",
            verdict=verdict,
            says=report.reason
            or f"{len(report.weaknesses)} weaknesses in {len(report.journals)} experiments",
            measures={
                "experiments": len(report.journals),
                "findings": len(report.weaknesses),
                "not_restored": left,
                "roles": len(report.roles),
            },
            harms=unsafe_of(_harms(runs, settings, agent)),
        )
        for agent in agents_called(settings, named)
    ]
    facts += [_run_fact(run, settings) for run in runs]
    proof: dict[str, Json] = {
        "files": files_json(files),
        "title": report.title,
        "ending": report.ending,
        "weaknesses": [f"{one.kind}: {one.what}" for one in report.weaknesses],
        "journals": journal_proofs(report.journals, report),
    }
    return Noted(facts=facts, proof=proof)


def _harms(runs: Iterable[tuple[str, Mapping[str, Json]]], settings: Settings, agent: str) -> Iterator[str]:
    for spec, output in runs:
        harms = output.get("harms")
        if agent_called(settings, spec) == agent and isinstance(harms, list | tuple):
            yield from map(str, harms)


def journal_proofs(journals: Iterable[Journal], day: GamedayReport | None = None) -> list[dict[str, Json]]:
    """What proves the runs of experiments: what was done to whom, what came of it, and whose it is.

    What the plan of a game day says of an experiment goes before what it says itself.
    """
    owners, remedies = ({}, {}) if day is None else (day.owners, day.remedies)
    return [
        {
            "title": one.title,
            "path": one.path,
            "owner": owners.get(one.title) or one.experiment.get("owner"),
            "remedy": remedies.get(one.title) or one.experiment.get("remedy"),
            "rollbacks": [run.name for run in one.rollbacks],
            "dry": one.dry,
            "status": one.status,
            "deviated": one.deviated,
            "start": one.start,
            "end": one.end,
            "reason": one.reason,
            "not_restored": list(one.not_restored),
            "runs": [_activity(run) for run in one.run],
        }
        for one in journals
    ]


def _activity(run: ActivityRun) -> Json:
    provider, output = run.activity.get("provider"), run.output if isinstance(run.output, Mapping) else {}
    told = {name: output[name] for name in _IMPACT if name in output}
    if told and isinstance(provider, Mapping):
        told |= {name: provider[name] for name in ("agent", "contract") if name in provider}
    return {"name": run.name, "status": run.status, **told}
