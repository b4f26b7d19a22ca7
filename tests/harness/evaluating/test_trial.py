"""One trial: recorded, replayed, as a branch, and whatever may go wrong with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import (
    Ending,
    ErrorSource,
    Expectation,
    ScenarioInvalid,
    TargetInvalid,
    Variant,
    VerdictValue,
)
from agentops_eval.harness.evaluating import Choice
from tests.harness.evaluating._kit import HOME, PAY, run_suite, suite

EXTRA = Variant(name="extra", parameters={"extra": 40})
SHOP = suite(PAY, variants=(Variant(), EXTRA))
ECHO = replace(
    PAY,
    id="echo",
    agent=f"{HOME}:echo",
    world=None,
    expect=(Expectation(evaluator=f"{HOME}:says", arguments="pay"),),
)


def test_a_recorded_trial_is_judged_alike_when_it_is_replayed(tmp_path: Path) -> None:
    """The verdicts, the answer and the end state of a replay are those of the recorded run."""
    recorded = run_suite(tmp_path, SHOP, record="once")
    replayed = run_suite(tmp_path, SHOP)
    assert [one.value for one in recorded] == [VerdictValue.PASS]
    assert replayed[0].verdicts == recorded[0].verdicts
    assert replayed[0].output == recorded[0].output == "paid 5"
    assert (recorded[0].labels, replayed[0].labels) == ({"live": 1}, {"replayed": 1})


def test_a_result_tells_what_was_asked(tmp_path: Path) -> None:
    """Title and turns are in it, without secrets and bounded, so that a report needs no scenario file."""
    token = "sk-ant-api03-" + "aB3dE5gH7jK9mN1pQ2sT4uV6"
    told = replace(ECHO, title="An echo", turns=(f"pay with {token} {'x' * 120_000}",))
    (found,) = run_suite(tmp_path, suite(told), record="once")
    (asked,) = found.asked
    assert found.title == "An echo"
    assert token not in asked
    assert (asked.startswith("pay with "), asked.endswith(" more characters)")) == (True, True)
    assert len(asked) < 100_100


def test_the_end_state_is_replayed_although_no_tool_body_runs(tmp_path: Path) -> None:
    """A wrong end state fails in the replay as well: the recording keeps what the world held."""
    wrong = replace(PAY, expect=(Expectation(evaluator=f"{HOME}:holds", arguments=100),))
    run_suite(tmp_path, SHOP, record="once")
    assert run_suite(tmp_path, suite(wrong))[0].value is VerdictValue.FAIL


def test_what_is_done_past_the_tool_seam_is_seen_in_the_world_itself(tmp_path: Path) -> None:
    """An agent without tools changes its world in a replay, too, and that is its end state."""
    direct = replace(PAY, agent=f"{HOME}:pay_past_the_seam")
    run_suite(tmp_path, suite(direct), record="once")
    assert run_suite(tmp_path, suite(direct))[0].value is VerdictValue.PASS
    shifted = replace(direct, expect=(Expectation(evaluator=f"{HOME}:holds", arguments=94),))
    assert run_suite(tmp_path, suite(shifted))[0].value is VerdictValue.FAIL


def test_a_case_without_recording_needs_one(tmp_path: Path) -> None:
    """It is neither a pass nor a failure, and says which command records it."""
    (found,) = run_suite(tmp_path, SHOP)
    assert (found.ending, found.passed) == (Ending.NEEDS_RECORDING, None)
    assert found.remedy == "agentops-eval eval run scenarios/shop.yaml --case pay --record"


def test_a_candidate_that_its_recording_does_not_cover_needs_one(tmp_path: Path) -> None:
    """A changed call is no regression of its own: what would come of it is not known."""
    run_suite(tmp_path, SHOP, record="once")
    changed = suite(replace(PAY, turns=("pay 6",)))
    (found,) = run_suite(tmp_path, changed)
    assert (found.ending, found.passed) == (Ending.NEEDS_RECORDING, None)
    assert found.error is not None
    assert found.error.source is ErrorSource.INFRASTRUCTURE


def test_a_variant_is_a_branch_of_the_recording(tmp_path: Path) -> None:
    """It is recorded beside the baseline, in a world of its own, and both replay with their own verdicts."""
    chosen = Choice(variants=("extra",))
    run_suite(tmp_path, SHOP, record="once")
    assert run_suite(tmp_path, SHOP, choice=chosen)[0].ending is Ending.NEEDS_RECORDING
    run_suite(tmp_path, SHOP, record="once", choice=chosen)
    base, extra = run_suite(tmp_path, SHOP, choice=Choice(all_variants=True))
    assert (base.variant, base.value) == ("", VerdictValue.PASS)
    assert (extra.variant, extra.value, extra.output) == ("extra", VerdictValue.FAIL, "paid 45")
    assert base.recording != extra.recording


def test_a_variant_cannot_be_recorded_before_its_baseline(tmp_path: Path) -> None:
    """A branch needs something to leave; the baseline comes first."""
    (found,) = run_suite(tmp_path, SHOP, record="once", choice=Choice(variants=("extra",)))
    assert found.ending is Ending.NEEDS_RECORDING


def test_every_trial_has_a_recording_and_a_seed_of_its_own(tmp_path: Path) -> None:
    """Repeats are independent runs: three recordings, three seeds, three digests."""
    thrice = suite(replace(PAY, repeat=3))
    run_suite(tmp_path, thrice, record="once")
    found = run_suite(tmp_path, thrice)
    assert [one.trial for one in found] == [1, 2, 3]
    assert len({one.recording for one in found}) == len({one.seed for one in found}) == 3


def test_copies_of_one_recording_have_one_digest(tmp_path: Path) -> None:
    """Whoever copies a recording gains no further observation."""
    twice = suite(replace(PAY, repeat=2))
    run_suite(tmp_path, twice, record="once")
    first, second = sorted(
        (tmp_path / "golden_traces/scenarios/shop").glob("*.cassette.jsonl"), key=lambda p: len(p.name)
    )
    _, _, events = first.read_text().partition("\n")
    second.write_text(f"{second.read_text().partition(chr(10))[0]}\n{events}")
    one, other = run_suite(tmp_path, twice)
    assert one.recording == other.recording


def test_an_agent_that_raises_has_failed(tmp_path: Path) -> None:
    """The verdict says what it raised; expectations are judged all the same."""
    raising = suite(replace(ECHO, agent=f"{HOME}:broken"))
    run_suite(tmp_path, suite(ECHO), record="once")
    (found,) = run_suite(tmp_path, raising)
    assert (found.ending, found.value) == (Ending.JUDGED, VerdictValue.FAIL)
    assert found.verdicts[0].reason == "the agent raised KeyError: 'pay 5'"


def test_an_agent_that_exits_has_failed_and_stops_nobody(tmp_path: Path) -> None:
    """``SystemExit`` is an agent's failure, not the end of the command."""
    run_suite(tmp_path, suite(ECHO), record="once")
    found = run_suite(tmp_path, suite(replace(ECHO, agent=f"{HOME}:leaving"), replace(ECHO, id="other")))
    assert found[0].value is VerdictValue.FAIL


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"agent": ""}, "nobody says which agent"),
        ({"agent": f"{HOME}:gone"}, "has no 'gone'"),
        ({"agent": "tests.nowhere:agent"}, "cannot import"),
        ({"parameters": {"extr": 1}}, "takes no parameter 'extr'"),
        ({"turns": ("a", "b")}, "cannot be talked to over several turns"),
        ({"expect": (Expectation(evaluator="answer_contians"),)}, "there is no evaluator"),
        (
            {"expect": (Expectation(evaluator=f"{HOME}:says", arguments={"txt": "a"}),)},
            "takes no argument 'txt'",
        ),
    ],
    ids=["no agent", "no such callable", "no such module", "parameter", "turns", "evaluator", "argument"],
)
def test_what_cannot_be_meant_is_said_before_anything_runs(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    """A scenario that does not fit its agent or its evaluators is a problem of its file."""
    with pytest.raises((ScenarioInvalid, TargetInvalid), match=said):
        run_suite(tmp_path, suite(replace(PAY, **changes)), record="once")
    assert not (tmp_path / "golden_traces").exists()


def test_a_scenario_that_expects_nothing_is_unknown(tmp_path: Path) -> None:
    """What nobody judges has not passed."""
    nothing = suite(replace(ECHO, expect=()))
    run_suite(tmp_path, nothing, record="once")
    assert run_suite(tmp_path, nothing)[0].passed is None


def test_branches_that_add_nothing_are_as_independent_as_their_parents(tmp_path: Path) -> None:
    """A candidate that asks for nothing new replays a recording of its own in each trial."""
    idle = replace(ECHO, repeat=3, agent=f"{HOME}:pay", world=PAY.world)
    chosen = Choice(candidate="same")
    run_suite(tmp_path, suite(idle), record="once")
    run_suite(tmp_path, suite(replace(idle, world=None, agent=f"{HOME}:echo")), record="once", choice=chosen)
    found = run_suite(tmp_path, suite(replace(idle, world=None, agent=f"{HOME}:echo")), choice=chosen)
    assert len({one.recording for one in found}) == 3
