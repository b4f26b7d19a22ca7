"""Prompts read from files, as agents and commands read them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import agentops_eval
from agentops_eval import prompt
from agentops_eval.domain import MergeConflict, PromptEdited, PromptInvalid
from agentops_eval.harness import approve_prompt, prompts_in, read_prompt_file, survey_prompts

LIGHT = """
import json, sys
import agentops_eval
text = agentops_eval.prompt("desk", "1.4").fill(customer="Ann")
heavy = {"click", "httpx", "httpx2", "jinja2", "msgspec", "opentelemetry", "rapidfuzz", "rich", "vcr"}
print(json.dumps([text, sorted(heavy & {name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.fixture
def folder(tmp_path):
    """Two versions of one prompt in files of their own, another prompt in one file, and what is none."""
    files = {
        "desk/v1.3.txt": "version: 1.3\n---\nYou serve {{customer}}.\n",
        "desk/v1.4.md": "version: 1.4.0\ntools: tools.json\n---\nYou kindly serve {{customer}}.\n",
        "desk/tools.json": '[{"name": "get_order"}]',
        "team/billing.prompt": "version: 1\n---\nYou pay back.\n",
        "README.md": "# Our prompts",
        ".hidden.txt": "nothing",
        "notes.rst": "nothing",
    }
    for name, text in files.items():
        path = tmp_path / "prompts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "prompts"


def approve(folder, version, name="desk"):
    """Approve a version."""
    return approve_prompt(folder, name, version, environ={})


def test_an_agent_reads_a_version_and_fills_it(folder):
    """The latest version, one that is named, and the latest approved one can be read."""
    approve(folder, "1.3")
    read = [prompt("desk", version, root=folder) for version in (None, "v1.3", "latest", "approved")]
    assert [str(one.version) for one in read] == ["1.4.0", "1.3.0", "1.4.0", "1.3.0"]
    assert read[0].fill(customer="Ann") == "You kindly serve Ann."
    assert read[0].digest != read[1].digest
    assert agentops_eval.prompt is prompt


def test_names_are_paths_without_what_tells_the_version(folder):
    """A prompt is called after its folder or its file, and files that are no prompts are passed over."""
    assert prompts_in(folder).names == ("desk", "team/billing")
    assert prompts_in(folder / "nothing here").names == ()


def test_one_file_can_be_read_alone(folder):
    """A path instead of a name reads that file, and checks the version that is asked for."""
    path = folder / "desk/v1.3.txt"
    assert (prompt(path).name, prompt(path, "1.3").text) == ("desk", "You serve {{customer}}.")
    with pytest.raises(PromptInvalid, match=r"holds version 1\.3\.0, and 1\.4 is asked for"):
        prompt(path, "1.4")


@pytest.mark.parametrize("by", ["name", "path"])
def test_an_edited_version_is_refused(folder, by):
    """An agent does not run on a version that was edited after its approval."""
    approve(folder, "1.3")
    path = folder / "desk/v1.3.txt"
    path.write_text(path.read_text().replace("serve", "sell to"))
    with pytest.raises(PromptEdited, match=r"desk 1\.3\.0 was edited"):
        prompt("desk", "1.3", root=folder) if by == "name" else prompt(path)
    assert str(prompt("desk", root=folder).version) == "1.4.0"


def test_edited_tools_are_an_edit_too(folder):
    """The tools beside a prompt belong to its version."""
    approve(folder, "1.4")
    (folder / "desk/tools.json").write_text('[{"name": "get_orders"}]')
    with pytest.raises(PromptEdited):
        prompt("desk", root=folder)


def test_a_broken_file_is_not_passed_over_where_it_could_be_meant(folder):
    """The latest version could be in a file that cannot be read; a version that is named is not."""
    (folder / "desk/v1.5.txt").write_text("verson: 1.5\n---\nx")
    with pytest.raises(PromptInvalid, match="unknown key 'verson'"):
        prompt("desk", root=folder)
    with pytest.raises(PromptInvalid, match="unknown key 'verson'"):
        prompt("desk", "1.5", root=folder)
    assert str(prompt("desk", "1.4", root=folder).version) == "1.4.0"


def test_every_problem_is_told_beside_the_rest(folder):
    """What cannot be read is told with its file, and everything else is read."""
    (folder / "a.txt").write_bytes(b"\xff")
    (folder / "b.txt").write_text("name: desk\nversion: v1.4\n---\nx")
    (folder / "c.txt").write_text("version: 1\n---\n" + "x" * 1_000_001)
    (folder / "d.txt").symlink_to("d.txt")
    os.mkfifo(folder / "e.txt")
    (folder / "f.txt").write_text("version: 1\ntools: e.txt\n---\nx")
    (folder / "approved.jsonl").write_text("<<<<<<< HEAD\n")
    survey = survey_prompts(folder)
    said = {Path(one.where.rpartition(":")[0] or one.where).name: one.what for one in survey.unreadable}
    expected = {
        "a.txt": "UTF-8",
        "v1.4.md": "as well",
        "c.txt": "larger than 1 MB",
        "d.txt": "symbolic links",
        "e.txt": "pipe",
        "f.txt": "pipe",
    }
    assert said.keys() == expected.keys()
    assert [name for name, word in expected.items() if word not in said[name]] == []
    assert isinstance(survey.register_error, MergeConflict)
    assert survey.prompts.names == ("desk", "team/billing")


def test_reading_a_prompt_costs_an_agent_next_to_nothing(folder):
    """An agent that reads a prompt loads none of the product's heavy dependencies."""
    environment = {**os.environ, "PYTHONPATH": str(Path(agentops_eval.__file__).parents[1])}
    command = [sys.executable, "-c", LIGHT]
    done = subprocess.run(
        command, cwd=folder.parent, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["You kindly serve Ann.", []]


def test_the_same_text_in_another_encoding_of_lines_is_the_same_version(folder):
    """A checkout that writes CRLF changes no digest, so that no approval breaks by it."""
    path = folder / "desk/v1.3.txt"
    before = read_prompt_file(path).digest
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_prompt_file(path).digest == before
