"""The tables of docs/reference/scenarios.md, made of the structs that files are read with."""

from __future__ import annotations

import re
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from agentops_eval.evals.suites import _fields as fields

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/scenarios.md"
TABLES = {
    "file": fields.SuiteFields,
    "scenario": fields.ScenarioFields,
    "user": fields.UserFields,
    "rule": fields.RuleFields,
    "approver": fields.ApproverFields,
    "matrix": fields.MatrixFields,
}
_WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "anything",
    fields.UserFields: "[user](#user)",
    fields.RuleFields: "[rules](#user)",
    fields.ApproverFields: "[scripts](#approver)",
    fields.MatrixFields: "[matrix](#matrix)",
    fields.ScenarioFields: "[scenarios](#a-scenario)",
    fields.SharedFields: "[fields of a scenario](#a-scenario)",
}


def tables(page: str) -> dict[str, str]:
    """The tables of a page, by the name in the comment above each."""
    return dict(re.findall(r"<!-- fields: (\w+) -->\n\n((?:\|.*\n)+)", page))


def table(kind: type[msgspec.Struct]) -> str:
    """The table of a struct's fields."""
    common = {field.name for field in msgspec.structs.fields(fields.SharedFields)}
    listed = sorted(
        msgspec.structs.fields(kind), key=lambda field: field.name in common
    )  # its own come first
    rows = [
        f"| `{field.name}`{' (needed)' * field.required} | {_words(field.type)} | {_described(field)} |"
        for field in listed
    ]
    return "\n".join(["| field | | |", "|---|---|---|", *rows]) + "\n"


def _described(field: msgspec.structs.FieldInfo) -> str:
    metas = [part for part in getattr(field.type, "__metadata__", ()) if isinstance(part, msgspec.Meta)]
    return next(str(meta.description) for meta in metas if meta.description).replace("|", "\\|")


def _words(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        return _words(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        parts = [_words(part) for part in get_args(kind) if part not in (type(None), msgspec.UnsetType)]
        return " or ".join(dict.fromkeys(parts))
    if get_origin(kind) is list:
        return f"list of {_words(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        inner = get_args(kind)[1]
        return "mapping" if inner is Any else f"mapping to {_words(inner)}"
    if get_origin(kind) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(kind))
    return _WORDS[kind]


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    for name, old in tables(text).items():
        text = text.replace(
            f"<!-- fields: {name} -->\n\n{old}", f"<!-- fields: {name} -->\n\n{table(TABLES[name])}"
        )
    PAGE.write_text(text, encoding="utf-8")
