"""Which runs an import takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.harness import ImportFilter
from agentops_eval.harness._filter import Fit
from agentops_eval.harness._selection import ImportFacts, select
from agentops_eval.traces import Sketch

FACTS = ImportFacts(
    number=0,
    trace_id="ab" * 16,
    name="invoke_agent desk",
    started_ns=int(datetime(2026, 5, 1, tzinfo=UTC).timestamp()) * 10**9,
    latency_ms=250.0,
    cost_usd=Decimal("0.02"),
    agents=frozenset({"desk", "billing"}),
    conversations=frozenset({"c1"}),
    failed=False,
    sketch=Sketch(shape="s", sample=b""),
)


def day(number: int) -> datetime:
    return datetime(2026, 5, number, tzinfo=UTC)


FITS = {
    "nothing asked": (ImportFilter(), Fit.YES),
    "first digits": (ImportFilter(trace_ids=("ABAB",)), Fit.YES),
    "other digits": (ImportFilter(trace_ids=("ba",)), Fit.NO),
    "one of its agents": (ImportFilter(agents=("billing",)), Fit.YES),
    "part of a name": (ImportFilter(agents=("des",)), Fit.NO),
    "its conversation": (ImportFilter(conversations=("c1",)), Fit.YES),
    "another conversation": (ImportFilter(conversations=("c2",)), Fit.NO),
    "errors": (ImportFilter(errors_only=True), Fit.NO),
    "within": (ImportFilter(since=day(1), until=day(2)), Fit.YES),
    "before": (ImportFilter(since=day(2)), Fit.NO),
    "at the end": (ImportFilter(until=day(1)), Fit.NO),
    "as dear": (ImportFilter(min_cost_usd=Decimal("0.02")), Fit.YES),
    "dearer": (ImportFilter(min_cost_usd=Decimal("0.021")), Fit.NO),
    "some percentile": (ImportFilter(latency_percentile=50), Fit.YES),
}


@pytest.mark.parametrize(("wanted", "fit"), FITS.values(), ids=FITS)
def test_every_condition_has_to_hold(wanted: ImportFilter, fit: Fit) -> None:
    """Names are whole, ids may be cut short, bounds are inclusive below and exclusive above."""
    assert wanted.judge_import(FACTS).fit is fit


@pytest.mark.parametrize(
    ("wanted", "lacks"),
    [
        (ImportFilter(since=day(1)), "started_ns"),
        (ImportFilter(until=day(9)), "started_ns"),
        (ImportFilter(min_cost_usd=Decimal(0)), "cost_usd"),
        (ImportFilter(latency_percentile=1), "latency_ms"),
    ],
    ids=["since", "until", "cost", "latency"],
)
def test_what_is_unknown_is_not_taken_for_a_number(wanted: ImportFilter, lacks: str) -> None:
    """A run whose trace does not tell what is asked is left out and counted apart; unasked, it fits."""
    unknown = replace(FACTS, **{lacks: None})
    assert wanted.judge_import(unknown).fit is Fit.UNKNOWN
    assert ImportFilter().judge_import(unknown).fit is Fit.YES


def _runs(latencies: list[float]) -> list[ImportFacts]:
    return [
        replace(FACTS, number=n, latency_ms=one, sketch=Sketch(shape=str(n), sample=b""))
        for n, one in enumerate(latencies)
    ]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.integers(0, 100))
def test_the_percentile_leaves_the_slow_runs(latencies: list[float], percentile: int) -> None:
    """At least the share above the percentile is left, none of it is faster than what was left out."""
    kept = [
        group.facts.latency_ms
        for group in select(_runs(latencies), ImportFilter(latency_percentile=percentile))
    ]
    left_out = sorted(latencies)[: len(latencies) - len(kept)]
    assert sorted(kept) == sorted(latencies)[len(left_out) :]
    assert len(kept) >= max(1, len(latencies) * (100 - percentile) // 100)
    assert all(one < min(kept) for one in left_out)


def test_repetitions_are_sought_among_the_slow_runs_only() -> None:
    """A slow run is not left out because a fast one, which nobody asked for, is like it."""
    same = [replace(one, sketch=FACTS.sketch) for one in _runs([1.0, 9.0, 9.5])]
    (group,) = select(same, ImportFilter(latency_percentile=60))
    assert (group.facts.latency_ms, len(group.alike)) == (9.0, 1)
