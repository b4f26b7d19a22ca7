"""Server metrics that depend on themselves (optional: needs the development data).

The series are those of the Numenta Anomaly Benchmark (MIT), without their labelled windows: nothing happened
there, so that each rollback is a false alarm. The figures stand in docs/explanation/canary-gate.md.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentops_eval.domain import Arm, Decision, Sample
from agentops_eval.gate import Gate, Kind, Metric, Stage, decide
from tests.gate._made import codes

DATA = Path(os.environ.get("AGENTOPS_DEV_DATA", "")) / "nab"
pytestmark = pytest.mark.skipif(
    "AGENTOPS_DEV_DATA" not in os.environ or not DATA.is_dir(), reason="AGENTOPS_DEV_DATA names no folder"
)

METRIC = Metric(name="value", kind=Kind.UNBOUNDED, margin=0.2, most=1e15, may_be_constant=True)
SEEDS, SHORTEST, LONGEST = 5, 200, 2_000
THRESHOLD = 20


def quiet() -> Iterator[list[float]]:
    """Stretches of each series between its labelled windows, cut at their greatest length."""
    windows = json.loads((DATA / "windows.json").read_text())
    with tarfile.open(DATA / "series.tar.xz") as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            stretch: list[float] = []
            for row in csv.DictReader(io.StringIO(file.read().decode())):
                if any(
                    start[:19] <= row["timestamp"] <= end[:19] for start, end in windows.get(member.name, [])
                ):
                    if len(stretch) >= SHORTEST:
                        yield stretch[:LONGEST]
                    stretch = []
                else:
                    stretch.append(float(row["value"]))
            if len(stretch) >= SHORTEST:
                yield stretch[:LONGEST]


def split(count: int, *, run: int, seed: int) -> list[Arm]:
    """Whose each step is: drawn anew after every ``run`` steps."""
    draw = random.Random(seed)
    return [arm for _ in range(count // run + 1) for arm in [draw.choice(list(Arm))] * run][:count]


def decided(arms: list[Arm], values: list[float], *, block: int = 1) -> Decision:
    samples = [
        Sample(case=str(at), arm=arm, at_s=float(at), metrics={"value": value})
        for at, (arm, value) in enumerate(zip(arms, values, strict=True))
    ]
    return decide(Gate(metrics=(METRIC,), stages=(Stage(name="half", share=0.5),), block=block), samples)


def alarmed(found: Decision) -> bool:
    return found.metrics[0].peak_rollback >= THRESHOLD


def naive(arms: list[Arm], values: list[float]) -> bool:
    """A z-test of means after every twenty steps, as if they were independent."""
    sums = {arm: [0, 0.0, 0.0] for arm in Arm}
    for at, (arm, value) in enumerate(zip(arms, values, strict=True)):
        for power in range(3):
            sums[arm][power] += value**power
        if at % 20 == 19 and min(count for count, _, _ in sums.values()) > 10:
            means = [total / n for n, total, _ in sums.values()]
            variances = [
                max(squares / n - mean**2, 0) / n
                for (n, _, squares), mean in zip(sums.values(), means, strict=True)
            ]
            error = math.sqrt(sum(variances))
            if error and (means[1] - means[0]) / error > 1.645:
                return True
    return False


@pytest.mark.parametrize("run", [1, 12, 144])
def test_split_at_random_false_alarms_are_few(run: int):
    """However long each arm keeps the traffic, at most 5 % of quiet stretches raise an alarm."""
    # More than 21 of 215 would have a chance below 1e-3 at 5 %. Tests at every look raise it in over 20 %.
    found = [
        (alarmed(decided(arms, values)), naive(arms, values))
        for values in quiet()
        for seed in range(SEEDS)
        if (arms := split(len(values), run=run, seed=seed))
    ]
    assert len(found) == 215
    assert sum(ours for ours, _ in found) <= 21
    assert sum(theirs for _, theirs in found) >= 0.2 * len(found)


def halves(values: list[float]) -> tuple[list[Arm], list[float]]:
    """The first half as the baseline, beside the second as the candidate: a comparison of two weeks."""
    half = len(values) // 2
    beside = [value for at in range(half) for value in (values[at], values[half + at])]
    return [Arm.BASELINE, Arm.CANDIDATE] * half, beside


def test_before_and_after_is_no_experiment():
    """Two periods drift apart in a third of stretches; most such alarms are held as dependent."""
    found = [decided(*halves(values)) for values in quiet()]
    alarms = [one for one in found if alarmed(one)]
    assert len(found) == 43
    assert len(alarms) > 0.2 * len(found)
    assert sum("dependent" in codes(one) for one in alarms) > len(alarms) / 2
