"""This project's own suite: pytest and the command line agree, and a planted regression is caught."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
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
    "amount first": "{amount} are on their way back to you: order 1042 was refunded. An email confirms it.",
    "polite": "Thank you for your patience! Your refund of {amount} for order #1042 has been issued. "
    "You will find a confirmation in your inbox.",
    "list": "**All done!**\n\n- Order: 1042\n- Refund: {amount}\n- Confirmation: sent by email\n",
    "numbered": "Done:\n1. I looked up order 1042.\n2. I refunded {amount}.\n3. I confirmed it by email.",
    "table": "| Order | Refund |\n|---|---|\n| 1042 | {amount} |\n\nA confirmation was sent by email.",
    "passive": "The amount of {amount} paid for order no. 1042 was reimbursed; a confirmation was emailed.",
    "german": "Ihre Bestellung 1042 wurde erstattet. Sie erhalten {amount}. Eine Bestätigung kam per E-Mail.",
    "question": "Would you like anything else? Order 1042 was refunded ({amount}), as the email confirms.",
    "dashes": "Order 1042 \u2013 refunded \u2013 {amount} \u2013 confirmed by email.",
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
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
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
    session = [sys.executable, "-m", "pytest", "scenarios", "-v", "-p", "no:cacheprovider"]
    plugins = ("-p", "pytest_agentops.plugin", "-p", "pytest_asyncio.plugin")  # the ini file speaks of both
    items = _run(*session, *plugins, *words).stdout
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
    assert "tag:money" in {part["name"] for part in found["parts"] if part["kind"] == "regression"}


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


class Teller:
    """The demo's scripted llm, which says the last words as it is told."""

    def __init__(self, root: Path) -> None:
        self._root, self._said = root, ""
        shutil.copytree(SUITE.parent, root / "scenarios")
        told = Rule(when=lambda c: c.answer("send_email") is not None, then=lambda c: Say(self._said))
        self.server = LlmServer((told, *demo_rules()))

    def refund(self, said: str) -> Result:
        """The refund of order 1042 for real, at the end of which the llm says ``said``."""
        self._said = said
        orders = Orders(root=self._root, settings=Settings(record=RecordMode.ALL, any_host=True))
        session = Session(orders, Bounds())
        (suite,) = load_suites([self._root / "scenarios"], root=self._root).suites
        (case,) = [one for one in suite.scenarios if one.id == "refund-broken"]
        asking = replace(case, parameters={"url": f"{self.server.url}/v1"})
        prepared = session.prepare([replace(suite, scenarios=(asking,))], Choice())
        (result,) = session.results(prepared)
        return result


@pytest.fixture(scope="module")
def teller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    """A copy of the suite, to be recorded anew."""
    found = Teller(tmp_path_factory.mktemp("copy"))
    with found.server:
        yield found


@pytest.mark.parametrize(("text", "spelling"), TOLD)
def test_the_same_facts_in_other_words_pass_and_another_amount_fails(
    teller: Teller, text: str, spelling: str
) -> None:
    """The agent does the same and says it otherwise: a pass. It says another amount: a named failure."""
    right = teller.refund(text.format(amount=spelling.format(Decimal("59.90"))))
    assert (right.value, [v.reason for v in right.verdicts if not v.passed]) == (VerdictValue.PASS, [])
    wrong = teller.refund(text.format(amount=spelling.format(Decimal("95.90"))))
    failed = [verdict.evaluator for verdict in wrong.verdicts if not verdict.passed]
    assert (wrong.value, failed) == (VerdictValue.FAIL, ["answer"])
