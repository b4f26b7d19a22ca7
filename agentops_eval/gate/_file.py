"""The bytes of a gate file become a gate, and where its samples' columns are."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from agentops_eval import documents
from agentops_eval.documents import Problems, read_document, read_struct, shown, together
from agentops_eval.domain import GateInvalid, nearest
from agentops_eval.gate._bounds import GateProblem, Path
from agentops_eval.gate._columns import Columns
from agentops_eval.gate._fields import (
    FORMS,
    ColumnsFields,
    GateFields,
    MetricFields,
    PlannedFields,
    QualityFields,
    StageFields,
)
from agentops_eval.gate._gate import Gate, Metric, Planned, Quality, Stage
from agentops_eval.gate._rules import check_gate

GATE_FILE = documents.DocumentKind(
    noun="gate file",
    error=GateInvalid,
    example="write metrics: [{name: passed, kind: binary, margin: 0.05}]",
    split="write one gate a file; its samples belong into files of their own",
    forms=FORMS,
    nouns={PlannedFields: "a plan of looks", QualityFields: "quality", ColumnsFields: "columns"},
    instead={
        "threshold": "write margin, or limit with kind: limit",
        "tolerance": "write margin",
        "traffic": "write share",
        "type": "write kind",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFile:
    """What a gate file says. ``digest`` is that of its bytes, comments too; ``path`` is what it is called."""

    gate: Gate
    columns: Columns
    path: str
    digest: str


def read_gate(data: bytes, name: str) -> GateFile:
    """The gate that a file describes, YAML or JSON by the suffix of its ``name``; pure.

    Raises GateInvalid with all that is wrong with it: line and path, what is there, what could be.
    """
    document = read_document(data, name, GATE_FILE)
    problems = Problems(document, GATE_FILE)
    fields = read_struct(GateFields, document.value, (), problems, noun="a gate file", top=True)
    if fields is None or problems:
        raise together(problems.errors(), GATE_FILE)
    gate, columns = _gate(fields), _columns(fields.columns)
    for one in (*check_gate(gate), *_check_columns(gate, columns)):
        problems.add(one.path, one.message, one.remedy)
    if problems:
        raise together(problems.errors(), GATE_FILE)
    return GateFile(
        gate=gate, columns=columns, path=name, digest=f"sha256:{hashlib.sha256(data).hexdigest()}"
    )


def _gate(fields: GateFields) -> Gate:
    said = _said(fields)
    said.pop("columns", None)
    said["metrics"] = tuple(_metric(one) for one in fields.metrics)
    if fields.stages is not msgspec.UNSET:
        said["stages"] = tuple(_stage(one) for one in fields.stages)
    if isinstance(fields.planned, PlannedFields):
        said["planned"] = Planned(**_said(fields.planned))
    if isinstance(fields.quality, QualityFields):
        said["quality"] = Quality(**_said(fields.quality))
    return Gate(**said)


def _metric(fields: MetricFields) -> Metric:
    said = _said(fields)
    if "range" in said:
        said["range"] = tuple(said["range"])
    return Metric(**said)


def _stage(fields: StageFields) -> Stage:
    said = _said(fields)
    if isinstance(fields.share, str):
        said["share"] = float(Decimal(fields.share.removesuffix("%").strip()) / 100)
    return Stage(**said)


def _columns(fields: object) -> Columns:
    return Columns(**_said(fields)) if isinstance(fields, ColumnsFields) else Columns()


def _said(fields: msgspec.Struct) -> dict[str, Any]:
    """The fields that the file has; the others are by default what the gate says."""
    named = {name: getattr(fields, name) for name in fields.__struct_fields__}
    return {name: value for name, value in named.items() if value is not msgspec.UNSET}


def _check_columns(gate: Gate, columns: Columns) -> Iterator[GateProblem]:
    """Columns of metrics that there are, none of which tells something else."""
    names = [metric.name for metric in gate.metrics if metric.name]
    for name in columns.metrics:
        if name not in names:
            message = f"there is no metric {shown(name)}"
            yield GateProblem(path=("columns", "metrics", name), message=message, remedy=nearest(name, names))
    named = {field.name: getattr(columns, field.name) for field in dataclasses.fields(Columns)}
    del named["metrics"]
    paths: dict[Path, str] = {("columns", name): column for name, column in named.items()}
    paths |= {("columns", "metrics", name): column for name, column in columns.metrics.items()}
    for path, column in paths.items():
        if not column.strip():
            message = "the name of a column is empty"
            yield GateProblem(path=path, message=message, remedy=f"leave {path[-1]} out")
    others = {column: field for field, column in named.items() if field != "passed"}
    for at, name in enumerate(metric.name for metric in gate.metrics):
        column = columns.metrics.get(name, name)
        if column in others:
            where: Path = ("columns", "metrics", name) if name in columns.metrics else ("metrics", at, "name")
            message = (
                f"the metric {shown(name)} would be read from the column that tells the {others[column]}"
            )
            remedy = f"columns: {{metrics: {{{name}: another column}}}}"
            yield GateProblem(path=where, message=message, remedy=remedy)
