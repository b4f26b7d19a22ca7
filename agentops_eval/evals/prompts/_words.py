"""Two texts word by word, and the places that differ with a few words around them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

CONTEXT_WORDS = 6
"""Equal words that are shown on each side of a difference."""

_CONTEXT_CHARACTERS = 120
_TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
_WORD = re.compile(r"\w+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_SLIDES, _REACH = 200, 4_000
_MOST_CELLS = 2_000_000_000
"""Tokens of one text times those of the other; beyond, lines are compared. It is 250 MB of bits."""


class PieceKind(StrEnum):
    """Whether a piece stands in both texts or in one of them."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of two texts."""

    kind: PieceKind
    text: str

    @property
    def words(self) -> int:
        """How many words it holds."""
        return sum(1 for _ in _WORD.finditer(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One place that differs. ``line`` is the line of the new text on which it begins, from 1.

    ``before`` and ``after`` say whether equal text of the same line was left out on that side.
    """

    line: int
    pieces: tuple[Piece, ...]
    before: bool
    after: bool


def compare_words(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts in their order; empty where the texts are equal.

    What is the same or removed makes up the one text, what is the same or added the other. The most
    words that are common in their order are the same, except for stray ones inside a longer change.
    """
    if before == after:
        return ()
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if not _small(*_middle(old, new)):
        old, new = _LINE.findall(before), _LINE.findall(after)
    return tuple(_pieces(_slid(_cleaned(_changes(old, new)))))


def hunks(pieces: Sequence[Piece], *, context: int = CONTEXT_WORDS) -> tuple[Hunk, ...]:
    """The places that differ, each with up to ``context`` equal words of the same line around it."""
    changed = [number for number, piece in enumerate(pieces) if piece.kind is not PieceKind.SAME]
    groups: list[list[int]] = []
    for number in changed:
        between = pieces[groups[-1][-1] + 1 : number] if groups else ()
        near = all(_joins(one, context) for one in between)
        if groups and near:
            groups[-1].append(number)
        else:
            groups.append([number])
    new = (piece.text.count("\n") if piece.kind is not PieceKind.REMOVED else 0 for piece in pieces)
    lines = list(accumulate(new, initial=1))
    return tuple(_hunk(pieces, group[0], group[-1] + 1, context, lines[group[0]]) for group in groups)


def _joins(between: Piece, context: int) -> bool:
    """Whether two differences with this between them are shown as one place."""
    words = between.words
    other_line = words > 0 and "\n" in between.text
    return not other_line and words <= 2 * context and len(between.text) <= 2 * _CONTEXT_CHARACTERS


def _hunk(pieces: Sequence[Piece], start: int, end: int, context: int, line: int) -> Hunk:
    # Two changes that touch have no equal text between them, so that one neighbour is enough.
    left, right = pieces[start - 1 : start] if start else (), pieces[end : end + 1]
    tail = _tail(left[0].text, context) if left else ""
    head = _head(right[0].text, context) if right else ""
    shown = [Piece(kind=PieceKind.SAME, text=text) if text else None for text in (tail, head)]
    inner = (shown[0], *pieces[start:end], shown[1])
    return Hunk(
        line=line,
        pieces=tuple(piece for piece in inner if piece is not None),
        before=bool(left) and len(tail) < len(_last_line(left[0].text)),
        after=bool(right) and len(head) < len(_first_line(right[0].text)),
    )


def _tail(text: str, words: int) -> str:
    """The end of a text's last line, from so many words before its end."""
    line = _last_line(text)
    starts = [found.start() for found in _WORD.finditer(line)]
    return (line if len(starts) <= words else line[starts[-words] :])[-_CONTEXT_CHARACTERS:]


def _head(text: str, words: int) -> str:
    line = _first_line(text)
    ends = [found.end() for found in _WORD.finditer(line)]
    return (line if len(ends) <= words else line[: ends[words - 1]])[:_CONTEXT_CHARACTERS]


def _last_line(text: str) -> str:
    return text[text.rfind("\n") + 1 :]


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


# -- what changed -----------------------------------------------------------------------------

_Change = tuple[str, str, str]
"""What is the same, and behind it what was removed and what was added."""


def _middle(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many tokens of each lie between the common beginning and the common end."""
    shortest, start = min(len(old), len(new)), 0
    while start < shortest and old[start] == new[start]:
        start += 1
    end = 0
    while end < shortest - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return len(old) - start - end, len(new) - start - end


def _small(old: int, new: int) -> bool:
    return old * new <= _MOST_CELLS


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    """The changes in their order, the last of which may change nothing."""
    same, removed, added = "", "", ""
    for equal, one, other in _runs(old, new):
        if equal and (removed or added):
            yield same, removed, added
            same, removed, added = "", "", ""
        if equal:
            same += one
        else:
            removed, added = removed + one, added + other
    yield same, removed, added


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    if not _small(*_middle(old, new)):
        yield False, "".join(old), "".join(new)
        return
    from rapidfuzz.distance import Indel

    # Numbers instead of words: hashes of words could be the same by accident.
    numbers: dict[str, int] = {}
    left = [numbers.setdefault(token, len(numbers)) for token in old]
    right = [numbers.setdefault(token, len(numbers)) for token in new]
    for code in Indel.opcodes(left, right):
        one = "".join(old[code.src_start : code.src_end])
        yield code.tag == "equal", one, "".join(new[code.dest_start : code.dest_end])


def _cleaned(changes: Iterable[_Change]) -> list[_Change]:
    """A few equal letters between longer changes make no sense to a reader: they are changed too."""
    kept: list[_Change] = []
    for same, removed, added in changes:
        change: _Change = (same, removed, added)
        while kept and (change[1] or change[2]) and _stray(change[0], kept[-1], change):
            before = kept.pop()
            change = (before[0], before[1] + change[0] + change[1], before[2] + change[0] + change[2])
        kept.append(change)
    return kept


def _stray(same: str, before: _Change, behind: _Change) -> bool:
    if "\n" in same:
        return False
    least = min(max(len(one[1]), len(one[2])) for one in (before, behind))
    return not same.strip() or len(same) <= least


def _slid(changes: list[_Change]) -> list[_Change]:
    """What was only added or only removed may often stand a little further on, or back, and mean the same.

    Of these places the one is taken that a person would name: whole lines, else whole beginnings of lines.
    """
    kept = list(changes)
    for number, (_, removed, added) in enumerate(changes):
        if bool(removed) == bool(added) or number + 1 == len(kept):
            continue
        behind = kept[number + 1]
        places = list(_slides(kept[number][0], removed or added, behind[0]))
        before, text, after = max(places, key=lambda place: _sense(*place))
        kept[number] = (before, text if removed else "", text if added else "")
        kept[number + 1] = (after, *behind[1:])
    return kept


def _slides(same: str, text: str, behind: str) -> Iterator[tuple[str, str, str]]:
    """Every place in which a change can stand, the one where it stands first. Equal text stays around it."""
    yield same, text, behind
    far, same = same[:-_REACH], same[-_REACH:]
    behind, beyond = behind[:_REACH], behind[_REACH:]
    for step in (-1, 1):
        before, inner, after = (deque(_TOKEN.findall(one)) for one in (same, text, behind))
        for _ in range(min(len(inner), _MOST_SLIDES)):
            if step < 0 and len(before) > 1 and before[-1] == inner[-1]:
                after.appendleft(inner.pop())
                inner.appendleft(before.pop())
            elif step > 0 and after and after[0] == inner[0]:
                before.append(inner.popleft())
                inner.append(after.popleft())
            else:
                break
            yield far + "".join(before), "".join(inner), "".join(after) + beyond


def _sense(same: str, text: str, behind: str) -> int:
    """How well a change stands there: as whole lines, at one end of a line, between words, or anywhere."""
    starts, ends = not same or same.endswith("\n"), not behind or behind.startswith("\n")
    if (text.startswith("\n") and ends) or (text.endswith("\n") and starts):
        return 3
    if starts or ends:
        return 2
    return int(text[0].isspace() or text[-1].isspace())


def _pieces(changes: Iterable[_Change]) -> Iterator[Piece]:
    kinds = (PieceKind.SAME, PieceKind.REMOVED, PieceKind.ADDED)
    for change in changes:
        for kind, text in zip(kinds, change, strict=True):
            if text:
                yield Piece(kind=kind, text=text)
