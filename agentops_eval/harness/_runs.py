"""Runs out of files of any kind: goldens, recordings, exports of other tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from agentops_eval.harness._ours import is_golden, is_recording
from agentops_eval.harness._recorded import read_recorded
from agentops_eval.traces import read_golden
from agentops_eval.traces.dialects import NormalTrace, normal_of, normalise
from agentops_eval.traces.reading import Problems, read_traces


def read_runs(files: Iterable[Path], problems: Problems, *, beside: bool = False) -> Iterator[NormalTrace]:
    """Every run in the files, in the conventions' words: goldens, recordings, exports in any dialect.

    Exports are read together, as a trace may be spread over several; what cannot be read in them is
    noted in ``problems`` and passed over, a whole export where another file can be read, or was
    (``beside``). A golden's times are logical, and so are those of vcrpy's
    cassettes; a recording's are those of the run. Raises TraceUnreadable, GoldenCorrupt,
    CassetteCorrupt and their kin for a file of which nothing can be read.
    """
    exports: list[Path] = []
    for path in files:
        if is_golden(path):
            yield normal_of(read_golden(path).trace, where=str(path), by_line=True)
            beside = True
        elif is_recording(path):
            yield normal_of(read_recorded(path).timed, where=str(path))
            beside = True
        else:
            exports.append(path)
    if exports:
        yield from map(normalise, read_traces(exports, problems, beside=beside))
