"""Files of results: append-only, one row a trial, whole after any crash."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from agentops_eval.domain import Result, ResultsInvalid, RunMisuse, Trace
from agentops_eval.harness._chained import lock_alone
from agentops_eval.harness.evaluating._rows import (
    ResultsHeader,
    header_line,
    read_header,
    read_row,
    row_line,
)

TRACES_SUFFIX = ".traces"
_TRACE_SUFFIX = ".otlp.json"
_SCOPE = "agentops_eval"
_DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a file holds: of each trial the last row. ``torn`` tells of a last line that was cut off."""

    path: Path
    header: ResultsHeader
    rows: tuple[Result, ...]
    digest: str
    torn: bool = False

    @property
    def unfinished(self) -> str:
        """Why these are not all the results that there were to be; empty where they are."""
        if len(self.rows) >= self.header.planned:
            return ""
        return f"{self.path.name} holds {len(self.rows)} of {self.header.planned} planned trials"


def read_results(path: Path) -> Results:
    """Read a file of results. A last line that was cut off (a crash) is left out, and said.

    Raises ResultsInvalid, naming the line, for anything else that is not as it was written.
    """
    header, rows, digest, torn, _ = _read(path)
    latest = {(row.suite, row.case, row.variant, row.trial): row for row in rows}
    return Results(path=path, header=header, rows=tuple(latest.values()), digest=digest, torn=torn)


def _read(path: Path) -> tuple[ResultsHeader, list[Result], str, bool, int]:
    """The header, all rows, the last digest, whether the last line is torn, and how many bytes are whole."""
    try:
        lines = _lines(path)
        first = next(lines, None)
        if first is None or not first[1].endswith(b"\n"):
            raise ResultsInvalid(
                "the file is empty", where=str(path), remedy="run the suite again with --out"
            )
        header = read_header(first[1], where=f"{path}:1")
        rows: list[Result] = []
        digest, whole = "", len(first[1])
        for number, line in lines:
            if not line.endswith(b"\n"):
                return header, rows, digest, True, whole
            row, digest = read_row(line, after=digest, where=f"{path}:{number}")
            rows.append(row)
            whole += len(line)
    except OSError as error:
        said = error.strerror or str(error)
        raise ResultsInvalid(
            f"the results cannot be read: {said}",
            where=str(path),
            remedy="give the file that `agentops-eval eval run --out` wrote",
        ) from None
    return header, rows, digest, False, whole


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        yield from enumerate(file, start=1)


def rows_in(path: Path) -> Iterator[Result]:
    """Every row of a file of results, one at a time, a trial's last one last.

    A last line that was cut off is left out. Raises ResultsInvalid as ``read_results`` does.
    """
    digest = ""
    with path.open("rb") as file:
        read_header(file.readline(), where=f"{path}:1")
        for number, line in enumerate(file, start=2):
            if not line.endswith(b"\n"):
                return
            row, digest = read_row(line, after=digest, where=f"{path}:{number}")
            yield row


class ResultsWriter:
    """Appends rows to one file, which no other process may write meanwhile.

    Every row is on the disk before the next is written. With ``resume`` what is there stays, and a line
    that was cut off is taken away; without it an existing file is an error: nothing is overwritten.
    Traces go into the folder beside the file, named after what they say, each once.
    """

    def __init__(self, path: Path, header: ResultsHeader, *, resume: bool = False) -> None:
        self._path, self._header, self._resume = path.absolute(), header, resume  # agents change the folder
        self._file: IO[bytes] | None = None
        self._digest = ""
        self.before: tuple[Result, ...] = ()

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = self._path.open("ab" if self._resume else "xb")
        except FileExistsError:
            raise RunMisuse(
                "there are results in that file already",
                where=str(self._path),
                remedy="go on with them: add --resume; or give another file",
            ) from None
        try:
            lock_alone(self._file, self._path, what="these results")
            if self._resume and self._file.tell() and not self._has_half_a_header(self._file):
                self._take_up(self._file)
            else:
                self._file.truncate(0)
                self._write(header_line(self._header))
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with suppress(OSError) if error is not None else nullcontext():  # it is told already
                self._file.close()

    def _has_half_a_header(self, file: IO[bytes]) -> bool:
        """Whether a crash left nothing but the beginning of what would be written now."""
        whole = header_line(self._header)
        return file.tell() < len(whole) and whole.startswith(self._path.read_bytes())

    def _take_up(self, file: IO[bytes]) -> None:
        header, rows, self._digest, torn, whole = _read(self._path)
        if _differs(header, self._header):
            raise ResultsInvalid(
                "these results are of other scenarios, of another agent or another candidate",
                where=str(self._path),
                difference=_differs(header, self._header),
                remedy="give another file",
            )
        if torn:
            file.truncate(whole)
        latest = {(row.suite, row.case, row.variant, row.trial): row for row in rows}
        self.before = tuple(latest.values())

    def append(self, result: Result) -> None:
        """Write one row, down to the disk."""
        self.extend((result,))

    def extend(self, results: Iterable[Result]) -> None:
        """Write rows that are all there already, and wait for the disk once."""
        for result in results:
            line, self._digest = row_line(result, after=self._digest)
            assert self._file is not None
            self._file.write(line)
        self._write(b"")

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        try:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:  # whose file it is, it does not say
            raise OSError(error.errno, error.strerror, str(self._path)) from None

    def keep_trace(self, trace: Trace) -> str:
        """Keep a trace beside the results; gives its file's name, relative to theirs; empty for no spans."""
        return keep_trace(trace, self._path)


def keep_results(path: Path, header: ResultsHeader, rows: Iterable[Result], *, traces_of: Path) -> None:
    """Write judged results to a new file; they go on naming the traces beside ``traces_of``.

    Raises RunMisuse where something is there, or where the file would lie in another folder.
    """
    if path.parent.resolve() != traces_of.parent.resolve():
        raise RunMisuse(
            "the new results would lie apart from their traces",
            where=str(path),
            remedy=f"name a file in {traces_of.parent}",
        )
    with ResultsWriter(path, header) as writer:
        writer.extend(rows)


def keep_trace(trace: Trace, results: Path) -> str:
    """Keep a trace beside a file of results, under the digest of what it says, as OTLP JSON."""
    from agentops_eval.traces import semconv as sc
    from agentops_eval.traces import write_whole
    from agentops_eval.traces.otlp import OtlpScope, encode_request

    if not trace.spans:
        return ""
    # It is no golden: what was left out of it would make one that does not fit itself.
    resource = {name: value for name, value in trace.resource.items() if name != sc.AGENTOPS_SCHEMA_VERSION}
    scope = OtlpScope(resource=resource, scope=_SCOPE, schema_url=trace.schema_url, spans=trace.spans)
    text = json.dumps(encode_request(scope), ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8", "backslashreplace") + b"\n"
    folder = results.with_name(results.name + TRACES_SUFFIX)
    target = folder / f"{_digest(data)}{_TRACE_SUFFIX}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(target, data)
    return f"{folder.name}/{target.name}"


def kept_trace(path: Path) -> Trace:
    """The trace that ``keep_trace`` wrote, as it was.

    A file that it did not write is read as any export is. Raises ResultsInvalid for one that is not what
    its name is the digest of, OSError, and what reading an export raises.
    """
    from agentops_eval.traces.otlp import OtlpError, decode_kept

    data = path.read_bytes()
    name = path.name.removesuffix(_TRACE_SUFFIX)
    try:
        scope = decode_kept(data)
    except OtlpError:
        scope = None
    if _DIGEST.fullmatch(name) and name != _digest(data):
        raise ResultsInvalid("it is not as it was written", where=str(path))
    if scope is None or scope.scope != _SCOPE:
        return _exported(path)
    return Trace(spans=scope.spans, resource=scope.resource, schema_url=scope.schema_url)


def _exported(path: Path) -> Trace:
    from agentops_eval.harness._runs import read_runs
    from agentops_eval.traces.reading import Problems

    found = next(read_runs([path], Problems()), None)
    if found is None:
        raise ResultsInvalid("it holds no spans", where=str(path))
    return found.trace


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _differs(there: ResultsHeader, here: ResultsHeader) -> str:
    """What keeps results of one command from being those of another, a line each; empty for nothing."""
    pairs = {"candidate": (there.candidate, here.candidate), "agent": (there.agent, here.agent)}
    lines = [f"{name}: {a or 'none'} there, {b or 'none'} here" for name, (a, b) in pairs.items() if a != b]
    names = sorted(
        name for name in {*there.suites, *here.suites} if there.suites.get(name) != here.suites.get(name)
    )
    return "\n".join([*lines, *(f"suite {name} is not the same" for name in names[:5])])
