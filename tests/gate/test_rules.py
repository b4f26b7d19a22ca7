"""What cannot be meant by a gate is said with its place, the reason and an edit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import GateInvalid
from agentops_eval.gate import (
    Asks,
    Direction,
    Gate,
    Kind,
    Metric,
    Planned,
    Quality,
    Role,
    RollbackNull,
    Stage,
    check_gate,
    decide,
)

PASSED = Metric(name="passed", margin=0.05)
COST = Metric(name="cost", kind=Kind.UNBOUNDED, margin=0.2)
SCORE = Metric(name="score", kind=Kind.BOUNDED, range=(1, 5), margin=0.2)
NEVER = Metric(name="never", kind=Kind.LIMIT)
GATE = Gate(metrics=(PASSED,))
SHADOW, FIVE, ALL = Stage(name="shadow"), Stage(name="five", share=0.05), Stage(name="all", share=1.0)


def found(gate: Gate) -> list[tuple[str, str, str]]:
    return [
        (".".join(map(str, one.path)).removeprefix("metrics.0."), one.message, one.remedy)
        for one in check_gate(gate)
    ]


def only(gate: Gate) -> tuple[str, str, str]:
    (alone,) = found(gate)
    return alone


@pytest.mark.parametrize(
    ("metric", "field", "message", "remedy"),
    [
        (replace(PASSED, margin=None), "margin", "passed has no margin", "margin: 0.05"),
        (replace(COST, margin=None), "margin", "cost has no margin", "margin: 0.2"),
        (replace(SCORE, margin=None), "margin", "score has no margin", "margin: 0.2"),
        (replace(PASSED, margin=-0.1), "margin", "0 or more, not -0.1", "margin: 0.1, or role: goal"),
        (replace(PASSED, margin=1), "margin", "further apart than 1: its margin is less", "margin: 0.05"),
        (replace(PASSED, margin=-1, role=Role.GOAL), "margin", "further apart than 1", "margin: 0.05"),
        (replace(SCORE, margin=4), "margin", "further apart than 4: its margin is less", "margin: 0.2"),
        (replace(PASSED, margin=0, direction=Direction.SAME), "margin", "room on both sides", "margin: 0.05"),
        (replace(COST, margin=1, direction=Direction.HIGHER), "margin", "below 1, not 1", "margin: 0.2"),
        (replace(COST, margin=1, direction=Direction.SAME), "margin", "below 1, not 1", "margin: 0.2"),
        (replace(COST, margin=-1, role=Role.GOAL), "margin", "above -1, not -1", "margin: 0.2"),
        (replace(COST, kind=Kind.COUNT, margin=-2, role=Role.GOAL), "margin", "above -1, not -2", "margin"),
        (replace(PASSED, margin=math.nan), "margin", "a number, and finite, not nan", "margin: 0.05"),
        (replace(COST, margin=math.inf), "margin", "a number, and finite, not inf", "margin: 0.05"),
        (replace(NEVER, margin=0), "margin", "above the limit, 0, and below 1, not 0", "margin: 0.01"),
        (replace(NEVER, limit=0.1, margin=0.1), "margin", "above the limit, 0.1", "margin: 0.11"),
        (replace(NEVER, limit=0.995, margin=1), "margin", "and below 1, not 1", "margin: 0.9975"),
        (replace(NEVER, limit=-0.1), "limit", "from 0 to below 1, not -0.1", "limit: 0"),
        (replace(NEVER, limit=1), "limit", "from 0 to below 1, not 1", "limit: 0"),
        (
            replace(PASSED, limit=0.1),
            "limit",
            "only a metric of kind limit",
            "kind: limit, or leave limit out",
        ),
        (replace(NEVER, role=Role.GOAL), "role", "a hard limit is a guardrail", "leave role out"),
        (replace(NEVER, direction=Direction.LOWER), "direction", "has no direction", "leave direction out"),
        (replace(NEVER, rollback=RollbackNull.MARGIN), "rollback", "beyond its limit", "leave rollback out"),
        (
            replace(PASSED, rollback=RollbackNull.MARGIN, margin=0),
            "rollback",
            "needs a margin above 0",
            "rollback: baseline, or margin: 0.05",
        ),
        (
            replace(PASSED, rollback=RollbackNull.MARGIN, role=Role.GOAL),
            "rollback",
            "a goal rolls nothing back",
            "leave rollback out",
        ),
        (replace(PASSED, weight=0), "weight", "from 0.000001 to 1,000,000, not 0", "weight: 1"),
        (replace(PASSED, weight=2, role=Role.GOAL), "weight", "a goal has no part of it", "leave weight out"),
        (replace(COST, quantile=0), "quantile", "above 0 and below 1, not 0", "quantile: 0.95"),
        (replace(COST, quantile=1.0), "quantile", "above 0 and below 1, not 1", "quantile: 0.95"),
        (replace(PASSED, quantile=0.9), "quantile", "only the tail of an unbounded", "kind: unbounded, or"),
        (
            replace(COST, quantile=0.9, direction=Direction.HIGHER),
            "quantile",
            "where less is better, and of cost it is higher",
            "direction: lower",
        ),
        (replace(SCORE, range=(5, 1)), "range", "from a finite number to a greater one", "range: [0, 1]"),
        (replace(SCORE, range=(1, 1)), "range", "not [1, 1]", "range: [0, 1]"),
        (replace(SCORE, range=(0, math.inf)), "range", "not [0, inf]", "range: [0, 1]"),
        (replace(SCORE, range=(-1e308, 1e308)), "range", "a finite number to a greater one", "range: [0, 1]"),
        (replace(PASSED, range=(0, 2)), "range", "only a bounded metric has a range", "kind: bounded"),
        (replace(COST, most=0), "most", "a number above 0, not 0", "most: 1e+09"),
        (replace(PASSED, most=5), "most", "has its ends already", "leave most out"),
        (replace(PASSED, min_n=50, max_n=40), "min_n", "min_n, 50, is more than max_n, 40", "min_n: 40"),
        (replace(PASSED, min_n=-1), "min_n", "a whole number from 0 to 1,000,000,000, not -1", "min_n: 20"),
        (replace(PASSED, max_n=0), "max_n", "from 1 to 1,000,000,000, not 0", "max_n: 400"),
        (replace(PASSED, name=""), "name", "1 to 200 characters", "name: passed"),
        (replace(PASSED, name=" a"), "name", "without spaces at its ends", "name: passed"),
        (replace(PASSED, name="a\nb"), "name", "one line", "name: passed"),
        (replace(PASSED, kind="binary"), "kind", "a Kind, not 'binary'", "Kind.BINARY"),
        (replace(PASSED, role=None), "role", "a Role, not None", "Role.GUARDRAIL"),
        (replace(PASSED, min_n=2.5), "min_n", "a whole number", "min_n: 20"),
        (replace(PASSED, weight="1"), "weight", "a number from", "weight: 1"),
    ],
    ids=str,
)
def test_a_metric_that_cannot_be_meant(metric, field, message, remedy):
    """Each mistake of a metric is said once: the field, the reason with the value, and what to write."""
    path, what, edit = only(replace(GATE, metrics=(metric,)))
    assert path == field
    assert message in what
    assert remedy in edit


@pytest.mark.parametrize(
    "metric",
    [
        PASSED,
        replace(PASSED, margin=0),
        replace(PASSED, margin=0, role=Role.GOAL),
        replace(PASSED, margin=-0.05, role=Role.GOAL),
        replace(PASSED, margin=0.05, rollback=RollbackNull.MARGIN),
        replace(PASSED, direction=Direction.SAME),
        replace(SCORE, margin=3.9),
        replace(COST, margin=3),
        replace(COST, margin=-0.5, role=Role.GOAL),
        replace(COST, margin=-3, role=Role.GOAL, direction=Direction.HIGHER),
        replace(COST, quantile=0.95, direction=Direction.LOWER),
        NEVER,
        replace(NEVER, limit=0.05, margin=0.1),
    ],
    ids=str,
)
def test_a_metric_that_can_be_meant(metric):
    """Margins up to their ends, goals that ask for a gain, and limits without a margin are fine."""
    assert found(replace(GATE, metrics=(metric,))) == []


@pytest.mark.parametrize(
    ("gate", "field", "message", "remedy"),
    [
        (replace(GATE, metrics=()), "metrics", "no metrics, so that anything would pass", "metrics: [{name"),
        (
            replace(GATE, metrics=tuple(replace(PASSED, name=f"m{at}") for at in range(257))),
            "metrics",
            "257 metrics, and may have 256",
            "keep those",
        ),
        (
            replace(GATE, metrics=(PASSED, COST, PASSED)),
            "metrics.2.name",
            "the name passed is that of metrics[0], too",
            "name: passed-2",
        ),
        (replace(GATE, alpha=0), "alpha", "from 0.000001 to below 0.5, not 0", "alpha: 0.05"),
        (replace(GATE, alpha=0.5), "alpha", "below 0.5, not 0.5", "alpha: 0.05"),
        (replace(GATE, alpha_promote=1), "alpha_promote", "below 0.5, not 1", "alpha_promote: 0.05"),
        (replace(GATE, alpha=math.nan), "alpha", "not nan", "alpha: 0.05"),
        (replace(GATE, seed=2**63), "seed", "a whole number from", "seed: 0"),
        (replace(GATE, block=0), "block", "a whole number from 1 to 1,000,000, not 0", "block: 1"),
        (replace(GATE, block=2), "block", "no stage has a share of it", "leave block out"),
        (replace(GATE, min_n=30, max_n=20), "min_n", "min_n, 30, is more than max_n, 20", "min_n: 20"),
        (replace(GATE, name="a\nb"), "name", "one line", "name: refunds"),
        (replace(GATE, stages=()), "stages", "no stages", "leave stages out"),
        (
            replace(GATE, stages=tuple(replace(FIVE, name=f"s{at}") for at in range(65))),
            "stages",
            "65 stages, and may have 64",
            "merge",
        ),
        (replace(GATE, stages=(SHADOW, SHADOW)), "stages.1.name", "that of stages[0]", "name: shadow-2"),
        (replace(GATE, stages=(FIVE, SHADOW)), "stages.1", "comes after five, which has traffic", "front"),
        (
            replace(GATE, stages=(replace(FIVE, share=0.5), replace(FIVE, name="less"))),
            "stages.1.share",
            "falls from 0.5 in five to 0.05",
            "in the order of their shares",
        ),
        (
            replace(GATE, stages=(replace(FIVE, share=0),)),
            "stages.0.share",
            "above 0 and up to 1",
            "share: 0",
        ),
        (replace(GATE, stages=(replace(FIVE, share=2),)), "stages.0.share", "up to 1, not 2", "share: 0.05"),
        (replace(GATE, stages=(ALL,)), "stages.0.share", "there is no baseline", "share: 0.5"),
        (replace(GATE, stages=(replace(SHADOW, name="a\tb"),)), "stages.0.name", "one line", "name: "),
        (
            replace(GATE, stages=(replace(SHADOW, asks="harm"),)),
            "stages.0.asks",
            "Asks, not 'harm'",
            "NO_HARM",
        ),
        (
            replace(GATE, stages=(replace(SHADOW, min_n=50, max_n=40),)),
            "stages.0.min_n",
            "asks for 50 units and takes 40 at most, so that it never ends",
            "min_n: 40",
        ),
        (
            replace(GATE, stages=(replace(SHADOW, max_n=10),)),
            "stages.0.max_n",
            "asks for 20 units and takes 10",
            "max_n: 20",
        ),
        (
            replace(GATE, max_n=100, stages=(replace(SHADOW, min_n=200),)),
            "stages.0.min_n",
            "asks for 200 units and takes 100",
            "min_n: 100",
        ),
        (
            replace(GATE, planned=Planned(n=100), stages=(FIVE,)),
            "planned",
            "planned for one stage of pairs",
            "leave planned out",
        ),
        (
            replace(GATE, planned=Planned(n=100), stages=(SHADOW, FIVE)),
            "planned",
            "planned for one stage of pairs",
            "leave stages out",
        ),
        (
            replace(GATE, min_n=3, planned=Planned(n=4, looks=5)),
            "planned.looks",
            "4 units cannot be looked at 5 times",
            "looks: 4",
        ),
        (
            replace(GATE, planned=Planned(n=10)),
            "planned.n",
            "at 10 units, comes before the 20 that are asked for",
            "n: 20, or min_n: 10",
        ),
        (
            replace(GATE, planned=Planned(n=100), max_n=50),
            "planned.n",
            "at 100 units, and max_n, 50, ends before it",
            "n: 50, or leave max_n out",
        ),
        (
            replace(GATE, planned=Planned(n=100), metrics=(replace(PASSED, max_n=50),)),
            "planned.n",
            "max_n, 50",
            "n: 50",
        ),
        (
            replace(GATE, planned=Planned(n=100), stages=(replace(SHADOW, asks=Asks.NO_HARM),)),
            "stages.0.asks",
            "asks says nothing",
            "leave asks out",
        ),
        (replace(GATE, planned=Planned(n=0)), "planned.n", "from 1 to", "n: 200"),
        (replace(GATE, planned=Planned(n=200, looks=0)), "planned.looks", "from 1 to 100, not 0", "looks: 5"),
        (
            replace(GATE, planned=Planned(n=200, spending="pocok")),
            "planned.spending",
            "no way 'pocok' of spending",
            "did you mean 'pocock'?",
        ),
        (
            replace(GATE, quality=Quality(most_missing=-0.1)),
            "quality.most_missing",
            "from 0 to 1, not -0.1",
            "most_missing: 0.05",
        ),
        (
            replace(GATE, quality=Quality(most_errors=2)),
            "quality.most_errors",
            "from 0 to 1",
            "most_errors: 0.2",
        ),
        (replace(GATE, quality=Quality(alpha=0)), "quality.alpha", "from 0.000001 to", "alpha: 0.001"),
        (replace(GATE, quality=Quality(max_age_h=0)), "quality.max_age_h", "above 0, not 0", "max_age_h: 48"),
        (
            replace(GATE, quality=Quality(disorder_s=-1)),
            "quality.disorder_s",
            "a number of 0 or more, not -1",
            "disorder_s: 0",
        ),
        (replace(GATE, quality=Quality(most_alike=0)), "quality.most_alike", "above 0 and up to 1", "0.5"),
    ],
    ids=lambda one: one[:40] if isinstance(one, str) else "gate",
)
def test_a_gate_that_cannot_be_meant(gate, field, message, remedy):
    """Each mistake of a gate, its stages, its plan or its quality is said once, with what to write."""
    path, what, edit = only(gate)
    assert path == field
    assert message in what
    assert remedy in edit


@pytest.mark.parametrize(
    "gate",
    [
        replace(GATE, metrics=(replace(PASSED, role=Role.GOAL),)),
        replace(GATE, stages=(SHADOW, FIVE, replace(FIVE, name="again"), ALL)),
        replace(GATE, stages=(FIVE,), block=10),
        replace(GATE, stages=(ALL,), metrics=(NEVER,)),
        replace(GATE, planned=Planned(n=20, looks=20)),
        replace(GATE, planned=Planned(n=100), max_n=100),
        replace(GATE, seed=-3, min_n=0),
    ],
    ids=str,
)
def test_a_gate_that_can_be_meant(gate):
    """Goals alone, equal shares, blocks of traffic, limits at full traffic and whole plans are fine."""
    assert found(gate) == []


def test_deciding_by_a_gate_that_cannot_be_meant_is_an_error():
    """A gate made in Python is held against the same rules before anything is decided by it."""
    with pytest.raises(GateInvalid) as caught:
        decide(replace(GATE, metrics=(replace(PASSED, margin=None),)), [])
    assert (caught.value.where, caught.value.remedy) == ("gate metrics[0].margin", "margin: 0.05")
    with pytest.raises(GateInvalid) as caught:
        decide(replace(GATE, name="refunds", alpha=0, alpha_promote=0), [])
    assert (caught.value.what, caught.value.where) == ("2 problems in the gate", "gate refunds")
    assert caught.value.difference.splitlines() == [
        "gate alpha: alpha is a number from 0.000001 to below 0.5, not 0",
        "    alpha: 0.05",
        "gate alpha_promote: alpha_promote is a number from 0.000001 to below 0.5, not 0",
        "    alpha_promote: 0.05",
    ]


NUMBERS = st.sampled_from([0, 1, -1, 0.05, 0.5, 2, 1e300, -1e300, math.nan, math.inf, -math.inf, 10**400])


@given(
    st.builds(
        Metric,
        name=st.sampled_from(["a", ""]),
        kind=st.sampled_from(Kind),
        direction=st.sampled_from([None, *Direction]),
        margin=st.none() | NUMBERS,
        role=st.sampled_from(Role),
        rollback=st.sampled_from(RollbackNull),
        weight=NUMBERS,
        range=st.tuples(NUMBERS, NUMBERS),
        quantile=st.none() | NUMBERS,
        limit=NUMBERS,
        most=NUMBERS,
        max_n=st.none() | NUMBERS,
    )
)
def test_any_numbers_are_judged(metric):
    """Whatever numbers a metric has, they are fine, or problems with place, message and remedy."""
    problems = check_gate(replace(GATE, metrics=(metric,)))
    assert all(one.path[:2] == ("metrics", 0) and one.message and one.remedy for one in problems)
