"""``trace import`` killed, doubled, or out of room: what was there stays, what is there is whole."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from agentops_eval.replay import read_cassette
from agentops_eval.traces import PARTIAL_SUFFIX, read_golden
from tests.cli._kit import COMMAND, environment
from tests.cli.test_import import run

SUFFIXES = {"cassette": ".cassette.jsonl", "golden": ".otlp.jsonl"}
every_kind = pytest.mark.parametrize("kind", SUFFIXES)


def words(kind: str, out: str = "out") -> list[str]:
    return [*COMMAND, "trace", "import", "prod.jsonl", "--every", "--as", kind, "--out", out]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an export of sixty runs."""
    with (tmp_path / "prod.jsonl").open("w") as file:
        for number in range(1, 61):
            file.write(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": run(number)}]}]}) + "\n")
    return tmp_path


def whole(folder: Path, kind: str) -> int:
    """How many imported files there are; each of them has to be readable."""
    files = list(folder.glob(f"out/[!.]*{SUFFIXES[kind]}"))
    for file in files:
        calls = read_cassette(file).events if kind == "cassette" else read_golden(file).trace.spans
        assert len(calls) == 3
    return len(files)


@every_kind
def test_two_imports_at_once_overwrite_nothing(folder: Path, kind: str) -> None:
    """Each file is written by one of them; whoever comes second is told, and no file is a mixture."""
    both = [
        subprocess.Popen(words(kind), cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes[1] == 2, said
    assert all("internal" not in text and "Traceback" not in text for text in said)
    assert whole(folder, kind) >= 1
    assert not list(folder.glob(f"out/.*{PARTIAL_SUFFIX}"))
    again = subprocess.run([*words(kind), "--force"], cwd=folder, env=environment(), check=False)
    assert (again.returncode, whole(folder, kind)) == (0, 60)


@every_kind
def test_a_killed_import_leaves_whole_files(folder: Path, kind: str) -> None:
    """kill -9 in the middle: what has its name is complete, and a second import gives the rest."""
    process = subprocess.Popen(words(kind), cwd=folder, env=environment(), stdout=subprocess.DEVNULL)
    while process.poll() is None and not list(folder.glob(f"out/*-*{SUFFIXES[kind]}")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert whole(folder, kind) >= 1
    again = subprocess.run([*words(kind), "--force"], cwd=folder, env=environment(), check=False)
    assert (again.returncode, whole(folder, kind)) == (0, 60)


@every_kind
def test_a_full_disk_costs_no_file(folder: Path, kind: str) -> None:
    """Where nothing more can be written, the file that was there before is as it was, and that is said."""
    first = subprocess.run(words(kind), cwd=folder, env=environment(), check=False, capture_output=True)
    assert first.returncode == 0
    before = {file: file.read_bytes() for file in folder.glob("out/*")}

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    done = subprocess.run(
        [*words(kind), "--force"],
        cwd=folder,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=small,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "out/" in done.stderr
    assert {file: file.read_bytes() for file in folder.glob("out/*")} == before
