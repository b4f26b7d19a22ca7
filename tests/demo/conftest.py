"""The demo agents' surroundings: a scripted llm on loopback, a shop in memory, an approving person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_eval.demo import demo_rules
from agentops_eval.demo.desk import Desk
from agentops_eval.testing import LlmServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agentops_eval.testing import Rule


@pytest.fixture
def server() -> Iterator[LlmServer]:
    """The scripted llm with the demo's rules."""
    with LlmServer(demo_rules()) as running:
        yield running


@pytest.fixture
def faulty() -> Iterator[Callable[..., LlmServer]]:
    """Start a scripted llm that answers by these rules before the demo's."""
    running: list[LlmServer] = []

    def start(*rules: Rule) -> LlmServer:
        running.append(LlmServer((*rules, *demo_rules())).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A new shop."""
    with Desk() as opened:
        yield opened
