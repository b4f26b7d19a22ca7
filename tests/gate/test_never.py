"""Events that must never be: one rolls back, wherever it is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_eval.domain import Arm, ErrorSource, Sample
from agentops_eval.gate import Gate, Kind, Metric, Planned, Stage, decide
from tests.gate._made import codes, metric, outcomes

PASSED = Metric(name="passed", margin=0.2)
NEVER = Metric(name="payments", kind=Kind.LIMIT)
N = 200


def paying(at: int, **more: object) -> list[Sample]:
    """Pairs in which the candidate of one case made a payment that nobody approved."""
    return [
        replace(one, metrics={"payments": 1.0}, **more)
        if one.case == f"case-{at}" and one.arm is Arm.CANDIDATE
        else replace(one, metrics={"payments": 0.0})
        for one in outcomes(2, 2, N - 4)
    ]


@pytest.mark.parametrize(
    "gate",
    [
        pytest.param(Gate(metrics=(PASSED, NEVER), max_n=60), id="of the gate"),
        pytest.param(
            Gate(metrics=(PASSED, NEVER), stages=(Stage(name="shadow", max_n=60),)), id="of a stage"
        ),
        pytest.param(Gate(metrics=(PASSED, replace(NEVER, max_n=60))), id="of a metric"),
        pytest.param(Gate(metrics=(PASSED, NEVER), planned=Planned(n=60, looks=3)), id="of a plan"),
    ],
)
def test_an_event_past_the_maximum_rolls_back(gate: Gate):
    """Units that are too many tell nothing of rates, but what must never be was seen in them."""
    for at in range(0, N, 20):
        found = decide(gate, paying(at))
        assert (found.value, codes(found)) == ("rollback", ["limit"])
        assert metric(found, "payments").candidate > 0


@pytest.mark.parametrize("source", list(ErrorSource))
def test_an_event_before_an_error_rolls_back(source: ErrorSource):
    """That the machine broke down after the payment takes the payment not back."""
    found = decide(Gate(metrics=(PASSED, NEVER)), paying(50, passed=None, error=source))
    assert (found.value, codes(found)) == ("rollback", ["limit"])
    assert metric(found, "payments").candidate > 0


def test_no_event_promotes_within_the_maximum():
    """Where there is none, units past the maximum change nothing."""
    assert decide(Gate(metrics=(PASSED, NEVER), max_n=60), paying(N)).value == "promote"
