"""A supervisor and two specialists that hand work to each other, on the async openai SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentops_eval import handoff
from agentops_eval.demo._extras import need
from agentops_eval.demo._llm import Llm, LlmUnavailable
from agentops_eval.demo._prompts import read_prompt
from agentops_eval.demo._tooling import ATTEMPTS, FIRST_WAIT_S, TRANSIENT, Ledger, LlmTool, ToolOutcome
from agentops_eval.demo.desk import Desk, Refused
from agentops_eval.demo.team._llm import Asker, asker
from agentops_eval.demo.team._tools import billing_tools, shipping_tools
from agentops_eval.domain import AgentopsError

if TYPE_CHECKING:
    from openai.types.responses import ResponseFunctionToolCall, ResponseInputItemParam

REQUESTS: Mapping[str, str] = {
    "both": "Order 1046 was charged twice. And where is my parcel?",
    "returned": "I sent order 1047 back. Please refund it.",
    "lost": "The parcel of order 1044 is lost.",
    "parcels": "Where are the parcels of orders 1042, 1043 and 1044?",
}
"""Customers' texts that the demo's scripted llm understands, by a short name."""

MAX_STEPS = 6
MAX_HANDOFFS = 3
TOOL_LIMIT_S, COLLEAGUE_LIMIT_S = 30.0, 300.0
"""How long a member waits for a tool, and for a colleague, who asks an llm and tools of its own."""
COLLEAGUES = {"supervisor": ("billing", "shipping"), "billing": ("shipping",), "shipping": ("billing",)}


async def team_agent(text: str, *, desk: Desk | None = None, llm: Llm | None = None) -> str:
    """Answer a customer: the supervisor asks the specialists, who ask each other.

    Without arguments the team works on a new shop in memory, with the SDK's own environment
    variables. Raises ExtraMissing without the ``demo`` extra.
    """
    need("openai", "stamina")
    if desk is None:
        with Desk() as own:
            return await team_agent(text, desk=own, llm=llm)
    async with asker(llm or Llm()) as ask:
        team = _Team(ask=ask, tools={"billing": billing_tools(desk), "shipping": shipping_tools(desk)})
        try:
            return team.ledger.answer(await team.work("supervisor", text, depth=0))
        except LlmUnavailable:
            return team.ledger.apology()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Team:
    """The members of the team in one conversation."""

    ask: Asker
    tools: Mapping[str, Sequence[LlmTool]]
    ledger: Ledger = field(default_factory=Ledger)

    async def work(self, member: str, task: str, *, depth: int) -> str:
        """Let one member work on a task until it has only words left."""
        prompt = read_prompt("agentops_eval.demo.team", member).text
        tools = {tool.name: tool for tool in (*self.tools.get(member, ()), *self._colleagues(member, depth))}
        items: list[ResponseInputItemParam] = [{"role": "user", "content": task}]
        for _ in range(MAX_STEPS):
            response = await self.ask(prompt, items, list(tools.values()))
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls:
                return response.output_text
            items += [_echo(call) for call in calls]
            outcomes = await asyncio.gather(*(self._perform(tools, call) for call in calls))
            items += [
                {"type": "function_call_output", "call_id": call.call_id, "output": outcome.text}
                for call, outcome in zip(calls, outcomes, strict=True)
            ]
        return self.ledger.apology()

    def _colleagues(self, member: str, depth: int) -> list[LlmTool]:
        """Give the tools with which a member asks its colleagues: each is a hand-off."""
        return [self._handoff(member, colleague, depth) for colleague in COLLEAGUES[member]]

    def _handoff(self, sender: str, recipient: str, depth: int) -> LlmTool:
        async def ask_colleague(task: str) -> str:
            if depth >= MAX_HANDOFFS:
                raise Refused("this was handed over too often")

            async def run(message: str) -> str:
                return await self.work(recipient, message, depth=depth + 1)

            return await handoff(recipient, task, run, sender=sender)

        ask_colleague.__name__ = f"ask_{recipient}"
        ask_colleague.__doc__ = f"Ask the {recipient} specialist to do something, and report back."
        # It changes nothing itself; asked twice, the colleague might act twice.
        return replace(LlmTool.of(ask_colleague, reads=True), repeatable=False)

    async def _perform(self, tools: Mapping[str, LlmTool], call: ResponseFunctionToolCall) -> ToolOutcome:
        chosen, arguments = tools.get(call.name), _arguments(call.arguments)
        if chosen is None:
            return ToolOutcome.failure(f"there is no tool {call.name}")
        flaw = chosen.flaw(arguments)
        if flaw or not isinstance(arguments, Mapping):
            return ToolOutcome.failure(flaw)
        try:
            result = await _attempt(chosen, arguments)
        except (Refused, LlmUnavailable) as refusal:
            return ToolOutcome.failure(str(refusal))
        except AgentopsError:
            raise
        except Exception as error:
            self.ledger.failed(chosen, arguments)
            return ToolOutcome.failure(f"{type(error).__name__}: {error}")
        self.ledger.succeeded(chosen, arguments)
        return ToolOutcome.success(result)


async def _attempt(chosen: LlmTool, arguments: Mapping[str, object]) -> object:
    import stamina

    async for attempt in stamina.retry_context(
        on=TRANSIENT,
        attempts=ATTEMPTS if chosen.repeatable else 1,
        wait_initial=FIRST_WAIT_S,
        wait_jitter=0.0,
    ):
        with attempt:
            async with asyncio.timeout(TOOL_LIMIT_S if chosen.repeatable else COLLEAGUE_LIMIT_S):
                return chosen.checked(await chosen.run(**arguments))
    return None


def _echo(call: ResponseFunctionToolCall) -> ResponseInputItemParam:
    return {
        "type": "function_call",
        "call_id": call.call_id,
        "name": call.name,
        "arguments": call.arguments,
    }


def _arguments(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
