"""Results as statistics count them."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Ending, Result, Sample, Spend, case_name

_METRICS = ("cost_usd", "tokens", "latency_s", "llm_calls", "tool_calls", "steps", "retries")


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
    told = {name: getattr(spend, name) for name in _METRICS}
    return {name: float(value) for name, value in told.items() if value is not None}
