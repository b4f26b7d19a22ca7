"""The player answers from the shelf, raises where it cannot, and forks where a branch is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from agentops_eval.domain import (
    Call,
    DrawRequest,
    Effect,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Label,
    Outcome,
    ReplayMiss,
    ValueReply,
)
from agentops_eval.replay._branch import shelf_of_branch
from agentops_eval.replay._player import FULL_EXPLANATIONS, Player
from agentops_eval.replay._shelf import Shelf
from agentops_eval.seams import (
    Entropy,
    EventLog,
    RealClock,
    Scope,
    VirtualClock,
    drive,
    drive_async,
    enter,
    leave,
)
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._loop import new_virtual_loop
from agentops_eval.seams._scope import inside
from agentops_eval.traces.redaction import Redactor
from tests.replay._kit import RULES, call, chat, event, kept, reply, shelf, told, use

GET = HttpRequest(method="GET", url="https://api.example.test/rate")


class Run:
    """A run over a shelf, and a world that says ``live`` and remembers what reached it."""

    def __init__(self, shelved: Shelf, *, virtual: bool = True, **options) -> None:
        clock = VirtualClock(0.0) if virtual else RealClock()
        self.player = Player(shelved, **options)
        self.log = EventLog(clock)
        self.scope = Scope(handlers=(self.log, self.player), clock=clock, entropy=Entropy(), replaying=True)
        self.reached: list[Call] = []

    def world(self, asked: Call) -> Outcome:
        self.reached.append(asked)
        return reply(b"live") if isinstance(asked.request, HttpRequest) else ValueReply(value="live")

    def ask(self, request, span: str = "/", world=None) -> Outcome:
        return drive(self.scope.handlers, call(request, span), world or self.world, self.scope.clock.sleep)

    async def ask_async(self, request, span: str = "/") -> Outcome:
        async def world(asked: Call) -> Outcome:
            return self.world(asked)

        return await drive_async(self.scope.handlers, call(request, span), world, async_sleep)

    @property
    def labels(self) -> list[Label]:
        return [e.label for e in self.log.events]


@contextmanager
def running(events, **options) -> Iterator[Run]:
    """An entered run over events, or over a shelf."""
    run = Run(events if isinstance(events, Shelf) else shelf(events), **options)
    entry = enter(run.scope)
    try:
        yield run
    finally:
        leave(entry)


def test_answers_are_served_with_their_label() -> None:
    """A recorded call never reaches the world; its event says that it was replayed."""
    with running([event(0, chat("a")), event(1, use("t"), answer={"x": 1})]) as run:
        assert told(run.ask(chat("a"))) == "answer 0"
        assert run.ask(use("t")).value == {"x": 1}
    assert run.reached == []
    assert run.labels == [Label.REPLAYED, Label.REPLAYED]
    stats = run.player.stats
    assert (stats.exact, stats.elsewhere, stats.misses, stats.unused, stats.prefix) == (2, 0, 0, (), (0, 1))


def test_a_failure_comes_back_as_a_failure() -> None:
    """What failed in the recording fails in the replay, as a value that adapters raise."""
    failed = replace(
        event(0, chat("a")), outcome=Failure(kind="ConnectError", module="httpx", message="refused")
    )
    with running([failed]) as run:
        outcome = run.ask(chat("a"))
    assert outcome == Failure(kind="ConnectError", module="httpx", message="refused", label=Label.REPLAYED)


def test_a_miss_is_raised_and_remembered() -> None:
    """Even where something swallows the miss, the run knows of it."""
    with (
        running([event(0, chat("a"))], remedy="pytest -k x --agentops-record=all") as run,
        pytest.raises(ReplayMiss) as miss,
    ):
        run.ask(chat("b"))
    assert run.scope.problems == [miss.value]
    assert miss.value.reason == "drifted"
    assert miss.value.remedy == "pytest -k x --agentops-record=all"
    assert run.reached == []
    assert run.player.stats.misses == 1
    assert run.player.summary == "messages[1] (user) changed in 1 of 1 call"


def test_many_misses_stay_cheap() -> None:
    """After some misses the search for the nearest call ends; every miss is still counted."""
    with running([event(0, chat("a"))]) as run:
        for number in range(FULL_EXPLANATIONS + 3):
            with pytest.raises(ReplayMiss):
                run.ask(chat(f"other {number}"))
    assert run.player.stats.misses == FULL_EXPLANATIONS + 3
    assert "not searched" in str(run.scope.problems[-1])


def test_virtual_time_passes_as_recorded() -> None:
    """A call takes in virtual time what it took in the recording, and the real clock waits for nothing."""
    slow = replace(event(0, chat("a")), started_s=10.0, ended_s=3610.0)
    with running([slow]) as run:
        run.ask(chat("a"))
        assert run.scope.clock.elapsed_s() == pytest.approx(3600)
    with running([slow], virtual=False) as run:
        run.ask(chat("a"))
        assert run.scope.clock.elapsed_s() < 60


def test_a_body_at_its_pace_takes_its_time_itself() -> None:
    """With a pace the pauses are between the chunks, and are not counted twice."""
    with running([replace(event(0, chat("a")), ended_s=100.0)], pace=0.5) as run:
        outcome = run.ask(chat("a"))
        assert isinstance(outcome, HttpReply)
        assert outcome.pace == 0.5
        assert run.scope.clock.elapsed_s() == 0


def test_calls_side_by_side_take_their_time_side_by_side() -> None:
    """A fan-out of slow calls keeps the timeout that it kept in the recording."""
    events = [replace(event(i, chat(f"q{i}")), started_s=0.0, ended_s=20.0 + i) for i in range(5)]

    async def fan_out(run: Run) -> list[str]:
        async with asyncio.timeout(30):
            return [
                told(o)
                for o in await asyncio.gather(*(run.ask_async(chat(f"q{i}")) for i in (4, 2, 0, 3, 1)))
            ]

    with running(events) as run, asyncio.Runner(loop_factory=new_virtual_loop) as runner:
        said = runner.run(fan_out(run))
        assert run.scope.clock.elapsed_s() == pytest.approx(24)
    assert said == [f"answer {i}" for i in (4, 2, 0, 3, 1)]


def test_a_timeout_in_the_recording_is_one_in_the_replay() -> None:
    """A call that its caller gave up gets no answer; the retry gets its own."""
    events = [replace(event(0, chat("a")), outcome=None, ended_s=5.0), event(1, chat("a"))]

    async def patient(run: Run) -> str:
        try:
            async with asyncio.timeout(5):
                return told(await run.ask_async(chat("a")))
        except TimeoutError:
            return f"then {told(await run.ask_async(chat('a')))}"

    with running(events) as run, asyncio.Runner(loop_factory=new_virtual_loop) as runner:
        assert runner.run(patient(run)) == "then answer 1"
    assert run.scope.problems == []


def test_who_waits_on_for_what_was_given_up_is_told_so() -> None:
    """Where the caller no longer gives up, there is no answer: a miss that says why."""
    gone = replace(event(0, chat("a")), outcome=None, started_s=0.0, ended_s=5.0)
    with running([gone]) as run, pytest.raises(ReplayMiss, match="not recorded") as miss:
        run.ask(chat("a"))
    assert "recorded call 1 was given up by its caller after 5 s" in str(miss.value)


def test_draws_come_from_the_recording_then_from_the_seam() -> None:
    """A reading that was not recorded is no miss: virtual time and seeds answer it."""
    now = DrawRequest(source="time.time")
    with running([event(0, now, answer=1.5)]) as run:
        assert [told(run.ask(now)) for _ in range(2)] == ["1.5", "live"]
    assert run.labels == [Label.REPLAYED, Label.LIVE]
    assert run.player.stats.misses == 0


def test_the_body_of_a_hand_off_runs() -> None:
    """A recorded hand-off runs its body, whose calls are replayed; its event counts as replayed."""
    message = HandoffRequest(sender="desk", recipient="billing", message="hi")
    events = [event(0, message), event(1, chat("inside"), span="/billing#0", parent=0)]
    with running(events) as run:

        def body(asked: Call) -> Outcome:
            return ValueReply(value=told(run.ask(chat("inside"), span="/billing#0")), native=("object",))

        outcome = run.ask(message, world=body)
    assert outcome == ValueReply(value="answer 1", label=Label.REPLAYED)
    assert outcome.native == ("object",)
    assert run.player.stats.unmatched == 0
    assert run.player.stats.unused == ()


def test_a_changed_hand_off_leaves_the_miss_to_its_calls() -> None:
    """A message that was not recorded runs live and is counted; only the calls inside can miss."""
    message = HandoffRequest(sender="desk", recipient="billing", message="hi")
    with running([event(0, message)]) as run:
        assert told(run.ask(replace(message, message="ho"))) == "live"
    assert run.labels == [Label.LIVE]
    assert run.scope.problems == []
    assert run.player.stats.unmatched == 1


def test_drift_is_served_on_request_and_listed() -> None:
    """With allow_drift the answer in the same place is served and stays on the list."""
    with running([event(0, chat("a"))], allow_drift=True) as run:
        assert told(run.ask(chat("A"))) == "answer 0"
    stats = run.player.stats
    assert (stats.drift, len(stats.drifted), stats.misses) == (1, 1, 0)


def test_a_branch_forks_at_the_first_miss() -> None:
    """The prefix comes from the recording, the rest from the world, though its key is recorded."""
    events = [event(0, chat("a")), event(1, chat("b")), event(2, chat("c"))]
    with running(events, fallthrough=True, virtual=False) as run:
        said = [told(run.ask(chat(text))) for text in ("a", "B", "c")]
    assert said == ["answer 0", "live", "live"]
    assert run.labels == [Label.REPLAYED, Label.LIVE, Label.LIVE]
    assert run.player.stats.forked_at == 2
    assert run.player.stats.prefix == (0,)
    assert run.scope.problems == []


def test_after_the_fork_only_what_changes_nothing_is_replayed() -> None:
    """GETs, tools that read and draws may still come from the recording; writes and posts are live."""
    now = DrawRequest(source="time.time")
    requests = [GET, use("lookup"), use("refund", Effect.WRITE), chat("a"), now]
    events = [event(i, request, answer=None if i else reply(b"rate")) for i, request in enumerate(requests)]
    with running(events, fallthrough=True, virtual=False) as run:
        run.ask(chat("forks"))
        said = [told(run.ask(request)) for request in requests]
    assert said == ["rate", "answer 1", "live", "live", "answer 4"]


def test_after_the_fork_nothing_drifts() -> None:
    """A tool that reads with other arguments goes to the world, allow_drift or not."""
    with running([event(0, use("t", a=1))], fallthrough=True, allow_drift=True, virtual=False) as run:
        run.ask(chat("forks"))
        assert told(run.ask(use("t", a=2))) == "live"


def test_the_body_of_a_live_tool_is_live_throughout() -> None:
    """Inside a tool that runs, nothing is taken from the recording: a replay will not run its body."""
    now = DrawRequest(source="time.time")
    with running(
        [event(0, use("t", a=1)), event(1, GET), event(2, now)], fallthrough=True, virtual=False
    ) as run:

        def body(asked: Call) -> Outcome:
            with inside(span="/t#0", parent=asked.index):
                hand_off = HandoffRequest(sender="t", recipient="b", message="m")
                return run.ask(hand_off, world=deeper)

        def deeper(asked: Call) -> Outcome:
            with inside(span="/t#0/b#0", parent=asked.index):
                return ValueReply(value=[told(run.ask(GET)), told(run.ask(now))])

        assert run.ask(use("t", a=2), world=body).value == ["live", "live"]
        assert told(run.ask(GET)) == "answer 1"


def test_a_recorded_branch_replays() -> None:
    """What a fork took and what it recorded, put together, replay without the world."""
    now = DrawRequest(source="time.time")
    parent = kept((event(0, chat("a")), event(1, now, answer=1.0), event(2, chat("b")), event(3, GET)))

    def agent(run: Run) -> list[str]:
        hand_off = HandoffRequest(sender="", recipient="b", message="m")
        requests = [chat("a"), now, chat("B"), GET, hand_off, now, chat("a")]
        return [told(run.ask(request)) for request in requests]

    with running(Shelf(parent, rules=RULES, redactor=Redactor()), fallthrough=True, virtual=False) as forked:
        said = agent(forked)
    assert said == ["answer 0", "1.0", "live", "answer 3", "live", "live", "live"]
    written: tuple[Event, ...] = tuple(e for e in forked.log.events if e.label is not Label.REPLAYED)
    branch = kept(written, branch="v2", branch_of=parent.digest, prefix=forked.player.stats.prefix)
    with running(shelf_of_branch(parent, branch, rules=RULES, redactor=Redactor())) as run:  # type: ignore[arg-type]
        assert agent(run) == said
    assert run.reached == [c for c in run.reached if isinstance(c.request, HandoffRequest)]
    branched = [Label.BRANCH if e.label is Label.LIVE else e.label for e in forked.log.events]
    assert run.labels == branched
    assert run.player.stats.unused == ()
    assert set(run.player.answered.values()) <= set(parent.events)


def test_after_a_fork_a_hand_off_is_live() -> None:
    """A message sent after the run left its recording is new, although the same one was recorded."""
    hand_off = HandoffRequest(sender="", recipient="b", message="m")
    with running([event(0, chat("a")), event(1, hand_off)], fallthrough=True, virtual=False) as run:
        run.ask(chat("other"))
        run.ask(hand_off)
    assert run.labels == [Label.LIVE, Label.LIVE]
