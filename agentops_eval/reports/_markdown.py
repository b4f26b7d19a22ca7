"""Results in Markdown, for a comment on a pull request and for the summary of a CI job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentops_eval.domain import CaseChange, ChangeKind, Comparison, Estimate, MetricChange, Tally, counted
from agentops_eval.reports._cases import CaseView, Status, Summary, cases_of, summary_of, worst_first
from agentops_eval.reports._changes import Changes, change_name
from agentops_eval.reports._markup import Section, code, document, words
from agentops_eval.reports._place import scenario_place
from agentops_eval.reports._report import Measure, Report, ReportInfo
from agentops_eval.reports._text import figure, how_sure, percent, points, unit_of, within

LIMIT = 65_536
"""The most characters that GitHub takes for a comment."""
MOST_ROWS = 50


def results_markdown(report: Report, *, limit: int = LIMIT) -> str:
    """What changed, worst first: regressions with their first diverging step, then worse segments.

    Improvements and noise are folded. What agents and llms wrote stands in it as code and can be no
    link, mention, image or HTML. Of long tables the rest is counted.
    """
    cases = cases_of(report.results)
    summary = summary_of(cases)
    sections = [*_compared(report.comparison), *_uncompared(cases, report.comparison)]
    sections += [*_measures(report.info), *_folded(report.comparison), *_prompts(report)]
    opening = "".join(_opening(report, summary))
    return document(opening, sections, _closing(report.info), limit=limit, most=MOST_ROWS)


def _opening(report: Report, summary: Summary) -> Iterator[str]:
    info = report.info
    title = f"{words(info.title, 120)}: " if info.title else ""
    if report.results or report.comparison is None:
        yield f"### {title}{summary.headline}\n\n"
    else:
        yield f"### {title}comparison\n\n"
    figures = list(_figures(info, summary))
    if figures:
        yield f"{' · '.join(figures)}\n"
    found = report.comparison
    if found is not None:
        yield f"\n{_verdict(found)}\n"
        yield from (f"\n{words(note, 400)}\n" for note in found.notes[:10])


def _figures(info: ReportInfo, summary: Summary) -> Iterator[str]:
    if info.pass_rate is not None:
        yield f"pass rate **{_interval(info.pass_rate)}**"
    if info.independent is not None:
        yield f"{counted(info.independent, 'independent trial')} of {summary.all_trials:,}"
    elif summary.all_trials:
        yield counted(summary.all_trials, "trial")
    if info.pass_hat_k:
        k, value = max(info.pass_hat_k.items())
        yield f"pass^{k} {value:.3f}"
    if summary.left_out:
        sources = ", ".join(f"{number} {source}" for source, number in summary.left_out.items())
        yield f"left out of the rate: {sources}"
    if summary.cost_usd is not None:
        unknown = f" (unknown of {summary.without_cost})" if summary.without_cost else ""
        yield f"cost {figure(summary.cost_usd, 'USD')}{unknown}"


def _verdict(found: Comparison) -> str:
    worse, parts = len(found.regressions), len(found.worse_parts)
    better = sum(case.kind is ChangeKind.IMPROVEMENT for case in found.cases)
    noise = sum(case.kind is ChangeKind.NOISE for case in found.cases)
    said = [counted(worse, "regression"), counted(parts, "worse segment"), counted(better, "improvement")]
    said.append(f"{noise} within noise")
    change = _estimate(found.overall, "share")
    p = "" if found.overall.p_value is None else f", p = {found.overall.p_value:.3g}"
    needed = f"; {found.needed:,} more cases would settle it" if found.needed else ""
    names = f"{code(found.candidate, 80)} against {code(found.baseline, 80)}"
    return f"{names}: **{', '.join(said)}**; pass rate {change}{p}{needed}"


def _compared(found: Comparison | None) -> Iterator[Section]:
    if found is None:
        return
    yield Section(
        title="Regressions",
        head=("case", "baseline", "candidate", "first diverging step", "why"),
        rows=[
            (
                *_change(case),
                code(case.diverges) or "not known",
                "<br>".join(code(reason) for reason in case.reasons[:3]),
            )
            for case in found.regressions
        ],
        right=frozenset({1, 2}),
    )
    yield Section(
        title="Worse tags and segments",
        head=("part", "baseline", "candidate", "difference", "cases", "worse"),
        rows=[
            (
                code(part.name, 80),
                _tally(part.baseline),
                _tally(part.candidate),
                _estimate(part.difference, "share"),
                str(part.cases),
                how_sure(proven=found.proves(part)),
            )
            for part in found.worse_parts
        ],
        right=frozenset({1, 2, 3, 4}),
    )


def _uncompared(cases: Sequence[CaseView], found: Comparison | None) -> Iterator[Section]:
    """What did not pass and is not told as a regression already."""
    told, changes = set(found.regressions if found is not None else ()), Changes(found)
    rest = [case for case in worst_first(cases) if changes.of(case) not in told]
    titles = {
        Status.FAILED: "Failed" if found is None else "Failed as before, or not comparable",
        Status.NEEDS_RECORDING: "Needs a recording",
        Status.ERROR: "Ended in an error that is not the agent's",
        Status.UNKNOWN: "Unknown: nobody could judge",
    }
    for status, title in titles.items():
        rows = [
            (code(case.name), f"{case.passed}/{len(case.trials)}", _why(case), code(_place(case), 120))
            for case in rest
            if case.status is status
        ]
        yield Section(
            title=title,
            head=("case", "passed", "why", "scenario"),
            rows=rows,
            right=frozenset({1}),
            folded=found is not None and status is Status.FAILED,
        )


def _why(case: CaseView) -> str:
    remedy = f"<br>remedy: {code(case.remedy)}" if case.remedy else ""
    return f"{code(case.reason)}{remedy}"


def _place(case: CaseView) -> str:
    file, line = scenario_place(case.worst.where)
    return f"{file}:{line}" if line else file


def _measures(info: ReportInfo) -> Iterator[Section]:
    for title, some in (("Tags and segments", info.parts), ("Evaluators", info.evaluators)):
        yield Section(
            title=title,
            head=("", "pass rate" if some is info.parts else "score", "interval", "n"),
            rows=[
                (
                    code(one.name, 80),
                    figure(one.value, one.unit),
                    within(one.low, one.high, one.unit),
                    str(one.n),
                )
                for one in some
            ],
            right=frozenset({1, 2, 3}),
            folded=True,
        )


def _folded(found: Comparison | None) -> Iterator[Section]:
    if found is None:
        return
    yield Section(
        title="Cost, latency and other measures",
        head=("measure", "baseline", "candidate", "difference", ""),
        rows=[_metric(metric) for metric in found.metrics],
        right=frozenset({1, 2, 3}),
    )
    titles = {
        ChangeKind.IMPROVEMENT: "Improvements",
        ChangeKind.NOISE: "Within noise",
        ChangeKind.ADDED: "Added",
        ChangeKind.REMOVED: "Removed",
        ChangeKind.UNKNOWN: "Not comparable",
    }
    for kind, title in titles.items():
        rows = [_change(case) for case in found.cases if case.kind is kind]
        head = ("case", "baseline", "candidate")
        yield Section(title=title, head=head, rows=rows, right=frozenset({1, 2}), folded=True)


def _prompts(report: Report) -> Iterator[Section]:
    rows = [(code(one.name, 80), code(one.baseline, 80), code(one.candidate, 80)) for one in report.prompts]
    yield Section(title="Changed prompts and tools", head=("", "baseline", "candidate"), rows=rows)
    versions = [(code(name, 80), code(version, 120)) for name, version in report.info.versions.items()]
    yield Section(title="Versions", head=("what", "version"), rows=versions, folded=True)


def _change(case: CaseChange) -> tuple[str, str, str]:
    return code(change_name(case)), _tally(case.baseline), _tally(case.candidate)


def _metric(metric: MetricChange) -> tuple[str, ...]:
    unit = unit_of(metric.name)
    kinds = {ChangeKind.REGRESSION: "worse", ChangeKind.IMPROVEMENT: "better"}
    return (
        code(metric.name, 80),
        figure(metric.baseline, unit),
        figure(metric.candidate, unit),
        _estimate(metric.difference, unit),
        kinds.get(metric.kind, words(str(metric.kind))),
    )


def _tally(tally: Tally) -> str:
    left = f" ({tally.left_out} left out)" if tally.left_out else ""
    return f"{tally.passed}/{tally.judged}{left}" if tally.judged or left else "none"


def _estimate(estimate: Estimate, unit: str) -> str:
    value = points(estimate.value) if unit == "share" else figure(estimate.value, unit, signed=True)
    return f"{value} {within(estimate.low, estimate.high, unit, signed=True)}".rstrip()


def _interval(one: Measure) -> str:
    value = percent(one.value) if one.unit == "share" else figure(one.value, one.unit)
    return f"{value} {within(one.low, one.high, one.unit)}".rstrip()


def _closing(info: ReportInfo) -> str:
    notes = "".join(f"\n- {words(note, 300)}" for note in info.notes[:20])
    command = f"\nAgain: {code(info.command, 300)}\n" if info.command else ""
    return (f"{notes}\n" if notes else "") + command
