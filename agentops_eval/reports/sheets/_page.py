"""Sheets as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.domain import Piece, Say, Sheet, SheetLine, SheetPart
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._text import one_line
from agentops_eval.reports.sheets._markdown import Href, address

MOST_SHEETS = 500
_TEXT, _COMMAND = 600, 2_000
_GLYPHS = {"good": "\u2713", "bad": "\u25bc", "open": "\u25cb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    say: str
    text: str
    href: str = ""


def sheets_html(sheets: Sequence[Sheet], *, title: str, headline: str, tone: str, href: Href = str) -> str:
    """The sheets on one page, each with an address of its own; of several a list leads to each.

    What agents and llms wrote is text to this page, whatever it says. The page forbids itself to load
    anything, and to run anything but its own script.
    """
    shown = [_sheet(sheet, href) for sheet in sheets[:MOST_SHEETS]]
    return page_of(
        "sheets.html.j2",
        styles=["style.css", "sheets.css"],
        scripts=["theme.js", "ready.js"],
        title=one_line(title, 200),
        headline=one_line(headline, 400),
        tone=tone,
        glyph=_GLYPHS[tone],
        sheets=shown,
        more=max(len(sheets) - MOST_SHEETS, 0),
    )


def _sheet(sheet: Sheet, href: Href) -> dict[str, object]:
    parts = list(sheet.parts)
    title: list[_Piece] = [_Piece(say="words", text=one_line(sheet.title, _TEXT))] if sheet.title else []
    opening: SheetPart | None = None
    if not title and parts:  # the first part's first line is the title
        opening = parts.pop(0)
        title = _line(opening.lines[0], href)
    return {
        "id": sheet.id,
        "tone": sheet.tone,
        "title": title,
        "headline": one_line(sheet.headline, _TEXT),
        "facts": [(one_line(name, 80), one_line(told, 80)) for name, told in sheet.facts],
        "opening": [] if opening is None else [_line(one, href) for one in opening.lines[1:]],
        "parts": [_part(part, href) for part in parts],
    }


def _part(part: SheetPart, href: Href) -> dict[str, object]:
    table = part.table
    return {
        "id": part.id,
        "title": one_line(part.title, 200),
        "ordered": part.ordered,
        "lines": [_line(line, href) for line in part.lines],
        "head": [] if table is None else table.head,
        "right": frozenset() if table is None else table.right,
        "rows": [] if table is None else [[_line(cell, href) for cell in row] for row in table.rows],
        "more": 0 if table is None else table.more,
    }


def _line(line: SheetLine, href: Href) -> list[_Piece]:
    return [_piece(piece, href) for piece in line if piece.text]


def _piece(piece: Piece, href: Href) -> _Piece:
    limit = _COMMAND if piece.say is Say.COMMAND else _TEXT
    text = one_line(piece.text, limit)
    if piece.say is Say.WORDS:  # a line's pieces keep their distance
        text = f"{' ' if piece.text[:1] == ' ' else ''}{text}{' ' if piece.text[-1:] == ' ' and text else ''}"
    leads = address(href(piece.href)) if piece.say is Say.LINK and piece.href else ""
    return _Piece(say=piece.say.value, text=text, href=leads)
