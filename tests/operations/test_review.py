"""The review of a month: why spending changed, to the last digit, and what is said where nothing is known."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentops_eval.domain import AgentMonth, LlmUse, RunFacts, Say, Spent, ToolUse
from agentops_eval.operations import (
    Indicator,
    Objective,
    Objectives,
    ReviewFacts,
    last_whole_month,
    month_of,
    month_start_s,
    next_month,
    review_json,
    review_month,
    review_sheet,
    spend_changes,
    split_change,
    usd_of,
)
from agentops_eval.operations._spend import _Use

USD = st.decimals(min_value=0, max_value=10**6, places=9, allow_nan=False, allow_infinity=False)
RUNS, TOKENS = st.integers(0, 10**6), st.one_of(st.none(), st.integers(0, 10**9))


def use(llm: str = "acme-1", usd: str | None = "1", tokens: int | None = 100, calls: int = 1) -> LlmUse:
    """What was used of an llm; None where its price is not known."""
    spent = Spent(usd=Decimal(usd or 0), calls=calls, unknown=0 if usd is not None else calls)
    return LlmUse(llm=llm, spent=spent, tokens=tokens)


def month(agent: str = "desk", runs: int = 10, *uses: LlmUse, **more) -> AgentMonth:
    """One agent's month."""
    return AgentMonth(agent=agent, runs=runs, llms=uses or (use(),), **more)


def amounts(one) -> list[Decimal]:
    """The parts of a change."""
    return [one.volume, one.tokens, one.price, one.unsplit]


@given(RUNS, RUNS, TOKENS, TOKENS, USD, USD)
@example(556_651, 4, 549, 47_633_151, Decimal(180_478_207_104), Decimal("3985.10841586"))
def test_the_parts_of_a_change_add_up_to_it_exactly(n0, n1, t0, t1, c0, c1):
    """Whatever is new, gone, free or not told, and however large; between the same months nothing changed."""
    old, new = _Use(n0, t0, Fraction(c0)), _Use(n1, t1, Fraction(c1))
    there, back = ([*map(Fraction, split_change(*both))] for both in ((old, new), (new, old)))
    assert sum(there) == Fraction(c1) - Fraction(c0)
    assert {*split_change(old, old)} == {Decimal(0)}
    assert all(abs(one + other) <= Fraction(3, 10**12) for one, other in zip(there, back, strict=True))


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ((10, 1000, 2), (20, 2000, 4), 0),
        ((10, 1000, 2), (10, 2000, 4), 1),
        ((10, 1000, 2), (10, 1000, 4), 2),
        ((0, 0, 0), (10, 1000, 2), 0),
        ((10, 1000, 2), (0, 0, 0), 0),
        ((10, 0, 0), (10, 1000, 2), 1),
        ((10, None, 2), (10, 1000, 4), 3),
        ((10, 0, 2), (10, 1000, 4), 3),
    ],
)
def test_what_alone_changed_is_all_of_it(old, new, part):
    """Volume, tokens a run, price a token; and what cannot be told apart is told as such."""
    found = split_change(*(_Use(runs, tokens, Fraction(usd)) for runs, tokens, usd in (old, new)))
    whole = Decimal(new[2] - old[2])
    assert list(found) == [whole if at == part else Decimal(0) for at in range(4)]


def test_the_formula_is_the_one_that_is_stated():
    """By hand: 10 runs of 100 tokens at 0.01, then 20 of 200 at 0.02; each order of changing counts alike."""
    found = split_change(_Use(10, 1_000, Fraction(10)), _Use(20, 4_000, Fraction(80)))
    by_hand = (
        Decimal(10) * (2 * 100 + 100 * 2 + 200 + 2 * 400) / 6 / 100
    )  # (2 t0 p0 + t0 p1 + t1 p0 + 2 t1 p1) / 6
    assert abs(found[0] - by_hand) < Decimal("1e-11")
    assert sum(found) == 70


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "0", "0.000000001", "12.5"])), max_size=6)
)
def test_an_unknown_cost_is_never_counted_as_nothing(rows):
    """A month with any is at least its known part; its changes are unknown, and so is the whole."""
    uses = tuple(use(f"{name}{at}", usd or None) for at, (name, usd) in enumerate(rows))
    after = (AgentMonth(agent="desk", runs=3, llms=uses),)
    changes = spend_changes((), after)
    for one in changes:
        unknown = next(each for each in uses if each.llm == one.llm).spent.unknown
        assert (one.change is None) == bool(unknown)
        assert amounts(one) == [None] * 4 if unknown else sum(amounts(one)) == one.after
    start = month_start_s("2026-10")
    facts = ReviewFacts(runs=[RunFacts(at_s=start)], agents={"2026-10": after})
    told = review_json(review_month("2026-10", facts))
    missing = sum(not usd for _, usd in rows)
    assert told["spent"]["unknown"] == missing
    assert (told["spent"]["usd"] is None) == bool(missing)
    assert told["change_usd"] is None


def test_unknown_changes_come_first_then_the_largest():
    """So that nobody takes a short list for all there is."""
    found = spend_changes(
        [month("a", 1, use(usd="5")), month("b", 1, use(usd="9"))],
        [month("a", 1, use(usd="6")), month("b", 1, use(usd="1")), month("c", 1, use(usd=None))],
    )
    assert [one.agent for one in found] == ["c", "b", "a"]


def test_months_begin_and_end_where_calendars_say():
    """Years roll over; the last whole month is one that has ended."""
    assert (next_month("2026-12"), next_month("2026-01", -1), next_month("2026-05", 12)) == (
        "2027-01", "2025-12", "2027-05",
    )  # fmt: skip
    start = month_start_s("2026-10")
    assert (month_of(start), month_of(start - 0.001)) == ("2026-10", "2026-09")
    assert last_whole_month(["2026-09", "2026-10", "2026-08"], now_s=start) == "2026-09"
    assert last_whole_month(["2026-10"], now_s=start + 1) == ""
    with pytest.raises(ValueError, match="is no month"):
        month_start_s("2026-13")


def runs(name: str, count: int, *, right: float = 1.0, usd: float | None = 0.01) -> list[RunFacts]:
    """Runs of a month, evenly over 28 days."""
    start = month_start_s(name)
    return [
        RunFacts(
            at_s=start + at * 28 * 86_400 / count,
            succeeded=at >= count * (1 - right),
            cost_usd=usd,
            took_s=1.0,
        )
        for at in range(count)
    ]


def test_what_to_change_is_ordered_by_risk_then_money():
    """Security before promises, promises before money; each step has a command."""
    promised = Objectives(
        objectives=(Objective(name="success", indicator=Indicator.TASK_SUCCESS, target=0.95),)
    )
    late = month(
        "desk", 100, use(usd="30", tokens=3_000), failed=20, failed_spent=Spent(usd=Decimal(6)),
        lost=Spent(usd=Decimal(2)), tools=(ToolUse(tool="get_order", calls=40, failed=10, retried=3),),
    )  # fmt: skip
    facts = ReviewFacts(
        runs=[*runs("2026-09", 100), *runs("2026-10", 100, right=0.8)],
        agents={"2026-09": [month("desk", 100, use(usd="10", tokens=3_000))], "2026-10": [late]},
        incidents={"2026-09": {"human": 1}, "2026-10": {"security": 1, "human": 1, "unknown": 9}},
        objectives=promised,
        objectives_file="o.yaml",
        traces="prod",
    )
    review = review_month("2026-10", facts)
    ranks = [(-one.risk, -(one.usd or 0)) for one in review.steps]
    assert ranks == sorted(ranks)
    told = ["".join(piece.text for piece in one.do) for one in review.steps]
    assert told[0].startswith("Take security incidents")
    assert any("keeping success" in one for one in told)
    assert any("which llm, cache or discount" in one for one in told)  # it is the price alone
    assert any("get_order" in one for one in told)
    assert not any("human" in one or "unknown" in one for one in told)
    assert all(one.command.startswith("agentops-eval ") for one in review.steps)
    assert next(one.usd for one in review.steps if one.usd) == 6


def test_without_anything_it_says_so_everywhere():
    """An empty month has every part, and none of them holds a zero that means unknown."""
    sheet = review_sheet(review_month("2026-10", ReviewFacts()))
    text = {part.id: "".join(piece.text for line in part.lines for piece in line) for part in sheet.parts}
    assert text["promises"].startswith("Unknown")
    assert text["ahead"].startswith("Unknown")
    assert text["spent"] == "No run was seen."
    assert "against" not in text["title"]


def test_names_of_others_are_pieces_of_others():
    """An agent's, an llm's and a tool's name are never our words, nor a step's."""
    mark = "zzmarkzz"
    late = month(mark, 10, use(mark, "9"), failed_spent=Spent(usd=Decimal(1)),
                 tools=(ToolUse(tool=mark, calls=30, failed=30),))  # fmt: skip
    facts = ReviewFacts(agents={"2026-09": [month(mark, 5, use(mark, "1"))], "2026-10": [late]})
    sheet = review_sheet(review_month("2026-10", facts))
    cells = [cell for part in sheet.parts if part.table for row in part.table.rows for cell in row]
    pieces = [piece for line in cells for piece in line if mark in piece.text]
    assert len(pieces) > 8
    assert Say.WORDS not in {piece.say for piece in pieces}


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (None, "?"),
        ("0", "$0.00"),
        ("0.5", "$0.5000"),
        ("1234.5", "$1,234.50"),
        ("-2", "-$2.00"),
        ("1e-9", "<$0.0001"),
    ],
)
def test_dollars_for_people(amount, told):
    """What is unknown is a question mark, and what is tiny is not nothing."""
    assert usd_of(None if amount is None else Decimal(amount)) == told
