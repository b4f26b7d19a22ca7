"""Where a run leaves its golden: steps aligned, the first difference told, the others counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentops_eval.domain import Divergence, Trace, shorten
from agentops_eval.traces._describe import describe, side_by_side
from agentops_eval.traces._normal import canonical
from agentops_eval.traces._steps import Step, steps_of
from agentops_eval.traces._text import printable

MAX_CELLS = 400_000
Pair = tuple[int | None, int | None]


def diverge(golden: Trace, run: Trace) -> Divergence | None:
    """The first call where ``run`` leaves ``golden``; None where both did the same.

    Ids, times and volatile values do not count, nor which case the traces are of. Calls are
    aligned, so that one inserted or missing call is told as such. The root is call 0.
    """
    left, right = steps_of(canonical(golden)), steps_of(canonical(run))
    if [step.text for step in left] == [step.text for step in right] and _depths(left) == _depths(right):
        return None
    pairs = _aligned(left[1:], right[1:])
    if left[:1] and right[:1] and left[0].text != right[0].text:
        pairs = [(-1, -1), *pairs]
    differing = list(_differing(pairs, left, right)) or [(0, (-1, -1))]
    position, pair = differing[0]
    one, other = _step(left, pair[0]), _step(right, pair[1])
    if one is not None and other is not None:
        sides = side_by_side(one, other)
    else:
        sides = ("" if one is None else describe(one), "" if other is None else describe(other))
    named = one or other
    return Divergence(
        call=_call(pair, pairs[:position]),
        total=max(0, len(left) - 1),
        path="" if named is None else named.path,
        golden=sides[0],
        run=sides[1],
        others=len(differing) - 1,
    )


def _differing(
    pairs: Sequence[Pair], left: Sequence[Step], right: Sequence[Step]
) -> Iterator[tuple[int, Pair]]:
    """What differs; a call missing right where another is new is one replaced call.

    ``_walk`` names the missing one first.
    """
    merged = -1
    for position, pair in enumerate(pairs):
        if position == merged or not _differs(pair, left, right):
            continue
        following = pairs[position + 1] if position + 1 < len(pairs) else pair
        replaced = pair[1] is None and following[0] is None
        merged = position + 1 if replaced else merged
        yield position, (pair[0], following[1]) if replaced else pair


def render_divergence(divergence: Divergence, *, agent: str, golden_path: str, approve_command: str) -> str:
    """Lay out a divergence for people; without an ``approve_command`` that line is left out."""
    head = divergence_head(divergence, agent=agent, golden_path=golden_path)
    lines = [head, *(f"  {side}" for side in divergence_sides(divergence))]
    if approve_command:
        lines.append(f"Approve it:  {printable(approve_command)}")
    return "\n".join(lines)


def divergence_head(divergence: Divergence, *, agent: str, golden_path: str) -> str:
    """Say who diverged from what, and at which call."""
    return f"{_line(agent)} diverged from {_line(golden_path)} {_where(divergence)}"


def divergence_sides(divergence: Divergence) -> tuple[str, ...]:
    """Both sides in a line each, and how many further calls differ, if any."""
    sides = (
        f"golden     {_line(divergence.golden) or '(no such call)'}",
        f"this run   {_line(divergence.run) or '(no such call)'}",
    )
    if not divergence.others:
        return sides
    calls = "call differs" if divergence.others == 1 else "calls differ"
    return (*sides, f"{divergence.others} further {calls}")


def _line(text: str) -> str:
    return shorten(printable(text), 400)


def _where(divergence: Divergence) -> str:
    if divergence.call == 0:
        return "at its root"
    if divergence.call > divergence.total:
        return f"after call {divergence.total} of {divergence.total}"
    return f"at call {divergence.call} of {divergence.total}"


def _depths(steps: Sequence[Step]) -> list[int]:
    return [step.depth for step in steps]


def _step(steps: Sequence[Step], index: int | None) -> Step | None:
    """Pairs count from the first call; -1 is the root."""
    return None if index is None or index + 1 >= len(steps) else steps[index + 1]


def _differs(pair: Pair, left: Sequence[Step], right: Sequence[Step]) -> bool:
    one, other = _step(left, pair[0]), _step(right, pair[1])
    if one is None or other is None:
        return one is not other
    return one.text != other.text or one.depth != other.depth


def _call(pair: Pair, before: Sequence[Pair]) -> int:
    """The call's number in the golden; for a new call, the number it would have there."""
    if pair[0] is not None:
        return pair[0] + 1
    return max((index for index, _ in before if index is not None), default=-1) + 2


def _aligned(left: Sequence[Step], right: Sequence[Step]) -> list[Pair]:
    """Pair the calls of both sides with as few changes as possible, in their order."""
    start = 0
    while start < min(len(left), len(right)) and _equal(left[start], right[start]):
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and _equal(left[-1 - end], right[-1 - end]):
        end += 1
    middle = _cheapest(left[start : len(left) - end], right[start : len(right) - end])
    pairs: list[Pair] = [(index, index) for index in range(start)]
    pairs += [(None if i is None else i + start, None if j is None else j + start) for i, j in middle]
    pairs += [(len(left) - end + index, len(right) - end + index) for index in range(end)]
    return pairs


def _equal(one: Step, other: Step) -> bool:
    return one.depth == other.depth and one.text == other.text


def _cheapest(left: Sequence[Step], right: Sequence[Step]) -> list[Pair]:
    """Least cost: an equal call nothing, a changed, missing or new one 1. Call by call when too long."""
    rows, columns = len(left), len(right)
    if rows * columns > MAX_CELLS:
        return [
            (index if index < rows else None, index if index < columns else None)
            for index in range(max(rows, columns))
        ]
    names = {step.same_as for step in (*left, *right)}
    number = {name: index for index, name in enumerate(names)}
    one, other = [number[step.same_as] for step in left], [number[step.same_as] for step in right]
    cost = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows, -1, -1):
        for column in range(columns, -1, -1):
            cost[row][column] = _cost(row, column, cost, one, other, left, right)
    return _walk(cost, one, other, left, right)


def _cost(
    row: int,
    column: int,
    cost: list[list[int]],
    one: Sequence[int],
    other: Sequence[int],
    left: Sequence[Step],
    right: Sequence[Step],
) -> int:
    if row == len(one) or column == len(other):
        return len(one) - row + len(other) - column
    best = 1 + min(cost[row + 1][column], cost[row][column + 1])
    if one[row] == other[column]:
        changed = 0 if left[row].text == right[column].text else 1
        best = min(best, changed + cost[row + 1][column + 1])
    return best


def _walk(
    cost: list[list[int]],
    one: Sequence[int],
    other: Sequence[int],
    left: Sequence[Step],
    right: Sequence[Step],
) -> list[Pair]:
    pairs: list[Pair] = []
    row = column = 0
    while row < len(one) or column < len(other):
        if row < len(one) and column < len(other) and one[row] == other[column]:
            changed = 0 if left[row].text == right[column].text else 1
            if cost[row][column] == changed + cost[row + 1][column + 1]:
                pairs.append((row, column))
                row, column = row + 1, column + 1
                continue
        if row < len(one) and cost[row][column] == 1 + cost[row + 1][column]:
            pairs.append((row, None))
            row += 1
        else:
            pairs.append((None, column))
            column += 1
    return pairs
