"""CSV: a scenario a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.documents import Document, Place, csv_rows, json_value, shown
from agentops_eval.domain import Json
from agentops_eval.evals.suites._kind import SCENARIO_FILE

_MAPPINGS = frozenset({"expect", "segments", "variables", "parameters", "budget", "user", "world", "state"})
_NUMBERS = frozenset({"repeat", "timeout_s"})


def read_csv(text: str, name: str) -> Document:
    """The scenarios of a table. Raises ScenarioInvalid with the line.

    ``expect.tools`` is an entry of ``expect``, ``expect.budget.cost_usd`` an argument of one; empty cells say
    nothing.
    """
    rows = csv_rows(text, name, SCENARIO_FILE)
    scenarios: list[Json] = [_scenario(row, name, line) for line, row in rows]
    lines = [line for line, _ in rows]

    def line_of(place: Place) -> int:
        index = place[1] if len(place) > 1 else None
        return lines[index] if isinstance(index, int) and index < len(lines) else 1

    return Document(name=name, value={"scenarios": scenarios}, line_of=line_of)


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
            made[column] = (
                json_value(value, name, SCENARIO_FILE, line=line)
                if value.replace(".", "").isdigit()
                else value
            )
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
    return SCENARIO_FILE.unreadable(name, what, line=line, remedy="leave one of both cells empty")
