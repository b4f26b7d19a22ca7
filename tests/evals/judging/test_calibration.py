"""Calibration: figures by hand and by scipy, and when a judge is trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from agentops_eval.domain import VerdictValue
from agentops_eval.evals.judging import Floor, Row, calibrate, calibration_json, labels_digest

PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN


def rows(
    *, tp: int = 0, fn: int = 0, fp: int = 0, tn: int = 0, passed: int = 0, failed: int = 0
) -> list[Row]:
    """Labelled passes that the judge passes or fails (tp, fn), failures that it passes or fails (fp, tn)."""
    kinds = [(PASS, PASS, tp), (PASS, FAIL, fn), (FAIL, PASS, fp), (FAIL, FAIL, tn)]
    kinds += [(None, PASS, passed), (None, FAIL, failed)]
    made = [(label, verdict) for label, verdict, count in kinds for _ in range(count)]
    return [Row(id=str(n), label=label, verdict=verdict) for n, (label, verdict) in enumerate(made)]


def test_figures_by_hand() -> None:
    """40 right passes, 10 missed, 5 false, 45 right failures: kappa is (.85 - .5) / (1 - .5) = .7."""
    found = calibrate(rows(tp=40, fn=10, fp=5, tn=45), name="x").measured
    assert found.kappa is not None
    assert found.sensitivity is not None
    assert found.specificity is not None
    assert found.accuracy is not None
    assert found.kappa.value == pytest.approx(0.7, abs=1e-12)
    assert (found.accuracy.value, found.sensitivity.value, found.specificity.value) == (0.85, 0.8, 0.9)


@pytest.mark.parametrize(("tp", "fn", "fp", "tn"), [(40, 10, 5, 45), (9, 1, 0, 10), (1, 0, 3, 7)], ids=str)
def test_intervals_are_scipys(tp: int, fn: int, fp: int, tn: int) -> None:
    """Sensitivity, specificity, accuracy and agreement have Wilson's limits as scipy has them."""
    found = calibrate(rows(tp=tp, fn=fn, fp=fp, tn=tn), name="x").measured
    pairs = [
        (found.sensitivity, tp, tp + fn),
        (found.specificity, tn, tn + fp),
        (found.accuracy, tp + tn, tp + fn + fp + tn),
        (found.agreement, tp + tn, tp + fn + fp + tn),
    ]
    for ours, count, n in pairs:
        theirs = binomtest(count, n).proportion_ci(0.95, method="wilson")
        assert ours is not None
        assert ours.limits == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_the_rate_is_corrected_by_hand() -> None:
    """Of verdicts 60 % pass; with sensitivity .8 and specificity .9 the rate is (.6 + .9 - 1) / .7."""
    labelled = rows(tp=40, fn=10, fp=5, tn=45)
    given = calibrate(labelled, name="x", observed=(120, 200)).corrected
    told = calibrate(labelled + rows(passed=120, failed=80), name="x").corrected
    for found in (given, told):
        assert found is not None
        assert found.observed.value == 0.6
        assert found.rogan_gladen is not None
        assert found.rogan_gladen.value == pytest.approx(0.5 / 0.7, abs=1e-12)
        assert found.rogan_gladen.low < 0.5 / 0.7 < found.rogan_gladen.high
        assert found.prediction_powered is not None
        assert found.prediction_powered.low < found.prediction_powered.value < found.prediction_powered.high
    assert given == told


def test_an_unknown_agrees_with_nothing_and_is_in_no_other_rate() -> None:
    """A judge that decides only what is easy is accurate there; its agreement shows the rest."""
    easy = rows(tp=20, tn=20)
    shy = [Row(id=f"u{n}", label=PASS if n % 2 else FAIL, verdict=UNKNOWN) for n in range(40)]
    found = calibrate(easy + shy, name="x")
    assert found.measured.accuracy is not None
    assert found.measured.agreement is not None
    assert (found.measured.accuracy.value, found.measured.agreement.value) == (1.0, 0.5)
    assert not found.trusted
    rate = calibrate([*easy, Row(id="f", verdict=UNKNOWN), Row(id="g", verdict=PASS)], name="x").corrected
    assert rate is not None
    assert (rate.observed.n, rate.undecided) == (1, 1)


FLOORS = {
    "good": (rows(tp=20, tn=20), ()),
    "few": (rows(tp=3, tn=3), ("6 labels", "lower limit of the agreement")),
    "one-kind": (rows(tp=40), ("no label says fail", "kappa not defined")),
    "chance": (rows(tp=20, fn=20, fp=20, tn=20), ("kappa 0.000", "lower limit")),
    "always-passes": (rows(tp=38, fp=2), ("kappa 0.000",)),
    "reversed": (rows(fn=20, fp=20), ("kappa -1.000", "lower limit")),
    "mute": ([Row(id=str(n), label=(PASS, FAIL)[n % 2], verdict=UNKNOWN) for n in range(30)],
             ("kappa not defined", "lower limit")),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOORS)
def test_what_a_judge_lacks_to_be_trusted(name: str) -> None:
    """A judge is trusted where nothing falls short; each shortfall says what there is and what has to be."""
    given, lacks = FLOORS[name]
    found = calibrate(given, name="x")
    assert found.trusted == (not lacks)
    assert [word for word in lacks if not any(word in text for text in found.shortfalls)] == []


def test_the_floor_is_the_users() -> None:
    """The same judge is trusted under a lower floor and not under a higher one."""
    given = rows(tp=17, fn=3, fp=3, tn=17)
    assert calibrate(given, name="x", floor=Floor(kappa=0.6, agreement=0.6)).trusted
    assert not calibrate(given, name="x", floor=Floor(kappa=0.8, agreement=0.6)).trusted


COUNTS = st.integers(0, 60)


@given(tp=COUNTS, fn=COUNTS, fp=COUNTS, tn=COUNTS, passed=COUNTS, failed=COUNTS)
def test_figures_keep_their_bounds(tp: int, fn: int, fp: int, tn: int, passed: int, failed: int) -> None:
    """Every estimate lies within its limits and its limits within its range; what does not follow is None."""
    given_rows = rows(tp=tp, fn=fn, fp=fp, tn=tn, passed=passed, failed=failed)
    if not tp + fn + fp + tn:
        with pytest.raises(ValueError, match="no row has a label"):
            calibrate(given_rows, name="x")
        return
    document = calibration_json(calibrate(given_rows, name="x"))
    for key in ("accuracy", "agreement", "sensitivity", "specificity", "kappa", "observed", "rogan_gladen"):
        found = document[key]
        if found is not None:
            least = -1.0 if key == "kappa" else 0.0
            assert least <= found["low"] <= found["value"] + 1e-12
            assert found["value"] <= found["high"] + 1e-12 <= 1.0 + 1e-11
    useful = tp + fn and fp + tn and tp * (fp + tn) + tn * (tp + fn) > (tp + fn) * (fp + tn)
    assert (document["rogan_gladen"] is not None) <= bool(useful and passed + failed)


@given(order=st.permutations(rows(tp=4, fn=2, fp=1, tn=5)))
def test_the_order_of_rows_plays_no_part(order: list[Row]) -> None:
    """Labels in any order have the same digest and the same figures."""
    base = rows(tp=4, fn=2, fp=1, tn=5)
    assert calibration_json(calibrate(order, name="x")) == calibration_json(calibrate(base, name="x"))


def test_the_digest_is_of_what_people_said() -> None:
    """Another verdict of the judge is the same set of labels; another label or id is another one."""
    base = rows(tp=2, fn=1)
    assert labels_digest([replace(row, verdict=FAIL) for row in base]) == labels_digest(base)
    assert labels_digest([replace(base[0], label=FAIL), *base[1:]]) != labels_digest(base)
    assert labels_digest([replace(base[0], id="x"), *base[1:]]) != labels_digest(base)


@pytest.mark.parametrize(
    ("given", "observed", "says"),
    [
        ([Row(id="a", verdict=PASS)], None, "no row has a label"),
        ([Row(id="a", verdict=PASS, label=UNKNOWN)], None, "pass or fail"),
        (rows(tp=1), (3, 2), "no rate"),
        (rows(tp=1), (3, 10**9), "more than anyone counted"),
    ],
    ids=["unlabelled", "unknown-label", "no-rate", "huge"],
)
def test_what_cannot_be_measured_is_refused(
    given: list[Row], observed: tuple[int, int] | None, says: str
) -> None:
    """Nothing is measured without labels, with labels that are none, or for a rate that is none."""
    with pytest.raises(ValueError, match=says):
        calibrate(given, name="x", observed=observed)
