"""What a world should hold, held against what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentops_eval.domain import Json, is_condition
from agentops_eval.evals._assign import assigned
from agentops_eval.evals._json_diff import around
from agentops_eval.evals._paths import EVERY, Path, spelled
from agentops_eval.evals._verdicts import shown
from agentops_eval.evals.conditions import Condition, condition_of
from agentops_eval.traces import same

Extent: TypeAlias = Literal["subset", "exact"]
Scalar: TypeAlias = "str | int | float"
WORDS = frozenset({"absent", "exists", "count"})
"""What may stand for a value as a mapping of one key, besides the words of conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Whether other rows, and other fields than those that are named, may be there."""

    rows: Extent = "subset"
    fields: Extent = "subset"


_MISSING = object()


def mismatches(wanted: Json, found: Json, rules: Rules, path: Path = ()) -> Iterator[str]:
    """One line for each place in which a world is not as it should be.

    Cases: a word; a condition; a mapping, field by field; rows, in any order; anything else is equal.
    """
    word = _word(wanted, found)
    condition = None if word is not None else _condition(wanted, found, path)
    if word is not None:
        yield from _by_word(*word, found, path)
    elif condition is not None:
        if not condition.holds(found):
            yield condition.why(found, _place(path))
    elif isinstance(wanted, Mapping) and isinstance(found, Mapping):
        yield from _fields(wanted, found, rules, path)
    elif _is_rows(wanted) and isinstance(found, (list, tuple)):
        yield from _rows(wanted, found, rules, path)
    elif not same(wanted, found):
        one, other = around(wanted, found)
        yield f"{_place(path)} is {other} where {one} is expected"


def holds(wanted: Json, found: Json, rules: Rules, path: Path = ()) -> bool:
    """Whether there is no mismatch."""
    return next(mismatches(wanted, found, rules, path), None) is None


def _word(wanted: Json, found: object) -> tuple[str, Json] | None:
    """A word and what stands behind it; a field of that name in the world goes before."""
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        return None
    ((word, value),) = wanted.items()
    there = isinstance(found, Mapping) and word in found
    return (word, value) if word in WORDS and not there else None


def _condition(wanted: Json, found: object, path: Path) -> Condition | None:
    """The same for conditions, whose words are those of tools' arguments."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping) and wanted.keys() & found.keys():
        return None
    return condition_of(wanted, _place(path))


def refuse_unmeant(wanted: Json, path: Path = ()) -> None:
    """Raise ValueError, with its path, for a condition within an expectation that cannot be meant."""
    parts: Iterable[tuple[str | int, Json]] = ()
    if isinstance(wanted, Mapping):
        parts = wanted.items()
    elif isinstance(wanted, (list, tuple)):
        parts = enumerate(wanted)
    for name, value in parts:
        inner = (*path, name)
        if _word(value, None) is not None or condition_of(value, _place(inner)) is None:
            refuse_unmeant(value, inner)


def _place(path: Path) -> str:
    return spelled(path) or "the state"


def _by_word(word: str, value: Json, found: object, path: Path) -> Iterator[str]:
    place = _place(path)
    if word in {"absent", "exists"}:
        wanted = (word == "exists") is (value is not False)
        if wanted and found is _MISSING:
            yield f"{place} is not there"
        elif not wanted and found is not _MISSING:
            yield f"{place} is there, and should not be: {shown(found)}"  # type: ignore[arg-type]  # it is JSON here
    elif found is _MISSING:
        yield f"{place} is not there"
    else:
        number = len(found) if isinstance(found, (list, tuple, Mapping)) else None
        if number != value:
            held = "nothing that is counted" if number is None else str(number)
            yield f"{place} holds {held} where {shown(value)} are expected"


def _fields(wanted: Mapping[str, Json], found: Mapping[str, Json], rules: Rules, path: Path) -> Iterator[str]:
    for name, value in wanted.items():
        inner = (*path, name)
        if name in found:
            yield from mismatches(value, found[name], rules, inner)
        elif (word := _word(value, _MISSING)) is not None:
            yield from _by_word(*word, _MISSING, inner)
        elif (condition := _condition(value, _MISSING, inner)) is not None:
            if not condition.may_lack:
                yield f"{spelled(inner)} is not there: it should be {condition.wanted()}"
        else:
            yield f"{spelled(inner)} is not there: {shown(value)} is expected"
    if rules.fields == "exact" and path:  # which tables there are is not meant by it
        yield from (
            f"{spelled((*path, name))} is not expected: {shown(found[name])}"
            for name in found
            if name not in wanted
        )


# -- rows -----------------------------------------------------------------------------------------


def _is_rows(value: Json) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _rows(wanted: Json, found: Sequence[Json], rules: Rules, path: Path) -> Iterator[str]:
    """Each wanted row has one of its own among those that are there, whatever their order."""
    assert isinstance(wanted, (list, tuple))
    index = _Index(found)
    fits = [index.fitting(row, rules, (*path, EVERY)) for row in wanted]
    given = assigned(fits)
    place = _place(path)
    free = [row for number, row in enumerate(found) if number not in given]
    for row, number, fitting in zip(wanted, given, fits, strict=True):
        if number is None:
            again = f" but {len(fitting)}" if fitting else ""
            yield f"{place} has no{again and ' other'} row {shown(row)}{_nearest(row, free, rules)}"
    if rules.rows == "exact":
        yield from (f"{place} has a row that is not expected: {shown(row)}" for row in free)


def _is_plain(row: Json) -> bool:
    return not is_condition(row) and _word(row, None) is None


class _Index:
    """The rows of a table, found by one field so that each is not compared with each."""

    def __init__(self, rows: Sequence[Json]) -> None:
        self._rows = rows
        self._by_field: dict[str, dict[Scalar, list[int]]] = {}

    def fitting(self, row: Json, rules: Rules, path: Path) -> list[int]:
        """The numbers of the rows that fit."""
        return [number for number in self._near(row) if holds(row, self._rows[number], rules, path)]

    def _near(self, row: Json) -> Sequence[int]:
        """Those that agree in the first plain field; all of them where a word stands for the row."""
        assert isinstance(row, Mapping)
        for name, value in row.items() if _is_plain(row) else ():
            if isinstance(value, (str, int, float)):
                return self._field(name).get(value, ())
        return range(len(self._rows))

    def _field(self, name: str) -> Mapping[Scalar, list[int]]:
        if name not in self._by_field:
            found: dict[Scalar, list[int]] = {}
            for number, row in enumerate(self._rows):
                value = row.get(name) if isinstance(row, Mapping) else None
                if isinstance(value, (str, int, float)):
                    found.setdefault(value, []).append(number)
            self._by_field[name] = found
        return self._by_field[name]


def _nearest(row: Json, found: Sequence[Json], rules: Rules) -> str:
    """How the row that comes nearest differs: one that agrees in the first field, then in most fields."""
    assert isinstance(row, Mapping)
    best: tuple[tuple[bool, int], Mapping[str, Json]] | None = None
    for one in found:
        if isinstance(one, Mapping):
            agreeing = [same(value, one.get(key, _MISSING)) for key, value in row.items()]
            rank = (agreeing[:1] == [True], sum(agreeing))
            if rank[1] and (best is None or rank > best[0]):
                best = (rank, one)
    if best is None:
        return ""
    return f"; the nearest: {'; '.join([*mismatches(row, best[1], rules)][:3])}"
