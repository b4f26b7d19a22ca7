"""The whole report as one JSON document, values whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentops_eval.domain import Comparison, Json, Result, Tally, Verdict, to_json
from agentops_eval.reports._cases import CaseView, Status, Summary, cases_of, status_of, summary_of
from agentops_eval.reports._report import CaseDiff, DiffRow, Measure, PromptDiff, Report, ReportInfo

FORMAT, VERSION = "agentops-report", 1


def results_json(report: Report) -> Json:
    """The report for scripts. Keys may be added to; ``version`` grows where one is renamed or removed."""
    cases = cases_of(report.results)
    info = report.info
    document: Json = {
        "format": FORMAT,
        "version": VERSION,
        "title": info.title,
        "when": info.when,
        "command": info.command,
        "versions": dict(info.versions),
        "summary": _summary(summary_of(cases), info),
        "parts": [_measure(one) for one in info.parts],
        "evaluators": [_measure(one) for one in info.evaluators],
        "spends": [_measure(one) for one in info.spends],
        "notes": list(info.notes),
        "cases": [_case(case) for case in cases],
        "comparison": None if report.comparison is None else comparison_json(report.comparison),
        "diffs": [_diff(diff) for diff in report.diffs],
        "prompts": [_prompt(prompt) for prompt in report.prompts],
    }
    return to_json(document)  # so that a number that JSON cannot hold does not spoil it


def _summary(summary: Summary, info: ReportInfo) -> Json:
    return {
        "headline": summary.headline,
        "green": summary.green,
        "cases": _counts(summary.cases, summary.all_cases),
        "trials": _counts(summary.trials, summary.all_trials),
        "independent": info.independent,
        "left_out": {str(source): number for source, number in summary.left_out.items()},
        "pass_rate": None if info.pass_rate is None else _measure(info.pass_rate),
        "pass_hat_k": {str(k): value for k, value in sorted(info.pass_hat_k.items())},
        "cost_usd": summary.cost_usd,
        "without_cost": summary.without_cost,
    }


def _counts(counts: Mapping[Status, int], total: int) -> Json:
    return {**{str(status): counts[status] for status in Status}, "total": total}


def _measure(one: Measure) -> Json:
    return {
        "name": one.name,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "n": one.n,
        "unit": one.unit,
        "method": one.method,
    }


def _case(case: CaseView) -> Json:
    first = case.trials[0]
    return {
        "suite": case.suite,
        "case": case.case,
        "variant": case.variant,
        "title": case.title,
        "asked": [to_json(turn) for turn in case.asked],
        "status": str(case.status),
        "reason": case.reason,
        "remedy": case.remedy,
        "passed": case.passed,
        "score": case.score,
        "cost_usd": case.cost_usd,
        "latency_s": case.latency_s,
        "tags": list(first.tags),
        "segments": dict(first.segments),
        "where": first.where,
        "trials": [_trial(trial) for trial in case.trials],
    }


def _trial(trial: Result) -> Json:
    error = trial.error
    return {
        "trial": trial.trial,
        "status": str(status_of(trial)),
        "verdicts": [_verdict(verdict) for verdict in trial.verdicts],
        "error": None if error is None else to_json(error),
        "output": to_json(trial.output),
        "spend": to_json(trial.spend),
        "versions": dict(trial.versions),
        "seed": trial.seed,
        "recording": trial.recording,
        "trace_id": trial.trace_id,
        "trace_file": trial.trace_file,
        "remedy": trial.remedy,
    }


def _verdict(verdict: Verdict) -> Json:
    return {
        "evaluator": verdict.evaluator,
        "value": str(verdict.value),
        "score": verdict.score,
        "reason": verdict.reason,
        "evidence": list(verdict.evidence),
    }


def comparison_json(found: Comparison) -> Json:
    """What a candidate changed, with the rates beside the counts that they are made of."""
    return {
        "baseline": found.baseline,
        "candidate": found.candidate,
        "overall": to_json(found.overall),
        "needed": found.needed,
        "alpha": found.alpha,
        "notes": list(found.notes),
        "cases": [
            {**_fields(case), "baseline": _tally(case.baseline), "candidate": _tally(case.candidate)}
            for case in found.cases
        ],
        "parts": [
            {
                **_fields(part),
                "baseline": _tally(part.baseline),
                "candidate": _tally(part.candidate),
                "proven": found.proves(part),
            }
            for part in found.parts
        ],
        "metrics": [to_json(metric) for metric in found.metrics],
    }


def _fields(value: object) -> Mapping[str, Json]:
    told = to_json(value)
    assert isinstance(told, Mapping)
    return told


def _tally(tally: Tally) -> Json:
    return {
        "passed": tally.passed,
        "judged": tally.judged,
        "left_out": tally.left_out,
        "rate": tally.rate,
    }


def _diff(diff: CaseDiff) -> Json:
    return {
        "suite": diff.suite,
        "case": diff.case,
        "variant": diff.variant,
        "baseline": diff.baseline,
        "candidate": diff.candidate,
        "rows": _rows(diff.rows),
    }


def _prompt(prompt: PromptDiff) -> Json:
    return {
        "name": prompt.name,
        "baseline": prompt.baseline,
        "candidate": prompt.candidate,
        "rows": _rows(prompt.rows),
    }


def _rows(rows: Iterable[DiffRow]) -> Json:
    return [{"kind": str(row.kind), "left": row.left, "right": row.right, "first": row.first} for row in rows]
