"""Experiments carried out: steady states, methods, what ends them early, and what undoes them always."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.chaos.experiments import journal_json
from agentops_eval.domain import ActivityStatus, Dry, EntryKind, JournalStatus, WeaknessKind
from agentops_eval.harness.experimenting import Stop, conduct, load_experiment
from agentops_eval.harness.experimenting._conduct import Conductor
from agentops_eval.harness.experimenting._journal_file import JournalFile
from agentops_eval.traces.redaction import Redactor

if TYPE_CHECKING:
    from tests.harness.experimenting._kit import Home

FLAWS = "agentops_eval.demo.flaws.duplicate_email_on_lost_reply"
LOST = {"fault": "tool_reply_lost", "target": "send_email", "nth": [1]}


def steady(*probes: dict[str, Any], **runtime: Any) -> dict[str, Any]:
    """A hypothesis, and when it is looked at."""
    return {
        "steady-state-hypothesis": {"title": "all is well", "probes": list(probes)},
        "runtime": {"hypothesis": runtime},
    }


def agent(version: str, *faults: dict[str, Any], name: str = "lose the reply") -> dict[str, Any]:
    """A run of the demo's email agent."""
    provider = {"type": "agent", "agent": f"{FLAWS}:{version}", "faults": list(faults)}
    return {"type": "action", "name": name, "provider": provider}


def look(**asked: Any) -> dict[str, Any]:
    """A look at that run."""
    provider = {"type": "impact", "of": "lose the reply", **asked}
    return {"type": "probe", "name": "look", "tolerance": True, "provider": provider}


def test_a_steady_experiment_is_steady(home: Home) -> None:
    """Before, method, after and rollbacks, in this order, and exit code 0."""
    conducted = home.run(
        **steady(home.probe("absent", "missing", name="broken")),
        method=[home.python("act", "write", name="acted")],
        rollbacks=[home.python("mend", "write", name="mended")],
    )
    journal = conducted.journal
    assert (journal.status, journal.deviated, conducted.exit_code) == (JournalStatus.COMPLETED, False, 0)
    parts = [entry.part for entry in home.entries if entry.kind is EntryKind.START]
    assert parts == ["before", "method", "after", "rollbacks"]
    assert home.journals == []


def test_a_state_that_does_not_come_back_deviates(home: Home) -> None:
    """The finding names probe and value, its owner and the remedy; exit code 1."""
    conducted = home.run(
        **steady(home.probe("whole", "missing", name="broken")),
        method=[home.python("break", "write", name="broken")],
        rollbacks=[home.python("mend", "write", name="mended")],
        owner="role:on-call",
        remedy="buy a second one",
    )
    (found,) = conducted.weaknesses
    assert (found.kind, found.activity) == (WeaknessKind.DEVIATED, "whole")
    assert (found.owner, found.remedy) == ("role:on-call", "buy a second one")
    assert "gave false, not true" in found.what
    assert conducted.exit_code == 1
    assert home.read("mended") == "x"


def test_without_a_steady_state_the_method_is_not_begun(home: Home) -> None:
    """Exit code 2; the second probe is not asked either, and rollbacks run."""
    conducted = home.run(
        **steady(home.probe("well", "exists", name="nothing"), home.probe("more", "write", name="asked")),
        method=[home.python("act", "write", name="acted")],
        rollbacks=[home.python("mend", "write", name="mended")],
    )
    assert (conducted.exit_code, conducted.journal.deviated) == (2, False)
    assert conducted.weaknesses[0].kind is WeaknessKind.NOT_STEADY
    assert (home.read("acted"), home.read("asked"), home.read("mended")) == ("", "", "x")


@pytest.mark.parametrize(
    ("strategy", "looks"),
    [
        ("default", ["before", "after"]),
        ("before-method-only", ["before"]),
        ("after-method-only", ["after"]),
        ("skip", []),
    ],
)
def test_a_strategy_says_when_to_look(home: Home, strategy: str, looks: list[str]) -> None:
    """Around the method, on one side of it, or never."""
    home.run(**steady(home.probe("well", "missing", name="x"), strategy=strategy))
    assert [entry.part for entry in home.entries if entry.kind is EntryKind.LOOK] == looks


def test_a_state_is_looked_at_while_the_method_runs(home: Home) -> None:
    """A deviation in between counts, though the state is well again at the end."""
    conducted = home.run(
        **steady(home.probe("whole", "missing", name="broken"), strategy="continuously", frequency=0.05),
        method=[
            home.python("break", "write", name="broken"),
            home.python("wait", "slow", seconds=0.4),
            home.process("mend", "rm", "broken"),
        ],
    )
    assert any(state.met is False for state in conducted.journal.during)
    assert conducted.journal.deviated
    assert conducted.exit_code == 1


def test_failing_fast_ends_the_method(home: Home) -> None:
    """A look that is not met ends it where the experiment says so, and what follows is not begun."""
    conducted = home.run(
        **steady(
            home.probe("whole", "missing", name="broken"),
            strategy="during-method-only",
            frequency=0.05,
            **{"fail-fast": True},
        ),
        method=[
            home.python("break", "write", name="broken"),
            home.process("wait", "sleep", "30"),
            home.python("more", "write", name="more"),
        ],
    )
    assert conducted.journal.status is JournalStatus.FAILED
    assert (home.read("more"), conducted.exit_code) == ("", 1)


def test_rollbacks_run_behind_failures_and_each_other(home: Home) -> None:
    """A method that fails, and a rollback that fails, keep no other rollback from running."""
    conducted = home.run(
        method=[home.python("act", "fail")],
        rollbacks=[home.python("first", "fail"), home.python("second", "write", name="mended")],
    )
    assert home.read("mended") == "x"
    kinds = [one.kind for one in conducted.weaknesses]
    assert kinds == [WeaknessKind.NOT_RUN, WeaknessKind.NOT_RESTORED]
    assert conducted.exit_code == 2
    assert len(home.journals) == 1, "its journal stays: the next process tries again"


def test_what_hangs_is_left_behind_and_keeps_no_rollback_from_running(home: Home) -> None:
    """A function cannot be ended: the method's is left once it has to end, a rollback's after its time."""
    stop = Stop()
    hanging = {**home.python("hangs", "hang"), "timeout": 0.1}
    path = home.file(
        "hangs.json",
        method=[home.python("hang", "hang")],
        rollbacks=[hanging, home.python("mend", "write", name="mended")],
    )
    threading.Timer(0.1, lambda: stop.now(JournalStatus.INTERRUPTED, "enough")).start()
    with JournalFile(home.root / "journal", Redactor()) as file:
        conductor = Conductor(experiment=load_experiment(path), file=file, project=home.project, stop=stop)
        conductor.performer.grace_s = 0.1
        journal = conductor.run()
    assert home.read("mended") == "x"
    assert journal.run[0].status is ActivityStatus.ABORTED
    assert [run.status for run in journal.rollbacks] == [ActivityStatus.FAILED, ActivityStatus.SUCCEEDED]


def test_a_stop_ends_a_process_before_its_end_and_rolls_back(home: Home) -> None:
    """Whoever stops it does not wait for the activity that is under way, nor does the next one begin."""
    stop = Stop()

    def end() -> None:
        while not home.read("begun"):
            time.sleep(0.01)
        stop.now(JournalStatus.INTERRUPTED, "interrupted: test")

    thread = threading.Thread(target=end)
    thread.start()
    conducted = home.run(
        stop,
        method=[
            home.process("wait", "sh", "-c", "echo x >begun; sleep 60; echo x >over"),
            home.python("more", "write", name="more"),
        ],
        rollbacks=[{**home.python("mend", "write", name="mended"), "pauses": {"before": 0.01}}],
    )
    thread.join()
    assert (home.read("mended"), home.read("over"), home.read("more")) == ("x", "", "")
    assert conducted.journal.status is JournalStatus.INTERRUPTED
    assert conducted.journal.run[0].status is ActivityStatus.ABORTED
    assert conducted.exit_code == 2


@pytest.mark.parametrize(
    "condition",
    [
        {"type": "elapsed", "seconds": 0.3},
        {"type": "probe", "name": "alarm", "every": 0.05, "tolerance": 0},
    ],
)
def test_conditions_end_it_while_an_activity_runs(home: Home, condition: dict[str, Any]) -> None:
    """Time and probes are looked at all the while; exit code 1, and everything is undone."""
    if condition["type"] == "probe":
        condition["provider"] = home.python("", "count", name="broken")["provider"]
    conducted = home.run(
        method=[
            home.python("break", "write", name="broken"),
            home.process("wait", "sleep", "60"),
        ],
        rollbacks=[home.python("mend", "write", name="mended")],
        **{"abort-conditions": [condition]},
    )
    assert conducted.journal.status is JournalStatus.ABORTED
    assert (conducted.exit_code, home.read("mended")) == (1, "x")
    assert conducted.weaknesses[0].kind is WeaknessKind.ABORTED


def test_a_probe_that_cannot_be_asked_ends_it(home: Home) -> None:
    """An alarm that does not work is no reason to go on: nothing of the method is begun."""
    alarm = {"type": "probe", "name": "alarm", "tolerance": True}
    alarm["provider"] = home.python("", "fail")["provider"]
    conducted = home.run(method=[home.python("a", "write", name="acted")], **{"abort-conditions": [alarm]})
    assert (conducted.journal.status, home.read("acted")) == (JournalStatus.ABORTED, "")
    assert "could not be asked" in conducted.journal.reason


def test_effects_and_modes_of_agents_end_it_between_activities(home: Home) -> None:
    """Too many effects, or a mode that must not be, and the next activity is not begun."""
    for condition in ({"type": "effects", "above": 1}, {"type": "mode", "modes": ["failed-unsafe"]}):
        conducted = home.run(
            method=[agent("flawed", LOST), agent("flawed", name="again")], **{"abort-conditions": [condition]}
        )
        assert conducted.journal.status is JournalStatus.ABORTED
        assert len(conducted.journal.run) == 1


def test_what_runs_behind_ends_before_the_state_is_looked_at(home: Home) -> None:
    """A background activity lets the next begin, and is waited for at the end of the method."""
    slow = {"type": "action", "name": "slow", "background": True}
    slow["provider"] = {"type": "process", "path": "sh", "arguments": ["-c", "sleep 0.4; echo >done"]}
    conducted = home.run(
        **steady(home.probe("done", "exists", name="done"), strategy="after-method-only"),
        method=[slow, home.python("next", "missing", name="done")],
    )
    assert conducted.exit_code == 0
    assert [(run.name, run.output) for run in conducted.journal.run if run.name == "next"] == [("next", True)]


def test_a_probe_of_the_method_out_of_its_tolerance_deviates(home: Home) -> None:
    """Chaos Toolkit passes over it; here it counts."""
    conducted = home.run(method=[home.probe("there", "exists", name="nothing")])
    assert (conducted.journal.deviated, conducted.exit_code) == (True, 1)


def test_an_activity_may_judge_a_probe(home: Home) -> None:
    """A tolerance that is a probe gets the value as its argument."""
    judge = {"type": "probe", "name": "judge"}
    judge["provider"] = home.python("", "judge", least=1)["provider"]
    for path, code in (("false", 0), ("true", 1)):
        probe = {
            "type": "probe",
            "name": "p",
            "tolerance": judge,
            "provider": {"type": "process", "path": path},
        }
        assert home.run(method=[probe]).exit_code == code


def test_a_dry_run_does_nothing_and_says_what_it_would_do(home: Home) -> None:
    """No function is called, no process started, no agent imported; every activity is told."""
    path = home.file(
        "outage.json",
        **steady(home.probe("well", "write", name="asked")),
        method=[home.python("act", "write", name="acted"), agent("flawed", LOST)],
        rollbacks=[home.python("mend", "write", name="mended")],
    )
    conducted = conduct(load_experiment(path), home.project, dry=Dry.ACTIVITIES)
    assert [home.read(name) for name in ("asked", "acted", "mended")] == ["", "", ""]
    assert conducted.exit_code == 0
    told = [run.told for run in conducted.journal.run]
    assert told[0] == f"would call {home.module}.write(name=...)"
    assert told[1].startswith(f"would run {FLAWS}:flawed under tool_reply_lost")
    assert all(run.dry for run in conducted.journal.run)


def test_an_agents_impact_is_looked_at(home: Home) -> None:
    """Before its run a look sees the run without faults; after it, what the fault did."""
    asked = {"mode": ["full", "failed-safe", "degraded-as-declared"], "effects": []}
    for version, code in (("flawed", 1), ("mended", 0)):
        conducted = home.run(**steady(look(**asked)), method=[agent(version, LOST)])
        assert conducted.exit_code == code
        before = conducted.journal.before
        assert before is not None
        assert before.met is True
        assert before.probes[0].told == "without faults: it was full"


def test_a_fault_that_did_not_happen_fails_the_experiment(home: Home) -> None:
    """It is never a passed one: exit code 2, with the reason."""
    conducted = home.run(method=[agent("mended", {**LOST, "target": "nobody"})])
    assert conducted.exit_code == 2
    assert "AE600" in conducted.journal.run[0].exception[-1]


def test_the_same_experiment_gives_the_same_journal(home: Home) -> None:
    """In virtual time every byte of it, though an hour passes in pauses."""
    method = [{**agent("flawed", LOST), "pauses": {"before": 1800, "after": 1800}}]
    one, other = (journal_json(home.run(method=method).journal) for _ in range(2))
    assert one == other
    assert 3600 < one["duration"] < 3620  # the pauses, and what the agent waited between its attempts


def test_an_error_of_ours_still_undoes(home: Home) -> None:
    """A pause that cannot be made is an error, raised once the rollbacks have run."""
    from agentops_eval.domain import ExperimentInvalid

    with pytest.raises(ExperimentInvalid, match="pause"):
        home.run(
            method=[{**home.python("a", "write", name="acted"), "pauses": {"before": "${never}"}}],
            rollbacks=[home.python("mend", "write", name="mended")],
        )
    assert (home.read("acted"), home.read("mended")) == ("", "x")


FULL = """
import json, os, resource, sys
from pathlib import Path
from agentops_eval.harness.experimenting import Gameday, Project, conduct, load_experiment, load_gameday

root, free = Path.cwd(), resource.RLIM_INFINITY
project = Project(root=root, home=root)
full, plan = load_experiment(root / "full.json"), load_gameday(root / "day.json")
found = []
for work in (lambda: conduct(full, project), lambda: Gameday(plan=plan, project=project).run()):
    for size in (0, 1_500, 3_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, free))
        told = ""
        try:
            work()
        except OSError as error:
            told = error.strerror
        resource.setrlimit(resource.RLIMIT_FSIZE, (free, free))
        files = [root / name for name in ("acted", "mended") if (root / name).exists()]
        found.append([told, {file.name: file.read_text() for file in files}])
        for file in files:
            file.unlink()
print(json.dumps(found))
"""


def test_a_full_disk_keeps_nothing_from_being_undone(home: Home) -> None:
    """Where a journal cannot be written any more, rollbacks run all the same, and it is an error."""
    acts = [home.python(f"act {number}", "write", name="acted") for number in range(9)]
    mend = home.python("mend", "write", name="mended")
    home.file("full.json", method=acts, rollbacks=[mend, {**mend, "name": "again"}])
    home.file("day.json", experiments=[{"experiment": "full.json"}])
    words = [sys.executable, "-c", FULL]
    done = subprocess.run(words, cwd=home.root, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert len(found) == 6, done.stderr
    for told, files in found:
        assert told == "File too large"
        assert files.get("mended", "xx") == "xx"
        assert "mended" in files or "acted" not in files
    assert sum("acted" in files for _, files in found) >= 2
