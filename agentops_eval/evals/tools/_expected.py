"""Expected calls: a tool's name with what its arguments have to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agentops_eval.domain import Json, ToolCall, nearest, shorten, to_json
from agentops_eval.evals import _say as say
from agentops_eval.evals._names import fits
from agentops_eval.evals.conditions import EXACTLY, Absent, Condition, Extent, Fields, Grammar, Reading

Mode: TypeAlias = Literal["exact", "subset", "superset", "ignore", "matcher"]
"""How far the arguments of a call may differ from those expected. In ``matcher`` all of them are one
value, held against one condition."""

MODES = ("exact", "subset", "superset", "ignore", "matcher")
FULL = 720_720
"""The credit of a call that is as expected. Credits are whole numbers, so that no sum is rounded: this one
can be divided by every number up to 16, and few calls have more arguments."""

Check: TypeAlias = Callable[[Mapping[str, Json]], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the arguments of one call are compared; ``only`` names those that are, where not all are."""

    mode: Mode = "exact"
    reading: Reading = EXACTLY
    only: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"the mode of arguments is {self.mode!r}: {nearest(str(self.mode), MODES)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One expected call. ``condition`` is None where its arguments do not matter."""

    name: str
    condition: Condition | None = None

    def is_of(self, call: ToolCall) -> bool:
        """Whether a call is one of this tool."""
        return call.name == self.name or ("*" in self.name and fits(call.name, self.name))

    def credit(self, call: ToolCall, *, if_unknown: int) -> int:
        """How much of a call of this tool is as expected: ``FULL`` for all of it, 0 for nothing but its name.

        It is the share of the arguments, expected or given, that are right; ``if_unknown`` where the
        trace does not tell them.
        """
        if self.condition is None:
            return FULL
        if call.arguments is None:
            return if_unknown
        if not isinstance(self.condition, Fields):
            return FULL if self.condition.holds(call.arguments) else 0
        right, count = self.condition.good(call.arguments)
        return FULL if right == count else FULL * right // count

    def why(self, call: ToolCall) -> list[str]:
        """What is wrong with a call of this tool, one line for each argument that is wrong."""
        if self.condition is None or call.arguments is None or self.condition.holds(call.arguments):
            return []
        path = say.name(call.name)
        if isinstance(self.condition, Fields):
            return list(self.condition.complaints(call.arguments, path))
        return [self.condition.why(call.arguments, path)]

    def __str__(self) -> str:
        told = "" if self.condition is None else f" with {self.condition.wanted()}"
        return shorten(f"{say.name(self.name)}{told}", 160)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Arguments that a function of the user's holds to be right: it returns a bool, or why they are not."""

    check: Check
    may_lack: bool = False
    must_lack: bool = False

    def holds(self, given: Json) -> bool:
        """See Condition."""
        found = self._found(given)
        return found is True or found is None or found == ""

    def wanted(self) -> str:
        """See Condition."""
        return f"what {getattr(self.check, '__name__', 'the function')} accepts"

    def why(self, given: Json, path: str) -> str:
        """What the function said, where it said something."""
        found = self._found(given)
        return (
            f"{path}: {shorten(found, 200)}" if isinstance(found, str) else f"{path} is not {self.wanted()}"
        )

    def _found(self, given: Json) -> object:
        assert isinstance(given, Mapping)
        return self.check(given)


def expect(
    name: str, arguments: object = None, *, options: Options, path: str, told: bool = True
) -> Expected:
    """An expected call. Where nothing is ``told`` of its arguments they do not matter.

    ``arguments`` are values and conditions by argument, or in Python a function of the arguments that
    returns a bool, or says why not. Raises ValueError, with the path, for what cannot be meant.
    """
    if not name:
        raise ValueError(f"{path} names no tool")
    if options.mode == "ignore" or not told:
        return Expected(name=name)
    if callable(arguments):
        return Expected(name=name, condition=Checked(check=arguments))
    wanted = to_json(arguments)
    if options.mode == "matcher":
        return Expected(name=name, condition=Grammar(reading=options.reading).read(wanted, path))
    if not isinstance(wanted, Mapping):
        raise ValueError(f"{path}: arguments have names, and {say.value(wanted)} has none")
    found = Grammar(reading=options.reading, extent=Extent(options.mode)).fields(wanted, path)
    return Expected(name=name, condition=_restricted(found, options.only))


def _restricted(found: Fields, only: Sequence[str] | None) -> Fields:
    if only is None:
        return found
    return replace(
        found,
        extent=Extent.SUBSET,
        fields={name: found.fields.get(name, Absent()) for name in only},
    )
