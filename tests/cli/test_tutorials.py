"""The tutorials are true: followed step by step, each command says what its page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli._kit import ROOT
from tests.cli._lesson import Lesson, steps

LESSONS = ("gate-a-prompt-change", "read-a-scorecard", "bring-production-traces")


@pytest.mark.parametrize("name", LESSONS)
def test_a_tutorial_shows_what_its_commands_say(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are written as printed, commands typed as printed, and what comes of them is what is shown."""
    page = (ROOT / f"docs/tutorial/{name}.md").read_text(encoding="utf-8")
    assert Lesson(tmp_path, capsys, monkeypatch).follow(page) >= 10


@pytest.mark.parametrize(
    "page",
    [
        "```\n$ agentops-eval schema gate --nonsense\n```\n",
        "```\n$ agentops-eval evidence list\nthere is some\n…\n```\n",
        "```\n$ false\n$ echo $?\n0\n```\n",
        "```\nagentops-eval evidence list\n```\n",
    ],
    ids=["misuse", "output", "exit code", "neither a file nor a session"],
)
def test_a_page_that_is_not_true_fails(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not said by a command, and what is not run, cannot stand in a tutorial."""
    with pytest.raises(AssertionError):
        Lesson(tmp_path, capsys, monkeypatch).follow(page)


def test_the_readme_shows_what_its_commands_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Production traces as in a clone; the scorecard is the one that the tutorial comes to."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    traces, readiness = (
        re.search(rf"^## {title}.*?(?=^## )", readme, re.MULTILINE | re.DOTALL)
        for title in ("Production traces", "Readiness")
    )
    assert traces is not None
    assert readiness is not None
    assert Lesson(tmp_path, capsys, monkeypatch).follow(traces[0]) == 4
    (shown,) = steps(readiness[0])
    assert shown in steps((ROOT / "docs/tutorial/read-a-scorecard.md").read_text(encoding="utf-8"))
