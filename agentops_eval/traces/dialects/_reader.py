"""Reads the attributes of one span and keeps account of which of them were read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from agentops_eval.domain import Attribute, Json, to_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._messages import conversation, instructions
from agentops_eval.traces.dialects._tools import definitions
from agentops_eval.traces.llm import Message, Part
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading import SourceSpan

_INDEX = re.compile(r"\d{1,9}")
_DEEPEST = 16


class Reader:
    """What a span says, gathered rule by rule: of two rules that tell the same, the first counts."""

    def __init__(self, source: SourceSpan) -> None:
        self.source = source
        self.given: Mapping[str, Attribute] = source.span.attributes
        self.used: set[str] = set()
        self.found: dict[str, Attribute] = {}
        self.system: tuple[Part, ...] = ()
        self.asked: tuple[Message, ...] = ()
        self.answered: tuple[Message, ...] = ()
        self.total: int | None = None
        self.failed = False

    # -- reading ----------------------------------------------------------------------------

    def raw(self, *keys: str) -> Attribute:
        """The first of these attributes that is there."""
        found: Attribute = None
        for key in keys:
            if key in self.given:
                self.used.add(key)
                found = self.given[key] if found is None else found
        return found

    def text(self, *keys: str) -> str | None:
        """The first of these attributes as a string."""
        return v.text(self.raw(*keys))

    def json(self, *keys: str) -> Json:
        """The first of these attributes as JSON."""
        return v.loose(self.raw(*keys))

    def obj(self, *keys: str) -> Mapping[str, Json]:
        """The first of these attributes as a JSON object, empty where it is none."""
        return p.obj(self.json(*keys))

    def tree(self, prefix: str) -> Json:
        """The attributes below a prefix, ``a.0.b`` and ``a.1.b``, as nested objects and lists."""
        found = {key[len(prefix) :]: value for key, value in self.given.items() if key.startswith(prefix)}
        if not found:
            return {}
        self.used.update(prefix + key for key in found)
        return nested(found.items())

    def ignore(self, *keys: str, prefixes: tuple[str, ...] = ()) -> None:
        """These attributes tell nothing that a trace should keep."""
        self.used.update(key for key in self.given if key in keys or key.startswith(prefixes or "\0"))

    # -- gathering --------------------------------------------------------------------------

    def put(self, key: str, value: Attribute | Json) -> bool:
        """Keep a value under a name of the table; False where it cannot be one."""
        coerced = v.KINDS[key](value)  # type: ignore[arg-type]  # every coercion takes anything
        if coerced is None:
            return False
        self.found.setdefault(key, coerced)
        return True

    def ask(self, value: Json, *, role: str = "user") -> None:
        """Keep what was said to the llm."""
        if not self.asked and value is not None:
            self.asked = tuple(conversation(value, role=role))

    def answer(self, value: Json) -> None:
        """Keep what the llm said."""
        if not self.answered and value is not None:
            self.answered = tuple(conversation(value, role="assistant"))

    def instruct(self, value: Json) -> None:
        """Keep the system's instructions."""
        if not self.system and value is not None:
            self.system = tuple(instructions(value))

    def define(self, value: Json) -> None:
        """Keep the tools that were offered."""
        tools = definitions(value) if value else []
        if tools:
            self.put(sc.TOOL_DEFINITIONS, tools)


def nested(pairs: Iterable[tuple[str, Attribute]]) -> Json:
    """Dotted keys as a tree; where a value and a branch stand in one place, the first wins."""
    root: dict[str, Json] = {}
    for key, value in pairs:
        *steps, last = key.split(".", _DEEPEST)
        branch: Json = root
        for step in steps:
            branch = branch.setdefault(step, {}) if isinstance(branch, dict) else None
        if isinstance(branch, dict):
            branch.setdefault(last, to_json(value))
    return _listed(root)


def _listed(value: Json) -> Json:
    """Objects whose keys are all numbers are lists."""
    if not isinstance(value, dict):
        return value
    below = {key: _listed(item) for key, item in value.items()}
    if not below or not all(_INDEX.fullmatch(key) for key in below):
        return below
    ordered: Sequence[str] = sorted(below, key=int)
    return [below[key] for key in ordered[: p.MAX_ITEMS]]
