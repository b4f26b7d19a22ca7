"""Hand-offs open spans and run on replay; approvals are answered by a script, or by silence."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextvars import ContextVar

import pytest

from agentops_eval import Approval, approve, approve_async, handoff, tool
from agentops_eval.domain import ApprovalRequest, ApproverMissing, HandoffRequest, Label, RunMisuse, Seam
from tests.seams._played import events_of
from tests.seams._rig import run


@tool
def balance(account: str) -> int:
    """A tool that the specialist uses."""
    return len(account)


def test_handoff_runs_the_recipient_under_its_own_span() -> None:
    """The recipient's calls are children of the hand-off's event."""
    with run() as scope:
        assert handoff("billing", {"account": "abc"}, lambda m: balance(m["account"]), sender="desk") == 3
    first, second = events_of(scope)
    assert first.request == HandoffRequest(sender="desk", recipient="billing", message={"account": "abc"})
    assert (second.span, second.parent) == ("/billing#0", first.index)


def test_handoff_outside_a_run_just_calls() -> None:
    """Production pays one look-up."""
    assert handoff("billing", 4, lambda n: n + 1) == 5


def test_async_handoffs_in_parallel_get_numbered_spans() -> None:
    """Two hand-offs to the same recipient are told apart by their number."""

    async def specialist(account: str) -> int:
        await asyncio.sleep(0)
        return balance(account)

    async def supervise() -> list[int]:
        return list(await asyncio.gather(handoff("s", "ab", specialist), handoff("s", "abc", specialist)))

    with run() as scope:
        assert asyncio.run(supervise()) == [2, 3]
    spans = sorted(event.span for event in events_of(scope) if event.seam is Seam.TOOL)
    assert spans == ["/s#0", "/s#1"]


def test_handoff_errors_pass_through() -> None:
    """An exception of the recipient reaches the sender as it was."""

    def failing(_: int) -> int:
        raise LookupError("nobody there")

    with run(), pytest.raises(LookupError, match="nobody there"):
        handoff("x", 1, failing)


def test_scripted_approver_answers_and_is_labelled() -> None:
    """In a run the script answers, and the event says so."""
    asked: list[ApprovalRequest] = []

    def approver(request: ApprovalRequest) -> tuple[str, str]:
        asked.append(request)
        return ("rejected", "too much")

    with run(approver=approver) as scope:
        answer = approve("grant_discount", details={"percent": 40}, deadline_s=60)
    assert answer == Approval(status="rejected", reason="too much", details={"percent": 40})
    assert not answer.approved
    assert asked[0].deadline_s == 60
    assert events_of(scope)[0].label is Label.SCRIPTED


def test_silence_is_a_timeout_and_never_an_approval() -> None:
    """A silent approver costs the deadline and approves nothing."""
    with run(approver=lambda _: None) as scope:
        answer = approve("pay", deadline_s=0.01)
    assert (answer.status, answer.approved) == ("timeout", False)
    assert events_of(scope)[0].ended_s >= 0.01


def test_silence_without_a_deadline_is_an_error() -> None:
    """Waiting for ever is refused instead of hanging the test."""
    with run(approver=lambda _: None), pytest.raises(ApproverMissing, match="wait for ever"):
        approve("pay")


def test_replayed_approval_asks_nobody() -> None:
    """The recorded answer is served; the approver is not called."""
    with run(approver=lambda _: True) as scope:
        assert approve("pay").approved
    with run(events_of(scope), approver=None):
        assert approve("pay").approved


def test_outside_a_run_production_asks_through_ask() -> None:
    """``ask`` reaches the person; its silence until the deadline is a timeout."""
    assert approve("pay", ask=lambda _: ("modified", "less")).status == "modified"
    assert approve("pay", ask=lambda _: None, deadline_s=1).status == "timeout"
    with pytest.raises(ApproverMissing, match="nobody to ask"):
        approve("pay")


def test_async_approvals() -> None:
    """Coroutine functions may ask, and their deadline is kept."""

    async def never(_: ApprovalRequest) -> bool:
        await asyncio.sleep(30)
        return True

    async def quick(_: ApprovalRequest) -> bool:
        return True

    async def main() -> tuple[Approval, Approval]:
        return (
            await approve_async("pay", ask=never, deadline_s=0.01),
            await approve_async("pay", ask=quick, deadline_s=5),
        )

    slow, fast = asyncio.run(main())
    assert (slow.status, fast.status) == ("timeout", "approved")


def test_a_wrong_answer_is_a_type_error() -> None:
    """An approver that answers nonsense is told what is allowed."""
    with run(approver=lambda _: "yes"), pytest.raises(TypeError, match="an approver answers with"):
        approve("pay")


@pytest.mark.parametrize(
    "question",
    [
        "approve('pay', ask=lambda _: input('pay? ') == 'y', deadline_s=0.05)",
        "approve('pay', ask=lambda _: threading.Event().wait(), deadline_s=0.05)",
        "asyncio.run(approve_async('pay', ask=lambda _: input('pay? ') == 'y', deadline_s=0.05))",
    ],
    ids=["input", "lock", "async"],
)
def test_a_person_who_never_answers_does_not_hold_up_the_end(question: str) -> None:
    """After a deadline the interpreter ends in good order, whatever the asking thread still waits for."""
    program = f"import asyncio, threading\nfrom agentops_eval import *\nprint({question}.status)"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:  # whose stdin stays open and silent
        try:
            code = child.wait(60)
        finally:
            child.kill()
        assert child.stdout is not None
        assert child.stderr is not None
        said, complaint = child.stdout.read(), child.stderr.read()
    assert (code, complaint) == (0, b"")
    assert said.decode().endswith("timeout\n")


async def test_an_abandoned_question_leaves_the_loop_free() -> None:
    """Cancelling who asks does not wait for who is asked, and a late answer is dropped."""
    asked, late = threading.Event(), threading.Event()

    def ask(_: ApprovalRequest) -> bool:
        asked.set()
        return late.wait(60)

    waiting = asyncio.create_task(approve_async("pay", ask=ask))
    await asyncio.to_thread(asked.wait, 60)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    (thread,) = [t for t in threading.enumerate() if t.name == "agentops-ask"]
    late.set()
    thread.join(60)
    assert not thread.is_alive()


def test_who_asks_keeps_its_context_and_its_errors() -> None:
    """With a deadline too, ``ask`` sees the caller's context variables, and what it raises arrives."""
    customer: ContextVar[str] = ContextVar("customer")
    customer.set("ann")
    assert approve("pay", ask=lambda _: ("rejected", customer.get()), deadline_s=60).reason == "ann"

    def broken(_: ApprovalRequest) -> bool:
        raise LookupError("no such person")

    with pytest.raises(LookupError, match="no such person"):
        approve("pay", ask=broken, deadline_s=60)
    with run() as scope, pytest.raises(LookupError, match="no such person"):
        approve("pay", ask=broken, deadline_s=60)
    assert events_of(scope)[0].label is Label.LIVE


def unreachable(_):
    raise TimeoutError("the chat service does not answer")


async def promises(_):
    return "rejected", "too much"


def test_what_asks_may_fail_and_that_is_no_silence():
    """A time-out of the service that asks is its own error, with a deadline or without one."""
    for deadline_s in (None, 60):
        with pytest.raises(TimeoutError, match="chat service"):
            approve("refund", deadline_s=deadline_s, ask=unreachable)
        with pytest.raises(TimeoutError, match="chat service"):
            asyncio.run(approve_async("refund", deadline_s=deadline_s, ask=unreachable))


@pytest.mark.parametrize("ask", [promises, lambda request: promises(request)], ids=["function", "lambda"])
def test_whatever_can_be_awaited_is(ask):
    """Asynchronous code may ask by a coroutine function, or by anything that gives an awaitable."""
    assert asyncio.run(approve_async("refund", deadline_s=60, ask=ask)).reason == "too much"
    with pytest.raises(RunMisuse, match="approve_async"):
        approve("refund", ask=ask)
