"""Which trials a command means, and where their recordings are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Variant
from agentops_eval.harness.evaluating import Choice, plan
from tests.harness.evaluating._kit import PAY, suite

GOLDENS = Path("golden_traces")
NAMES = st.text(min_size=1, max_size=12)


def test_trials_come_case_by_case_variant_by_variant() -> None:
    """The order is that of the file, whatever runs first."""
    shop = suite(PAY, replace(PAY, id="b", repeat=2), variants=(Variant(), Variant(name="v")))
    found = plan([shop], Choice(all_variants=True), GOLDENS)
    told = [(one.scenario.id, one.branch, one.number) for one in found]
    assert told == [("pay", "", 1), ("pay", "v", 1), ("b", "", 1), ("b", "", 2), ("b", "v", 1), ("b", "v", 2)]


def test_cases_and_tags_are_chosen() -> None:
    """Patterns of ids, any of the tags, and both together."""
    shop = suite(PAY, replace(PAY, id="refund-1", tags=("money",)), replace(PAY, id="refund-2"))
    chosen = lambda **given: [one.scenario.id for one in plan([shop], Choice(**given), GOLDENS)]  # noqa: E731
    assert chosen(cases=("refund-*",)) == ["refund-1", "refund-2"]
    assert chosen(tags=("money", "other")) == ["refund-1"]
    assert chosen(cases=("pay",), tags=("money",)) == []


def test_a_repeat_of_the_command_goes_first() -> None:
    """``--repeat`` overrides what the scenarios say."""
    assert len(plan([suite(replace(PAY, repeat=5))], Choice(repeat=2), GOLDENS)) == 2


def test_a_candidate_and_its_variants_are_branches_of_their_own() -> None:
    """The name of the branch is that of the candidate, then that of the variant."""
    shop = suite(PAY, variants=(Variant(), Variant(name="v")))
    found = plan([shop], Choice(candidate="shorter", all_variants=True), GOLDENS)
    assert [one.branch for one in found] == ["shorter", "shorter-v"]
    assert len({one.cassette for one in found}) == 1


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), st.integers(1, 4))
def test_no_two_trials_share_a_recording(ids: list[str], repeat: int) -> None:
    """Whatever the ids are made of, every trial has its own file, also where case does not count."""
    shop = suite(*(replace(PAY, id=one, repeat=repeat) for one in ids))
    found = plan([shop], Choice(), GOLDENS)
    assert len({str(one.cassette) for one in found}) == len(ids) * repeat
    assert len({one.key for one in found}) == len(ids) * repeat
    assert all(one.cassette.is_relative_to(GOLDENS) for one in found)
