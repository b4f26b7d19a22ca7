"""Text put into an answer, and answers made enormous; pure, as all that changes values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from agentops_eval.chaos.kinds._values import Impossible, at, leaves
from agentops_eval.domain import Json

_FREE = re.compile(
    r"(?i)note|text|body|content|message|comment|description|summary|title|reason|result|review"
)
_CODED = re.compile(r"\S*\d\S*\Z|\w+\Z")
MAX_BYTES = 64_000_000
"""What an oversized answer may have: more would test the machine that runs the test."""


def with_text(value: Json, text: str) -> Json:
    """The same value, with ``text`` at the end of what people are meant to read in it.

    That is a field with the name of a text, else one that has several words, else the longest. A record
    without any gets a field ``note``, a list one in its first record.
    """
    texts = [(path, leaf) for path, leaf in leaves(value) if isinstance(leaf, str)]
    named = [one for one in texts if one[0] and isinstance(one[0][-1], str) and _FREE.search(one[0][-1])]
    spoken = [one for one in texts if " " in one[1]]
    whole = [one for one in texts if not one[0]]
    for found in (whole, named, spoken, [one for one in texts if not _CODED.match(one[1])]):
        if found:
            path = max(found, key=lambda one: len(one[1]))[0]
            return at(value, path, lambda leaf: f"{leaf}\n\n{text}" if leaf else text)
    if isinstance(value, Mapping) and not any(name.startswith("$") for name in value):
        return {**value, "note": text}
    if isinstance(value, Sequence) and not isinstance(value, str):
        if value and isinstance(value[0], Mapping):
            return [with_text(value[0], text), *value[1:]]
        if all(isinstance(item, str) for item in value):
            return [*value, text]
    raise Impossible("it holds no text and no record that could hold one")


def blown_up(value: Json, size: int) -> Json:
    """The same value with about ``size`` bytes: its longest list, else its longest text, repeated."""
    own = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if own >= size:
        raise Impossible(f"it has {own:,} bytes already")
    lists = [(path, items) for path, items in _lists(value) if items]
    if lists:
        path, items = max(lists, key=lambda one: len(one[1]))
        each = max(1, len(json.dumps(items, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2)
        return at(value, path, lambda _: list(items) * (1 + (size - own) // each + 1))
    texts = [(path, leaf) for path, leaf in leaves(value) if isinstance(leaf, str)]
    if texts:
        path, leaf = max(texts, key=lambda one: len(one[1]))
        unit = leaf or "x"
        each = len(unit.encode("utf-8", "surrogatepass")) + 1
        return at(value, path, lambda _: " ".join([unit] * (1 + (size - own) // each + 1)))
    if isinstance(value, Mapping) and not any(name.startswith("$") for name in value):
        return {**value, "padding": "x" * (size - own)}
    raise Impossible("a single value cannot be long")


def _lists(
    value: Json, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], Sequence[Json]]]:
    if isinstance(value, Mapping):
        return [one for name, item in value.items() for one in _lists(item, (*path, name))]
    if isinstance(value, Sequence) and not isinstance(value, str):
        inner = [one for number, item in enumerate(value) for one in _lists(item, (*path, number))]
        return [(path, value), *inner]
    return []
