"""The order in which cases were seen before is kept, stage by stage."""

from __future__ import annotations

import random

from agentops_eval.domain import Arm, Sample
from agentops_eval.gate import Gate, Metric, Stage, decide, order_digest

CASES = [f"c{at}" for at in range(12)]
GATE = Gate(
    metrics=(Metric(name="passed", margin=0.05),), stages=(Stage(name="offline"), Stage(name="shadow"))
)


def samples() -> list[Sample]:
    chance = random.Random(1)
    return [
        Sample(case=case, stage=stage.name, arm=arm, passed=chance.random() < 0.8)
        for stage in GATE.stages
        for arm in Arm
        for case in CASES
    ]


def test_each_stage_goes_by_its_own_order() -> None:
    """The same cases may have been seen in another order in each stage."""
    orders = {"offline": CASES[::-1], "shadow": CASES[3:] + CASES[:3]}
    found = decide(GATE, samples(), order=orders)
    assert found.order == order_digest(
        f"{stage}\t{case}" for stage, cases in orders.items() for case in cases
    )


def test_one_order_is_that_of_every_stage() -> None:
    """A sequence and a mapping that say the same give the same order, and what differs has another digest."""
    alike = decide(GATE, samples(), order=dict.fromkeys(("offline", "shadow"), CASES))
    assert decide(GATE, samples(), order=CASES).order == alike.order
    assert decide(GATE, samples(), order={"offline": CASES}).digest != alike.digest
