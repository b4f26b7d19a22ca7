"""CSV: a scenario a row, or a row of variables. Cells are texts; a column ``name:json`` holds JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from agentops_eval.domain import Json
from agentops_eval.evals.suites._document import Document, Place, shown, unreadable
from agentops_eval.evals.suites._json import cell_json

_JSON = ":json"
_MAPPINGS = frozenset({"expect", "segments", "variables", "parameters", "budget", "user", "world", "state"})
_NUMBERS = frozenset({"repeat", "timeout_s"})
_QUOTED = 'quote a cell that holds the separator or a line break: "Hello, you"'


def read_csv(text: str, name: str) -> Document:
    """The scenarios of a table. Raises ScenarioInvalid with the line.

    ``expect.tools`` is an entry of ``expect``, ``expect.budget.cost_usd`` an argument of one; empty cells say
    nothing.
    """
    rows = csv_rows(text, name)
    scenarios: list[Json] = [_scenario(row, name, line) for line, row in rows]
    lines = [line for line, _ in rows]

    def line_of(place: Place) -> int:
        index = place[1] if len(place) > 1 else None
        return lines[index] if isinstance(index, int) and index < len(lines) else 1

    return Document(name=name, value={"scenarios": scenarios}, line_of=line_of)


def csv_rows(text: str, name: str) -> list[tuple[int, dict[str, Json]]]:
    """The rows with their lines, by the names of their columns; empty cells and rows are left out.

    The separator is the comma, else the semicolon or the tab, whichever the head has. Raises
    ScenarioInvalid.
    """
    head, _, _ = text.partition("\n")
    separator = next((sign for sign in ",;\t" if sign in head), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] = []
    rows, line = [], 1
    try:
        for cells in reader:
            if not columns:
                columns = _columns(cells, name)
            elif any(cells):
                rows.append((line, _row(columns, cells, name, line)))
            line = reader.line_num + 1
    except csv.Error as error:
        what = f"the file is not CSV: {error}"
        raise unreadable(name, what, line=reader.line_num, remedy=_QUOTED) from None
    return rows


def _columns(cells: Sequence[str], name: str) -> list[str]:
    columns = [cell.strip() for cell in cells]
    bare = [column.removesuffix(_JSON) for column in columns if column]
    twice = [column for column in dict.fromkeys(bare) if bare.count(column) > 1]
    if twice:
        raise unreadable(
            name, f"the column {shown(twice[0])} is there twice", line=1, remedy="leave one of them"
        )
    return columns


def _row(columns: Sequence[str], cells: Sequence[str], name: str, line: int) -> dict[str, Json]:
    if len(cells) > len(columns):
        what = f"the row has {len(cells)} cells, and there are {len(columns)} columns"
        raise unreadable(name, what, line=line, remedy=_QUOTED)
    row: dict[str, Json] = {}
    for column, cell in zip(columns, cells, strict=False):
        if not cell:
            continue
        if not column:
            what = f"the cell {shown(cell)} stands in a column without a name"
            raise unreadable(name, what, line=line, remedy="give the column a name in the first line")
        bare = column.removesuffix(_JSON)
        row[bare] = cell if bare == column else cell_json(cell, name, line)
    return row


def _scenario(row: Mapping[str, Json], name: str, line: int) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for column, value in row.items():
        field, _, inner = column.partition(".")
        if inner and field in _MAPPINGS:
            # The name of a user's own evaluator has dots itself.
            parts = [field, inner] if ":" in inner else column.split(".")
            _set(made, parts, value, name, line)
        elif column == "tags" and isinstance(value, str):
            made[column] = [tag for tag in value.replace(",", " ").replace(";", " ").split() if tag]
        elif column in _NUMBERS and isinstance(value, str):
            made[column] = cell_json(value, name, line) if value.replace(".", "").isdigit() else value
        else:
            made[column] = value
    return made


def _set(made: dict[str, Json], parts: Sequence[str], value: Json, name: str, line: int) -> None:
    *outer, last = parts
    found = made
    for part in outer:
        inner = found.setdefault(part, {})
        if not isinstance(inner, dict):
            raise _both(parts, name, line)
        found = inner
    if last in found:
        raise _both(parts, name, line)
    found[last] = value


def _both(parts: Sequence[str], name: str, line: int) -> Exception:
    column = ".".join(parts)
    what = f"the column {shown(column)} and one above or below it both have a value"
    return unreadable(name, what, line=line, remedy="leave one of both cells empty")
