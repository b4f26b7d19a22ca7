"""How alike two steps are, and what it costs to tell one as a changed version of the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import Json, canonical_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.diff._forest import Forest, Node
from agentops_eval.traces.diff._keys import Keys

MAX_TRAITS = 200
MAX_CHILDREN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both traces, and what has been found out about their steps so far."""

    left: Forest
    right: Forest
    left_keys: Keys
    right_keys: Keys
    _traits: dict[int, frozenset[str]] = field(default_factory=dict)

    def traits(self, node: Node) -> frozenset[str]:
        """What a step is made of, in pieces that another step may share."""
        known = self._traits.get(id(node))
        if known is None:
            known = self._traits[id(node)] = frozenset(_pieces(node.fields))
        return known


def likeness(sides: Sides, one: int, other: int) -> float:
    """The share of their pieces that two steps have in common, from 0 to 1."""
    left, right = sides.traits(sides.left.nodes[one]), sides.traits(sides.right.nodes[other])
    return len(left & right) / max(1, len(left | right))


def cost(sides: Sides, one: int, other: int) -> float | None:
    """What telling ``other`` as a version of ``one`` costs, in steps; None where it is another call.

    It never costs less than the steps that one has below it and the other lacks, so a cheapest
    pairing finds what was only added; and always less than to tell both as removed and added.
    """
    here, there = sides.left_keys, sides.right_keys
    if here.subtree[one] == there.subtree[other]:
        return 0.0
    if here.name[one] != there.name[other]:
        return None
    below = max(abs(sides.left.size[one] - sides.right.size[other]), _unlike_children(sides, one, other))
    if same_content(sides, one, other):
        return max(0.5, below)
    return 1.5 - 0.9 * likeness(sides, one, other) + below


def same_content(sides: Sides, one: int, other: int) -> bool:
    """Whether nothing differs in two steps themselves."""
    here, there = sides.left_keys, sides.right_keys
    return here.own[one] == there.own[other] or here.whole[one] == there.whole[other]


def share_children(sides: Sides, one: int, other: int) -> bool:
    """Whether two steps have at least half of what the smaller one holds in common, if only nothing."""
    left, right = sides.left.children[one], sides.right.children[other]
    here = Counter(sides.left_keys.own[child] for child in left)
    there = Counter(sides.right_keys.own[child] for child in right)
    shared = (here & there).total()
    return shared * 2 >= min(len(left), len(right))


def _unlike_children(sides: Sides, one: int, other: int) -> int:
    left, right = sides.left.children[one], sides.right.children[other]
    if max(len(left), len(right)) > MAX_CHILDREN:
        return 0
    here = Counter(sides.left_keys.subtree[child] for child in left)
    there = Counter(sides.right_keys.subtree[child] for child in right)
    return max(len(left), len(right)) - (here & there).total()


def _pieces(fields: Mapping[str, Json]) -> list[str]:
    """Of what was said, given and answered only: settings are alike in most steps of a name."""
    found: list[str] = []
    for key, value in fields.items():
        if key not in sc.JSON_KEYS:
            continue
        if isinstance(value, Mapping):
            found += [f"{key}\0{name}\0{canonical_json(inner)}" for name, inner in value.items()]
        elif isinstance(value, (list, tuple)):
            found += [f"{key}\0{canonical_json(item)}" for item in value]
        elif isinstance(value, str):
            found += [f"{key}\0{word}" for word in value[:4_000].split()]
        else:
            found.append(f"{key}\0{value}")
    return found[:MAX_TRAITS]
