"""The JSON Schema of gate files: made of the fields' structs, the gate's defaults and its bounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from agentops_eval.documents import Schema, file_schema
from agentops_eval.domain import Json
from agentops_eval.gate._bounds import BOUNDS, MAX_NAME
from agentops_eval.gate._columns import Columns
from agentops_eval.gate._fields import (
    ColumnsFields,
    GateFields,
    MetricFields,
    PlannedFields,
    QualityFields,
    StageFields,
)
from agentops_eval.gate._gate import Gate, Metric, Planned, Quality, Stage
from agentops_eval.gate._rules import MAX_METRICS, MAX_STAGES
from agentops_eval.gate._schema_rules import metric_rules

PARTS: Mapping[type[msgspec.Struct], type[Any]] = MappingProxyType(
    {
        GateFields: Gate,
        MetricFields: Metric,
        StageFields: Stage,
        PlannedFields: Planned,
        QualityFields: Quality,
        ColumnsFields: Columns,
    }
)
"""What each structure of a file becomes."""

_NUMBERS = frozenset({"number", "integer"})


def gate_schema() -> dict[str, Json]:
    """The schema in draft 2020-12, for editors and for checks without us.

    It knows fields, kinds of values, between which ends numbers lie, and which fields each kind of metric
    has. It does not know what one metric or stage means for another, nor sizes that depend on each other.
    """
    schema = file_schema(GateFields, title="agentops-eval gate")
    definitions = schema["$defs"]
    fields: dict[type[msgspec.Struct], Schema] = {GateFields: schema["properties"]}
    fields |= {kind: definitions[kind.__name__]["properties"] for kind in PARTS if kind is not GateFields}
    for kind, part in PARTS.items():
        for name, bounds in BOUNDS.get(part, {}).items():
            _number(fields[kind][name]).update(bounds.schema)
        for name, default in defaults(part):
            fields[kind][name]["default"] = default
    _sizes(fields)
    definitions["MetricFields"]["allOf"] = metric_rules()
    return schema


def defaults(part: type[Any]) -> Iterator[tuple[str, Json]]:
    """What the fields are that a file leaves out, where that is something; the one stage is not told."""
    for field in dataclasses.fields(part):
        if field.default not in {dataclasses.MISSING, None}:
            told = msgspec.to_builtins(field.default)
            if field.name != "stages":
                yield field.name, [*told] if isinstance(told, tuple) else told


def _number(schema: Schema) -> Schema:
    """The part of a field's schema that is about numbers."""
    parts: list[Schema] = schema.get("anyOf", [schema])
    return next(part for part in parts if part.get("type") in _NUMBERS)


def _sizes(fields: Mapping[type[msgspec.Struct], Schema]) -> None:
    """How long names and lists may be."""
    whole, name = fields[GateFields], {"minLength": 1, "maxLength": MAX_NAME}
    whole["name"]["maxLength"] = MAX_NAME
    whole["metrics"].update(minItems=1, maxItems=MAX_METRICS)
    whole["stages"].update(minItems=1, maxItems=MAX_STAGES)
    fields[MetricFields]["name"].update(name)
    fields[StageFields]["name"].update(name)
    fields[MetricFields]["range"].update(minItems=2, maxItems=2)
    for column in fields[ColumnsFields].values():
        column.get("additionalProperties", column)["minLength"] = 1
