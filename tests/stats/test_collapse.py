"""What counts as a trial: independent ones that say something of the agent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ErrorSource, Sample, Tally
from agentops_eval.stats import collapse

OTHERS = (ErrorSource.INFRASTRUCTURE, ErrorSource.JUDGE, ErrorSource.SIMULATOR)
SAMPLES = st.lists(
    st.builds(
        Sample,
        case=st.sampled_from("abc"),
        trial=st.integers(1, 9),
        passed=st.sampled_from([True, False, None]),
        error=st.sampled_from([None, None, *ErrorSource]),
        recording=st.sampled_from(["", "", "r1", "r2"]),
    ),
    max_size=40,
)


def trials(*outcomes: bool | None, **more: object) -> list[Sample]:
    return [Sample(case="a", trial=at, passed=passed, **more) for at, passed in enumerate(outcomes, 1)]


def test_replays_of_one_recording_count_once():
    """Five replays of one recording are one trial; five recordings are five."""
    once = collapse(trials(True, True, True, True, True, recording="r"))
    assert (once.trials, once.replays, once.tallies["a"]) == (1, 4, Tally(passed=1, judged=1))
    own = [replace(sample, recording=f"r{sample.trial}") for sample in trials(True, True, True, True, True)]
    assert (collapse(own).trials, collapse(own).replays) == (5, 0)


def test_a_recording_is_one_of_its_case():
    """The same recording under two cases is one trial of each."""
    both = [replace(sample, case=case) for case in "ab" for sample in trials(True, recording="r")]
    assert collapse(both).trials == 2


@pytest.mark.parametrize("source", OTHERS, ids=str)
def test_errors_of_others_are_in_no_rate(source: ErrorSource):
    """A trial that broke off without the agent's fault is counted apart, by whose fault it was."""
    found = collapse([*trials(True, False), *trials(None, None, error=source)])
    assert found.tallies["a"] == Tally(passed=1, judged=2, left_out=2)
    assert found.excluded == {source: 2}


def test_an_agents_own_error_is_its_failure():
    """An agent that raised has failed, unless its scenario expected that and passed."""
    found = collapse(trials(None, error=ErrorSource.AGENT))
    assert found.tallies["a"] == Tally(passed=0, judged=1)
    assert collapse(trials(True, error=ErrorSource.AGENT)).tallies["a"].passed == 1


def test_unknown_never_passes():
    """What nobody could judge is in no rate, and counted apart."""
    found = collapse(trials(True, None, None))
    assert (found.tallies["a"], found.unknown) == (Tally(passed=1, judged=1, left_out=2), 2)


@pytest.mark.parametrize(
    ("outcomes", "tally"),
    [
        ((True, False), Tally(passed=0, judged=1)),
        ((True, None), Tally(left_out=1)),
        ((None, False), Tally(judged=1)),
    ],
    ids=["pass and fail", "pass and unknown", "unknown and fail"],
)
def test_the_worst_replay_of_a_recording_counts(outcomes: tuple[bool | None, ...], tally: Tally):
    """Replays that disagree are a failure, or unknown, never a pass."""
    assert collapse(trials(*outcomes, recording="r")).tallies["a"] == tally


@given(SAMPLES)
def test_every_trial_is_accounted_for(samples: Sequence[Sample]):
    """Judged, unknown, excluded and replayed trials add up to all."""
    found = collapse(samples)
    assert found.trials + found.unknown + sum(found.excluded.values()) + found.replays == len(samples)
    left_out = sum(tally.left_out for tally in found.tallies.values())
    assert left_out == found.unknown + sum(found.excluded.values())
    assert set(found.tallies) == {sample.case for sample in samples}
    assert all(0 <= tally.passed <= tally.judged for tally in found.tallies.values())


@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_does_not_matter(samples: list[Sample], rng: random.Random):
    """The same trials in another order count the same."""
    mixed = samples[:]
    rng.shuffle(mixed)
    found, other = collapse(samples), collapse(mixed)
    assert (found.tallies, found.excluded) == (other.tallies, other.excluded)
    assert (found.unknown, found.replays) == (other.unknown, other.replays)
