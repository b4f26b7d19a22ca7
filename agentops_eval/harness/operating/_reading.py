"""Runs out of traces, files of results and folders of both, one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import Ending, Result, RunFacts
from agentops_eval.harness._runs import read_runs
from agentops_eval.harness.evaluating import TRACES_SUFFIX, read_trace, rows_in
from agentops_eval.operations import facts_of_result
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX
from agentops_eval.traces.dialects import NormalTrace, normal_of
from agentops_eval.traces.reading import Problems

_SUFFIXES = (".json", ".jsonl", ".json1", ".ndjson", ".pb", ".gz", ".eval")
_HEAD = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """One run: its trace, and what its result says of it where a suite judged it.

    Either may be None; ``judged`` has no moment, for results do not tell when they were.
    """

    run: NormalTrace | None = None
    judged: RunFacts | None = None


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files that are named, and those in folders: what may hold runs, each run once.

    Of a recording and its golden the recording is taken, which knows when it was; traces beside results
    are read with these. Hidden folders are passed over. Raises OSError.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_below(path) if path.is_dir() else [path]))
    return tuple(found)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not (name.startswith(".") or name.endswith(TRACES_SUFFIX))
        )
        there = {*names}
        for name in sorted(names):
            stem = name.removesuffix(GOLDEN_SUFFIX)
            recorded = stem != name and f"{stem}{CASSETTE_SUFFIX}" in there
            path = Path(place, name)
            if name.lower().endswith(_SUFFIXES) and not recorded and path.is_file():
                yield path


def is_results(path: Path) -> bool:
    """Whether a file is one of results. Raises OSError."""
    with path.open("rb") as file:
        return b'"agentops_results"' in file.readline(_HEAD)


def operated(files: Iterable[Path], problems: Problems) -> Iterator[Operated]:
    """Every run: results as they come, then goldens, recordings and exports as ``read_runs`` gives them.

    Memory holds one trace at a time, and of a file of results the few figures of each trial. Raises
    ResultsInvalid for results that are not as they were written, and what ``read_runs`` raises.
    """
    results: list[Path] = []
    traces: list[Path] = []
    for path in files:
        (results if is_results(path) else traces).append(path)
    for path in results:
        yield from _of_results(path)
    for run in read_runs(traces, problems, beside=bool(results)):
        yield Operated(run=run)


def _of_results(path: Path) -> Iterator[Operated]:
    latest: dict[tuple[str, str, str, int], tuple[RunFacts, str]] = {}
    for row in rows_in(path):
        key = (row.suite, row.case, row.variant, row.trial)
        if row.ending is Ending.NEEDS_RECORDING:  # it was not run
            latest.pop(key, None)
        else:
            latest[key] = facts_of_result(row, at_s=0.0), row.trace_file
    for judged, file in latest.values():
        trace = read_trace(Result(suite="", case="", trace_file=file), path)
        where = str(path.parent / file)
        yield Operated(run=normal_of(trace, where=where) if trace.spans else None, judged=judged)
