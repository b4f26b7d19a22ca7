"""One row of siblings aligned: paired, looked through where one side wraps the other, and put in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.traces.diff._forest import Forest
from agentops_eval.traces.diff._likeness import Sides, share_children
from agentops_eval.traces.diff._order import moved
from agentops_eval.traces.diff._parallel import crowds
from agentops_eval.traces.diff._sequence import Pair
from agentops_eval.traces.diff._siblings import alike, in_order, out_of_order, unpaired
from agentops_eval.traces.diff._wrappers import looked_through, renamed, wrappers

MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was paired in a row, and which of these pairs moved."""

    pairs: Sequence[Pair]
    moved: Sequence[Pair]


def align_row(sides: Sides, left: Sequence[int], right: Sequence[int]) -> Row:
    """Pair the steps of a row; those below a step that wraps others on one side belong to the row."""
    pairs = _same(sides, left, right)
    for _ in range(MAX_ROUNDS):
        rest, rest_there = unpaired(left, right, pairs)
        around = wrappers(sides.left, sides.left_keys, rest, rest_there, sides.right_keys)
        around_there = wrappers(sides.right, sides.right_keys, rest_there, rest, sides.left_keys)
        if not around and not around_there:
            break
        left = looked_through(sides.left, left, around)
        right = looked_through(sides.right, right, around_there)
        pairs = _same(sides, left, right)
    for likely in (renamed, alike):
        pairs += likely(sides, *unpaired(left, right, pairs))
    # What is left of a crowd has no order by which it could be another call.
    crowded = _crowded(sides.left, left), _crowded(sides.right, right)
    names = sides.left_keys.name, sides.right_keys.name
    pairs += out_of_order(*unpaired(*crowded, pairs), names)
    return Row(pairs=pairs, moved=moved(sides, left, right, pairs))


def _crowded(forest: Forest, row: Sequence[int]) -> list[int]:
    crowd = crowds(forest, row)
    size = Counter(crowd)
    return [node for node, first in zip(row, crowd, strict=True) if size[first] > 1]


def _same(sides: Sides, left: Sequence[int], right: Sequence[int]) -> list[Pair]:
    """Pair in order, then what is equal wherever it is."""
    here, there = sides.left_keys, sides.right_keys
    pairs = in_order(sides, left, right)
    pairs += out_of_order(*unpaired(left, right, pairs), (here.subtree, there.subtree))
    for keys in ((here.own, there.own), (here.whole, there.whole)):
        around = out_of_order(*unpaired(left, right, pairs), keys)
        pairs += [pair for pair in around if share_children(sides, *pair)]
    return pairs
