"""Results as statistics count them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from agentops_eval.domain import Ending, Result, Sample, Spend, Verdict, VerdictValue, case_name

_METRICS = ("cost_usd", "tokens", "latency_s", "llm_calls", "tool_calls", "steps", "retries")
_PARTS = ("input_tokens", "output_tokens")


def sample_of(result: Result) -> Sample:
    """One result as one observation. Only one that ended in an error tells whose fault that was."""
    broke = result.ending is Ending.ERROR and result.error is not None
    return Sample(
        case=case_name(result.suite, result.case, result.variant),
        trial=result.trial,
        passed=result.passed,
        metrics=metrics_of(result.spend),
        error=result.error.source if broke and result.error is not None else None,
        tags=result.tags,
        segments=result.segments,
        recording=result.recording,
    )


def metrics_of(spend: Spend) -> Mapping[str, float]:
    """What is known of a run's spending, by name; ``tokens`` are input and output together."""
    return _known(spend, _METRICS)


def measures_of_spend(spend: Spend) -> Mapping[str, float]:
    """The same, and each kind of tokens apart."""
    return _known(spend, (*_METRICS, *_PARTS))


def _known(spend: Spend, names: tuple[str, ...]) -> dict[str, float]:
    told = {name: getattr(spend, name) for name in names}
    return {name: float(value) for name, value in told.items() if value is not None}


def measures_of(result: Result) -> Mapping[str, float]:
    """All that is measured of a result: what it spent, and by its evaluators' names their scores.

    Of several verdicts of one evaluator the mean counts. Where one is unknown, so is the mean.
    """
    verdicts: dict[str, list[float | None]] = {}
    for verdict in result.verdicts:
        verdicts.setdefault(verdict.evaluator, []).append(_score(verdict))
    scores = {name: _mean(found) for name, found in verdicts.items() if name}
    known = {name: mean for name, mean in scores.items() if mean is not None}
    return {**known, **measures_of_spend(result.spend)}


def _score(verdict: Verdict) -> float | None:
    """Its score, else whether it passed; None where nobody can say."""
    if verdict.value is VerdictValue.UNKNOWN:
        return None
    return float(verdict.passed) if verdict.score is None else verdict.score


def _mean(scores: list[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return math.fsum(known) / len(known) if len(known) == len(scores) else None
