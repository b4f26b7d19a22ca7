"""What gates decide of made-up candidates, with the z-test beside them that people read again and again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice

from agentops_eval.gate import (
    Characteristic,
    Gate,
    MadeUp,
    Metric,
    Planned,
    Role,
    Stage,
    Truth,
    simulate,
)
from agentops_eval.gate._simulate import begin, draws_of
from agentops_eval.stats import Interval, clopper_pearson, pairs_to_detect, pairs_to_rule_out
from benchmarks._gate_judging import judge_100k
from benchmarks._rows import Row

IDS = (
    "gate.judge_100k",
    "gate.false_rollback",
    "gate.false_promotion",
    "gate.stop_10pp",
    "gate.stop_20pp",
    "gate.n80",
    "gate.live_5",
    "gate.live_50",
    "gate.fwer",
    "gate.clustered",
)
DISCORDANCE, MARGIN, ALPHA = 0.2, 0.05, 0.05
SEED = 5
PASSED = Metric(name="passed", margin=MARGIN)
NEVER = 10**9


def rows() -> Iterator[Row]:
    """Every figure, through the product's own bets."""
    yield judge_100k()
    yield _false_rollback()
    yield _false_promotion()
    yield _stop(0.1, most=140)
    yield _stop(0.2, most=60)
    yield _n80()
    yield _live("gate.live_5", 0.05, most=5_500)
    yield _live("gate.live_50", 0.5, most=800)
    yield _fwer()
    yield _clustered()


def points(effect: float) -> MadeUp:
    """A candidate that passes so much more, or less, often."""
    return MadeUp(name=f"{100 * effect:+g} points", effect=effect, margins=False)


def found(gate: Gate, effect: float, *, repetitions: int, n: int, **more: object) -> Characteristic:
    """What becomes of candidates of this effect."""
    asked = {"truth": Truth(discordance=DISCORDANCE), "seed": SEED, "peeking": False, **more}
    return simulate(gate, candidates=[points(effect)], repetitions=repetitions, n=n, **asked).candidates[0]  # type: ignore[arg-type]


def spelled(share: Interval | None) -> str:
    """A share with its exact interval."""
    assert share is not None
    return f"{share.value:.4f} [{share.low:.4f}, {share.high:.4f}]"


def between(one: Characteristic) -> str:
    """The interval of a median."""
    low, high = ("never" if at is None else at for at in one.median_interval)
    return f"[{low}, {high}] at 99 %"


def _false_rollback() -> Row:
    n, repetitions = 2_000, 4_000
    equal = found(Gate(metrics=(PASSED,), min_n=n), 0.0, repetitions=repetitions, n=n, peeking=True)
    ours, naive = equal.rollback, equal.peeking_rollback
    assert naive is not None
    return Row(
        id="gate.false_rollback",
        what="A/A candidates rolled back, looking after every pair",
        n=repetitions,
        settings=(
            f"up to {n} pairs, discordance {DISCORDANCE}; ours {spelled(ours)} exact at 99 %, upper limit at "
            f"most .06; other: z-test every 10 pairs from 20 on, {spelled(naive)}, at least .20; "
            f"ratio: other / ours"
        ),
        ours=ours.value,
        other=naive.value,
        ratio=naive.value / max(ours.value, 1 / repetitions),
        goal="<= .05",
        met=ours.value <= ALPHA and ours.high <= 0.06 and naive.value >= 0.2,
    )


def _false_promotion() -> Row:
    goal = Gate(metrics=(Metric(name="passed", margin=MARGIN, role=Role.GOAL),))
    at = found(goal, -MARGIN, repetitions=4_000, n=2_000, peeking=True)
    far = found(Gate(metrics=(PASSED,)), -0.1, repetitions=10_000, n=400)
    naive = at.peeking_promote
    assert naive is not None
    return Row(
        id="gate.false_promotion",
        what="candidates exactly at the margin that are promoted, looking after every pair",
        n=4_000,
        settings=(
            f"margin and effect 5 points, discordance {DISCORDANCE}, up to 2000 pairs, nothing rolls back; "
            f"ours {spelled(at.promote)} exact at 99 %; other: z-test every 10 pairs from 20 on, "
            f"{spelled(naive)}; at -10 points {spelled(far.promote)} of 10000 up to 400 pairs, at most .001; "
            f"ratio: other / ours"
        ),
        ours=at.promote.value,
        other=naive.value,
        ratio=naive.value / max(at.promote.value, 1 / 4_000),
        goal="<= .05",
        met=at.promote.value <= ALPHA and far.promote.value <= 0.001,
    )


def _stop(loss: float, *, most: int) -> Row:
    repetitions = 4_000
    harm = found(Gate(metrics=(PASSED,)), -loss, repetitions=repetitions, n=400, peeking=True)
    fixed = pairs_to_detect(-loss, discordance=DISCORDANCE)
    median = harm.median_n or NEVER
    return Row(
        id=f"gate.stop_{100 * loss:.0f}pp",
        what=f"pairs until half of all candidates that lose {100 * loss:.0f} points are decided",
        n=repetitions,
        settings=(
            f"discordance {DISCORDANCE}; median {between(harm)}; rolled back within 400 pairs "
            f"{spelled(harm.rollback)} exact at 99 %, at least .95; held "
            f"{harm.hold.value:.4f}; other: pairs of a single test with 80 % power; "
            f"z-test every 10 pairs {spelled(harm.peeking_rollback)}; ratio: ours / other"
        ),
        ours=median,
        other=fixed,
        ratio=median / fixed,
        goal=f"<= {most}",
        met=median <= most and harm.rollback.value >= 0.95,
    )


def _n80() -> Row:
    """Pairs for a power of 80 % beside those of a single test, and what planned looks lose of its power."""
    ratios, said, lost = list[float](), list[str](), list[float]()
    for effect, differ, n in (
        (-0.05, 0.2, 2_000),
        (-0.1, 0.2, 600),
        (-0.2, 0.2, 200),
        (-0.2, 0.3, 200),
        (0.0, 0.2, 2_000),
    ):
        role = Role.GOAL if not effect else Role.GUARDRAIL
        fixed, truth = _fixed(effect, differ), Truth(discordance=differ)
        min_n = 20 if not effect else n + 1
        gate = Gate(metrics=(Metric(name="passed", margin=MARGIN, role=role),), min_n=min_n)
        n80 = found(gate, effect, repetitions=4_000, n=n, truth=truth).n80 or NEVER
        ratios.append(n80 / fixed)
        powers = [_planned_power(effect, fixed, looks, truth) for looks in (1, 5)]
        lost.append(powers[0] - powers[1])
        name = "margin" if not effect else f"{100 * effect:+g}"
        said.append(f"{name} at {differ}: {n80} / {fixed}, planned {powers[1]:.4f} / single {powers[0]:.4f}")
    return Row(
        id="gate.n80",
        what="times the pairs of a single test that a gate needs for 80 % power, the worst of five",
        n=4_000,
        settings=(
            f"points and discordance, n80 / fixed: {'; '.join(said)}; power of planned looks (5, or as "
            f"many as are 20 pairs apart) on the same draws, lost at most {100 * max(lost):.2f} points, "
            f"at most 2 (each power +-{_reach(0.8, 4_000):.3f} at 99 %); ours: the worst ratio"
        ),
        ours=max(ratios),
        other=min(ratios),
        ratio=max(ratios),
        goal="<= 2.1x",
        met=max(ratios) <= 2.1 and max(lost) <= 0.02,
    )


def _fixed(effect: float, discordance: float) -> int:
    if not effect:
        return pairs_to_rule_out(MARGIN, discordance=discordance)
    return pairs_to_detect(effect, discordance=discordance)


def _planned_power(effect: float, n: int, looks: int, truth: Truth) -> float:
    role = Role.GOAL if not effect else Role.GUARDRAIL
    gate = Gate(
        metrics=(Metric(name="passed", margin=MARGIN, role=role),),
        planned=Planned(n=n, looks=looks),
        min_n=1 if not effect else n + 1,
    )
    one = found(gate, effect, repetitions=4_000, n=n, truth=truth)
    return one.promote.value if not effect else one.rollback.value


def _reach(share: float, n: int) -> float:
    return 2.576 * math.sqrt(share * (1 - share) / n)


def _live(name: str, share: float, *, most: int) -> Row:
    n, repetitions = 20_000, 4_000
    gate = Gate(metrics=(PASSED,), stages=(Stage(name="canary", share=share),), min_n=NEVER)
    truth = Truth(baseline=0.95)
    doubled = found(gate, -0.05, repetitions=repetitions, n=n, truth=truth)
    equal = found(gate, 0.0, repetitions=repetitions // 4, n=n, truth=truth, peeking=True)
    median = doubled.median_n or NEVER
    naive = equal.peeking_rollback
    assert naive is not None
    return Row(
        id=name,
        what="requests until half of all candidates with doubled failures are rolled back",
        n=repetitions,
        settings=(
            f"10 % in place of 5 %, share {share:g}, up to {n} requests, looked at after every block; median "
            f"{between(doubled)}; rolled back {spelled(doubled.rollback)} exact at 99 %; A/A of "
            f"{repetitions // 4} {spelled(equal.rollback)}, at most .05; other: what a z-test "
            f"every 10 blocks from 20 on rolls back of A/A, {spelled(naive)}; ratio: ours / most"
        ),
        ours=median,
        other=naive.value,
        ratio=median / most,
        goal=f"<= {most}",
        met=median <= most and equal.rollback.value <= ALPHA,
    )


def _fwer() -> Row:
    many, n, repetitions = 20, 400, 1_000
    gate = Gate(metrics=tuple(Metric(name=f"metric {at}", margin=MARGIN) for at in range(many)), min_n=n + 1)
    apart, together = (
        found(
            gate,
            0.0,
            repetitions=repetitions,
            n=n,
            truth=Truth(discordance=DISCORDANCE, together=one),
            peeking=True,
        )
        for one in (False, True)
    )
    ours, naive = apart.rollback, apart.peeking_rollback
    assert naive is not None
    return Row(
        id="gate.fwer",
        what=f"A/A candidates rolled back by any of {many} metrics, looking after every pair",
        n=repetitions,
        settings=(
            f"up to {n} pairs; independent metrics {spelled(ours)} exact at 99 %, identical ones "
            f"{spelled(together.rollback)}; other: z-tests every 10 pairs from 20 on, none corrected, "
            f"{spelled(naive)}; ratio: other / ours"
        ),
        ours=max(ours.value, together.rollback.value),
        other=naive.value,
        ratio=naive.value / max(ours.value, 1 / repetitions),
        goal="<= .05",
        met=max(ours.value, together.rollback.value) <= ALPHA,
    )


def _clustered() -> Row:
    cases, trials, repetitions = 50, 20, 10_000
    gate = Gate(metrics=(PASSED,), planned=Planned(n=cases), min_n=cases)
    truth = Truth(baseline=0.9, trials=trials, case_spread=0.2)
    ours = found(gate, 0.0, repetitions=repetitions, n=cases, truth=truth).rollback
    naive = _independent(gate, truth, cases, repetitions)
    return Row(
        id="gate.clustered",
        what=f"A/A candidates rolled back with {cases} cases of {trials} trials, planned looks",
        n=repetitions,
        settings=(
            f"the change of a case has the standard deviation .2 around 0; pass rate .9; looks at 25 and 50; "
            f"ours {spelled(ours)} exact at 99 %; other: one z-test of all trials as if independent, "
            f"{spelled(naive)}, above .2; ratio: other / ours"
        ),
        ours=ours.value,
        other=naive.value,
        ratio=naive.value / max(ours.value, 1 / repetitions),
        goal=".035 to .065",
        met=0.035 <= ours.value <= 0.065 and naive.value > 0.2,
    )


def _independent(gate: Gate, truth: Truth, cases: int, repetitions: int) -> Interval:
    """How often a z-test of two rates rolls back the same candidates."""
    candidate, rolled = points(0.0), 0
    draws = draws_of(gate, candidate, truth)
    for number in range(repetitions):
        begin(draws, candidate, truth, seed=SEED, number=number)
        drawn = list(islice(draws[0].pairs(), cases))
        before, after = ([one for pair in drawn for one in pair[arm]] for arm in (0, 1))
        rolled += _z_of_rates(before, after) <= -1.6449
    return clopper_pearson(rolled, repetitions, confidence=0.99)


def _z_of_rates(before: Sequence[float], after: Sequence[float]) -> float:
    n, total = len(before), sum(before) + sum(after)
    pooled = total / (2 * n)
    return (sum(after) - sum(before)) / n / math.sqrt(max(2 * pooled * (1 - pooled) / n, 1e-12))
