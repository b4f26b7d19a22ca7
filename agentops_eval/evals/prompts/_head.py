"""The head of a prompt file: a mapping in YAML, without what makes YAML surprising.

Only ``true``, ``false``, ``null`` and numbers as JSON writes them are more than text, so that ``no`` is a
word. Anchors, aliases and tags are refused: nothing can grow by being repeated, or become an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agentops_eval.domain import Json, PromptInvalid
from agentops_eval.evals.prompts._strict import read_json

SEPARATOR = "---"
_LITERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_NOTHING = frozenset({"", "~", "null"})
_DEEPEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One entry of a head. ``text`` is how a plain value is spelt, whatever it means."""

    value: Json
    text: str
    line: int


def read_head(lines: Sequence[str], *, file: str, first: int) -> dict[str, Field]:
    """The entries of a head whose first line has the number ``first``.

    Raises PromptInvalid with the line for what is no mapping, and for a key that is there twice.
    """
    import yaml

    reader = _Reader(file=file, first=first)
    text = "\n".join(lines)
    try:
        return reader.head(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "a character that text has none of"
        what = f"the head cannot be read: {said}"
        line = 0 if mark is None else min(mark.line, len(lines) - 1)
        raise reader.refused(what, line, "quote a value that holds a colon or begins with a sign") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Makes values of YAML's events, one level of recursion for each level of nesting."""

    file: str
    first: int

    def head(self, events: Iterator[Any]) -> dict[str, Field]:
        """The entries of the one mapping that there is."""
        import yaml

        event = next(events)
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            return {}
        if not isinstance(event, yaml.MappingStartEvent):
            what = "the head is no `key: value`"
            remedy = f"write version: 1.0.0, and {SEPARATOR} on a line of its own before the text"
            raise self.refused(what, event.start_mark.line, remedy)
        self._plain(event)
        found: dict[str, Field] = {}
        for key, value in self._entries(events):
            line = self.first + value.start_mark.line
            text = value.value if isinstance(value, yaml.ScalarEvent) else ""
            found[key] = Field(value=self._value(value, events, 1), text=text, line=line)
        following = next(events)
        if isinstance(following, yaml.DocumentEndEvent) and isinstance(next(events), yaml.StreamEndEvent):
            return found
        raise self.refused("the head has more than one part", following.start_mark.line, "take `...` out")

    def _entries(self, events: Iterator[Any]) -> Iterator[tuple[str, Any]]:
        """The keys of a mapping, each with the first event of its value: read that before the next key."""
        import yaml

        lines: dict[str, int] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = event.start_mark.line
            self._plain(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self.refused("a key is no text", line, "write `key: value`")
            if event.value in lines:
                what = f"{event.value[:60]} is there twice, first on line {self.first + lines[event.value]}"
                raise self.refused(what, line, "keep one of them")
            lines[event.value] = line
            yield event.value, next(events)

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> Json:
        import yaml

        self._plain(event)
        if depth > _DEEPEST:
            what = f"the head is nested deeper than {_DEEPEST} levels"
            raise self.refused(what, event.start_mark.line, "make it flatter")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.MappingStartEvent):
            return {key: self._value(value, events, depth + 1) for key, value in self._entries(events)}
        items: list[Json] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(self._value(item, events, depth + 1))
        return items

    def _scalar(self, event: Any) -> Json:
        text: str = event.value
        if event.style not in (None, ""):  # quoted, or a block of text
            return text
        if text in _NOTHING:
            return None
        if not _LITERAL.fullmatch(text):
            return text
        try:
            return read_json(text)
        except ValueError as error:
            raise self.refused(str(error), event.start_mark.line, "quote it if it is text") from None

    def _plain(self, event: Any) -> None:
        """Refuse what is not taken of YAML."""
        import yaml

        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            what = "anchors and aliases (&, *) are not taken"
            raise self.refused(what, event.start_mark.line, "write it out, or quote a text that begins so")
        if getattr(event, "tag", None) is not None:
            what = f"tags ({str(event.tag)[:40]}) are not taken"
            raise self.refused(what, event.start_mark.line, "take it out, or quote a text that begins so")

    def refused(self, what: str, line: int, remedy: str) -> PromptInvalid:
        """The error for a line, counted from 0 in the head."""
        return PromptInvalid(what, where=f"{self.file}:{self.first + line}", remedy=remedy)
