"""Experiments and game days as files say them: read, judged and told; nothing here acts.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.chaos.experiments._file import (
        activity_of,
        experiment_document,
        is_hermetic,
        read_experiment,
        runs_virtually,
    )
    from agentops_eval.chaos.experiments._fold import (
        AFTER,
        BEFORE,
        DURING,
        METHOD,
        ROLLBACKS,
        Owed,
        entry_id,
        journals_of,
        owed_of,
    )
    from agentops_eval.chaos.experiments._import import ImportNote, import_experiment
    from agentops_eval.chaos.experiments._journal_json import (
        entries_from_lines,
        entry_json,
        journal_from_json,
        journal_json,
    )
    from agentops_eval.chaos.experiments._looks import differences, impact_json, radius_json
    from agentops_eval.chaos.experiments._plan import read_gameday
    from agentops_eval.chaos.experiments._read_activities import schedule_of
    from agentops_eval.chaos.experiments._report import day_exit_code, plan_json, report_of
    from agentops_eval.chaos.experiments._schema import experiment_schema, gameday_schema
    from agentops_eval.chaos.experiments._substitute import substitute, values_of
    from agentops_eval.chaos.experiments._weaknesses import exit_code_of, weaknesses_of
    from agentops_eval.chaos.experiments._within import told_tolerance, within

_HOMES = {
    "_file": "activity_of experiment_document is_hermetic read_experiment runs_virtually",
    "_fold": "AFTER BEFORE DURING METHOD ROLLBACKS Owed entry_id journals_of owed_of",
    "_import": "ImportNote import_experiment",
    "_journal_json": "entries_from_lines entry_json journal_from_json journal_json",
    "_looks": "differences impact_json radius_json",
    "_plan": "read_gameday",
    "_read_activities": "schedule_of",
    "_report": "day_exit_code plan_json report_of",
    "_schema": "experiment_schema gameday_schema",
    "_substitute": "substitute values_of",
    "_weaknesses": "exit_code_of weaknesses_of",
    "_within": "told_tolerance within",
}
"""Where each public name lives, by module."""

__all__ = [
    "AFTER",
    "BEFORE",
    "DURING",
    "METHOD",
    "ROLLBACKS",
    "ImportNote",
    "Owed",
    "activity_of",
    "day_exit_code",
    "differences",
    "entries_from_lines",
    "entry_id",
    "entry_json",
    "exit_code_of",
    "experiment_document",
    "experiment_schema",
    "gameday_schema",
    "impact_json",
    "import_experiment",
    "is_hermetic",
    "journal_from_json",
    "journal_json",
    "journals_of",
    "owed_of",
    "plan_json",
    "radius_json",
    "read_experiment",
    "read_gameday",
    "report_of",
    "runs_virtually",
    "schedule_of",
    "substitute",
    "told_tolerance",
    "values_of",
    "weaknesses_of",
    "within",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
