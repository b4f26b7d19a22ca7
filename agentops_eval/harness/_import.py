"""Runs that were traced elsewhere, made into recordings and goldens of this project."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from agentops_eval.domain import CassetteWrite, Event
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import CASSETTE_SUFFIX, CassetteHeader, CassetteWriter, request_key
from agentops_eval.traces import GOLDEN_SUFFIX, canonical, golden_bytes, synthesise, write_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, essential, normalise
from agentops_eval.traces.reading import Problems, read_traces
from agentops_eval.traces.redaction import Redactor

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class ImportKind(StrEnum):
    """What a run becomes."""

    CASSETTE = "cassette"
    GOLDEN = "golden"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFilter:
    """Which runs are wanted: all that fit every condition that is set."""

    trace_id: str = ""
    agent: str = ""
    conversation: str = ""
    errors_only: bool = False

    def wants(self, run: NormalTrace) -> bool:
        """Whether a run fits."""
        spans = run.trace.spans
        values = {
            key: {span.attributes.get(key) for span in spans} for key in (sc.AGENT_NAME, sc.CONVERSATION_ID)
        }
        return (
            spans[0].trace_id.startswith(self.trace_id.lower())
            and (not self.agent or self.agent in values[sc.AGENT_NAME])
            and (not self.conversation or self.conversation in values[sc.CONVERSATION_ID])
            and (not self.errors_only or any(sc.ERROR_TYPE in span.attributes for span in spans))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRun:
    """A run that was imported: where it is kept, and what its trace does not tell.

    ``calls`` counts the recorded calls, or the spans of a golden; with none, nothing was written.
    ``alike`` are further runs that do the same and were left out.
    """

    trace_id: str
    path: Path
    calls: int
    gaps: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


def import_runs(
    files: Iterable[Path],
    settings: Settings,
    *,
    kind: ImportKind,
    out: Path,
    wanted: ImportFilter,
    problems: Problems,
    force: bool = False,
) -> tuple[ImportedRun, ...]:
    """Import the wanted runs in the files, each once: runs that do the same are one.

    ``out`` is a file for one run (its name ends in the suffix of its kind), else a folder. Raises
    CassetteWrite where a file is there already, TraceUnreadable for a file in which nothing is.
    """
    unique: dict[bytes, list[NormalTrace]] = {}
    for found in read_traces(files, problems):
        run = normalise(found)
        if run.trace.spans and wanted.wants(run):
            unique.setdefault(golden_bytes(canonical(essential(run))), []).append(run)
    runs = list(unique.values())
    targets = _targets([group[0] for group in runs], out, kind)
    if not force:
        _refuse_overwriting(targets)
    return tuple(_keep(group, path, kind, settings) for group, path in zip(runs, targets, strict=True))


def _targets(runs: Sequence[NormalTrace], out: Path, kind: ImportKind) -> list[Path]:
    suffix = CASSETTE_SUFFIX if kind is ImportKind.CASSETTE else GOLDEN_SUFFIX
    if len(runs) == 1 and out.name.endswith(suffix):
        return [out]
    ids = [run.trace.spans[0].trace_id for run in runs]
    digits = next((n for n in (8, 16) if len({one[:n] for one in ids}) == len(ids)), 32)
    return [out / f"{_name(run)}-{one[:digits]}{suffix}" for run, one in zip(runs, ids, strict=True)]


def _name(run: NormalTrace) -> str:
    root = run.trace.root or run.trace.spans[0]
    return _UNSAFE.sub("-", root.name).strip("-.")[:60] or "run"


def _refuse_overwriting(targets: Iterable[Path]) -> None:
    for target in targets:
        if target.exists():
            raise CassetteWrite(
                "there is a file already, and importing overwrites none",
                where=str(target),
                remedy="name another with --out, or add --force",
            )


def _keep(group: Sequence[NormalTrace], path: Path, kind: ImportKind, settings: Settings) -> ImportedRun:
    run = group[0]
    redactor = Redactor(settings.redaction_rules)
    redactor.learn_environment(os.environ)
    gaps: Iterable[str] = ()
    if kind is ImportKind.GOLDEN:
        calls = len(write_golden(path, essential(run), redactor=redactor).trace)
    else:
        made = synthesise(run)
        gaps, calls = made.gaps, len(made.events)
        if calls:
            _write_cassette(run, redactor.events(made.events), path, settings, redactor)
    return ImportedRun(
        trace_id=run.trace.spans[0].trace_id,
        path=path,
        calls=calls,
        gaps=tuple(gaps),
        unmapped=tuple(sorted({key for keys in run.unmapped.values() for key in keys})),
        alike=tuple(other.trace.spans[0].trace_id for other in group[1:]),
    )


def _write_cassette(
    run: NormalTrace, events: Iterable[Event], path: Path, settings: Settings, redactor: Redactor
) -> None:
    from agentops_eval import __version__

    rules = settings.match_rules
    started_s = run.trace.spans[0].start_ns / 1e9

    def key(event: Event) -> str:
        return request_key(event.seam, event.boundary, event.request, rules=rules, redactor=redactor)

    header = CassetteHeader(
        case="",
        agent=next(_agents(run), "agent"),
        recorded_at=datetime.fromtimestamp(started_s, UTC).isoformat(timespec="seconds"),
        tool=f"agentops-eval {__version__}, from trace {run.trace.spans[0].trace_id}",
        wall_start_s=started_s,
        rules=rules.digest,
    )
    writer = CassetteWriter(path, header, redactor=redactor, key=key)
    try:
        for event in events:
            writer.append(event)
        writer.commit()
    except BaseException:
        writer.discard()
        raise


def _agents(run: NormalTrace) -> Iterator[str]:
    for span in run.trace.spans:
        name = span.attributes.get(sc.AGENT_NAME)
        if isinstance(name, str) and name:
            yield name
