"""``trace``: goldens and recordings are drawn as call trees and compared with each other."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli._kit import COMMAND, ROOT, environment

if TYPE_CHECKING:
    from tests.cli._kit import Commands

DEMO = Path(__file__).resolve().parents[2] / "agentops_eval/demo/goldens"


def test_the_tree_has_durations_status_and_labels(ae: Commands) -> None:
    """A golden shows the durations of the recording beside it."""
    (shown,) = ae("trace", "show", "r.otlp.jsonl", "--json").document["runs"]
    assert [call["depth"] for call in shown["calls"]] == [0, 1, 1]
    assert all(call["duration_ms"] is not None for call in shown["calls"])
    assert shown["calls"][1]["label"] == "live"
    out = ae("trace", "show", "r.otlp.jsonl").out
    assert "\n1 ├─ tool get_order(order=1042)" in out
    assert "\n2 └─ tool issue_refund(order=1042, amount=59.9)" in out
    assert "0 llm calls, 2 tool calls, none failed, all live" in out


def test_durations_come_only_from_the_same_run(ae: Commands) -> None:
    """Without its recording, or beside another one, a golden's durations are unknown, and that is said."""
    (ae.folder / "r.cassette.jsonl").write_bytes((ae.folder / "raised.cassette.jsonl").read_bytes())
    assert "holds another run" in ae("trace", "show", "r.otlp.jsonl").out
    (ae.folder / "r.cassette.jsonl").write_text("nonsense")
    assert "durations are unknown" in ae("trace", "show", "r.otlp.jsonl").out
    (ae.folder / "r.cassette.jsonl").unlink()
    (shown,) = ae("trace", "show", "r.otlp.jsonl", "--json").document["runs"]
    assert "there is no r.cassette.jsonl" in shown["note"]
    assert {call["duration_ms"] for call in shown["calls"]} == {None}


def test_failures_are_told(ae: Commands) -> None:
    """A failed call shows its error, and the run its ending."""
    out = ae("trace", "show", "raised.cassette.jsonl").out
    assert "status" in out.splitlines()[0]
    assert "KeyError" in out
    assert "the recorded run raised KeyError" in out


def test_tokens_are_counted_and_unknown_costs_are_no_zero(ae: Commands) -> None:
    """An llm that no price list knows has an unknown cost; its tokens are summed."""
    golden = DEMO / "desk-openai.otlp.jsonl"
    (run,) = ae("trace", "show", golden, "--json").document["runs"]
    assert (run["llm_calls"], len(run["tool_calls"])) == (4, 3)
    assert run["usage"]["input_tokens"] == sum(call["input_tokens"] or 0 for call in run["calls"]) > 0
    assert run["cost"]["usd"] is None or Decimal(run["cost"]["usd"]) > 0
    out = ae("trace", "show", golden).out
    assert "cost:   unknown" in out
    assert out.splitlines()[0].split() == ["call", "in", "out"]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(
    ae: Commands, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """Long calls are cut, narrow terminals get their numbers on a second line."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = ae("trace", "show", DEMO / "team.otlp.jsonl").out.splitlines()[:-4]
    assert max(map(len, lines)) <= columns
    assert sum("llm scripted-large" in text for text in lines) == 7
    assert any("tool refund_payment(order_" in text for text in lines)


def test_nothing_is_left_out_in_full(ae: Commands) -> None:
    """--full shows what was asked and answered, the same whatever lies beside the file."""
    (ae.folder / "alone").mkdir()
    (ae.folder / "alone/r.otlp.jsonl").write_bytes((ae.folder / "r.otlp.jsonl").read_bytes())
    full = ae("trace", "show", "--full", "alone/r.otlp.jsonl").out
    assert "  tool issue_refund\n    arguments:\n      order: 1042\n      amount: 59.9\n" in full
    assert '    result: "refunded"\n' in full
    assert ae("trace", "show", "--full", "r.otlp.jsonl").out == full
    (whole,) = ae("trace", "show", "--full", "r.otlp.jsonl", "--json").document["runs"]
    assert whole["calls"][2]["content"]["result"] == "refunded"
    (brief,) = ae("trace", "show", "r.otlp.jsonl", "--json").document["runs"]
    assert brief["calls"][2]["content"] is None


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_git_shows_goldens_as_text(ae: Commands) -> None:
    """With the recipe of the how-to, git diff shows what changed in a call, and its large parts too."""
    page = (ROOT / "docs/how-to/approve-a-golden.md").read_text(encoding="utf-8")
    attributes = page.split("writes this):\n\n```\n")[1].split("```")[0]
    settings = [text for text in page.splitlines() if text.startswith("git config ")]
    assert len(settings) == 2
    (ae.folder / ".gitattributes").write_text(attributes)
    (ae.folder / "bin").mkdir()
    command = ae.folder / "bin/agentops-eval"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    command.chmod(0o755)

    def sh(line: str) -> str:
        env = environment(PATH=f"{command.parent}{os.pathsep}{os.environ['PATH']}")
        done = subprocess.run(["sh", "-c", line], cwd=ae.folder, env=env, capture_output=True, check=True)
        return done.stdout.decode()

    ae("record", "cli_shop:long", 1, "--cassette", "golden_traces/l.cassette.jsonl", "--approve")
    sh("; ".join(["git init -q", *settings, "git add ."]))
    ae("record", "cli_shop:long", 2, "--cassette", "golden_traces/l.cassette.jsonl", "--approve")
    shown = sh("git diff -- golden_traces/l.otlp.jsonl")
    assert [text.split(" @@ ")[1] for text in shown.splitlines() if text.startswith("@@")] == ["agent long"]
    assert "\n-      number: 1\n+      number: 2\n" in shown
    assert "\n-      page 1\n+      page 2\n" in shown
    assert "sha256-" not in shown
