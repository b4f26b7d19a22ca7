"""What a world should hold, held against what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agentops_eval.domain import Json
from agentops_eval.evals._assign import assigned
from agentops_eval.evals._json_diff import around
from agentops_eval.evals._paths import Path, spelled
from agentops_eval.evals._verdicts import shown
from agentops_eval.traces import same

Extent: TypeAlias = Literal["subset", "exact"]
WORDS = frozenset({"absent", "exists", "contains", "count"})
"""What may stand for a value as a mapping of one key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Whether other rows, and other fields than those that are named, may be there."""

    rows: Extent = "subset"
    fields: Extent = "subset"


_MISSING = object()


def mismatches(wanted: Json, found: Json, rules: Rules, path: Path = ()) -> Iterator[str]:
    """One line for each place in which a world is not as it should be.

    Cases: a word; a mapping, field by field; rows, in any order; anything else is equal.
    """
    word = _word(wanted, found)
    if word is not None:
        yield from _by_word(*word, found, path)
    elif isinstance(wanted, Mapping) and isinstance(found, Mapping):
        yield from _fields(wanted, found, rules, path)
    elif _is_rows(wanted) and isinstance(found, (list, tuple)):
        yield from _rows(wanted, found, rules, path)
    elif not same(wanted, found):
        one, other = around(wanted, found)
        yield f"{spelled(path) or 'the state'} is {other} where {one} is expected"


def holds(wanted: Json, found: Json, rules: Rules) -> bool:
    """Whether there is no mismatch."""
    return next(mismatches(wanted, found, rules), None) is None


def _word(wanted: Json, found: object) -> tuple[str, Json] | None:
    """A word and what stands behind it; a field of that name in the world goes before."""
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        return None
    ((word, value),) = wanted.items()
    there = isinstance(found, Mapping) and word in found
    return (word, value) if word in WORDS and not there else None


def _by_word(word: str, value: Json, found: object, path: Path) -> Iterator[str]:
    place = spelled(path) or "the state"
    if word in {"absent", "exists"}:
        wanted = (word == "exists") is (value is not False)
        if wanted and found is _MISSING:
            yield f"{place} is not there"
        elif not wanted and found is not _MISSING:
            yield f"{place} is there, and should not be: {shown(found)}"  # type: ignore[arg-type]  # it is JSON here
    elif found is _MISSING:
        yield f"{place} is not there"
    elif word == "count":
        number = len(found) if isinstance(found, (list, tuple, Mapping)) else None
        if number != value:
            held = "nothing that is counted" if number is None else str(number)
            yield f"{place} holds {held} where {shown(value)} are expected"
    elif not isinstance(found, str) or not isinstance(value, str) or value not in found:
        yield f"{place} does not hold {shown(value)}: {shown(found)}"  # type: ignore[arg-type]  # it is JSON here


def _fields(wanted: Mapping[str, Json], found: Mapping[str, Json], rules: Rules, path: Path) -> Iterator[str]:
    for name, value in wanted.items():
        inner = (*path, name)
        if name in found:
            yield from mismatches(value, found[name], rules, inner)
        elif (word := _word(value, _MISSING)) is not None:
            yield from _by_word(*word, _MISSING, inner)
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
    fits = [_fitting(row, found, rules) for row in wanted]
    given = assigned(fits)
    place = spelled(path) or "the state"
    free = [row for number, row in enumerate(found) if number not in given]
    for row, number, fitting in zip(wanted, given, fits, strict=True):
        if number is None:
            again = f" but {len(fitting)}" if fitting else ""
            yield f"{place} has no{again and ' other'} row {shown(row)}{_nearest(row, free, rules)}"
    if rules.rows == "exact":
        yield from (f"{place} has a row that is not expected: {shown(row)}" for row in free)


def _fitting(row: Json, found: Sequence[Json], rules: Rules) -> list[int]:
    """The rows that fit. A plain field that differs settles it without looking at the rest."""
    assert isinstance(row, Mapping)
    plain = [(key, value) for key, value in row.items() if isinstance(value, (str, int, float, bool))]
    return [
        number
        for number, one in enumerate(found)
        if isinstance(one, Mapping)
        and all(same(value, one.get(key, _MISSING)) for key, value in plain)
        and holds(row, one, rules)
    ]


def _nearest(row: Json, found: Sequence[Json], rules: Rules) -> str:
    """How the row that comes nearest differs: the one that agrees in most fields, the first field before."""
    assert isinstance(row, Mapping)
    best: tuple[int, Mapping[str, Json]] | None = None
    for one in found:
        if isinstance(one, Mapping):
            agreeing = sum(same(value, one.get(key, _MISSING)) for key, value in row.items())
            if agreeing and (best is None or agreeing > best[0]):
                best = (agreeing, one)
    if best is None:
        return ""
    return f"; the nearest: {'; '.join([*mismatches(row, best[1], rules)][:3])}"
