"""Renaming a case: its files move, what names it inside follows, and nothing is overwritten."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from agentops_eval.domain import CassetteWrite, Trace
from agentops_eval.harness._cases import CaseFiles, beside, renamed_agent, renamed_case
from agentops_eval.harness._changes import change_files
from agentops_eval.replay import CASSETTE_SUFFIX, drop_blobs_of, moved_cassette, read_cassette
from agentops_eval.traces import case_and_agent, golden_files, read_golden, retitled_trace
from agentops_eval.traces.redaction import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """One case to be renamed: its files, and what all of it will be called."""

    files: CaseFiles
    target: Path
    was_case: str
    was_agent: str
    case: str
    agent: str

    @property
    def changes_nothing(self) -> bool:
        """Whether every file stays where it is, under the names that it has."""
        names = (self.case, self.agent) == (self.was_case, self.was_agent)
        return names and self.files.stem == self.target

    @property
    def targets(self) -> dict[Path, Path]:
        """Where each file goes."""
        name = len(self.files.stem.name)
        return {path: self.target.with_name(self.target.name + path.name[name:]) for path in self.files.all}


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """One renaming that was done: the files that the case has now, and how many blobs came along."""

    renaming: Renaming
    files: tuple[Path, ...]
    blobs: int


def plan_renaming(
    files: CaseFiles, target: Path, *, golden_dir: Path, case: str = "", agent: str = ""
) -> Renaming:
    """Say what a case will be called at ``target``; ``case`` and ``agent`` choose that.

    Reads the files whole: what is damaged is not moved. Raises CassetteCorrupt, GoldenCorrupt and kin.
    """
    was_case, was_agent = _names(files)
    chosen = case or renamed_case(was_case, files.stem, target, golden_dir=golden_dir)
    return Renaming(
        files=files,
        target=target,
        was_case=was_case,
        was_agent=was_agent,
        case=chosen,
        agent=agent or renamed_agent(was_agent, ((was_case, chosen), (files.stem.name, target.name))),
    )


def _names(files: CaseFiles) -> tuple[str, str]:
    """The case's and the agent's name: as the recording says, else the golden, else the first branch."""
    recorded = [path for path in (files.cassette, *files.branches) if path is not None]
    headers = [read_cassette(path).header for path in recorded]
    golden = None if files.golden is None else case_and_agent(read_golden(files.golden).trace)
    if golden is not None and files.cassette is None:
        return golden
    return (headers[0].case, headers[0].agent) if headers else ("", "")


def refuse_overwriting(renamings: Iterable[Renaming]) -> None:
    """Raise CassetteWrite where anything would be written over a file that is there, or over another's."""
    taken: list[Path] = []
    in_the_way: list[Path] = []
    seen: set[Path] = set()
    for renaming in renamings:
        for source, target in renaming.targets.items():
            there = target != source and target.exists()
            if target in seen or there:
                taken.append(target)
            if there and renaming.target not in in_the_way:
                in_the_way.append(renaming.target)
            seen.add(target)
    if taken:
        raise CassetteWrite(
            "there are files of that name already, and renaming never overwrites one",
            where=", ".join(map(str, taken[:5])),
            difference="nothing was renamed",
            remedy=_make_way(in_the_way[0]) if in_the_way else "give each case a name of its own",
        )


def _make_way(stem: Path) -> str:
    """The command that gives the case in the way a free name, without a dash, which begins parameters."""
    names = (stem.with_name(f"{stem.name}_before{number or ''}") for number in count())
    words = [beside(stem, CASSETTE_SUFFIX), next(one for one in names if not CaseFiles.of(one).all)]
    return shlex.join(["agentops-eval", "cassette", "rename", *map(str, words)])


def rename_cases(renamings: Iterable[Renaming], *, redactor: Redactor) -> tuple[Renamed, ...]:
    """Write the cases under their new names, and remove them under the old ones: all of them, or none.

    Gives those whose names changed. Raises CassetteWrite where the disk refuses, and SecretFound where
    a golden would still hold one.
    """
    planned = [renaming for renaming in renamings if not renaming.changes_nothing]
    sources = {path: _read(path) for renaming in planned for path in renaming.targets}
    changes = [_changes(renaming, redactor) for renaming in planned]
    targets = {path for renaming in planned for path in renaming.targets.values()}
    together = {path: data for one in changes for path, data in one.items()}
    change_files(together, sources=sources, shared=frozenset(together) - sources.keys() - targets)
    for renaming in planned:
        cites = b"".join(sources[path] for path in renaming.targets)
        drop_blobs_of(renaming.files.stem.parent, cites)
    return tuple(_renamed(*pair) for pair in zip(planned, changes, strict=True))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise _gone(path) from None


def _gone(path: Path) -> CassetteWrite:
    return CassetteWrite(
        "nothing was renamed, because another process removed a file meanwhile",
        where=str(path),
        difference="every file is as it was",
        remedy="run the command again",
    )


def _renamed(renaming: Renaming, changes: Mapping[Path, bytes | None]) -> Renamed:
    files = tuple(renaming.targets.values())
    stays = renaming.files.stem.parent == renaming.target.parent
    blobs = [path for path, data in changes.items() if data is not None and path not in files]
    return Renamed(renaming=renaming, files=files, blobs=0 if stays else len(blobs))


def _changes(renaming: Renaming, redactor: Redactor) -> dict[Path, bytes | None]:
    """What each file will hold: the new ones, what they cite first, then the old ones, which go."""
    targets, golden = renaming.targets, renaming.files.golden
    recorded = {source: target for source, target in targets.items() if source != golden}
    changes: dict[Path, bytes | None] = {}
    try:
        changes |= moved_cassette(recorded, case=renaming.case, agent=renaming.agent)
    except FileNotFoundError as gone:
        raise _gone(Path(str(gone.filename))) from None
    if golden is not None:
        changes |= golden_files(targets[golden], _renamed_trace(golden, renaming), redactor=redactor)[1]
    return changes | {source: None for source in targets if source not in changes}


def _renamed_trace(golden: Path, renaming: Renaming) -> Trace:
    """The golden's trace; one of another case, whose recording a test shares, goes on naming that."""
    trace = read_golden(golden).trace
    case, agent = case_and_agent(trace)
    case = renaming.case if case in (renaming.was_case, renaming.files.stem.name) else case
    agent = renaming.agent if agent == renaming.was_agent else agent
    return retitled_trace(trace, case=case, agent=agent)
