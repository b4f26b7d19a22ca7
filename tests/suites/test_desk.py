"""This project's own suite: pytest and the command line agree, and a planted regression is caught."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentops_eval.demo import demo_rules
from agentops_eval.domain import Result, VerdictValue
from agentops_eval.harness import RecordMode, Settings, load_suites
from agentops_eval.harness.evaluating import Bounds, Choice, Orders, Session
from agentops_eval.testing import LlmServer, Rule, Say

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "scenarios/desk.yaml"
CASES = 8
PARAPHRASES = {
    "plain": "We refunded {amount} for order 1042. A confirmation was sent by email.",
    "amount first": "{amount} are on their way back to you: order 1042 was refunded, and an email confirms it.",
    "polite": "Thank you for your patience! Your refund of {amount} for order #1042 has been issued. "
    "You will find a confirmation in your inbox.",
    "list": "**All done!**\n\n- Order: 1042\n- Refund: {amount}\n- Confirmation: sent by email\n",
    "numbered": "Here is what I did:\n1. I looked up order 1042.\n2. I refunded {amount}.\n3. I confirmed it by email.",
    "table": "| Order | Refund |\n|---|---|\n| 1042 | {amount} |\n\nA confirmation was sent by email.",
    "passive": "The amount of {amount} paid for order no. 1042 has been reimbursed; a confirmation was emailed.",
    "german": "Ihre Bestellung 1042 wurde erstattet. Sie erhalten {amount}. Eine Bestätigung kam per E-Mail.",
    "question": "Would you like anything else? Order 1042 has been refunded ({amount}), as the email confirms.",
    "dashes": "Order 1042 – refunded – {amount} – confirmed by email.",
}
SPELLINGS = {"code": "{0:.2f} EUR", "sign": "€{0:.2f}"}
TOLD = [
    pytest.param(text, spelling, id=f"{name}, {kind}")
    for name, text in PARAPHRASES.items()
    for kind, spelling in SPELLINGS.items()
]


def _run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AGENTOPS_", "OPENAI_"))
    }
    given = {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "pytest_plugin")]),
        "COLUMNS": "160",
    }
    return subprocess.run(words, cwd=cwd, env=given, capture_output=True, text=True, check=False)


def _eval(*words: str) -> subprocess.CompletedProcess[str]:
    return _run(sys.executable, "-m", "agentops_eval.cli", "eval", *words)


def _rows(*words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _eval("run", "scenarios", "--json", *words).stdout.splitlines()]


@pytest.mark.parametrize("variant", ["", "1.1"], ids=["baseline", "candidate"])
def test_pytest_and_the_command_line_give_the_same_verdicts(variant: str) -> None:
    """Every case passes in both or fails in both."""
    rows = _rows(*(["--variant", variant] if variant else []))
    words = [f"--agentops-variant={variant}"] if variant else []
    items = _run(sys.executable, "-m", "pytest", "scenarios", "-v", "-p", "no:cacheprovider", *words).stdout
    told = dict(re.findall(r"^scenarios/desk\.yaml::(\S+) (PASSED|FAILED)", items, re.MULTILINE))
    assert len(rows) == CASES
    assert told == {row["case"]: "PASSED" if row["passed"] else "FAILED" for row in rows}


def test_a_planted_regression_is_caught_and_localised(tmp_path: Path) -> None:
    """Prompt 1.1 halves the limit of refunds: exit code 1, the case, and the first step that differs."""
    # Results and their traces lie beside each other.
    base, candidate = tmp_path / "base.jsonl", tmp_path / "candidate.jsonl"
    assert _eval("run", "scenarios", "--out", str(base)).returncode == 0
    assert _eval("run", "scenarios", "--variant", "1.1", "--out", str(candidate)).returncode == 1
    done = _eval("compare", str(base), str(candidate), "--json")
    found = json.loads(done.stdout)
    (worse,) = [case for case in found["cases"] if case["kind"] == "regression"]
    assert done.returncode == 1
    assert worse["case"] == "refund-broken"
    assert "80.00 EUR per order" in worse["diverges"]
    assert "40.00 EUR per order" in worse["diverges"]
    assert "first other act: step 4 tool issue_refund, arguments amount: 59.9 -> 40.0" in worse["diverges"]
    assert [part["name"] for part in found["parts"] if part["kind"] == "regression"] == ["tag:money"]


def test_results_say_which_versions_they_are_about() -> None:
    """The prompt's version and digest stand in every row, and those of the tools."""
    for words, version in (((), "1.0.0"), (("--variant", "1.1"), "1.1.0")):
        for row in _rows(*words):
            assert row["versions"]["desk"].startswith(f"{version} sha256:")
            assert row["versions"]["tools"].startswith("sha256:")


def test_a_candidate_without_a_recording_is_no_verdict() -> None:
    """Exit code 3, and the command that records it."""
    done = _eval(
        "run",
        "scenarios",
        "--candidate",
        "unheard-of",
        "--case",
        "status",
        "--agent",
        "tests.suites.agents:desk_agent_on_anthropic",
    )
    assert done.returncode == 3
    assert "--candidate unheard-of --record" in done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A copy of the suite of one case, to be recorded anew."""
    (tmp_path / "scenarios").mkdir()
    shutil.copy(SUITE, tmp_path / "scenarios/desk.yaml")
    return tmp_path


def _recorded(root: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The refund of order 1042 for real, at the end of which the llm says ``said``."""
    told = Rule(when=lambda c: c.answer("send_email") is not None, then=Say(said))
    orders = Orders(root=root, settings=Settings(record=RecordMode.ALL, any_host=True))
    session = Session(orders, Bounds())
    loaded = load_suites([root / "scenarios"], root=root)
    with LlmServer((told, *demo_rules())) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "unset")
        prepared = session.prepare(loaded.suites, Choice(cases=("refund-broken",)))
        (result,) = session.results(prepared)
    return result


@pytest.mark.parametrize(("text", "spelling"), TOLD)
def test_the_same_facts_in_other_words_pass_and_another_amount_fails(
    copy: Path, text: str, spelling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent does the same and says it otherwise: a pass. It says another amount: a failure, which is named."""
    right = _recorded(copy, text.format(amount=spelling.format(Decimal("59.90"))), monkeypatch)
    assert (right.value, [v.reason for v in right.verdicts if not v.passed]) == (VerdictValue.PASS, [])
    wrong = _recorded(copy, text.format(amount=spelling.format(Decimal("95.90"))), monkeypatch)
    failed = [verdict.evaluator for verdict in wrong.verdicts if not verdict.passed]
    assert (wrong.value, failed) == (VerdictValue.FAIL, ["answer"])
