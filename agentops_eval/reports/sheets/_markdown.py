"""A sheet in Markdown. What agents, llms and files said is code in it, and can be nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from agentops_eval.domain import Piece, Say, Sheet, SheetLine, SheetPart, SheetTable
from agentops_eval.reports._markup import code, words
from agentops_eval.reports._text import one_line

_TEXT, _COMMAND, _HREF = 600, 2_000, 500

Href = Callable[[str], str]
"""How the sheet's folder says a path of the project."""


def sheet_markdown(sheet: Sheet, *, href: Href = str) -> str:
    """All of a sheet, its title first."""
    opening = [f"# {words(sheet.title, _TEXT)}"]
    if sheet.headline:
        opening.append(words(sheet.headline, _TEXT))
    if sheet.facts:
        opening.append(" · ".join(f"{words(name, 80)} **{words(told, 80)}**" for name, told in sheet.facts))
    return "\n\n".join([*opening, *(part_markdown(part, href=href) for part in sheet.parts)]) + "\n"


def part_markdown(part: SheetPart, *, href: Href = str) -> str:
    """One part, without a blank line at its ends. One without a title makes its first line the sheet's."""
    blocks = [f"## {words(part.title, 200)}"] if part.title else []
    blocks += _lines(part, href)
    if part.table is not None:
        blocks.append(_table(part.table, href))
    return "\n\n".join(block for block in blocks if block)


def _lines(part: SheetPart, href: Href) -> Iterator[str]:
    """Paragraphs and commands as they come, or a numbered list."""
    told = list(part.lines)
    if not part.title and told:
        yield f"# {_line(told.pop(0), href)}"
    if part.ordered:
        yield "\n".join(f"{number}. {_line(line, href)}" for number, line in enumerate(told, start=1))
        return
    for line in told:
        if len(line) == 1 and line[0].say is Say.COMMAND:
            yield f"```console\n{one_line(line[0].text, _COMMAND)}\n```"
        else:
            yield _line(line, href)


def _line(line: SheetLine, href: Href) -> str:
    return "".join(_piece(piece, href) for piece in line)


def _piece(piece: Piece, href: Href) -> str:
    if piece.say is Say.WORDS:  # as ``words`` would trim it
        inner = words(piece.text, _TEXT)
        before = " " if piece.text[:1] == " " and inner else ""
        after = " " if piece.text[-1:] == " " and inner else ""
        return f"{before}{inner}{after}" if inner else " " if piece.text else ""
    shown = code(piece.text, _COMMAND if piece.say is Say.COMMAND else _TEXT)
    if piece.say is Say.LINK and piece.href and shown:
        return f"[{shown}]({address(href(piece.href))})"
    return shown


def address(path: str) -> str:
    """A path as an address that can be nothing but a path: no scheme, no title, no end of a link."""
    return quote(path[:_HREF].encode("utf-8", "backslashreplace"), safe="/.-_#")


def _table(table: SheetTable, href: Href) -> str:
    marks = ["---:" if at in table.right else "---" for at in range(len(table.head))]
    rows = [[words(name) for name in table.head], marks]
    rows += [[_line(cell, href) for cell in row] for row in table.rows]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    more = [f"\nand {table.more} more"] if table.more else []
    return "\n".join([*lines, *more])
