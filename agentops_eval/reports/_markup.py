"""Markdown that nothing an agent wrote can break out of, within a bound that holds for every input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agentops_eval.reports._text import one_line

# Character references cannot stand for marks of Markdown's structure (CommonMark, section 2.5).
_MARKS = re.compile(
    r"[\\`*\[\]<>#+|~@$^]|&(?=[#\w])|:(?=/|[\w+-]+:)|(?<![^\W_])_|_(?![^\W_])|^=|{(?=[{%])|(?<=www)\.",
    re.IGNORECASE,
)
_OPENS_LIST = re.compile(r"^(?:-|\d(?=\d*[.)]))")
# Of these GitHub makes mentions, links to issues and links to places, after Markdown is done.
_LINKED = re.compile(r"[@#]|://|www\.|\bgh-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
LONGEST_CELL = 240
_CLOSING = 200


def code(text: str, limit: int = LONGEST_CELL) -> str:
    """A text of whoever as code in one line: GitHub looks for no mention, issue or link in it."""
    shown = _escaped(one_line(text, limit))
    return f"<code>{shown}</code>" if shown else ""


def words(text: str, limit: int = LONGEST_CELL) -> str:
    """A text of ours, with names of the user's in it; as code where something in it could become a link."""
    shown = one_line(text, limit)
    if _LINKED.search(shown):
        return code(text, limit)
    return _OPENS_LIST.sub(lambda match: f"&#{ord(match[0])};", _escaped(shown))


def _escaped(text: str) -> str:
    return _MARKS.sub(lambda match: f"&#{ord(match[0])};", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table under a heading. Cells are Markdown already; ``folded`` hides it until asked for."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = field(default_factory=frozenset)
    folded: bool = False


def document(opening: str, sections: Iterable[Section], closing: str, *, limit: int, most: int) -> str:
    """All of it in at most ``limit`` characters: later rows are left out and counted, never cut.

    A section shows at most ``most`` rows, and leaves room for the headings of those behind it.
    """
    shown = [section for section in sections if section.rows]
    text = opening
    for at, section in enumerate(shown):
        room = limit - len(text) - len(closing) - _CLOSING * (len(shown) - at - 1)
        text += _section(section, room, most)
    return (text + closing)[:limit]


def _section(section: Section, room: int, most: int) -> str:
    count = len(section.rows)
    if section.folded:
        start = f"\n<details><summary>{section.title} ({count})</summary>\n\n"
        end = "\n</details>\n"
    else:
        start, end = f"\n#### {section.title} ({count})\n\n", ""
    marks = ["---:" if at in section.right else "---" for at in range(len(section.head))]
    table = f"{_row(section.head)}{_row(marks)}"
    if room < len(start) + len(table) + len(end) + _CLOSING:
        return f"\n{section.title}: {count}, left out here.\n" if room > _CLOSING // 2 else ""
    left, body = room - len(start) - len(table) - len(end) - _CLOSING // 2, ""
    shown = 0
    for cells in section.rows[:most]:
        line = _row(cells)
        if len(body) + len(line) > left:
            break
        body += line
        shown += 1
    more = f"\nand {count - shown} more, in the whole report\n" if shown < count else ""
    return f"{start}{table}{body}{more}{end}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
