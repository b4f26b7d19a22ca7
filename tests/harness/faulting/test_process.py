"""An agent in a process of its own, killed for real at a chosen call, and started again."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from agentops_eval import faults
from agentops_eval.chaos import judge
from agentops_eval.domain import EndedBy, Fault, FaultedRun, Schedule, TargetInvalid, ToolRequest, WorldLost
from agentops_eval.harness.faulting import ProcessRunner, Runner, SubjectOrder, load_subject
from agentops_eval.harness.faulting._lines import LifeOrder

AGENT = '''
import atexit, os, sqlite3, sys, time, uuid
from agentops_eval import tool


class Books:
    """A world in a file, which a killed process leaves behind."""

    def __init__(self, fresh=True):
        self.path = {path!r}
        if fresh and os.path.exists(self.path):
            os.remove(self.path)
        self.db = sqlite3.connect(self.path, isolation_level=None)
        self.db.execute("create table if not exists done (what text, key text)")

    @classmethod
    def again(cls):
        return cls(fresh=False)

    def state(self):
        return [list(row) for row in self.db.execute("select what, count(*) from done group by what")]

    def close(self):
        self.db.close()


class Memory:
    """A world that is gone with its process."""

    def state(self):
        return []


def tools(world):
    @tool(effect="write")
    def refund(order: str, key: str) -> str:
        world.db.execute("insert into done values ('refund', ?)", (key,))
        return "refunded"

    @tool(effect="external")
    def mail(order: str) -> str:
        world.db.execute("insert into done values ('mail', '')")
        return "sent"

    return refund, mail


def agent(order, world):
    refund, mail = tools(world)
    print("what an agent prints is its own")
    try:
        refund(order, str(uuid.uuid4()))
        time.sleep(60)
        return mail(order)
    finally:
        world.db.execute("insert into done values ('cleaned up', '')")


def crashing(order, world):
    refund, mail = tools(world)
    refund(order, "k")
    os._exit(7)


def endless(order, world):
    refund, mail = tools(world)
    refund(order, "k")
    while True:
        pass


def forgetful(world):
    return look()


@tool
def look() -> str:
    return "seen"
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with agents that keep their world in a file."""
    name = f"killable_{os.getpid()}_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(
        textwrap.dedent(AGENT).replace("{path!r}", repr(str(tmp_path / "books")))
    )
    return tmp_path / name


def order_of(root: Path, agent: str = "agent", world: str = "Books", *words: str) -> SubjectOrder:
    """What is to be run, in words."""
    arguments = words if agent == "forgetful" else ("o-1",)
    return SubjectOrder(
        target=f"{root.name}:{agent}", arguments=arguments, root=root.parent, world=f"{root.name}:{world}"
    )


def run(
    root: Path, *scheduled: Fault, agent: str = "agent", world: str = "Books", **more: float
) -> FaultedRun:
    """Run an agent in a process under these faults."""
    return ProcessRunner(order_of(root, agent, world), **more)(Schedule(faults=scheduled))


def test_a_run_in_a_process_is_the_run_that_it_is_here(root: Path) -> None:
    """Without a kill the same events, sites, times and state come back as from a run in this process."""
    for scheduled in ((), (faults.tool_reply_lost("mail"),)):
        there = run(root, *scheduled)
        here = Runner(load_subject(order_of(root)))(Schedule(faults=scheduled))
        assert there == here


def test_killed_for_real_nothing_is_cleaned_up(root: Path) -> None:
    """What landed is known and in the books, ``finally`` did not run, and the run tells no state."""
    found = run(root, faults.kill("refund", landed=True, resume=0))
    assert (found.ended, found.answered, found.injections[0].landed) == (EndedBy.KILL, False, 1)
    assert [event.boundary for event in found.events if isinstance(event.request, ToolRequest)] == ["refund"]
    left = Runner(load_subject(order_of(root), again=True)).subject.begin()
    assert left.state is not None
    assert left.state() == [["refund", 1]]
    assert left.close is not None
    left.close()


def test_started_again_it_finds_its_world(root: Path) -> None:
    """Both lives are one run: numbers, sites and times go on, and the books show both."""
    found = run(root, faults.kill("mail", nth=1))
    tools = [event for event in found.events if isinstance(event.request, ToolRequest)]
    assert [event.boundary for event in tools] == ["refund", "mail", "refund", "mail"]
    assert [event.index for event in found.events] == list(range(len(found.events)))
    sites = [found.sites[event.index] for event in tools]
    assert sites == ["/refund#0", "/mail#0", "/refund#1", "/mail#1"]
    assert (found.elapsed_s, tools[2].started_s, tools[3].started_s) == (120.0, 60.0, 120.0)
    assert (found.output, len(found.resumed_at)) == ("sent", 1)
    assert found.state == [["cleaned up", 1], ["mail", 1], ["refund", 2]]


def test_the_refund_that_was_made_twice_is_found(root: Path) -> None:
    """Keys that are drawn anew in the second life do not hide that the effect is there twice."""
    base = run(root)
    impact = judge(base, run(root, faults.kill("mail", nth=1)))
    assert impact.effects.extra or impact.effects.duplicated


def test_a_kill_that_comes_each_time_ends_the_run(root: Path) -> None:
    """Two lives are used up, and faults are counted through all of them."""
    found = run(root, faults.kill("refund", after=0, resume=1), faults.tool_error("mail", nth=1))
    assert (found.ended, len(found.injections), len(found.resumed_at)) == (EndedBy.KILL, 2, 1)
    assert found.not_injected[0].startswith("tool_error")
    found = run(root, faults.kill("refund", nth=2, resume=1))
    assert found.not_injected == (
        "kill(landed=false, resume=1) @refund #2: it is for call 2, and only 1 that it fits came",
    )


def test_an_agent_that_crashes_by_itself_is_known_as_far_as_it_came(root: Path) -> None:
    """``os._exit`` in the agent ends the run as killed, with all calls that were answered before."""
    found = run(root, agent="crashing")
    assert (found.ended, found.why) == (EndedBy.KILL, "its process ended with exit code 7")
    assert [event.boundary for event in found.events] == ["refund"]
    assert found.events[0].outcome is not None


def test_an_agent_that_never_ends_is_ended(root: Path) -> None:
    """One that computes for ever takes its real time and no more, and counts as hung."""
    found = run(root, agent="endless", timeout_s=1.0)
    assert (found.ended, found.why) == (EndedBy.HANG, "its process took too long and was ended")
    assert [event.boundary for event in found.events] == ["refund"]


def test_an_agent_that_nobody_watches_ends(root: Path) -> None:
    """Where the test that started it is gone, its next call reaches nothing, and its process ends."""
    reading, writing = os.pipe()
    order = pickle.dumps(LifeOrder(order=order_of(root), schedule=Schedule()))
    life = [sys.executable, "-m", "agentops_eval.harness.faulting._life", str(writing)]
    with subprocess.Popen(life, stdin=subprocess.PIPE, pass_fds=(writing,)) as process:
        os.close(writing)
        os.close(reading)
        process.communicate(order, timeout=120)
    assert process.returncode == 1
    left = Runner(load_subject(order_of(root), again=True)).subject.begin()
    assert left.state is not None
    assert left.state() == []
    assert left.close is not None
    left.close()


def test_a_world_in_memory_cannot_be_taken_up(root: Path) -> None:
    """The error says that the world was lost, and what to give it."""
    with pytest.raises(WorldLost, match="again"):
        run(root, faults.kill("look"), agent="forgetful", world="Memory")


def test_what_cannot_be_loaded_is_told_here(root: Path) -> None:
    """An agent that is not there is the same error as in this process."""
    with pytest.raises(TargetInvalid, match="agnt"):
        run(root, agent="agnt")
