"""Which recordings that end with an error count: those in which the world answered."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import requests

from agentops_eval import Settings, handoff, recording, replaying, tool

PLAIN = Settings()


class OutOfStock(Exception):
    """A shop's own error."""


@tool
def order(number: int) -> str:
    """A tool that refuses."""
    raise OutOfStock(f"order {number}")


@tool
def fetch(url: str) -> str:
    """A tool that asks another service, and says in its own words that it failed."""
    try:
        return requests.get(url, timeout=5).text
    except requests.ConnectionError as error:
        raise OutOfStock("the shop cannot be reached") from error


@tool
def resolve() -> str:
    """A tool whose name server is down."""
    raise socket.gaierror(-2, "Name or service not known")


@tool
def audit(url: str) -> str:
    """A tool that uses another one."""
    return fetch(url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where this test's recording goes."""
    return tmp_path / "case.cassette.jsonl"


@pytest.fixture
def nobody() -> str:
    """The address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}/"


def test_a_tool_that_raised_has_answered(path: Path) -> None:
    """An agent that ends with the error of its only tool is recorded, and replays that error."""
    with pytest.raises(OutOfStock), recording(path, settings=PLAIN) as run:
        order(7)
    assert not run.broke_off
    with pytest.raises(OutOfStock, match="order 7"), replaying(path, settings=PLAIN):
        order(7)


def test_a_failed_assertion_about_a_tool_that_raised_breaks_nothing_off(path: Path) -> None:
    """The test's opinion on an agent whose tool raised does not lose the recording."""
    with pytest.raises(AssertionError), recording(path, settings=PLAIN):
        with pytest.raises(OutOfStock):
            order(7)
        raise AssertionError("the agent should have apologised")
    assert path.exists()


@pytest.mark.parametrize("tool_of", [fetch, audit], ids=["direct", "nested"])
def test_a_tool_that_passes_an_outage_on_has_not(path: Path, nobody: str, tool_of: object) -> None:
    """A tool's own words for a connection that failed inside it make no answer of it."""
    with pytest.raises(OutOfStock), recording(path, settings=PLAIN) as run:
        tool_of(nobody)  # type: ignore[operator]
    assert run.broke_off
    assert not path.exists()


def test_a_tool_without_a_network_has_not(path: Path) -> None:
    """Where the tool's own client is none of ours, the kind of its error tells."""
    with pytest.raises(socket.gaierror), recording(path, settings=PLAIN) as run:
        resolve()
    assert run.broke_off


def test_an_outage_beside_a_tool_that_refused_leaves_its_answer(path: Path, nobody: str) -> None:
    """The world answered once, and that counts."""
    with pytest.raises(OutOfStock), recording(path, settings=PLAIN) as run:
        with pytest.raises(OutOfStock):
            order(7)
        fetch(nobody)
    assert not run.broke_off


def test_a_handoff_that_failed_answers_nothing_itself(path: Path, nobody: str) -> None:
    """What counts of a hand-off are the calls of its recipient."""
    with pytest.raises(OutOfStock), recording(path, settings=PLAIN) as run:
        handoff("shop", nobody, fetch)
    assert run.broke_off
