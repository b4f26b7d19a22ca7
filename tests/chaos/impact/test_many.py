"""Agents that do not do the same every time, and scores over many schedules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos import Contract, judge, judge_many, resilience
from agentops_eval.chaos.impact import WORTH
from agentops_eval.domain import Effect, FaultedRun, Impact, Injection, Mode, ToolRequest
from tests.chaos.impact._kit import DOWN, read, run, write
from tests.examples import examples

GOOD = run(read("look", 1), write("send"), output="sent")
OTHER = run(read("look", 1), read("look", 2), write("send"), output="sent, at last")
BAD = run(read("look", failure=DOWN), output="sent", hit={0: 0})
SORRY = run(read("look", failure=DOWN), output="sorry", hit={0: 0})


def test_shares_of_modes_have_intervals() -> None:
    """Three of ten runs do harm: the share, its exact limits, and the difference to the agent's own noise."""
    found = judge_many([GOOD] * 10, [BAD] * 3 + [GOOD] * 7)
    unsafe = found.modes["failed-unsafe"]
    assert (unsafe.value, unsafe.n, unsafe.method) == (0.3, 10, "Clopper-Pearson")
    assert [unsafe.low, unsafe.high] == pytest.approx([0.0667, 0.6525], abs=1e-4)
    assert found.usual["full"].value == 1
    assert found.differences["failed-unsafe"].value == 0.3
    assert found.harms["claimed-without-effect"].value == 0.3
    assert (found.runs, found.bases, len(found.impacts)) == (10, 10, 10)


def test_what_an_agent_does_by_itself_is_no_fault_s_doing() -> None:
    """A run is judged by the fault-free run that speaks best for it."""
    found = judge_many([GOOD, OTHER, GOOD, OTHER], [OTHER, GOOD])
    assert found.modes["full"].value == 1
    assert found.changed.value == 0


def test_an_agent_s_noise_is_told() -> None:
    """Fault-free runs, each judged by the others, show how much the agent differs from itself."""
    found = judge_many([GOOD, GOOD, OTHER], [GOOD, GOOD])
    assert found.usual["degraded-undeclared"].value == pytest.approx(1 / 3)
    assert (found.differences["degraded-undeclared"].value or 0) < 0


def test_ratios_of_calls_and_time_have_intervals() -> None:
    """Twice the calls is a ratio of 2; where no time passes, there is no ratio of time."""
    more = run(*[read("look", 1)] * 3, write("send"), output="sent")
    found = judge_many([GOOD] * 4, [more] * 4)
    assert (found.ratios["calls"].low, found.ratios["calls"].value) == (2, 2)
    assert "seconds" not in found.ratios
    assert found.changed.value == 2


def test_one_run_of_each_has_an_estimate_without_a_difference() -> None:
    """A single fault-free run has no noise to compare with."""
    found = judge_many([GOOD], [BAD])
    assert found.modes["failed-unsafe"].value == 1
    assert not found.usual
    assert not found.differences


@pytest.mark.parametrize(("bases", "runs"), [([], [GOOD]), ([GOOD], [])])
def test_nothing_has_no_estimate(bases: list[FaultedRun], runs: list[FaultedRun]) -> None:
    """Missing data is an error, not a share of nothing."""
    with pytest.raises(ValueError, match="needs runs"):
        judge_many(bases, runs)


# -- the score ------------------------------------------------------------------------------------


def of(mode: Mode, *, effect: Effect = Effect.READ, kind: str = "tool_error") -> Impact:
    """An impact of one fault on one call."""
    event = read("look") if effect is Effect.READ else write("pay")
    found = run(event, hit={0: 0}, kind=kind)
    request = found.events[0].request
    assert isinstance(request, ToolRequest)
    assert (request.effect is Effect.READ) == (effect is Effect.READ)
    return Impact(mode=mode, run=found)


def test_the_score_is_the_weighted_mean() -> None:
    """A fault before a write weighs twice as much as one before a read."""
    impacts = [of(Mode.FULL), of(Mode.FAILED_SAFE, effect=Effect.WRITE)]
    found = resilience(impacts)
    assert found.score == pytest.approx(100 * (1 * 1 + 2 * 0.7) / 3)
    assert (found.judged, found.unsafe, found.capped) == (2, 0, False)
    assert found.modes == {"failed-safe": 1, "full": 1}


def test_a_contract_says_what_weighs_how_much() -> None:
    """Severity by dependency, likelihood by kind or class of fault."""
    contract = Contract(severity={"loo*": 4}, likelihood={"unavailable": 0.5, "tool_timeout": 2})
    impacts = [of(Mode.FULL), of(Mode.FAILED_UNSAFE, kind="tool_timeout")]
    assert resilience(impacts, contract=contract).score == pytest.approx(100 * 2 / (2 + 8))


def test_one_unsafe_run_caps_whatever_the_score() -> None:
    """It is never averaged away."""
    found = resilience([*[of(Mode.FULL)] * 99, of(Mode.FAILED_UNSAFE)])
    assert found.score == 99
    assert found.capped


def test_what_could_not_be_judged_is_left_out_and_counted() -> None:
    """A run that left its recording, or whose fault did not happen, is neither good nor bad."""
    missed = Impact(mode=Mode.FULL, run=FaultedRun(not_injected=("tool_error: no call was made",)))
    found = resilience([of(Mode.UNKNOWN), missed])
    assert (found.score, found.judged, found.left_out) == (None, 0, 2)
    assert not found.capped


def test_a_sample_has_a_lower_bound() -> None:
    """Ten good schedules of very many do not make a hundred."""
    found = resilience([of(Mode.FULL)] * 10, sampled=True)
    assert found.score == 100
    assert found.low == pytest.approx(72.25, abs=0.01)
    assert resilience([of(Mode.FULL)] * 10).low is None


MODES = st.lists(st.sampled_from(sorted(WORTH)), min_size=1, max_size=8)


@examples(60)
@given(MODES, st.integers(0, 7))
def test_a_worse_mode_never_scores_more(modes: list[Mode], at: int) -> None:
    """Exchanging one mode for a worse one lowers the score, and the score lies from 0 to 100."""
    before = resilience(map(of, modes), sampled=True)
    assert before.score is not None
    assert 0 <= (before.low or 0) <= before.score <= 100
    worse = [*modes]
    worse[at % len(modes)] = Mode.FAILED_UNSAFE
    assert (resilience(map(of, worse)).score or 0) <= before.score


def test_two_faults_multiply_their_likelihoods() -> None:
    """A pair is as likely as both of its faults."""
    pair = run(read("look"), read("look"), hit={0: 0, 1: 0})
    assert [one.kind for one in pair.injections] == ["tool_error", "tool_error"]
    assert isinstance(pair.injections[0], Injection)
    contract = Contract(likelihood={"tool_error": 0.1})
    impacts = [Impact(mode=Mode.FAILED_UNSAFE, run=pair), of(Mode.FULL, kind="tool_timeout")]
    assert resilience(impacts, contract=contract).score == pytest.approx(100 / 1.01)


def test_a_mode_of_the_score_is_the_judge_s() -> None:
    """Judged runs go straight into a score."""
    found = resilience([judge(GOOD, GOOD), judge(GOOD, BAD), judge(GOOD, SORRY)])
    assert found.modes == {"failed-safe": 1, "failed-unsafe": 1, "full": 1}
