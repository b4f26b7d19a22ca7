"""``gate watch`` as processes: decisions, exit codes, interruptions and kills."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from agentops_eval.harness.gating import read_watch_log
from tests.cli._gates import append, asked, pairs
from tests.cli._kit import COMMAND, Done, environment, process

GATE = "metrics: [{name: passed, kind: binary, margin: 0.05}]\n"
FILES = ("--baseline", "b.jsonl", "--candidate", "c.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gate.yaml").write_text(GATE, encoding="utf-8")
    return tmp_path


def watch(folder: Path, *words: object) -> Done:
    return process(folder, "gate", "watch", *FILES, *words)


def grow(folder: Path, count: int, rates: tuple[float, float], *, first: int = 0) -> None:
    for name, rate, seed in (("b.jsonl", rates[0], first), ("c.jsonl", rates[1], first + 1)):
        append(folder / name, pairs(count, rate=rate, seed=seed, first=first))


@pytest.mark.parametrize(
    ("count", "rates", "value", "code"),
    [
        (400, (0.98, 0.99), "promote", 0),
        (30, (0.9, 0.9), "hold", 20),
        (100, (0.95, 0.4), "rollback", 30),
        (0, (1, 1), "hold", 20),
    ],
)
def test_the_exit_code_is_that_of_the_decision(
    folder: Path, count: int, rates: tuple[float, float], value: str, code: int
) -> None:
    """One look at what is there; files that are not there yet hold."""
    if count:
        grow(folder, count, rates)
    done = watch(folder, "--once", "--json")
    assert (done.document["value"], done.code) == (value, code)


def test_a_look_a_line_and_the_whole_decision_at_the_end(folder: Path) -> None:
    """A person sees when which look decided what, and why."""
    grow(folder, 100, (0.95, 0.4))
    done = watch(folder, "--every", "10ms")
    first, *rest = done.out.splitlines()
    assert first.startswith("look 1  rollback  offline: 100 units; passed is worse")
    assert any(line.startswith("roll back") or "rollback" in line for line in rest)
    again = watch(folder)
    assert (again.code, again.out.splitlines()[0]) == (30, first)


def test_a_watch_ends_by_the_clock_or_with_the_first_decision(folder: Path) -> None:
    """A time-out ends with what is decided by then; a promotion of an early stage ends only when asked to."""
    stages = "stages: [{name: offline}, {name: half, share: 0.5}]\n"
    (folder / "gate.yaml").write_text(GATE + stages, encoding="utf-8")
    grow(folder, 400, (0.98, 0.99))
    timed = watch(folder, "--every", "20ms", "--timeout", "0.1s", "--json")
    assert timed.code == 0
    assert timed.document["ended"] is False
    assert watch(folder, "--until-decided").code == 0


def test_what_is_misspelt_or_changed_says_so(folder: Path) -> None:
    """Usage errors, evidence that was rotated and a log of another gate end with 2 and the remedy."""
    grow(folder, 30, (0.9, 0.9))
    assert watch(folder, "--once").code == 20
    assert "10s, 5m or 1h" in watch(folder, "--every", "soon").err
    assert watch(folder, "--every", "0s").code == 2
    (folder / "gate.yaml").write_text(GATE.replace("0.05", "0.04"), encoding="utf-8")
    other = watch(folder, "--once")
    assert (other.code, other.err.split()[0]) == (2, "AE508")
    (folder / "gate.yaml").write_text(GATE, encoding="utf-8")
    (folder / "b.jsonl").write_text("", encoding="utf-8")
    rotated = watch(folder, "--once", "--json")
    assert (rotated.code, rotated.document["error"]["code"]) == (2, "AE508")


def started(folder: Path, *words: object) -> subprocess.Popen[str]:
    command = [*COMMAND, "gate", "watch", *FILES, "--json", *map(str, words)]
    return subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_control_c_leaves_the_log_whole_and_says_how_to_go_on(folder: Path) -> None:
    """The command that goes on is there to be pasted."""
    grow(folder, 30, (0.9, 0.9))
    with started(folder, "--every", "5s") as running:
        assert running.stdout is not None
        first = json.loads(running.stdout.readline())
        second = started(folder)
        said = second.communicate(timeout=60)[0]
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
    assert first["value"] == "hold"
    assert (second.returncode, "another process" in said) == (2, True)
    assert running.returncode == 130
    error = json.loads(out)["error"]
    assert "gate.log.jsonl" in error["difference"]
    assert error["remedy"].startswith("go on with  agentops-eval gate watch --baseline b.jsonl")
    assert len(read_watch_log(folder / "gate.log.jsonl").looks) == 1


def lines_of(log: Path) -> list[bytes]:
    """The whole lines of a log; the last may be cut off."""
    there = log.read_bytes().splitlines(keepends=True) if log.exists() else []
    return [row for row in there if row.endswith(b"\n")]


def test_a_watch_that_is_killed_at_any_moment_loses_no_decision(folder: Path) -> None:
    """Whatever was told is in the log, and orders only grow, through kills at random moments."""
    chance = random.Random(4)
    told: dict[int, str] = {}
    log = folder / "gate.log.jsonl"
    for number in range(6):
        before = len(lines_of(log))
        with started(folder, "--every", "10ms") as running:
            for part in range(4):
                grow(folder, 5, (0.9, 0.88), first=20 * number + 5 * part)
                while number % 2 and part == 0 and len(lines_of(log)) <= max(before, 1):
                    time.sleep(0.01)  # every other one has looked before it is killed
                time.sleep(chance.uniform(0.05, 0.5))
            running.kill()
            out, _ = running.communicate()
        for line in out.splitlines(keepends=True):
            if line.endswith("\n"):
                look = json.loads(line)
                told[look["look"]] = look["digest"]
        logged = {row["look"]: row["decision"] for row in map(json.loads, lines_of(log)[1:])}
        assert told.items() - {(0, told.get(0))} <= logged.items()
    last = watch(folder, "--once", "--json")
    looks = read_watch_log(log).looks
    order = [case for row in looks for case in row.added.order.get("offline", ())]
    assert [row.look for row in looks] == list(range(1, len(looks) + 1))
    assert len(looks) > 1
    assert sorted(order) == sorted(f"c{at}" for at in range(120))
    assert last.document["n"] == 120


def test_serve_warns_of_other_hosts(folder: Path) -> None:
    """Only loopback is silent; without a log nothing is written."""
    grow(folder, 30, (0.9, 0.9))
    command = [*COMMAND, "gate", "serve", *FILES, "--host", "0.0.0.0", "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("serving http://0.0.0.0:")
        server.send_signal(signal.SIGINT)
        _, error = server.communicate(timeout=60)
    assert server.returncode == 0
    assert error.startswith("warning: whoever reaches 0.0.0.0 can read the decision")
    assert sorted(path.name for path in folder.iterdir()) == ["b.jsonl", "c.jsonl", "gate.yaml"]


def test_serve_says_on_stderr_why_it_answers_503(folder: Path) -> None:
    """Whoever reads its log sees the file, the line and the remedy, once for each trouble."""
    grow(folder, 3, (1, 1))
    append(folder / "c.jsonl", [{"case": "c1", "passed": "perhaps"}])
    command = [*COMMAND, "gate", "serve", *FILES, "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[1]
        assert [asked(f"{address}/decision")[0] for _ in range(2)] == [503, 503]
        server.send_signal(signal.SIGINT)
        _, error = server.communicate(timeout=60)
    assert error.startswith("503: AE507")
    assert "c.jsonl:4" in error
    assert error.count("503") == 1


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_each_option_says_what_it_is(folder: Path, command: str) -> None:
    """The help names the gate file, too."""
    said = process(folder, "gate", command, "--help").out
    assert "The gate file." in said


def test_watch_names_the_file_that_it_waits_for(folder: Path) -> None:
    """A path that was misspelt is seen in the line of the look."""
    grow(folder, 3, (1, 1))
    (folder / "c.jsonl").unlink()
    done = watch(folder, "--once")
    assert "0 units, 3 waiting; c.jsonl is not there yet: it is waited for" in done.out.splitlines()[0]
