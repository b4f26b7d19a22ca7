"""Gates for the tests, and what is wrong with one."""

from __future__ import annotations

from agentops_eval.gate import (
    Gate,
    Kind,
    Metric,
    Stage,
    check_gate,
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
