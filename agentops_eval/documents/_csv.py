"""CSV, read strictly: rows by the names of their columns, with their lines. Cells are texts.

A column ``name:json`` holds JSON.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from agentops_eval.documents._document import shown
from agentops_eval.documents._json import json_value
from agentops_eval.documents._kind import DocumentKind
from agentops_eval.domain import AgentopsError, Json

_JSON = ":json"
_QUOTED = 'quote a cell that holds the separator or a line break: "Hello, you"'


def csv_rows(text: str, name: str, kind: DocumentKind[AgentopsError]) -> list[tuple[int, dict[str, Json]]]:
    """The rows with their lines, by the names of their columns; empty cells and rows are left out.

    The separator is the comma, else the semicolon or the tab, whichever the head has. Raises
    the kind's error.
    """
    head, _, _ = text.partition("\n")
    separator = next((sign for sign in ",;\t" if sign in head), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] = []
    rows, line = [], 1
    try:
        for cells in reader:
            if not columns:
                columns = _columns(cells, name, kind)
            elif any(cells):
                rows.append((line, _row(columns, cells, name, kind, line)))
            line = reader.line_num + 1
    except csv.Error as error:
        what = f"the file is not CSV: {error}"
        raise kind.unreadable(name, what, line=reader.line_num, remedy=_QUOTED) from None
    return rows


def _columns(cells: Sequence[str], name: str, kind: DocumentKind[AgentopsError]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    bare = [column.removesuffix(_JSON) for column in columns if column]
    twice = [column for column in dict.fromkeys(bare) if bare.count(column) > 1]
    if twice:
        raise kind.unreadable(
            name, f"the column {shown(twice[0])} is there twice", line=1, remedy="leave one of them"
        )
    return columns


def _row(
    columns: Sequence[str], cells: Sequence[str], name: str, kind: DocumentKind[AgentopsError], line: int
) -> dict[str, Json]:
    if len(cells) > len(columns):
        what = f"the row has {len(cells)} cells, and there are {len(columns)} columns"
        raise kind.unreadable(name, what, line=line, remedy=_QUOTED)
    row: dict[str, Json] = {}
    for column, cell in zip(columns, cells, strict=False):
        if not cell:
            continue
        if not column:
            what = f"the cell {shown(cell)} stands in a column without a name"
            raise kind.unreadable(name, what, line=line, remedy="give the column a name in the first line")
        bare = column.removesuffix(_JSON)
        row[bare] = cell if bare == column else json_value(cell, name, kind, line=line)
    return row
