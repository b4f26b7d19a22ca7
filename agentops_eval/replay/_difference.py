"""Where two JSON values differ, told in few words: a path, and both sides without what is equal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import TypeAlias

from agentops_eval.replay._rules import Tree
from agentops_eval.traces import printable

WIDTH = 200
"""Characters of one side that are shown at most."""

CONTEXT_WORDS = 3
_CONTEXT = 40
_WORDS = 300
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
            if not _same(pair.recorded, pair.run):
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


def _same(left: Side, right: Side) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and left == right


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
        left, right = elided(recorded, run)
        return quoted(left), quoted(right)
    return shown(recorded), shown(run)


def shown(value: Side) -> str:
    """Show a value on one line, clipped."""
    if isinstance(value, Absent):
        return value.value
    if isinstance(value, str):
        return quoted(clipped(value))
    # Names of members stay in order: both sides are canonical, and so sorted already.
    return printable(clipped(json.dumps(value, ensure_ascii=False)))


def quoted(text: str) -> str:
    """Put text between quotes, what a terminal would obey or hide escaped."""
    return printable(json.dumps(text, ensure_ascii=False))


def clipped(text: str, width: int = WIDTH) -> str:
    """Cut the middle out of a long text and say how much was cut."""
    if len(text) <= width:
        return text
    head, tail = width * 2 // 3, width // 4
    return f"{text[:head]} ... ({len(text) - head - tail} characters) ... {text[-tail:]}"


def elided(left: str, right: str) -> tuple[str, str]:
    """Leave out what two texts have in common, but a few words around each difference."""
    shortest = min(len(left), len(right))
    start = _common(left, right, shortest)
    end = _common(left[start:][::-1], right[start:][::-1], shortest - start)
    start = _back(left, start)
    until = (_forth(left, len(left) - end), _forth(right, len(right) - end))
    return _cut(left, start, until[0], right[start : until[1]]), _cut(
        right, start, until[1], left[start : until[0]]
    )


def _cut(text: str, start: int, end: int, other: str) -> str:
    before, after = "... " if start else "", " ..." if end < len(text) else ""
    return f"{before}{clipped(_hunks(text[start:end], other)).strip(' ')}{after}"


def _hunks(text: str, other: str) -> str:
    """Leave long equal runs inside a text out as well, where it is short enough to compare."""
    words, others = text.split(" "), other.split(" ")
    if len(text) <= WIDTH // 2 or max(len(words), len(others)) > _WORDS:
        return text
    kept: list[str] = []
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        run = words[start:end]
        if tag == "equal" and len(run) > 2 * CONTEXT_WORDS + 2:
            run = [*run[:CONTEXT_WORDS], "...", *run[-CONTEXT_WORDS:]]
        kept += run
    return " ".join(kept)


def _common(left: str, right: str, most: int) -> int:
    """The length of the common beginning, by bisection: comparing slices costs next to nothing."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            most = middle - 1
    return low


def _back(text: str, start: int) -> int:
    """Move to the left over a few words; in a text without spaces over a few characters."""
    floor = max(0, start - _CONTEXT)
    if floor == 0 and text[:start].count(" ") <= CONTEXT_WORDS:
        return 0
    place = start
    for _ in range(CONTEXT_WORDS + 1):
        space = text.rfind(" ", floor, place)
        if space < 0:
            break
        place = space
    return place + 1 if place < start else max(0, start - _CONTEXT // 2)


def _forth(text: str, end: int) -> int:
    ceiling = min(len(text), end + _CONTEXT)
    if ceiling == len(text) and text[end:].count(" ") <= CONTEXT_WORDS:
        return len(text)
    place = end
    for _ in range(CONTEXT_WORDS + 1):
        space = text.find(" ", place + 1, ceiling)
        if space < 0:
            break
        place = space
    return place if place > end else min(len(text), end + _CONTEXT // 2)
