"""Runs out of the files that a person named, each with what only its recording knows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._place import find_blob
from agentops_eval.cli._reading import reading, reading_exports, refuse_absent
from agentops_eval.domain import Label, Trace
from agentops_eval.harness import Recorded, is_golden, is_recording, read_recorded, recorded_beside

if TYPE_CHECKING:
    from agentops_eval.harness import Sieve
    from agentops_eval.traces.dialects import NormalTrace
    from agentops_eval.traces.reading import Problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A run. ``exported`` says that the file is another tool's; ``note``, what could not be found out.

    ``trace`` is as kept, ``normal`` in the conventions' words; of an export both are the same. ``timed`` has
    the run's own times, where they are known.
    """

    trace: Trace
    normal: NormalTrace
    timed: Trace
    exported: bool
    durations_ms: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    note: str = ""

    @property
    def elsewhere(self) -> bool:
        """Whether the run was traced elsewhere: the file is another tool's, or was made from one."""
        from agentops_eval.traces import semconv as sc

        return self.exported or sc.AGENTOPS_SOURCE_DIALECT in self.trace.resource


def load(files: Sequence[Path], problems: Problems, sieve: Sieve | None = None) -> Iterator[Loaded]:
    """Every run in the files that is wanted: goldens and recordings as they come, then exports together.

    Memory holds one run of an export at a time. What cannot be read there is noted in ``problems``.
    """
    for run in _loaded(files, problems):
        if sieve is None or sieve.lets(run.normal):
            yield run


def _loaded(files: Sequence[Path], problems: Problems) -> Iterator[Loaded]:
    own, exports = _sorted(files)
    for path in own:
        if is_golden(path):
            yield _of_golden(path)
        else:
            with reading(path):
                yield _own(read_recorded(path))
    if exports:
        yield from _exported(exports, problems, beside=bool(own))


def runs_in(files: Sequence[Path], problems: Problems) -> Iterator[NormalTrace]:
    """The same runs for whoever needs only their traces, in the conventions' words."""
    from agentops_eval.harness import read_runs

    own, exports = _sorted(files)
    for path in own:
        with reading(path):
            yield from read_runs([path], problems)
    with reading_exports():
        yield from read_runs(exports, problems, beside=bool(own))


def _sorted(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Goldens and recordings, which are read one by one, and exports, which may belong together."""
    own: list[Path] = []
    exports: list[Path] = []
    for path in files:
        if path.is_dir():
            raise Misused(f"{path} is a folder", remedy=f"name files in it: ls {shlex.quote(str(path))}")
        refuse_absent(path)
        (own if is_golden(path) or is_recording(path) else exports).append(path)
    return own, exports


def _exported(files: Iterable[Path], problems: Problems, *, beside: bool) -> Iterator[Loaded]:
    from agentops_eval.harness import read_runs
    from agentops_eval.traces import took_ns

    with reading_exports():
        for run in read_runs(files, problems, beside=beside):
            took = {span.span_id: took_ns(span) for span in run.trace}
            durations = {span_id: ns / 1e6 for span_id, ns in took.items() if ns is not None}
            yield Loaded(trace=run.trace, normal=run, timed=run.trace, exported=True, durations_ms=durations)


def _of_golden(path: Path) -> Loaded:
    """A golden, with the durations of the recording beside it.

    git hands over a golden's versions elsewhere, without their blobs: these are looked for.
    """
    from agentops_eval.traces import read_golden

    with reading(path):
        golden = read_golden(path, load=lambda name: find_blob(path, name)).trace
    return _own(recorded_beside(path, golden))


def _own(found: Recorded) -> Loaded:
    from agentops_eval.traces.dialects import normal_of

    return Loaded(
        trace=found.trace,
        normal=normal_of(found.trace),
        timed=found.timed,
        exported=False,
        durations_ms=found.durations_ms,
        labels=found.labels,
        note=found.note,
    )
