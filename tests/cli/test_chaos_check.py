"""``chaos check``: what it says, what it exits with, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.cli._main import run
from tests.cli._kit import documented_keys, printed_keys

if TYPE_CHECKING:
    from tests.cli._kit import Commands

AGENT = """
import random
import time

from agentops_eval import approve, tool


@tool(effect="write")
def charge(order: str) -> str:
    return "charged"


@tool
def balance(tenant: str) -> str:
    return tenant


def careless() -> str:
    for attempt in range(3):
        try:
            return charge("o-1")
        except OSError:
            time.sleep(2**attempt * random.uniform(0.5, 1))
    return "sorry"


def careful() -> str:
    try:
        return charge("o-1")
    except OSError:
        return "sorry"


class Desk:
    def __init__(self) -> None:
        self.cache = {}


def ask(tenant: str, *, world: Desk) -> str:
    print("the agent says", tenant)
    try:
        return world.cache.setdefault("balance", balance(tenant))
    except OSError:
        return "sorry"


def refund() -> str:
    answer = approve("charge", deadline_s=60)
    return charge("o-1") if answer.status != "rejected" else "sorry"
"""


@pytest.fixture
def folder(ae: Commands) -> Commands:
    """A folder with agents."""
    (ae.folder / "till.py").write_text(AGENT, encoding="utf-8")
    return ae


def test_a_finding_exits_with_one_and_says_what_and_under_what(folder: Commands):
    """A check that fails names the effect and the faults under which it was seen."""
    told = folder("chaos", "check", "till:careless", "--only", "idempotency,backoff")
    assert told.code == 1
    assert "failed       idempotency" in told.out
    assert "under tool_reply_lost" in told.out
    assert "passed       backoff" in told.out


def test_what_passes_exits_with_zero(folder: Commands):
    """An agent of which nothing bad is found passes; where not one check can tell, nothing has."""
    assert folder("chaos", "check", "till:careful", "--only", "idempotency").code == 0
    assert folder("chaos", "check", "till:careful", "--only", "saga").code == 2
    assert folder("chaos", "check", "till:careful", "--only", "saga", "--strict").code == 1


def test_the_document_holds_schedules_that_find_it_again(folder: Commands):
    """The JSON has each check, each finding with schedule and parameters; agents print elsewhere."""
    told = folder("chaos", "check", "till:careless", "--only", "idempotency", "--json")
    (check,) = told.document["checks"]
    assert (told.document["passed"], check["passed"], check["name"]) == (False, False, "idempotency")
    (finding,) = check["findings"]
    assert finding["harms"] == ["duplicated-effect"]
    assert finding["schedule"]["faults"][0]["fault"] == "tool_reply_lost"
    assert finding["details"]["arguments"] == {"target": "charge"}


def test_a_script_gets_the_documented_keys(folder: Commands):
    """Of checks that were carried out and of those that are listed, every key is in the table."""
    known = documented_keys()["chaos check"]
    run = folder("chaos", "check", "till:careless", "--only", "idempotency", "--json")
    listed = folder("chaos", "check", "--list", "--json")
    assert printed_keys(run.document, known) | printed_keys(listed.document, known) == known


def test_a_second_tenant_a_world_and_an_approver_are_given(folder: Commands):
    """What an agent needs to be run is given as for the other commands."""
    leaks = folder(
        "chaos",
        "check",
        "till:ask",
        "acme",
        "--beside",
        "globex",
        "--world",
        "till:Desk",
        "--only",
        "neighbour",
    )
    assert leaks.code == 1
    assert "behind the other" in leaks.out
    bypass = folder("chaos", "check", "till:refund", "--approver", "approve", "--only", "approval")
    assert bypass.code == 1


def test_a_contract_and_single_parameters_are_read(folder: Commands):
    """A degradation file says what is declared, ``--set`` and ``--target`` what is asked of one check."""
    (folder.folder / "degradation.yaml").write_text("checks: {budget: {calls: 2}}\n", encoding="utf-8")
    command = ("chaos", "check", "till:careless", "--only", "budget")
    assert folder(*command).code == 0
    assert folder(*command, "--contract", "degradation.yaml").code == 1
    assert folder(*command, "--set", "budget.most_calls=2").code == 1
    assert folder(*command, "--set", "budget.most_calls=2", "--target", "other").code == 2


def test_a_rule_for_what_is_never_called_is_told(folder: Commands):
    """It is no error but one line: which rule, and what may be meant; of a rule that is met there is none."""
    rules = "degradations: [{dependency: charge, message: sorry}, {dependency: chrage, message: sorry}]\n"
    (folder.folder / "degradation.yaml").write_text(rules, encoding="utf-8")
    command = ("chaos", "check", "till:careful", "--only", "idempotency", "--contract", "degradation.yaml")
    told = folder(*command)
    note = "degradation.yaml: rule 2 names 'chrage', which the agent never called; did you mean 'charge'?"
    assert (told.code, told.out.count("degradation.yaml")) == (0, 1)
    assert note in told.out
    assert folder(*command, "--json").document["notes"] == [note]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["till:careful", "--only", "idempotence"], "did you mean 'idempotency'?"),
        (["till:careful", "--set", "breaker.failure=3"], "did you mean 'failures'?"),
        (["till:careful", "--set", "breaker"], "CHECK.NAME=VALUE"),
        (["till:carefull"], "did you mean 'careful'?"),
        (["till:careful", "--contract", "none.yaml"], "none.yaml"),
        ([], "no agent to check"),
    ],
)
def test_what_is_misspelt_is_refused_with_the_nearest(folder: Commands, words: list[str], said: str):
    """What does not exist exits with 2 and names what was probably meant."""
    told = folder("chaos", "check", *words)
    assert told.code == 2
    assert said in told.out + told.err


def test_the_checks_are_listed(folder: Commands):
    """Every check has a line on what it checks, and its parameters."""
    told = folder("chaos", "check", "--list", "--json")
    assert len(told.document["checks"]) == 12
    assert all(one["about"].endswith(".") for one in told.document["checks"])
    assert "most_calls=-" in folder("chaos", "check", "--list").out


def test_a_finding_is_written_as_a_test_that_fails_until_the_agent_is_mended(folder: Commands):
    """The test runs the check on the same agent, world and neighbour: red before the fix, green after it."""
    (folder.folder / "degradation.yaml").write_text("checks: {budget: {calls: 2}}\n", encoding="utf-8")
    told = folder(
        *("chaos", "check", "till:ask", "acme", "--beside", "'globex corp'", "--world", "till:Desk"),
        *("--only", "neighbour", "--contract", "degradation.yaml", "--out", "found", "--json"),
    )
    (check,) = told.document["checks"]
    (finding,) = check["findings"]
    written = folder.folder / finding["test"]
    text = written.read_text(encoding="utf-8")
    assert 'chaos.check("neighbour", task="beside")' in text
    assert "beside=" in text
    assert pytest_in(folder.folder, finding["test"]) == 1
    till = folder.folder / "till.py"
    till.write_text(till.read_text("utf-8").replace('setdefault("balance"', "setdefault(tenant"), "utf-8")
    assert pytest_in(folder.folder, finding["test"]) == 0


def pytest_in(folder: Path, file: str) -> int:
    """The exit code of pytest in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_agentops.plugin"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(  # noqa: PLW1510
        [*command, "-o", "pythonpath=.", file], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stdout + done.err
    return done.returncode


def test_a_parameter_of_a_check_that_is_left_out_is_refused(folder: Commands) -> None:
    """It would have no effect, and nobody would notice."""
    done = folder("chaos", "check", "till:careful", "--only", "backoff", "--set", "timeouts.within_s=3")
    assert done.code == 2
    assert "the check timeouts is not among those of --only" in done.err
    assert "fix:   --only backoff,timeouts" in done.err


def test_a_word_for_a_number_is_refused(folder: Commands) -> None:
    """It says what is expected, before anything runs."""
    done = folder("chaos", "check", "till:careful", "--only", "backoff", "--set", "backoff.attempts=three")
    assert done.code == 2
    assert (
        "AE650 attempts of the check backoff is a whole number from 1 to 1,000,000, not 'three'" in done.err
    )


def test_where_no_check_can_tell_nothing_has_passed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that calls nothing could not be checked: exit code 2, and not ``passed``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calls_nothing.py").write_text("def agent():\n    return 'hi'\n", encoding="utf-8")
    assert run(["chaos", "check", "calls_nothing:agent", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] is False
    assert "nothing that is called" not in " ".join(one["why"] for one in told["checks"])


def test_an_agent_that_fails_by_itself_is_not_said_to_call_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it raised without any fault is why no check can tell."""
    monkeypatch.chdir(tmp_path)
    text = "def agent():\n    raise ValueError('no key')\n"
    (tmp_path / "raises_early.py").write_text(text, encoding="utf-8")
    assert run(["chaos", "check", "raises_early:agent", "--only", "idempotency"]) == 2
    told = " ".join(capsys.readouterr().out.split())  # at any width
    assert "even without a fault it raises ValueError: no key" in told
