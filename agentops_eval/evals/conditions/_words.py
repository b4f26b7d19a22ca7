"""The words in which a file says what a value has to be, read into conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agentops_eval.domain import Json, is_condition, misspelt, nearest
from agentops_eval.evals import _say as say
from agentops_eval.evals._linear import linear
from agentops_eval.evals.conditions import _conditions as c
from agentops_eval.evals.conditions._reading import EXACTLY, Reading
from agentops_eval.evals.conditions._structures import Extent, Fields, Items, Unordered

_DEEPEST = 64
_SCALARS = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How an expectation is read: how values are compared, and what objects may hold beside."""

    reading: Reading
    extent: Extent = Extent.EXACT

    def read(self, wanted: Json, path: str, *, depth: int = 0) -> c.Condition:
        """What a value has to be. Raises ValueError, with its path, for what cannot be meant."""
        if depth > _DEEPEST:
            raise ValueError(f"{path} is nested deeper than {_DEEPEST} levels")
        word = misspelt(wanted)
        if word:
            remedy = f"did you mean {word!r}? For the value itself write {{exactly: ...}} around it"
            raise ValueError(f"{path}: {say.value(wanted)} is no condition: {remedy}")
        if isinstance(wanted, Mapping):
            if is_condition(wanted):
                return self._condition(wanted, path, depth)
            return self.fields(wanted, path, depth=depth)
        if isinstance(wanted, (list, tuple)):
            return self.listed(wanted, path, depth=depth, ordered=self.reading.lists == "ordered")
        return c.Is(value=wanted, reading=self.reading)

    def fields(self, wanted: Mapping[str, Json], path: str, *, depth: int = 0) -> Fields:
        """An object field by field, whatever the fields are called."""
        read = {
            name: c.Is(value=inner, reading=self.reading)  # most are, and need no path
            if type(inner) in _SCALARS
            else self.read(inner, c.at(path, name), depth=depth + 1)
            for name, inner in wanted.items()
        }
        return Fields(fields=read, extent=self.extent)

    def listed(self, wanted: Json, path: str, *, depth: int, ordered: bool) -> c.Condition:
        """A list item by item, or in any order."""
        found = c.sequence(wanted) or ()
        items = tuple(self.read(one, c.at(path, number), depth=depth + 1) for number, one in enumerate(found))
        return Items(items=items) if ordered else Unordered(items=items, extent=self.extent)

    def _condition(self, wanted: Mapping[str, Json], path: str, depth: int) -> c.Condition:
        if ("near" in wanted) != ("within" in wanted):
            raise ValueError(f"{path}: near and within stand together: {{near: 59.9, within: 0.01}}")
        place = _Place(self, path, depth)
        found = [
            _near(place, wanted) if word == "near" else _WORDS[word](place, inner)
            for word, inner in wanted.items()
            if word != "within"
        ]
        return found[0] if len(found) == 1 else c.AllOf(of=tuple(found))


@dataclass(frozen=True, slots=True)
class _Place:
    grammar: Grammar
    path: str
    depth: int

    def inner(self, wanted: Json) -> c.Condition:
        return self.grammar.read(wanted, self.path, depth=self.depth + 1)

    def wrong(self, word: str, takes: str, given: Json) -> ValueError:
        shown = say.value(given)
        itself = f"for the value itself write {{exactly: {{{word}: {shown}}}}}"
        return ValueError(f"{self.path}: {word} takes {takes}, not {shown}; {itself}")


def _any_of(place: _Place, given: Json) -> c.Condition:
    found = c.sequence(given)
    if not found:
        raise place.wrong("any_of", "a list of values or conditions", given)
    return c.AnyOf(of=tuple(place.inner(one) for one in found))


def _true(word: str, condition: c.Condition) -> Callable[[_Place, Json], c.Condition]:
    def read(place: _Place, given: Json) -> c.Condition:
        if given is not True:
            raise place.wrong(word, "true", given)
        return condition

    return read


def _exactly(place: _Place, given: Json) -> c.Condition:
    return c.Is(value=given, reading=place.grammar.reading)


def _matches(place: _Place, given: Json) -> c.Condition:
    if not isinstance(given, str):
        raise place.wrong("matches", "a pattern (Python's re)", given)
    try:
        linear(given)
    except ValueError as error:
        raise ValueError(f"{place.path}: matches: {error}") from None
    return c.Matches(pattern=given)


def _contains(place: _Place, given: Json) -> c.Condition:
    found = c.sequence(given)
    parts = tuple(found) if found else (given,)
    if found is not None and not found:
        raise place.wrong("contains", "what is contained, or a list of it", given)
    return c.Contains(parts=parts, reading=place.grammar.reading)


def _between(place: _Place, given: Json) -> c.Condition:
    bounds = c.sequence(given)
    takes = "[low, high], two numbers or two texts, null for no bound"
    if bounds is None or len(bounds) != 2 or list(bounds) == [None, None]:
        raise place.wrong("between", takes, given)
    low, high = bounds
    if (
        not _is_bound(low)
        or not _is_bound(high)
        or (low is not None is not high and not _comparable(low, high))
    ):
        raise place.wrong("between", takes, given)
    condition = c.Between(low=low, high=high)  # type: ignore[arg-type]  # _is_bound says so
    if low is not None and high is not None and not condition.holds(low):
        raise ValueError(f"{place.path}: between {say.value(low)} and {say.value(high)} there is nothing")
    return condition


def _is_bound(value: Json) -> bool:
    return value is None or (isinstance(value, (int, float, str)) and not isinstance(value, bool))


def _comparable(low: Json, high: Json) -> bool:
    return isinstance(low, str) == isinstance(high, str)


def _near(place: _Place, given: Mapping[str, Json]) -> c.Condition:
    of, within = given["near"], given["within"]
    for value in (of, within):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise place.wrong("near", "a number, with within: a number", value)
    assert isinstance(of, (int, float))
    assert isinstance(within, (int, float))
    if within < 0:
        raise ValueError(f"{place.path}: within is {within}, and a distance is not below 0")
    return c.Near(of=of, within=within)


def _of_type(place: _Place, given: Json) -> c.Condition:
    names = [given] if isinstance(given, str) else list(c.sequence(given) or ())
    if not names:
        raise place.wrong("of_type", f"one of {', '.join(c.TYPES)}, or a list of them", given)
    for name in names:
        if name not in c.TYPES:
            raise ValueError(
                f"{place.path}: there is no type {say.value(name)}: {nearest(str(name), c.TYPES)}"
            )
    return c.OfType(types=tuple(str(name) for name in names))


def _unordered(place: _Place, given: Json) -> c.Condition:
    if c.sequence(given) is None:
        raise place.wrong("unordered", "a list", given)
    return place.grammar.listed(given, place.path, depth=place.depth + 1, ordered=False)


def condition_of(wanted: Json, path: str) -> c.Condition | None:
    """The condition that a value says, numbers and texts as they stand; None where it stands for itself.

    Raises ValueError, with the path, for one that cannot be meant.
    """
    meant = is_condition(wanted) or misspelt(wanted)
    return Grammar(reading=EXACTLY).read(wanted, path) if meant else None


_Reader: TypeAlias = Callable[[_Place, Json], c.Condition]
_WORDS: Mapping[str, _Reader] = {
    "absent": _true("absent", c.Absent()),
    "any_of": _any_of,
    "anything": _true("anything", c.Anything()),
    "between": _between,
    "contains": _contains,
    "exactly": _exactly,
    "matches": _matches,
    "not": lambda place, given: c.Not(of=place.inner(given)),
    "of_type": _of_type,
    "optional": lambda place, given: c.MayLack(of=place.inner(given)),
    "unordered": _unordered,
}
