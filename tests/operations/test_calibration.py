"""Confidence held against what came of it, and the threshold from which nobody is asked."""

from __future__ import annotations

import json
import random

import pytest

from agentops_eval.domain import VerdictValue
from agentops_eval.operations import Confident, calibrate, calibration_from_json, calibration_json


def runs(n: int, *, seed: int = 0, power: float = 1.0, action: str = "refund") -> list[Confident]:
    """Confidences above a half that are right with probability confidence ** power."""
    rng = random.Random(seed)
    sures = [0.5 + rng.random() / 2 for _ in range(n)]
    return [Confident(confidence=sure, correct=rng.random() < sure**power, action=action) for sure in sures]


def test_perfect_confidence_is_taken_at_its_word():
    """An agent that is right as often as it says passes, with an error about that of chance."""
    found = calibrate(runs(2_000))
    assert found.verdict is VerdictValue.PASS
    assert found.ece.value is not None
    assert found.noise is not None
    assert found.ece.value < 2 * found.noise
    assert sum(one.n for one in found.bins) == 2_000
    assert found.brier == pytest.approx(
        found.reliability - found.resolution + found.uncertainty + found.within
    )


def test_overconfidence_is_found():
    """An agent that is right less often than it says fails, by a gap above zero in every full bin."""
    found = calibrate(runs(2_000, power=3.0))
    assert found.verdict is VerdictValue.FAIL
    assert all(one.gap > 0 for one in found.bins if one.n > 100 and one.confidence < 0.95)


def test_fewer_than_a_thousand_runs_say_nothing():
    """Calibration of 400 runs is unknown, and 600 more are asked for."""
    found = calibrate(runs(400))
    assert (found.verdict, found.n_needed, found.ece.value, found.bins) == (
        VerdictValue.UNKNOWN, 600, None, ()
    )  # fmt: skip


def test_what_json_tells_is_read_again():
    """The report of a document is the one that was written; whatever else is no calibration."""
    found = calibrate([*runs(1_500), *runs(9, action="rare")])
    told = json.loads(json.dumps(calibration_json(found)))
    again = calibration_from_json(told)
    assert calibration_json(again) == calibration_json(found)
    assert again.bins == found.bins
    changed = ({"thresholds": 3}, {"bins": [{}]}, {"verdict": "fine"})
    for wrong in (None, [], {}, *({**told, **one} for one in changed)):
        with pytest.raises(ValueError, match="no calibration"):
            calibration_from_json(wrong)


def test_nothing_is_unknown():
    """No run at all is no error, and never passes."""
    found = calibrate([])
    assert (found.verdict, found.n_needed, found.thresholds) == (VerdictValue.UNKNOWN, 1_000, ())


def test_each_class_of_actions_has_a_threshold_of_its_own():
    """The error rate above a threshold is shown to be at most the target, in each class by itself."""
    found = calibrate(
        [*runs(3_000), *runs(3_000, seed=1, power=0.2, action="lookup"), *runs(9, action="rare")]
    )
    lookup, rare, refund = found.thresholds
    assert [one.action for one in found.thresholds] == ["lookup", "rare", "refund"]
    assert lookup.value is not None
    assert refund.value is not None
    assert lookup.value < refund.value
    for one in (lookup, refund):
        assert one.verdict is VerdictValue.PASS
        assert one.error.high is not None
        assert one.error.high <= 0.05 + 1e-9
        assert one.low is not None
        assert one.low <= one.value
        assert one.high is None or one.value <= one.high
    assert (rare.verdict, rare.value) == (VerdictValue.UNKNOWN, None)
    assert rare.n_needed > 100


def test_an_agent_that_errs_at_every_confidence_gets_no_threshold():
    """Where one run in three is wrong however sure it was, no confidence suffices."""
    rng = random.Random(5)
    found = calibrate(Confident(confidence=rng.random(), correct=rng.random() < 0.67) for _ in range(1_500))
    (threshold,) = found.thresholds
    assert (threshold.verdict, threshold.value, threshold.high) == (VerdictValue.FAIL, None, None)
    assert "even at a confidence" in threshold.why


def test_order_does_not_matter():
    """The same runs in another order give the same report."""
    some = runs(1_000)
    assert calibrate(some) == calibrate(reversed(some))


@pytest.mark.parametrize("wrong", [{"target": 0.0}, {"target": 1.0}, {"alpha": 2.0}])
def test_a_target_that_is_no_rate_is_refused(wrong: dict[str, float]):
    """Target and alpha lie between 0 and 1."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibrate([], **wrong)
