"""Branches: what a run recorded after it left its recording, beside what it still took from it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from agentops_eval.domain import CassetteStale, ConfigInvalid
from agentops_eval.replay._cassette import Cassette
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._shelf import Shelf
from agentops_eval.traces.redaction import Redactor

SUFFIX = ".cassette.jsonl"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


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


def shelf_of_branch(parent: Cassette, branch: Cassette, *, rules: MatchRules, redactor: Redactor) -> Shelf:
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
    prefix = replace(parent, events=tuple(event for event in parent.events if event.index in taken))
    return Shelf(prefix, rules=rules, redactor=redactor, branch=branch)
