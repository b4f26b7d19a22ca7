"""Tiers of autonomy: slowly up, quickly down, never up with anything unsafe."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Tier, TierDecision
from agentops_eval.operations import Action, TierRule, tier_history
from tests.examples import examples

RIGHT, WRONG, UNKNOWN = Action(right=True), Action(right=False), Action(right=None)
HARMFUL = Action(right=True, harms=("unapproved-effect",))


def stands(actions: list[Action], start: Tier = Tier.SUPERVISED, **more) -> TierDecision:
    return tier_history("refund", actions, start=start, **more)[-1]


def drawn(n: int, rate: float, rng: random.Random) -> list[Action]:
    return [Action(right=rng.random() < rate) for _ in range(n)]


def test_clean_actions_move_up_tier_by_tier():
    """A thousand actions without error lead from manual to full auto, through every tier."""
    found = tier_history("refund", [RIGHT] * 1_000)
    assert [(one.before, one.tier, one.moved) for one in found] == [
        (Tier.MANUAL, Tier.ASSISTED, "up"),
        (Tier.ASSISTED, Tier.SUPERVISED, "up"),
        (Tier.SUPERVISED, Tier.FULL_AUTO, "up"),
        (Tier.FULL_AUTO, Tier.FULL_AUTO, "stays"),
    ]
    assert all(one.success.low > rate for one, rate in zip(found, (0.8, 0.95, 0.99), strict=False))
    assert found[-1].n_needed is None


def test_it_says_how_many_more_would_move_it():
    """So many more right actions move it up, and one fewer does not."""
    for seen in (0, 10, 100):
        needed = stands([RIGHT] * seen).n_needed
        assert needed is not None
        assert stands([RIGHT] * (seen + needed)).tier is Tier.FULL_AUTO
        assert stands([RIGHT] * (seen + needed - 1)).tier is Tier.SUPERVISED
    assert stands([RIGHT] * 20 + [WRONG]).n_needed > stands([RIGHT] * 20).n_needed


def test_so_many_actions_are_needed_whatever_they_show():
    """With a least number of actions the tier is not left before, though the rate is shown sooner."""
    rule = TierRule(least=200)
    assert stands([RIGHT] * 199, Tier.MANUAL, rule=rule).tier is Tier.MANUAL
    assert stands([RIGHT] * 200, Tier.MANUAL, rule=rule).tier is Tier.ASSISTED
    assert stands([RIGHT] * 150, Tier.MANUAL, rule=rule).n_needed == 50


def test_evidence_is_the_mean_of_the_bets():
    """The e-value that a rate of 0.9 is not kept is that of its closed form, with half kept for later."""
    found = stands([RIGHT] * 12 + [WRONG] * 1)
    grid = (0.05, 0.1, 0.2, 0.4, 0.75)
    product = math.fsum((1 - b) ** 12 * (1 + 9 * b) for b in grid) / 5
    assert found.e_value == pytest.approx(0.5 * product + 0.5)


def test_errors_lead_down():
    """Errors in a row move it down soon, and overrides by reviewers are errors."""
    assert stands([WRONG] * 3).tier is Tier.ASSISTED
    assert stands([Action(right=True, overridden=True)] * 3).tier is Tier.ASSISTED
    (down, *_) = tier_history("refund", [WRONG] * 3, start=Tier.SUPERVISED)
    assert (down.moved, "0.9 is not kept" in down.why) == ("down", True)
    assert stands([WRONG] * 50, start=Tier.MANUAL).tier is Tier.MANUAL


def test_a_harm_leads_to_manual_and_nothing_leads_up_after_it():
    """One harm ends autonomy at once, and a thousand right actions do not undo it."""
    found = tier_history("refund", [RIGHT, HARMFUL, *[RIGHT] * 1_000], start=Tier.FULL_AUTO)
    assert [one.tier for one in found] == [Tier.MANUAL, Tier.MANUAL]
    assert "unapproved-effect" in found[0].why
    assert (found[1].n_needed, "nothing moves up" in found[1].why) == (None, True)


def test_what_others_have_shown_to_be_unsafe_blocks_too():
    """An unsafe item of the evidence keeps a class of actions from moving up."""
    assert stands([RIGHT] * 1_000, unsafe=["secret-leaked"]).tier is Tier.SUPERVISED


def test_what_is_unknown_never_leads_up_nor_down():
    """Actions of which nobody can say whether they were right keep it where it is."""
    found = stands([UNKNOWN] * 2_000)
    assert (found.tier, found.moved, found.measures["unknown"]) == (Tier.SUPERVISED, "stays", 2_000)


@pytest.mark.parametrize("rate", [0.93, 0.97])
def test_between_leaving_and_entering_it_stays(rate: float):
    """An agent between the rates stays where it is, in at least 94 of 100 histories of 1,000 actions."""
    rng, rounds = random.Random(2), 100
    moved = sum(
        len(tier_history("a", drawn(1_000, rate, rng), start=Tier.SUPERVISED)) > 1 for _ in range(rounds)
    )
    assert moved <= 6


@pytest.mark.parametrize(("rate", "tier"), [(0.99, Tier.FULL_AUTO), (0.9, Tier.ASSISTED)])
def test_looking_after_every_action_does_not_raise_the_errors(rate: float, tier: Tier):
    """At the very edge of moving up, or down, at most about 5 of 100 histories do so."""
    rng, rounds, moved = random.Random(6), 100, 0
    for _ in range(rounds):
        first, *_ = tier_history("a", drawn(1_500, rate, rng), start=Tier.SUPERVISED)
        moved += first.tier is tier
    assert moved <= 8


def test_an_agent_that_got_worse_is_moved_down_soon():
    """Of a class that was right in 99 of 100 and then in 70, most are moved down within 60 more actions."""
    rng, rounds, moved = random.Random(3), 60, 0
    for _ in range(rounds):
        some = [*drawn(100, 0.99, rng), *drawn(60, 0.7, rng)]
        moved += stands(some).tier is not Tier.SUPERVISED
    assert moved >= rounds / 2


ACTIONS = st.lists(
    st.builds(
        Action,
        right=st.sampled_from([True, True, True, False, None]),
        overridden=st.booleans(),
        harms=st.sampled_from([(), (), (), ("secret-leaked",)]),
    ),
    max_size=60,
)


@examples(60)
@given(ACTIONS, st.sampled_from(list(Tier)))
def test_moves_are_by_one_tier_but_for_harm(actions: list[Action], start: Tier):
    """Each history is a chain from its start; nothing moves up after a harm; only harm skips tiers."""
    found = tier_history("a", actions, start=start)
    order, at = list(Tier), start
    for one in found:
        assert one.before is at
        by = order.index(one.tier) - order.index(one.before)
        assert by <= 1
        assert by >= -1 or "harm" in one.why
        at = one.tier
    if any(one.harms for one in actions[:1]):
        assert at is Tier.MANUAL


@pytest.mark.parametrize("rates", [{"keep": {Tier.FULL_AUTO: 0.995}}, {"up": {}}, {"alpha": 1.5}])
def test_rates_without_room_between_them_are_refused(rates: dict):
    """A tier is kept at a lower rate than it is entered at, or it would be left and entered in turn."""
    with pytest.raises(ValueError, match=r"keep < up < 1|alpha"):
        TierRule(**rates)
