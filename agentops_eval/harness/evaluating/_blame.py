"""Whose fault it is that a run broke off: the agent's, or that of what it depends on."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.domain import (
    AgentopsError,
    ErrorSource,
    Event,
    Failure,
    HttpReply,
    Label,
    RunError,
    Seam,
)

_BUSY = frozenset({408, 425, 429})
_LONGEST = 2_000


def blame(error: BaseException, events: Sequence[Event]) -> RunError:
    """Who is to blame for an exception that left the agent.

    The infrastructure is, where the last request of the run went out for real and failed for reasons of
    its own: nobody was reached, too many requests, an error of the server. What was recorded so is a part
    of the scenario, and the agent has to live with it. An error of ours is no agent's either.
    """
    broke = RunError(source=ErrorSource.AGENT, kind=type(error).__name__, message=text_of(error))
    if isinstance(error, AgentopsError):
        return RunError(source=ErrorSource.INFRASTRUCTURE, kind=broke.kind, message=broke.message)
    asked = [event for event in events if event.seam is Seam.HTTP and event.outcome is not None]
    if asked and _failed_live(asked[-1]):
        return RunError(source=ErrorSource.INFRASTRUCTURE, kind=broke.kind, message=broke.message)
    return broke


def text_of(error: BaseException) -> str:
    """What an exception says, bounded; agents' own may fail to say it."""
    try:
        return str(error)[:_LONGEST]
    except Exception:
        return "its text cannot be read"


def _failed_live(event: Event) -> bool:
    outcome = event.outcome
    if event.label is not Label.LIVE:
        return False
    if isinstance(outcome, HttpReply):
        return outcome.status >= 500 or outcome.status in _BUSY
    return isinstance(outcome, Failure)
