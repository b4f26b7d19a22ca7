"""A process that ends at a chosen call, and is started again: in the process of the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agentops_eval import faults, handoff, tool
from agentops_eval.chaos import Limits, judge
from agentops_eval.domain import EndedBy, FaultedRun, Harm
from agentops_eval.harness.faulting import Play, Runner, Subject
from tests.harness.faulting.kinds._kit import run


class Shop:
    """A world that keeps what was done to it, and a checkpoint that a careful agent may keep in it."""

    def __init__(self) -> None:
        self.refunds: list[str] = []
        self.mails: list[str] = []
        self.checkpoint: set[str] = set()

    def tools(self) -> tuple[Callable[..., Any], ...]:
        """The tools that reach this world."""

        @tool(effect="write")
        def refund(order: str) -> str:
            self.refunds.append(order)
            return "refunded"

        @tool(effect="external")
        def mail(order: str) -> str:
            self.mails.append(order)
            return "sent"

        return refund, mail

    def state(self) -> dict[str, list[str]]:
        """What was done."""
        return {"refunds": self.refunds, "mails": self.mails}


def forgetful(shop: Shop) -> str:
    """Refund and write, from the beginning each time."""
    refund, mail = shop.tools()
    return f"{refund('o-1')}, {mail('o-1')}"


def careful(shop: Shop) -> str:
    """Do the same, and write down beforehand what was begun."""
    refund, mail = shop.tools()
    if "refund" not in shop.checkpoint:
        shop.checkpoint.add("refund")
        refund("o-1")
    return f"refunded, {mail('o-1')}"


def played(agent: Callable[[Shop], str], *scheduled: Any) -> FaultedRun:
    """Run an agent in a fresh shop."""

    def begin() -> Play:
        shop = Shop()
        return Play(call=lambda: agent(shop), state=shop.state)

    return Runner(Subject(name="shop", begin=begin))(faults_of(*scheduled))


def faults_of(*scheduled: Any) -> Any:
    """A schedule of these faults."""
    from agentops_eval.domain import Schedule

    return Schedule(faults=scheduled)


def test_killed_before_a_call_nothing_of_it_happened() -> None:
    """The call has no answer and did not land; without another life the run ends there."""
    found = played(forgetful, faults.kill("refund", resume=0))
    assert (found.ended, found.output, found.answered) == (EndedBy.KILL, None, False)
    assert found.state == {"refunds": [], "mails": []}
    assert [(one.site, one.landed, one.told) for one in found.injections] == [
        ("/refund#0", 0, "killed before refund began")
    ]
    assert [event.outcome for event in found.events] == [None]


def test_killed_once_a_call_landed_its_work_is_done() -> None:
    """The world was changed, though nobody heard of it, and the injection says so."""
    found = played(forgetful, faults.kill("refund", landed=True, resume=0))
    assert found.state == {"refunds": ["o-1"], "mails": []}
    assert found.injections[0].landed == 1


def test_started_again_in_the_same_world() -> None:
    """Its second life sees what the first one did, and its calls go on in the same run."""
    found = played(forgetful, faults.kill("refund", landed=True))
    assert found.output == "refunded, sent"
    assert found.state == {"refunds": ["o-1", "o-1"], "mails": ["o-1"]}
    assert found.sites == ("/refund#0", "/refund#1", "/mail#0")
    assert found.resumed_at == (1,)


def test_a_resume_that_repeats_an_effect_is_found() -> None:
    """The impact names the refund that was made twice, and has nothing to say of the careful agent."""
    for agent, harm in ((forgetful, True), (careful, False)):
        base = played(agent)
        impact = judge(base, played(agent, faults.kill("refund", landed=True)))
        assert (Harm.DUPLICATED_EFFECT.value in impact.harms) is harm


def test_it_is_started_as_often_as_the_fault_says() -> None:
    """A call that kills each time ends the run when its lives are used up."""
    found = played(forgetful, faults.kill("mail", after=0, resume=2))
    assert (found.ended, len(found.injections), len(found.resumed_at)) == (EndedBy.KILL, 3, 2)
    assert found.state == {"refunds": ["o-1"] * 3, "mails": []}


def test_nothing_on_the_way_out_reaches_the_world() -> None:
    """Neither ``finally`` nor an agent that catches everything acts in a life that is over."""
    shop = Shop()
    refund, mail = shop.tools()
    tried = []

    def agent() -> str:
        try:
            refund("o-1")
        except BaseException:  # the agent that survives everything
            tried.append("except")
        finally:
            try:
                mail("o-1")
            finally:
                tried.append("finally")
        return "all is well"

    found = run(agent, faults.kill("refund", resume=0))
    assert tried == ["except", "finally"]
    assert (found.ended, found.answered, shop.mails, len(found.events)) == (EndedBy.KILL, False, [], 1)


def test_an_answer_that_is_swallowed_is_no_answer() -> None:
    """An agent that catches its own end and answers is still an agent that was killed."""
    shop = Shop()
    refund, _ = shop.tools()

    def agent() -> str:
        try:
            return str(refund("o-1"))
        except BaseException:
            return "all is well"

    assert run(agent, faults.kill(resume=0)).ended is EndedBy.KILL


def test_threads_that_are_left_behind_reach_nothing() -> None:
    """What another thread of the dead life asks later is refused, also while the next life runs."""
    shop = Shop()
    refund, mail = shop.tools()
    go, refused = threading.Event(), []
    lives: list[threading.Thread] = []

    def left_behind() -> None:
        go.wait(10)
        try:
            mail("late")
        except BaseException as error:
            refused.append(type(error).__name__)

    def agent() -> str:
        if not lives:
            lives.append(threading.Thread(target=left_behind))
            lives[0].start()
            refund("o-1")
        go.set()
        lives[0].join()
        return str(mail("o-1"))

    found = run(agent, faults.kill("refund", landed=True))
    assert (found.output, shop.mails, refused) == ("sent", ["o-1"], ["Killed"])


@pytest.mark.parametrize("grouped", [False, True])
def test_tasks_die_together(grouped: bool) -> None:
    """In gathered tasks and in a task group one kill ends all, and the agent is started again."""
    began: list[str] = []

    @tool(effect="write")
    async def step(name: str) -> str:
        began.append(name)
        await asyncio.sleep(1)
        return name

    async def agent() -> str:
        if grouped:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(step(name)) for name in "ab"]
            return "".join(task.result() for task in tasks)
        return "".join(await asyncio.gather(*(step(name) for name in "ab")))

    found = run(agent, faults.kill("step", nth=2, landed=True))
    assert (found.output, found.ended) == ("ab", EndedBy.ANSWER)
    assert began == ["a", "b", "a", "b"]
    assert run(agent, faults.kill("step", nth=2, resume=0)).ended is EndedBy.KILL


def test_pools_and_hand_offs_die_too() -> None:
    """A kill inside of an executor's job, in an agent that was handed to, ends the whole process."""
    shop = Shop()
    refund, mail = shop.tools()

    def billing(order: str) -> str:
        with ThreadPoolExecutor(1) as pool:
            return str(pool.submit(refund, order).result())

    def agent() -> str:
        handoff("billing", "o-1", billing)
        return str(mail("o-1"))

    found = run(agent, faults.kill("refund"))
    assert (found.output, shop.refunds) == ("sent", ["o-1"])
    assert [event.boundary for event in found.events] == ["billing", "refund", "billing", "refund", "mail"]


def test_a_task_group_that_hangs_is_a_hang() -> None:
    """What ends a run inside of a task group ends it as anywhere else."""

    @tool
    async def look() -> str:
        return "nothing"

    async def agent() -> None:
        async def looking() -> None:
            while True:
                await look()

        async with asyncio.TaskGroup() as group:
            group.create_task(looking())
            group.create_task(looking())

    assert run(agent, limits=Limits(calls=20, repeats=0)).ended is EndedBy.HANG


def test_who_starts_again_may_call_something_else() -> None:
    """A play may say what its next life begins with."""
    shop = Shop()
    refund, mail = shop.tools()
    play = Play(call=lambda: refund("o-1"), resume=lambda: mail("o-1"))
    found = Runner(Subject(name="shop", begin=lambda: play))(faults_of(faults.kill("refund")))
    assert (found.output, shop.refunds) == ("sent", [])


def test_the_same_kill_gives_the_same_run() -> None:
    """Two runs under the same schedule are equal, both lives included."""
    scheduled = faults.kill("mail", landed=True)
    assert played(forgetful, scheduled) == played(forgetful, scheduled)
