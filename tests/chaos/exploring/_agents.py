"""Small agents to explore, and how they are explored here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agentops_eval import tool
from agentops_eval.chaos import Judge
from agentops_eval.chaos.exploring import Exploration, Options, Wiring, explore
from agentops_eval.domain import Schedule
from agentops_eval.harness.faulting import Runner, subject_of

KINDS = ("latency", "tool_error", "tool_timeout", "tool_reply_lost", "tool_empty", "tool_duplicated")


def explored(agent: Callable[[], object], *, wiring: Wiring | None = None, **options: Any) -> Exploration:
    """Explore an agent in this process."""
    runner = Runner(subject_of(agent))
    given = {"faults": KINDS, **options}
    return explore(runner, Judge(runner(Schedule())), options=Options(**given), wiring=wiring or Wiring())


def exhaustive(agent: Callable[[], object], **options: Any) -> Exploration:
    """Every schedule, nothing pruned."""
    return explored(agent, merge=False, classify=False, audit=0.0, **options)


@tool
def look(order: str) -> dict[str, Any]:
    """Look an order up."""
    return {"order": order, "state": "open", "price": 59}


@tool(effect="write", idempotency_key="order")
def pay(order: str) -> dict[str, Any]:
    """Pay an order once."""
    return {"order": order, "paid": True}


@tool(effect="external")
def send(text: str) -> str:
    """Send an email; each call sends one."""
    return "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a made-up agent: what it calls, how often it tries, what it does when that fails."""

    call: str
    tries: int = 1
    else_do: str = "stop"  # stop, go on, tell, or the name of another tool


CALLS: dict[str, Callable[[str], Any]] = {"look": look, "pay": pay, "send": send}


def made(steps: Sequence[Step]) -> Callable[[], str]:
    """An agent that goes through these steps and says what became of each."""

    def agent() -> str:
        said: list[str] = []
        for number, step in enumerate(steps):
            done = attempt(step, f"o-{number}")
            if done is None and step.else_do in CALLS:
                done = attempt(Step(call=step.else_do), f"o-{number}")
            if done is None and step.else_do == "stop":
                return "sorry, " + " ".join(said)
            if step.else_do == "tell":
                said.append("well" if done else "not")
        return "done " + " ".join(said)

    agent.__name__ = "made_agent"
    return agent


def attempt(step: Step, order: str) -> Any:
    """Call a tool as often as the step says; None where it failed each time."""
    for _ in range(step.tries):
        try:
            return CALLS[step.call](order)
        except OSError:
            time.sleep(1)
    return None


def careless() -> str:
    """Look up, send with three attempts whatever went wrong, look again."""
    look("a")
    for _ in range(3):
        try:
            send("your refund")
            break
        except OSError:
            time.sleep(2)
    else:
        return "sorry, not sent"
    look("b")
    return "sent"


def breaker() -> str:
    """Counts failures without a word: the third look-up is left out after two that failed."""
    failures = 0
    for order in ("a", "b", "c"):
        if failures >= 2:
            return "left out"
        try:
            look(order)
        except OSError:
            failures += 1
    return "looked"
