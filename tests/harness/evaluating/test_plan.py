"""Which trials a command means, and where their recordings are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentops_eval.domain import ConfigInvalid, Variant
from agentops_eval.harness.evaluating import Choice, plan
from agentops_eval.harness.evaluating._plan import check_candidate
from agentops_eval.replay import is_branch
from tests.harness.evaluating._kit import PAY, suite

GOLDENS = Path("golden_traces")
NAMES = st.text(min_size=1, max_size=12)
FILES = st.text(alphabet="ab-_.", max_size=4) | st.text(alphabet="ab", min_size=60, max_size=70)


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
    """Told by the candidate's name, then the variant's; the branch of both has a hash behind it."""
    shop = suite(PAY, variants=(Variant(), Variant(name="v")))
    found = plan([shop], Choice(candidate="shorter", all_variants=True), GOLDENS)
    assert [one.tried for one in found] == ["shorter", "shorter-v"]
    assert [one.branch.startswith(told) for one, told in zip(found, ["shorter", "shorter-v-"], strict=True)]
    assert len({one.cassette for one in found}) == 1


def _branch(candidate: str, variant: str) -> str:
    shop = suite(PAY, variants=(Variant(name=variant),))
    (found,) = plan([shop], Choice(candidate=candidate, all_variants=True), GOLDENS)
    return found.branch


@given(st.tuples(FILES, FILES), st.tuples(FILES, FILES))
@example(("a", "b-c"), ("a-b", "c"))
@example(("", "_x"), ("", "x"))
def test_what_is_tried_has_a_branch_of_its_own(one: tuple[str, str], other: tuple[str, str]) -> None:
    """No two pairs of candidate and variant share a recording, and every branch has the name of a file."""
    # A name alone may be either's: check_candidate keeps them apart.
    keys = [pair if all(pair) else (max(pair),) for pair in (one, other)]
    branches = [_branch(*pair) for pair in (one, other)]
    assert branches[0] != branches[1] or keys[0] == keys[1]
    assert all(is_branch(branch) for branch, pair in zip(branches, (one, other), strict=True) if any(pair))


@pytest.mark.parametrize("name", ["v", "../v", "a b", "-x"], ids=["variant", "path", "space", "dash"])
def test_a_candidate_is_not_called_like_anything_else(name: str) -> None:
    """A variant's name would mix up their recordings; what is no name of a file has none."""
    shop = suite(PAY, variants=(Variant(), Variant(name="v")))
    with pytest.raises(ConfigInvalid):
        check_candidate([shop], Choice(candidate=name))


def test_ids_that_look_alike_have_files_of_their_own() -> None:
    """A dot or a dash at the end tells two cases apart, and no folder is shared with a suite outside."""
    ids = ["a", "a.", "a-", "a..", "_a", "a.b", "x" * 100, "x" * 101]
    cases = [replace(PAY, id=one) for one in ids]
    outside = replace(PAY, id="a", suite=f"../{PAY.suite}")
    found = plan([suite(*cases, outside)], Choice(), GOLDENS)
    assert len({one.cassette for one in found}) == len(ids) + 1
    assert all(len(one.cassette.name) < 150 for one in found)


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), st.integers(1, 4))
def test_no_two_trials_share_a_recording(ids: list[str], repeat: int) -> None:
    """Whatever the ids are made of, every trial has its own file, also where case does not count."""
    shop = suite(*(replace(PAY, id=one, repeat=repeat) for one in ids))
    found = plan([shop], Choice(), GOLDENS)
    assert len({str(one.cassette) for one in found}) == len(ids) * repeat
    assert len({one.key for one in found}) == len(ids) * repeat
    assert all(one.cassette.is_relative_to(GOLDENS) for one in found)
