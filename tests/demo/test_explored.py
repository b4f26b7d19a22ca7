"""The demo's real agents get through every single fault without harm: clean agents give no false finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.chaos import Contract, Degradation, Judge
from agentops_eval.chaos.contracts import Allowed
from agentops_eval.chaos.exploring import Options, explore
from agentops_eval.demo import demo_rules
from agentops_eval.demo.desk import REQUESTS, Desk, Llm, anthropic_agent, openai_agent
from agentops_eval.demo.team import REQUESTS as TEAM_REQUESTS
from agentops_eval.demo.team import team_agent
from agentops_eval.domain import Mode, Schedule
from agentops_eval.harness.faulting import Runner, subject_of
from agentops_eval.testing import LlmServer

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLD = ("issue_refund", "refund_payment", "send_email")
BELIEVED = Contract(
    idempotent=("send_email",),  # the shop sends the same email once
    degradations=(
        # The refund stands where its confirmation could not be sent, and the customer is told of both.
        Degradation(dependency="send_email", message=r"was refunded", effects=Allowed.PREFIX),
        *(
            Degradation(
                dependency=name, faults=("wrong",), accept=(Mode.FULL,), effects=Allowed.LISTED, only=TOLD
            )
            for name in ("get_*", "issue_refund", "refund_payment", "billing", "shipping")
        ),
    ),
)
"""What the agents have to believe: the shop itself, and a colleague."""

KINDS = ("tool_*", "answer_*", "message_*", "agent_*", "kill", "clock_*")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scripted llm, on loopback."""
    with LlmServer(demo_rules()) as server:
        yield server.url


def _desk(agent: Callable[..., str], llm: Llm) -> Callable[..., str]:
    def refund(*, world: Desk) -> str:
        return agent(REQUESTS["refund"], desk=world, llm=llm)

    return refund


def _team(llm: Llm) -> Callable[..., Any]:
    async def returned(*, world: Desk) -> str:
        return await team_agent(TEAM_REQUESTS["returned"], desk=world, llm=llm)

    return returned


@pytest.mark.parametrize("name", ["openai", "anthropic", "team"])
def test_no_single_fault_of_its_tools_and_colleagues_does_harm(name: str, address: str) -> None:
    """Whatever becomes of a tool, a hand-off, the clock or the process, nothing unsafe is found."""
    llm = Llm(base_url=address if name == "anthropic" else f"{address}/v1", api_key="unset", retries=0)
    agents = {"openai": openai_agent, "anthropic": anthropic_agent}
    agent = _team(llm) if name == "team" else _desk(agents[name], llm)
    runner = Runner(subject_of(agent, world=Desk))
    judge = Judge(runner(Schedule()), BELIEVED)
    found = explore(runner, judge, options=Options(depth=1, faults=KINDS))
    assert [(str(one.impact.run.schedule), sorted(one.impact.harms)) for one in found.findings] == []
    assert found.coverage.singles.covered > 40
