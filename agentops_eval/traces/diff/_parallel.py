"""Which siblings have no order: they ran at one moment, or an llm asked for them at once."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.traces.diff._forest import Forest


def parallel(forest: Forest, one: int, other: int) -> bool:
    """Whether two steps have no order. Times of 0, as in what never was timed, overlap nothing."""
    if 0 <= forest.asked[one] == forest.asked[other]:
        return True
    left, right = forest.nodes[one].span, forest.nodes[other].span
    return left.start_ns < right.end_ns and right.start_ns < left.end_ns


def crowds(forest: Forest, row: Sequence[int]) -> list[int]:
    """For every place in a row, where the crowd begins in which each is parallel to each."""
    found: list[int] = []
    latest_start = earliest_end = 0
    for place, node in enumerate(row):
        span = forest.nodes[node].span
        near = {forest.asked[other] for other in (row[found[-1]], row[place - 1])} if place else set[int]()
        asked_together = near == {forest.asked[node]} != {-1}
        start, end = max(latest_start, span.start_ns), min(earliest_end, span.end_ns)
        if place and (asked_together or start < end):
            found.append(found[-1])
            latest_start, earliest_end = start, end
        else:
            found.append(place)
            latest_start, earliest_end = span.start_ns, span.end_ns
    return found
