"""Reports: findings, results and decisions in the formats that people and other programs read.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.reports._annotations import results_annotations
    from agentops_eval.reports._cases import (
        CaseView,
        Status,
        Summary,
        cases_of,
        reasons_of,
        status_of,
        summary_of,
        worst_first,
    )
    from agentops_eval.reports._changes import change_name
    from agentops_eval.reports._junit import junit_xml
    from agentops_eval.reports._markdown import results_markdown
    from agentops_eval.reports._page import results_html
    from agentops_eval.reports._report import (
        CaseDiff,
        DiffRow,
        Measure,
        PromptDiff,
        Report,
        ReportInfo,
        RowKind,
    )
    from agentops_eval.reports._results_json import comparison_json, results_json
    from agentops_eval.reports._results_junit import results_junit
    from agentops_eval.reports._sarif import sarif
    from agentops_eval.reports._text import figure, how_sure, percent, points, unit_of, within
    from agentops_eval.reports._titles import plain_title
    from agentops_eval.reports.calibration._page import calibration_html
    from agentops_eval.reports.chaos._explored import ExplorationView, exploration_view, findings_of
    from agentops_eval.reports.chaos._explored_page import exploration_html
    from agentops_eval.reports.chaos._impact import ImpactView, impact_view
    from agentops_eval.reports.chaos._json import gameday_json
    from agentops_eval.reports.chaos._markdown import gameday_markdown
    from agentops_eval.reports.chaos._page import gameday_html
    from agentops_eval.reports.chaos._words import Moment, moments, moments_of
    from agentops_eval.reports.fleet._json import fleet_json
    from agentops_eval.reports.fleet._markdown import fleet_markdown
    from agentops_eval.reports.fleet._nouns import (
        AgentView,
        FindingView,
        Fleet,
        Health,
        ItemView,
        Missing,
        ObjectiveView,
        RunKind,
        RunView,
        Tone,
    )
    from agentops_eval.reports.fleet._page import evidence_html, finding_html, fleet_html
    from agentops_eval.reports.gate._json import decision_from_json, decision_json
    from agentops_eval.reports.gate._junit import decision_junit
    from agentops_eval.reports.gate._markdown import decision_markdown
    from agentops_eval.reports.gate._page import decision_html
    from agentops_eval.reports.gate._power import CandidateShares, power_page, power_svg
    from agentops_eval.reports.gate._text import decision_text
    from agentops_eval.reports.scorecard._markdown import scorecard_markdown
    from agentops_eval.reports.scorecard._page import scorecard_html
    from agentops_eval.reports.sheets._markdown import part_markdown, sheet_markdown
    from agentops_eval.reports.sheets._merge import merged_sheet, sheet_id
    from agentops_eval.reports.sheets._page import sheets_html
    from agentops_eval.reports.trace._diff import trace_diff_html
    from agentops_eval.reports.trace._markdown import trace_markdown
    from agentops_eval.reports.trace._nouns import (
        Clock,
        Heard,
        Question,
        StepKind,
        TraceStep,
        TraceStory,
        Wish,
    )
    from agentops_eval.reports.trace._page import trace_html

_HOMES = {
    "_annotations": "results_annotations",
    "_cases": "CaseView Status Summary cases_of reasons_of status_of summary_of worst_first",
    "_changes": "change_name",
    "_junit": "junit_xml",
    "_markdown": "results_markdown",
    "_page": "results_html",
    "_report": "CaseDiff DiffRow Measure PromptDiff Report ReportInfo RowKind",
    "_results_json": "comparison_json results_json",
    "_results_junit": "results_junit",
    "_sarif": "sarif",
    "_text": "figure how_sure percent points unit_of within",
    "agentops_eval.reports.calibration._page": "calibration_html",
    "agentops_eval.reports.chaos._explored": "ExplorationView exploration_view findings_of",
    "agentops_eval.reports.chaos._explored_page": "exploration_html",
    "agentops_eval.reports.chaos._impact": "ImpactView impact_view",
    "agentops_eval.reports.chaos._json": "gameday_json",
    "agentops_eval.reports.chaos._markdown": "gameday_markdown",
    "agentops_eval.reports.chaos._page": "gameday_html",
    "agentops_eval.reports.chaos._words": "Moment moments moments_of",
    "agentops_eval.reports.fleet._json": "fleet_json",
    "agentops_eval.reports.fleet._markdown": "fleet_markdown",
    "agentops_eval.reports.fleet._nouns": "AgentView FindingView Fleet Health ItemView Missing ObjectiveView"
    " RunKind RunView Tone",
    "agentops_eval.reports.fleet._page": "evidence_html finding_html fleet_html",
    "agentops_eval.reports._titles": "plain_title",
    "agentops_eval.reports.gate._json": "decision_from_json decision_json",
    "agentops_eval.reports.gate._junit": "decision_junit",
    "agentops_eval.reports.gate._markdown": "decision_markdown",
    "agentops_eval.reports.gate._page": "decision_html",
    "agentops_eval.reports.gate._power": "CandidateShares power_page power_svg",
    "agentops_eval.reports.gate._text": "decision_text",
    "agentops_eval.reports.scorecard._markdown": "scorecard_markdown",
    "agentops_eval.reports.scorecard._page": "scorecard_html",
    "agentops_eval.reports.sheets._markdown": "part_markdown sheet_markdown",
    "agentops_eval.reports.sheets._merge": "merged_sheet sheet_id",
    "agentops_eval.reports.sheets._page": "sheets_html",
    "agentops_eval.reports.trace._diff": "trace_diff_html",
    "agentops_eval.reports.trace._markdown": "trace_markdown",
    "agentops_eval.reports.trace._nouns": "Clock Heard Question StepKind TraceStep TraceStory Wish",
    "agentops_eval.reports.trace._page": "trace_html",
}
"""Where each public name lives, by module."""

__all__ = [
    "AgentView",
    "CandidateShares",
    "CaseDiff",
    "CaseView",
    "Clock",
    "DiffRow",
    "ExplorationView",
    "FindingView",
    "Fleet",
    "Health",
    "Heard",
    "ImpactView",
    "ItemView",
    "Measure",
    "Missing",
    "Moment",
    "ObjectiveView",
    "PromptDiff",
    "Question",
    "Report",
    "ReportInfo",
    "RowKind",
    "RunKind",
    "RunView",
    "Status",
    "StepKind",
    "Summary",
    "Tone",
    "TraceStep",
    "TraceStory",
    "Wish",
    "calibration_html",
    "cases_of",
    "change_name",
    "comparison_json",
    "decision_from_json",
    "decision_html",
    "decision_json",
    "decision_junit",
    "decision_markdown",
    "decision_text",
    "evidence_html",
    "exploration_html",
    "exploration_view",
    "figure",
    "finding_html",
    "findings_of",
    "fleet_html",
    "fleet_json",
    "fleet_markdown",
    "gameday_html",
    "gameday_json",
    "gameday_markdown",
    "how_sure",
    "impact_view",
    "junit_xml",
    "merged_sheet",
    "moments",
    "moments_of",
    "part_markdown",
    "percent",
    "plain_title",
    "points",
    "power_page",
    "power_svg",
    "reasons_of",
    "results_annotations",
    "results_html",
    "results_json",
    "results_junit",
    "results_markdown",
    "sarif",
    "scorecard_html",
    "scorecard_markdown",
    "sheet_id",
    "sheet_markdown",
    "sheets_html",
    "status_of",
    "summary_of",
    "trace_diff_html",
    "trace_html",
    "trace_markdown",
    "unit_of",
    "within",
    "worst_first",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
