"""A recording says which of its calls a replay can tell apart by their order alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval import Settings, handoff, recording, replaying, tool

PLAIN = Settings()
KEYS = ("sk-proj-ann0123456789abcdefghijklmnop", "sk-proj-bob0123456789abcdefghijklmnop")


@tool
def balance(key: str) -> int:
    """What the owner of a key has."""
    return KEYS.index(key)


def both() -> list[int]:
    """An agent that serves two customers."""
    return [balance(key) for key in KEYS]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where this test's recording goes."""
    return tmp_path / "case.cassette.jsonl"


def test_the_report_of_a_recording_names_them(path: Path) -> None:
    """The report says so while recording, as text and as JSON; a replay has nothing to say."""
    with recording(path, settings=PLAIN) as run:
        both()
    (said,) = run.report.alike
    assert said.startswith("call 1, call 2, tool balance, differ only in what redaction hides")
    document = run.report.to_json()
    assert isinstance(document, dict)
    assert document["alike"] == [said]
    with replaying(path, settings=PLAIN) as again:
        assert both() == [0, 1]
    assert again.report.alike == ()


def test_a_span_each_is_the_way_out(path: Path) -> None:
    """Calls inside hand-offs of their own are told apart, in whatever order they come."""
    with recording(path, settings=PLAIN) as run:
        for name, key in zip(("ann", "bob"), KEYS, strict=True):
            handoff(name, "your balance", lambda _, key=key: balance(key))
    assert run.report.alike == ()
    with replaying(path, settings=PLAIN):
        for name, key in zip(("bob", "ann"), reversed(KEYS), strict=True):
            assert handoff(name, "your balance", lambda _, key=key: balance(key)) == KEYS.index(key)
