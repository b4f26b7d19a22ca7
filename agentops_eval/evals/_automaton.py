"""From a pattern to an automaton, whose states ``re`` itself judges character by character."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field
from typing import Any

# The only reader of Python's patterns is private; without it we would need a parser of our own.
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # isort: skip

MOST_STATES = 5_000
_TYPES = re.ASCII | re.LOCALE | re.UNICODE
_READING = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN}
_LOOKING = {_constants.ASSERT, _constants.ASSERT_NOT}
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT}


@dataclass(slots=True)
class State:
    """One step. ``test`` judges the character that it ``reads``, or else the position; None is no test."""

    test: re.Pattern[str] | None = None
    reads: bool = False
    to: list[int] = field(default_factory=list)
    known: dict[str, bool] = field(default_factory=dict)

    def takes(self, char: str) -> bool:
        """Whether it reads a character."""
        if not self.reads or self.test is None:
            return False
        known = self.known.get(char)
        if known is None:
            known = self.known[char] = self.test.match(char) is not None
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Automaton:
    """States with the first and the last of them. ``looks`` tells whether any judges positions."""

    states: tuple[State, ...]
    start: int
    end: int
    looks: bool


def automaton_of(pattern: str, *, ignore_case: bool) -> Automaton:
    """The automaton of a pattern. Raises ValueError for one that is none, too large or not linear."""
    try:
        flags = re.compile(pattern, re.IGNORECASE if ignore_case else 0).flags
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern {pattern[:80]!r} is none: {error}") from None
    building = _Building(_parser.parse(pattern, flags))
    start, end = building.sequence(building.tree, flags)
    states = tuple(building.states)
    looks = any(state.test is not None and not state.reads for state in states)
    return Automaton(states=states, start=start, end=end, looks=looks)


class _Building:
    """Puts an automaton together piece by piece. A piece is its first and its last state."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.states: list[State] = []

    def sequence(self, items: Any, flags: int) -> tuple[int, int]:
        start = end = self._new()
        for item in items:
            begin, last = self._piece(item, flags)
            self.states[end].to.append(begin)
            end = last
        return start, end

    def _piece(self, item: Any, flags: int) -> tuple[int, int]:
        kind, value = item
        if kind in _READING:
            return self._step(item, flags, reads=True)
        if kind is _constants.AT:
            return self._step(item, flags, reads=False)
        if kind in _LOOKING:
            if value[1].getwidth()[1] >= _constants.MAXREPEAT:
                raise ValueError(
                    "a look around may not hold a repeat without an end; expect two patterns instead"
                )
            return self._step(item, flags, reads=False)
        if kind is _constants.BRANCH:
            return self._branch([self.sequence(one, flags) for one in value[1]])
        if kind is _constants.SUBPATTERN:
            _, added, removed, inner = value
            kept = flags & ~_TYPES if added & _TYPES else flags
            return self.sequence(inner, (kept | added) & ~removed)
        if kind in _REPEATS:
            least, most, inner = value
            return self._repeat(least, most, inner, flags)
        raise ValueError(
            "the pattern could not be matched in linear time: leave backreferences, conditions, "
            "atomic groups and possessive repeats out"
        )

    def _step(self, item: Any, flags: int, *, reads: bool) -> tuple[int, int]:
        state = copy(self.tree.state)
        state.flags = flags  # of this place: they may have been changed inside the pattern
        one = _parser.SubPattern(state, [item])
        test: re.Pattern[str] = _compiler.compile(one, flags)
        end = self._new()
        return self._new(test=test, reads=reads, to=[end]), end

    def _branch(self, pieces: list[tuple[int, int]]) -> tuple[int, int]:
        end = self._new()
        for _, last in pieces:
            self.states[last].to.append(end)
        return self._new(to=[begin for begin, _ in pieces]), end

    def _repeat(self, least: int, most: int, inner: Any, flags: int) -> tuple[int, int]:
        start = end = self._new()
        for _ in range(least):
            begin, last = self.sequence(inner, flags)
            self.states[end].to.append(begin)
            end = last
        if most is _constants.MAXREPEAT:
            begin, last = self.sequence(inner, flags)
            self.states[last].to.append(end)
            self.states[end].to.append(begin)
            return start, self._after(end)
        out = self._new()
        for _ in range(most - least):
            self.states[end].to.append(out)
            begin, last = self.sequence(inner, flags)
            self.states[end].to.append(begin)
            end = last
        self.states[end].to.append(out)
        return start, out

    def _after(self, state: int) -> int:
        """A state behind, so that what follows does not become part of a loop."""
        out = self._new()
        self.states[state].to.append(out)
        return out

    def _new(
        self, *, test: re.Pattern[str] | None = None, reads: bool = False, to: list[int] | None = None
    ) -> int:
        if len(self.states) >= MOST_STATES:
            raise ValueError(f"the pattern is too large: its repeats come to more than {MOST_STATES:,} steps")
        self.states.append(State(test=test, reads=reads, to=to or []))
        return len(self.states) - 1
