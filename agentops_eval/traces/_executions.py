"""Which tool calls that messages tell of are told by a span, too."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from typing import Protocol, TypeAlias, TypeVar

from agentops_eval.domain import Json, Span, canonical_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import text_of
from agentops_eval.traces.llm._wire import load_json


class Named(Protocol):
    """A call as messages tell of it; without an id it is empty."""

    @property
    def name(self) -> str: ...

    @property
    def call_id(self) -> str: ...

    @property
    def arguments(self) -> Json: ...


C = TypeVar("C", bound=Named)
_Key: TypeAlias = tuple[Hashable, ...]


class Executions:
    """Spans of tools, each of which stands for one call."""

    def __init__(self, tools: Iterable[Span]) -> None:
        self.ids: set[str] = set()
        self._waiting: dict[_Key, deque[int]] = {}
        self._taken: set[int] = set()
        for number, span in enumerate(tools):
            call_id, name = text_of(span, sc.TOOL_CALL_ID), text_of(span, sc.TOOL_NAME)
            spelt = canonical_json(load_json(text_of(span, sc.TOOL_CALL_ARGUMENTS) or "null"))
            self.ids |= {call_id} - {""}
            keys: list[_Key] = [("any", name, spelt), ("any", name)]
            keys += [(call_id, name, spelt), (call_id,)] if call_id else [("", name, spelt), ("", name)]
            for key in keys:
                self._waiting.setdefault(key, deque()).append(number)

    def without(self, calls: Iterable[C]) -> list[C]:
        """The calls that no span tells of, in their order. Those that fit best choose first.

        A span tells of a call with its id; where one of both has none, of a call of its name.
        """
        left = list(calls)
        for wanted in (_same_id_alike, _same_id, _same_name_alike, _same_name):
            left = [call for call in left if not self._take(wanted(call))]
        return left

    def _take(self, key: _Key) -> bool:
        waiting = self._waiting.get(key, deque())
        while waiting:
            number = waiting.popleft()
            if number not in self._taken:
                self._taken.add(number)
                return True
        return False


def _same_id_alike(call: Named) -> _Key:
    return (call.call_id, call.name, canonical_json(call.arguments)) if call.call_id else (None,)


def _same_id(call: Named) -> _Key:
    return (call.call_id,) if call.call_id else (None,)


def _same_name_alike(call: Named) -> _Key:
    return ("" if call.call_id else "any", call.name, canonical_json(call.arguments))


def _same_name(call: Named) -> _Key:
    return ("" if call.call_id else "any", call.name)
