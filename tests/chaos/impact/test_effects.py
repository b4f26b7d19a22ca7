"""What landed, what was taken back, and how effects differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos import Contract, judge, net_effects
from agentops_eval.chaos.contracts import Undoes
from agentops_eval.domain import Event, FaultedRun, Mode, Seam, ToolRequest, ValueReply
from tests.chaos.impact._kit import DOWN, LATE, OWN, handed, read, run, write
from tests.examples import examples

PAID = write("charge", order="o-1", amount=5)
SAGA = Contract(compensates={"refund": Undoes(tool="charge"), "cancel": Undoes(tool="book", by="seat")})


def tools(found: FaultedRun, contract: Contract | None = None) -> list[str]:
    """The tools whose effects stand."""
    return [key.tool for key in net_effects(found, contract)]


def test_reads_and_messages_are_no_effects() -> None:
    """Only what a tool writes changes the world."""
    assert tools(run(read("look"), handed("billing", "hello"), PAID)) == ["charge"]


@pytest.mark.parametrize(
    ("event", "hit", "expected"),
    [
        (PAID, {}, 1),
        (write("charge", failure=OWN), {}, 0),
        (write("charge", failure=DOWN), {0: 0}, 0),
        (write("charge", failure=LATE), {0: 1}, 1),
        (PAID, {0: 2}, 2),
        (PAID, {0: 1}, 1),
        (write("charge", "made up"), {0: 0}, 0),
        (write("charge", failure=OWN), {0: 1}, 0),
        (write("charge", failure=OWN), {0: 2}, 1),
    ],
)
def test_what_landed(event: Event, hit: dict[int, int], expected: int) -> None:
    """An effect lands where its tool was reached and did not raise by itself, however its answer went."""
    assert len(tools(run(event, hit=hit))) == expected


def test_one_idempotency_key_counts_once() -> None:
    """Repeats under one key change nothing, unless the contract says that the tool does not heed it."""
    twice = run(write("charge", key="k"), write("charge", key="k"))
    assert tools(twice) == ["charge"]
    assert tools(twice, Contract(not_idempotent=("charge",))) == ["charge", "charge"]


def test_a_tool_without_a_key_may_be_idempotent() -> None:
    """A contract may say that repeats with the same arguments change nothing."""
    twice = run(write("set", to=1), write("set", to=1), write("set", to=2))
    assert tools(twice, Contract(idempotent=("set",))) == ["set", "set"]
    assert tools(twice) == ["set"] * 3


def test_a_contract_may_say_which_tools_write() -> None:
    """A tool of an MCP server that tells no effect is one where the contract says so, unless it failed."""
    unsaid = replace(
        PAID, seam=Seam.MCP, request=ToolRequest(name="charge", arguments={"order": "o-1"}, effect=None)
    )
    told = replace(unsaid, outcome=ValueReply(value={"isError": True, "content": []}))
    assert tools(run(unsaid)) == []
    assert tools(run(unsaid, told), Contract(writes=("charge",))) == ["charge"]


def test_harmless_effects_are_not_looked_at() -> None:
    """What a contract calls harmless is neither missing nor extra."""
    contract = Contract(harmless=("log",))
    impact = judge(run(write("log", text="a")), run(write("log", text="b"), hit={0: 1}), contract=contract)
    assert impact.effects.same
    assert impact.mode is Mode.FULL


def test_volatile_arguments_are_no_part_of_an_effect() -> None:
    """Two moments of one booking are one effect where the contract says that the moment is volatile."""
    one, other = run(write("book", seat=1, when=1)), run(write("book", seat=1, when=2))
    assert not judge(one, other).effects.same
    assert judge(one, other, contract=Contract(volatile=("when",))).effects.same


# -- compensation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "stands"),
    [
        ([write("book", seat=1), write("cancel", seat=1)], []),
        ([write("book", seat=1), write("cancel", seat=2)], ["book", "cancel"]),
        ([write("book", seat=1), write("book", seat=2), write("cancel", seat=1)], ["book"]),
        ([write("charge", {"id": "ch-9"}, order="o-1"), write("refund", charge="ch-9")], []),
        (
            [write("charge", {"id": "ch-9"}, order="o-1"), write("refund", charge="ch-8")],
            ["charge", "refund"],
        ),
        ([write("charge", order="o-1"), write("refund")], []),
        ([write("charge", failure=OWN, order="o-1"), write("refund", order="o-1")], []),
        ([write("refund", order="o-1"), write("charge", order="o-1")], ["refund", "charge"]),
        (
            [write("charge", order="o-1"), write("refund", order="o-1"), write("refund", order="o-1")],
            ["refund"],
        ),
    ],
    ids=[
        "taken back",
        "another argument",
        "one of two",
        "by what was answered",
        "another answer",
        "without arguments",
        "of what never landed",
        "before the effect",
        "twice",
    ],
)
def test_what_compensation_leaves(events: Sequence[Event], stands: list[str]) -> None:
    """A compensation takes back the last effect that it fits, once; one that fits nothing is an effect."""
    assert tools(run(*events), SAGA) == stands


@pytest.mark.parametrize(("amount", "stands"), [(50, []), (-50, []), (5, ["charge", "reverse"])])
def test_a_part_is_not_taken_back_for_the_whole(amount: int, stands: list[str]) -> None:
    """An argument in common is not enough where the amount is another; its sign does not matter."""
    contract = Contract(compensates={"reverse": Undoes(tool="charge", by="order")})
    events = write("charge", order="o-1", amount=50), write("reverse", order="o-1", amount=amount)
    assert tools(run(*events), contract) == stands


def test_what_was_taken_back_may_be_done_again_under_its_key() -> None:
    """A run that is resumed books again what it had cancelled; the booking stands."""
    booked, cancelled = write("book", key="j-1", seat=1), write("cancel", key="j-1", seat=1)
    assert tools(run(booked, cancelled, booked), SAGA) == ["book"]
    assert tools(run(booked, cancelled, booked, cancelled), SAGA) == []
    assert tools(run(booked, booked, cancelled), SAGA) == []
    assert tools(run(booked, cancelled, cancelled), SAGA) == []  # its answer was lost, and it was repeated


def test_what_was_taken_back_is_told() -> None:
    """A failed saga that took everything back has failed safe, and says what it took back."""
    base = run(write("charge", order="o-1"), write("book", seat=1))
    found = run(
        write("charge", order="o-1"),
        write("book", failure=DOWN, seat=1),
        write("refund", order="o-1"),
        hit={1: 0},
        output="sorry, there is no seat",
    )
    impact = judge(base, found, contract=SAGA)
    assert impact.mode is Mode.FAILED_SAFE
    assert [key.tool for key in impact.effects.compensated] == ["charge"]


# -- keys that are drawn --------------------------------------------------------------------------

FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def test_a_retry_under_a_new_key_is_a_duplicate() -> None:
    """Who draws the key anew for each attempt pays twice: it is the same effect."""
    base = run(write("charge", order="o-1", key=FIRST))
    again = run(
        write("charge", failure=LATE, order="o-1", key=FIRST),
        write("charge", order="o-1", key=SECOND),
        hit={0: 1},
    )
    assert [key.tool for key in judge(base, again).effects.duplicated] == ["charge"]


def test_another_drawn_key_is_no_difference() -> None:
    """A key that was drawn otherwise, since a fault drew in between, is the same effect."""
    base = run(read("look"), write("charge", order="o-1", key=FIRST))
    found = run(read("look"), write("charge", order="o-1", key=SECOND), hit={0: 1})
    assert judge(base, found).effects.same


def test_an_order_that_an_answer_named_is_another_order() -> None:
    """Where the other uuid came in with an answer, the effect is on something else."""
    base = run(read("look", {"order": FIRST}), write("refund", order=FIRST))
    found = run(read("look", {"order": SECOND}), write("refund", order=SECOND), hit={0: 1})
    impact = judge(base, found)
    assert impact.harms == {"extra-effect", "claimed-without-effect"}
    assert impact.mode is Mode.FAILED_UNSAFE


# -- the formulas ---------------------------------------------------------------------------------

WRITES = st.lists(st.builds(write, st.sampled_from("abc"), order=st.integers(0, 1)), max_size=7)


@examples(60)
@given(WRITES, WRITES)
def test_missing_extra_and_duplicated_are_the_formulas(before: list[Event], after: list[Event]) -> None:
    """missing = M0 - M, extra = M - M0, duplicated = sum of max(0, m - max(1, m0))."""
    base, found = run(*before), run(*after)
    m0, m = Counter(net_effects(base)), Counter(net_effects(found))
    effects = judge(base, found).effects
    assert Counter(effects.missing) == m0 - m
    assert Counter(effects.extra) == m - m0
    expected = {key: max(0, count - max(1, m0[key])) for key, count in m.items()}
    assert Counter(effects.duplicated) == Counter({key: count for key, count in expected.items() if count})
    assert not Counter(effects.duplicated) - Counter(effects.extra)


@examples(40)
@given(WRITES, st.randoms(use_true_random=False))
def test_the_order_of_effects_does_not_matter(events: list[Event], random: object) -> None:
    """The same effects in another order are the same multiset."""
    mixed = [*events]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert judge(run(*events), run(*mixed)).effects.same
