"""Recorded runs for a candidate to be run beside: recordings as they are, traces made into recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentops_eval.domain import CassetteMissing, Json, Trace
from agentops_eval.harness._filter import facts_of
from agentops_eval.harness._import import import_runs
from agentops_eval.harness._ours import is_golden, is_recording, is_stray
from agentops_eval.harness._outputs import ImportKind
from agentops_eval.harness._recorded import read_recorded
from agentops_eval.harness._runs import read_runs
from agentops_eval.harness._selection import ImportFilter
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import COMPLETED, Cassette, case_of, parent_path, read_cassette
from agentops_eval.traces import draft_scenario
from agentops_eval.traces.dialects import NormalTrace, essential, normal_of
from agentops_eval.traces.levels import Ending, ending_of
from agentops_eval.traces.reading import Problems

_EXPORTS = frozenset({".json", ".jsonl", ".ndjson", ".gz", ".pb"})
_JUDGED = frozenset({COMPLETED, "raised AssertionError", "raised Failed"})  # a test's verdict breaks nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """One run that took place. ``path`` is its recording, ``case`` its name, the same in every look.

    ``turns`` are what the user said, none where the recording does not tell; ``answer`` is the last text
    that an llm gave. ``error`` tells what the agent broke off with, empty where it did not.
    """

    case: str
    path: Path
    cassette: Cassette
    trace: Trace
    turns: tuple[Json, ...] = ()
    answer: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """Runs to go by, and those that cannot be gone by: the file with the reason."""

    runs: tuple[RecordedRun, ...]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Endings:
    """How runs ended that were traced elsewhere, by trace id: a recording made of one does not tell."""

    known: dict[str, Ending] = field(default_factory=dict)

    def seen(self, runs: Iterable[NormalTrace]) -> Iterator[NormalTrace]:
        for run in runs:
            self.known[run.trace.trace_id] = ending_of(run)
            yield run


def read_recordings(
    paths: Sequence[Path],
    *,
    keep_in: Path,
    settings: Settings,
    problems: Problems,
    agents: tuple[str, ...] = (),
) -> Recordings:
    """The recorded runs in files and folders; with ``agents`` only theirs, by the name in the trace.

    Traces of other tools become recordings in ``keep_in``, redacted as every recording is; the same trace
    becomes the same file again. Raises CassetteMissing where there is nothing to go by, and what reading
    recordings and traces raises.
    """
    own, exports = _sorted(paths, problems)
    kept = [(path, "") for path in own]
    left_out: list[tuple[str, str]] = []
    for path, ended in _imported(exports, keep_in, settings, problems, beside=bool(own), agents=agents):
        if isinstance(path, str):
            left_out.append((path, ended))
        else:
            kept.append((path, ended))
    names = Counter(case_of(path) for path, _ in kept)
    runs = []
    for path, ended in kept:
        case = case_of(path)
        found = _run(path, case if names[case] == 1 else path.as_posix(), ended, agents)
        if isinstance(found, str):
            left_out.append((str(path), found))
        else:
            runs.append(found)
    if not runs and not left_out:
        raise CassetteMissing(
            "there is no recorded run in what was given",
            where=", ".join(map(str, paths)),
            remedy="name recordings (*.cassette.jsonl), exported traces, or folders with them",
        )
    return Recordings(runs=tuple(runs), left_out=tuple(left_out))


def _imported(
    exports: Sequence[Path],
    keep_in: Path,
    settings: Settings,
    problems: Problems,
    *,
    beside: bool,
    agents: tuple[str, ...],
) -> Iterator[tuple[Path | str, str]]:
    """Recordings made of traces, each with how its run failed; of what is none a name, with the reason."""
    if not exports:
        return
    endings = _Endings()
    found = import_runs(
        endings.seen(read_runs(exports, problems, beside=beside)),
        settings,
        kind=ImportKind.CASSETTE,
        out=keep_in,
        wanted=ImportFilter(every=True, agents=agents),
        force=True,
    )
    if found.sieve.unfit:
        yield f"{found.sieve.unfit} of {found.sieve.read} traces", "of another agent"
    for one in found.runs:
        ending, name = endings.known.get(one.trace_id, Ending.UNKNOWN), f"trace {one.trace_id}"
        if not one.written:
            yield name, "its trace holds nothing that could be replayed"
        elif ending is Ending.INFRASTRUCTURE:
            yield name, "it broke off without the agent's fault"
        else:
            yield one.path, "it failed" if ending is Ending.FAILED else ""


def _sorted(paths: Sequence[Path], problems: Problems) -> tuple[list[Path], list[Path]]:
    """Recordings and exports, each once, in order; branches belong to their recordings.

    YAML in a folder that is no recording, as a gate file, is passed over and told.
    """
    own: dict[Path, None] = {}
    exports: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise CassetteMissing(
                "there is no such file", where=str(path), remedy="name a recording or a folder"
            )
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for file in inside:
            if path.is_dir() and is_stray(file):
                problems.add(str(file), "passed over: YAML that is no recording")
            elif is_recording(file):
                if parent_path(file) == file:
                    own[file] = None
            elif path.is_file() or (file.suffix.lower() in _EXPORTS and not is_golden(file)):
                exports[file] = None
    return list(own), list(exports)


def _run(path: Path, case: str, error: str, agents: tuple[str, ...]) -> RecordedRun | str:
    """The run of a recording, or why it cannot be gone by."""
    cassette = read_cassette(path)
    if cassette.outcome not in _JUDGED:
        if not cassette.outcome.startswith("raised "):
            return f"the recorded run {cassette.outcome}"
        error = error or f"the agent {cassette.outcome}"
    trace = read_recorded(path).trace
    normal = normal_of(trace, where=str(path))
    there = facts_of(normal).agents
    if agents and there.isdisjoint(agents):
        return f"of another agent: {', '.join(sorted(there)) or 'it names none'}"
    drafted = draft_scenario(essential(normal), name=case) or {}
    asked, expected = drafted.get("input"), drafted.get("expect")
    answer = expected.get("answer") if isinstance(expected, dict) else None
    return RecordedRun(
        case=case,
        path=path,
        cassette=cassette,
        trace=trace,
        turns=() if asked is None else tuple(asked) if isinstance(asked, list) else (asked,),
        answer=answer if isinstance(answer, str) else "",
        error=error,
    )
