"""What llms answer a candidate: asked for real once, replayed from a branch ever after."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from agentops_eval.domain import RecordingRefused, VerdictValue
from agentops_eval.harness import RecordMode, Settings
from agentops_eval.harness.shadowing import Pair, ShadowOrders, ShadowSession
from agentops_eval.replay import branches_of
from agentops_eval.testing import LlmServer
from tests.harness.shadowing._kit import ASKED, RULES, Mailbox, new_desk, record, refund, shadow


def test_a_changed_prompt_is_asked_once_and_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without llms it is unknown; with them it passes, without effects; then the branch is enough."""
    monkeypatch.delenv("CI", raising=False)
    box = Mailbox()
    desk = new_desk(tmp_path / "shop", box.url)
    production = tmp_path / "production"
    record(desk, production, {"broken": ASKED})
    desk.prompt = "You refund what is broken, and are kind."
    candidate = partial(refund, desk)

    def look(mode: str = "none") -> Pair:
        (pair,) = shadow(production, candidate, out=tmp_path / "out", record=mode, candidate="kind")
        assert isinstance(pair, Pair)
        return pair

    assert look().candidate.result.value is VerdictValue.UNKNOWN
    with LlmServer(RULES) as server:
        desk.llm = f"{server.url}/v1"
        asked = look("once")
        assert asked.candidate.result.labels == {"live": 1, "replayed": 3}
    assert asked.candidate.result.value is VerdictValue.PASS
    assert asked.candidate.result.spend.latency_s is None
    (branch,) = branches_of(production / "broken.cassette.jsonl")
    assert branch.name == "broken@kind.cassette.jsonl"
    again = look()
    assert again.candidate.result.value is VerdictValue.PASS
    assert again.candidate.result.labels == {"branch": 1, "replayed": 3}
    assert again.candidate.result.spend.latency_s is not None
    assert (len(desk.refunds), len(box.posted)) == (1, 1)
    box.close()


def test_a_branch_holds_no_suppressed_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was suppressed while llms were asked is suppressed again in the replay, and counted."""
    monkeypatch.delenv("CI", raising=False)
    box = Mailbox()
    desk = new_desk(tmp_path / "shop", box.url)
    production = tmp_path / "production"
    record(desk, production, {"broken": ASKED})
    desk.prompt = "Another prompt."
    found: list[Pair | str] = []
    with LlmServer(RULES) as server:
        desk.llm = f"{server.url}/v1"
        found += shadow(production, partial(refund, desk, extra="twice"), out=tmp_path / "out", record="once")
    found += shadow(production, partial(refund, desk, extra="twice"), out=tmp_path / "out")
    for pair in found:
        assert isinstance(pair, Pair)
        assert pair.candidate.counts.suppressed == 1
        assert pair.candidate.result.labels["synthesised"] == 1
        assert pair.candidate.result.value is VerdictValue.FAIL
    assert len(desk.refunds) == 1
    box.close()


def test_in_ci_no_llm_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that would ask llms is refused where CI is set."""
    monkeypatch.setenv("CI", "1")
    settings = Settings(record=RecordMode.ONCE)
    with pytest.raises(RecordingRefused):
        ShadowSession(ShadowOrders(root=tmp_path, settings=settings, agent="shop:refund"))
