"""What a value has to be: the value itself, or a condition. Each says what it wants, and why it fails.

Cases of a mapping with several words: each of them has to hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agentops_eval.domain import Json
from agentops_eval.evals import _say as say
from agentops_eval.evals._linear import linear
from agentops_eval.evals.conditions._reading import Reading

LONGEST_TEXT = 100_000
"""Characters that a pattern reads: what an llm wrote has no end of its own."""


class Condition(Protocol):
    """What a value has to be."""

    @property
    def may_lack(self) -> bool:
        """Whether the value may be left out."""
        ...

    @property
    def must_lack(self) -> bool:
        """Whether the value has to be left out."""
        ...

    def holds(self, given: Json) -> bool:
        """Whether a value that is there is as it should be."""
        ...

    def wanted(self) -> str:
        """What it should be, as in ``is 7, not ...``."""
        ...

    def why(self, given: Json, path: str) -> str:
        """Why a value does not hold, in one line that begins with its path."""
        ...


class Plain:
    """What most conditions have in common: the value has to be there, and is told whole."""

    __slots__ = ()

    @property
    def may_lack(self) -> bool:
        """See Condition."""
        return False

    @property
    def must_lack(self) -> bool:
        """See Condition."""
        return False

    def wanted(self) -> str:
        """See Condition."""
        raise NotImplementedError

    def why(self, given: Json, path: str) -> str:
        """See Condition."""
        return f"{path} is {say.value(given)}, not {self.wanted()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Is(Plain):
    """The value itself."""

    value: Json
    reading: Reading

    def holds(self, given: Json) -> bool:
        """See Condition."""
        return self.reading.same(self.value, given)

    def wanted(self) -> str:
        """See Condition."""
        return say.value(self.value)

    def why(self, given: Json, path: str) -> str:
        """Of long texts, where they part."""
        wanted, read = self.value, given
        if isinstance(wanted, str) and isinstance(read, str) and min(len(wanted), len(read)) > 40:
            from agentops_eval.traces import elide_text

            left, right = elide_text(read, wanted, width=60)
            return f"{path} is {left}, not {right}"
        return f"{path} is {say.value(given)}, not {self.wanted()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Plain):
    """One of several."""

    of: tuple[Condition, ...]

    @property
    def may_lack(self) -> bool:
        """Where one of them may be left out."""
        return any(one.may_lack for one in self.of)

    @property
    def must_lack(self) -> bool:
        """Where each of them has to be left out."""
        return all(one.must_lack for one in self.of)

    def holds(self, given: Json) -> bool:
        """See Condition."""
        return any(one.holds(given) for one in self.of if not one.must_lack)

    def wanted(self) -> str:
        """See Condition."""
        return say.listed([one.wanted() for one in self.of])

    def why(self, given: Json, path: str) -> str:
        """Where one alone could be meant, what is wrong with it."""
        there = [one for one in self.of if not one.must_lack]
        if not there:
            return f"{path} is {say.value(given)}, and should be left out"
        if len(there) == 1:
            return there[0].why(given, path)
        return f"{path} is {say.value(given)}, none of {say.listed([one.wanted() for one in there])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Plain):
    """Everything at once."""

    of: tuple[Condition, ...]

    @property
    def may_lack(self) -> bool:
        """Where all of them may be left out."""
        return all(one.may_lack for one in self.of)

    @property
    def must_lack(self) -> bool:
        """Where one of them has to be left out."""
        return any(one.must_lack for one in self.of)

    def holds(self, given: Json) -> bool:
        """See Condition."""
        return all(one.holds(given) for one in self.of)

    def wanted(self) -> str:
        """See Condition."""
        return say.listed([one.wanted() for one in self.of], last="and")

    def why(self, given: Json, path: str) -> str:
        """The first that does not hold."""
        return next(one for one in self.of if not one.holds(given)).why(given, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Plain):
    """Anything else, nothing included."""

    of: Condition

    @property
    def may_lack(self) -> bool:
        """What is left out is not the value, unless that may be left out, too."""
        return not self.of.may_lack

    def holds(self, given: Json) -> bool:
        """See Condition."""
        return not self.of.holds(given)

    def wanted(self) -> str:
        """See Condition."""
        return f"something other than {self.of.wanted()}"

    def why(self, given: Json, path: str) -> str:
        """See Condition."""
        return f"{path} is {say.value(given)}, which it must not be"


@dataclass(frozen=True, slots=True, kw_only=True)
class MayLack(Plain):
    """What may be left out, and is as it should be where it is there."""

    of: Condition

    @property
    def may_lack(self) -> bool:
        """See Condition."""
        return True

    def holds(self, given: Json) -> bool:
        """See Condition."""
        return self.of.holds(given)

    def wanted(self) -> str:
        """See Condition."""
        return self.of.wanted()

    def why(self, given: Json, path: str) -> str:
        """See Condition."""
        return self.of.why(given, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent(Plain):
    """What has to be left out."""

    @property
    def may_lack(self) -> bool:
        """See Condition."""
        return True

    @property
    def must_lack(self) -> bool:
        """See Condition."""
        return True

    def holds(self, given: Json) -> bool:
        """See Condition."""
        return False

    def wanted(self) -> str:
        """See Condition."""
        return "absent"

    def why(self, given: Json, path: str) -> str:
        """See Condition."""
        return f"{path} is {say.value(given)}, and should be left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything(Plain):
    """Whatever is there."""

    def holds(self, given: Json) -> bool:
        """See Condition."""
        return True

    def wanted(self) -> str:
        """See Condition."""
        return "anything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches(Plain):
    """Text in which a pattern is found."""

    pattern: str

    def holds(self, given: Json) -> bool:
        """In linear time: an argument is hostile text, and could make ``re`` go on for years."""
        return isinstance(given, str) and len(given) <= LONGEST_TEXT and linear(self.pattern).found(given)

    def wanted(self) -> str:
        """See Condition."""
        return f"text that matches {say.value(self.pattern)}"

    def why(self, given: Json, path: str) -> str:
        """See Condition."""
        if isinstance(given, str) and len(given) > LONGEST_TEXT:
            return f"{path} has {len(given)} characters, more than the {LONGEST_TEXT} that a pattern reads"
        return f"{path} is {say.value(given)}, not {self.wanted()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains(Plain):
    """Text that holds texts, or a list that holds items; all of them."""

    parts: tuple[Json, ...]
    reading: Reading

    def holds(self, given: Json) -> bool:
        """See Condition."""
        if isinstance(given, str):
            text = self.reading.words(given)
            return all(isinstance(one, str) and self.reading.words(one) in text for one in self.parts)
        if isinstance(given, (list, tuple)):
            return all(any(self.reading.same(one, item) for item in given) for one in self.parts)
        return False

    def wanted(self) -> str:
        """See Condition."""
        return f"something that contains {say.listed([say.value(one) for one in self.parts], last='and')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Plain):
    """A number, or a text such as a date, between two, which are part of it; None is no bound."""

    low: int | float | str | None
    high: int | float | str | None

    def holds(self, given: Json) -> bool:
        """See Condition."""
        if isinstance(given, bool) or not isinstance(given, (int, float, str)):
            return False
        return _ordered(self.low, given) and _ordered(given, self.high)

    def wanted(self) -> str:
        """See Condition."""
        if self.low is None:
            return f"at most {say.value(self.high)}"
        return (
            f"at least {say.value(self.low)}"
            if self.high is None
            else f"between {say.value(self.low)} and {say.value(self.high)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Near(Plain):
    """A number that is away from another by no more than ``within``."""

    of: int | float
    within: int | float

    def holds(self, given: Json) -> bool:
        """Away by a rounding of the subtraction counts as within: 59.9 and 59.8 are .1 apart."""
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            return False
        slack = 4 * _EPSILON * max(abs(self.of), abs(given))
        return abs(given - self.of) <= self.within + slack

    def wanted(self) -> str:
        """See Condition."""
        return f"{say.value(self.of)} within {say.value(self.within)}"


_EPSILON = 2.0**-52


@dataclass(frozen=True, slots=True, kw_only=True)
class OfType(Plain):
    """A value of one of JSON Schema's types; a whole number is a number, too."""

    types: tuple[str, ...]

    def holds(self, given: Json) -> bool:
        """See Condition."""
        kind = type_of(given)
        return kind in self.types or (kind == "integer" and "number" in self.types)

    def wanted(self) -> str:
        """See Condition."""
        return f"of type {say.listed(self.types)}"


TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")


def type_of(given: Json) -> str:
    """The name that JSON Schema has for a value's type: 5 is an integer, 5.0 a number."""
    if given is None:
        return "null"
    if isinstance(given, bool):
        return "boolean"
    if isinstance(given, int):
        return "integer"
    if isinstance(given, float):
        return "number"
    if isinstance(given, str):
        return "string"
    return "object" if isinstance(given, Mapping) else "array"


def _ordered(low: Json, high: Json) -> bool:
    if low is None or high is None:
        return True
    if isinstance(low, str) or isinstance(high, str):
        return isinstance(low, str) and isinstance(high, str) and low <= high
    return isinstance(low, (int, float)) and isinstance(high, (int, float)) and low <= high


def at(path: str, key: str | int) -> str:
    """The path of a field or an item."""
    return f"{path}[{key}]" if isinstance(key, int) else f"{path}.{say.name(key)}"


def sequence(value: Json) -> Sequence[Json] | None:
    """A list, or None."""
    return value if isinstance(value, (list, tuple)) else None
