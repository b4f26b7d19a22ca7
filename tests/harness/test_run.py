"""Runs: what they do with their cassette, what they leave behind, and what they refuse."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval import Settings, approve, recording, replaying, tool
from agentops_eval.domain import (
    CassetteForeign,
    CassetteMissing,
    ConfigInvalid,
    Label,
    RecordingRefused,
    ReplayMiss,
    RunMisuse,
    UnusedRecordings,
)
from agentops_eval.harness import GoldenFile, RecordMode, RunMode, decide_mode, open_run
from agentops_eval.replay import read_cassette
from agentops_eval.testing import ScriptedApprover

PLAIN = Settings()


@tool
def lookup(name: str) -> str:
    """A tool with an answer."""
    return name.upper()


@tool(effect="write")
def store(name: str) -> int:
    """A tool with an effect."""
    return len(name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where this test's recording goes."""
    return tmp_path / "deep" / "case.cassette.jsonl"


def _record(path: Path, *names: str) -> None:
    with recording(path, settings=PLAIN):
        for name in names:
            lookup(name)


MODES = [
    ("none", "", set(), RunMode.REPLAY),
    ("once", "", set(), RunMode.RECORD),
    ("once", "", {"case"}, RunMode.REPLAY),
    ("all", "", {"case"}, RunMode.RECORD),
    ("none", "b", {"case", "case@b"}, RunMode.REPLAY),
    ("once", "b", {"case"}, RunMode.BRANCH),
    ("once", "b", {"case", "case@b"}, RunMode.REPLAY),
    ("all", "b", {"case", "case@b"}, RunMode.BRANCH),
]


@pytest.mark.parametrize(("record", "branch", "there", "mode"), MODES)
def test_mode_is_decided_without_doing_anything(
    record: str, branch: str, there: set[str], mode: RunMode
) -> None:
    """The mode follows from the setting and from which files exist."""
    settings = Settings(record=RecordMode(record), branch=branch)
    exists = lambda p: p.name.removesuffix(".cassette.jsonl") in there  # noqa: E731 - a one-line table look-up
    assert decide_mode(Path("case.cassette.jsonl"), settings, exists=exists) is mode


def test_missing_branch_is_an_error() -> None:
    """Replaying a branch that was never recorded names its file."""
    settings = Settings(branch="b")
    with pytest.raises(CassetteMissing, match="case@b"):
        decide_mode(Path("case.cassette.jsonl"), settings, exists=lambda p: "@" not in p.name)


@pytest.mark.parametrize("record", [RecordMode.ONCE, RecordMode.ALL])
def test_a_branch_needs_a_recording_to_leave(record: RecordMode) -> None:
    """Recording a branch of nothing records nothing, under either name."""
    with pytest.raises(CassetteMissing, match="no recording to branch from"):
        decide_mode(Path("c.cassette.jsonl"), Settings(branch="b", record=record), exists=lambda _: False)


def test_missing_cassette_is_never_an_empty_one(path: Path) -> None:
    """Without a recording nothing runs, and the message says how to make one."""
    with pytest.raises(CassetteMissing) as caught:
        replaying(path, settings=PLAIN)
    assert caught.value.exit_code == 3
    assert "record" in caught.value.remedy


def test_recorded_and_replayed_runs_have_equal_digests(path: Path) -> None:
    """Equal behaviour gives equal digests, and labels tell where answers came from."""
    with recording(path, settings=PLAIN) as first:
        lookup("a")
    with replaying(path, settings=PLAIN) as second:
        lookup("a")
    assert first.digest == second.digest
    assert [event.label for event in first.events] == [Label.LIVE]
    assert [event.label for event in second.events] == [Label.REPLAYED]
    assert second.report.labels == {"replayed": 1}


def test_different_behaviour_has_another_digest(path: Path) -> None:
    """A digest that never changed would prove nothing."""
    with recording(path, settings=PLAIN) as first:
        lookup("a")
    with recording(path, settings=PLAIN) as second:
        lookup("b")
    assert first.digest != second.digest


def test_recording_twice_gives_the_same_golden_bytes(path: Path, tmp_path: Path) -> None:
    """A golden changes only when behaviour does."""
    made = []
    for name in ("one", "two"):
        with recording(path, settings=PLAIN) as run:
            lookup("a")
            store("b")
        golden = GoldenFile(tmp_path / f"{name}.otlp.jsonl")
        golden.approve(run)
        made.append(golden.path.read_bytes())
    assert made[0] == made[1]


def test_failed_agent_leaves_its_recording_with_the_outcome(path: Path) -> None:
    """An agent that raises has behaved too: what it did is kept, and how it ended."""
    with pytest.raises(LookupError), recording(path, settings=PLAIN):
        lookup("a")
        raise LookupError("nobody")
    assert json.loads(path.read_text().splitlines()[-1])["end"]["outcome"] == "raised LookupError"


def test_interrupted_recording_leaves_the_old_one(path: Path) -> None:
    """Ctrl-C keeps what was there before, and what was seen lies beside it."""
    _record(path, "a")
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt), recording(path, settings=PLAIN):
        lookup("b")
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    (partial,) = [p for p in path.parent.iterdir() if "partial" in p.name]
    assert "lookup" in partial.read_text()


def test_first_miss_wins_over_what_the_agent_made_of_it(path: Path) -> None:
    """When an agent turns a miss into its own error, the miss is raised, caused by that error."""
    _record(path, "a")
    with pytest.raises(ReplayMiss) as caught, replaying(path, settings=PLAIN):
        try:
            lookup("b")
        except BaseException:
            raise ValueError("the agent's own words") from None
    assert isinstance(caught.value.__cause__, ValueError)


def test_strict_fails_on_unused_recordings(path: Path) -> None:
    """Calls that a replay never asks for are reported, and fail in strict mode."""
    _record(path, "a", "b")
    with replaying(path, settings=PLAIN) as run:
        lookup("a")
    assert [event.boundary for event in run.unused] == ["lookup"]
    with pytest.raises(UnusedRecordings, match="1 of the recorded calls"):
        with replaying(path, settings=replace(PLAIN, strict=True)):
            lookup("a")


def test_another_tests_cassette_is_refused(path: Path) -> None:
    """A cassette says whose it is."""
    with recording(path, settings=PLAIN, case="mine"):
        lookup("a")
    with pytest.raises(CassetteForeign, match="mine"):
        replaying(path, settings=PLAIN, case="yours")


def test_recording_is_refused_in_ci(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The public function refuses as the command line does."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(RecordingRefused):
        recording(path, settings=PLAIN)


def test_a_run_opens_once(path: Path) -> None:
    """Entering the same run twice is a mistake with its own code."""
    run = recording(path, settings=PLAIN)
    with run, pytest.raises(RunMisuse):
        run.open()
    with pytest.raises(RunMisuse):
        run.open()
    assert "closed" in repr(run)


def test_branch_serves_the_prefix_and_records_the_suffix(path: Path) -> None:
    """A run that leaves its recording keeps what still holds, and records the rest beside it."""
    with recording(path, settings=PLAIN, case="c"):
        lookup("a")
        store("b")
    settings = Settings(record=RecordMode.ONCE, branch="new")
    with open_run(path, settings, case="c") as made:
        lookup("a")
        store("other")
    assert [event.label for event in made.events] == [Label.REPLAYED, Label.LIVE]
    assert path.with_name("case@new.cassette.jsonl").exists()
    with open_run(path, Settings(branch="new"), case="c") as again:
        lookup("a")
        assert store("other") == 5
    assert [event.label for event in again.events] == [Label.REPLAYED, Label.BRANCH]
    with pytest.raises(ReplayMiss), open_run(path, Settings(branch="new"), case="c"):
        store("b")


def test_approver_answers_in_the_recording_only(path: Path) -> None:
    """The scripted approver is asked once; the replay needs none."""
    approver = ScriptedApprover.rejecting()
    with recording(path, settings=PLAIN, approver=approver):
        assert not approve("pay", deadline_s=60).approved
    with replaying(path, settings=PLAIN):
        assert not approve("pay", deadline_s=60).approved
    assert len(approver.asked) == 1


def test_nested_calls_of_a_tool_are_not_unused(path: Path) -> None:
    """What a tool did inside is covered by its own answer."""

    @tool
    def outer(name: str) -> str:
        return lookup(name)

    with recording(path, settings=PLAIN) as first:
        outer("a")
    with replaying(path, settings=replace(PLAIN, strict=True)) as second:
        outer("a")
    assert first.digest == second.digest
    assert len(first.events) == 2
    assert len(second.events) == 1


def test_what_a_thread_was_about_to_keep_is_in_the_recording(path: Path) -> None:
    """A run that ends while its threads go on keeps all that they had, and none of them fails for it."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(200):
                lookup(str(number))
        except BaseException as error:
            errors.append(error)

    for _ in range(5):
        threads = [threading.Thread(target=work) for _ in range(4)]
        with recording(path, settings=PLAIN) as run:
            for thread in threads:
                thread.start()
        for thread in threads:
            thread.join()
        kept = {event.index for event in read_cassette(path).events}
        assert {event.index for event in run.events if event.outcome is not None} <= kept
    assert errors == []


def test_a_recording_that_broke_off_never_replaces_a_whole_one(path: Path) -> None:
    """With the network down, recording anew keeps what was there, and what was seen beside it."""
    _record(path, "a")
    before = path.read_bytes()
    with pytest.raises(ConnectionError), recording(path, settings=PLAIN) as run:
        lookup("b")
        raise ConnectionError("no network")
    assert path.read_bytes() == before
    assert run.partial is not None
    assert "lookup" in run.partial.read_text()


def test_a_failed_assertion_is_the_tests_opinion(path: Path) -> None:
    """What the agent did is whole where only an assertion failed: the new recording counts."""
    _record(path, "a")
    with pytest.raises(AssertionError), recording(path, settings=PLAIN):
        lookup("b")
        raise AssertionError
    with replaying(path, settings=PLAIN):
        assert lookup("b") == "B"


def test_parallel_tasks_draw_apart(path: Path) -> None:
    """Tasks that draw at the same time get their own draws back, in whatever order they wake."""

    @tool
    async def keep(name: str, badge: str) -> str:
        return f"{name}:{badge}"

    async def fan_out(order: list[int]) -> list[str]:
        async def one(number: int) -> str:
            await asyncio.sleep(order[number] / 100)
            badge = str(uuid.uuid4())
            await asyncio.sleep(0)
            return await keep(str(number), badge)

        return list(await asyncio.gather(*(one(number) for number in range(5))))

    with recording(path, settings=PLAIN):
        live = asyncio.run(fan_out([4, 2, 0, 3, 1]))
    with replaying(path, settings=replace(PLAIN, strict=True)):
        assert asyncio.run(fan_out([0, 1, 2, 3, 4])) == live


def test_parallel_threads_draw_apart(path: Path) -> None:
    """The same for the jobs of a pool, which are told apart by the order of submission."""
    turns = [threading.Event() for _ in range(4)]

    def job(number: int) -> str:
        turns[number].wait()
        return lookup(f"{number}-{random.random()}")

    def fan_out(order: list[int]) -> list[str]:
        for turn in turns:
            turn.clear()
        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(job, number) for number in range(4)]
            for number in order:
                turns[number].set()
                jobs[number].result()
        return [job.result() for job in jobs]

    with recording(path, settings=PLAIN):
        live = fan_out([3, 1, 0, 2])
    with replaying(path, settings=replace(PLAIN, real_time=True)):
        assert fan_out([0, 1, 2, 3]) == live


@tool
def unreachable() -> str:
    """A tool whose service is down."""
    raise ConnectionError("no network")


def test_a_recording_in_which_nothing_answered_is_none(path: Path) -> None:
    """A first recording without a single answer is kept beside, so that once records again."""
    with pytest.raises(ConnectionError), recording(path, settings=PLAIN) as run:
        unreachable()
    assert not path.exists()
    assert run.broke_off
    assert run.partial is not None
    assert "unreachable" in run.partial.read_text()
    with open_run(path, Settings(record=RecordMode.ONCE)) as again:
        lookup("a")
    assert again.mode is RunMode.RECORD
    assert path.exists()
    assert not again.broke_off


def test_an_agent_that_fails_before_any_call_leaves_nothing(path: Path) -> None:
    """Where nothing was asked there is nothing to keep either."""
    with pytest.raises(LookupError), recording(path, settings=PLAIN) as run:
        raise LookupError("no key")
    assert run.broke_off
    assert run.partial is None
    assert not path.exists()


def test_a_recording_without_answers_counts_where_nothing_was_raised(path: Path) -> None:
    """An agent that copes with a service that is down has behaved: that is recorded."""
    with recording(path, settings=PLAIN), pytest.raises(ConnectionError):
        unreachable()
    with replaying(path, settings=PLAIN), pytest.raises(ConnectionError):
        unreachable()


@pytest.mark.parametrize(
    ("word", "status"), [("approve", "approved"), ("reject", "rejected"), ("silent", "timeout")]
)
def test_words_stand_for_the_simplest_approvers(path: Path, word: str, status: str) -> None:
    """The words of the command line mean the same here."""
    with recording(path, settings=PLAIN, approver=word):
        assert approve("pay", deadline_s=0.01).status == status


@pytest.mark.parametrize("given", ["yes", "", 1, True, ("approved", "")])
def test_any_other_approver_is_refused_at_once(path: Path, given: object) -> None:
    """What is neither a known word nor a callable is an error before anything runs."""
    with pytest.raises(ConfigInvalid, match="approve, reject, silent, or a callable") as caught:
        open_run(path, Settings(record=RecordMode.ALL), approver=given)
    assert caught.value.code == "AE401"
    assert not path.parent.exists()
