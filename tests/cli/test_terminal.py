"""Terminals, pipes and encodings: the command behaves in all of them, in a process of its own."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli._kit import COMMAND, environment, process

SHOW = ("cassette", "show", "r.cassette.jsonl")


def test_a_reader_that_goes_away_changes_nothing(project: Path) -> None:
    """With its reader gone the command still ends with its own code, and without a traceback."""
    for words, code in (
        (SHOW, 0),
        ((*SHOW, "--json"), 0),
        (("trace", "diff", "r.otlp.jsonl", "raised.cassette.jsonl"), 1),
    ):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=project,
            env=environment(),
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writer)
        assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [SHOW, (*SHOW, "--json"), ("--version",), ("replay", "nix", "--json")])
@pytest.mark.parametrize("buffered", [True, False])
def test_a_full_disk_behind_the_output_is_an_error(
    project: Path, words: tuple[str, ...], buffered: bool
) -> None:
    """Output that cannot be written is told once, with exit code 2, whether or not it is buffered."""
    env = environment(PYTHONUNBUFFERED="" if buffered else "1")
    if buffered:
        del env["PYTHONUNBUFFERED"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=project,
            env=env,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count(b"cannot read or write") == 1
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_with_nowhere_to_tell_the_code_still_tells(project: Path) -> None:
    """Where standard error is full as well, the exit code is what remains."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *SHOW], cwd=project, env=environment(), stdout=full, stderr=full, check=False
        )
    assert done.returncode == 2


def test_an_ascii_terminal_gets_escapes(project: Path) -> None:
    """Where the encoding holds no more than ASCII, text and JSON are escaped, and nothing fails."""
    (project / "r.cassette.jsonl").rename(project / "ü—.cassette.jsonl")
    tree = process(project, "trace", "show", "ü—.cassette.jsonl", PYTHONIOENCODING="ascii")
    assert (tree.code, "|- tool get_order" in tree.out) == (0, True)
    shown = process(project, "cassette", "show", "ü—.cassette.jsonl", "--json", PYTHONIOENCODING="ascii")
    assert shown.out.isascii()
    assert shown.document["path"] == "ü—.cassette.jsonl"


@pytest.mark.parametrize("plain", [True, False])
def test_colours_are_for_terminals_without_no_color(project: Path, plain: bool) -> None:
    """A terminal gets colours unless NO_COLOR is set; nothing else does."""
    controller, terminal = pty.openpty()
    more = {"NO_COLOR": "1"} if plain else {}
    words = ("trace", "show", "raised.cassette.jsonl")
    env = environment(TERM="xterm-256color", **more)
    subprocess.run([*COMMAND, *words], cwd=project, env=env, stdout=terminal, check=True)
    os.close(terminal)
    out = os.read(controller, 65536).decode()
    os.close(controller)
    assert ("\x1b[31m" in out) is not plain


def test_the_entry_point_knows_its_name_and_version() -> None:
    """Messages name the command that a user types, however it was started."""
    import agentops_eval
    from tests.cli._kit import ROOT

    assert process(ROOT, "--version").out == f"agentops-eval, version {agentops_eval.__version__}\n"
    done = process(ROOT, "nix")
    assert (done.code, done.remedy) == (2, "agentops-eval --help")
