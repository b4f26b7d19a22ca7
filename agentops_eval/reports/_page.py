"""Results as one HTML page that needs nothing else: no network, no font, no library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import CaseChange, ChangeKind, Comparison, MetricChange, PartChange, Tally, counted
from agentops_eval.reports._cases import CaseView, Status, cases_of, summary_of, worst_first
from agentops_eval.reports._changes import Changes, change_name
from agentops_eval.reports._charts import Chart, differences, levels, relative
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._page_data import KINDS, page_data, segments_of, split_row, tags_of
from agentops_eval.reports._report import PromptDiff, Report, ReportInfo
from agentops_eval.reports._text import (
    block,
    figure,
    how_sure,
    one_line,
    percent,
    points,
    unit_of,
    within,
)

STATIC_CASES = 100
"""Cases that are shown where scripts do not run, as in the archives of some CI servers."""
MOST_CHANGES, MOST_WORSE, MOST_PROMPTS, MOST_ROWS = 200, 20, 50, 1_000
_GLYPHS = {
    Status.FAILED: "\u2715",
    Status.NEEDS_RECORDING: "\u25cb",
    Status.ERROR: "!",
    Status.UNKNOWN: "?",
    Status.PASSED: "\u2713",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tile:
    """How many cases ended so, and where they lie in the bar of all of them, from 0 to 100."""

    status: Status
    glyph: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A case that a candidate changed, and its number in the page's data where it is there."""

    number: int | None
    name: str
    baseline: str
    candidate: str
    diverges: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Changes of one kind; only what got worse is open."""

    title: str
    kind: int
    changes: Sequence[_Change]
    more: int
    open: bool


def results_html(
    report: Report, *, told: Mapping[str, str] | None = None, base: str = "", back: str = ""
) -> str:
    """The whole report as one page: sortable and filterable cases, diffs side by side, charts with intervals.

    What agents and llms wrote is text to this page, whatever it says. The page forbids itself to load
    anything, and to run anything but its own script, by that script's hash. Without scripts it shows
    the summary, the comparison and the first hundred cases. ``told`` leads from trace files to pages that
    tell their runs, addresses below ``base``, and ``back`` to an index; none of them may be anybody's text.
    """
    cases = cases_of(report.results)
    return page_of(
        "report.html.j2",
        styles=["style.css"],
        scripts=["theme.js", "script.js"],
        back=back,
        info=report.info,
        title=one_line(report.info.title, 200) or "Evaluation report",
        summary=summary_of(cases),
        tiles=_tiles(cases),
        facts=_facts(report.info, cases),
        charts=_charts(report),
        comparison=report.comparison,
        overall=_overall(report.comparison),
        worse_parts=_worse(report.comparison),
        groups=_groups(report.comparison, cases),
        metrics=[] if report.comparison is None else list(map(_metric, report.comparison.metrics)),
        prompts=[_prompt(prompt) for prompt in report.prompts[:MOST_PROMPTS]],
        static=[_static(case) for case in worst_first(cases)[:STATIC_CASES]],
        tags=sorted({tag for case in cases for tag in tags_of(case)}),
        segments=sorted({pair for case in cases for pair in segments_of(case)}),
        versions=sorted(report.info.versions.items()),
        data=page_data(report, cases, {file: f"{base}{page}" for file, page in (told or {}).items()}),
    )


def _tiles(cases: Sequence[CaseView]) -> list[_Tile]:
    found: list[_Tile] = []
    counts, start = summary_of(cases).cases, 0.0
    for status in Status:
        width = 100 * counts[status] / len(cases) if cases else 0.0
        found.append(
            _Tile(
                status=status,
                glyph=_GLYPHS[status],
                count=counts[status],
                start=round(start, 3),
                width=round(width, 3),
            )
        )
        start += width
    return found


def _facts(info: ReportInfo, cases: Sequence[CaseView]) -> list[tuple[str, str, str]]:
    """Figures of the whole run: a name, the figure, and what has to be known of it."""
    summary, found = summary_of(cases), list[tuple[str, str, str]]()
    rate = info.pass_rate
    if rate is not None:
        interval = within(rate.low, rate.high, rate.unit)
        found.append(("pass rate", figure(rate.value, rate.unit), f"{interval} {rate.method}".strip()))
    found += [(f"pass^{k}", percent(share), "") for k, share in sorted(info.pass_hat_k.items())[:6]]
    independent = info.independent
    told = "" if independent is None else f"{independent:,} independent"
    found.append(("trials", f"{summary.all_trials:,}", told))
    if summary.left_out:
        said = ", ".join(f"{number} {source}" for source, number in summary.left_out.items())
        found.append(("in no rate", f"{sum(summary.left_out.values()):,}", said))
    if summary.cost_usd is not None:
        unknown = f"unknown of {counted(summary.without_cost, 'trial')}" if summary.without_cost else ""
        found.append(("cost", figure(summary.cost_usd, "USD"), unknown))
    return found + [
        (one_line(one.name, 80), figure(one.value, one.unit), within(one.low, one.high, one.unit))
        for one in info.spends[:12]
    ]


def _charts(report: Report) -> list[Chart]:
    info, found = report.info, report.comparison
    charts = [
        levels("Pass rate by tag and segment", info.parts),
        levels("Score by evaluator", info.evaluators),
    ]
    if found is not None:
        charts.insert(0, differences("Change of the pass rate by tag and segment", found.parts))
        charts.insert(1, relative("Change of cost, latency and other measures", found.metrics))
    return [chart for chart in charts if chart.marks]


def _overall(found: Comparison | None) -> str:
    if found is None:
        return ""
    overall = found.overall
    interval = within(overall.low, overall.high, "share", signed=True)
    p = "" if overall.p_value is None else f"p = {overall.p_value:.3g}"
    needed = f"{found.needed:,} more cases would settle it" if found.needed else ""
    change = f"pass rate {points(overall.value)} {interval}".rstrip()
    return ", ".join(part for part in (change, p, overall.method, needed) if part)


def _worse(found: Comparison | None) -> list[tuple[str, Sequence[PartChange], int]]:
    """Worse parts by how sure that is, the surest first: the words, the first of them, and how many more."""
    if found is None:
        return []
    some = [
        (how_sure(proven=proven), [part for part in found.worse_parts if found.proves(part) is proven])
        for proven in (True, False)
    ]
    return [(words, parts[:MOST_WORSE], max(len(parts) - MOST_WORSE, 0)) for words, parts in some if parts]


def _groups(found: Comparison | None, cases: Sequence[CaseView]) -> list[_Group]:
    if found is None:
        return []
    changes, numbers = Changes(found), dict[CaseChange, int]()
    for number, case in enumerate(cases):
        change = changes.of(case)
        if change is not None:
            numbers.setdefault(change, number)
    titles = {
        ChangeKind.REGRESSION: "Regressions",
        ChangeKind.IMPROVEMENT: "Improvements",
        ChangeKind.NOISE: "Within noise",
        ChangeKind.ADDED: "Added",
        ChangeKind.REMOVED: "Removed",
        ChangeKind.UNKNOWN: "Not comparable",
    }
    some = {kind: [case for case in found.cases if case.kind is kind] for kind in titles}
    return [
        _Group(
            title=title,
            kind=KINDS.index(kind),
            changes=[_change(change, numbers.get(change)) for change in some[kind][:MOST_CHANGES]],
            more=max(len(some[kind]) - MOST_CHANGES, 0),
            open=kind is ChangeKind.REGRESSION,
        )
        for kind, title in titles.items()
        if some[kind]
    ]


def _change(case: CaseChange, number: int | None) -> _Change:
    return _Change(
        number=number,
        name=one_line(change_name(case), 400),
        baseline=_tally(case.baseline),
        candidate=_tally(case.candidate),
        diverges=one_line(case.diverges, 400),
        reasons=[one_line(reason, 400) for reason in case.reasons[:5]],
    )


def _tally(tally: Tally) -> str:
    return f"{tally.passed}/{tally.judged}" if tally.judged else "\u2013"


def _metric(metric: MetricChange) -> tuple[str, str, str, str, str]:
    unit, change = unit_of(metric.name), metric.difference
    worse = {ChangeKind.REGRESSION: "worse", ChangeKind.IMPROVEMENT: "better"}
    interval = within(change.low, change.high, unit, signed=True)
    return (
        one_line(metric.name, 100),
        figure(metric.baseline, unit),
        figure(metric.candidate, unit),
        f"{figure(change.value, unit, signed=True)} {interval}".rstrip(),
        worse.get(metric.kind, str(metric.kind)),
    )


def _prompt(prompt: PromptDiff) -> tuple[str, str, str, list[list[object]], int]:
    rows = [list[object](split_row(row)) for row in prompt.rows[:MOST_ROWS]]
    names = (one_line(name, 200) for name in (prompt.name, prompt.baseline, prompt.candidate))
    name, baseline, candidate = names
    return name, baseline, candidate, rows, max(len(prompt.rows) - MOST_ROWS, 0)


def _static(case: CaseView) -> tuple[CaseView, str, str, str, str]:
    name, title = one_line(case.name, 400), one_line(case.title, 400)
    return case, _GLYPHS[case.status], name, title, block(case.reason, 400)
