"""Approving versions: once, one process at a time, whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import agentops_eval
from agentops_eval.domain import PromptEdited, PromptInvalid, RecordingRefused
from agentops_eval.evals.prompts import check_prompts, read_register
from agentops_eval.harness import approve_prompt, earlier_approvals, prompt_at, prompts_in

APPROVES = """
import sys
from pathlib import Path
from agentops_eval.harness import approve_prompt
name, count = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    approve_prompt(Path("prompts"), name, f"1.{number}.0", environ={})
"""


def written(folder, name, count):
    """So many versions of a prompt."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / name / f"v1.{number}.0.txt").write_text(f"version: 1.{number}.0\n---\n{name} {number}")


def approving(root, name, count):
    """A process that approves them all, once it is told to."""
    environment = {**os.environ, "PYTHONPATH": str(Path(agentops_eval.__file__).parents[1])}
    words = [sys.executable, "-c", APPROVES, name, str(count)]
    process = subprocess.Popen(
        words, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def start(process):
    """Let it begin."""
    process.stdin.write(b"\n")
    process.stdin.flush()


@pytest.fixture
def folder(tmp_path):
    """Three versions of a prompt."""
    written(tmp_path / "prompts", "desk", 3)
    return tmp_path / "prompts"


def approvals(folder):
    """What the register holds, as it stands."""
    return read_register((folder / "approved.jsonl").read_bytes(), where="r")


def test_an_approval_is_one_line_more(folder):
    """Approving adds a line and leaves those before it as they were."""
    at = datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=UTC)
    first = approve_prompt(folder, "desk", "1.0", role=" support  lead ", environ={}, now=at)
    before = (folder / "approved.jsonl").read_bytes()
    second = approve_prompt(folder, "desk", "v1.1", environ={})
    assert (folder / "approved.jsonl").read_bytes().startswith(before)
    assert [(one.role, one.after) for one in approvals(folder)] == [
        ("support lead", ()),
        ("", (first.approval.id,)),
    ]
    assert approvals(folder)[0].approved_at == "2026-01-02T03:04:05Z"
    assert (first.diff, second.diff and second.diff.added_words) == (None, 1)


def test_approving_again_changes_nothing(folder):
    """A version that is approved already is said to be, and its approval stays."""
    approve_prompt(folder, "desk", "1.0", environ={})
    before = (folder / "approved.jsonl").read_bytes()
    assert approve_prompt(folder, "desk", "1.0", role="other", environ={}).already
    assert (folder / "approved.jsonl").read_bytes() == before


def test_a_register_without_a_last_line_end_is_completed(folder):
    """An editor that took the last line end away costs no approval."""
    approve_prompt(folder, "desk", "1.0", environ={})
    register = folder / "approved.jsonl"
    register.write_bytes(register.read_bytes().rstrip(b"\n"))
    approve_prompt(folder, "desk", "1.1", environ={})
    assert len(approvals(folder)) == 2


def test_what_is_refused_writes_nothing(folder, tmp_path):
    """In CI, for an edited or unknown version, and without a folder, nothing is approved."""
    with pytest.raises(RecordingRefused, match=r"approved\.jsonl"):
        approve_prompt(folder, "desk", "1.0", environ={"CI": "true"})
    with pytest.raises(PromptInvalid, match=r"no version 2\.0\.0"):
        approve_prompt(folder, "desk", "2", environ={})
    with pytest.raises(PromptInvalid, match="the role has 81 characters"):
        approve_prompt(folder, "desk", "1.0", role="x" * 81, environ={})
    with pytest.raises(PromptInvalid, match="no folder of prompts"):
        approve_prompt(tmp_path / "nix", "desk", "1.0", environ={})
    assert not (folder / "approved.jsonl").exists()
    approve_prompt(folder, "desk", "1.0", environ={})
    (folder / "desk/v1.0.0.txt").write_text("version: 1.0.0\n---\nedited")
    with pytest.raises(PromptEdited):
        approve_prompt(folder, "desk", "1.0", environ={})
    assert len(approvals(folder)) == 1


def test_two_processes_at_once_lose_nothing(tmp_path):
    """Approvals of two processes are all kept, each after the one before it."""
    for name in ("a", "b"):
        written(tmp_path / "prompts", name, 20)
    both = [approving(tmp_path, name, 20) for name in ("a", "b")]
    for process in both:
        start(process)
    for process in both:
        process.communicate()
    assert [process.returncode for process in both] == [0, 0]
    read = approvals(tmp_path / "prompts")
    wanted = {(name, f"1.{number}.0") for name in ("a", "b") for number in range(20)}
    assert {(one.prompt, str(one.version)) for one in read} == wanted
    assert [one.after for one in read] == [(), *((one.id,) for one in read[:-1])]


def test_a_process_that_is_killed_leaves_whole_lines_and_no_lock(tmp_path):
    """Whenever it is killed, what was approved before stays readable, and the next process can go on."""
    written(tmp_path / "prompts", "desk", 400)
    register = tmp_path / "prompts/approved.jsonl"
    kept = 0
    for wanted in (1, 4, 9):
        process = approving(tmp_path, "desk", 400)
        start(process)
        while process.poll() is None and (
            not register.exists() or register.read_bytes().count(b"\n") < wanted
        ):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        read = approvals(tmp_path / "prompts")
        assert len(read) >= max(kept, wanted)
        assert register.read_bytes().endswith(b"\n")
        kept = len(read)
    approve_prompt(tmp_path / "prompts", "desk", "1.399.0", environ={})
    assert len(approvals(tmp_path / "prompts")) == kept + 1
    assert [one.rule for one in check_prompts(prompts_in(tmp_path / "prompts")) if one.level == "error"] == []


def git(folder, *words):
    """Run git as nobody in particular."""
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost", "-c", "commit.gpgsign=false"]
    who += ["-c", "core.hooksPath=/dev/null"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(folder, monkeypatch):
    """The prompts under git, one version approved in each of two commits."""
    git(folder.parent, "init", "-q")
    for version in ("1.0", "1.1"):
        approve_prompt(folder, "desk", version, environ={})
        git(folder.parent, "add", "-A")
        git(folder.parent, "commit", "-qm", version)
    monkeypatch.chdir(folder.parent)
    return Path("prompts")


def test_the_history_knows_approvals_that_were_taken_out(repository):
    """The last line of a register is missed, too, where git has its history."""
    register = repository / "approved.jsonl"
    register.write_bytes(register.read_bytes().splitlines(keepends=True)[0])
    found = check_prompts(prompts_in(repository), earlier=earlier_approvals(register))
    assert [one.rule for one in found if one.level == "error"] == ["approval-gone"]
    assert "desk 1.1.0" in found[0].message


def test_without_git_there_is_no_history(folder):
    """A folder that is no repository is checked by what stands in it."""
    approve_prompt(folder, "desk", "1.0", environ={})
    assert earlier_approvals(folder / "approved.jsonl") == ()


def test_a_file_of_a_revision_can_be_read(repository):
    """A prompt can be read as a commit has it, with the tools beside it."""
    path = repository / "desk/v1.2.0.txt"
    (repository / "desk/tools.json").write_text('[{"name": "a"}]')
    path.write_text("version: 1.2.0\ntools: tools.json\n---\nnew")
    git(Path(), "add", "-A")
    git(Path(), "commit", "-qm", "new")
    path.write_text("version: 1.2.0\n---\nnewer")
    old = prompt_at(f"HEAD:{path}")
    assert (old.name, str(old.version), old.text) == ("desk", "1.2.0", "new")
    assert [tool.name for tool in old.tools or ()] == ["a"]


@pytest.mark.parametrize("place", ["HEAD:nix.txt", "nix:prompts/desk/v1.0.0.txt", "--help:x", ":x", "HEAD:"])
def test_what_git_does_not_have_is_an_error(repository, place):
    """A revision or file that there is not is named as it was given."""
    with pytest.raises(PromptInvalid, match="git has no such file") as caught:
        prompt_at(place)
    assert caught.value.where == place
