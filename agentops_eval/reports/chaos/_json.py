"""A game day as JSON. The same day gives the same bytes."""

from __future__ import annotations

from agentops_eval.domain import GamedayReport, Journal, Json
from agentops_eval.reports.chaos._words import moments, outcome, rollbacks_word, state_word

FORMAT, VERSION = "agentops-gameday", 1


def gameday_json(report: GamedayReport) -> dict[str, Json]:
    """The report for scripts, keys in a fixed order; ``version`` grows where one is renamed or removed."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": report.title,
        "hypothesis": report.hypothesis,
        "steady": report.steady,
        "ending": None if report.ending is None else str(report.ending),
        "reason": report.reason,
        "start": report.start,
        "end": report.end,
        "roles": dict(report.roles),
        "planned": list(report.planned),
        "experiments": [_experiment(journal) for journal in report.journals],
        "findings": [
            {
                "kind": str(one.kind),
                "experiment": one.experiment,
                "activity": one.activity,
                "what": one.what,
                "owner": one.owner,
                "remedy": one.remedy,
            }
            for one in report.weaknesses
        ],
        "timeline": [
            {"at_s": round(one.at_s, 3), "experiment": one.experiment, "what": one.what}
            for one in moments(report)
        ],
        "recovered": list(report.recovered),
    }


def _experiment(journal: Journal) -> Json:
    return {
        "title": journal.title,
        "path": journal.path,
        "outcome": outcome(journal),
        "status": None if journal.status is None else str(journal.status),
        "deviated": journal.deviated,
        "before": state_word(journal.before),
        "after": state_word(journal.after),
        "activities": len(journal.run),
        "rollbacks": rollbacks_word(journal),
        "duration_s": journal.duration_s,
    }
