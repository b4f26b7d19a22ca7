"""Goldens: approved traces in files that are made to be read in a diff."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from agentops_eval.domain import (
    Attribute,
    GoldenCorrupt,
    GoldenMissing,
    GoldenVersion,
    GoldenWrite,
    Json,
    MergeConflict,
    RunMisuse,
    SecretFound,
    Span,
    Trace,
    canonical_json,
)
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._files import write_new, write_whole
from agentops_eval.traces._ids import places_of
from agentops_eval.traces._kinds import FileKind, is_or_was, kind_at, kind_of
from agentops_eval.traces._normal import canonical
from agentops_eval.traces._pack import Packer, PackError, Unpacker
from agentops_eval.traces._text import to_utf8
from agentops_eval.traces.otlp import OtlpError, OtlpScope, decode_request, encode_request

if TYPE_CHECKING:
    from agentops_eval.traces.redaction import Redactor

GOLDEN_SUFFIX = ".otlp.jsonl"
Load: TypeAlias = Callable[[str], "bytes | None"]

LOOK_AROUND = "agentops-eval doctor (reads every recording and golden of the project)"
APPROVE = "approve it again: pytest <the test> --agentops-approve"
_CONFLICT = (b"<<<<<<< ", b"||||||| ", b">>>>>>> ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """An approved trace, the file that holds it, and the SHA-256 of that file."""

    path: Path
    trace: Trace
    digest: str


def golden_bytes(trace: Trace) -> bytes:
    """The trace as a golden file holds it: one OTLP export request per span and line.

    The same behaviour gives the same bytes: volatile values are scrubbed, ids and times follow
    from the tree's shape. Long parts stand there by their hash. Redact first what holds secrets.
    """
    return _lines(canonical(trace))[0]


def write_golden(path: Path, trace: Trace, *, redactor: Redactor, exclusive: bool = False) -> Golden:
    """Approve a trace: write it, redacted, to ``path``, and long parts to ``blobs/`` beside it.

    The files appear whole or not at all; ``exclusive`` overwrites none. Raises SecretFound where a
    detector still finds something after redaction, GoldenWrite where the disk refuses or something else
    is at ``path``, RunMisuse for a trace without spans.
    """
    _refuse_replacing(path)
    approved, files = golden_files(path, trace, redactor=redactor)
    content = files.pop(path)
    try:
        for blob, data in files.items():
            _keep_blob(blob, data)
        path.parent.mkdir(parents=True, exist_ok=True)
        (write_new if exclusive else write_whole)(path, content)
    except FileExistsError as error:
        raise GoldenWrite(
            "there is a golden already, and it is left as it was",
            where=str(path),
            remedy="name another file, or approve in its place",
        ) from error
    except OSError as error:
        raise GoldenWrite(
            f"the golden could not be written: {error.strerror or error}; what was there before is untouched",
            where=str(path),
            remedy="free some space or mend the permissions, then approve again",
        ) from error
    return Golden(path=path, trace=approved, digest=hashlib.sha256(content).hexdigest())


def golden_files(path: Path, trace: Trace, *, redactor: Redactor) -> tuple[Trace, dict[Path, bytes]]:
    """What approving a trace as ``path`` would write: the trace, redacted, and the files, blobs first.

    Raises SecretFound and RunMisuse as ``write_golden`` does.
    """
    if not trace.spans:
        raise RunMisuse("a trace without spans cannot be approved", where=str(path))
    approved = canonical(trace, redactor=redactor)
    content, blobs = _lines(approved)
    files = {path.parent / name: blob for name, blob in blobs.items()} | {path: content}
    _refuse_secrets(str(path), content, redactor)
    for file, data in files.items():
        if file != path:
            _refuse_secrets(str(file), data, redactor)
    return approved, files


def read_golden(path: Path, *, load: Load | None = None) -> Golden:
    """Read an approved trace.

    ``load`` gives the bytes of a blob by its name, ``blobs/sha256-...``, instead of the folder beside
    ``path``; where it gives None, the trace holds that name in the blob's place.

    Raises GoldenMissing, MergeConflict for git's conflict marks, GoldenVersion for a file of a later
    release, and GoldenCorrupt, naming the line, for anything else that is not as it was written. A
    changed attribute value is not corrupt: it is another golden.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise GoldenMissing("there is no golden", where=str(path), remedy=APPROVE) from None
    except OSError as error:
        raise GoldenCorrupt(f"the golden cannot be read: {error.strerror}", where=str(path)) from error
    _refuse_stranger(path, content)
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    if not content.strip():
        raise _corrupt(path, 1, "it is empty")
    _refuse_conflict(path, lines)
    parsed = [_scope(path, number, line) for number, line in enumerate(lines, start=1)]
    spans = _restored(path, [scope.spans[0] for scope in parsed], load)
    first = parsed[0]
    _check_places(path, spans, first.resource)
    trace = Trace(spans=tuple(spans), resource=first.resource, schema_url=first.schema_url)
    return Golden(path=path, trace=trace, digest=hashlib.sha256(content).hexdigest())


# -- writing ----------------------------------------------------------------------------------


def _refuse_replacing(path: Path) -> None:
    if not is_or_was(path, FileKind.GOLDEN, GOLDEN_SUFFIX):
        raise GoldenWrite(
            "there is a file that is no golden, and approving never overwrites one",
            where=str(path),
            difference=f"a {FileKind.CASSETTE}" if kind_at(path) is FileKind.CASSETTE else "",
            remedy=f"name another file for the golden: *{GOLDEN_SUFFIX}",
        )


def _lines(trace: Trace) -> tuple[bytes, dict[str, bytes]]:
    packer = Packer()
    lines: list[bytes] = []
    for span in trace.spans:
        scope = OtlpScope(
            resource=trace.resource, scope=sc.SCOPE, schema_url=trace.schema_url, spans=(packer.pack(span),)
        )
        lines.append(to_utf8(canonical_json(encode_request(scope))) + b"\n")
    return b"".join(lines), packer.blobs


def _refuse_secrets(where: str, content: bytes, redactor: Redactor) -> None:
    """Look once more, line by line, at the bytes themselves: what redaction overlooked is not written."""
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
        for finding in redactor.find(line):
            raise SecretFound(
                f"the golden would still hold a secret ({finding.kind})",
                where=f"{where}:{number}",
                difference=finding.excerpt,
                remedy="match it in redact_patterns, or in redact_allow if it is no secret ([tool.agentops])",
            )


def _keep_blob(target: Path, content: bytes) -> None:
    """Goldens share blobs: one that is there already is left alone, a damaged one written anew."""
    if not target.is_file() or target.read_bytes() != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, content)


# -- reading ----------------------------------------------------------------------------------


def _corrupt(path: Path, line: int, why: str) -> GoldenCorrupt:
    return GoldenCorrupt(
        f"the golden is not as it was written: {why}", where=f"{path}:{line}", remedy=APPROVE
    )


def _refuse_stranger(path: Path, content: bytes) -> None:
    """Tell a file that is no golden from one that was damaged: approving must not be offered for it."""
    kind, where, shown = kind_of(content), f"{path}:1", shlex.quote(str(path))
    if kind is FileKind.CASSETTE:
        what, remedy = "the file is a recording, not a golden", f"agentops-eval cassette show {shown}"
        raise GoldenCorrupt(what, where=where, remedy=remedy)
    if kind is FileKind.OTHER and not path.name.endswith(GOLDEN_SUFFIX):
        raise GoldenCorrupt("the file is no golden", where=where, remedy=LOOK_AROUND)


def _refuse_conflict(path: Path, lines: list[bytes]) -> None:
    for number, line in enumerate(lines, start=1):
        if line.startswith(_CONFLICT) or line.rstrip(b"\r") == b"=======":
            raise MergeConflict(
                "the golden holds a merge conflict",
                where=f"{path}:{number}",
                remedy="keep one side (git checkout --ours or --theirs), then run the test and approve",
            )


def _scope(path: Path, number: int, line: bytes) -> OtlpScope:
    """Read one line: one export request with one span."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise _corrupt(path, number, f"byte {error.start + 1} of the line is not UTF-8") from None
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _corrupt(path, number, f"no JSON ({error})") from None
    if not isinstance(value, Mapping) or "resourceSpans" not in value:
        raise _corrupt(path, number, "no OTLP export request")
    try:
        scopes = decode_request(value)
    except (OtlpError, RecursionError) as error:
        raise _corrupt(path, number, str(error)) from None
    if len(scopes) != 1 or len(scopes[0].spans) != 1:
        raise _corrupt(path, number, "a line holds exactly one span")
    _check_version(path, number, scopes[0].resource)
    return scopes[0]


def _check_version(path: Path, number: int, resource: Mapping[str, Attribute]) -> None:
    version = resource.get(sc.AGENTOPS_SCHEMA_VERSION, sc.SCHEMA_VERSION)
    if not isinstance(version, int) or version > sc.SCHEMA_VERSION:
        raise GoldenVersion(
            "the golden was written by a later release",
            where=f"{path}:{number}",
            difference=f"its schema version is {version!r}, this release reads up to {sc.SCHEMA_VERSION}",
            remedy="upgrade agentops-eval, or approve the golden again with this release",
        )


def _restored(path: Path, spans: list[Span], load: Load | None) -> list[Span]:
    unpacker = Unpacker(load=load or (lambda name: (path.parent / name).read_bytes()))
    restored: list[Span] = []
    for number, span in enumerate(spans, start=1):
        try:
            restored.append(unpacker.unpack(span))
        except PackError as error:
            raise _corrupt(path, number, str(error)) from None
        except OSError as error:
            raise _corrupt(path, number, f"a stored part is missing ({error.filename})") from None
    return restored


def _check_places(path: Path, spans: list[Span], resource: Mapping[str, Attribute]) -> None:
    """Ids and ticks follow from the tree's shape: where they do not, lines were moved, lost or made up."""
    position: dict[str, int] = {}
    parents: list[int | None] = []
    for number, span in enumerate(spans):
        if span.span_id in position:
            raise _corrupt(path, number + 1, f"the span {span.span_id} is there twice (edited by hand?)")
        if span.parent_id and span.parent_id not in position:
            raise _corrupt(
                path, number + 1, f"no earlier line holds its parent {span.parent_id} (edited by hand?)"
            )
        parents.append(position[span.parent_id] if span.parent_id else None)
        position[span.span_id] = number
    places = places_of(spans, parents, str(resource.get(sc.AGENTOPS_CASE, "")))
    for number, (span, place) in enumerate(zip(spans, places, strict=True), start=1):
        ids = (span.trace_id, span.span_id, span.parent_id)
        if ids != (place.trace_id, place.span_id, place.parent_id):
            raise _corrupt(path, number, f"its ids are not those of {place.path} (edited by hand?)")
        if (span.start_ns, span.end_ns) != (place.start_ns, place.end_ns):
            raise _corrupt(
                path, number, f"its ticks are not those of {place.path}: a line is missing or too many"
            )
