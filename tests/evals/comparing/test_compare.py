"""A comparison as a whole: the overall change, measures, what is still needed, and notes."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from agentops_eval.domain import ChangeKind, Result, Spend, case_name
from agentops_eval.evals import compare
from agentops_eval.evals.comparing import sample_of
from agentops_eval.stats import clustered_mean, mcnemar_mid_p, paired_difference, pairs_to_rule_out
from tests.evals.comparing._kit import side, trial

SEED = 11


def flips(losses: int, wins: int, same: int, letters: int = 1) -> tuple[list[Result], list[Result]]:
    """Two sides on which so many cases got worse, better, or stayed."""
    kinds = ["pf"] * losses + ["fp"] * wins + ["pp"] * same
    return tuple(side({f"c{at}": kind[which] * letters for at, kind in enumerate(kinds)}) for which in (0, 1))  # type: ignore[return-value]


@pytest.mark.parametrize(("losses", "wins", "same"), [(7, 1, 40), (0, 0, 12), (3, 3, 3), (0, 9, 1)])
def test_single_trials_are_mcnemars(losses: int, wins: int, same: int):
    """With one trial a side the test is McNemar's mid-p and the limits are Bonett and Price's."""
    overall = compare(*flips(losses, wins, same)).overall
    assert overall.p_value == pytest.approx(mcnemar_mid_p(losses, wins))
    limits = paired_difference(losses, wins, losses + wins + same)
    assert (overall.value, overall.low, overall.high) == (limits.value, limits.low, limits.high)


@pytest.mark.parametrize("cases", [12, 90])
def test_repeated_trials_are_clustered_by_case(cases: int):
    """With repeats the limits are those of cases, few or many, and the p-value agrees with them."""
    rng = random.Random(SEED)
    letters = [{f"c{at}": "".join(rng.choice("ppf") for _ in range(5)) for at in range(cases)} for _ in "bc"]
    found = compare(side(letters[0]), side(letters[1]))
    changes = [[(after.count("p") - before.count("p")) / 5]
               for before, after in zip(letters[0].values(), letters[1].values(), strict=True)]  # fmt: skip
    expected = clustered_mean(changes)
    assert expected is not None
    assert (found.overall.low, found.overall.high) == pytest.approx(expected.limits)
    assert (found.overall.p_value <= 0.05) == (not expected.low <= 0 <= expected.high)


def test_repeating_a_few_cases_does_not_settle_anything():
    """Four cases replayed in a hundred recordings each are four cases."""
    few = compare(*flips(0, 0, 4, letters=1))
    often = compare(*flips(0, 0, 4, letters=100))
    assert often.overall.low == few.overall.low
    assert often.needed == few.needed
    assert few.needed > 100


def test_what_is_needed_rules_the_margin_out():
    """The number of further cases is that of a non-inferiority test, two-sided, with one more of each."""
    found = compare(*flips(4, 4, 92))
    changed = (8 + 2) / (100 + 2)
    assert found.needed == pairs_to_rule_out(0.05, discordance=changed, alpha=0.025) - 100


@pytest.mark.parametrize("counts", [(0, 40, 2), (40, 0, 2)], ids=["better", "worse"])
def test_nothing_more_is_needed_where_the_limits_have_spoken(counts: tuple[int, int, int]):
    """Clearly better and clearly worse are both settled."""
    assert compare(*flips(*counts)).needed == 0


def test_nothing_in_common_needs_no_number():
    """Without a case on both sides there is nothing to say how much more of it."""
    found = compare(side({"a": "p"}), side({"b": "p"}))
    assert (found.needed, found.overall.value, found.overall.n) == (None, None, 0)
    assert compare([], []).cases == ()


def spending(costs: list[float], **more: object) -> list[Result]:
    return [
        trial(f"c{at}", 1, "p", spend=Spend(cost_usd=cost, **more), recording=f"r{at}")
        for at, cost in enumerate(costs)
    ]


def test_measures_are_paired_by_case():
    """A cost that rises in every case is worse, although cases differ more than versions do."""
    costs = [0.01 * 2**at for at in range(10)]
    found = compare(spending(costs, steps=4), spending([1.1 * cost for cost in costs], steps=4))
    cost, steps = found.metrics
    assert (cost.name, cost.kind, cost.difference.n) == ("cost_usd", ChangeKind.REGRESSION, 10)
    assert cost.difference.low > 0
    assert (steps.name, steps.kind) == ("steps", ChangeKind.SAME)
    turned = compare(spending([1.1 * cost for cost in costs]), spending(costs))
    assert turned.metrics[0].kind is ChangeKind.IMPROVEMENT


@pytest.mark.parametrize(
    ("share", "kind"), [(0.009, ChangeKind.NOISE), (0.011, ChangeKind.REGRESSION)], ids=["less", "more"]
)
def test_a_rise_of_less_than_a_percent_matters_to_nobody(share, kind):
    """However sure it is: replays of one recording differ by as much."""
    costs = [0.01 * 2**at for at in range(10)]
    found = compare(spending(costs), spending([(1 + share) * cost for cost in costs]))
    assert found.metrics[0].kind is kind


def test_three_cases_prove_no_rise():
    """Whatever three cases cost, more or less, it may be noise."""
    found = compare(spending([1.0, 2.0, 3.0]), spending([2.0, 4.0, 6.0]))
    assert found.metrics[0].kind is ChangeKind.NOISE


def test_what_one_side_does_not_know_is_not_compared():
    """A case whose cost is unknown on one side is in no difference, and is not taken for free."""
    before = spending([1.0, 2.0])
    after = [replace(before[0], spend=Spend(cost_usd=3.0)), replace(before[1], spend=Spend())]
    (cost,) = compare(before, after).metrics
    assert (cost.baseline, cost.candidate, cost.difference.n) == (1.0, 3.0, 1)
    assert compare(before, [replace(one, spend=Spend()) for one in after]).metrics == ()


def test_tokens_are_input_and_output_together():
    """Both parts are known, or their sum is not."""
    assert sample_of(trial("a", 1, "p", spend=Spend(input_tokens=3, output_tokens=4))).metrics == {
        "tokens": 7.0
    }
    assert sample_of(trial("a", 1, "p", spend=Spend(input_tokens=3))).metrics == {}


def test_left_out_trials_are_told():
    """Errors of others, unknowns and replays each have a sentence with their side."""
    before = [*side({"a": "ppi"}), *side({"b": "pp"}, recording="one")]
    found = compare(before, side({"a": "p?", "b": "p"}), names=("v1.jsonl", "v2.jsonl"))
    assert "v1.jsonl: trials left out: 1 for an error of infrastructure" in found.notes
    assert "v2.jsonl: trials left out: 1 that could not be judged" in found.notes
    assert "v1.jsonl: 1 replay of a recording that another trial replays, counted once" in found.notes


def test_the_same_results_give_the_same_bytes():
    """A comparison depends on nothing but its arguments."""
    rng = random.Random(SEED)
    both = [spending([rng.random() for _ in range(30)]) for _ in "bc"]
    assert repr(compare(*both)) == repr(compare(*both))


def test_names_of_cases_are_told_apart():
    """Suite, case and variant make one name."""
    names = {case_name("s", "c"), case_name("", "c"), case_name("s", "c", "v"), case_name("", "c", "v")}
    assert names == {"s/c", "c", "s/c [v]", "c [v]"}


@pytest.mark.parametrize(("margin", "alpha"), [(0, 0.05), (5, 0.05), (0.05, 0), (0.05, 5)])
def test_margins_and_alphas_are_shares(margin: float, alpha: float):
    """5 is no margin, 0.05 is."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare([], [], margin=margin, alpha=alpha)
