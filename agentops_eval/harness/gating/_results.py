"""Samples out of results of ``eval run``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from agentops_eval.domain import Arm, Reason, Result, Sample, SamplesInvalid
from agentops_eval.evals.comparing import measures_of, sample_of
from agentops_eval.gate import Columns, GateFile
from agentops_eval.harness.evaluating import one_variant, read_results
from agentops_eval.harness.gating import _values as v
from agentops_eval.harness.gating._rows import missing_column
from agentops_eval.harness.gating._sample_file import Form, SampleFile


def read_result_samples(
    path: Path, *, arm: Arm, columns: Columns, metrics: Collection[str], stage: str, digest: str
) -> SampleFile:
    """Every result as a sample; results of one variant lose its name, so that they pair with another's.

    Of ``columns`` only the metrics' are looked at: the rest is told by the format. Raises ResultsInvalid
    for a file that is not as it was written, SamplesInvalid for one without a result, and for a metric
    whose column none has.
    """
    found = read_results(path)
    if not found.rows:
        raise SamplesInvalid(
            "no trial has ended yet", where=str(path), remedy="go on with the run: eval run --resume"
        )
    measured = {name: columns.metrics.get(name, name) for name in metrics if name != "passed"}
    results = one_variant(found.rows)
    told = [measures_of(one) for one in results]
    names = tuple(dict.fromkeys(("passed", *(name for one in told for name in one))))
    broken = all(one.passed is None for one in results)
    for metric, column in measured.items():
        if metric in columns.metrics and column not in names and not broken:
            raise missing_column(str(path), column, names)
    return SampleFile(
        samples=tuple(
            _sample(result, all_of, measured, arm=arm, stage=stage, beside=path)
            for result, all_of in zip(results, told, strict=True)
        ),
        digest=digest,
        form=Form.RESULTS,
        columns=names,
        doubts=tuple(_doubts(path, torn=found.torn, unfinished=found.unfinished)),
    )


def samples_of(results: Iterable[Result], *, arm: Arm, gate: GateFile, stage: str = "") -> tuple[Sample, ...]:
    """Results that are at hand as the samples of one arm; those of one variant lose its name."""
    names = (metric.name for metric in gate.gate.metrics if metric.name != "passed")
    measured = {name: gate.columns.metrics.get(name, name) for name in names}
    return tuple(
        _sample(result, measures_of(result), measured, arm=arm, stage=stage)
        for result in one_variant(results)
    )


def _sample(
    result: Result,
    all_of: Mapping[str, float],
    measured: Mapping[str, str],
    *,
    arm: Arm,
    stage: str,
    beside: Path | None = None,
) -> Sample:
    sample = sample_of(result)
    outcome = {} if sample.passed is None else {"passed": float(sample.passed)}
    values = {**all_of, **outcome}
    return replace(
        sample,
        passed=sample.outcome,
        metrics={name: values[column] for name, column in measured.items() if column in values},
        arm=arm,
        stage=stage,
        answer="" if result.output is None else v.digest(result.output),
        trace=str(beside.parent / result.trace_file) if beside is not None and result.trace_file else "",
    )


def _doubts(path: Path, *, torn: bool, unfinished: str) -> list[Reason]:
    doubts = []
    if torn:
        message = f"the last line of {path} is cut off; it is left out"
        doubts.append(
            Reason(code="torn-line", message=message, remedy="eval run --resume takes it up", blocks=False)
        )
    if unfinished:
        remedy = "finish it: eval run --resume"
        doubts.append(Reason(code="unfinished", message=unfinished, remedy=remedy))
    return doubts
