"""Every command that reads traces says the same of a file that is not what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli._kit import Commands

COMMANDS = {
    "show": "trace show {}",
    "diff": "trace diff {} {}",
    "import": "trace import {} --out out",
    "lint": "trace lint {}",
    "stats": "trace stats {}",
    "audit": "trace audit {}",
    "push": "trace push {} --dry-run",
}


@pytest.fixture(params=COMMANDS.values(), ids=COMMANDS)
def command(request: pytest.FixtureRequest) -> str:
    """Each command that reads traces, without its file."""
    return str(request.param)


def test_a_folder_is_no_file(ae: Commands, command: str) -> None:
    """A folder is told for one, with the command that lists the files to name instead."""
    (ae.folder / "traces").mkdir()
    said = ae(*command.replace("{}", "traces").split())
    assert said.code == 2
    assert "traces is a folder" in said.err
    assert said.remedy == "name files in it: ls traces"


def test_a_recording_that_is_missing_is_told_with_a_command_that_helps_here(
    ae: Commands, command: str
) -> None:
    """Where a recording is missing, the remedy is a command, never an option of pytest."""
    said = ae(*command.replace("{}", "nothing/like/it.cassette.jsonl").split())
    assert said.code == 3
    assert "AE101" in said.err
    assert said.remedy.startswith("agentops-eval doctor")
