"""The tables of docs/reference/gate-file.md, made of what gate files are read with."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from agentops_eval.gate import _fields as fields
from agentops_eval.gate._bounds import BOUNDS
from agentops_eval.gate._schema import PARTS, defaults

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/gate-file.md"
TABLES = {
    "file": fields.GateFields,
    "metric": fields.MetricFields,
    "stage": fields.StageFields,
    "planned": fields.PlannedFields,
    "quality": fields.QualityFields,
    "columns": fields.ColumnsFields,
}
_WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    fields.MetricFields: "[metrics](#a-metric)",
    fields.StageFields: "[stages](#a-stage)",
    fields.PlannedFields: "[plan](#planned)",
    fields.QualityFields: "[quality](#quality)",
    fields.ColumnsFields: "[columns](#columns)",
}


def tables(page: str) -> dict[str, str]:
    """The tables of a page, by the name in the comment above each."""
    return dict(re.findall(r"<!-- fields: (\w+) -->\n\n((?:\|.*\n)+)", page))


def table(kind: type[msgspec.Struct]) -> str:
    """The table of a struct's fields."""
    by_default = dict(defaults(PARTS[kind]))
    rows = []
    for field in msgspec.structs.fields(kind):
        bounds = BOUNDS.get(PARTS[kind], {}).get(field.name)
        words = _words(field.type)
        if bounds is not None:
            words = words.replace("whole number", "number").replace("number", bounds.words[2:], 1)
        told = _told(by_default.get(field.name))
        name = f"`{field.name}`{' (needed)' * field.required}"
        rows.append(f"| {name} | {words} | {told} | {_described(field)} |")
    return "\n".join(["| field | | by default | |", "|---|---|---|---|", *rows]) + "\n"


def _told(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, (list, float)):
        return f"`{[*map(int, value)]}`" if isinstance(value, list) else f"`{value:,.9g}`"
    return f"`{str(value).lower()}`"


def _described(field: msgspec.structs.FieldInfo) -> str:
    metas = [part for part in getattr(field.type, "__metadata__", ()) if isinstance(part, msgspec.Meta)]
    return next(str(meta.description) for meta in metas if meta.description).replace("|", "\\|")


def _words(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        pattern = next((part.pattern for part in kind.__metadata__ if isinstance(part, msgspec.Meta)), None)
        return "percentage" if pattern == fields.PERCENT else _words(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        parts = [_words(part) for part in get_args(kind) if part not in (type(None), msgspec.UnsetType)]
        return " or ".join(dict.fromkeys(parts))
    if get_origin(kind) is list:
        return "two numbers" if get_args(kind) == (float,) else f"list of {_words(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return f"mapping to {_words(get_args(kind)[1])}"
    if get_origin(kind) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{word}`" for word in kind)
    return _WORDS[kind]


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for name, old in tables(text).items():
        text = text.replace(
            f"<!-- fields: {name} -->\n\n{old}", f"<!-- fields: {name} -->\n\n{table(TABLES[name])}"
        )
    PAGE.write_text(text, encoding="utf-8")
