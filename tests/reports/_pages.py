"""Pages on disk, for a browser to open."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.reports import Report, cases_of, results_html, worst_first
from tests.reports._results import report

WHOLE = report(40)


def written(folder: Path, given: Report) -> Path:
    path = folder / "report.html"
    path.write_text(results_html(given), encoding="utf-8")
    return path


def worst_names() -> list[str]:
    return [case.name for case in worst_first(cases_of(WHOLE.results))]
