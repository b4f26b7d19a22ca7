"""Whether a file is one of ours: a golden or a recording."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from agentops_eval.replay import CASSETTE_SUFFIX, VCR_SUFFIXES
from agentops_eval.traces import GOLDEN_SUFFIX, FileKind, kind_at
from agentops_eval.traces import semconv as sc

_HEAD_BYTES = 4096
_LINE_BYTES = 32 * 1024 * 1024
_INTERACTIONS = re.compile(rb"""(\xef\xbb\xbf)?[-"'\s{\[]*(interactions|request)["']?\s*:""")


class _Span(msgspec.Struct, frozen=True):
    start: int | str = msgspec.field(default="", name="startTimeUnixNano")


class _Scope(msgspec.Struct, frozen=True):
    spans: tuple[_Span, ...] = ()


class _Resource(msgspec.Struct, frozen=True):
    scope_spans: tuple[_Scope, ...] = msgspec.field(default=(), name="scopeSpans")


class _Line(msgspec.Struct, frozen=True):
    """What is looked at in a line of OTLP JSON."""

    resource_spans: tuple[_Resource, ...] = msgspec.field(default=(), name="resourceSpans")


def is_golden(path: Path) -> bool:
    """Whether a file is a golden of ours: by its name, else by its first line.

    How that begins is not enough, for any tool's export may begin so; nor is our version in it, for
    runs of ours that were pushed somewhere carry it too.
    """
    kind = kind_at(path)
    if path.name.endswith(GOLDEN_SUFFIX):
        return kind is not FileKind.CASSETTE
    return kind is FileKind.GOLDEN and _begins_as_golden(path)


def _begins_as_golden(path: Path) -> bool:
    """Whether the first line has our version, and one span alone, at the start of the logical clock."""
    if f'"{sc.AGENTOPS_SCHEMA_VERSION}"'.encode() not in _head(path):
        return False
    try:
        with path.open("rb") as file:
            first = msgspec.json.decode(file.readline(_LINE_BYTES), type=_Line)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return False
    spans = [span for one in first.resource_spans for scope in one.scope_spans for span in scope.spans]
    return len(spans) == 1 and str(spans[0].start) == "0"


def is_recording(path: Path) -> bool:
    """Whether a file is a recording, ours by its first line or vcrpy's by its name."""
    if kind_at(path) is FileKind.CASSETTE or path.name.endswith(CASSETTE_SUFFIX):
        return True
    suffix = path.suffix.lower()
    return suffix in VCR_SUFFIXES and (suffix != ".json" or b'"interactions"' in _head(path))


def is_stray(path: Path) -> bool:
    """Whether a YAML file says something, and nothing of requests: no recording, nor what is left of one."""
    if path.suffix.lower() not in {".yaml", ".yml"} or kind_at(path) is FileKind.CASSETTE:
        return False
    try:
        with path.open("rb") as file:
            lines = iter(lambda: file.readline(_LINE_BYTES), b"")
            return path.stat().st_size > 0 and not any(map(_INTERACTIONS.match, lines))
    except OSError:
        return False


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""
