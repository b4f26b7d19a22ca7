"""The demo agents behave as was approved, replayed from recordings of the scripted llm."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from agentops_eval.demo import demo_rules, desk, team
from agentops_eval.harness import RunMode
from agentops_eval.testing import LlmServer

if TYPE_CHECKING:
    from agentops_eval import ActiveRun

pytestmark = pytest.mark.cassette(any_host=True)


@pytest.fixture
def llm_url(cassette: ActiveRun) -> Iterator[str]:
    """The scripted llm while recording; in a replay an address where nobody listens."""
    if cassette.mode is not RunMode.RECORD:
        yield "http://127.0.0.1:9"
        return
    with LlmServer(demo_rules()) as server:
        yield server.url


@pytest.mark.parametrize("request_name", sorted(desk.REQUESTS.keys() - {"discount"}))
def test_openai_desk(cassette: ActiveRun, golden: object, llm_url: str, request_name: str) -> None:
    """The desk on the openai SDK serves each kind of request as approved."""
    llm = desk.Llm(base_url=f"{llm_url}/v1", api_key="unset", retries=0)
    with desk.Desk() as shop:
        desk.openai_agent(desk.REQUESTS[request_name], desk=shop, llm=llm)
    assert cassette.trace == golden


@pytest.mark.parametrize("request_name", sorted(desk.REQUESTS.keys() - {"discount"}))
def test_anthropic_desk(cassette: ActiveRun, golden: object, llm_url: str, request_name: str) -> None:
    """The desk on the anthropic SDK serves each kind of request as approved."""
    llm = desk.Llm(base_url=llm_url, api_key="unset", retries=0)
    with desk.Desk() as shop:
        desk.anthropic_agent(desk.REQUESTS[request_name], desk=shop, llm=llm)
    assert cassette.trace == golden


@pytest.mark.parametrize("request_name", sorted(team.REQUESTS))
def test_team(cassette: ActiveRun, golden: object, llm_url: str, request_name: str) -> None:
    """The team hands work over and calls tools in parallel as approved."""
    llm = desk.Llm(base_url=f"{llm_url}/v1", api_key="unset", retries=0)
    with desk.Desk() as shop:
        asyncio.run(team.team_agent(team.REQUESTS[request_name], desk=shop, llm=llm))
    assert cassette.trace == golden
