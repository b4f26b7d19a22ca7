"""Objects and lists whose parts are conditions, and how far they may differ at every depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.domain import Json, shorten
from agentops_eval.evals import _say as say
from agentops_eval.evals._assign import assigned
from agentops_eval.evals.conditions._conditions import Condition, Plain, at, sequence
from agentops_eval.evals.conditions._reading import is_cut


class Extent(StrEnum):
    """What an object may hold beside what is expected of it, and whether it may lack some of that."""

    EXACT = "exact"
    SUBSET = "subset"
    SUPERSET = "superset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields(Plain):
    """An object. In a subset what is expected is a part of what is given; in a superset the reverse."""

    fields: Mapping[str, Condition]
    extent: Extent = Extent.EXACT

    def holds(self, given: Json) -> bool:
        """See Condition."""
        if not isinstance(given, (dict, Mapping)) or is_cut(given):
            return False
        right, count = self.good(given)
        return right == count

    def may_lack_field(self, condition: Condition) -> bool:
        """Whether a field may be left out."""
        return self.extent is Extent.SUPERSET or condition.may_lack

    def good(self, given: Mapping[str, Json]) -> tuple[int, int]:
        """How many fields are as they should be, and how many count: those expected, and those given.

        An expected field that may be left out, and is, does not count; all is well where both are equal.
        """
        right = there = lacking = 0
        for name, condition in self.fields.items():
            if name in given:
                there += 1
                right += condition.holds(given[name])
            elif not self.may_lack_field(condition):
                lacking += 1
        return right, lacking + (there if self.extent is Extent.SUBSET else len(given))

    def wanted(self) -> str:
        """See Condition."""
        shown = [f"{say.name(name)}: {condition.wanted()}" for name, condition in self.fields.items()]
        return shorten(f"{{{', '.join(shown)}}}", 120)

    def why(self, given: Json, path: str) -> str:
        """The first field that is not as it should be."""
        return next(self.complaints(given, path))

    def complaints(self, given: Json, path: str) -> Iterator[str]:
        """What is wrong with each field."""
        if is_cut(given):
            yield f"{path} is nested too deep to be compared"
        elif not isinstance(given, Mapping):
            yield f"{path} is {say.value(given)}, not {self.wanted()}"
        else:
            for name, condition in self.fields.items():
                if name not in given:
                    if not self.may_lack_field(condition):
                        yield f"{path} lacks {say.name(name)}, which should be {condition.wanted()}"
                elif not condition.holds(given[name]):
                    yield condition.why(given[name], at(path, name))
            if self.extent is not Extent.SUBSET:
                for name in given:
                    if name not in self.fields:
                        yield f"{at(path, name)} is {say.value(given[name])}, and is not expected at all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items(Plain):
    """A list, item by item."""

    items: tuple[Condition, ...]

    def holds(self, given: Json) -> bool:
        """See Condition."""
        found = sequence(given)
        if found is None or len(found) != len(self.items):
            return False
        return all(one.holds(item) for one, item in zip(self.items, found, strict=True))

    def wanted(self) -> str:
        """See Condition."""
        return shorten(f"[{', '.join(one.wanted() for one in self.items)}]", 120)

    def why(self, given: Json, path: str) -> str:
        """The first item that is not as it should be, where they are as many."""
        found = sequence(given)
        if found is None:
            return f"{path} is {say.value(given)}, not {self.wanted()}"
        if len(found) != len(self.items):
            return f"{path} has {say.counted(len(found), 'item')}, not {len(self.items)}"
        for number, (one, item) in enumerate(zip(self.items, found, strict=True)):
            if not one.holds(item):
                return one.why(item, at(path, number))
        raise AssertionError("it holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unordered(Plain):
    """A list in any order. In a subset it may hold further items, in a superset it may lack some."""

    items: tuple[Condition, ...]
    extent: Extent = Extent.EXACT

    def holds(self, given: Json) -> bool:
        """Each item has one of its own, whatever the order."""
        found = sequence(given)
        if found is None or self._wrong_length(len(found)):
            return False
        given = self._given(found)
        return sum(number is not None for number in given) == min(len(found), len(self.items))

    def _given(self, found: Sequence[Json]) -> list[int | None]:
        """The item that each condition is given as its own."""
        return assigned([[at for at, item in enumerate(found) if one.holds(item)] for one in self.items])

    def _wrong_length(self, length: int) -> bool:
        if self.extent is Extent.EXACT:
            return length != len(self.items)
        return length < len(self.items) if self.extent is Extent.SUBSET else length > len(self.items)

    def wanted(self) -> str:
        """See Condition."""
        return shorten(f"[{', '.join(one.wanted() for one in self.items)}] in any order", 130)

    def why(self, given: Json, path: str) -> str:
        """See Condition."""
        found = sequence(given)
        if found is None or self._wrong_length(len(found)):
            return f"{path} is {say.value(given)}, not {self.wanted()}"
        given = self._given(found)
        if self.extent is Extent.SUPERSET:
            alone = next(number for number in range(len(found)) if number not in given)
            return f"{at(path, alone)} is {say.value(found[alone])}, and is not expected"
        return f"{path} holds no {self.items[given.index(None)].wanted()}"
