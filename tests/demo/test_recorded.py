"""The demo agents are recorded once and replayed without a server, a shop or a person."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval import ReplayMiss, Settings, recording, replaying
from agentops_eval.demo import demo_rules, team
from agentops_eval.demo.desk import REQUESTS, Desk, Llm, anthropic_agent, changed_openai_agent, openai_agent
from agentops_eval.demo.starter import _starter, record_starter, write_starter
from agentops_eval.demo.team import team_agent
from agentops_eval.testing import LlmServer, ScriptedApprover

if TYPE_CHECKING:
    from pathlib import Path

ANY_HOST = Settings(any_host=True)
AGENTS = {"openai": openai_agent, "anthropic": anthropic_agent}


def _llm(server: LlmServer, sdk: str) -> Llm:
    return Llm(base_url=server.url + ("" if sdk == "anthropic" else "/v1"), api_key="unset", retries=0)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("sdk", AGENTS)
def test_the_desk_replays(sdk: str, name: str, tmp_path: Path) -> None:
    """A recorded desk gives the same answer and digest twice, with its server gone and its shop untouched."""
    path = tmp_path / "desk.cassette.jsonl"
    with LlmServer(demo_rules()) as server:
        approver = ScriptedApprover.approving()
        with recording(path, agent=sdk, settings=ANY_HOST, approver=approver):
            said = AGENTS[sdk](REQUESTS[name], llm=_llm(server, sdk))
    digests = set()
    for _ in range(2):
        with Desk() as desk, replaying(path, agent=sdk, settings=ANY_HOST) as run:
            assert AGENTS[sdk](REQUESTS[name], desk=desk) == said
            assert [row for rows in desk.effects().values() for row in rows] == []
        digests.add(run.digest)
    assert len(digests) == 1


@pytest.mark.parametrize("name", team.REQUESTS)
def test_the_team_replays(name: str, tmp_path: Path) -> None:
    """A recorded team gives the same answer and digest twice, though its members work side by side."""
    path, text = tmp_path / "team.cassette.jsonl", team.REQUESTS[name]
    with LlmServer(demo_rules()) as server, recording(path, agent="team", settings=ANY_HOST):
        said = asyncio.run(team_agent(text, llm=_llm(server, "openai")))
    digests = set()
    for _ in range(2):
        with replaying(path, agent="team", settings=ANY_HOST) as run:
            assert asyncio.run(team_agent(text)) == said
        digests.add(run.digest)
    assert len(digests) == 1


def test_a_changed_prompt_does_not_replay(tmp_path: Path) -> None:
    """Under a changed prompt the recording no longer applies, and the miss shows the changed words."""
    path = tmp_path / "desk.cassette.jsonl"
    with LlmServer(demo_rules()) as server, recording(path, agent="desk", settings=ANY_HOST):
        openai_agent(REQUESTS["refund"], llm=_llm(server, "openai"))
    with pytest.raises(ReplayMiss, match="40"), replaying(path, agent="desk", settings=ANY_HOST):
        changed_openai_agent(REQUESTS["refund"])


@pytest.mark.parametrize("client", ["openai", "requests"])
def test_the_starter_passes_at_once(client: Any, tmp_path: Path) -> None:
    """The starter project passes its tests right after it was written and recorded, without a server."""
    write_starter(tmp_path, client=client)
    record_starter(tmp_path)
    kept = sorted(path.name for path in (tmp_path / "golden_traces").rglob("*.jsonl"))
    assert len(kept) == 6  # four of the tests, two of the suite
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *_starter._plugin(),
            "--agentops-strict",
        ],
        cwd=tmp_path,
        env=_starter._environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    assert "orphaned" not in done.stdout
