"""Game days: order, gates, pauses, what ends them, and what is undone."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.chaos.experiments import day_exit_code, report_of
from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy
from agentops_eval.domain import (
    AgentopsError,
    EntryKind,
    GamedayEnding,
    GamedayInvalid,
    JournalStatus,
    WeaknessKind,
)
from agentops_eval.harness.experimenting import Stop, read_entries, recover

if TYPE_CHECKING:
    from agentops_eval.domain import JournalEntry
    from tests.harness.experimenting._kit import Home


def steps(*names: str, **more: Any) -> dict[str, Any]:
    """Steps of a day; ``more`` is of the first."""
    found: list[dict[str, Any]] = [{"experiment": name} for name in names]
    found[0] |= more
    return {"experiments": found}


def deviating(home: Home, name: str) -> None:
    """An experiment that deviates."""
    home.file(
        name,
        method=[home.probe("whole", "exists", name="nothing")],
        rollbacks=[home.python("mend", "write", name="mended")],
        owner="role:cache",
        remedy="add a cache",
    )


def acting(home: Home, name: str, **more: Any) -> None:
    """One that writes its own name, and undoes nothing."""
    home.file(name, method=[home.python("act", "write", name="acted", text=name[0])], **more)


def test_experiments_run_in_order_and_the_journal_tells_all_of_it(home: Home) -> None:
    """The report is made of the journal's lines, which stay, and is the same again."""
    acting(home, "a.json")
    acting(home, "b.json")
    report = home.day(steps("b.json", "a.json", pauses={"before": 0.01, "after": 0.01}))
    assert home.read("acted") == "ba"
    assert (report.ending, report.steady, day_exit_code(report)) == (GamedayEnding.FINISHED, True, 0)
    assert [journal.title for journal in report.journals] == ["b.json", "a.json"]
    (path,) = home.journals
    assert report_of(read_entries(path)) == report
    kinds = [entry.kind for entry in report.timeline]
    assert kinds.count(EntryKind.PAUSE) == 2
    assert kinds[-1] is EntryKind.CLOSED


def test_a_day_holds_behind_a_deviation_unless_its_gate_lets_it_go_on(home: Home) -> None:
    """By default the next experiment is not begun; findings name the step's owner before the experiment's."""
    deviating(home, "a.json")
    acting(home, "b.json")
    held = home.day({**steps("a.json", "b.json"), "owner": "role:on-call"})
    assert (held.ending, home.read("acted"), home.read("mended")) == (GamedayEnding.HELD, "", "x")
    assert (held.weaknesses[0].owner, held.weaknesses[0].remedy) == ("role:cache", "add a cache")
    assert day_exit_code(held) == 1
    went = home.day(steps("a.json", "b.json", owner="role:wire", gate={"require": "completed"}))
    assert (went.ending, home.read("acted")) == (GamedayEnding.FINISHED, "b")
    assert went.weaknesses[0].owner == "role:wire"


def test_a_gates_probe_holds_the_day(home: Home) -> None:
    """What has to be so between two experiments is asked there."""
    acting(home, "a.json")
    acting(home, "b.json")
    gate = {"probes": [home.probe("calm", "missing", name="acted")]}
    report = home.day(steps("a.json", "b.json", gate=gate))
    assert (report.ending, home.read("acted")) == (GamedayEnding.HELD, "a")
    assert "calm" in report.reason
    assert day_exit_code(report) == 2


def test_nothing_is_done_where_a_later_experiment_cannot_be(home: Home) -> None:
    """All of them are ready before the first begins."""
    acting(home, "a.json")
    home.file(
        "b.json", method=[{"type": "action", "name": "x", "provider": {"type": "process", "path": "no-such"}}]
    )
    with pytest.raises(AgentopsError, match="no program"):
        home.day(steps("a.json", "b.json"))
    assert (home.read("acted"), home.journals) == ("", [])
    with pytest.raises(GamedayInvalid, match=r"gone\.json"):
        home.day(steps("gone.json"))


def test_the_kill_switch_stops_everything(home: Home) -> None:
    """A file that appears ends what is under way, undoes it, and keeps the next from beginning."""
    home.file(
        "a.json",
        method=[home.process("wait", "sleep", "60")],
        rollbacks=[home.python("mend", "write", name="mended")],
    )
    acting(home, "b.json")
    timer = threading.Timer(0.5, (home.root / "stop.me").touch)
    timer.start()
    report = home.day({**steps("a.json", "b.json"), "kill-switch": "stop.me"})
    timer.join()
    assert (report.ending, home.read("mended"), home.read("acted")) == (GamedayEnding.STOPPED, "x", "")
    assert "kill switch" in report.reason
    assert day_exit_code(report) == 2


def test_a_days_conditions_count_over_all_of_it(home: Home) -> None:
    """Its time is that of the whole day; an experiment's own conditions end that experiment alone."""
    home.file(
        "a.json",
        method=[home.process("wait", "sleep", "60")],
        **{"abort-conditions": [{"type": "elapsed", "seconds": 0.3}]},
    )
    acting(home, "b.json")
    alone = home.day(steps("a.json", "b.json", gate={"require": "anything"}))
    assert (alone.ending, home.read("acted")) == (GamedayEnding.FINISHED, "b")
    assert alone.weaknesses[0].kind is WeaknessKind.ABORTED
    home.file("c.json", method=[home.process("wait", "sleep", "60")])
    conditions = [{"type": "elapsed", "seconds": 0.3}]
    whole = home.day({**steps("c.json", "b.json"), "abort-conditions": conditions})
    assert (whole.ending, home.read("acted")) == (GamedayEnding.ABORTED, "b")


def test_a_stop_before_the_first_begins_nothing(home: Home) -> None:
    """A day that was stopped while it waited has done nothing."""
    acting(home, "a.json")
    stop = Stop()
    stop.now(JournalStatus.INTERRUPTED, "interrupted: q")
    report = home.day(steps("a.json"), stop=stop)
    assert (report.ending, report.journals, home.read("acted")) == (GamedayEnding.STOPPED, (), "")


def test_what_could_not_be_undone_is_tried_again_by_the_next(home: Home) -> None:
    """The journal stays open until its rollback succeeds; the verdict stays what it was."""
    home.file(
        "a.json",
        method=[home.probe("whole", "exists", name="nothing")],
        rollbacks=[home.python("mend", "judge", value={"status": 1}), home.process("tidy", "cat", "needed")],
    )
    conducted = home.day(steps("a.json"))
    assert conducted.journals[0].deviated
    (left,) = recover(home.project)
    assert left.failed == ("tidy",), "a program that ends with 1 undid nothing"
    (home.root / "needed").touch()
    assert recover(home.project)[0].restored == ("rollback tidy",)
    home.file("b.json", method=[], rollbacks=[home.python("mend", "fail")])
    home.day(steps("b.json"))
    (tried,) = recover(home.project)
    assert tried.failed == ("mend",)
    (home.root / f"{home.module}.py").write_text("def fail():\n    return 1\n")
    import importlib
    import sys

    importlib.reload(sys.modules[home.module])
    (again,) = recover(home.project)
    assert (again.failed, again.restored) == ((), ("rollback mend",))
    assert recover(home.project) == ()


def test_a_journal_that_is_being_written_is_left_alone(home: Home) -> None:
    """What another process is doing is none of this one's business."""
    home.file("a.json", method=[home.process("wait", "sleep", "60")])
    stop = Stop()
    thread = threading.Thread(target=lambda: home.day(steps("a.json"), stop=stop))
    thread.start()
    while not any(entry.kind is EntryKind.START for entry in home.entries):
        thread.join(0.05)
    assert recover(home.project) == ()
    stop.now(JournalStatus.INTERRUPTED, "enough")
    thread.join()


def test_a_virtual_day_gives_the_same_journal_again(home: Home) -> None:
    """Byte for byte, with hours of pauses in it."""
    agent = "agentops_eval.demo.flaws.duplicate_email_on_lost_reply:mended"
    fault = {"fault": "tool_reply_lost", "target": "send_email"}
    provider = {"type": "agent", "agent": agent, "faults": [fault]}
    home.file("a.json", method=[{"type": "action", "name": "lose", "provider": provider}])
    day = steps("a.json", "a.json", pauses={"before": 3600, "after": 3600})
    one, other = (home.day(day) for _ in range(2))
    first, second = (path.read_bytes() for path in home.journals)
    assert first == second
    assert one == other
    assert one.journals[0].duration_s == 10.0


def test_a_toxiproxy_that_goes_away_holds_the_day_until_it_is_back(home: Home) -> None:
    """What is left at it is told with its address, whatever the gate asks; the next process undoes it."""
    with EmbeddedServer() as server, Toxiproxy(server.url, embedded=True) as toxiproxy:
        home.environ = {"TOXIPROXY_URL": server.url}
        listen = "{}:{}".format(*toxiproxy.create("127.0.0.1:9", "web").address)
        provider = {"type": "toxiproxy", "proxy": "web"}
        slow = {**provider, "toxic": {"type": "latency", "attributes": {"latency": 5}}}
        home.file(
            "a.json",
            method=[
                {"type": "action", "name": "slow", "provider": slow},
                {"type": "probe", "name": "look", "provider": provider},
            ],
        )
        acting(home, "b.json")

        def go(entry: JournalEntry) -> None:
            if entry.kind is EntryKind.END:
                server.stop()

        home.hear = go
        report = home.day(steps("a.json", "b.json", gate={"require": "anything"}))
    assert (report.ending, home.read("acted")) == (GamedayEnding.HELD, "")
    assert [one.kind for one in report.weaknesses] == [WeaknessKind.NOT_RUN, WeaknessKind.NOT_RESTORED]
    assert all(server.url in one.what for one in report.weaknesses)
    assert report.journals[0].restored == ()
    (tried,) = recover(home.project)
    (told,) = tried.told
    assert told.startswith("not undone: toxiproxy: AE624")
    assert server.url in told
    with EmbeddedServer(port=server.port) as again, Toxiproxy(again.url) as toxiproxy:
        toxiproxy.create("127.0.0.1:9", "web", listen=listen).add_toxic(
            type="latency", name="agentops_latency_downstream"
        )
        (done,) = recover(home.project)
        assert toxiproxy.proxy("web").toxics() == {}
    assert done.failed == ()
    (path,) = home.journals
    assert report_of(read_entries(path)).journals[0].not_restored == ()


def test_a_server_that_was_only_looked_for_is_not_undone(home: Home) -> None:
    """Nobody knows how it is; the error has its address."""
    home.environ = {"TOXIPROXY_URL": "http://127.0.0.1:1"}
    provider = {"type": "toxiproxy", "proxy": "web"}
    journal = home.run(method=[{"type": "probe", "name": "look", "provider": provider}]).journal
    assert "AE620" in journal.run[0].exception[-1]
    assert "http://127.0.0.1:1" in journal.run[0].exception[-1]
    assert (journal.restored, journal.not_restored) == ((), ())


def test_an_experiment_whose_file_is_gone_is_undone_as_the_journal_has_it(home: Home) -> None:
    """A plan's file may vanish, or be another one by then."""
    home.file("a.json", method=[], rollbacks=[home.process("tidy", "true"), home.python("m", "fail")])
    home.day(steps("a.json"))
    (home.root / "a.json").unlink()
    (tried,) = recover(home.project)
    assert tried.failed == ("m",)


def test_two_days_at_once_do_not_disturb_each_other(home: Home) -> None:
    """Each has a journal of its own, and neither undoes what the other is about to do."""
    acting(home, "a.json")
    others: list[Any] = []

    def another(entry: JournalEntry) -> None:
        home.hear = lambda _: None
        others.append(recover(home.project))
        others.append(home.day(steps("a.json")))

    home.hear = another
    report = home.day(steps("a.json"))
    assert (others[0], others[1].steady, report.steady) == ((), True, True)
    assert (home.read("acted"), len(home.journals)) == ("aa", 2)
