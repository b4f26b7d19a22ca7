"""``report``: a project as pages, written, opened and served."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from agentops_eval.cli._main import cli
from tests.cli._kit import COMMAND, ROOT, documented_keys, environment, printed_keys
from tests.harness.reporting._kit import fact, keep, store, whole

KEYS = documented_keys()
HOW_TO = ROOT / "docs/how-to/publish-reports.md"


def test_the_keys_are_those_of_the_page(ae) -> None:
    """What the reference lists is what is printed, and nothing else."""
    whole(ae.folder, at=None)
    keep(ae.folder, fact(subject="forged"), at=None)
    path = store(ae.folder)[-1]
    path.write_text(path.read_text().replace("forged", "forger"))
    told = ae("report", "build", "--out", "out", "--json").document
    known = KEYS["report build"]
    told["left_out"] = {"findings": 1}
    told["missing"] = [{"what": "a", "command": "b"}]
    assert printed_keys(told, known) == known


def test_it_says_what_was_found_and_where_the_page_is(ae) -> None:
    """Harm is counted, and the summary lies where it was asked for."""
    whole(ae.folder, at=None)
    done = ae("report", "build", "--out", "out", "--markdown", "summary.md")
    assert done.code == 0
    assert "open findings, 1 unsafe" in done.out
    assert "written to out/index.html" in done.out
    assert (ae.folder / "out/index.html").is_file()
    assert "**unsafe**" in (ae.folder / "summary.md").read_text()


def test_an_empty_project_is_told_how_to_begin(ae) -> None:
    """No level and no cost is made up; each line of what is missing has its command."""
    (ae.folder / "empty").mkdir()
    told = ae("report", "build", "empty", "--json").document
    assert (told["agents"], told["findings"], told["evidence"]) == ([], [], 0)
    assert any(one["command"].startswith("agentops-eval eval run") for one in told["missing"])
    assert told["index"] == "empty/.agentops/report/index.html"


def test_a_folder_that_is_none_is_misuse(ae) -> None:
    """With what to type instead."""
    done = ae("report", "build", "nowhere")
    assert done.code == 2
    assert done.remedy == "name the project's folder: agentops-eval report build ."


@pytest.mark.parametrize("flag", [["--print"], []])
def test_open_builds_where_needed_and_prints_the_path(
    ae, monkeypatch: pytest.MonkeyPatch, flag: list[str]
) -> None:
    """In CI, and where asked, nothing is opened; what is current is not built anew."""
    monkeypatch.setenv("CI", "" if flag else "true")
    index = ae.folder / ".agentops/report/index.html"
    assert ae("report", "open", *flag).out.strip() == ".agentops/report/index.html"
    before = index.stat().st_mtime_ns
    told = ae("report", "open", *flag, "--json").document
    assert told == {"index": ".agentops/report/index.html", "built": False, "opened": False}
    assert told.keys() == KEYS["report open"]
    assert index.stat().st_mtime_ns == before
    keep(ae.folder, fact(), at=None)
    ae("report", "open", *flag)
    assert index.stat().st_mtime_ns != before


def test_open_opens_the_browser_that_is_set(ae, tmp_path: Path) -> None:
    """The page's address is handed to it."""
    told = tmp_path / "told"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {shlex.quote(str(told))}\n')
    browser.chmod(0o755)
    done = subprocess.run(
        [*COMMAND, "report", "open"],
        cwd=ae.folder,
        env=environment(CI="", BROWSER=str(browser), DISPLAY=""),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "index.html" in done.stdout
    assert told.read_text().strip() == (ae.folder / ".agentops/report/index.html").resolve().as_uri()


def test_serve_answers_until_it_is_interrupted(ae) -> None:
    """Any free port, one document that says where; Ctrl-C ends it with 0."""
    with subprocess.Popen(
        [*COMMAND, "report", "serve", "--port", "0", "--json"],
        cwd=ae.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        told = json.loads(command.stdout.readline())
        assert printed_keys(told, KEYS["report serve"]) == KEYS["report serve"]
        with urllib.request.urlopen(told["url"], timeout=20) as answer:  # our own address
            assert b'id="live"' in answer.read()
        command.send_signal(signal.SIGINT)
        assert command.wait(timeout=20) == 0


# -- the examples -------------------------------------------------------------------------------------


def blocks() -> list[str]:
    """The workflows of the how-to."""
    return re.findall(r"```yaml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)


def scripts() -> Iterator[str]:
    """Every command line that they run."""
    github, gitlab = map(yaml.safe_load, blocks())
    for step in github["jobs"]["gate"]["steps"]:
        yield from step.get("run", "").splitlines()
    yield from (*gitlab["gate"]["script"], *gitlab["gate"]["after_script"])


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and the words behind it."""
    found: click.Command = cli
    while isinstance(found, click.Group):
        word, *words = words
        inner = found.get_command(click.Context(found), word)
        assert inner is not None, word
        found = inner
    return found, words


def test_the_examples_run_commands_that_there_are() -> None:
    """Every command of the how-to exists, with every option that it is given."""
    seen = set()
    for line in scripts():
        for part in re.findall(r"agentops-eval ([^|&)]+)", line):
            command, words = command_of(shlex.split(part))
            options = {name for one in command.params for name in one.opts}
            assert {word for word in words if word.startswith("--")} <= options
            seen.add(command.name)
    assert seen == {"run", "decide", "build"}


def test_the_examples_run_the_gate_and_publish_whatever_came_of_it_without_a_secret() -> None:
    """The gate's exit code ends the job; the report is made and kept all the same; no secret is named."""
    github, gitlab = map(yaml.safe_load, blocks())
    steps = github["jobs"]["gate"]["steps"]
    gate = next(at for at, step in enumerate(steps) if "gate decide" in step.get("run", ""))
    assert "||" not in steps[gate]["run"]
    assert all(step["if"] == "always()" for step in steps[gate + 1 :])
    assert github["permissions"] == {"contents": "read"}
    assert "gate decide" in gitlab["gate"]["script"][-1]
    assert gitlab["gate"]["artifacts"]["when"] == "always"
    assert not re.search(r"secrets\.|_KEY|TOKEN|\$\{\{", "".join(blocks()))


@pytest.mark.skipif(os.name != "posix", reason="they are for sh")
def test_the_scripts_are_shell() -> None:
    """Each is parsed by sh, none is run."""
    for script in scripts():
        subprocess.run(["sh", "-n", "-c", script], check=True)


def test_what_is_missing_names_commands_that_there_are(ae) -> None:
    """Each can be pasted, with files in place of those that it names."""
    (ae.folder / "empty").mkdir()
    commands = [one["command"] for one in ae("report", "build", "empty", "--json").document["missing"]]
    ours = [shlex.split(one)[1:] for one in commands if one.startswith("agentops-eval ")]
    assert len(ours) == 5
    for given in ours:
        command, words = command_of(given)
        assert {word for word in words if word.startswith("--")} <= {
            n for one in command.params for n in one.opts
        }
