"""What differs within one field: DeepDiff where the values are of a size for it, else the whole field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json, canonical_json
from agentops_eval.traces._elide import same
from agentops_eval.traces.diff._model import Op

MAX_TEXT = 60_000
MAX_DEPTH = 32
_OPS = {
    "dictionary_item_added": Op.ADDED,
    "iterable_item_added": Op.ADDED,
    "dictionary_item_removed": Op.REMOVED,
    "iterable_item_removed": Op.REMOVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place within a field. ``at`` is empty for the whole field."""

    at: str
    op: Op
    before: Json
    after: Json


def differences(before: Json, after: Json) -> list[Difference]:
    """Every place in which two JSON values differ; at least one where they are not the same.

    Values that DeepDiff would take long for, or give up on, are told whole.
    """
    if same(before, after):
        return []
    if _is_nested(before) and _is_nested(after) and _is_small(before) and _is_small(after):
        found = _by_deepdiff(before, after)
        if found:
            return found
    return [Difference(at="", op=Op.CHANGED, before=before, after=after)]


def _is_nested(value: Json) -> bool:
    return isinstance(value, (Mapping, list, tuple))


def _is_small(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return len(canonical_json(value)) <= MAX_TEXT
    return False


def _inside(value: Json) -> Sequence[Json]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else []


def _by_deepdiff(before: Json, after: Json) -> list[Difference]:
    from deepdiff import DeepDiff

    try:
        # By default DeepDiff passes over keys that begin with two underscores.
        tree = DeepDiff(before, after, view="tree", ignore_private_variables=False)
    except Exception:  # a value that it cannot take is told whole
        return []
    found: list[tuple[list[tuple[int, str]], Difference]] = []
    for report, levels in tree.items():
        op = _OPS.get(report, Op.CHANGED)
        for level in levels:
            one = None if op is Op.ADDED else level.t1
            other = None if op is Op.REMOVED else level.t2
            if op is not Op.CHANGED or not same(one, other):
                path = level.path(output_format="list")
                one_place = Difference(at=_spelled(path), op=op, before=one, after=other)
                found.append((_rank(path), one_place))
    return [one_place for _, one_place in sorted(found, key=lambda pair: pair[0])]


def _rank(path: Sequence[object]) -> list[tuple[int, str]]:
    """Items by their number, fields by their name: DeepDiff groups by what happened instead."""
    return [(part, "") if isinstance(part, int) else (-1, str(part)) for part in path]


def _spelled(path: Sequence[object]) -> str:
    return "".join(_parts(path))


def _parts(path: Sequence[object]) -> Iterator[str]:
    for position, part in enumerate(path):
        if isinstance(part, int):
            yield f"[{part}]"
        elif isinstance(part, str) and part.isidentifier():
            yield part if position == 0 else f".{part}"
        else:
            yield f"[{canonical_json(str(part))}]"
