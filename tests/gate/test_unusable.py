"""Evidence that cannot be used: a clear hold, with the reason, and never a promotion."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Arm, DecisionValue, ErrorSource, Sample
from agentops_eval.gate import Gate, JudgeTrust, Kind, Metric, Quality, Stage, decide
from tests.examples import examples
from tests.gate._made import of_arm, outcomes, pairs, traffic, wrong

PASSED = Metric(name="passed", margin=0.05)
GATE = Gate(metrics=(PASSED,))
GOOD = outcomes(20, 20, 360)
COST = Gate(metrics=(Metric(name="cost_usd", kind=Kind.UNBOUNDED, margin=0.2),))
HELPFUL = Metric(name="helpful", kind=Kind.BOUNDED, margin=0.1, judge="helpfulness")
JUDGED = Gate(metrics=(HELPFUL,))
TRUST = {"helpfulness": JudgeTrust(trusted=True)}


def costing(values: dict[Arm, object], n: int = 400) -> list[Sample]:
    return [
        Sample(case=f"c{at}", arm=arm, metrics={"cost_usd": one(at)})
        for at in range(n)
        for arm, one in values.items()
    ]


def test_no_samples_hold():
    """Nothing at all is no evidence."""
    assert wrong(decide(GATE, [])) == ["no-data", "no-data"]


@pytest.mark.parametrize("arm", list(Arm))
def test_one_empty_arm_holds(arm: Arm):
    """An arm without samples is compared with nothing, however good or bad the other is."""
    for samples in (GOOD, outcomes(200, 0, 0)):
        found = decide(GATE, of_arm(samples, arm))
        assert found.value is DecisionValue.HOLD
        assert "no-data" in wrong(found)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("arm", list(Arm))
def test_a_value_that_is_no_finite_number_holds(value: float, arm: Arm):
    """One NaN or infinity says that what measures is broken."""
    samples = pairs(400, cost_usd=lambda draw, _: draw.uniform(1, 2))
    at = next(at for at, one in enumerate(samples) if one.arm is arm)
    samples[at] = replace(samples[at], metrics={"cost_usd": value})
    found = decide(COST, samples)
    assert found.value is DecisionValue.HOLD
    assert wrong(found)[0] == "invalid-values"
    assert "case-0, trial 1" in found.reasons[0].message


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (PASSED, 0.5),
        (Metric(name="passed", kind=Kind.BOUNDED, margin=0.1), 1.5),
        (Metric(name="passed", kind=Kind.UNBOUNDED, margin=0.1), -1.0),
        (Metric(name="passed", kind=Kind.UNBOUNDED, margin=0.1), 1e12),
        (Metric(name="passed", kind=Kind.COUNT, margin=0.1), 1.5),
        (Metric(name="passed", kind=Kind.LIMIT), -1.0),
    ],
)
def test_a_value_that_cannot_be_meant_holds(metric: Metric, value: float):
    """A half passed test, a score beyond its range, a negative cost and a cost of 1e12 are mistakes."""
    samples = [replace(one, metrics={"passed": value}) for one in GOOD]
    found = decide(Gate(metrics=(metric,)), samples)
    assert found.value is not DecisionValue.PROMOTE
    assert "invalid-values" in wrong(found)


def test_a_metric_that_nothing_has_holds():
    """A column that is not there is no zero."""
    found = decide(COST, GOOD)
    assert wrong(found)[:2] == ["missing-metric", "missing-metric"]
    assert found.value is DecisionValue.HOLD


def test_a_metric_that_many_lack_holds():
    """A tenth of values missing is more than is let pass; one in forty is let pass."""

    def lacking(share: int) -> list[Sample]:
        samples = pairs(900, cost_usd=lambda draw, _: draw.uniform(1, 2))
        return [replace(one, metrics={}) if int(one.case[5:]) % share == 0 else one for one in samples]

    assert wrong(decide(COST, lacking(10))) == ["missing-values", "missing-values"]
    assert decide(COST, lacking(40)).value is DecisionValue.PROMOTE


def test_a_constant_metric_holds_unless_it_may_be_constant():
    """Where nothing ever failed nothing shows that it can; whoever expects that says so."""
    always = outcomes(0, 0, 300)
    found = decide(GATE, always)
    assert (found.value, wrong(found)) == ("hold", ["constant"])
    assert "may_be_constant: true" in found.reasons[0].remedy
    allowed = Gate(metrics=(replace(PASSED, may_be_constant=True),))
    assert decide(allowed, always).value is DecisionValue.PROMOTE


@pytest.mark.parametrize("stuck", list(Arm))
def test_costs_that_are_all_alike_in_one_arm_hold(stuck: Arm):
    """Where the costs of one arm scatter and those of the other do not, what measures may hang."""
    draw = random.Random(1)
    known: dict[Arm, object] = {arm: lambda _: draw.uniform(1, 2) for arm in Arm}
    known[stuck] = lambda _: 1.0 if stuck is Arm.CANDIDATE else 2.0
    found = decide(COST, costing(known))
    assert (found.value, wrong(found)) == ("hold", ["constant-arm"])
    assert f"all samples of the {stuck} alone" in found.reasons[0].message
    metric = replace(COST.metrics[0], may_be_constant=True)
    assert decide(Gate(metrics=(metric,)), costing(known)).value is DecisionValue.PROMOTE


def test_costs_that_are_all_too_high_roll_back():
    """A candidate that always costs the most is no broken meter that has to be mended first."""
    draw = random.Random(1)
    found = decide(COST, costing({Arm.BASELINE: lambda _: draw.uniform(1, 2), Arm.CANDIDATE: lambda _: 9.0}))
    assert (found.value, wrong(found)) == ("rollback", ["constant-arm", "harm"])


def test_a_candidate_that_never_fails_is_no_doubt():
    """To pass always, or to retry never, is what a better candidate does."""
    assert decide(GATE, outcomes(0, 30, 300)).value is DecisionValue.PROMOTE


def test_the_same_sample_twice_holds():
    """Two rows for one trial of one case may be two runs or one that was copied."""
    found = decide(GATE, [*GOOD, GOOD[5]])
    assert wrong(found) == ["duplicate"]
    assert "case-2, trial 1" in found.reasons[0].message


def test_time_that_runs_backwards_holds_unless_it_is_let_pass():
    """A clock that goes back says that rows were reordered or clocks differ."""
    timed = [replace(one, at_s=float(at)) for at, one in enumerate(GOOD)]
    assert decide(GATE, timed).value is DecisionValue.PROMOTE
    found = decide(GATE, timed[::-1])
    assert wrong(found) == ["time-backwards", "time-backwards"]
    patient = replace(GATE, quality=Quality(disorder_s=1_000))
    assert decide(patient, timed[::-1]).value is DecisionValue.PROMOTE
    broken = decide(GATE, [replace(GOOD[0], at_s=math.nan), *GOOD[1:]])
    assert wrong(broken) == ["time-unknown"]


def test_old_evidence_holds_where_age_is_asked_for():
    """Samples of two days ago are too old for a gate that asks for one day; so are undated ones."""
    gate = replace(GATE, quality=Quality(max_age_h=24))
    dated = [replace(one, at_s=1_000_000.0) for one in GOOD]
    assert decide(gate, dated, now_s=1_000_000 + 3_600).value is DecisionValue.PROMOTE
    for samples, now_s in ((dated, 1_000_000 + 2 * 86_400), (GOOD, 1.0), (dated, None)):
        found = decide(gate, samples, now_s=now_s)
        assert set(wrong(found)) == {"stale"}
        assert found.value is DecisionValue.HOLD


def test_time_counts_in_the_digest_only_where_age_is_asked_for():
    """Without a greatest age the decision is the same today and tomorrow, to the byte."""
    assert decide(GATE, GOOD, now_s=1.0) == decide(GATE, GOOD, now_s=2.0)


def test_many_errors_of_the_infrastructure_hold():
    """Where a third of an arm broke off, what is left is not what was to be compared."""
    broken = [
        replace(one, passed=None, error=ErrorSource.INFRASTRUCTURE) if int(one.case[5:]) % 3 == 0 else one
        for one in GOOD
    ]
    assert "errors" in wrong(decide(GATE, broken))


def test_arms_that_break_off_unlike_hold():
    """Errors in one arm alone may hide failures, even where they are few."""
    broken = [
        replace(one, passed=None, error=ErrorSource.JUDGE)
        if one.arm is Arm.CANDIDATE and int(one.case[5:]) % 25 == 0
        else one
        for one in GOOD
    ]
    found = decide(replace(GATE, quality=Quality(most_missing=0.5)), broken)
    assert wrong(found) == ["quality-differs"]


def test_cases_of_one_arm_hold():
    """A candidate that did not run a tenth of the cases may have lost them."""
    samples = [one for one in GOOD if one.arm is Arm.BASELINE or int(one.case[5:]) % 10]
    found = decide(GATE, samples)
    assert wrong(found) == ["unpaired"]
    assert ("cases of one arm", 40) in found.left_out


def test_traffic_that_was_split_otherwise_than_meant_holds():
    """Eight in a hundred sessions are not the five that the stage says."""
    gate = replace(GATE, stages=(Stage(name="5 %", share=0.05),))
    found = decide(gate, traffic(6_000, share=0.08))
    assert "assignment" in wrong(found)
    assert found.value is DecisionValue.HOLD
    assert "assignment" not in wrong(decide(gate, traffic(6_000, share=0.05)))


def test_samples_of_no_stage_and_no_arm_hold():
    """A stage that the gate does not know, or a sample of neither arm, is a mistake that is named."""
    found = decide(GATE, [*GOOD, replace(GOOD[0], stage="canary"), replace(GOOD[0], arm=None)])
    assert wrong(found) == ["unknown-stage", "unknown-stage"]


def test_a_judge_without_calibration_is_refused():
    """What a judge says counts once it was held against people's labels, and reached its floors."""
    samples = pairs(300, helpful=lambda draw, _: draw.random())
    assert wrong(decide(JUDGED, samples)) == ["judge-untrusted"]
    low = {"helpfulness": JudgeTrust(trusted=False, shortfalls=("kappa 0.41 is below 0.6",))}
    found = decide(JUDGED, samples, trusts=low)
    assert found.value is DecisionValue.HOLD
    assert "kappa 0.41" in found.reasons[0].message
    assert decide(JUDGED, samples, trusts=TRUST).value is DecisionValue.PROMOTE


def gaming(*, answers: bool) -> list[Sample]:
    """A candidate that pleases the judge with one answer to everything."""
    samples = pairs(300, helpful=lambda draw, arm: 1.0 if arm is Arm.CANDIDATE else draw.uniform(0.5, 1))
    if not answers:
        return samples
    return [
        replace(one, answer="same" if one.arm is Arm.CANDIDATE else f"own to {one.case}") for one in samples
    ]


@pytest.mark.parametrize(("answers", "code"), [(True, "answers-alike"), (False, "scores-alike")])
def test_a_judge_that_is_being_played_is_refused(answers: bool, code: str):
    """One answer to every question, or one score for every answer, is no proof of quality."""
    found = decide(JUDGED, gaming(answers=answers), trusts=TRUST)
    assert (found.value, wrong(found)) == ("hold", [code])


def test_answers_that_differ_are_believed():
    """As good an answer to each question, each its own, is promoted; so is what the baseline too repeats."""
    varied = [replace(one, answer=f"{one.arm} to {one.case}") for one in gaming(answers=False)]
    assert decide(JUDGED, varied, trusts=TRUST).value is DecisionValue.PROMOTE
    terse = [replace(one, answer="no") for one in gaming(answers=False)]
    assert decide(JUDGED, terse, trusts=TRUST).value is DecisionValue.PROMOTE


def test_enormous_values_are_compared_only_when_they_are_meant():
    """Costs of 1e12 hold; with a `most` that allows for them a candidate as dear is promoted."""
    samples = costing({arm: lambda at: 1e12 * (1 + at % 7) for arm in Arm})
    assert decide(COST, samples).value is DecisionValue.HOLD
    meant = Gate(metrics=(replace(COST.metrics[0], most=1e15),))
    assert decide(meant, samples).value is DecisionValue.PROMOTE


WILD = st.one_of(st.floats(), st.sampled_from([0.0, 1.0, -1.0, 1e12, math.nan, math.inf, 1e308, 5e-324]))


@examples(150)
@given(
    st.lists(
        st.builds(
            Sample,
            case=st.sampled_from(["a", "b", "\ud800", "", "c" * 300]),
            trial=st.integers(-3, 3),
            arm=st.sampled_from([None, *Arm]),
            passed=st.sampled_from([None, True, False]),
            metrics=st.dictionaries(st.sampled_from(["cost_usd", "passed", "retries", "x"]), WILD),
            error=st.sampled_from([None, *ErrorSource]),
            at_s=st.none() | st.floats(),
            stage=st.sampled_from(["", "offline", "5 %", "else"]),
        ),
        max_size=40,
    ),
    st.integers(-5, 5),
)
def test_whatever_comes_nothing_wild_is_promoted(samples: list[Sample], seed: int):
    """Samples of any kind give a decision, the same twice; so few of them never promote."""
    gate = Gate(
        metrics=(
            PASSED,
            COST.metrics[0],
            Metric(name="retries", kind=Kind.COUNT, margin=0.5),
            Metric(name="x", kind=Kind.LIMIT, margin=0.1),
        ),
        stages=(Stage(name="offline"), Stage(name="5 %", share=0.05)),
    )
    found = decide(gate, samples, seed=seed, now_s=0.0)
    assert found.value is not DecisionValue.PROMOTE
    again = decide(gate, samples, seed=seed, now_s=0.0)
    assert (again.value, again.digest, again.order) == (found.value, found.digest, found.order)


def test_traffic_that_was_not_split_at_random_holds():
    """A candidate whose traffic drifts away from the baseline by itself is not judged, and that is said."""
    draw, level, samples = random.Random(4), 0.0, []
    for at in range(400):
        level = 0.9 * level + draw.gauss(0, 0.2)
        for arm, moved in ((Arm.BASELINE, 0.0), (Arm.CANDIDATE, level)):
            cost = {"cost_usd": math.exp(moved + draw.gauss(0, 0.1))}
            samples.append(
                Sample(case=f"{arm}-{at}", arm=arm, metrics=cost, at_s=at + (arm is Arm.CANDIDATE) / 2)
            )
    gate = replace(COST, stages=(Stage(name="half", share=0.5),))
    found = decide(gate, samples)
    assert found.value is DecisionValue.HOLD
    assert "dependent" in wrong(found)
    assert "block: " in found.reasons[0].remedy


def test_a_margin_that_may_be_a_percentage_is_asked_about():
    """A cost that may become six times as much is promoted, and the percentage that may be meant is told."""
    gate = Gate(metrics=(replace(COST.metrics[0], margin=5.0),))
    found = decide(gate, pairs(300, cost_usd=lambda draw, _: draw.uniform(1, 2)))
    assert found.value is DecisionValue.PROMOTE
    assert wrong(found)[-1] == "wide-margin"
    assert "margin: 0.05" in found.reasons[-1].remedy
