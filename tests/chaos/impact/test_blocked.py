"""A stalled call whose caller is blocked: its own time limit lies where no fault at its seam gets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from agentops_eval import faults, tool
from agentops_eval.chaos import Contract, judge
from agentops_eval.chaos.contracts import Undoes
from agentops_eval.domain import EndedBy, Event, Fault, FaultedRun, Impact, Injection, Mode, Schedule
from agentops_eval.harness.faulting import Play, Runner, Subject
from tests.chaos.impact._kit import LATE, read, run, write


@tool
def look() -> int:
    """A blocking tool."""
    return 1


@tool
async def look_async() -> int:
    """The same for an asynchronous caller."""
    return 1


@tool(effect="write")
def pay(order: int) -> str:
    """Pay; each call pays."""
    return "paid"


def blocking() -> str:
    """Wait for a blocking tool."""
    return f"found {look()}"


def endless() -> str:
    """Ask a blocking tool until it answers."""
    while True:
        try:
            return f"found {look()}"
        except OSError:
            continue


def paying_twice() -> str:
    """Pay, and once more where no answer came."""
    try:
        pay(1)
    except OSError:
        pay(1)
    return f"paid and found {look()}"


def asynchronous() -> str:
    """Wait for an asynchronous tool without a limit."""
    return f"found {asyncio.run(look_async())}"


def judged(agent: object, *scheduled: Fault, contract: Contract | None = None) -> Impact:
    """Judge an agent under these faults by its own fault-free run."""
    assert callable(agent)
    runner = Runner(Subject(name="agent", begin=lambda: Play(call=agent)))
    return judge(runner(Schedule()), runner(Schedule(faults=scheduled)), contract=contract)


def hung(*events: Event, struck: Injection, elapsed_s: float) -> FaultedRun:
    """A run that was ended for taking too long."""
    made = run(*events, output=None, answered=False, ended=EndedBy.HANG)
    return replace(made, hung="past-deadline", elapsed_s=elapsed_s, injections=(struck,))


def test_a_stalled_blocking_call_is_unknown_with_its_reason() -> None:
    """Nobody can say whether the tool would have given up: no hang is found, and no safety is claimed."""
    impact = judged(blocking, faults.tool_stall("look"))
    assert impact.mode is Mode.UNKNOWN
    assert not impact.harms
    assert not impact.safe
    assert impact.run.ended is EndedBy.HANG
    assert impact.why == (
        "look blocks its caller: whether it has a time limit in itself is not seen at its seam"
    )


def test_an_asynchronous_caller_that_waits_for_ever_hangs() -> None:
    """Whoever awaits could have given up."""
    impact = judged(asynchronous, faults.tool_stall("look_async"))
    assert impact.mode is Mode.HUNG
    assert impact.harms == {"past-deadline"}
    assert not impact.why


def test_a_stalled_http_call_hangs() -> None:
    """The limit of an HTTP client is seen at its seam, also where the caller is a blocking one."""
    httpx2 = pytest.importorskip("httpx2")

    def answered(request: object) -> object:
        return httpx2.Response(200, json={"rate": 1.09})

    def fetching() -> str:
        with httpx2.Client(transport=httpx2.MockTransport(answered), timeout=None) as client:
            return str(client.get("http://rates.invalid/eur").status_code)

    impact = judged(fetching, faults.stall())
    assert impact.mode is Mode.HUNG
    assert impact.harms == {"past-deadline"}


@pytest.mark.parametrize("fault", [faults.tool_error("look"), faults.tool_timeout("look", after_s=30.0)])
def test_asking_a_blocking_tool_for_ever_hangs(fault: Fault) -> None:
    """A hang that the agent's own loop makes is one, though each of its calls blocked it."""
    impact = judged(endless, fault)
    assert impact.mode is Mode.HUNG
    assert impact.harms == {"same-call-again"}


def test_harm_that_was_done_before_the_stall_is_harm() -> None:
    """What landed twice stays so, whatever the blocking call would have done."""
    scheduled = (faults.tool_reply_lost("pay", nth=1), faults.tool_stall("look"))
    impact = judged(paying_twice, *scheduled)
    assert impact.mode is Mode.FAILED_UNSAFE
    assert impact.harms == {"duplicated-effect"}


def test_what_a_compensation_takes_back_is_not_held_against_a_stalled_run() -> None:
    """The agent may have taken it back after the tool had given up."""
    contract = Contract(compensates={"refund": Undoes(tool="pay")})
    scheduled = (faults.tool_reply_lost("pay", nth=1), faults.tool_stall("look"))
    impact = judged(paying_twice, *scheduled, contract=contract)
    assert impact.mode is Mode.UNKNOWN
    assert impact.harms == frozenset()


def test_effects_that_the_stall_kept_away_are_not_missing() -> None:
    """Half of what was to be done stands, and nobody knows how it would have gone on."""
    base = run(write("charge"), write("ship"))
    struck = Injection(number=0, kind="tool_stall", index=1, site="", landed=0, blocked=True, at_s=1.0)
    stalled = replace(write("ship", failure=LATE), ended_s=7200.0)
    found = hung(write("charge"), stalled, struck=struck, elapsed_s=7200.0)
    assert judge(base, found).mode is Mode.UNKNOWN


def test_a_hang_behind_a_blocking_call_that_ended_is_a_hang() -> None:
    """Only the call that it waited for excuses it, and only where most of its time went there."""
    base = run(read("look"), read("find"))
    struck = Injection(number=0, kind="tool_error", index=0, site="", blocked=True, at_s=1.0)
    later = hung(read("look"), read("find"), struck=struck, elapsed_s=4000.0)
    assert judge(base, later).mode is Mode.HUNG
    slow = Injection(number=0, kind="tool_timeout", index=0, site="", blocked=True, at_s=3580.0)
    waited = hung(read("look"), struck=slow, elapsed_s=3610.0)
    assert judge(base, waited).mode is Mode.HUNG
