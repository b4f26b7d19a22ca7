"""Faults by name: ``faults.latency(seconds=8)``, ``faults.tool_error("get_order", nth=2)``.

The first argument is the target, a glob over what is called. Each also takes which calls are hit: ``nth``
(one number or several, from 1), ``after`` (so many are spared), ``until`` (the last that is hit),
``probability``, and ``site`` (one execution index).
"""

from __future__ import annotations

from typing import TypedDict, Unpack

from agentops_eval.domain import Fault, Json, Where


class Hits(TypedDict, total=False):
    """Which of the calls that fit are hit; all of them unless something is said."""

    nth: int | tuple[int, ...]
    after: int
    until: int
    probability: float
    site: str


def fault(kind: str, target: str = "*", *, hits: Hits | None = None, **parameters: Json) -> Fault:
    """A fault of any kind of the catalogue, by its name."""
    said = hits or Hits()
    nth = said.get("nth", ())
    where = Where(
        target=target,
        site=said.get("site", ""),
        nth=(nth,) if isinstance(nth, int) else tuple(nth),
        first=said.get("after", 0) + 1,
        last=said.get("until"),
        probability=said.get("probability", 1.0),
    )
    return Fault(kind=kind, parameters=parameters, where=where)


def tool_error(target: str = "*", *, permanent: bool = False, **hits: Unpack[Hits]) -> Fault:
    """The tool raises before it did anything: ConnectionError, or PermissionError where ``permanent``."""
    return fault("tool_error", target, hits=hits, permanent=permanent)


def tool_reply_lost(target: str = "*", *, after_s: float = 10.0, **hits: Unpack[Hits]) -> Fault:
    """The tool does its work, and its caller sees a timeout ``after_s`` seconds later."""
    return fault("tool_reply_lost", target, hits=hits, after_s=after_s)
