"""Which bets are made on a metric, by its kind."""

from __future__ import annotations

from agentops_eval.gate._bets import Bettor
from agentops_eval.gate._counts import Counts, Limits, LiveFailures
from agentops_eval.gate._differences import Differences
from agentops_eval.gate._gate import Direction, Kind, Metric, RollbackNull
from agentops_eval.gate._ratios import Ratios, Tails


def bettor_of(metric: Metric, *, live: bool, block: int) -> Bettor:
    """Who bets on a metric, by pairs or by live traffic in blocks."""
    if metric.kind is Kind.LIMIT:
        return Limits(metric)
    if metric.kind is Kind.COUNT:
        return Counts(metric)
    if metric.kind is Kind.UNBOUNDED:
        return Ratios(metric) if metric.quantile is None else Tails(metric)
    counted = metric.rollback is RollbackNull.BASELINE and metric.better is not Direction.SAME and block == 1
    if live and metric.kind is Kind.BINARY and counted:
        return LiveFailures(metric)
    return Differences(metric)
