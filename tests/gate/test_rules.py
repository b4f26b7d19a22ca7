"""What cannot be meant by a gate is said with its place, the reason and an edit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Arm, GateInvalid, Sample
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
from tests.examples import examples
from tests.gate._gates import ALL, COST, FIVE, GATE, NEVER, PASSED, SHADOW, found, only


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
        (replace(GATE, seed=10**13), "seed", "a whole number from", "seed: 0"),
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
            "from 0.000001 to 1, not 0",
            "share: 0",
        ),
        (
            replace(GATE, stages=(replace(FIVE, share=2),)),
            "stages.0.share",
            "from 0.000001 to 1, not 2",
            "share: 0.05",
        ),
        (
            replace(GATE, stages=(replace(FIVE, share=1 - 1e-9),)),
            "stages.0.share",
            "the share 0.999999999 leaves no traffic to compare with",
            "share: 1.0",
        ),
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


EXTREMES = st.sampled_from([0, 1e-9, 1e-6, 2e-6, 0.05, 0.5, 0.999, 1 - 1e-12, 1, 5, 1e6, 1e300])
MARGINS = EXTREMES | EXTREMES.map(lambda one: -one)
COMPARED = {
    "name": st.just("passed"),
    "direction": st.sampled_from([None, *Direction]),
    "margin": MARGINS,
    "role": st.sampled_from(Role),
    "rollback": st.sampled_from(RollbackNull),
}
METRICS = (
    st.builds(Metric, kind=st.sampled_from([Kind.BINARY, Kind.BOUNDED, Kind.COUNT]), **COMPARED)
    | st.builds(Metric, kind=st.just(Kind.UNBOUNDED), quantile=st.none() | EXTREMES, **COMPARED)
    | st.builds(
        Metric, name=st.just("passed"), kind=st.just(Kind.LIMIT), limit=EXTREMES, margin=st.none() | MARGINS
    )
)
ENOUGH = [
    Sample(case=f"case-{at}", arm=arm, passed=(at + offset) % 3 > 0, at_s=at)
    for at in range(30)
    for offset, arm in enumerate(Arm)
]


@examples(500)
@given(
    METRICS,
    EXTREMES.filter(lambda one: 1e-6 <= one <= 1) | st.none(),
    EXTREMES.filter(lambda one: 1e-6 <= one < 0.5),
    st.integers(1, 20) | st.none(),
)
def test_whatever_is_not_refused_can_be_decided_by(metric, share, alpha, looks):
    """A gate in which nothing is wrong gives a decision, however near its numbers are to their ends."""
    gate = Gate(
        metrics=(metric,),
        alpha=alpha,
        alpha_promote=alpha,
        stages=(Stage(name="only", share=share),),
        planned=Planned(n=20, looks=looks) if looks and share is None else None,
    )
    if check_gate(gate):
        with pytest.raises(GateInvalid):
            decide(gate, ENOUGH)
    else:
        assert decide(gate, ENOUGH).n > 0
