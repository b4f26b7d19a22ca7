"""Two texts cut into pieces that are equal and pieces that are not; long equal pieces elided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from agentops_eval.traces._elide import ELIDED

MAX_WORDS = 250
MAX_PIECE = 4_000
KEPT = 120
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether the other text lacks it."""

    text: str
    differs: bool = False


def marked(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, word by word where the differing stretch is short, else as one stretch."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    shorter = min(len(left), len(right))
    start = 0
    while start < shorter and left[start] == right[start]:
        start += 1
    end = 0
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    inner, inner_there = left[start : len(left) - end], right[start : len(right) - end]
    head, tail = "".join(left[:start]), "".join(left[len(left) - end :])
    middle = _words(inner, inner_there)
    return _joined(head, middle[0], tail), _joined(head, middle[1], tail)


def _words(left: Sequence[str], right: Sequence[str]) -> tuple[list[Piece], list[Piece]]:
    if max(len(left), len(right)) > MAX_WORDS:
        return [Piece("".join(left), differs=True)], [Piece("".join(right), differs=True)]
    here: list[Piece] = []
    there: list[Piece] = []
    for op, one, one_end, other, other_end in SequenceMatcher(
        None, left, right, autojunk=False
    ).get_opcodes():
        here.append(Piece("".join(left[one:one_end]), op != "equal"))
        there.append(Piece("".join(right[other:other_end]), op != "equal"))
    return here, there


def _joined(head: str, middle: Sequence[Piece], tail: str) -> list[Piece]:
    """The equal start and end keep what is next to the difference, so that its place can be told."""
    start = head if len(head) <= 2 * KEPT else f"{ELIDED} {head[-KEPT:].partition(' ')[2]}"
    end = tail if len(tail) <= 2 * KEPT else f"{tail[:KEPT].rpartition(' ')[0]} {ELIDED}"
    pieces = [Piece(start), *(_cut(piece) for piece in middle), Piece(end)]
    return [piece for piece in pieces if piece.text]


def _cut(piece: Piece) -> Piece:
    if len(piece.text) <= MAX_PIECE:
        return piece
    return Piece(f"{piece.text[:MAX_PIECE]} {ELIDED}", piece.differs)
