"""Where imported runs are kept, and what is refused before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from agentops_eval.domain import AgentopsError, CassetteWrite, GoldenWrite
from agentops_eval.harness._selection import ImportFacts
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_FILES = frozenset(
    {".json", ".jsonl", ".json1", ".ndjson", ".yaml", ".yml", ".toml", ".txt", ".csv", ".pb", ".gz", ".eval"}
)


class ImportKind(StrEnum):
    """What a run becomes."""

    CASSETTE = "cassette"
    GOLDEN = "golden"
    SCENARIO = "scenario"


_SUFFIXES = {
    ImportKind.CASSETTE: (CASSETTE_SUFFIX,),
    ImportKind.GOLDEN: (GOLDEN_SUFFIX,),
    ImportKind.SCENARIO: (".yaml", ".yml"),
}
_NAMES = {
    ImportKind.CASSETTE: "a recording's",
    ImportKind.GOLDEN: "a golden's",
    ImportKind.SCENARIO: "a scenario file's",
}


def refuse_misnamed(out: Path, kind: ImportKind) -> None:
    """Refuse a name that is neither a folder's nor that of a file of this kind."""
    suffixes = _SUFFIXES[kind]
    if _is_file_of(out, kind):
        if out.is_dir():
            raise _refused(
                kind,
                f"{out.name} is a folder",
                out,
                "name a file with --out, or a folder without that suffix",
            )
        beside = out.parent
    elif out.suffix.lower() in _FILES and not out.is_dir():
        named = f"{_NAMES[kind]} name ends in {' or '.join(suffixes)}"
        stem = out.name.partition(".")[0] or "run"
        raise _refused(
            kind, named, out, f"--out {out.with_name(stem + suffixes[0])}, or a folder for several"
        )
    else:
        beside = out
    for place in (beside, *beside.parents):
        if place.exists() and not place.is_dir():
            raise _refused(
                kind, f"{place.name} is a file, not a folder", place, "name another folder with --out"
            )


def _is_file_of(out: Path, kind: ImportKind) -> bool:
    return out.name.lower().endswith(_SUFFIXES[kind])


def targets_of(runs: Sequence[ImportFacts], out: Path, kind: ImportKind) -> dict[int, Path]:
    """Each run's file. Scenarios share one. Raises CassetteWrite or GoldenWrite for several in one file."""
    single = _is_file_of(out, kind)
    if kind is ImportKind.SCENARIO:
        file = out if single else out / "imported.yaml"
        return dict.fromkeys((run.number for run in runs), file)
    if single and len(runs) > 1:
        what = f"{len(runs)} runs fit, and {out.name} is one file"
        raise _refused(kind, what, out, f"name a folder, or choose one with --trace {runs[0].trace_id}")
    if single:
        return {run.number: out for run in runs}
    digits = _telling([run.trace_id for run in runs])
    suffix = _SUFFIXES[kind][0]
    return {run.number: out / f"{title_of(run, digits)}{suffix}" for run in runs}


def _telling(ids: Sequence[str]) -> int:
    """How many of their first digits tell trace ids apart."""
    return next((n for n in (8, 16) if len({one[:n] for one in ids}) == len(ids)), 32)


def title_of(run: ImportFacts, digits: int) -> str:
    """What a run is called where nobody names it."""
    return f"{_UNSAFE.sub('-', run.name).strip('-.')[:60] or 'run'}-{run.trace_id[:digits]}"


def refuse_used(targets: Iterable[Path], kind: ImportKind, *, force: bool) -> None:
    """Refuse before anything is written; what appears meanwhile is not overwritten either."""
    for target in targets:
        if target.is_dir():
            raise _refused(kind, f"{target.name} is a folder", target, "name another with --out")
        if target.exists() and not force:
            raise already_there(target, kind)


def already_there(target: Path, kind: ImportKind) -> AgentopsError:
    """A file that is not overwritten unasked."""
    what = "there is a file already, and importing overwrites none"
    return _refused(kind, what, target, "name another with --out, or add --force")


def _refused(kind: ImportKind, what: str, where: Path, remedy: str) -> AgentopsError:
    error = GoldenWrite if kind is ImportKind.GOLDEN else CassetteWrite
    return error(what, where=str(where), remedy=remedy)
