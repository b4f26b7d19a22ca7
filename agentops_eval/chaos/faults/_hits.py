"""A fault of any kind, and which of the calls that fit it hits."""

from __future__ import annotations

from typing import TypedDict

from agentops_eval.domain import Fault, Json, Where


class Hits(TypedDict, total=False):
    """Which of the calls that fit are hit; all of them unless something is said.

    ``nth`` counts from 1, ``after`` so many are spared, ``until`` is the last one hit, ``site`` is one
    execution index.
    """

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
        nth=tuple(nth) if isinstance(nth, (tuple, list)) else (nth,),
        first=said.get("after", 0) + 1,
        last=said.get("until"),
        probability=said.get("probability", 1.0),
    )
    return Fault(kind=kind, parameters=parameters, where=where)
