"""Acceptable calls as data sets write them: ``{tool: {argument: [accepted values]}}``.

An accepted ``""`` means that the argument may be left out. An accepted object, on its own or in a list,
holds a list of accepted values for each of its fields, in the same sense. That is the form of the
possible answers of the Berkeley Function-Calling Leaderboard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agentops_eval.domain import Json
from agentops_eval.evals import _say as say
from agentops_eval.evals.conditions import (
    Absent,
    AnyOf,
    Condition,
    Extent,
    Fields,
    Is,
    Items,
    Reading,
    Unordered,
    at,
    sequence,
)
from agentops_eval.evals.tools._expected import Expected

LEFT_OUT = ""
_WHOLE = "integer"


def acceptable_call(
    name: str,
    accepted: Mapping[str, Json],
    *,
    reading: Reading,
    schema: Json = None,
    extent: Extent = Extent.EXACT,
) -> Expected:
    """One acceptable call. ``schema`` is that of the tool's parameters, where it is known.

    What the schema adds: a whole number has to be written as one (5, not 5.0), which without a schema,
    and where it says ``float`` or ``number``, makes no difference. Which arguments may be left out is
    what the accepted values say, not the schema. Raises ValueError for what is no list of values.
    """
    fields = {
        argument: _argument(values, at(say.name(name), argument), reading, _inner(schema, argument))
        for argument, values in accepted.items()
    }
    return Expected(name=name, condition=Fields(fields=fields, extent=extent))


def _argument(values: Json, path: str, reading: Reading, schema: Json) -> Condition:
    listed = sequence(values)
    if not listed:
        remedy = f"write [{say.value(values)}]" if listed is None else 'write [""] for one that is left out'
        raise ValueError(f"{path}: accepted values stand in a list, which is not empty; {remedy}")
    found: list[Condition] = [_value(one, path, reading, schema) for one in listed if one != LEFT_OUT]
    if LEFT_OUT in listed:
        found.append(Absent())
        # An empty text that is given is on the list as well, if the argument is a text at all.
        if all(isinstance(one, str) for one in listed) and _kind(schema) in {"", "string", "any"}:
            found.append(Is(value=LEFT_OUT, reading=reading))
    return found[0] if len(found) == 1 else AnyOf(of=tuple(found))


def _value(value: Json, path: str, reading: Reading, schema: Json) -> Condition:
    if isinstance(value, Mapping):
        return Fields(
            fields={
                name: _argument(inner, at(path, name), reading, _inner(schema, name))
                if sequence(inner)
                else Is(value=inner, reading=_typed(reading, _inner(schema, name)))
                for name, inner in value.items()
            }
        )
    items = sequence(value)
    if items is not None:
        each = schema.get("items") if isinstance(schema, Mapping) else None
        read = tuple(_value(item, at(path, number), reading, each) for number, item in enumerate(items))
        return Items(items=read) if reading.lists == "ordered" else Unordered(items=read)
    return Is(value=value, reading=_typed(reading, schema))


def _typed(reading: Reading, schema: Json) -> Reading:
    return replace(reading, numbers="typed") if _kind(schema) == _WHOLE else reading


def _kind(schema: Json) -> str:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return kind if isinstance(kind, str) else ""


def _inner(schema: Json, name: str) -> Json:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return properties.get(name) if isinstance(properties, Mapping) else None
