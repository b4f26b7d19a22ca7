"""Faults between agents, and of the person who is asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from agentops_eval import approve, approve_async, faults, handoff
from agentops_eval.chaos import Limits
from agentops_eval.domain import EndedBy, Fault, FaultedRun, HandoffRequest
from agentops_eval.testing import ScriptedApprover
from tests.harness.faulting.kinds._kit import run

got: list[Any] = []


@dataclass(frozen=True)
class Task:
    """What one agent hands to another."""

    order: int
    urgent: bool = False


def billing(message: str) -> str:
    """Take a message, and answer it."""
    got.append(message)
    return f"billed {message}"


def typed(task: Task) -> Task:
    """Take a task, and give it back."""
    got.append(task)
    return task


def handed(*scheduled: Fault, message: Any = "order 1042", to: Any = billing, **more: Any) -> FaultedRun:
    """Run an agent that hands over once, and says what it saw."""

    def agent() -> Any:
        try:
            return handoff("billing", message, to)
        except Exception as error:  # whatever it was is the answer
            return type(error).__name__

    got.clear()
    return run(agent, *scheduled, **more)


def test_a_lost_message_reaches_nobody() -> None:
    """The recipient does not run; the sender sees a timeout, or nothing at all."""
    found = handed(faults.message_lost("billing"))
    assert (found.output, found.elapsed_s, got) == ("TimeoutError", 10.0, [])
    assert handed(faults.message_lost(silent=True)).output is None


def test_a_lost_answer_means_that_the_work_is_done() -> None:
    """The recipient ran, and the sender sees a timeout."""
    assert (handed(faults.message_reply_lost()).output, got) == ("TimeoutError", ["order 1042"])


def test_a_message_that_comes_twice_runs_twice() -> None:
    """Both runs of the recipient are told apart, and the sender sees one answer."""
    found = handed(faults.message_duplicated())
    assert (found.output, got) == ("billed order 1042", ["order 1042", "order 1042"])
    assert found.injections[0].landed == 2


def test_a_message_that_is_late_is_overtaken() -> None:
    """Of two messages that are sent at once the one that is not held up arrives first."""

    async def recipient(message: str) -> str:
        got.append(message)
        return message

    async def agent() -> None:
        await asyncio.gather(*(handoff("billing", word, recipient) for word in ("first", "second")))

    got.clear()
    assert run(agent, faults.message_delayed(nth=1)).elapsed_s == 60.0
    assert got == ["second", "first"]


def test_a_corrupted_message_is_of_the_recipients_type() -> None:
    """The recipient gets a task with another order, no plain dict; the event holds what was sent."""
    found = handed(faults.message_corrupted(), message=Task(1042), to=typed)
    assert got == [Task(1043)]
    request = found.events[0].request
    assert isinstance(request, HandoffRequest)
    assert request.message == {"order": 1042, "urgent": False}


def test_texts_are_corrupted_in_their_numbers_or_cut() -> None:
    """An order's number is off by one; a text without numbers loses its second half."""
    handed(faults.message_corrupted())
    assert got == ["order 1043"]
    handed(faults.message_corrupted(), message="hello there")
    assert got == ["hello"]
    handed(faults.message_corrupted(how="cut"), message="12345678")
    assert got == ["1234"]


def test_an_answer_may_be_corrupted_too() -> None:
    """What the recipient gave arrives otherwise, as its type."""
    assert handed(faults.message_corrupted(part="answer")).output == "billed order 1043"
    found = handed(faults.message_corrupted(part="answer"), message=Task(1042), to=typed)
    assert found.output == {"order": 1043, "urgent": False}


def test_a_message_that_drifted_fails_at_its_recipient() -> None:
    """A field under another name is what the recipient's type makes of it: an error of its own."""
    found = handed(faults.message_corrupted(how="drifted"), message=Task(1), to=typed, seed=3)
    assert found.output in ("TypeError", {"order": 1, "urgent": False})
    assert found.ended is EndedBy.ANSWER


def test_an_agent_that_is_down_raises_at_once_or_never_answers() -> None:
    """Down is a ConnectionError in no time; a stall hangs the run."""
    found = handed(faults.agent_down())
    assert (found.output, found.elapsed_s, got) == ("ConnectionError", 0.0, [])
    assert handed(faults.agent_stall(), limits=Limits(deadline_s=60)).ended is EndedBy.HANG


def asked(*scheduled: Fault, deadline_s: float | None = 300.0, times: int = 1, **more: Any) -> FaultedRun:
    """Run an agent that asks so many times, and says what it heard."""

    def agent() -> list[Any]:
        said = [approve("refund", details={"amount": 50}, deadline_s=deadline_s) for _ in range(times)]
        return [[one.status, one.approved, one.reason, one.details] for one in said]

    person = ScriptedApprover.approving()
    found = run(agent, *scheduled, approver=person, **more)
    assert not person.asked
    return found


def test_silence_is_a_timeout_and_no_approval() -> None:
    """The deadline passes in virtual time, and the agent hears that nobody answered; nobody was asked."""
    found = asked(faults.approver_silent("refund"))
    assert found.output == [["timeout", False, "no answer within 300 s", {"amount": 50}]]
    assert found.elapsed_s == 300.0


def test_silence_without_a_deadline_is_a_hang() -> None:
    """Who asks without a deadline waits for ever, which is the agent's fault and no error of the run."""
    found = asked(faults.approver_silent(), deadline_s=None)
    assert (found.ended, found.hung) == (EndedBy.HANG, "past-deadline")


def test_a_late_answer_counts_as_none() -> None:
    """It comes after the deadline; where there is none it is an approval that took its time."""
    found = asked(faults.approver_late(seconds=30))
    assert isinstance(found.output, list)
    assert (found.output[0][0], found.elapsed_s) == ("timeout", 330.0)
    found = asked(faults.approver_late(seconds=30), deadline_s=None)
    assert isinstance(found.output, list)
    assert (found.output[0][0], found.elapsed_s) == ("approved", 30.0)


@pytest.mark.parametrize(
    ("fault", "status", "approved"),
    [
        (faults.approver_rejects(), ["rejected", "rejected"], [False, False]),
        (faults.approver_approves_all(), ["approved", "approved"], [True, True]),
        (faults.approver_contradicts(), ["approved", "rejected"], [True, False]),
        (faults.approver_contradicts(how="details"), ["modified", "modified"], [True, True]),
        (faults.approver_contradicts(how="reason"), ["approved", "approved"], [True, True]),
    ],
    ids=str,
)
def test_people_reject_approve_and_contradict_themselves(
    fault: Fault, status: list[str], approved: list[bool]
) -> None:
    """Two questions about the same action are answered as the fault says, and no person is asked."""
    output = asked(fault, times=2).output
    assert isinstance(output, list)
    assert ([one[0] for one in output], [one[1] for one in output]) == (status, approved)
    assert (output[0][3] != {"amount": 50}) == (status[0] == "modified")


def test_coroutines_are_answered_alike() -> None:
    """``approve_async`` hears silence as ``approve`` does."""

    async def agent() -> str:
        return (await approve_async("refund", deadline_s=60)).status

    assert run(agent, faults.approver_silent()).output == "timeout"
