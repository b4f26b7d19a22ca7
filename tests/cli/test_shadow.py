"""``agentops-eval shadow`` as a user calls it: production runs in, rows and a decision out."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agentops_eval.testing import LlmServer, Rule, Say
from tests.cli._kit import Done, documented_keys, environment, printed_keys, process

SHOP = """
import os
import sqlite3

import httpx2

from agentops_eval import tool


@tool
def get_order(order: int) -> dict:
    return {"order": order, "total": 59.9}


@tool(effect="write")
def issue_refund(order: int, amount: float) -> str:
    with sqlite3.connect(os.environ["SHOP_DB"]) as db:
        db.execute("CREATE TABLE IF NOT EXISTS refunds (number, amount)")
        db.execute("INSERT INTO refunds VALUES (?, ?)", (order, amount))
    return "refunded"


def refund(text: str, prompt: str = "Refund what is broken.") -> str:
    said = [{"role": "system", "content": prompt}, {"role": "user", "content": text}]
    with httpx2.Client(trust_env=False) as client:
        asked = {"model": "scripted", "messages": said}
        client.post(os.environ["LLM_URL"] + "/chat/completions", json=asked).raise_for_status()
    order = int("".join(c for c in text if c.isdigit()))
    print("an agent may print")
    return issue_refund(order, get_order(order)["total"])


def twice(text: str) -> str:
    refund(text)
    return issue_refund(1, 59.9)


def kind(text: str) -> str:
    return refund(text, "Refund what is broken. Be kind.")
"""
RUNS = 12
PRODUCE = f"""
from pathlib import Path

import shop
from agentops_eval.harness import RecordMode, Settings, open_run

for n in range({RUNS}):
    path = Path("production") / f"{{n}}.cassette.jsonl"
    with open_run(path, Settings(record=RecordMode.ALL)):
        shop.refund(f"Order {{n}} is broken.")
"""


@pytest.fixture(scope="module")
def llm() -> Iterator[str]:
    """The address of a scripted llm."""
    with LlmServer((Rule(then=Say("Refund it.")),)) as server:
        yield f"{server.url}/v1"


@pytest.fixture(scope="module")
def produced(tmp_path_factory: pytest.TempPathFactory, llm: str) -> Path:
    """A shop with production runs recorded, each with its refund in the database."""
    folder = tmp_path_factory.mktemp("produced")
    (folder / "shop.py").write_text(SHOP, encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.agentops]\nany_host = true\n", encoding="utf-8")
    (folder / "produce.py").write_text(PRODUCE, encoding="utf-8")
    env = environment(SHOP_DB="shop.db", LLM_URL=llm)
    subprocess.run([sys.executable, "produce.py"], cwd=folder, env=env, check=True, capture_output=True)
    assert refunds(folder) == RUNS
    return folder


@pytest.fixture
def project(tmp_path: Path, produced: Path) -> Path:
    """A copy of that shop."""
    return Path(shutil.copytree(produced, tmp_path / "shop"))


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory, produced: Path) -> tuple[Path, Done]:
    """A copy of that shop in which the agent that produced the runs has shadowed them."""
    folder = Path(shutil.copytree(produced, tmp_path_factory.mktemp("unchanged") / "shop"))
    return folder, shadowed(folder, "refund", "--json")


def refunds(project: Path) -> int:
    """How many there are in the database."""
    with closing(sqlite3.connect(project / "shop.db")) as db:
        (count,) = db.execute("SELECT count(*) FROM refunds").fetchone()
    return int(count)


def shadowed(project: Path, agent: str, *words: str, llm: str = "http://127.0.0.1:9/v1", **more: str) -> Done:
    """Run the command in a process of its own."""
    more.setdefault("CI", "1")
    given = ("shadow", "production", "--agent", f"shop:{agent}", "--out", "out", *words)
    return process(project, *given, SHOP_DB="shop.db", LLM_URL=llm, **more)


def test_the_same_agent_passes_and_the_rows_tell_so(unchanged: tuple[Path, Done]) -> None:
    """Both files hold a row a run, with traces beside them; what the agent prints is kept apart."""
    project, done = unchanged
    assert done.code == 0, done.err
    found = done.document
    assert (found["pairs"], found["passed"], found["suppressed_effects"]) == (RUNS, RUNS, 0)
    assert found["coverage"] == 1
    known = documented_keys()["shadow"]
    assert printed_keys(found, known) <= known
    rows = [json.loads(text) for text in (project / found["candidate"]).read_text().splitlines()]
    assert {row["arm"] for row in rows} == {"candidate"}
    assert all((project / "out" / row["trace"]).exists() for row in rows)
    assert all(row["latency_s"] >= 0 and row["tool_calls"] == 2 for row in rows)
    assert refunds(project) == RUNS


def test_a_second_refund_is_told_and_not_given(project: Path) -> None:
    """Exit code 1, each run with what it would have done, and a database as it was."""
    done = shadowed(project, "twice")
    assert done.code == 1
    assert "acted otherwise: issue_refund(order=1, amount=59.9)" in done.out
    assert f"{RUNS} effects suppressed" in done.out
    assert refunds(project) == RUNS


def test_with_a_gate_the_decision_and_its_exit_code(project: Path) -> None:
    """The gate's stage shadow is decided: a harmful candidate is rolled back, too few runs hold."""
    stages = "stages: [{name: shadow}, {name: live, share: 0.05}]"
    gate = f"{{metrics: [{{name: passed, margin: 0.2}}], min_n: 5, {stages}}}"
    (project / "gate.yaml").write_text(gate, encoding="utf-8")
    done = shadowed(project, "twice", "--gate", "gate.yaml", "--json")
    assert (done.code, done.document["decision"]["value"]) == (30, "rollback"), done.out
    assert done.document["decision"]["stage"] == "shadow"
    held = shadowed(project, "refund", "--gate", "gate.yaml", "--force")
    assert held.code == 20
    assert "may_be_constant" in held.out


def test_rows_are_not_overwritten_unasked(unchanged: tuple[Path, Done], tmp_path: Path) -> None:
    """A second look into the same folder is refused before anything runs; --force is what allows it."""
    project = Path(shutil.copytree(unchanged[0], tmp_path / "shop"))
    again = shadowed(project, "refund")
    assert (again.code, "--force" in again.err) == (2, True)
    assert shadowed(project, "refund", "--force").code == 0


def test_a_changed_prompt_is_recorded_once_and_gone_by_in_ci(project: Path, llm: str) -> None:
    """Unknown, with what to add; asked for real outside of CI; then the branch is enough."""
    lost = shadowed(project, "kind")
    assert lost.code == 1
    assert "asked llms what was not recorded" in lost.out
    told = " ".join(lost.out.split())
    command = "agentops-eval shadow production --agent shop:kind --out out --record --force"
    assert command in told
    words = command.split()[1:]
    asked = process(project, *words, SHOP_DB="shop.db", LLM_URL=llm, CI="")
    assert asked.code == 0, asked.out + asked.err
    assert shadowed(project, "kind", "--force").code == 0
    assert refunds(project) == RUNS
    refused = shadowed(project, "kind", "--record", "--force", llm=llm)
    assert (refused.code, "CI" in refused.err) == (2, True)


def test_what_cannot_be_used_is_told(project: Path) -> None:
    """No agent, no runs, a bad branch name: told with a remedy, and nothing is written."""
    assert shadowed(project, "absent").code == 2
    (project / "empty").mkdir()
    done = process(project, "shadow", "empty", "--agent", "shop:refund", "--out", "o")
    assert (done.code, "fix:" in done.err) == (3, True)
    assert shadowed(project, "refund", "--candidate", "../x").code == 2
    assert not (project / "out").exists()


def test_runs_of_one_agent_are_chosen_and_strays_passed_over(project: Path) -> None:
    """The others are left out by name, and a gate file beside the recordings ends nothing."""
    (project / "production" / "gate.yaml").write_text("metrics: []\n", encoding="utf-8")
    done = shadowed(project, "refund", "--recorded-agent", "billing", "--json")
    assert done.code == 1
    assert (done.document["pairs"], len(done.document["left_out"])) == (0, RUNS)
    assert done.document["left_out"][0]["reason"].startswith("of another agent: ")
    assert [one["where"] for one in done.document["problems"]] == ["production/gate.yaml"]
