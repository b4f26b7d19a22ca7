"""Where two JSON values differ, told in few words: a path, and both sides without what is equal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from agentops_eval.replay._rules import Tree
from agentops_eval.traces import clipped, elide_text, printable, quoted, same

_BUDGET = 200_000
_PLAIN_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]{0,60}")


class Absent(Enum):
    """Stands for a member that one side does not have."""

    ABSENT = "(absent)"


ABSENT = Absent.ABSENT
Side: TypeAlias = "Tree | Absent"
Path: TypeAlias = "tuple[str | int, ...]"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two JSON values differ."""

    path: Path
    recorded: Side
    run: Side


def differences(recorded: Tree, run: Tree, *, first: Sequence[str] = ()) -> Iterator[Difference]:
    """Yield the innermost differences; members named in ``first`` come before the others.

    Lists are compared place by place. Enormous values are compared in part only.
    """
    order = {name: place for place, name in enumerate(first)}
    stack: list[Difference] = [Difference((), recorded, run)]
    for _ in range(_BUDGET):
        if not stack:
            return
        pair = stack.pop()
        inner = _inner(pair, order)
        if inner is None:
            if not same(pair.recorded, pair.run):
                yield pair
        else:
            stack.extend(reversed(inner))


def _inner(pair: Difference, order: dict[str, int]) -> list[Difference] | None:
    left, right = pair.recorded, pair.run
    if isinstance(left, dict) and isinstance(right, dict):
        names = sorted({*left, *right}, key=lambda name: (order.get(name, len(order)), name))
        return [
            Difference((*pair.path, name), left.get(name, ABSENT), right.get(name, ABSENT)) for name in names
        ]
    if isinstance(left, list) and isinstance(right, list):
        longest = max(len(left), len(right))
        return [Difference((*pair.path, i), _item(left, i), _item(right, i)) for i in range(longest)]
    return None


def _item(items: list[Tree], place: int) -> Side:
    return items[place] if place < len(items) else ABSENT


def shown_path(path: Path) -> str:
    """Write a path like ``messages[2].content[0].text``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{quoted(step[:60])}]"
    return text


def shown_sides(recorded: Side, run: Side) -> tuple[str, str]:
    """Show both sides on one line each, texts without what they have in common."""
    if isinstance(recorded, str) and isinstance(run, str):
        return elide_text(recorded, run)
    return shown(recorded), shown(run)


def shown(value: Side) -> str:
    """Show a value on one line, clipped."""
    if isinstance(value, Absent):
        return value.value
    if isinstance(value, str):
        return quoted(clipped(value))
    # Names of members stay in order: both sides are canonical, and so sorted already.
    return printable(clipped(json.dumps(value, ensure_ascii=False)))
