"""Every command that reads traces says the same of a file that is not what it should be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_exports import EXPORT

if TYPE_CHECKING:
    from tests.cli._kit import Commands

LICENSE = "\n                 Some License\n\n  1. Definitions.\n  Nobody warrants anything.\n" * 5
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


@pytest.mark.parametrize(
    ("name", "code", "exit_code", "remedy"),
    [
        ("prood.jsonl", "AE206", 2, "did you mean prod.jsonl?"),
        ("r.otpl.jsonl", "AE206", 2, "did you mean r.otlp.jsonl?"),
        ("rr.otlp.jsonl", "AE201", 2, "did you mean r.otlp.jsonl?"),
        ("rr.cassette.jsonl", "AE101", 3, "did you mean r.cassette.jsonl?"),
        ("nix", "AE206", 2, "name a file that is there: ls ."),
        ("*.json", "AE206", 2, "no file fits that pattern: ls ."),
        ("x?.cassette.jsonl", "AE101", 3, "no file fits that pattern: ls ."),
    ],
    ids=["export", "suffix", "golden", "recording", "nothing like it", "pattern", "pattern of recordings"],
)
def test_a_file_that_is_missing_is_told_with_one_that_is_there(
    ae: Commands, command: str, name: str, code: str, exit_code: int, remedy: str
) -> None:
    """A misspelt name, and a pattern that the shell handed over as it was, have one remedy everywhere."""
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\n")
    said = ae(*command.replace("{}", name).split())
    assert (said.code, said.err.split()[0], said.remedy) == (exit_code, code, remedy)


def test_a_file_that_is_no_trace_is_told_with_what_is_one(ae: Commands, command: str) -> None:
    """Alone it is an error, whose remedy lists what can be read."""
    (ae.folder / "LICENSE").write_text(LICENSE)
    said = ae(*command.replace("{}", "LICENSE").split())
    assert (said.code, said.err.split()[0]) == (2, "AE206")
    assert said.remedy.startswith("name a golden, a recording, an OTLP export")


@pytest.mark.parametrize("other", ["prod.jsonl", "r.otlp.jsonl"])
@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "diff"])
def test_a_file_that_is_no_trace_is_passed_over_beside_others(ae: Commands, name: str, other: str) -> None:
    """Where another file can be read, one that cannot is a problem, and the runs are told all the same."""
    (ae.folder / "LICENSE").write_text(LICENSE)
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\n")
    words = COMMANDS[name].replace("{}", f"LICENSE {other}").split()
    done = ae(*words)
    assert "LICENSE: passed over: the file is neither JSON" in done.out + done.err
    words += ["--force"] if name == "import" else []
    document = ae(*words, "--json").document
    assert document["problems"] == [
        {
            "where": "LICENSE",
            "what": "passed over: the file is neither JSON nor an OTLP protobuf message",
        }
    ]
    assert document["read"] == 1


def test_a_missing_file_is_an_error_beside_others_too(ae: Commands, command: str) -> None:
    """What was named and is not there is never passed over: nothing of it was looked at."""
    if "{} {}" in command:
        return
    said = ae(*command.replace("{}", "r.otlp.jsonl nix.jsonl").split())
    assert (said.code, "AE206 there is no such file" in said.err) == (2, True)


def test_log_records_alone_are_no_run(ae: Commands, command: str) -> None:
    """They are one problem for each trace, with the advice; there is no run, which is exit code 1."""
    records = [{"traceId": "a" * 32, "spanId": f"{n:016x}", "eventName": "x"} for n in (1, 2, 2)]
    document = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    (ae.folder / "logs.jsonl").write_text(json.dumps(document) + "\n")
    said = ae(*command.replace("{}", "logs.jsonl").split())
    if "{} {}" in command:
        assert (said.code, "holds no run" in said.err) == (2, True)
        return
    assert said.code == 1
    advice = "3 log records belong to spans that are not there; give the file with the spans, too"
    assert (said.out + said.err).count(advice) == 1
