"""Renaming a case: all its files move, what names it inside follows, and nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import CassetteWrite
from agentops_eval.harness._cases import CaseFiles, renamed_agent, renamed_case
from agentops_eval.replay import (
    cited,
    copy_blobs,
    digest_of,
    drop_blobs,
    read_cassette,
    replace_file,
    retitled_cassette,
)
from agentops_eval.traces import case_and_agent, read_golden, retitled_trace, write_golden
from agentops_eval.traces.redaction import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """One case that was renamed: its names before and now, and the files that it has now."""

    old: Path
    new: Path
    was_case: str
    was_agent: str
    case: str
    agent: str
    files: tuple[Path, ...]
    blobs: int = 0


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
    names = ("", "")
    for path in (*files.branches, files.cassette):
        if path is not None:
            header = read_cassette(path).header
            names = (header.case, header.agent)
    if files.golden is not None:
        of_golden = case_and_agent(read_golden(files.golden).trace)
        names = names if files.cassette is not None else of_golden
    return names


def refuse_overwriting(renamings: Iterable[Renaming]) -> None:
    """Raise CassetteWrite where anything would be written over a file that is there, or over another's."""
    taken: list[Path] = []
    seen: set[Path] = set()
    for renaming in renamings:
        for source, target in renaming.targets.items():
            if target in seen or (target != source and target.exists()):
                taken.append(target)
            seen.add(target)
    if taken:
        raise CassetteWrite(
            "there are files of that name already, and renaming never overwrites one",
            where=", ".join(map(str, taken[:5])),
            difference="nothing was renamed",
            remedy="choose another name, or remove those files first",
        )


def rename_case(renaming: Renaming, *, redactor: Redactor) -> Renamed:
    """Write the case under its new name, then remove it under the old one.

    Where writing fails, what was written goes again, and the old files stay. Raises what writing raises.
    """
    moved = {source: target for source, target in renaming.targets.items() if source != target}
    try:
        blobs = _write(renaming, redactor)
    except BaseException:
        for target in moved.values():
            with suppress(OSError):
                target.unlink()
        raise
    before = cited(b"".join(source.read_bytes() for source in moved))
    for source in moved:
        source.unlink()
    if moved:
        _tidy(renaming.files.stem.parent, before)
    return Renamed(
        old=renaming.files.stem,
        new=renaming.target,
        was_case=renaming.was_case,
        was_agent=renaming.was_agent,
        case=renaming.case,
        agent=renaming.agent,
        files=tuple(renaming.targets.values()),
        blobs=blobs,
    )


def _write(renaming: Renaming, redactor: Redactor) -> int:
    """Write every file in its new place, blobs first; give the number of blobs."""
    files, targets, folder = renaming.files, renaming.targets, renaming.target.parent
    folder.mkdir(parents=True, exist_ok=True)
    copied: tuple[str, ...] = ()
    if folder != files.stem.parent:
        names = cited(b"".join(path.read_bytes() for path in files.all))
        copied = copy_blobs(files.stem.parent, folder, names)
    replaced = ("", "")
    if files.cassette is not None:
        data = files.cassette.read_bytes()
        after = _retitled(data, files.cassette, renaming)
        replaced = (digest_of(data), digest_of(after))
        replace_file(targets[files.cassette], after)
    for branch in files.branches:
        # A branch of the recording as it was is one of the recording as it will be; a stale one stays stale.
        left = read_cassette(branch).header.branch_of
        after = _retitled(
            branch.read_bytes(), branch, renaming, branch_of=replaced[1] if left == replaced[0] else ""
        )
        replace_file(targets[branch], after)
    if files.golden is not None:
        _write_golden(files.golden, targets[files.golden], renaming, redactor)
    return len(copied)


def _retitled(data: bytes, path: Path, renaming: Renaming, *, branch_of: str = "") -> bytes:
    return retitled_cassette(data, path, case=renaming.case, agent=renaming.agent, branch_of=branch_of)


def _write_golden(source: Path, target: Path, renaming: Renaming, redactor: Redactor) -> None:
    """Write the golden anew; one of another case, whose recording a test shares, goes on naming that."""
    trace = read_golden(source).trace
    case, agent = case_and_agent(trace)
    case = renaming.case if case in (renaming.was_case, renaming.files.stem.name) else case
    agent = renaming.agent if agent == renaming.was_agent else agent
    write_golden(target, retitled_trace(trace, case=case, agent=agent), redactor=redactor)


def _tidy(folder: Path, names: frozenset[str]) -> None:
    """Take away the blobs that nothing cites any more, and what is empty then."""
    drop_blobs(folder, names)
    for left in (folder / "blobs", folder):
        with suppress(OSError):  # not empty, or not there
            left.rmdir()
