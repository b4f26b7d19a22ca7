"""The report of a game day out of the lines of its journal. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.chaos.experiments._fold import journals_of
from agentops_eval.chaos.experiments._weaknesses import exit_code_of, weaknesses_of
from agentops_eval.domain import (
    EntryKind,
    GamedayEnding,
    GamedayPlan,
    GamedayReport,
    JournalEntry,
    JournalInvalid,
    Json,
    Weakness,
)


def plan_json(plan: GamedayPlan) -> dict[str, Json]:
    """What the first line of a game day's journal says of its plan."""
    return {
        "title": plan.title,
        "hypothesis": plan.hypothesis,
        "roles": dict(plan.roles),
        "path": plan.path,
        "digest": plan.digest,
        "planned": [
            {
                "title": step.experiment.title,
                "path": step.experiment.path,
                "owner": step.owner or step.experiment.owner or plan.owner,
                "remedy": step.remedy or step.experiment.remedy,
            }
            for step in plan.steps
        ],
    }


def report_of(entries: Sequence[JournalEntry], *, recovered: tuple[str, ...] = ()) -> GamedayReport:
    """What came of a game day, finished or not; ``recovered`` is what it undid before it began.

    Raises JournalInvalid for lines that do not go together.
    """
    begun = next((entry for entry in entries if entry.kind is EntryKind.DAY), None)
    closed = next((entry for entry in entries if entry.kind is EntryKind.CLOSED), None)
    said: Mapping[str, Json] = {} if begun is None else begun.data
    planned = [one for one in _listed(said.get("planned")) if isinstance(one, Mapping)]
    journals = journals_of(entries)
    weaknesses: list[Weakness] = []
    for at, journal in enumerate(journals):
        step: Mapping[str, Json] = planned[at] if at < len(planned) else {}
        owner, remedy = str(step.get("owner") or ""), str(step.get("remedy") or "")
        weaknesses += weaknesses_of(journal, owner=owner, remedy=remedy)
    roles = said.get("roles")
    ending = None if closed is None else _ending(closed)
    return GamedayReport(
        title=str(said.get("title", "")),
        hypothesis=str(said.get("hypothesis", "")),
        roles={str(name): str(role) for name, role in roles.items()} if isinstance(roles, Mapping) else {},
        ending=ending,
        reason="" if closed is None else str(closed.data.get("reason", "")),
        start="" if begun is None else begun.at,
        end="" if closed is None else closed.at,
        journals=journals,
        weaknesses=tuple(weaknesses),
        timeline=tuple(entries),
        planned=tuple(str(one.get("title", "")) for one in planned),
        recovered=recovered,
        owners=_by_title(planned, "owner"),
        remedies=_by_title(planned, "remedy"),
    )


def _by_title(planned: Sequence[Mapping[str, Json]], name: str) -> dict[str, str]:
    return {str(one.get("title", "")): str(one[name]) for one in planned if one.get(name)}


def day_exit_code(report: GamedayReport) -> int:
    """0 where everything planned was carried out and held, 1 for findings, 2 where it could not be."""
    code = exit_code_of(report.weaknesses)
    if code:
        return code
    if report.journals and all(journal.dry for journal in report.journals):
        return 0
    return 0 if report.steady else 2


def _ending(closed: JournalEntry) -> GamedayEnding:
    try:
        return GamedayEnding(str(closed.data.get("ending")))
    except ValueError:
        what = f"line {closed.number} of the journal does not say how the day ended"
        raise JournalInvalid(what, remedy="restore the file") from None


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else []
