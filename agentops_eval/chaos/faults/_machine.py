"""Faults of the machine that an agent runs on: its clock, and the life of its process."""

from __future__ import annotations

from typing import Unpack

from agentops_eval.chaos.faults._hits import Hits, fault
from agentops_eval.domain import Fault


def clock_skew(target: str = "*", *, offset_s: float = 300.0, **hits: Unpack[Hits]) -> Fault:
    """What the agent's own code reads of the wall clock is ``offset_s`` off. The target is ``time.time``."""
    return fault("clock_skew", target, hits=hits, offset_s=offset_s)


def clock_jump(target: str = "*", *, offset_s: float = 3600.0, **hits: Unpack[Hits]) -> Fault:
    """At the calls that are hit, the first unless ``nth`` says another, the wall clock is set for all."""
    chosen = hits or Hits(nth=1)
    return fault("clock_jump", target, hits=chosen, offset_s=offset_s)


def kill(target: str = "*", *, landed: bool = False, resume: int = 1, **hits: Unpack[Hits]) -> Fault:
    """The agent's process ends at the calls that are hit, the first unless ``nth`` says another.

    Where it ``landed``, the call did its work before. The agent is started again ``resume`` times.
    """
    chosen = hits or Hits(nth=1)
    return fault("kill", target, hits=chosen, landed=landed, resume=resume)
