"""How often ``re`` has to try at worst: where that is seldom, it may match, which it does many times faster.

``re`` tries one way after the other. The ways are counted: a repeat of something of one kind may end after
each of its rounds, branches are tried in turn, and what follows one another multiplies. A repeat inside a
repeat has no bound that helps, and is left to the automaton.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

# As in the automaton: Python's own reader of patterns is private.
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # isort: skip

MOST_STEPS = 20_000_000
"""Steps of ``re`` that a match may come to at worst, which take a tenth of a second or two."""

_MOST_FACTOR = 10_000
_MOST_POWER = 4
_MOST_ITEMS = 500
_MOST_TAKEN = 1_000
_TAKEN: dict[tuple[str, str, str, int], bool] = {}
_TYPES = re.ASCII | re.LOCALE | re.UNICODE
_ONE = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN}
_PLAIN = {*_ONE, _constants.AT}
_LOOKING = {_constants.ASSERT, _constants.ASSERT_NOT}
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What a pattern may come to in a text of ``n`` characters.

    It can match in ``factor * (n + 1) ** power`` ways from one place. It is made of so many ``items`` and
    ``repeats``, and begins with the letter ``first`` where that is known.
    """

    factor: int = 1
    power: int = 0
    items: int = 0
    repeats: int = 0
    first: str = ""

    def steps(self, text: str, *, anywhere: bool) -> int:
        """The most steps: on each way each item once, and the text once more for each of the repeats."""
        size = len(text) + 1
        places = 1 if not anywhere else text.count(self.first) + 1 if self.first else size
        return int(self.factor * size**self.power * places * (self.items + (1 + self.repeats) * size))


def compiled_of(pattern: str, *, ignore_case: bool) -> tuple[re.Pattern[str], Tries | None]:
    """A pattern for ``re``, and how often it has that try: None where it may be too often, or hard to say.

    Raises ValueError for what is no pattern.
    """
    try:
        tree = _parser.parse(pattern, re.IGNORECASE if ignore_case else 0)
        compiled: re.Pattern[str] = _compiler.compile(tree, tree.state.flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern {pattern[:80]!r} is none: {error}") from None
    return compiled, _tries_of(tree, compiled.flags)


def _tries_of(tree: Any, flags: int) -> Tries | None:
    found = _Counting(tree).sequence(tree, flags)
    if found is None or found.items > _MOST_ITEMS:
        return None
    if found.factor > _MOST_FACTOR or found.power > _MOST_POWER:
        return None
    if not len(tree) or tree[0][0] is not _constants.LITERAL or flags & re.IGNORECASE:
        return found
    return replace(found, first=chr(tree[0][1]))


class _Counting:
    """Counts item by item. Cases are those of the automaton; None is whatever is not bounded."""

    def __init__(self, tree: Any) -> None:
        self._state = tree.state

    def sequence(self, items: Any, flags: int) -> Tries | None:
        factor, power, count, repeats, listed = 1, 0, 0, 0, items.data
        for number, item in enumerate(listed):
            count += 1
            if item[0] in _PLAIN:
                continue
            follows = listed[number + 1] if number + 1 < len(listed) else None
            one = self._piece(item, follows, flags)
            if one is None:
                return None
            factor, power = factor * one.factor, power + one.power
            count, repeats = count + one.items, repeats + one.repeats
            if count > _MOST_ITEMS or factor > _MOST_FACTOR:
                return None
        return Tries(factor=factor, power=power, items=count, repeats=repeats)

    def _piece(self, item: Any, follows: Any, flags: int) -> Tries | None:
        kind, value = item
        if kind in _LOOKING:
            bounded = value[1].getwidth()[1] < _constants.MAXREPEAT
            return self.sequence(value[1], flags) if bounded else None
        if kind is _constants.BRANCH:
            return self._branch(value[1], flags)
        if kind is _constants.SUBPATTERN:
            _, added, removed, inner = value
            kept = flags & ~_TYPES if added & _TYPES else flags
            return self.sequence(inner, (kept | added) & ~removed)
        if kind in _REPEATS:
            least, most, inner = value
            return self._repeat(least, most, inner, follows, flags)
        return None

    def _branch(self, branches: Any, flags: int) -> Tries | None:
        counted = [self.sequence(one, flags) for one in branches]
        known = [one for one in counted if one is not None]
        if len(known) < len(counted):
            return None
        return Tries(
            factor=sum(one.factor for one in known),
            power=max(one.power for one in known),
            items=sum(one.items for one in known),
            repeats=sum(one.repeats for one in known),
        )

    def _repeat(self, least: int, most: int, inner: Any, follows: Any, flags: int) -> Tries | None:
        """Cases: more than one way in a round, or a round of nothing; one end; so many ends; one anywhere."""
        one = self.sequence(inner, flags)
        endless = most is _constants.MAXREPEAT
        if one is None or (one.factor, one.power) != (1, 0) or inner.getwidth()[0] == 0:
            return None
        rounds = max(least, 1) if endless else most
        items = one.items * min(rounds, _MOST_ITEMS)
        if self._ends_once(inner, follows, flags):
            return Tries(items=items, repeats=1)
        if endless:
            return Tries(power=1, items=items, repeats=1)
        return Tries(factor=most - least + 1, items=items, repeats=1)

    def _ends_once(self, inner: Any, follows: Any, flags: int) -> bool:
        """Whether what follows is a letter that cannot be one of the repeated: then it ends at one place."""
        if flags & re.IGNORECASE or follows is None or len(inner) != 1 or inner[0][0] not in _ONE:
            return False
        kind, value = follows
        return kind is _constants.LITERAL and not self._takes(inner[0], chr(value), flags)

    def _takes(self, item: Any, char: str, flags: int) -> bool:
        """Whether one item matches a character. Patterns of a suite have few classes of characters."""
        kind, value = item
        if kind is _constants.LITERAL:
            return bool(value == ord(char))
        key = (str(kind), repr(value), char, flags)
        if key not in _TAKEN:
            state = copy(self._state)
            state.flags = flags  # of this place: they may have been changed inside the pattern
            one = _compiler.compile(_parser.SubPattern(state, [item]), flags)
            if len(_TAKEN) >= _MOST_TAKEN:
                _TAKEN.clear()
            _TAKEN[key] = one.match(char) is not None
        return _TAKEN[key]
