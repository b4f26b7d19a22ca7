"""Devices, pipes, folders and the input itself where commands on traces expect a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.traces import write_whole
from tests.cli.test_exports import span
from tests.cli.test_lint import exported

if TYPE_CHECKING:
    from tests.cli._kit import Commands

REPORTS = [("lint", "--out"), ("diff", "--html")]


def _words(ae: Commands, command: str, option: str, out: str) -> tuple[str, ...]:
    file = exported(ae, span(1, "run"))
    return ("trace", command, *([file] * (2 if command == "diff" else 1)), option, out)


@pytest.mark.parametrize(("command", "option"), REPORTS)
def test_a_report_is_never_written_over_its_input(ae: Commands, command: str, option: str) -> None:
    """The traces stay, also where a link names them."""
    exported(ae, span(1, "run"))
    before = (ae.folder / "prod.jsonl").read_bytes()
    (ae.folder / "link").symlink_to("prod.jsonl")
    for out in ("prod.jsonl", "link"):
        done = ae(*_words(ae, command, option, out))
        assert (done.code, "which is read" in done.err) == (2, True)
    assert (ae.folder / "prod.jsonl").read_bytes() == before


@pytest.mark.parametrize(("command", "option"), REPORTS)
def test_a_report_gets_its_folder_and_a_folder_is_no_report(ae: Commands, command: str, option: str) -> None:
    """Folders on the way are made; a folder itself is refused as what it is."""
    ae(*_words(ae, command, option, "new/report"))
    assert (ae.folder / "new/report").read_bytes()
    done = ae(*_words(ae, command, option, "."))
    assert (done.code, "Is a directory" in done.err) == (2, True)


def test_a_device_or_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    """What is no ordinary file stays what it is, and a link to a file stays a link."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, b"report")
    assert (os.read(reader, 100), pipe.is_fifo()) == (b"report", True)
    os.close(reader)
    link, file = tmp_path / "link", tmp_path / "file"
    file.write_bytes(b"old")
    link.symlink_to(file)
    write_whole(link, b"new")
    assert (link.is_symlink(), file.read_bytes()) == (True, b"new")


@pytest.mark.parametrize("command", ["show", "lint", "stats", "audit"])
def test_a_pipe_is_refused_at_once(ae: Commands, command: str) -> None:
    """Traces are read twice; a pipe without a writer would be waited for without end."""
    os.mkfifo(ae.folder / "pipe")
    done = ae("trace", command, "pipe")
    assert (done.code, "this is a pipe" in done.err, "> traces.jsonl" in done.err) == (2, True, True)


@pytest.mark.parametrize("kind", ["cassette", "golden", "scenario"])
def test_an_import_into_a_file_says_that_a_folder_is_needed(ae: Commands, kind: str) -> None:
    """A file in the place of a folder is told as such, and stays."""
    exported(ae, span(1, "run"))
    (ae.folder / "taken").write_text("mine")
    done = ae("trace", "import", "prod.jsonl", "--as", kind, "--out", "taken")
    assert (done.code, "taken is a file, not a folder" in done.err) == (2, True)
    assert (ae.folder / "taken").read_text() == "mine"
