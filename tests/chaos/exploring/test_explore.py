"""Exploring agents: what is found, what is pruned, what is covered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import tool
from agentops_eval.chaos.exploring import Progress, Wiring
from agentops_eval.domain import AgentUnsteady, ChaosFinding, ConfigInvalid
from tests.chaos.exploring._agents import (
    CALLS,
    Step,
    breaker,
    careless,
    exhaustive,
    explored,
    look,
    made,
)
from tests.examples import examples

STEPS = st.lists(
    st.builds(
        Step,
        call=st.sampled_from(sorted(CALLS)),
        tries=st.integers(1, 2),
        else_do=st.sampled_from(("stop", "go on", "tell", "look")),
    ),
    min_size=1,
    max_size=4,
)


@given(steps=STEPS)
@examples(12)
def test_pruning_misses_no_behaviour(steps: list[Step]) -> None:
    """Of agents that are made up, merging and classes find every behaviour that exhaustive search finds."""
    whole, pruned = exhaustive(made(steps)), explored(made(steps), audit=0.0)
    assert pruned.behaviours == whole.behaviours
    assert pruned.coverage.runs <= whole.coverage.runs


@pytest.mark.parametrize("agent", [careless, breaker], ids=lambda agent: agent.__name__)
def test_agents_with_a_memory_are_explored_whole(agent: object) -> None:
    """A retry, and a count of failures that shows nowhere until it is full, are found with their pairs."""
    assert callable(agent)
    assert explored(agent, audit=0.0).behaviours == exhaustive(agent).behaviours


def test_calls_that_only_a_fault_reveals_are_faulted() -> None:
    """The second attempt exists under a fault of the first alone, and is hit at the next level."""
    seen: list[Progress] = []
    explored(careless, wiring=Wiring(tell=seen.append), faults=("tool_error",), audit=0.0)
    told = {str(one.schedule) for one in seen}
    assert "tool_error @/send#0 + tool_error @/send#1" in told
    assert "tool_error @/send#1" not in told


def test_one_flaw_is_one_finding_at_its_smallest() -> None:
    """However many schedules send the email twice, the finding is one lost answer of the first attempt."""
    found = explored(careless, faults=("tool_error", "tool_reply_lost")).findings
    told = [(str(one.impact.run.schedule), one.details["reasons"]) for one in found]
    assert told == [("tool_reply_lost(after_s=0.5) @send #1", [["duplicated-effect", "send"]])]
    schedules = found[0].details["schedules"]
    assert isinstance(schedules, int)
    assert schedules > 1


def test_a_flaw_of_two_faults_keeps_both() -> None:
    """Where one fault alone does no harm, the smallest schedule has two."""

    def twice_careful() -> str:
        lost = 0
        for _ in range(2):
            try:
                look("a")
            except TimeoutError:
                lost += 1
        if lost == 2:
            CALLS["send"]("first")
            CALLS["send"]("first")
        return "looked"

    found = explored(twice_careful, faults=("tool_timeout",)).findings
    assert [len(one.impact.run.schedule) for one in found] == [2]


def test_every_schedule_of_the_space_is_counted_once() -> None:
    """Covered, unreachable, pruned and cut add up, for singles and pairs, with any budget."""
    whole = explored(careless).coverage
    for runs in (1, 5, 20, 40):
        cut = explored(careless, runs=runs)
        assert cut.coverage.runs == runs
        assert not cut.complete
        assert cut.coverage.singles.total == whole.singles.total
        assert cut.coverage.singles.cut + cut.coverage.singles.covered > 0
    assert whole.singles.cut == whole.pairs.cut == 0
    ran = whole.singles.covered + whole.pairs.covered
    missed = sum(one.unreachable["could not be injected"] for one in (whole.singles, whole.pairs))
    assert ran <= whole.runs - 1 <= ran + missed


def test_the_audit_catches_a_class_that_does_not_hold() -> None:
    """Kinds that do the same alone and not after another failure are told apart once the audit meets them."""

    def sly() -> str:
        failed = 0
        for order in ("a", "b", "c"):
            try:
                look(order)
            except OSError as error:
                failed += 1
                if failed == 2 and type(error) is TimeoutError:
                    return "gave up after a timeout"
        return f"{failed} failed"

    kinds = ("tool_error", "tool_timeout")
    whole = exhaustive(sly, faults=kinds)
    blind = explored(sly, faults=kinds, audit=0.0)
    found = explored(sly, faults=kinds, audit=1.0)
    assert whole.behaviours - blind.behaviours
    assert found.behaviours == whole.behaviours
    assert "same class of kinds" in {rule for _, rule in found.disagreements}
    assert not found.steady


def test_without_a_fault_an_agent_has_to_do_the_same_twice() -> None:
    """A world that remembers earlier runs is refused, with a way out."""
    count = 0

    @tool
    def ask(number: int) -> int:
        return number

    def forgetless() -> int:
        nonlocal count
        count += 1
        return ask(count)

    with pytest.raises(AgentUnsteady, match="did not do the same"):
        explored(forgetless)


def test_three_faults_are_drawn_and_the_same_for_a_seed() -> None:
    """Beyond pairs Hypothesis draws schedules: as many as asked for, the same again for the same seed."""

    def schedules(seed: int) -> list[str]:
        seen: list[Progress] = []
        wiring = Wiring(tell=seen.append)
        explored(careless, wiring=wiring, depth=3, further=30, seed=seed, faults=("tool_error",))
        return [str(one.schedule) for one in seen if one.size == 3]

    first = schedules(1)
    assert 0 < len(first) <= 30
    assert schedules(1) == first
    assert all(one.count(" + ") == 2 for one in first)


def test_an_interrupt_ends_with_what_is_known() -> None:
    """Ctrl-C loses nothing that was found before it."""
    found: list[ChaosFinding] = []

    def interrupt(progress: Progress) -> None:
        if progress.runs == 20:
            raise KeyboardInterrupt

    def keep(finding: ChaosFinding) -> ChaosFinding:
        found.append(finding)
        return finding

    done = explored(careless, wiring=Wiring(tell=interrupt, on_finding=keep))
    assert (done.interrupted, done.complete, done.coverage.runs) == (True, False, 20)
    assert [one.found_with for one in done.findings] == [one.found_with for one in found]


def test_a_misspelt_kind_is_refused_with_the_nearest() -> None:
    """Faults are chosen by globs over known names."""
    with pytest.raises(ConfigInvalid, match="tool_error"):
        explored(careless, faults=("tool_eror",))


def test_targets_leave_other_calls_alone() -> None:
    """With a target only its calls are faulted."""
    seen: list[Progress] = []
    explored(careless, wiring=Wiring(tell=seen.append), targets=("look",), audit=0.0)
    assert {fault.where.site.partition("#")[0] for one in seen for fault in one.schedule} == {"/look"}
