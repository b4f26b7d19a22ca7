"""Runbooks on disk: what people write in them survives, whenever they do."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.domain import RunbookFacts
from agentops_eval.harness.operating import runbook_folder, write_runbooks
from agentops_eval.operations import runbooks_of
from tests.operations.test_runbooks import seen


def test_what_is_written_between_reading_and_writing_survives(tmp_path: Path) -> None:
    """A person saves a file while the others are merged: the text is there, and so is what is new."""
    few, more = (
        runbooks_of(
            [seen(under=f"latency {number}", source=f"{number}.json") for number in range(times)],
            RunbookFacts(),
        )
        for times in (1, 2)
    )
    write_runbooks(runbook_folder(few, tmp_path, tmp_path), tmp_path)
    folder = runbook_folder(more, tmp_path, tmp_path)
    assert folder.changes
    for path in tmp_path.glob("*.md"):
        path.write_text(f"{path.read_text()}\nwritten by hand\n", encoding="utf-8")
    write_runbooks(folder, tmp_path)
    found = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.md")]
    assert len(found) == 2
    assert all(text.endswith("\nwritten by hand\n") for text in found)
    assert not runbook_folder(more, tmp_path, tmp_path).changes
