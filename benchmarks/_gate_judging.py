"""How long a decision about 100,000 outcomes takes, and how much memory."""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
import tracemalloc

from agentops_eval.domain import Arm, Sample
from agentops_eval.gate import Gate, Metric, decide
from benchmarks._rows import Row

OUTCOMES = 100_000
REPEATS = 5
GATE = Gate(metrics=(Metric(name="passed", margin=0.05),))


def judge_100k() -> Row:
    """CPU time of a whole decision, and the memory that it takes beside its samples."""
    samples = outcomes(OUTCOMES)
    times, naive = [], []
    for _ in range(REPEATS):
        gc.collect()
        start = time.process_time()
        decision = decide(GATE, samples)
        times.append(time.process_time() - start)
        start = time.process_time()
        z_test(samples)
        naive.append(time.process_time() - start)
    few, many = _extra(outcomes(OUTCOMES // 10)), _extra(samples)
    ours, other = statistics.median(times), statistics.median(naive)
    return Row(
        id="gate.judge_100k",
        what=f"CPU s of a decision about {OUTCOMES} outcomes of {OUTCOMES // 2} cases",
        n=OUTCOMES,
        settings=(
            f"one binary metric; median of {REPEATS}, slowest {max(times):.3f} s; decided: {decision.value}; "
            f"peak of extra memory {many:.0f} bytes an outcome, {few:.0f} at a tenth of them; "
            f"other: pairing and one z-test of the same samples; ratio: ours / other"
        ),
        ours=ours,
        other=other,
        ratio=ours / other,
        goal="< 1 s",
        met=ours < 1 and many <= 1.25 * few,
    )


def outcomes(count: int) -> list[Sample]:
    """Both arms of half as many cases, of equal candidates."""
    draw = random.Random(1)
    return [
        Sample(case=f"case-{at}", arm=arm, passed=draw.random() < 0.9)
        for at in range(count // 2)
        for arm in Arm
    ]


def z_test(samples: list[Sample]) -> float:
    """The plain rival: differences of pairs, their mean over its standard error."""
    before = {one.case: bool(one.passed) for one in samples if one.arm is Arm.BASELINE}
    differences = [bool(one.passed) - before[one.case] for one in samples if one.arm is Arm.CANDIDATE]
    n, total = len(differences), sum(differences)
    return total / math.sqrt(sum(one * one for one in differences) - total * total / n)


def _extra(samples: list[Sample]) -> float:
    gc.collect()
    tracemalloc.start()
    decide(GATE, samples)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / len(samples)
