"""Branches: what a run recorded after it left its recording, beside what it still took from it."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import CassetteStale
from agentops_eval.replay._cassette import Cassette
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._shelf import Shelf
from agentops_eval.traces.redaction import Redactor


def shelf_of_branch(
    parent: Cassette, branch: Cassette, *, rules: MatchRules, redactor: Redactor, whole: bool = False
) -> Shelf:
    """The shelf of a branch: what its run took from the parent, then what it recorded itself.

    With ``whole`` all of the parent is there, for a run in which its answers hold to the end.
    Raises CassetteStale where the parent is no longer the file that the branch left.
    """
    if branch.header.branch_of != parent.digest:
        raise CassetteStale(
            f"the branch {branch.header.branch!r} left another recording than this one",
            where=str(parent.path),
            difference=f"branch of  {branch.header.branch_of[:16]}...\nthis file  {parent.digest[:16]}...",
            remedy="record the branch again",
        )
    if whole:
        return Shelf(parent, rules=rules, redactor=redactor, branch=branch)
    taken = frozenset(branch.prefix)
    prefix = replace(parent, events=tuple(event for event in parent.events if event.index in taken))
    return Shelf(prefix, rules=rules, redactor=redactor, branch=branch)
