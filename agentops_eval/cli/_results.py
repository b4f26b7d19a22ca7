"""Results of suites for a terminal: what failed first, then why, then what a candidate changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agentops_eval.cli._output import console, fit, line, many, prose, say

if TYPE_CHECKING:
    from agentops_eval.domain import Comparison, MetricChange
    from agentops_eval.reports import CaseView, Report, ReportInfo, Status, Summary

_ROWS, _CHANGES, _REMEDIES, _NOTES = 50, 20, 3, 10
_ALL_UP_TO = 20
_WIDE, _CASE_LEAST = 110, 24
_STYLES = {
    "failed": "red",
    "needs_recording": "yellow",
    "error": "magenta",
    "unknown": "yellow",
    "passed": "green",
}


def say_results(report: Report) -> None:
    """The whole report. Of more than twenty cases those that passed are counted, not listed."""
    from agentops_eval.reports import cases_of, summary_of

    cases = cases_of(report.results)
    if cases or report.comparison is None:
        summary = summary_of(cases)
        _say_summary(report.info, summary)
        _say_cases(cases)
        _say_remedies(cases)
    if report.comparison is not None:
        _say_comparison(report.comparison, apart=bool(cases))
    for note in report.info.notes[:_NOTES]:
        prose(line(note), style="dim")


def _say_summary(info: ReportInfo, summary: Summary) -> None:
    from agentops_eval.reports import figure

    if info.title:
        prose(line(info.title), style="bold")
    prose(summary.headline, style="bold green" if summary.green else "bold red")
    rates = list(_rates(info, summary))
    if rates:
        prose(", ".join(rates), hang=2)
    if summary.left_out:
        sources = ", ".join(f"{number} {source}" for source, number in summary.left_out.items())
        prose(f"left out of the rate: {sources}", style="yellow")
    if summary.cost_usd is not None:
        unknown = f" (unknown of {many(summary.without_cost, 'trial')})" if summary.without_cost else ""
        prose(f"cost: {figure(summary.cost_usd, 'USD')}{unknown}")


def _rates(info: ReportInfo, summary: Summary) -> Iterator[str]:
    from agentops_eval.reports import figure, percent, within

    trials = many(summary.all_trials, "trial")
    counted = trials if info.independent is None else f"{info.independent} independent of {trials}"
    rate = info.pass_rate
    if rate is not None:
        interval = within(rate.low, rate.high, rate.unit)
        yield f"pass rate {figure(rate.value, rate.unit)} {interval}".rstrip()
    if summary.all_trials:
        yield counted
    if info.pass_hat_k:
        k, share = max(info.pass_hat_k.items())
        yield f"pass^{k} {percent(share)}"


# -- cases --------------------------------------------------------------------------------------


def _say_cases(cases: Sequence[CaseView]) -> None:
    from agentops_eval.reports import Status, worst_first

    listed = worst_first(cases)
    if len(cases) > _ALL_UP_TO:
        listed = [case for case in listed if case.status is not Status.PASSED]
    shown = listed[:_ROWS]
    if shown:
        say()
        if console().width >= _WIDE:
            _tabulate(shown)
        else:
            _stack(shown)
    if len(listed) > len(shown):
        say(f"and {len(listed) - len(shown)} more that did not pass (--json lists all)", style="dim")
    passed = len(cases) - len(listed)
    if passed:
        say(f"{many(passed, 'case')} passed (--json lists all)", style="dim")


def _tabulate(cases: Sequence[CaseView]) -> None:
    """One line a case, as long as there is room beside each other for its name and its reason."""
    from rich.table import Table
    from rich.text import Text

    status = max(len(case.status.words) for case in cases)
    counts = max(len("passed"), *(len(_count(case)) for case in cases))
    room = console().width - status - counts - 7
    named = min(max(len(_name(case)) for case in cases), max(room // 2, _CASE_LEAST))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("verdict", no_wrap=True, min_width=status)
    table.add_column("case", no_wrap=True)
    table.add_column("passed", no_wrap=True, justify="right")
    table.add_column("why", no_wrap=True)
    for case in cases:
        verdict = Text(case.status.words, style=_style(case.status))
        name = Text(fit(_name(case), named, middle=True))
        table.add_row(verdict, name, _count(case), Text(fit(_why(case), max(room - named, 10))))
    console().print(table)


def _stack(cases: Sequence[CaseView]) -> None:
    """The name in a line with the verdict, the reason below it."""
    status = max(len(case.status.words) for case in cases)
    counts = max(len(_count(case)) for case in cases)
    room = max(console().width - status - counts - 4, _CASE_LEAST)
    for case in cases:
        start = f"{case.status.words:<{status}}  {_count(case):>{counts}}"
        say(f"{start}  {fit(_name(case), room, middle=True)}", style=_style(case.status))
        why = _why(case)
        if why:
            say(f"  {fit(why, max(console().width - 2, _CASE_LEAST))}")


def _say_remedies(cases: Sequence[CaseView]) -> None:
    """Commands to paste, each of them once."""
    remedies = list(dict.fromkeys(case.remedy for case in cases if case.remedy))
    if remedies:
        say()
    for remedy in remedies[:_REMEDIES]:
        say(f"remedy:  {line(remedy)}")
    if len(remedies) > _REMEDIES:
        say(f"and {len(remedies) - _REMEDIES} more remedies (--json lists all)", style="dim")


def _name(case: CaseView) -> str:
    return line(case.name, limit=200) or "(no name)"


def _count(case: CaseView) -> str:
    return f"{case.passed}/{len(case.trials)}"


def _why(case: CaseView) -> str:
    return line(case.reason)


def _style(status: Status) -> str:
    return _STYLES[status.value]


# -- comparison ---------------------------------------------------------------------------------


def _say_comparison(found: Comparison, *, apart: bool) -> None:
    from agentops_eval.domain import ChangeKind
    from agentops_eval.reports import points, within

    if apart:
        say()
    worse = bool(found.regressions or found.worse_parts)
    kinds = [case.kind for case in found.cases]
    said = [
        many(len(found.regressions), "regression"),
        many(len(found.worse_parts), "worse segment"),
        many(kinds.count(ChangeKind.IMPROVEMENT), "improvement"),
        f"{kinds.count(ChangeKind.NOISE)} within noise",
    ]
    apart_from = kinds.count(ChangeKind.UNKNOWN)
    said += [f"{apart_from} not comparable"] if apart_from else []
    names = f"{line(found.candidate, limit=80)} against {line(found.baseline, limit=80)}"
    prose(f"{names}: {', '.join(said)}", hang=2, style="bold red" if worse else "bold green")
    overall = found.overall
    interval = within(overall.low, overall.high, "share", signed=True)
    p = "" if overall.p_value is None else f", p = {overall.p_value:.3g}"
    needed = f"; {many(found.needed, 'more case')} would settle it" if found.needed else ""
    prose(f"pass rate {points(overall.value)} {interval}".rstrip() + p + needed, hang=2)
    _say_regressions(found)
    _say_parts(found)
    _say_metrics(found.metrics)
    for note in found.notes[:_NOTES]:
        prose(line(note), style="dim")


def _say_regressions(found: Comparison) -> None:
    from agentops_eval.reports import change_name

    for change in found.regressions[:_CHANGES]:
        before, after = change.baseline, change.candidate
        counts = f"{before.passed}/{before.judged} -> {after.passed}/{after.judged}"
        room = max(console().width - len(counts) - len("worse    "), _CASE_LEAST)
        say(f"worse  {fit(line(change_name(change)), room, middle=True)}  {counts}", style="red")
        if change.diverges:
            prose(f"  first diverging step: {line(change.diverges, limit=600)}", hang=4)
        for reason in change.reasons[:2]:
            prose(f"  {line(reason)}", hang=4)
    if len(found.regressions) > _CHANGES:
        say(f"and {len(found.regressions) - _CHANGES} more regressions (--json lists all)", style="dim")


def _say_parts(found: Comparison) -> None:
    from agentops_eval.reports import how_sure, points, within

    for part in found.worse_parts[:_CHANGES]:
        change = part.difference
        interval = within(change.low, change.high, "share", signed=True)
        told = f"{points(change.value)} {interval}".rstrip()
        sure = how_sure(proven=found.proves(part))
        name = line(part.name, limit=80)
        prose(f"worse {sure}  {name}: {told} in {many(part.cases, 'case')}", hang=2, style="red")
    if len(found.worse_parts) > _CHANGES:
        say(f"and {len(found.worse_parts) - _CHANGES} more segments (--json lists all)", style="dim")


def _say_metrics(metrics: Sequence[MetricChange]) -> None:
    from rich.table import Table
    from rich.text import Text

    from agentops_eval.domain import ChangeKind
    from agentops_eval.reports import figure, unit_of, within

    if not metrics:
        return
    words = {ChangeKind.REGRESSION: ("worse", "red"), ChangeKind.IMPROVEMENT: ("better", "green")}
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("measure", no_wrap=True)
    for head in ("baseline", "candidate", "difference"):
        table.add_column(head, no_wrap=True, justify="right")
    table.add_column("", no_wrap=True)
    for metric in metrics[:_CHANGES]:
        unit, change = unit_of(metric.name), metric.difference
        interval = within(change.low, change.high, unit, signed=True)
        word, style = words.get(metric.kind, (str(metric.kind), ""))
        table.add_row(
            Text(fit(line(metric.name), _CASE_LEAST, middle=True)),
            figure(metric.baseline, unit),
            figure(metric.candidate, unit),
            Text(f"{figure(change.value, unit, signed=True)} {interval}".rstrip()),
            Text(word, style=style),
        )
    console().print(table)
