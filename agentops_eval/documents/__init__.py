"""Files that people write, read strictly: YAML, JSON, JSON lines and CSV, every value with its line.

A capability declares its ``DocumentKind`` of file once. Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.documents._csv import csv_rows
    from agentops_eval.documents._document import (
        MAX_BYTES,
        MAX_DEPTH,
        Document,
        Place,
        decoded,
        path_text,
        refuse_extremes,
        refuse_long,
        shown,
    )
    from agentops_eval.documents._json import json_rows, json_value, read_json
    from agentops_eval.documents._kind import DocumentKind
    from agentops_eval.documents._problems import Problems, together
    from agentops_eval.documents._read import Reader, convert, read_document
    from agentops_eval.documents._schema import REFERENCE, Schema, file_schema
    from agentops_eval.documents._walk import has, read_struct
    from agentops_eval.documents._words import in_words, number_meant, word_meant

_HOMES = {
    "_csv": "csv_rows",
    "_document": "MAX_BYTES MAX_DEPTH Document Place decoded path_text refuse_extremes refuse_long shown",
    "_json": "json_rows json_value read_json",
    "_kind": "DocumentKind",
    "_problems": "Problems together",
    "_read": "Reader convert read_document",
    "_schema": "REFERENCE Schema file_schema",
    "_walk": "has read_struct",
    "_words": "in_words number_meant word_meant",
}
"""Where each public name lives, by module."""

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "REFERENCE",
    "Document",
    "DocumentKind",
    "Place",
    "Problems",
    "Reader",
    "Schema",
    "convert",
    "csv_rows",
    "decoded",
    "file_schema",
    "has",
    "in_words",
    "json_rows",
    "json_value",
    "number_meant",
    "path_text",
    "read_document",
    "read_json",
    "read_struct",
    "refuse_extremes",
    "refuse_long",
    "shown",
    "together",
    "word_meant",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
