"""Faults between agents, by name; the first argument is the recipient."""

from __future__ import annotations

from typing import Unpack

from agentops_eval.chaos.faults._hits import Hits, fault
from agentops_eval.domain import Fault


def agent_stall(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The recipient never answers: who has no time limit of his own hangs."""
    return fault("agent_stall", target, hits=hits)


def message_lost(
    target: str = "*", *, after_s: float = 10.0, silent: bool = False, **hits: Unpack[Hits]
) -> Fault:
    """The recipient never gets the message; its sender sees TimeoutError, or None where ``silent``."""
    return fault("message_lost", target, hits=hits, after_s=after_s, silent=silent)


def message_reply_lost(target: str = "*", *, after_s: float = 10.0, **hits: Unpack[Hits]) -> Fault:
    """The recipient does its work, and its sender sees TimeoutError ``after_s`` seconds later."""
    return fault("message_reply_lost", target, hits=hits, after_s=after_s)


def message_duplicated(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The recipient gets the message twice, and runs twice."""
    return fault("message_duplicated", target, hits=hits)


def message_delayed(target: str = "*", *, seconds: float = 60.0, **hits: Unpack[Hits]) -> Fault:
    """The recipient gets the message ``seconds`` seconds later; others may overtake it."""
    return fault("message_delayed", target, hits=hits, seconds=seconds)


def message_corrupted(
    target: str = "*", *, part: str = "message", how: str = "wrong", **hits: Unpack[Hits]
) -> Fault:
    """The ``message`` or the ``answer`` arrives ``wrong`` in one place, ``cut`` or ``drifted``."""
    return fault("message_corrupted", target, hits=hits, part=part, how=how)


def agent_down(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The recipient is not there: handing over raises ConnectionError at once."""
    return fault("agent_down", target, hits=hits)
