"""Branches: what a run recorded after it left its recording, beside what it still took from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agentops_eval.domain import CassetteStale, ConfigInvalid, Event
from agentops_eval.replay._canonical import Redactor
from agentops_eval.replay._index import Recording, RecordingHeader
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._shelf import Shelf

SUFFIX = ".cassette.jsonl"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class BranchHeader(RecordingHeader, Protocol):
    """What is read in a branch's header."""

    @property
    def branch(self) -> str:
        """The branch's name."""
        ...

    @property
    def branch_of(self) -> str:
        """The SHA-256 of the parent's file."""
        ...


class Branch(Protocol):
    """What is read in the cassette of a branch."""

    @property
    def header(self) -> BranchHeader:
        """The cassette's header."""
        ...

    @property
    def events(self) -> tuple[Event, ...]:
        """What the branch recorded itself."""
        ...

    @property
    def prefix(self) -> tuple[int, ...]:
        """Indices of the parent's events that the branch's run took."""
        ...


class Parent(Recording, Protocol):
    """What is read in the cassette from which a branch left."""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        ...

    @property
    def digest(self) -> str:
        """The SHA-256 of its file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prefix:
    """The part of a parent that its branch took."""

    header: RecordingHeader
    events: tuple[Event, ...]


def branch_path(path: Path, branch: str) -> Path:
    """The file of a branch, beside its parent: ``<case>@<branch>.cassette.jsonl``.

    Raises ConfigInvalid for a name that is not made of letters, digits, ``.``, ``_`` and ``-``.
    """
    if not _NAME.fullmatch(branch):
        raise ConfigInvalid(
            f"{branch!r} cannot name a branch",
            difference="a name has 1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit",
            remedy="choose another name, like prompt-v2",
        )
    return path.with_name(f"{case_of(path)}@{branch}{SUFFIX}")


def case_of(path: Path) -> str:
    """The case's name in a cassette's path, without branch and suffixes."""
    name = path.name.removesuffix(SUFFIX)
    return (path.stem if name == path.name else name).partition("@")[0]


def branches_of(path: Path) -> tuple[Path, ...]:
    """The branches kept beside the cassette at ``path``, sorted by name."""
    start = f"{case_of(path)}@"
    if not path.parent.is_dir():
        return ()
    found = (p for p in path.parent.iterdir() if p.name.startswith(start) and p.name.endswith(SUFFIX))
    return tuple(sorted(found))


def shelf_of_branch(parent: Parent, branch: Branch, *, rules: MatchRules, redactor: Redactor) -> Shelf:
    """The shelf of a branch: what its run took from the parent, then what it recorded itself.

    Raises CassetteStale where the parent is no longer the file that the branch left.
    """
    if branch.header.branch_of != parent.digest:
        raise CassetteStale(
            f"the branch {branch.header.branch!r} left another recording than this one",
            where=str(parent.path),
            difference=f"branch of  {branch.header.branch_of[:16]}...\nthis file  {parent.digest[:16]}...",
            remedy="record the branch again",
        )
    taken = frozenset(branch.prefix)
    prefix = _Prefix(
        header=parent.header, events=tuple(event for event in parent.events if event.index in taken)
    )
    return Shelf(prefix, rules=rules, redactor=redactor, branch=branch)
