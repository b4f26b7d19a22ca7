"""Calls of another process: their order does not depend on who of them was faster."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ANY_LANE
from agentops_eval.traces._order import Interval, Timing, in_order


@dataclass(frozen=True)
class Call:
    """A call with its name and when it ran, in the recording as well where it was replayed."""

    name: str
    start_s: float
    end_s: float
    turns: int = 1
    recorded: Interval | None = None

    @property
    def timing(self) -> Timing:
        ran = Interval(start_s=self.start_s, end_s=self.end_s)
        return Timing(ran=ran, recorded=self.recorded, lane=ANY_LANE, turns=self.turns)


def _names(*calls: Call) -> str:
    began = sorted(calls, key=lambda call: call.start_s)
    return "".join(call.name for call in in_order(began, lambda call: call.timing, lambda call: (call.name,)))


def test_one_after_the_other_stays_so() -> None:
    """A sequence is told as it happened, whatever the calls are."""
    assert _names(Call("c", 0, 1), Call("a", 2, 3), Call("b", 4, 5)) == "cab"


def test_what_overlaps_in_a_chain_is_ordered_as_a_whole() -> None:
    """Shorter conversations first, then by what is asked; what came behind the chain stays behind it."""
    chain = (Call("c", 0, 2), Call("b", 1, 4), Call("d", 3, 5, turns=0))
    assert _names(*chain, Call("a", 6, 7)) == "dbca"


@given(order=st.permutations("abcdefgh"), lengths=st.lists(st.integers(2, 9), min_size=8, max_size=8))
def test_a_queue_gives_one_order(order: list[str], lengths: list[int]) -> None:
    """Whoever is taken first and however long each lasts: calls that are joined by overlaps read the same."""
    calls = [
        Call(name, number, number + length)
        for number, (name, length) in enumerate(zip(order, lengths, strict=True))
    ]
    assert _names(*calls) == "abcdefgh"


@given(order=st.permutations(range(6)))
def test_a_replay_has_the_order_of_its_recording(order: list[int]) -> None:
    """Answers come at once in a replay, in any order; the recording's times decide."""
    kept = [Interval(start_s=10 * (number // 2), end_s=10 * (number // 2) + 5) for number in range(6)]
    calls = [Call("fedcba"[n], order[n], order[n] + 0.5, recorded=kept[n]) for n in range(6)]
    assert _names(*calls) == "efcdab"
