"""``chaos explore`` as a person and a script have it."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from rich.file_proxy import FileProxy

from agentops_eval import faults
from agentops_eval.chaos.exploring import Counts, Coverage, Exploration, Options, Progress
from agentops_eval.cli._chaos_told import Teller, moving_line
from agentops_eval.cli._main import run
from agentops_eval.cli._output import console
from agentops_eval.domain import Mode, Schedule
from agentops_eval.harness.faulting import ExploreOrder, SubjectOrder
from agentops_eval.traces.redaction import Redactor
from tests.cli._kit import documented_keys, printed_keys
from tests.reports.test_page import words_of

FLAWED = "agentops_eval.demo.flaws.duplicate_email_on_lost_reply:flawed"
MENDED = "agentops_eval.demo.flaws.duplicate_email_on_lost_reply:mended"
KINDS = "tool_error,tool_reply_lost,latency"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_person_reads_findings_and_what_was_covered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The harm, the smallest schedule, the test that was written; then singles and pairs; exit code 1."""
    assert run(["chaos", "explore", FLAWED, "--faults", KINDS, "--out", "found"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "failed-unsafe  duplicated-effect send_email"
    assert shown[1] == "  under tool_reply_lost(after_s=0.5) @send_email #1"
    assert "  found/test_flawed_duplicated_effect_send_email.py" in shown, (
        "on a line of its own, at any width"
    )
    assert (tmp_path / "found/test_flawed_duplicated_effect_send_email.py").exists()
    assert any(line.startswith("one fault   4: 4 run") for line in shown)
    assert any(line.startswith("two faults  ") for line in shown)
    assert shown[-1] == "1 finding"


def test_a_rule_for_what_is_never_called_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One line before the verdict, which it does not change."""
    rule = "degradations: [{dependency: send_emial, accept: [full, failed-safe]}]\n"
    (tmp_path / "degradation.yaml").write_text(rule, encoding="utf-8")
    command = ["chaos", "explore", MENDED, "--faults", "latency", "--contract", "degradation.yaml"]
    note = "degradation.yaml: rule 1 names 'send_emial', which the agent never called; "
    note += "did you mean 'send_email'?"
    code = run(command)
    shown = capsys.readouterr().out
    assert note in shown.replace("\n    ", " ")
    assert (code, shown.count("degradation.yaml")) == (0, 1)


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        (["--targets", "send_emial"], "no fault fits any call of the agent", "did you mean 'send_email'?"),
        (["--faults", "stream_*"], "no fault fits any call of the agent", "agentops-eval chaos faults"),
        (
            ["--faults", "tool_reordered"],
            "none of the faults that fit could be injected (1 tried)",
            "agentops-eval chaos faults",
        ),
    ],
)
def test_where_no_fault_was_tried_nothing_found_is_not_said(
    capsys: pytest.CaptureFixture[str], words: list[str], what: str, remedy: str
) -> None:
    """A misspelt target, or faults that fit no call, are no success: it says what the agent calls."""
    assert run(["chaos", "explore", MENDED, *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"AE613 {what}" in told.err
    assert "it calls send_email" in told.err
    assert remedy in told.err


def test_an_agent_without_the_flaw_is_steady(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found: exit code 0."""
    assert run(["chaos", "explore", MENDED, "--faults", KINDS]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing found"


def test_a_script_reads_one_finding_a_line_and_coverage_last(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is a document, with the keys that the reference lists."""
    assert run(["chaos", "explore", FLAWED, "--faults", KINDS, "--json"]) == 1
    *findings, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [one["harms"] for one in findings] == [["duplicated-effect"]]
    assert last["coverage"]["singles"]["covered"] == 4
    known = documented_keys()["chaos explore"]
    assert printed_keys(findings[0], known) | printed_keys(last, known) == known


def test_the_page_has_what_the_terminal_tells(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The finding with its harm, test and picture, and the same counts; it is written whatever was found."""
    words = ["--faults", KINDS, "--out", "found", "--html", "pages/found.html"]
    assert run(["chaos", "explore", FLAWED, *words]) == 1
    assert capsys.readouterr().out.endswith("written to pages/found.html\n")
    told = words_of((tmp_path / "pages/found.html").read_text(encoding="utf-8"))
    for text in (
        "1 finding",
        "was searched: what else may break is not known",
        "tool_reply_lost(after_s=0.5) @send_email #1",
        "duplicated-effect send_email",
        "found/test_flawed_duplicated_effect_send_email.py",
        "One fault 4 schedules",
        "tool, tried again",
        "duplicated: done more than once",
    ):
        assert text in told, text
    run(["chaos", "explore", MENDED, "--faults", KINDS, "--html", "none.html"])
    assert "Nothing found" in (tmp_path / "none.html").read_text(encoding="utf-8")


def test_a_budget_in_runs_cuts_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """What was cut is counted, and nobody takes it for a whole search."""
    run(["chaos", "explore", MENDED, "--faults", KINDS, "--budget", "3"])
    shown = capsys.readouterr().out
    assert "2 run, 2 cut by the budget" in shown
    assert "the budget is spent" in shown
    assert "with --state FOLDER the same command goes on where it ended" in shown
    run(["chaos", "explore", MENDED, "--faults", KINDS, "--budget", "3", "--state", "kept"])
    assert "the same command with a larger --budget goes on from kept" in capsys.readouterr().out


def test_who_interrupts_it_reads_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    """What was not run is not blamed on a budget, and the folder is named from which it goes on."""
    found = Exploration(
        findings=(), coverage=Coverage(singles=Counts(cut=3)), complete=False, interrupted=True
    )
    order = ExploreOrder(subject=SubjectOrder(target=MENDED), options=Options(depth=1))
    Teller(Redactor(), as_json=False, state=Path("kept")).end(found, order)
    shown = capsys.readouterr().out
    assert "3 not run when it was interrupted" in shown
    assert "the same command goes on from kept" in shown
    assert "budget" not in shown


@pytest.mark.parametrize("room", [1, 20, 55, 95])
def test_what_moves_is_one_line(room: int) -> None:
    """Whatever an agent's tools are called, it is no wider than the terminal: else pieces stay behind."""
    schedule = Schedule(faults=(faults.tool_error("\u8fd4\u91d1" * 40), faults.tool_error("a\nb")))
    progress = Progress(size=2, runs=1582, behaviours=466, findings=3, schedule=schedule, mode=Mode.FULL)
    told = moving_line(progress, 441.2, room)
    assert told.cell_len <= room
    assert "\n" not in told.plain
    assert told.plain.startswith("2 faults at once: 1582 runs, 3 findings"[: room - 1])


def test_on_a_terminal_findings_stand_above_the_line_that_moves(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line counts a finding at once, and is gone at the end."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert run(["chaos", "explore", FLAWED, "--faults", KINDS]) == 1
    shown = capsys.readouterr().out
    behind = shown.partition("failed-unsafe")[2]
    assert "1 finding," in behind
    assert "\x1b[2K" in behind.rpartition("a second")[2].partition("one fault")[0]


def test_findings_are_printed_by_the_console_whose_line_moves() -> None:
    """Rich puts a proxy in the place of standard output meanwhile: another console would print beside it."""
    mine = console()
    with redirect_stdout(FileProxy(mine, sys.stdout)):  # type: ignore[type-var]  # a proxy is no TextIO by name
        assert console() is mine


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--budget", "soon"], "is no budget"),
        (["--budget", "0"], "is no budget"),
        (["--faults", "tool_eror"], "tool_error"),
        (["--depth", "9"], "--depth"),
        (["--contract", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Usage errors name what was given: exit code 2."""
    assert run(["chaos", "explore", MENDED, *words]) == 2
    assert told in capsys.readouterr().err


def test_it_goes_on_from_its_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A budget that was spent is raised, and the same journal is finished, by two processes."""
    words = ["chaos", "explore", FLAWED, "--faults", KINDS, "--state"]
    run([*words, "whole"])
    run([*words, "bits", "--budget", "4"])
    run([*words, "bits", "--jobs", "2"])
    capsys.readouterr()
    names = [tmp_path / name / "explore.jsonl" for name in ("whole", "bits")]
    assert names[0].read_bytes() == names[1].read_bytes()


@pytest.mark.parametrize("nothing", [["--budget", "1"], ["--budget", "1", "--json"]])
def test_an_exploration_that_injects_nothing_has_not_passed(
    capsys: pytest.CaptureFixture[str], nothing: list[str]
) -> None:
    """Where the budget ends before one fault happened, nothing was shown: it could not run, and says why."""
    assert run(["chaos", "explore", MENDED, *nothing]) == 2
    shown = capsys.readouterr()
    assert "the exploration injected no fault, and shows nothing" in shown.out + shown.err


LEAKY = """
import os
from agentops_eval import tool

@tool(effect="write")
def mail(text: str) -> str:
    return "sent"

def agent(word: str) -> str:
    for _ in range(2):
        try:
            mail(f"the key is {os.environ['SHOP_API_KEY']} and {word}")
            return "sent"
        except OSError:
            pass
    return "sorry"
"""
SECRETS = (
    "sk-proj-Zz9Yy8Xx7Ww6Vv5UZz9Yy8Xx7Ww6Vv5U",
    "sk-ant-api03-A1b2C3d4E5f6G7h8A1b2C3d4E5f6G7h8A1b2C3d4",
)


@pytest.mark.parametrize(
    "command", [["explore", "--faults", "tool_reply_lost", "--html", "page.html"], ["check"]]
)
@pytest.mark.parametrize("form", [["--json"], []])
def test_secrets_are_in_nothing_that_is_told_or_written(
    command: list[str],
    form: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A key of the environment and one among the words, both in a tool's arguments, reach no output."""
    monkeypatch.setenv("SHOP_API_KEY", SECRETS[0])
    (tmp_path / "leaky.py").write_text(LEAKY, encoding="utf-8")
    assert run(["chaos", command[0], "leaky:agent", SECRETS[1], *command[1:], "--out", "found", *form]) == 1
    shown = capsys.readouterr()
    tests = [path.read_text(encoding="utf-8") for path in (tmp_path / "found").glob("*.py")]
    assert tests
    pages = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")]
    assert len(pages) == (command[0] == "explore")
    for text in (shown.out, shown.err, *tests, *pages):
        assert not any(secret in text for secret in SECRETS)
