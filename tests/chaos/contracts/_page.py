"""The tables of docs/reference/degradation-file.md, made of what degradation files are read with."""

from __future__ import annotations

import re
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from agentops_eval.chaos.contracts import _fields as fields

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/degradation-file.md"
TABLES: dict[str, type[msgspec.Struct]] = {
    "file": fields.ContractFields,
    "degradation": fields.DegradationFields,
    "compensation": fields.CompensationFields,
    "checks": fields.ChecksFields,
    "breaker": fields.BreakerFields,
    "fallback": fields.FallbackFields,
    "budget": fields.BudgetFields,
    "shedding": fields.SheddingFields,
}
_WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    fields.DegradationFields: "[degradations](#a-degradation)",
    fields.CompensationFields: "[compensation](#a-compensation)",
    fields.ChecksFields: "[checks](#checks)",
    fields.BreakerFields: "[breakers](#a-breaker)",
    fields.FallbackFields: "[fallbacks](#a-fallback)",
    fields.BudgetFields: "[budget](#a-budget)",
    fields.SheddingFields: "[shedding](#shedding)",
}


def tables(page: str) -> dict[str, str]:
    """The tables of a page, by the name in the comment above each."""
    return dict(re.findall(r"<!-- fields: (\w+) -->\n\n((?:\|.*\n)+)", page))


def table(kind: type[msgspec.Struct]) -> str:
    """The table of a struct's fields."""
    rows = [
        f"| `{field.name}`{' (needed)' * field.required} | {_words(field.type)} | {_described(field)} |"
        for field in msgspec.structs.fields(kind)
    ]
    return "\n".join(["| field | | |", "|---|---|---|", *rows]) + "\n"


def _described(field: msgspec.structs.FieldInfo) -> str:
    metas = [part for part in getattr(field.type, "__metadata__", ()) if isinstance(part, msgspec.Meta)]
    return next(str(meta.description) for meta in metas if meta.description).replace("|", "\\|")


def _words(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _words(inner[0])
    if origin in (Union, UnionType):
        parts = [_words(part) for part in inner if part is not msgspec.UnsetType]
        return " or ".join(dict.fromkeys(parts))
    if origin is list:
        return f"list of {_words(inner[0])}"
    if origin is dict:
        return f"mapping of names to {_words(inner[1])}"
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in inner)
    return _WORDS[kind]
