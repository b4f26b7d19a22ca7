"""Findings: one for each new reason to fail, at its smallest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos._targets import LLM, call_of, is_llm_call
from agentops_eval.chaos.exploring._seen import Judge, Reason, Runner, reasons_of
from agentops_eval.chaos.exploring._shrink import Shrunk, Trial, shrink
from agentops_eval.domain import (
    ChaosFinding,
    FaultedRun,
    Impact,
    Json,
    Schedule,
    Seam,
    Where,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding with the reasons that make it one."""

    finding: ChaosFinding
    reasons: tuple[Reason, ...]

    def to_json(self) -> Json:
        """As journals keep it."""
        impact = self.finding.impact
        return {
            "schedule": impact.run.schedule.to_json(),
            "found_with": self.finding.found_with,
            "mode": impact.mode.value,
            "reasons": [list(reason) for reason in self.reasons],
            "shrink_runs": self.finding.runs,
        }


class Findings:
    """Takes failing schedules; gives a finding for those that fail for a reason that was not found before.

    So one flaw is one finding however many schedules show it, and two flaws that one schedule shows
    together, after each was found alone, are no third.
    """

    def __init__(
        self,
        agent: str,
        runner: Runner,
        judge: Judge,
        *,
        kinds: Mapping[str, Kind],
        undeclared: bool,
        most: int,
    ) -> None:
        self._agent = agent
        self._runner, self._judge = runner, judge
        self._kinds, self._undeclared, self._most = kinds, undeclared, most
        self._known: dict[Reason, str] = {}
        self._shown: dict[str, int] = {}

    def look(self, schedule: Schedule, reasons: Sequence[Reason]) -> Found | None:
        """Shrink a failing schedule, where it fails for a new reason."""
        new = tuple(reason for reason in reasons if reason not in self._known)
        for digest in {self._known[reason] for reason in reasons if reason in self._known}:
            self._shown[digest] += 1
        if not new:
            return None
        judged: dict[str, Impact] = {}
        shrunk = self._shrunk(schedule, frozenset(new), judged)
        impact = judged[shrunk.schedule.digest]
        finding = ChaosFinding(
            agent=self._agent,
            impact=impact,
            found_with=str(schedule),
            runs=shrunk.runs,
            details={"reasons": [list(reason) for reason in new], "smallest": not shrunk.spent},
        )
        digest = impact.run.schedule.digest
        self._known.update(dict.fromkeys(new, digest))
        self._shown[digest] = 1
        return Found(finding=finding, reasons=new)

    def shown(self, finding: ChaosFinding) -> Mapping[str, Json]:
        """How many of the explored schedules showed it."""
        return {"schedules": self._shown.get(finding.impact.run.schedule.digest, 1)}

    def _shrunk(self, schedule: Schedule, new: frozenset[Reason], judged: dict[str, Impact]) -> Shrunk:
        def attempt(tried: Schedule) -> Trial:
            run = self._runner(tried)
            impact = judged[tried.digest] = self._judge(run)
            return Trial(
                fails=new <= set(reasons_of(impact, undeclared=self._undeclared)),
                injections=run.injections,
                whole=not run.not_injected,
            )

        def names(site: str) -> Sequence[Where]:
            runs = [one.run for one in judged.values()]
            return next((found for run in runs if (found := ways_to_say(run, site))), ())

        return shrink(schedule, attempt, kinds=self._kinds, names=names, most=self._most)


def ways_to_say(run: FaultedRun, site: str) -> Sequence[Where]:
    """How people would say which call this site is: the callee, and which of its calls. The best first."""
    at = next((n for n, known in enumerate(run.sites) if known == site), None)
    if at is None:
        return ()
    call = call_of(run.events[at])
    if call.seam is Seam.HTTP and not is_llm_call(call):
        return ()
    llm = call.seam is Seam.HTTP
    alike = [
        event
        for event in run.events[: at + 1]
        if event.seam is call.seam
        and (is_llm_call(call_of(event)) if llm else event.boundary == call.boundary)
    ]
    return (Where(target=LLM if llm else call.boundary, nth=(len(alike),)),)
