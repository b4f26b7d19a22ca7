"""Twenty comparisons as another judge decided them (optional: needs the development data).

The samples are Kayenta's (Apache-2.0). It compares all values at once and once; we take them one by one, and
may look after each. What differs is explained in docs/explanation/canary-gate.md.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agentops_eval.domain import Arm, Decision, DecisionValue, Sample
from agentops_eval.gate import Direction, Gate, Kind, Metric, RollbackNull, Stage, decide
from tests.gate._made import codes

DATA = Path(os.environ.get("AGENTOPS_DEV_DATA", "")) / "kayenta" / "judge_cases.json"
pytestmark = pytest.mark.skipif(
    "AGENTOPS_DEV_DATA" not in os.environ or not DATA.is_file(), reason="AGENTOPS_DEV_DATA names no folder"
)

TOO_FEW = {9, 16, 17, 18, 20}
"""Five values a side: no evidence that may be read at any time reaches 1 in 40 with so few."""


def side(name: str, better: Direction, margin: float) -> Metric:
    """A metric that one direction of change harms, from this effect on."""
    null = RollbackNull.MARGIN if margin > 0 else RollbackNull.BASELINE
    return Metric(name=name, kind=Kind.UNBOUNDED, direction=better, margin=margin, rollback=null)


def decided(case: dict) -> Decision:
    """Its values as half of the traffic each, alternating; a shift beyond its effect sizes is harm."""
    low, high = case["effect_size_thresholds"] if case["effect_size_measure"] == "meanRatio" else (1.0, 1.0)
    up = side("up", Direction.LOWER, high - 1)
    down = side("down", Direction.HIGHER, 1 - low)
    sides = {"increase": (up,), "decrease": (down,), "either": (up, down)}[case["direction"]]
    samples = [
        Sample(case=f"{arm}-{at}", arm=arm, at_s=at + later, metrics={"up": value, "down": value})
        for arm, values, later in (
            (Arm.BASELINE, case["baseline"], 0.0),
            (Arm.CANDIDATE, case["canary"], 0.5),
        )
        for at, value in enumerate(values)
    ]
    return decide(Gate(metrics=sides, stages=(Stage(name="canary", share=0.5),)), samples)


def class_of(found: Decision) -> str:
    """The same in its words."""
    worse = [one.name for one in found.metrics if one.value is DecisionValue.ROLLBACK]
    return {"up": "High", "down": "Low"}[worse[0]] if worse else "Pass"


@pytest.mark.parametrize("number", range(1, 21))
def test_each_case_agrees_or_is_explained(number: int):
    """Fifteen of twenty agree; the others have five values a side, and are held as too few."""
    case = next(one for one in json.loads(DATA.read_text()) if one["id"] == number)
    found = decided(case)
    if number in TOO_FEW:
        assert len(case["baseline"]) == len(case["canary"]) == 5
        assert (found.value, codes(found)[0]) == ("hold", "too-few")
        assert case["expected"] != "Pass"
    else:
        assert class_of(found) == case["expected"]


@pytest.mark.parametrize("side", ["baseline", "canary", "both"])
def test_no_data_never_promotes(side: str):
    """Without the values of one side, or of both, every case is held."""
    for case in json.loads(DATA.read_text()):
        emptied = {**case, **{name: [] for name in ("baseline", "canary") if side in {name, "both"}}}
        found = decided(emptied)
        assert found.value is DecisionValue.HOLD
        assert "no-data" in codes(found)
