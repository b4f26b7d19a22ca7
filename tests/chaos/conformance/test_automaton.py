"""The breaker's automaton: a right breaker takes no illegal edge, and each wrong one takes its own."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos.conformance import Breaker, Demand, Edge, Passage, illegal_edges
from tests.examples import examples


@dataclass
class Reference:
    """A circuit breaker by the book, and with one fault where it is asked for."""

    rule: Breaker
    late: int = 0
    leak_every: int = 0
    probes_more: int = 0
    recloses: bool = True
    failures: list[float] = field(default_factory=list)
    opened_s: float | None = None
    in_probe: int = 0
    refused: int = 0

    def lets(self, now_s: float) -> bool:
        if self.opened_s is None:
            return True
        if now_s >= self.opened_s + self.rule.cooldown_s:
            if self.in_probe < self.rule.probes + self.probes_more:
                self.in_probe += 1
                return True
            return False
        self.refused += 1
        return bool(self.leak_every and self.refused % self.leak_every == 0)

    def told(self, now_s: float, ok: bool) -> None:
        if self.opened_s is not None:
            if self.in_probe:
                self.in_probe = 0
                self.opened_s = None if ok and self.recloses else now_s
                self.failures = []
            return
        if ok:
            if self.rule.window_s is None:
                self.failures = []
            return
        self.failures.append(now_s)
        if self.rule.window_s is not None:
            self.failures = [at for at in self.failures if now_s - at < self.rule.window_s]
        if len(self.failures) >= self.rule.failures + self.late:
            self.opened_s, self.failures = now_s, []


def passed(breaker: Reference, asks: list[tuple[float, float, bool]]) -> tuple[list[Passage], list[Demand]]:
    """Ask one after the other: pauses, durations, and whether the callee is well."""
    now_s, passages, demands = 0.0, [], []
    for pause_s, takes_s, ok in asks:
        now_s += pause_s
        started_s = now_s
        if breaker.lets(now_s):
            now_s += takes_s
            passages.append(Passage(started_s=started_s, ended_s=now_s, ok=ok))
            breaker.told(now_s, ok)
        demands.append(Demand(started_s=started_s, ended_s=now_s))
    return passages, demands


RULES = st.builds(
    Breaker,
    failures=st.integers(1, 4),
    window_s=st.none() | st.integers(5, 60).map(float),
    cooldown_s=st.integers(1, 30).map(float),
    probes=st.integers(1, 3),
)
ASKS = st.lists(
    st.tuples(st.integers(1, 12).map(float), st.integers(0, 3).map(float), st.booleans()), max_size=60
)


@examples(300)
@given(RULES, ASKS)
def test_a_right_breaker_takes_no_illegal_edge(rule: Breaker, asks: list) -> None:
    """Whatever is asked and answered, a breaker by the book is right, with demands and without."""
    passages, demands = passed(Reference(rule), asks)
    assert illegal_edges(passages, rule, demands=demands) == ()
    assert illegal_edges(passages, rule) == ()


@examples(200)
@given(RULES, st.integers(1, 3))
def test_a_late_trip_is_found(rule: Breaker, late: int) -> None:
    """A breaker that needs more failures than it says is found as soon as it is given them."""
    asks = [(1.0, 0.0, False)] * (rule.failures + late + 3)
    rule = Breaker(failures=rule.failures, cooldown_s=100.0)
    passages, demands = passed(Reference(rule, late=late), asks)
    assert {one.edge for one in illegal_edges(passages, rule, demands=demands)} == {Edge.LATE_TRIP}


@examples(200)
@given(RULES, st.integers(2, 4))
def test_a_leak_is_found(rule: Breaker, every: int) -> None:
    """A call that passes after others were refused is a leak, and no late trip."""
    rule = Breaker(failures=rule.failures, cooldown_s=100.0)
    asks = [(1.0, 0.0, False)] * (rule.failures + 2 * every)
    passages, demands = passed(Reference(rule, leak_every=every), asks)
    assert {one.edge for one in illegal_edges(passages, rule, demands=demands)} == {Edge.LEAK}


@examples(100)
@given(RULES)
def test_no_reclose_is_found(rule: Breaker) -> None:
    """A breaker that stays shut after a good probe is found at the next demand."""
    rule = Breaker(failures=rule.failures, cooldown_s=rule.cooldown_s, probes=rule.probes)
    asks = [*[(1.0, 0.0, False)] * rule.failures, (rule.cooldown_s, 0.0, True), (0.5, 0.0, True)]
    passages, demands = passed(Reference(rule, recloses=False), asks)
    assert Edge.NO_RECLOSE in {one.edge for one in illegal_edges(passages, rule, demands=demands)}


@pytest.mark.parametrize("together", [2, 5])
def test_a_thundering_probe_is_found(together: int) -> None:
    """More calls at once than a half-open breaker may let through are found, each in a task of its own."""
    rule = Breaker(failures=1, cooldown_s=10.0)
    first = Passage(started_s=0.0, ended_s=0.0, ok=False)
    crowd = [Passage(started_s=11.0, ended_s=12.0, ok=True, lane=f"0:{n}") for n in range(together)]
    found = illegal_edges([first, *crowd], rule)
    assert [one.edge for one in found] == [Edge.THUNDERING_PROBE] * (together - 1)


def test_a_call_on_its_way_is_no_leak() -> None:
    """Calls that began before the breaker tripped, or at that very moment in another task, may pass."""
    rule = Breaker(failures=1, cooldown_s=10.0)
    calls = [
        Passage(started_s=0.0, ended_s=2.0, ok=False, lane="0:0"),
        Passage(started_s=1.0, ended_s=9.0, ok=False, lane="0:1"),
        Passage(started_s=2.0, ended_s=3.0, ok=False, lane="0:2"),
    ]
    assert illegal_edges(calls, rule) == ()


def test_a_breaker_that_never_tries_again_is_found() -> None:
    """Where nothing is let through long after the cooldown, the breaker does not close again."""
    rule = Breaker(failures=1, cooldown_s=10.0)
    calls = [Passage(started_s=0.0, ended_s=0.0, ok=False)]
    demands = [Demand(started_s=at, ended_s=at) for at in (0.0, 5.0, 11.0)]
    assert [one.edge for one in illegal_edges(calls, rule, demands=demands)] == [Edge.NO_RECLOSE]
