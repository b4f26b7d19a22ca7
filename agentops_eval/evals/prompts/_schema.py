"""What changed in the tools that an llm is told of, and what may break because of it.

A change is breaking where a call that was right before may be refused now. That follows JSON Schema
2020-12: a schema that allows less than before breaks, one that allows more does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from agentops_eval.domain import Json
from agentops_eval.evals.prompts._strict import brief, canonical
from agentops_eval.evals.prompts._tools import ToolSchema

_DEEPEST = 32
_SHOWN = 80
_NOTES = frozenset(
    {"title", "default", "examples", "example", "$comment", "$schema", "$id", "deprecated", "readOnly"}
)
_LEAST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"})
_MOST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"})
_COMPARED = frozenset({"type", "description", "enum", "const", "properties", "required", "items"})
_SETS = frozenset({"required", "enum", "type"})
_MISSING: Json = {"$missing": True}


class ToolChangeKind(StrEnum):
    """What changed."""

    TOOL_ADDED = "tool-added"
    TOOL_REMOVED = "tool-removed"
    DESCRIPTION = "description-changed"
    PARAMETER_ADDED = "parameter-added"
    PARAMETER_REMOVED = "parameter-removed"
    REQUIRED = "parameter-required"
    OPTIONAL = "parameter-optional"
    TYPE = "type-changed"
    VALUES = "values-changed"
    LIMIT = "limit-changed"
    NOTE = "note-changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChange:
    """One change of one tool. ``path`` is the parameter (``lines[].sku``), empty for the tool itself.

    ``before`` and ``after`` are in short, for people.
    """

    tool: str
    kind: ToolChangeKind
    breaking: bool
    path: str = ""
    before: str = ""
    after: str = ""


def compare_tools(before: tuple[ToolSchema, ...], after: tuple[ToolSchema, ...]) -> tuple[ToolChange, ...]:
    """The changes by tool, in the order of the tools' names. Of tools with one name the last counts."""
    old, new = ({tool.name: tool for tool in tools} for tools in (before, after))
    return tuple(
        change for name in sorted({*old, *new}) for change in _tool(name, old.get(name), new.get(name))
    )


def _tool(name: str, old: ToolSchema | None, new: ToolSchema | None) -> Iterator[ToolChange]:
    if old is None or new is None:
        kind = ToolChangeKind.TOOL_ADDED if old is None else ToolChangeKind.TOOL_REMOVED
        shown = _signature(new or old)
        sides = {"after": shown} if old is None else {"before": shown}
        yield ToolChange(tool=name, kind=kind, breaking=new is None, **sides)
        return
    found = [
        *_description(name, "", old.description, new.description),
        *_schema(name, "", old.parameters, new.parameters, 0),
    ]
    yield from found
    if not found and canonical(old.parameters) != canonical(new.parameters):
        # Nothing above knows what it is: the order of a list that has none, or no schema at all.
        order = canonical(_unordered(old.parameters)) == canonical(_unordered(new.parameters))
        kind = ToolChangeKind.NOTE if order else ToolChangeKind.LIMIT
        yield _change(name, "", kind, old.parameters, new.parameters, breaking=not order)


def _unordered(schema: Json) -> Json:
    """The schema with the lists in order whose order says nothing."""
    if isinstance(schema, Mapping):
        return {
            key: sorted(value, key=canonical)
            if key in _SETS and isinstance(value, (list, tuple))
            else _unordered(value)
            for key, value in schema.items()
        }
    return [_unordered(one) for one in schema] if isinstance(schema, (list, tuple)) else schema


def _signature(tool: ToolSchema | None) -> str:
    names = list(_object(_object(tool.parameters if tool else {}).get("properties")))
    return f"{tool.name if tool else ''}({', '.join(names)})"[:_SHOWN]


def _schema(
    tool: str, path: str, old: Mapping[str, Json], new: Mapping[str, Json], depth: int
) -> Iterator[ToolChange]:
    if canonical(old) == canonical(new):
        return
    if depth > _DEEPEST:
        yield _change(tool, path, ToolChangeKind.LIMIT, old, new, breaking=True)
        return
    if path:
        yield from _description(tool, path, old.get("description", ""), new.get("description", ""))
    yield from chain(_type(tool, path, old, new), _values(tool, path, old, new))
    yield from _properties(tool, path, old, new, depth)
    if "items" in old or "items" in new:
        yield from _schema(tool, f"{path}[]", _object(old.get("items")), _object(new.get("items")), depth + 1)
    for key in sorted({*old, *new} - _COMPARED):
        one, other = old.get(key, _MISSING), new.get(key, _MISSING)
        if canonical(one) != canonical(other):
            kind = ToolChangeKind.NOTE if key in _NOTES or key.startswith("x-") else ToolChangeKind.LIMIT
            yield ToolChange(
                tool=tool,
                kind=kind,
                breaking=kind is ToolChangeKind.LIMIT and _narrower(key, one, other),
                path=path,
                before=_limit(key, one),
                after=_limit(key, other),
            )


def _properties(
    tool: str, path: str, old: Mapping[str, Json], new: Mapping[str, Json], depth: int
) -> Iterator[ToolChange]:
    olds, news = _object(old.get("properties")), _object(new.get("properties"))
    were, are = _names(old.get("required")), _names(new.get("required"))
    for name in dict.fromkeys((*olds, *news, *sorted(were | are))):
        below = f"{path}.{name}" if path else name
        if name not in olds and name not in were:
            kind, needed = ToolChangeKind.PARAMETER_ADDED, name in are
            after = f"{_kind_of(news.get(name))}, {'required' if needed else 'optional'}"
            yield ToolChange(tool=tool, kind=kind, breaking=needed, path=below, after=after)
            continue
        if name not in news and name not in are:
            before = _kind_of(olds.get(name))
            kind = ToolChangeKind.PARAMETER_REMOVED
            yield ToolChange(tool=tool, kind=kind, breaking=True, path=below, before=before)
            continue
        if (name in were) != (name in are):
            kind = ToolChangeKind.REQUIRED if name in are else ToolChangeKind.OPTIONAL
            yield ToolChange(tool=tool, kind=kind, breaking=name in are, path=below)
        yield from _schema(tool, below, _object(olds.get(name)), _object(news.get(name)), depth + 1)


def _type(tool: str, path: str, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[ToolChange]:
    were, are = _types(old.get("type")), _types(new.get("type"))
    if were == are:
        return
    # No type at all allows any; an integer is a number.
    covered = are | ({"integer"} if "number" in are else set())
    breaking = bool(are) and not (were and were <= covered)
    yield ToolChange(
        tool=tool,
        kind=ToolChangeKind.TYPE,
        breaking=breaking,
        path=path,
        before=_kind_of(old),
        after=_kind_of(new),
    )


def _values(tool: str, path: str, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[ToolChange]:
    """Values that are listed; ``const`` is a list of one."""
    were, are = _listed(old), _listed(new)
    if (were is None and are is None) or (were is not None and are is not None and set(were) == set(are)):
        return
    breaking = are is not None and (were is None or not set(were) <= set(are))
    both = [any_of if any_of is None else list(any_of.values()) for any_of in (were, are)]
    shown = ["any" if one is None else brief(one, limit=_SHOWN) for one in both]
    kind = ToolChangeKind.VALUES
    yield ToolChange(tool=tool, kind=kind, breaking=breaking, path=path, before=shown[0], after=shown[1])


def _listed(schema: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """The values by their spelling, None where any is allowed."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return {canonical(one): one for one in values} if isinstance(values, (list, tuple)) else None


def _narrower(key: str, old: Json, new: Json) -> bool:
    """Whether a limit allows less than before; what cannot be told may."""
    if new == _MISSING:
        return False
    numbers = isinstance(new, (int, float)) and isinstance(old, (int, float))
    if key in _LEAST and numbers:
        return new > old  # type: ignore[operator]  # both are numbers
    if key in _MOST and numbers:
        return new < old  # type: ignore[operator]  # both are numbers
    return not (key == "additionalProperties" and new is True)


def _limit(key: str, value: Json) -> str:
    return "" if value == _MISSING else f"{key} {brief(value, limit=_SHOWN)}"


def _description(tool: str, path: str, old: Json, new: Json) -> Iterator[ToolChange]:
    one, other = (value.strip() if isinstance(value, str) else "" for value in (old, new))
    if one != other:
        kind = ToolChangeKind.DESCRIPTION
        yield ToolChange(tool=tool, kind=kind, breaking=False, path=path, before=one, after=other)


def _change(
    tool: str, path: str, kind: ToolChangeKind, old: Json, new: Json, *, breaking: bool
) -> ToolChange:
    one, other = brief(old, limit=_SHOWN), brief(new, limit=_SHOWN)
    return ToolChange(tool=tool, kind=kind, breaking=breaking, path=path, before=one, after=other)


def _kind_of(schema: Json) -> str:
    types = sorted(_types(_object(schema).get("type")))
    return " or ".join(types) or "any type"


def _types(value: Json) -> frozenset[str]:
    return _names([value] if isinstance(value, str) else value)


def _names(value: Json) -> frozenset[str]:
    return (
        frozenset(one for one in value if isinstance(one, str))
        if isinstance(value, (list, tuple))
        else frozenset()
    )


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
