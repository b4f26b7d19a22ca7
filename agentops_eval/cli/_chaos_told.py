"""How an exploration is told: as it goes on a terminal, line by line elsewhere, as JSON for scripts."""

from __future__ import annotations

import math
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agentops_eval.cli._output import console, line, many, plain, print_json, prose, say
from agentops_eval.domain import ChaosFinding, Json

if TYPE_CHECKING:
    from pathlib import Path

    from rich.status import Status
    from rich.text import Text

    from agentops_eval.chaos.exploring import Counts, Exploration, Progress
    from agentops_eval.harness.faulting import ExploreOrder
    from agentops_eval.traces.redaction import Redactor

_EVERY_S = 0.2
_SPINNER = 5
"""Columns of a line that its text does not have: they are for the spinner, and the ^C of who ends it."""


class Teller:
    """Tells what an exploration does. On a terminal its last line moves; findings stand above it.

    What is told is often kept: ``redactor`` takes the secrets out of it. ``state`` is the folder from which
    the same command goes on.
    """

    def __init__(self, redactor: Redactor, *, as_json: bool, state: Path | None = None) -> None:
        self._redactor = redactor
        self._as_json = as_json
        self._state = state
        self._status: Status | None = None
        self._began_s = time.monotonic()
        self._told_s = -math.inf
        self._findings = 0

    def __enter__(self) -> Self:
        if not self._as_json and console().is_terminal:
            self._status = console().status("running it without a fault ...")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def progress(self, progress: Progress) -> None:
        """Hear of one run."""
        now_s = time.monotonic()
        if self._status is None or now_s - self._told_s < _EVERY_S:
            return
        self._told_s = now_s
        rate = progress.runs / max(now_s - self._began_s, 1e-9)
        self._status.update(moving_line(progress, rate, console().width - _SPINNER))

    def finding(self, finding: ChaosFinding) -> None:
        """Tell of one finding, as soon as it is smallest."""
        self._findings += 1
        self._told_s = -math.inf  # the line that moves counts it at once
        if self._as_json:
            print_json(self._redactor.json(finding_json(finding)))
            return
        impact = finding.impact
        prose(f"{impact.mode.value}  {'; '.join(_reasons(finding))}", hang=4, style="bold red")
        prose(f"  under {line(self._redactor.text(str(impact.run.schedule)))}", hang=8)
        for reason in impact.reasons:
            if reason.text:
                prose(f"  {line(self._redactor.text(reason.text))}", hang=4, style="dim")
        if finding.test:
            say(f"  {plain(finding.test)}")

    def end(self, found: Exploration, order: ExploreOrder) -> None:
        """Tell what was covered."""
        if self._as_json:
            print_json(self._redactor.json(end_json(found)))
            return
        coverage = found.coverage
        if self._findings:
            say()
        for schedule, rule in found.disagreements:
            prose(
                f"the search was wrong to prune ({rule}): {line(self._redactor.text(str(schedule)))}",
                hang=4,
                style="bold red",
            )
        cut = "not run when it was interrupted" if found.interrupted else "cut by the budget"
        _say_counts("one fault", coverage.singles, cut)
        if order.options.depth > 1:
            _say_counts("two faults", coverage.pairs, cut)
        for size, count in sorted(coverage.further.items()):
            prose(f"{f'{size} faults':<12}{count:,} drawn and run", hang=12)
        if coverage.left:
            what = f"how {many(coverage.left, 'run')} would go on is not known: they left the recording, or"
            what += " waited in a blocking call, whose own time limit is not seen"
            prose(f"{'unknown':<12}{what}", hang=12)
        told = f"{many(coverage.runs, 'run')}, {many(coverage.behaviours, 'behaviour')}"
        if coverage.audited:
            what = many(coverage.audited, "pruned schedule")
            told += f", {what} run after all, {coverage.disagreed:,} of them new"
        prose(told, style="dim")
        for note in found.notes:
            prose(line(self._redactor.text(note)), hang=4, style="yellow")
        self._say_verdict(found)

    def _say_verdict(self, found: Exploration) -> None:
        if found.interrupted:
            say("interrupted: this is what was known by then", style="yellow")
        elif not found.complete:
            say("the budget is spent: what was cut is not known", style="yellow")
        if not found.complete and self._state is None:
            prose("  with --state FOLDER the same command goes on where it ended", hang=4)
        elif not found.complete:
            more = "the same command" if found.interrupted else "the same command with a larger --budget"
            say(f"  {more} goes on from {plain(self._state)}")
        if found.findings:
            say(many(len(found.findings), "finding"), style="bold red")
        elif not found.disagreements:
            say("nothing found", style="green")


def moving_line(progress: Progress, rate: float, room: int) -> Text:
    """How far it is, on one line of ``room`` columns: rich leaves pieces of a longer one behind."""
    from rich.text import Text

    faults = f"{many(progress.size, 'fault')} at once" if progress.size else "no fault"
    text = Text(
        f"{faults}: {many(progress.runs, 'run')}, {many(progress.findings, 'finding')}, "
        f"{many(progress.behaviours, 'behaviour')}, {rate:,.0f} a second   {line(progress.schedule)}"
    )
    text.truncate(max(room, 1), overflow="ellipsis")
    return text


def _say_counts(name: str, counts: Counts, cut: str) -> None:
    parts = [f"{counts.covered:,} run"]
    for word, why in (("unreachable", counts.unreachable), ("pruned", counts.pruned)):
        if why:
            told = [f"{count:,} {reason}" for reason, count in sorted(why.items())]
            reasons = ", ".join(told if len(told) > 1 else why)
            parts.append(f"{sum(why.values()):,} {word} ({reasons})")
    if counts.cut:
        parts.append(f"{counts.cut:,} {cut}")
    prose(f"{name:<12}{counts.total:,}: {', '.join(parts)}", hang=12)


def _reasons(finding: ChaosFinding) -> list[str]:
    """What makes it a finding of its own, each with its subject."""
    given = finding.details.get("reasons")
    told = [one for one in given if isinstance(one, list)] if isinstance(given, list) else []
    return [line(" ".join(str(word) for word in one if word), limit=120) for one in told]


def finding_json(finding: ChaosFinding) -> dict[str, Json]:
    """One finding for scripts."""
    from agentops_eval.chaos.experiments import radius_json

    impact = finding.impact
    effects = impact.effects
    return {
        "agent": finding.agent,
        "schedule": impact.run.schedule.to_json(),
        "mode": impact.mode.value,
        "harms": sorted(impact.harms),
        "reasons": [
            {"harm": one.harm.value, "subject": one.subject, "text": one.text} for one in impact.reasons
        ],
        "blast_radius": radius_json(impact.blast_radius),
        "effects": {
            "missing": list(map(str, effects.missing)),
            "extra": list(map(str, effects.extra)),
            "duplicated": list(map(str, effects.duplicated)),
        },
        "found_with": finding.found_with,
        "shrink_runs": finding.runs,
        "test": finding.test,
    }


def end_json(found: Exploration) -> dict[str, Json]:
    """What was covered, for scripts."""
    return {
        "coverage": found.coverage.to_json(),
        "findings": len(found.findings),
        "disagreements": [
            {"schedule": schedule.to_json(), "rule": rule} for schedule, rule in found.disagreements
        ],
        "notes": list(found.notes),
        "complete": found.complete,
        "interrupted": found.interrupted,
    }
