"""Service levels as they may be shown: a name of a tool, an llm or a team may hold a secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agentops_eval.traces._normal import TextRedactor
from agentops_eval.traces.levels._model import Row, ServiceLevels


def without_secrets(levels: ServiceLevels, redactor: TextRedactor) -> ServiceLevels:
    """The levels with their names as one document without secrets; the numbers stay."""
    names = list(dict.fromkeys(_names(levels)))
    made = redactor.json([*names])
    assert isinstance(made, list)
    clean = dict(zip(names, map(str, made), strict=True))
    unpriced: dict[str, int] = {}
    for name, count in levels.unpriced.items():
        unpriced[clean[name]] = unpriced.get(clean[name], 0) + count
    return replace(
        levels,
        tools=tuple(replace(tool, name=clean[tool.name]) for tool in levels.tools),
        groups={by: tuple(_row(row, clean) for row in rows) for by, rows in levels.groups.items()},
        unpriced=unpriced,
    )


def _names(levels: ServiceLevels) -> Iterator[str]:
    yield from (tool.name for tool in levels.tools)
    yield from (row.value for rows in levels.groups.values() for row in rows if row.value is not None)
    yield from levels.unpriced


def _row(row: Row, clean: dict[str, str]) -> Row:
    return row if row.value is None else replace(row, value=clean[row.value])
