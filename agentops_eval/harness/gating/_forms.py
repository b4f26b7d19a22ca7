"""In which form a file holds samples: told by what it holds, its name only where that says nothing."""

from __future__ import annotations

import re
from pathlib import Path

from agentops_eval.domain import SamplesInvalid
from agentops_eval.gate import Columns
from agentops_eval.harness._ours import is_golden, is_recording
from agentops_eval.harness.gating._jsonl import BROKEN, decode
from agentops_eval.harness.gating._lines import Lines
from agentops_eval.harness.gating._rows import lookup
from agentops_eval.harness.gating._sample_file import Form
from agentops_eval.traces.reading import recognised

_PARQUET, _PARQUET_SUFFIXES = b"PAR1", frozenset((".parquet", ".pq"))
_PACKED = (b"\x1f\x8b", b"PK\x03\x04")
_PROTOBUF = frozenset(".pb .binpb .bin .otlp .proto".split())
_OTLP = ("resourceSpans", "resource_spans", "resourceLogs", "resource_logs")
_OPEN = (b"{", b"[", b",")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BEGINNING, _LOOKED_AT = 64, 64 * 1024


def form_of(path: Path, lines: Lines, columns: Columns) -> Form:
    """The form of a file that begins with these lines. Raises SamplesInvalid for what is none of them."""
    head, first = lines.head, lines.first
    if head.startswith(_PARQUET) or path.suffix.lower() in _PARQUET_SUFFIXES:
        return Form.PARQUET
    if head.startswith(_PACKED) or (path.suffix.lower() in _PROTOBUF and _CONTROL.search(head[:_LOOKED_AT])):
        return Form.TRACES
    if _CONTROL.search(head[:_BEGINNING]):
        raise SamplesInvalid(
            "this is a binary file, or a text in another encoding than UTF-8",
            where=str(path),
            remedy="give JSON lines or CSV in UTF-8, results of `eval run`, OTLP traces, or Parquet",
        )
    if path.is_file() and (is_golden(path) or is_recording(path)):
        return Form.TRACES
    start = first.lstrip()[:1]
    if start == b"{":
        return _of_object(first, columns)
    return Form.TRACES if start == b"[" else Form.CSV


def _of_object(first: bytes, columns: Columns) -> Form:
    """By the first line; where that is no whole object, by whether it is the beginning of a document."""
    try:
        document = decode(first)
    except BROKEN:
        begun = first.rstrip().endswith(_OPEN) or recognised(first[:_LOOKED_AT])
        otlp = any(f'"{name}"'.encode() in first[:_LOOKED_AT] for name in _OTLP)
        return Form.TRACES if begun or otlp else Form.JSONL
    if "agentops_results" in document:
        return Form.RESULTS
    named = (columns.case, columns.passed, columns.metrics.get("passed", columns.passed))
    if any(lookup(column)(document) is not None for column in named):
        return Form.JSONL
    otlp = any(name in document for name in _OTLP)
    return Form.TRACES if otlp or recognised(first[:_LOOKED_AT]) else Form.JSONL
