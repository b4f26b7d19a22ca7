"""Scripts rely on the keys of ``--json``: what is printed is documented, and the reverse."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.harness import report_json
from agentops_eval.replay import AuditFinding, AuditRead, AuditReport, Dependence, Factor
from agentops_eval.testing import OtlpReceiver, OtlpReply
from tests.cli._kit import documented_keys, printed_keys
from tests.cli.test_decisions import TOLD
from tests.cli.test_exports import EXPORT
from tests.cli.test_prompt import write_prompts

if TYPE_CHECKING:
    from tests.cli._kit import Commands

KEYS = documented_keys()
R = ("--cassette", "r.cassette.jsonl")
REFUND = ("cli_shop:refund", "1042", *R)
CENTS = ("cli_shop:cents", "1042", *R)

ASKS = """
import os
import urllib.request
try:
    urllib.request.urlopen(os.environ["OPENAI_BASE_URL"])
except OSError:
    pass
"""
PROMPTFOO = {"prompts": ["{{q}}"], "tests": [{"vars": {"q": "x"}, "assert": [{"type": "python"}]}]}
RECEIVER = "the receiver's address"

RESULT = {"case": "c", "verdicts": [{"value": "pass", "evidence": ["rubric:correctness@0"]}]}
LABEL = {
    **dict.fromkeys(("id", "suite", "case", "rubric", "answer_digest", "why"), "x"),
    "label": "pass",
    "verdict": "fail",
}
LABELLED = [{"id": n, "label": ("pass", "fail")[n % 2], "verdict": ("pass", "fail")[n % 2]} for n in range(4)]

# For each section of the page, commands that print all of its keys together.
COMMANDS: dict[str, list[tuple[str, ...]]] = {
    "": [("replay", "nonsense"), ("record", *CENTS, "--nix"), ("replay", *CENTS)],
    "record": [
        ("record", *REFUND),
        ("record", "cli_shop:leave", "3"),
        ("replay", *CENTS, "--allow-drift"),
        ("replay", *CENTS, "--branch", "b", "--record"),
        ("record", "--proxy", "--upstream", "openai=http://127.0.0.1:1/v1", sys.executable, "asks.py"),
    ],
    "trace show": [("trace", "show", "r.otlp.jsonl", "--full"), ("trace", "show", "prod.jsonl")],
    "trace import": [("trace", "import", "prod.jsonl", "--as", "golden", "--out", "imported")],
    "trace lint": [("trace", "lint", "prod.jsonl"), ("trace", "lint", "--explain", "all")],
    "trace stats": [("trace", "stats", "prod.jsonl", "r.cassette.jsonl", "--by", "team", "--by", "llm")],
    "trace audit": [("trace", "audit", "prod.jsonl", "r.cassette.jsonl", "told.jsonl")],
    "trace push": [
        ("trace", "push", "prod.jsonl", "--dry-run"),
        ("trace", "push", "prod.jsonl", "--endpoint", RECEIVER, "--header", "x-project=1"),
    ],
    "trace diff": [
        ("trace", "diff", "r.otlp.jsonl", "r.cassette.jsonl"),
        ("trace", "diff", "r.otlp.jsonl", "raised.cassette.jsonl"),
        ("trace", "diff", "prod.jsonl", "r.cassette.jsonl"),
    ],
    "cassette show": [("cassette", "show", "r.cassette.jsonl", "--all")],
    "cassette convert": [("cassette", "convert", "r.cassette.jsonl", "r.yaml")],
    "cassette prune": [("cassette", "prune", "r.cassette.jsonl", "cli_shop:look", "1042")],
    "cassette rename": [("cassette", "rename", "r.cassette.jsonl", "s.cassette.jsonl")],
    "cassette migrate": [("cassette", "migrate", "r.cassette.jsonl")],
    "cassette recover": [("cassette", "recover", ".x.cassette.jsonl.1.ab.partial")],
    "eval stats": [("eval", "stats", "outcomes.jsonl")],
    "judge calibrate": [("judge", "calibrate", "judged.jsonl", "--observed", "3/4")],
    "judge label": [("judge", "label", "results.jsonl", "c", "--verdict", "fail", "--why", "no")],
    "judge labels": [("judge", "labels")],
    "judge rubrics": [("judge", "rubrics")],
    "doctor": [("doctor",)],
    "prompt approve": [("prompt", "approve", "desk", "1.1")],
    "prompt check": [("prompt", "check")],
    "prompt diff": [("prompt", "diff", "v1.0", "v1.1")],
    "prompt log": [("prompt", "log")],
    "schema": [("schema",)],
    "eval import": [("eval", "import", "pf.json", "--out", "pf.yaml")],
}
# Where these are tested, their tables are compared with what they print.
ELSEWHERE = {
    "chaos check",
    "chaos explore",
    "chaos import",
    "chaos run",
    "demo",
    "init",
    "replay --twice",
    "eval decide",
    "eval run",
    "evidence export",
    "evidence list",
    "evidence verify",
    "gameday restore",
    "gameday run",
    "ops calibration",
    "ops drift",
    "ops forecast",
    "ops incidents",
    "ops review",
    "ops runbooks",
    "ops slo",
    "ops tiers",
    "report build",
    "report open",
    "report serve",
    "shadow",
    "toxiproxy restore",
    "toxiproxy serve",
}


@pytest.mark.parametrize("section", COMMANDS, ids=lambda name: name or "errors")
def test_keys_are_those_of_the_page(ae: Commands, section: str) -> None:
    """Every key that a command prints is in its table, and the reverse."""
    lines = (ae.folder / "r.cassette.jsonl").read_text().splitlines()
    (ae.folder / ".x.cassette.jsonl.1.ab.partial").write_text("\n".join(lines[:2]) + "\n")
    (ae.folder / "asks.py").write_text(ASKS)
    (ae.folder / "outcomes.jsonl").write_text('{"case": "a", "trial": 1, "passed": true}\n')
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\nnonsense\n")
    (ae.folder / "pf.json").write_text(json.dumps(PROMPTFOO))
    (ae.folder / "told.jsonl").write_text(json.dumps(TOLD) + "\n")
    (ae.folder / "results.jsonl").write_text(json.dumps(RESULT) + "\n")
    (ae.folder / "judges").mkdir()
    (ae.folder / "judges/labels.jsonl").write_text(json.dumps(LABEL) + "\n")
    (ae.folder / "judged.jsonl").write_text("".join(json.dumps(row) + "\n" for row in LABELLED))
    if section.startswith("prompt"):
        write_prompts(ae.folder / "prompts")
    known, printed = KEYS[section], set[str]()
    with OtlpReceiver([OtlpReply(message="noted")]) as receiver:
        for given in COMMANDS[section]:
            words = [receiver.url if word == RECEIVER else word for word in given]
            document: Any = ae(*words, "--json").document
            printed |= printed_keys(document, known)
    assert printed == known


def test_keys_of_the_audit_are_those_of_the_page() -> None:
    """The audit's report has the keys of its table beside those of every audited run."""
    finding = AuditFinding(factor=Factor.TIME, dependence=Dependence.ACCIDENTAL, sites=("shop:1",))
    report = AuditReport(
        findings=(finding,), varied=(Factor.TIME,), reads=(AuditRead(factor="time", site="shop:1"),)
    )
    known = KEYS["replay --twice"]
    assert printed_keys(report_json(report), known) | {"target", "cassette", "exit"} == known


def test_no_command_is_left_out() -> None:
    """Each section of the page with a table of keys is compared here or where the command is tested."""
    assert {name for name, keys in KEYS.items() if keys} == {*COMMANDS, *ELSEWHERE}


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("replay", "nonsense"), "AE402", 2),
        (("replay", *CENTS), "AE110", 1),
        (("replay", "cli_shop:refund", "1"), "AE101", 3),
        (("nix",), "usage", 2),
        (("trace", "show"), "usage", 2),
        (("demo", "--out", "/dev/null/x"), "system", 2),
    ],
)
def test_errors_are_documents_with_the_same_exit_code(
    ae: Commands, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    """With --json an error is one document on standard output, and standard error is silent."""
    done = ae(*words, "--json")
    assert (done.code, done.document["error"]["code"], done.err) == (exit_code, code, "")


def test_json_behind_two_dashes_is_the_agents(ae: Commands) -> None:
    """Words behind -- are arguments, even where an error is printed."""
    done = ae("replay", "--nix", "--", "cli_shop:words", "--json")
    assert (done.out, "No such option" in done.err) == ("", True)
