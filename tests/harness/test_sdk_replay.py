"""Real SDK clients are recorded against a live server and replayed after it was killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from agentops_eval import ReplayMiss, Settings, recording, replaying
from agentops_eval.domain import Event, HttpReply, KeptBody, Label
from agentops_eval.harness import RecordMode, open_run
from agentops_eval.seams import VirtualClock
from agentops_eval.testing import Cut, Fail, LlmServer, Rule, Say
from tests.harness._sdk_cases import ASK, CASES, LLM, openai_chat, openai_chat_stream

RULES = (
    Rule(when=lambda c: c.llm == "refused", then=Fail(status=400, message="no such llm")),
    Rule(when=lambda c: c.llm == "limited", then=Fail(status=429, retry_after_s=1), times=2),
    Rule(when=lambda c: c.llm == "cut", then=Cut(2)),
    Rule(then=Say("Order 1042 leaves the warehouse tomorrow. 📦")),
)


@pytest.fixture
def server() -> Iterator[LlmServer]:
    """A fresh scripted llm."""
    with LlmServer(RULES) as running:
        yield running


def _wire(events: tuple[Event, ...]) -> list[Any]:
    """Status and chunks of every HTTP event: what must be byte-identical."""
    kept = []
    for event in events:
        outcome = event.outcome
        if isinstance(outcome, HttpReply):
            assert isinstance(outcome.body, KeptBody)
            kept.append((outcome.status, [chunk.data for chunk in outcome.body.chunks]))
        elif event.seam.value == "http":
            kept.append((type(outcome).__name__, []))
    return kept


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_replay_after_the_server_was_killed(
    case: Callable[[str], list[Any]], server: LlmServer, tmp_path: Path
) -> None:
    """All that the caller sees, and every chunk on the wire, is the same without a server."""
    path = tmp_path / "case.cassette.jsonl"
    url = server.url
    with recording(path, settings=Settings()) as recorded:
        live = case(url)
    server.stop()
    with replaying(path, settings=Settings()) as replayed:
        assert case(url) == live
    assert _wire(replayed.events) == _wire(recorded.events)
    assert replayed.digest == recorded.digest
    assert replayed.unused == ()
    assert {e.label for e in replayed.events if e.seam.value == "http"} == {Label.REPLAYED}


@pytest.mark.parametrize("case", CASES[:12], ids=lambda case: case.__name__)
def test_replay_leaves_a_live_server_alone(
    case: Callable[[str], list[Any]], server: LlmServer, tmp_path: Path
) -> None:
    """With the server still up, a replay does not send it one request."""
    path = tmp_path / "case.cassette.jsonl"
    with recording(path, settings=Settings()):
        case(server.url)
    hits = server.hits
    with replaying(path, settings=Settings()):
        case(server.url)
    assert server.hits == hits


@pytest.mark.parametrize("case", CASES[:12], ids=lambda case: case.__name__)
def test_unrecorded_call_is_blocked(
    case: Callable[[str], list[Any]], server: LlmServer, tmp_path: Path
) -> None:
    """A replay of an empty recording blocks every client at its first request."""
    path = tmp_path / "case.cassette.jsonl"
    with recording(path, settings=Settings()):
        pass
    with pytest.raises(ReplayMiss, match="not recorded"), replaying(path, settings=Settings()):
        case(server.url)
    assert server.hits == 0


def test_swallowed_miss_is_raised_at_the_end(server: LlmServer, tmp_path: Path) -> None:
    """An agent that swallows everything does not hide that its recording had no answer."""
    path = tmp_path / "case.cassette.jsonl"
    with recording(path, settings=Settings()):
        openai_chat(server.url)
    with pytest.raises(ReplayMiss, match="not recorded"), replaying(path, settings=Settings()):
        openai_chat(server.url)
        try:
            openai_chat_stream(server.url)
        except BaseException:  # an agent that believes in nothing
            pass
    assert server.hits == 1


def test_an_hour_of_backoff_passes_virtually(tmp_path: Path) -> None:
    """Sixty waits of a minute, asked for by the server, cost a replay no real time."""
    path = tmp_path / "case.cassette.jsonl"
    limited = Rule(when=lambda c: c.llm == LLM, then=Fail(status=429, retry_after_s=60), times=60)

    def ask(url: str) -> str | None:
        with openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=60) as client:
            return client.chat.completions.create(model=LLM, messages=ASK).choices[0].message.content

    with LlmServer([limited, Rule(then=Say("At last."))]) as server:
        url = server.url
        run = open_run(path, Settings(record=RecordMode.ALL), case="hour")
        run.scope.clock = VirtualClock(0.0)  # nobody waits an hour for a test to be recorded
        with run:
            ask(url)
    with replaying(path, settings=Settings(), case="hour") as replayed:
        assert ask(url) == "At last."
    assert replayed.report.virtual_s is not None
    assert replayed.report.virtual_s >= 3600
