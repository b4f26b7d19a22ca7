"""What the desk's agents share, whichever SDK asks the llm: policy, tools, and honest last words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentops_eval import approve
from agentops_eval.demo._extras import need
from agentops_eval.demo._tooling import ATTEMPTS, FIRST_WAIT_S, TRANSIENT, Ledger, LlmTool, ToolOutcome
from agentops_eval.demo.desk._desk import Desk, Refused
from agentops_eval.demo.desk._tools import desk_tools
from agentops_eval.domain import AgentopsError, ApprovalRequest, Json

MAX_STEPS = 8
"""How often the llm is asked for one customer, at the most."""

DISCOUNT_LIMIT_PERCENT = 15
"""Above this a person decides."""

APPROVAL_DEADLINE_S = 120.0

Ask = Callable[[ApprovalRequest], Any]


class Worker:
    """Carries out what the llm asks for in one conversation, and knows what really happened.

    ``ask`` is how a person is reached outside of runs; a run's scripted approver goes first.
    """

    def __init__(self, desk: Desk, *, ask: Ask | None = None) -> None:
        need("stamina")
        self.tools: Mapping[str, LlmTool] = desk_tools(desk)
        self.ledger = Ledger()
        self._ask = ask

    def perform(self, name: str, arguments: object) -> ToolOutcome:
        """Carry out one tool call. Every failure becomes an outcome that the llm reads."""
        chosen = self.tools.get(name)
        if chosen is None:
            return ToolOutcome.failure(f"there is no tool {name}")
        flaw = chosen.flaw(arguments)
        if flaw or not isinstance(arguments, Mapping):
            return ToolOutcome.failure(flaw)
        allowed, refusal = self._permit(name, arguments)
        return ToolOutcome.failure(refusal) if refusal else self._run(chosen, allowed)

    def _permit(self, name: str, arguments: Mapping[str, Json]) -> tuple[Mapping[str, Json], str]:
        """Give the arguments that are allowed and the reason for a refusal, empty where there is none."""
        percent = arguments.get("percent")
        if name != "grant_discount" or not isinstance(percent, int) or percent <= DISCOUNT_LIMIT_PERCENT:
            return arguments, ""
        approval = approve(
            "grant_discount", details=dict(arguments), deadline_s=APPROVAL_DEADLINE_S, ask=self._ask
        )
        if not approval.approved:
            return arguments, f"the discount was not approved ({approval.status}) {approval.reason}".strip()
        if approval.status == "modified" and isinstance(approval.details, Mapping):
            return {**arguments, **approval.details}, ""
        return arguments, ""

    def _run(self, chosen: LlmTool, arguments: Mapping[str, Json]) -> ToolOutcome:
        import stamina

        result: object = None
        try:
            # Only what does no harm twice is tried twice: a lost answer may hide a done deed.
            for attempt in stamina.retry_context(
                on=TRANSIENT,
                attempts=ATTEMPTS if chosen.repeatable else 1,
                wait_initial=FIRST_WAIT_S,
                wait_jitter=0.0,
            ):
                with attempt:
                    result = chosen.checked(chosen.run(**arguments))
        except Refused as refusal:
            return ToolOutcome.failure(str(refusal))
        except AgentopsError:
            raise
        except Exception as error:
            self.ledger.failed(chosen, arguments)
            return ToolOutcome.failure(f"{type(error).__name__}: {error}")
        self.ledger.succeeded(chosen, arguments)
        return ToolOutcome.success(result)
