"""The calls of a blast radius: what was hit, what its values reached, and what differs besides."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.chaos._targets import LLM, is_llm_call
from agentops_eval.chaos.impact._align import Aligned
from agentops_eval.chaos.impact._side import Side
from agentops_eval.domain import Reach, ReachedCall

MOST_CALLS = 64
"""So many are kept: impacts are written into journals and evidence."""


def reached_calls(
    base: Side, run: Side, aligned: Aligned, ways: Mapping[int, tuple[int, int]]
) -> tuple[tuple[ReachedCall, ...], int]:
    """The first calls in their order, the missing ones last, and how many more there are.

    The way to a call leads over earlier ones, so that none that is kept hangs on one that is not.
    """
    there = sorted(aligned.hit | aligned.retries | set(aligned.changed) | set(ways))
    kept = there[:MOST_CALLS]
    place = {at: number for number, at in enumerate(kept)}
    found = [
        ReachedCall(
            site=_site(run, at),
            kind=_kind(run, at),
            reach=_reach(aligned, at),
            hops=0 if at in aligned.hit else ways[at][0] if at in ways else None,
            via=place[ways[at][1]] if at in ways and at not in aligned.hit else None,
        )
        for at in kept
    ]
    found += [
        ReachedCall(site=_site(base, at), kind=_kind(base, at), reach=Reach.MISSING)
        for at in aligned.missing[: MOST_CALLS - len(found)]
    ]
    return tuple(found), len(there) + len(aligned.missing) - len(found)


def _site(side: Side, at: int) -> str:
    return side.sites[at] or side.calls[at].boundary


def _kind(side: Side, at: int) -> str:
    call = side.calls[at]
    return LLM if is_llm_call(call) else call.seam.value


def _reach(aligned: Aligned, at: int) -> Reach:
    if at in aligned.hit:
        return Reach.FAULTED
    if at in aligned.retries:
        return Reach.RETRIED
    if at in aligned.added:
        return Reach.ADDED
    return Reach.CHANGED if at in aligned.altered | aligned.answered else Reach.SAME
