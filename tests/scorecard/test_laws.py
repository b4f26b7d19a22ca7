"""Laws of levels, over whatever evidence there may be."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Harm, Scorecard, VerdictValue
from agentops_eval.scorecard import (
    Check,
    HarmCap,
    badge_svg,
    levels_of,
    scorecard_from_json,
    scorecard_json,
    shipped_criteria,
)
from tests.scorecard._made import AT, at_least, criterion, item, made, scored

SUBJECTS = ("a", "b", "c", "d")
CRITERIA = made(
    criterion("platform.a", 1),
    criterion("platform.b", 2, check=Check(kind="chaos.check", subject="b", measures=at_least(runs=10))),
    criterion("platform.two", 3, check=Check(kind="chaos.check", subjects=2)),
    criterion("platform.fresh", 4, check=Check(kind="chaos.check", subject="[cd]", max_age_days=10)),
    criterion("platform.signed", 4, attestation="it was looked at"),
    criterion("security.a", 1),
    criterion("security.signed", 2, attestation="it was looked at"),
    attested_cap=1,
    harms=(HarmCap(harm="secret-leaked", dimensions=("security",), level=0),),
)
DAYS = st.integers(1, 30).map(lambda day: f"2026-11-{day:02}T00:00:00Z")
VERDICTS = st.sampled_from(list(VerdictValue))
EXPIRIES = st.sampled_from(["", "2026-11-15T00:00:00Z", "2027-01-01T00:00:00Z"])
HARMS = st.lists(st.sampled_from([one.value for one in Harm]), max_size=2).map(tuple)


def items(
    verdicts=VERDICTS,
    harms=HARMS,
):
    checks = st.builds(
        item,
        st.sampled_from(SUBJECTS),
        at=DAYS,
        verdict=verdicts,
        harms=harms,
        expires=EXPIRIES,
        measures=st.fixed_dictionaries({}, optional={"runs": st.integers(0, 20).map(float)}),
    )
    signed = st.builds(
        item,
        st.sampled_from(["platform.signed", "security.signed"]),
        st.just("attestation"),
        at=DAYS,
        verdict=verdicts,
        expires=EXPIRIES,
    )
    return st.one_of(checks, signed)


def numbered(evidence):
    return [(one, f"sha256:{number}") for number, one in enumerate(evidence)]


EVIDENCE = st.lists(items(), max_size=12).map(numbered)
SAFE = items(verdicts=st.just(VerdictValue.PASS), harms=st.just(()))
UNSAFE = items(
    harms=st.lists(st.sampled_from([one.value for one in Harm]), min_size=1, max_size=2).map(tuple)
).filter(lambda one: one.harms)


def met(card: Scorecard) -> set[str]:
    return {one.id for each in card.dimensions for one in each.criteria if one.met}


def scores(card: Scorecard) -> dict[str, float]:
    return {one.name: one.score for one in card.dimensions}


def no_lower(now: dict, before: dict) -> bool:
    return all(now[name] >= value for name, value in before.items())


@given(EVIDENCE, SAFE)
def test_more_passing_evidence_lowers_nothing(evidence, more):
    """Neither a level, nor a score, nor a criterion."""
    before, now = scored(CRITERIA, *evidence), scored(CRITERIA, *evidence, (more, "sha256:more"))
    assert no_lower(levels_of(now), levels_of(before))
    assert no_lower(scores(now), scores(before))
    assert met(before) <= met(now)
    assert len(now.unsafe) <= len(before.unsafe)


@given(EVIDENCE, UNSAFE)
def test_an_unsafe_item_raises_nothing(evidence, unsafe):
    """Neither a level, nor a score, nor a criterion, whatever its verdict and its moment."""
    before, now = scored(CRITERIA, *evidence), scored(CRITERIA, *evidence, (unsafe, "sha256:more"))
    assert no_lower(levels_of(before), levels_of(now))
    assert no_lower(scores(before), scores(now))
    assert met(now) <= met(before)


@given(EVIDENCE, st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(evidence, random):
    """The whole scorecard is the same: reasons, citations and digest included."""
    shuffled = list(evidence)
    random.shuffle(shuffled)
    assert scored(CRITERIA, *shuffled) == scored(CRITERIA, *evidence)


@given(EVIDENCE.filter(bool), st.data())
def test_removing_an_item_lowers_only_criteria_that_cited_it(evidence, data):
    """Whatever else was met is met."""
    removed = data.draw(st.sampled_from(evidence))
    before = scored(CRITERIA, *evidence)
    now = scored(CRITERIA, *(one for one in evidence if one is not removed))
    cited = {one.id for each in before.dimensions for one in each.criteria if removed[1] in one.evidence}
    assert met(before) - met(now) <= cited


@given(EVIDENCE)
def test_expired_passes_count_as_missing(evidence):
    """Without those that show no more, criteria and scores are the same; each of them is named."""
    expired = [one for one in evidence if one[0].expires == "2026-11-15T00:00:00Z" and lapsed(one[0])]
    before = scored(CRITERIA, *evidence)
    kept = scored(CRITERIA, *(one for one in evidence if one not in expired))
    assert met(before) == met(kept)
    assert scores(before) == scores(kept)
    for one, _ in expired:
        assert any(one.at in text for text in before.refused)


def lapsed(one) -> bool:
    return one.verdict is VerdictValue.PASS and not one.harms


@given(EVIDENCE)
def test_evidence_digest_is_of_the_items_in_force(evidence):
    """Two sets of items have the same digest where they are the same, and else another."""
    card = scored(CRITERIA, *evidence)
    assert scored(CRITERIA, *reversed(evidence)).evidence_digest == card.evidence_digest
    more = scored(CRITERIA, *evidence, (item("a"), "sha256:more"))
    assert more.evidence_digest != card.evidence_digest
    assert more.items == card.items + 1


@given(EVIDENCE)
def test_scorecards_round_trip_through_json(evidence):
    """Everything that a scorecard says is in its JSON."""
    card = scored(CRITERIA, *evidence)
    assert scorecard_from_json(json.loads(json.dumps(scorecard_json(card)))) == card


@given(st.text(), st.text(), st.text())
def test_what_agents_wrote_stays_data(subject, says, agent):
    """No text in an item breaks a scorecard, changes a level, or gets out of the badge."""
    hostile = item(subject, says=says, source=says)
    card = scored(shipped_criteria(), hostile, item("x", agent=agent, verdict=VerdictValue.FAIL))
    assert card.level == 0
    assert scorecard_from_json(json.loads(json.dumps(scorecard_json(card)))) == card
    assert badge_svg(card).count("<text") == 2


@given(st.lists(st.integers(0, 200), max_size=300), st.randoms(use_true_random=False))
def test_what_is_refused_is_named_the_same_in_any_order(numbers, random):
    """A hundred texts at most, and how many there were."""
    refused = [item(f"s{number}", expires=AT) for number in numbers]
    shuffled = list(refused)
    random.shuffle(shuffled)
    told = scored(CRITERIA, *refused).refused
    assert told == scored(CRITERIA, *shuffled).refused
    assert len(told) <= 101
