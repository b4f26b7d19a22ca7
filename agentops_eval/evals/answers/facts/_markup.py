"""Text without markup: emphasis, lists, tables and the many kinds of white space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from agentops_eval.evals.answers.facts._model import Fact
from agentops_eval.evals.answers.facts._words import MONTH

BREAK = "\n"
"""Stands between what belongs to different items, rows or paragraphs."""

BLANK = "\x00"
_DIGIT_SPACE = re.compile("(?<=[0-9])[\u00a0\u2007\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_LINK = re.compile(r"\[([^\][]{0,300})\]\(([^()\s]{0,500})\)")
_ITEM = re.compile(
    rf"^\s*(?:[-*+\u2022\u2013]\s+|#{{1,6}}\s+|>\s?|[0-9]{{1,2}}[.)]\s+(?!{MONTH}\b)|\|)", re.IGNORECASE
)
_EMPHASIS = re.compile(r"[*`]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)")
_RULE = re.compile(r"^[\s|:=\-]*$")
_SAME = str.maketrans(
    {
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u00ad": "",
        "\u200b": "",
        "\u2060": "",
        "\ufeff": "",
        "\u2019": "'",
        "\u2018": "'",
        BLANK: " ",
    }
)


def unmarked(text: str) -> str:
    """The text in lines of its own for each item, row and paragraph, with single spaces."""
    text = unicodedata.normalize("NFC", text.translate(_SAME))
    text = _LINK.sub(r"\1 (\2)", _DIGIT_SPACE.sub("", text))
    kept: list[str] = []
    for line in text.splitlines():
        bare = _without_marker(line)
        words = " ".join(_EMPHASIS.sub("", bare).replace("|", " ; ").split())
        if _RULE.fullmatch(words):
            kept.append(BREAK)
        else:
            kept.append((BREAK if bare is not line else " ") + words)
    return "".join(kept).strip()


def _without_marker(line: str) -> str:
    """The line without what makes it an item, a heading, a quotation or a row; else the same object."""
    bare = line
    for _ in range(4):  # "> - **" has several
        match = _ITEM.match(bare)
        if match is None:
            break
        bare = bare[match.end() :]
    return bare


class Paper:
    """A text from which facts are taken away one sort after the other, places kept."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.facts: list[Fact] = []

    def take(self, pattern: re.Pattern[str], make: Callable[[re.Match[str]], Fact | None]) -> None:
        """Take every match that ``make`` makes a fact of."""
        found: list[tuple[int, int]] = []
        for match in pattern.finditer(self.text):
            fact = make(match)
            if fact is not None:
                self.facts.append(fact)
                found.append(match.span())
        parts: list[str] = []
        at = 0
        for start, end in found:
            parts += [self.text[at:start], BLANK * (end - start)]
            at = end
        self.text = "".join([*parts, self.text[at:]])
