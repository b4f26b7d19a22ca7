"""Goldens outside pytest: checked, approved, and told in errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval import ActiveRun, GoldenFile, Settings, recording, replaying, tool
from agentops_eval.domain import GoldenDiverged, GoldenMissing, RecordingRefused


@tool
def add(x: int, y: int) -> int:
    """Add."""
    return x + y


@pytest.fixture
def golden(tmp_path: Path) -> GoldenFile:
    """A golden's place, with nothing approved there."""
    return GoldenFile(tmp_path / "add.otlp.jsonl")


def _recorded(tmp_path: Path, *numbers: int) -> ActiveRun:
    with recording(tmp_path / "add.cassette.jsonl", agent="adder", settings=Settings()) as run:
        for number in numbers:
            add(number, 2)
    return run


def test_an_approved_run_passes_the_check_and_so_does_its_replay(golden: GoldenFile, tmp_path: Path) -> None:
    """What was approved is what a replay is checked against."""
    golden.approve(_recorded(tmp_path, 1))
    with replaying(tmp_path / "add.cassette.jsonl", agent="adder", settings=Settings()) as again:
        add(1, 2)
    golden.check(again.trace)
    assert again.trace == golden


def test_another_run_fails_the_check_with_both_sides(golden: GoldenFile, tmp_path: Path) -> None:
    """The error names the first call that differs, its two sides, and the line that approves."""
    golden.approve(_recorded(tmp_path, 1, 5))
    with pytest.raises(GoldenDiverged) as caught:
        golden.check(_recorded(tmp_path, 1, 6).trace)
    assert str(caught.value).splitlines() == [
        "AE203 adder diverged from its golden at call 2 of 2",
        f"  where: {golden.path}",
        "  golden     tool add(x=5, y=2)",
        "  this run   tool add(x=6, y=...)",
        f"  fix:   GoldenFile({str(golden.path)!r}).approve(run)",
    ]
    assert caught.value.exit_code == 1


def test_a_golden_that_is_not_there_fails_the_check(golden: GoldenFile, tmp_path: Path) -> None:
    """A missing golden is never approved by itself."""
    with pytest.raises(GoldenMissing) as caught:
        golden.check(_recorded(tmp_path, 1).trace)
    assert caught.value.remedy == f"GoldenFile({str(golden.path)!r}).approve(run)"
    assert not golden.path.exists()


def test_the_remedy_approves_when_pasted(golden: GoldenFile, tmp_path: Path) -> None:
    """What the error says to do can be pasted into the script that holds the run."""
    run = _recorded(tmp_path, 1)
    with pytest.raises(GoldenMissing) as caught:
        golden.check(run.trace)
    exec(caught.value.remedy, {"GoldenFile": GoldenFile, "run": run})
    golden.check(run.trace)


def test_nothing_is_approved_in_ci(
    golden: GoldenFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Approving is refused while CI is set, as recording is."""
    run = _recorded(tmp_path, 1)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(RecordingRefused, match="CI=true"):
        golden.approve(run)
    assert not golden.path.exists()
