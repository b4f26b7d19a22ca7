"""Texts in few characters, safe to print: cut, quoted, or two of them without what they share."""

from __future__ import annotations

import json
from difflib import SequenceMatcher

from agentops_eval.traces._text import printable

WIDTH = 200
"""Characters of one text that are shown at most, if nothing else is said."""

LONG_TEXT = 60
CONTEXT_WORDS = 3
_CONTEXT = 40
_WORDS = 300


def quoted(text: str) -> str:
    """Put text between quotes, what a terminal would obey or hide escaped."""
    return printable(json.dumps(text, ensure_ascii=False))


def clipped(text: str, width: int = WIDTH) -> str:
    """Cut the middle out of a long text and say how much was cut."""
    if len(text) <= width:
        return text
    head, tail = width * 2 // 3, width // 4
    return f"{text[:head]} ... ({len(text) - head - tail} characters) ... {text[-tail:]}"


def elide_text(left: str, right: str, *, width: int = WIDTH) -> tuple[str, str]:
    """Both texts between quotes: short ones whole, long ones a few words around each difference."""
    if max(len(left), len(right)) <= LONG_TEXT:
        return quoted(left), quoted(right)
    shortest = min(len(left), len(right))
    start = _common(left, right, shortest)
    end = _common(left[start:][::-1], right[start:][::-1], shortest - start)
    start = _back(left, start)
    until = (_forth(left, len(left) - end), _forth(right, len(right) - end))
    one, other = left[start : until[0]], right[start : until[1]]
    before = "... " if start else ""
    after = [" ..." if stop < len(text) else "" for stop, text in zip(until, (left, right), strict=True)]
    return (
        quoted(f"{before}{clipped(_hunks(one, other, width), width).strip(' ')}{after[0]}"),
        quoted(f"{before}{clipped(_hunks(other, one, width), width).strip(' ')}{after[1]}"),
    )


def _hunks(text: str, other: str, width: int) -> str:
    """Leave long equal runs inside a text out as well, where it is short enough to compare."""
    words, others = text.split(" "), other.split(" ")
    if len(text) <= width // 2 or max(len(words), len(others)) > _WORDS:
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
