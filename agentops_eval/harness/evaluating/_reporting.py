"""What a report is made of: rates with their intervals, means of scores, what flaps, what differs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from agentops_eval.domain import ChangeKind, Comparison, Result, VerdictValue
from agentops_eval.evals import flakes, judge_names
from agentops_eval.evals.comparing import sample_of
from agentops_eval.reports import CaseDiff, DiffRow, Measure, PromptDiff, Report, ReportInfo, RowKind
from agentops_eval.stats import Interval, clustered_mean, summarise
from agentops_eval.traces.diff import TraceDiff, side_rows

_MOST_DIFFS = 100
_SPENDS = {"cost_usd": "USD", "latency_s": "s", "input_tokens": "tokens", "output_tokens": "tokens"}


def report_of(
    results: Sequence[Result],
    *,
    title: str = "",
    command: str = "",
    comparison: Comparison | None = None,
    diffs: tuple[CaseDiff, ...] = (),
    prompts: tuple[PromptDiff, ...] = (),
    notes: Iterable[str] = (),
) -> Report:
    """Everything that a report shows of these results, in whatever format."""
    return Report(
        results=results,
        info=_info(results, title, command, notes),
        comparison=comparison,
        diffs=diffs,
        prompts=prompts,
    )


def _info(results: Sequence[Result], title: str, command: str, notes: Iterable[str]) -> ReportInfo:
    summary = summarise(map(sample_of, results))
    collapsed = summary.collapsed
    rate = summary.clustered if summary.fewest > 1 else summary.wilson
    variants = {one.variant for one in results}
    if len(variants) > 1:  # a rate over several of them is that of none
        rate = None
    told = list(notes)
    if collapsed.replays:
        told.append(
            f"{collapsed.replays} replays of a recording that was counted already are not counted again"
        )
    return ReportInfo(
        title=title,
        command=command,
        versions=_versions(results),
        independent=collapsed.trials,
        pass_rate=None if rate is None else _measure("pass rate", rate),
        pass_hat_k={k: float(value) for k, value in summary.pass_hat_k.items()} if summary.fewest > 1 else {},
        parts=tuple(_parts(results)),
        evaluators=tuple(_evaluators(results)),
        spends=tuple(_spends(results)),
        notes=(*told, *_flaps(results)),
    )


def _measure(name: str, found: Interval, unit: str = "share") -> Measure:
    method = f"{found.method}, {found.confidence:.0%}"
    return Measure(
        name=name, value=found.value, low=found.low, high=found.high, n=found.n, unit=unit, method=method
    )


def _versions(results: Iterable[Result]) -> Mapping[str, str]:
    """Each artefact with its version; where trials differ in it, with all of them."""
    seen: dict[str, dict[str, None]] = defaultdict(dict)
    for one in results:
        for name, version in one.versions.items():
            seen[name][version] = None
    return {name: ", ".join(versions) for name, versions in sorted(seen.items())}


def _parts(results: Sequence[Result]) -> Iterator[Measure]:
    groups: dict[str, list[Result]] = defaultdict(list)
    variants = {one.variant for one in results}
    for one in results:
        if len(variants) > 1:
            groups[f"variant:{one.variant or 'baseline'}"].append(one)
        for tag in one.tags:
            groups[f"tag:{tag}"].append(one)
        for segment, value in one.segments.items():
            groups[f"{segment}:{value}"].append(one)
    for name, group in sorted(groups.items()):
        found = summarise(map(sample_of, group)).clustered
        if found is not None:
            yield _measure(name, found)


def _evaluators(results: Sequence[Result]) -> Iterator[Measure]:
    """The mean score of each evaluator; trials of a case belong together."""
    scores: dict[str, dict[object, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in results:
        for verdict in one.verdicts:
            if verdict.score is not None and verdict.value is not VerdictValue.UNKNOWN:
                scores[verdict.evaluator][_key(one)].append(verdict.score)
    for name, cases in scores.items():
        yield _mean(name, tuple(cases.values()), "score")


def _spends(results: Sequence[Result]) -> Iterator[Measure]:
    for name, unit in _SPENDS.items():
        cases: dict[object, list[float]] = defaultdict(list)
        for one in results:
            value = getattr(one.spend, name)
            if value is not None:
                cases[_key(one)].append(float(value))
        if cases:
            yield _mean(name, tuple(cases.values()), unit)


def _mean(name: str, cases: Sequence[Sequence[float]], unit: str) -> Measure:
    found = clustered_mean(cases)
    if found is not None:  # nothing lies outside of these, whatever Student's t says
        most = 1.0 if unit == "score" else math.inf
        found = replace(found, low=max(found.low, 0.0), high=min(found.high, most))
    if found is not None:
        return _measure(name, found, unit)
    values = [one for case in cases for one in case]
    return Measure(name=name, value=math.fsum(values) / len(values), n=1, unit=unit)


def _key(one: Result) -> tuple[str, str, str]:
    return one.suite, one.case, one.variant


def _flaps(results: Sequence[Result]) -> Iterator[str]:
    for flake in flakes(results, judges=judge_names()):
        by = f", by {', '.join(flake.evaluators)}" if flake.evaluators else ""
        counts = f"{flake.passed} of {flake.trials} trials passed"
        yield f"{flake.suite}::{flake.case} flaps ({counts}), for the sake of the {flake.source}{by}"


def side_by_side(
    comparison: Comparison,
    baseline: Sequence[Result],
    candidate: Sequence[Result],
    diff: Callable[[Result, Result], TraceDiff | None],
) -> tuple[CaseDiff, ...]:
    """The traces of the cases that changed, side by side; of more than a hundred the first."""
    changed = [c for c in comparison.cases if c.kind in {ChangeKind.REGRESSION, ChangeKind.IMPROVEMENT}]
    before = {(one.suite, one.case, one.trace_file): one for one in baseline}
    after = {(one.suite, one.case, one.trace_file): one for one in candidate}
    found: list[CaseDiff] = []
    for case in changed[:_MOST_DIFFS]:
        one = before.get((case.suite, case.case, case.baseline_trace))
        other = after.get((case.suite, case.case, case.candidate_trace))
        difference = diff(one, other) if one is not None and other is not None else None
        if difference:
            rows = tuple(
                DiffRow(kind=RowKind(row.kind), left=row.left, right=row.right, first=row.first)
                for row in side_rows(difference)
            )
            found.append(CaseDiff(suite=case.suite, case=case.case, variant=case.variant, rows=rows))
    return tuple(found)


def one_variant(results: Iterable[Result]) -> tuple[Result, ...]:
    """Results without their variant where all are of one, so that they pair with those of another."""
    found = tuple(results)
    if len({one.variant for one in found}) > 1:
        return found
    return tuple(replace(one, variant="") for one in found)
