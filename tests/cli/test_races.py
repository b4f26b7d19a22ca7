"""Commands that never overwrite, run by three processes at once: one of them wins, and nothing is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from agentops_eval import recording, replaying, tool
from agentops_eval.harness import CaseFiles, Settings
from agentops_eval.replay import read_cassette
from agentops_eval.traces import PARTIAL_SUFFIX, read_golden, write_golden
from agentops_eval.traces.redaction import Redactor
from tests.cli._kit import environment

ROUNDS = 12
# Runs the commands that it is given, one a line, and prints how each ended.
SERVER = """
import contextlib, io, json, sys
from agentops_eval.cli._main import run
for line in sys.stdin:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run(json.loads(line))
    print(json.dumps([code, said.getvalue()]), flush=True)
"""
Ends: TypeAlias = list[tuple[int, str]]


@tool
def look(key: str) -> str:
    """Look something up."""
    return "y" * 70_000 if key == "large" else f"looked up {key}"


class Three:
    """Three processes that work in one folder."""

    def __init__(self, folder: Path) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-c", SERVER],
                cwd=folder,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]

    def __call__(self, *commands: list[str]) -> Ends:
        """Run a command in each at once, or one in all."""
        for process, words in zip(self._processes, commands * (3 // len(commands)), strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(words) + "\n")
            process.stdin.flush()
        ends: Ends = []
        for process in self._processes:
            assert process.stdout is not None
            code, said = json.loads(process.stdout.readline())
            ends.append((code, said))
        return ends

    def close(self) -> None:
        """End them."""
        for process in self._processes:
            process.communicate(timeout=60)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def three(folder: Path) -> Iterator[Three]:
    """Three processes in that folder, which have started."""
    made = Three(folder)
    made(["--version"])
    yield made
    made.close()


def record(stem: Path, key: str = "large") -> None:
    """Record and approve one case."""
    with recording(stem.with_name(f"{stem.name}.cassette.jsonl"), agent="a", settings=Settings()) as run:
        look(key)
    write_golden(stem.with_name(f"{stem.name}.otlp.jsonl"), run.trace, redactor=Redactor())


def one_won(ends: Ends) -> None:
    """Check that exactly one succeeded, and that the others were told so by an error of ours."""
    codes = sorted(code for code, _ in ends)
    assert codes[0] == 0 < codes[1], ends
    assert all(code in (0, 2, 3) and "internal" not in said for code, said in ends), ends


def whole(stem: Path, key: str = "large") -> None:
    """Check that a case's files are there and that its recording still answers."""
    files = CaseFiles.of(stem)
    assert files.cassette is not None
    assert files.golden is not None
    read_golden(files.golden)
    with replaying(files.cassette, agent="a", settings=Settings()):
        look(key)


def left_over(folder: Path) -> list[Path]:
    return list(folder.rglob(f".*{PARTIAL_SUFFIX}"))


def test_one_case_renamed_by_three_is_renamed_once(folder: Path, three: Three) -> None:
    """Every file is under the new name, with its blobs, none under the old one, and one command succeeded."""
    for number in range(ROUNDS):
        record(Path(f"a{number}/t"))
        one_won(three(["cassette", "rename", f"a{number}/t", f"b{number}/u"]))
        whole(Path(f"b{number}/u"))
        assert not list(Path(f"a{number}").rglob("*.jsonl"))
        assert not left_over(folder)


def test_one_case_given_three_names_has_one(folder: Path, three: Three) -> None:
    """Three targets for one source: it goes to one of them, whole."""
    for number in range(ROUNDS):
        record(Path(f"a{number}/t"))
        one_won(three(*(["cassette", "rename", f"a{number}/t", f"b{number}/u{n}"] for n in range(3))))
        (cassette,) = Path(f"b{number}").glob("*.cassette.jsonl")
        whole(cassette.with_name(cassette.name.partition(".")[0]))


def test_three_cases_given_one_name_stay_three(folder: Path, three: Three) -> None:
    """Three sources for one target: one has it, and the others are as they were."""
    for number in range(ROUNDS):
        home = Path(f"a{number}")
        for name in "xyz":
            record(home / name, name)
        one_won(three(*(["cassette", "rename", str(home / name), f"b{number}/u"] for name in "xyz")))
        gone = [name for name in "xyz" if not CaseFiles.of(home / name).all]
        assert len(gone) == 1
        whole(Path(f"b{number}/u"), gone[0])
        for name in set("xyz") - set(gone):
            whole(home / name, name)


def test_three_recordings_recovered_at_once_are_all_kept(folder: Path, three: Three) -> None:
    """One becomes the cassette, and the others stay what they were."""
    record(Path("seen"), "k")
    seen = Path("seen.cassette.jsonl").read_bytes()
    for number in range(ROUNDS):
        partials = [f".r{number}.cassette.jsonl.1.{n}{PARTIAL_SUFFIX}" for n in range(3)]
        for n, name in enumerate(partials):
            Path(name).write_bytes(seen.replace(b"looked up k", b"looked up %d" % n))
        one_won(three(*(["cassette", "recover", name] for name in partials)))
        kept = [read_cassette(Path(f"r{number}.cassette.jsonl")).path.read_bytes()]
        kept += [path.read_bytes() for path in left_over(folder)]
        assert sorted(n for n in range(3) for data in kept if b"looked up %d" % n in data) == [0, 1, 2]
        assert len(kept) == 3
        for name in partials:
            Path(name).unlink(missing_ok=True)


@pytest.mark.parametrize("suffix", [".cassette.jsonl", ".yaml"])
def test_without_force_converting_replaces_nothing(folder: Path, three: Three, suffix: str) -> None:
    """Three conversions to one target without --force: one of them is made."""
    record(Path("seen"), "k")
    for n in range(3):
        shutil.copy("seen.cassette.jsonl", f"s{n}.cassette.jsonl")
    for number in range(ROUNDS):
        one_won(
            three(*(["cassette", "convert", f"s{n}.cassette.jsonl", f"t{number}{suffix}"] for n in range(3)))
        )
        read_cassette(Path(f"t{number}{suffix}"))
        assert not left_over(folder)
