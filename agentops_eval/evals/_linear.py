"""Regular expressions matched in linear time: what an agent answers must not be able to hang a suite.

Python's ``re`` tries one way after the other, and ``(a+)+$`` on forty letters takes years. Here all ways
are followed at once, as states of an automaton (Thompson 1968, "Regular expression search algorithm").
Where a pattern leaves ``re`` few ways in a text, it is tried by ``re``, which is a hundred times faster.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from agentops_eval.evals._automaton import Automaton, State, automaton_of
from agentops_eval.evals._tries import MOST_STEPS, compiled_of

_MOST_KNOWN = 20_000


class Linear:
    """A pattern that is matched in a time that is bounded by its length times that of the text.

    ``re`` matches it where that comes to no more than ``most_steps``, 0 for never. Raises ValueError for
    what is no pattern, or cannot be matched so.
    """

    def __init__(self, pattern: str, *, ignore_case: bool = False, most_steps: int = MOST_STEPS) -> None:
        self._pattern, self._ignore_case, self._most = pattern, ignore_case, most_steps
        self._compiled, self._tries = compiled_of(pattern, ignore_case=ignore_case)
        self._steps: dict[tuple[frozenset[int], str, bool], frozenset[int]] = {}
        if self._tries is None:
            _ = self._automaton  # says now what is wrong with the pattern

    def found(self, text: str) -> bool:
        """Whether it matches anywhere, as ``re.search`` does."""
        if self._is_quick(text, anywhere=True):
            return self._compiled.search(text) is not None
        return self._run(text, anywhere=True)

    def matches(self, text: str) -> bool:
        """Whether it matches all of the text, as ``re.fullmatch`` does."""
        if self._is_quick(text, anywhere=False):
            return self._compiled.fullmatch(text) is not None
        return self._run(text, anywhere=False)

    @cached_property
    def _automaton(self) -> Automaton:
        return automaton_of(self._pattern, ignore_case=self._ignore_case)

    def _is_quick(self, text: str, *, anywhere: bool) -> bool:
        tries = self._tries
        return tries is not None and tries.steps(text, anywhere=anywhere) <= self._most

    def _run(self, text: str, *, anywhere: bool) -> bool:
        end = self._automaton.end
        now = self._closed([self._automaton.start], text, 0)
        for at, char in enumerate(text, start=1):
            if anywhere and end in now:
                return True
            now = self._step(now, char, text, at, anywhere=anywhere)
            if not now and not anywhere:
                return False
        return end in now

    def _step(self, now: frozenset[int], char: str, text: str, at: int, *, anywhere: bool) -> frozenset[int]:
        """Where a character leads. Without tests of positions that depends on nothing else, and is kept."""
        key = (now, char, anywhere)
        known = None if self._automaton.looks else self._steps.get(key)
        if known is not None:
            return known
        states = self._automaton.states
        after = [target for one in now if states[one].takes(char) for target in states[one].to]
        following = self._closed([*after, self._automaton.start] if anywhere else after, text, at)
        if not self._automaton.looks and len(self._steps) < _MOST_KNOWN:
            self._steps[key] = following
        return following

    def _closed(self, numbers: Iterable[int], text: str, at: int) -> frozenset[int]:
        """Everything that is reached without reading; kept are states that read, and the last."""
        found: set[int] = set()
        stack = list(numbers)
        while stack:
            number = stack.pop()
            if number in found:
                continue
            found.add(number)
            state = self._automaton.states[number]
            if not state.reads and _holds(state, text, at):
                stack += state.to
        return frozenset(
            one for one in found if one == self._automaton.end or self._automaton.states[one].reads
        )


def _holds(state: State, text: str, at: int) -> bool:
    return state.test is None or state.test.match(text, at) is not None


@lru_cache(maxsize=256)
def linear(pattern: str) -> Linear:
    """A pattern that is used again and again, made once."""
    return Linear(pattern)
