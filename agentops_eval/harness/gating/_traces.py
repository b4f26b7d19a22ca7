"""Samples out of traces: each run one, by what its trace tells of success, time, money and retries."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from agentops_eval.domain import Reason, SamplesInvalid, Span, TraceUnreadable
from agentops_eval.evals.comparing import measures_of_spend
from agentops_eval.harness._runs import read_runs
from agentops_eval.harness.gating._folders import rows_of, traces_of_results
from agentops_eval.harness.gating._rows import FIELDS, Row, Rows
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX, conversations_of, spend_of
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace
from agentops_eval.traces.levels import Ending, ending_of, root_of
from agentops_eval.traces.reading import Problems

_SUFFIXES = frozenset(".json .jsonl .ndjson .gz .pb .binpb .otlp .proto .eval".split())
_OUTCOMES = {Ending.COMPLETED: True, Ending.FAILED: False}
_READ = "give an OTLP export (JSON, JSON lines, protobuf), a recording, a golden, or a folder of them"
_MOST_TOLD = 3


def trace_files(path: Path) -> list[Path]:
    """The file, or the files below a folder that may hold traces, by name; of a case's two the recording."""
    if not path.is_dir():
        return [path]
    found = sorted(
        (file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file()),
        key=lambda file: file.relative_to(path).as_posix(),
    )
    shown = [file for file in found if not any(p.startswith(".") for p in file.relative_to(path).parts)]
    there = set(shown)
    return [file for file in shown if _recording_beside(file) not in there]


def _recording_beside(file: Path) -> Path | None:
    name = file.name.removesuffix(GOLDEN_SUFFIX)
    return None if name == file.name else file.with_name(name + CASSETTE_SUFFIX)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file; of a folder that of its files' names and digests, in the order of names."""
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    both = (f"{file.relative_to(path).as_posix()}\0{digest_of(file)}\n" for file in trace_files(path))
    return hashlib.sha256("".join(both).encode("utf-8", "surrogateescape")).hexdigest()


def read_runs_of(path: Path, rows: Rows) -> tuple[Reason, ...]:
    """Read every run; what was passed over is told, and blocks a promotion: it may have held runs.

    Raises SamplesInvalid where no run can be read, and what reading our own files raises.
    """
    files = trace_files(path)
    if not files:
        raise _no_traces(path) or SamplesInvalid(
            "there is no file of traces in this folder", where=str(path), remedy=_READ
        )
    problems = Problems()
    try:
        for number, run in enumerate(read_runs(files, problems), start=1):
            where = _where(run) or f"{path}:{number}"
            rows.take(number, _row(run, where), where=where)
    except TraceUnreadable as error:
        raise _no_traces(path) or SamplesInvalid(
            f"there are neither rows nor traces in it: {error.what}",
            where=error.where or str(path),
            difference=error.difference,
            remedy=error.remedy or _array_of(path),
        ) from None
    return (*_told(problems), *traces_of_results(path))


def _no_traces(path: Path) -> SamplesInvalid | None:
    """What is raised for a folder of rows; None for any other, and for a file."""
    remedy = rows_of(path) if path.is_dir() else ""
    if not remedy:
        return None
    return SamplesInvalid("a folder is read as traces, and this one has rows", where=str(path), remedy=remedy)


def _array_of(path: Path) -> str:
    lines = "" if path.is_dir() else f"jq -c '.[]' {shlex.quote(str(path))} > rows.jsonl"
    return f"of an array of rows give one a line: {lines}; else {_READ}" if lines else _READ


def _told(problems: Problems) -> Iterator[Reason]:
    if not problems.count:
        return
    first = "; ".join(str(one) for one in problems.kept[:_MOST_TOLD])
    more = f"; and {problems.count - _MOST_TOLD} more" if problems.count > _MOST_TOLD else ""
    parts = (
        "1 part of the traces was" if problems.count == 1 else f"{problems.count} parts of the traces were"
    )
    yield Reason(
        code="unread-traces",
        message=f"{parts} not read in full: {first}{more}",
        remedy="mend the export, or take what does not belong there away",
        blocks=any(one.what.startswith("passed over") for one in problems.kept),
    )


def _row(run: NormalTrace, where: str) -> Row:
    """What a gate may ask of a run. What it tells itself comes before attributes of the same name."""
    root = _root(run)
    ending = ending_of(run)
    timed = not sc.is_logical(root.start_ns)
    conversation = next(iter(conversations_of(run)), "")
    about = _attributes(run, root)
    told = {
        "case": about.get(sc.AGENTOPS_CASE) or conversation or root.trace_id,
        "passed": _OUTCOMES.get(ending),
        "error": "infrastructure" if ending is Ending.INFRASTRUCTURE else None,
        "at": root.start_ns / 1e9 if timed else None,
        "trace": f"{where}#{root.trace_id}",
        "answer": root.attributes.get(sc.OUTPUT_MESSAGES),
        **_scores(run),
        **measures_of_spend(spend_of(run.trace)),
    }
    return {**about, **told}


def _attributes(run: NormalTrace, root: Span) -> Mapping[str, object]:
    """Attributes of the run, as they were emitted and in the conventions' words.

    One that is called as a column is by default, such as ``error`` or ``stage``, need not mean the same.
    """
    source = run.sources.get(root.span_id)
    emitted = {} if source is None else {**source.origin.resource, **source.span.attributes}
    found = {**run.trace.resource, **emitted, **root.attributes}
    return {name: value for name, value in found.items() if name not in FIELDS}


def _scores(run: NormalTrace) -> Mapping[str, float]:
    """Scores that evaluations gave the run, by their names; of several of one name the mean."""
    found: dict[str, list[float]] = {}
    for source in run.sources.values():
        for event in source.span.events:
            name = event.attributes.get(sc.EVALUATION_NAME)
            score = event.attributes.get(sc.EVALUATION_SCORE_VALUE)
            if (
                event.name == sc.EVALUATION_RESULT
                and isinstance(name, str)
                and isinstance(score, (int, float))
            ):
                found.setdefault(name, []).append(float(score))
    return {name: sum(scores) / len(scores) for name, scores in found.items()}


def _root(run: NormalTrace) -> Span:
    """The span that stands for the run, else the first."""
    return root_of(run) or run.trace.spans[0]


def _where(run: NormalTrace) -> str:
    source = run.sources.get(_root(run).span_id)
    return "" if source is None else source.origin.where
