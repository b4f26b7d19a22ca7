"""Faults in a run that is open: those of a block, with the recording as the fault-free run."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval import faults, recording, replaying, tool
from agentops_eval.domain import EndedBy, FaultNotInjected, Label, Schedule
from agentops_eval.harness import RecordMode, Settings, open_run
from agentops_eval.harness.faulting import Injected, recorded_run
from agentops_eval.replay import read_cassette

_BODIES: list[str] = []


@tool
def get_order(order: int) -> dict[str, int]:
    """Look an order up."""
    _BODIES.append("get_order")
    return {"order": order}


@tool
def get_refund(order: int) -> str:
    """Look a refund up."""
    return f"refund of {order}"


def desk(order: int) -> str:
    """Answer, with an apology where the order cannot be looked up."""
    try:
        return f"order {get_order(order)['order']}"
    except OSError:
        return f"sorry: {get_refund(order)}"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording of one question."""
    monkeypatch.delenv("CI", raising=False)
    made = tmp_path / "desk.cassette.jsonl"
    with recording(made, settings=Settings()):
        desk(7)
    _BODIES.clear()
    return made


def _outage() -> Schedule:
    return Schedule(faults=(faults.tool_error("get_order"),))


def test_a_block_injects_and_what_is_behind_it_is_as_before(path: Path) -> None:
    """Inside of the block the fault happens; after it the recording answers again."""
    with replaying(path, settings=Settings()) as run:
        with pytest.raises(ConnectionError), Injected(run, _outage()) as injected:
            get_order(7)
        assert get_order(7) == {"order": 7}
    found = injected.faulted
    assert found.sites == ("/get_order#0",)
    assert [one.site for one in found.injections] == ["/get_order#0"]
    assert (found.ended, found.events[0].label) == (EndedBy.ERROR, Label.SCRIPTED)
    assert not _BODIES


def test_calls_before_the_block_keep_their_sites(path: Path) -> None:
    """The sites of a block go on where the run was, so that they compare with the recording's."""
    with replaying(path, settings=Settings()) as run:
        get_order(7)
        with pytest.raises(ConnectionError), Injected(run, _outage()) as injected:
            get_order(7)
    assert injected.faulted.sites == ("/get_order#0", "/get_order#1")
    assert recorded_run(read_cassette(path).events).sites == ("/get_order#0",)


def test_a_fault_that_does_not_happen_fails_the_block(path: Path) -> None:
    """The error names the fault, and the calls that there were."""
    with replaying(path, settings=Settings()) as run, pytest.raises(FaultNotInjected) as caught:
        with Injected(run, Schedule(faults=(faults.tool_error("get_ordr"),))):
            desk(7)
    assert "get_ordr" in str(caught.value)
    assert "/get_order#0" in str(caught.value)


def test_what_the_agent_answered_may_be_told(path: Path) -> None:
    """The answer that is given to the block is that of its run, and comes back."""
    with replaying(path, settings=Settings()) as run, Injected(run, Schedule()) as injected:
        assert injected.answered(desk(7)) == "order 7"
    assert (injected.faulted.output, injected.faulted.answered) == ("order 7", True)


def test_a_faulted_run_is_recorded_as_a_branch_and_replayed(path: Path) -> None:
    """What the agent asks because of a fault is recorded as a branch, without what the fault answered."""
    settings = Settings(branch="outage", record=RecordMode.ONCE)
    with open_run(path, settings) as run, Injected(run, _outage()) as injected:
        injected.answered(desk(7))
    assert injected.faulted.output == "sorry: refund of 7"
    with open_run(path, Settings(branch="outage", strict=True)) as run, Injected(run, _outage()) as injected:
        injected.answered(desk(7))
    assert injected.faulted.output == "sorry: refund of 7"
    assert [event.label for event in injected.faulted.events] == [Label.SCRIPTED, Label.BRANCH]


def test_a_kill_ends_the_block_and_nothing_reaches_the_world(path: Path) -> None:
    """The agent's process is gone: the block is left, what was answered before is known, nobody answers."""
    answers: list[str] = []
    with replaying(path, settings=Settings()) as run:
        with Injected(run, Schedule(faults=(faults.kill("get_order"),))) as injected:
            try:
                answers.append(desk(7))
            finally:
                with pytest.raises(BaseException, match="killed at"):
                    get_refund(7)
        assert get_order(7) == {"order": 7}
    assert (answers, injected.faulted.ended, injected.faulted.answered) == ([], EndedBy.KILL, False)
    assert [event.boundary for event in injected.faulted.events] == ["get_order"]
