"""Runs out of files of any kind: goldens, recordings, exports of other tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from agentops_eval.domain import Trace
from agentops_eval.harness._recorded import read_recorded
from agentops_eval.replay import CASSETTE_SUFFIX, VCR_SUFFIXES
from agentops_eval.traces import GOLDEN_SUFFIX, FileKind, kind_at, read_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, normalise
from agentops_eval.traces.reading import Origin, Problems, SourceSpan, SourceTrace, read_traces

_HEAD_BYTES = 4096


def is_golden(path: Path) -> bool:
    """Whether a file is a golden of ours: by its name, else by the version that a golden's lines carry.

    How a line begins is not enough, for any tool's export may begin so.
    """
    kind = kind_at(path)
    if path.name.endswith(GOLDEN_SUFFIX):
        return kind is not FileKind.CASSETTE
    return kind is FileKind.GOLDEN and f'"{sc.AGENTOPS_SCHEMA_VERSION}"'.encode() in _head(path)


def is_recording(path: Path) -> bool:
    """Whether a file is a recording, ours by its first line or vcrpy's by its name."""
    if kind_at(path) is FileKind.CASSETTE or path.name.endswith(CASSETTE_SUFFIX):
        return True
    suffix = path.suffix.lower()
    return suffix in VCR_SUFFIXES and (suffix != ".json" or b'"interactions"' in _head(path))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return b""


def read_runs(files: Iterable[Path], problems: Problems) -> Iterator[NormalTrace]:
    """Every run in the files, in the conventions' words: goldens, recordings, exports in any dialect.

    Exports are read together, as a trace may be spread over several; what cannot be read in them is
    noted in ``problems`` and passed over. A golden's times are logical, and so are those of vcrpy's
    cassettes; a recording's are those of the run. Raises TraceUnreadable, GoldenCorrupt,
    CassetteCorrupt and their kin for a file of which nothing can be read.
    """
    exports: list[Path] = []
    for path in files:
        if is_golden(path):
            yield normal_of(read_golden(path).trace, where=str(path), by_line=True)
        elif is_recording(path):
            yield normal_of(read_recorded(path).timed, where=str(path))
        else:
            exports.append(path)
    if exports:
        yield from map(normalise, read_traces(exports, problems))


def normal_of(trace: Trace, *, where: str = "", by_line: bool = False) -> NormalTrace:
    """A trace of ours as one that came from elsewhere; ``where`` is its file, a span on each line or not."""
    origin = Origin(resource=trace.resource, scope=sc.SCOPE, schema_url=trace.schema_url, where=where)
    spans = tuple(
        SourceSpan(span=span, origin=replace(origin, where=f"{where}:{number}") if by_line else origin)
        for number, span in enumerate(trace.spans, start=1)
    )
    return normalise(SourceTrace(trace_id=spans[0].span.trace_id if spans else "", spans=spans))
