"""Service levels over many runs: parts add up, order does not matter, unknown is never 0."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces import canonical
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.levels import (
    DIMENSIONS,
    Bill,
    Endings,
    ErrorClass,
    ServiceLevels,
    Tally,
    levels_json,
)
from agentops_eval.traces.prices import Pricing
from tests.examples import examples
from tests.traces._live import Live

TEAMS = st.none() | st.sampled_from(["red", "blue", "green"])
COSTS = st.none() | st.floats(0, 1e6) | st.sampled_from([float("nan"), float("inf"), -1.0, 1e300, True])
TOKENS = st.none() | st.integers(-1, 2**65) | st.booleans()


@st.composite
def runs(draw: st.DrawFn) -> NormalTrace:
    """A run with attributes on any level, or on none, and values of which some are absurd."""
    live = Live(resource={"tenant.id": team} if (team := draw(TEAMS)) else {})
    errors = st.sampled_from(["", "", "timeout", "ConnectionError", "PermissionDenied", "ValueError"])
    root = live.agent(error=draw(errors), agentops__team=draw(TEAMS), took=draw(st.integers(-5, 5000)))
    for number in range(draw(st.integers(0, 4))):
        parent = draw(st.sampled_from([root, None]))
        told: dict[str, Any] = {"at": number * 10, "error": draw(errors), "team": draw(TEAMS)}
        if draw(st.booleans()):
            cost, used = draw(COSTS), (draw(TOKENS), draw(TOKENS))
            llm = draw(st.sampled_from(["a", "b", None]))
            live.llm(parent, llm=llm, tokens=used, agentops__cost__amount=cost, **told)
        else:
            live.tool(draw(st.sampled_from(["find", "pay"])), parent, arguments={}, **told)
    return live.normal


def tallied(found: list[NormalTrace], *, by: tuple[str, ...] = DIMENSIONS) -> Tally:
    tally = Tally(price=Pricing(), by=by)
    for run in found:
        tally.add(run)
    return tally


@examples(60)
@given(st.lists(runs(), max_size=6))
def test_the_parts_add_up_to_the_whole_exactly(found: list[NormalTrace]):
    """Every dimension's rows sum up to the total, in calls, tokens, money and unknowns; runs too."""
    levels = tallied(found).levels()
    for name in DIMENSIONS:
        whole = levels.bill if name != "llm" else replace(levels.bill, tool_calls=0)
        assert sum((row.bill for row in levels.groups[name]), Bill()) == whole
        if name != "llm":
            rows = [row.endings for row in levels.groups[name]]
            assert sum(one.runs for one in rows if one is not None) == len(found)


@examples(40)
@given(st.lists(runs(), max_size=6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_two_streams_merged_are_one_stream(found: list[NormalTrace], cut: int, mixed: random.Random):
    """However runs are split up and ordered, their levels are the same."""
    other = found[:]
    mixed.shuffle(other)
    merged = tallied(other[:cut])
    merged.merge(tallied(other[cut:]))
    assert merged.levels() == tallied(found).levels()


@examples(40)
@given(st.lists(runs(), max_size=4))
def test_unknown_never_becomes_zero(found: list[NormalTrace]):
    """A sum is None exactly where no call tells anything, and what is missing in it is counted."""
    bill = tallied(found).levels().bill
    told = sum(bill.sources.values())
    assert (bill.cost is None) == (told == 0)
    assert told + bill.without_cost == bill.llm_calls
    assert bill.input_tokens is not None or bill.without_usage == bill.llm_calls
    assert bill.cost is None or (bill.cost.is_finite() and bill.cost >= 0)


def levels_of(*lives: Live, by: tuple[str, ...] = ("llm",)) -> ServiceLevels:
    return tallied([live.normal for live in lives], by=by).levels()


def one(error: str = "", cost: float | None = 0.5, **root: Any) -> Live:
    live = Live()
    live.llm(live.agent(error=error, **root), agentops__cost__amount=cost)
    return live


def test_infrastructure_and_unknown_runs_are_left_out_of_the_rate():
    """They are counted apart; without any other run there is no rate."""
    levels = levels_of(one(), one(), one("ValueError"), one("ConnectionError"), one(agent__step_success=7))
    assert levels.endings == Endings(completed=2, failed=1, infrastructure=1, unknown=1)
    assert levels.endings.success_rate == pytest.approx(2 / 3)
    assert levels_of(one("ConnectionError")).endings.success_rate is None


def test_the_cost_of_a_success_holds_what_failures_cost():
    """All runs are paid for by those that completed; one unknown cost, or no success, makes it unknown."""
    assert levels_of(one(), one("ValueError")).cost_per_success == Decimal(1)
    assert levels_of(one(), one(cost=None)).cost_per_success is None
    assert levels_of(one("ValueError")).cost_per_success is None
    assert levels_of(Live()).cost_per_success is None


def test_tools_are_judged_without_infrastructure_errors():
    """Errors are classed, and nobody reached is nobody's fault."""
    live = Live()
    root = live.agent()
    for error in ("", "", "", "rate limited", "PermissionDenied", "ConnectionError", "ValueError"):
        live.tool("pay", root, error=error)
    live.tool("find", root, error="ConnectionError")
    pay, find = levels_of(live).tools
    assert pay.errors == {
        ErrorClass.TRANSIENT: 1,
        ErrorClass.PERMANENT: 1,
        ErrorClass.INFRASTRUCTURE: 1,
        ErrorClass.POLICY: 1,
    }
    assert (pay.name, pay.calls, pay.failed, pay.reliability) == ("pay", 7, 4, 3 / 6)
    assert (find.name, find.reliability) == ("find", None)
    assert levels_of(live).errors["tool"][ErrorClass.INFRASTRUCTURE] == 2


def test_latency_is_told_by_step_type():
    """Each type has its own percentiles in milliseconds; a person's wait is what the checkpoint tells."""
    live = Live()
    root = live.agent(took=1000)
    for took in (10, 20, 30):
        live.llm(root, took=took, gen_ai__response__time_to_first_chunk=took / 2000)
    live.tool("find", root, took=4)
    live.span("agentops.hitl_checkpoint", root, took=1, agentops__hitl__wait_ms=90_000)
    levels = levels_of(live)
    assert (levels.latency_ms["llm"].p50, levels.latency_ms["llm"].p99) == (20, 30)
    assert (levels.latency_ms["tool"].p50, levels.latency_ms["human"].p50) == (4, 90_000)
    assert (levels.latency_ms["run"].n, levels.latency_ms["agent"].p50) == (1, 1000)
    assert (levels.first_chunk_ms.p50, levels.first_chunk_ms.n) == (10, 3)


@pytest.mark.parametrize("told", [-1.0, float("nan"), float("inf"), 1e300, True, "0.5s"], ids=str)
def test_absurd_first_chunks_are_unknown(told: object):
    """A time to the first chunk that cannot be one is counted as unknown."""
    live = Live()
    live.llm(gen_ai__response__time_to_first_chunk=told)
    found = levels_of(live).first_chunk_ms
    assert (found.n, found.unknown, found.p50) == (0, 1, None)


def test_a_goldens_durations_are_unknown():
    """A logical clock gives no durations: they are unknown, not short."""
    run = one().normal
    golden = replace(run, trace=canonical(run.trace), sources={})
    levels = tallied([golden]).levels()
    assert all(found.n == 0 for found in levels.latency_ms.values())
    assert levels.latency_ms["llm"].unknown == 1
    assert levels.endings.completed == 1


def test_values_beyond_a_thousand_are_one_row():
    """A dimension with a value for every run cannot fill the memory, and still adds up."""
    tally = Tally(price=Pricing(), by=("task",))
    for number in range(1_010):
        live = Live()
        live.llm(live.agent(agentops__task=f"task {number}"))
        tally.add(live.normal)
    rows = tally.levels().groups["task"]
    assert len(rows) == 1_001
    assert {row.value: row.bill.llm_calls for row in rows}["(others)"] == 10
    assert sum(row.bill.llm_calls for row in rows) == 1_010


def test_an_error_of_the_pricer_counts_nothing_of_the_run():
    """A run that cannot be priced leaves the tally as it was."""
    from agentops_eval.domain import LlmUnpriced
    from agentops_eval.traces.prices import UnknownLlm

    tally = Tally(price=Pricing(unknown=UnknownLlm.ERROR))
    with pytest.raises(LlmUnpriced):
        tally.add(one(cost=None).normal)
    assert tally.levels() == Tally().levels()


def test_json_is_plain():
    """Everything is told in JSON's own kinds, and money as decimal text."""
    import json

    document = json.loads(json.dumps(levels_json(levels_of(one(cost=1e-7)))))
    assert document["total"]["cost_usd"] == "0.0000001"
    assert document["latency_ms"]["human"]["p50"] is None
