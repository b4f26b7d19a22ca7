"""From a file to the export requests in it: JSON, JSON lines, arrays, gzip, protobuf.

Nothing is read whole that might be large: lines one by one, and a document that fills more than
``MAX_DOCUMENT`` bytes span by span.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from agentops_eval.domain import Json, TraceUnreadable
from agentops_eval.traces.reading._decode import BOM, BROKEN, decode
from agentops_eval.traces.reading._model import Problems
from agentops_eval.traces.reading.formats._kinds import ZIP_MAGIC, format_of, recognised

MAX_DOCUMENT = 32 * 1024 * 1024

HEAD = 64 * 1024
"""Bytes at the beginning of a file that tell its format."""

Frame: TypeAlias = tuple[str, Json]
"""Where a document stands (``file:line``) and what it holds."""

_GZIP = b"\x1f\x8b"
_PEEKED = 64
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def frames(path: Path, problems: Problems) -> Iterator[Frame]:
    """Every document in a file, in order. Raises TraceUnreadable where not one can be read."""
    try:
        if path.is_fifo():
            raise TraceUnreadable(
                "this is a pipe, and traces are read from files that can be read twice",
                where=str(path),
                remedy="write it to a file first: COMMAND > traces.jsonl",
            )
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            if raw.peek(4).startswith(ZIP_MAGIC):
                from agentops_eval.traces.reading.formats._eval_archive import archived

                yield from archived(raw, path, problems)
                return
            file = BufferedReader(cast("RawIOBase", gzip.GzipFile(fileobj=raw))) if packed else raw
            yield from _frames(file, path, problems)
    except FileNotFoundError:
        raise TraceUnreadable("there is no such file", where=str(path)) from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise TraceUnreadable(f"the file cannot be read: {reason}", where=str(path)) from error


def _frames(file: BufferedReader[Any], path: Path, problems: Problems) -> Iterator[Frame]:
    if _is_binary(file.peek(_PEEKED)[:_PEEKED]):
        from agentops_eval.traces.reading._protobuf import messages

        yield from messages(file, path, problems)
        return
    line = file.readline(MAX_DOCUMENT)
    while line.isspace():
        line = file.readline(MAX_DOCUMENT)
    if not line:
        raise TraceUnreadable("the file is empty", where=str(path))
    if line.endswith(b"\n") and (document := _parsed(line)) is not None:
        yield from _each(f"{path}:1", document)
        yield from _line_by_line(file, path, problems)
    else:
        yield from _one_document(line, file, path, problems)


def _is_binary(head: bytes) -> bool:
    """A protobuf message begins with a byte that is also a line end, so more of it must be looked at."""
    start = head.removeprefix(BOM).lstrip()[:1]
    return bool(start) and (start not in (b"{", b"[") or _CONTROL.search(head) is not None)


def _one_document(first: bytes, file: IO[bytes], path: Path, problems: Problems) -> Iterator[Frame]:
    """A document over many lines, or one line without an end."""
    data = first + file.read(MAX_DOCUMENT - len(first) + 1)
    if len(data) > MAX_DOCUMENT:
        yield from _large_document(data, file, path, problems)
        return
    try:
        document = decode(data)
    except BROKEN as error:
        yield from _salvaged(data, path, problems, error)
        return
    yield from _each(str(path), document)


def _large_document(data: bytes, file: IO[bytes], path: Path, problems: Problems) -> Iterator[Frame]:
    if recognised(data[:HEAD]):
        from agentops_eval.traces.reading.formats._large import large

        yield from large(Rejoined(data, file), path, problems)
    else:
        from agentops_eval.traces.reading._stream import streamed

        yield from streamed(Rejoined(data, file), path, problems)


def _salvaged(data: bytes, path: Path, problems: Problems, error: Exception) -> Iterator[Frame]:
    """What is whole in a broken file: its samples or cases, else its lines; an error where nothing is."""
    if recognised(data[:HEAD]) and b"\n" + data.lstrip()[:1] not in data.strip():
        from agentops_eval.traces.reading.formats._large import large

        yield from large(BytesIO(data), path, problems, broken=str(error))
        return
    read = 0
    for number, line in enumerate(data.splitlines(), start=1):
        document = _parsed(line) if line[:1] in (b"{", b"[") else None
        if document is not None and _is_container(document):
            read += 1
            yield from _each(f"{path}:{number}", document)
        elif line.strip():
            problems.add(f"{path}:{number}", "passed over: no JSON document")
    if not read:
        raise TraceUnreadable(
            "the file holds neither a JSON document nor JSON lines",
            where=str(path),
            difference=f"{type(error).__name__}: {str(error)[:200]}",
        )


def _line_by_line(file: IO[bytes], path: Path, problems: Problems) -> Iterator[Frame]:
    number = 1
    while line := file.readline(MAX_DOCUMENT):
        number += 1
        where = f"{path}:{number}"
        if len(line) == MAX_DOCUMENT and not line.endswith(b"\n"):
            problems.add(where, f"passed over: the line has more than {MAX_DOCUMENT} bytes")
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_DOCUMENT)
            continue
        if line.isspace():
            continue
        try:
            document = decode(line)
        except BROKEN as error:
            problems.add(where, f"passed over: no JSON ({str(error)[:200]})")
            continue
        yield from _each(where, document)


def _each(where: str, document: Json) -> Iterator[Frame]:
    """The documents in a document: itself, or the elements of an array that is none in itself."""
    if isinstance(document, list) and format_of(document) is None:
        for number, item in enumerate(document):
            yield f"{where}[{number}]", item
    else:
        yield where, document


def _is_container(document: Json) -> bool:
    return isinstance(document, (dict, list))


def _parsed(data: bytes) -> Json:
    try:
        return decode(data)
    except BROKEN:
        return None


class Rejoined:
    """A file with what was already read of it put back in front."""

    def __init__(self, head: bytes, file: IO[bytes]) -> None:
        self._head = memoryview(head)
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """The next bytes: ``size`` at most, all where it is negative."""
        if size < 0:
            return self._take(len(self._head)) + self._file.read()
        head = self._take(size)
        return head + self._file.read(size - len(head)) if len(head) < size else head

    def _take(self, size: int) -> bytes:
        taken, self._head = self._head[:size].tobytes(), self._head[size:]
        return taken
