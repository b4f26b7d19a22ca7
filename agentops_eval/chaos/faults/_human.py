"""Faults of the person who is asked, by name; the first argument is the action."""

from __future__ import annotations

from typing import Unpack

from agentops_eval.chaos.faults._hits import Hits, fault
from agentops_eval.domain import Fault


def approver_silent(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """Nobody answers until the deadline; who set none waits for ever. Silence is no approval."""
    return fault("approver_silent", target, hits=hits)


def approver_late(target: str = "*", *, seconds: float = 60.0, **hits: Unpack[Hits]) -> Fault:
    """The approval comes ``seconds`` seconds after the deadline, which counts as none."""
    return fault("approver_late", target, hits=hits, seconds=seconds)


def approver_rejects(target: str = "*", *, reason: str = "not allowed", **hits: Unpack[Hits]) -> Fault:
    """The answer is no."""
    return fault("approver_rejects", target, hits=hits, reason=reason)


def approver_contradicts(target: str = "*", *, how: str = "next", **hits: Unpack[Hits]) -> Fault:
    """Approves and then rejects the ``next`` time, or gives other ``details`` or a ``reason`` against it."""
    return fault("approver_contradicts", target, hits=hits, how=how)


def approver_approves_all(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The answer is yes at once, whatever is asked."""
    return fault("approver_approves_all", target, hits=hits)
