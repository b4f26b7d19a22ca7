"""Arguments against the JSON schemas that a trace tells of the tools.

A schema may come from a server of somebody else's: no pattern in it is run, nothing is fetched for a
reference, and references are followed a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentops_eval.domain import Json, ToolCall, shorten, to_json
from agentops_eval.evals import _say as say
from agentops_eval.evals.tools._checks import Check
from agentops_eval.traces import printable

_MOST_REFERENCES = 10_000
_KINDS = {"dict": "object", "float": "number", "tuple": "array", "list": "array", "int": "integer"}
"""What else tools' authors call a type."""

_UNREAD = frozenset({"pattern", "patternProperties"})
_NAMED = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
"""Whose keys are names, not words of JSON Schema."""

_VALUES = frozenset({"const", "enum", "default", "examples"})


class _TooMany(Exception):
    """References were followed too often."""


class Schemas:
    """The schemas of a run's tools, each made ready on first use."""

    def __init__(self, schemas: Mapping[str, Json]) -> None:
        self._schemas = schemas
        self._ready: dict[str, Any] = {}

    def tells(self, tool: str) -> bool:
        """Whether there is a schema for a tool's parameters."""
        return isinstance(self._schemas.get(tool), Mapping)

    def complaint(self, call: ToolCall) -> Check | None:
        """Whether the arguments of a call are as the schema asks; None where there is no schema."""
        if not self.tells(call.name):
            return None
        from jsonschema.exceptions import best_match

        if call.name not in self._ready:
            self._ready[call.name] = _validator(self._schemas[call.name])
        try:
            error = best_match(self._ready[call.name].iter_errors(to_json(call.arguments)))
        except _TooMany:
            what = f"references are followed more than {_MOST_REFERENCES} times"
            return _unread(call, what)
        except Exception as error_:  # whatever a strange schema does to the library
            return _unread(call, str(error_).partition("\n")[0])
        if error is None:
            return Check(holds=True)
        path = "".join(
            f"[{one}]" if isinstance(one, int) else f".{say.name(one)}" for one in error.absolute_path
        )
        text = f"{say.name(call.name)}{path}: {shorten(printable(error.message), 200)} (the tool's schema)"
        return Check(holds=False, text=text, calls=(call,))


def _unread(call: ToolCall, what: str) -> Check:
    text = f"the schema of {say.name(call.name)} cannot be read: {shorten(printable(what), 160)}"
    return Check(holds=None, text=text, calls=(call,))


def _validator(schema: Json) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry

    left = _MOST_REFERENCES
    own = Draft202012Validator.VALIDATORS["$ref"]

    def counted(validator: Any, reference: Any, instance: Any, within: Any) -> Iterator[Any]:
        nonlocal left
        left -= 1
        if left < 0:
            raise _TooMany
        yield from own(validator, reference, instance, within) or ()

    bounded: Any = extend  # typed as taking no keywords
    made = bounded(Draft202012Validator, {"$ref": counted, "$dynamicRef": _ignored})
    return made(_read(schema), registry=Registry())  # one that fetches nothing


def _ignored(*_: object) -> tuple[()]:
    """A reference that is found out while validating would not be counted."""
    return ()


def _read(schema: Json, *, names: bool = False) -> Any:
    """A schema in JSON Schema's words, without patterns."""
    if isinstance(schema, Mapping):
        if names:
            return {name: _read(inner) for name, inner in schema.items()}
        found = {
            word: inner if word in _VALUES else _read(inner, names=word in _NAMED)
            for word, inner in schema.items()
            if word not in _UNREAD
        }
        kind = found.get("type")
        if isinstance(kind, str):
            found["type"] = _KINDS.get(kind, kind)
        if kind == "any":
            del found["type"]
        return found
    return [_read(one) for one in schema] if isinstance(schema, (list, tuple)) else schema
