"""Runbooks out of failures that were shown: grouped by failure mode, and what is known about each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from agentops_eval.domain import (
    FailureSeen,
    Mode,
    Piece,
    Runbook,
    RunbookFacts,
    Sheet,
    SheetLine,
    SheetPart,
    ShownBy,
    canonical_json,
    in_code,
    in_line,
)
from agentops_eval.operations._runbook_parts import (
    actions_part,
    degraded_part,
    detection_part,
    evidence_part,
    owner_part,
    radius_part,
    rollback_part,
    symptom_part,
)
from agentops_eval.operations._runbook_rules import CAUSES, GRAVEST, UNSAFE

_SLUG, _PART, _DIGEST = 48, 24, 8
_QUIET = frozenset({"", Mode.FULL, Mode.UNKNOWN})


@dataclass(frozen=True, slots=True, order=True)
class FailureMode:
    """What makes two failures the same: whose, what happened to what, and what came of it.

    ``outcome`` is the gravest harm, else the mode; empty for runs in operation, which are told apart by
    their class alone.
    """

    agent: str
    causes: tuple[str, ...]
    dependencies: tuple[str, ...]
    outcome: str

    @property
    def id(self) -> str:
        """A name for it that is the same tomorrow, and that no other has."""
        parts = [self.agent, *self.causes, *self.dependencies, self.outcome]
        words = [slug for part in parts if (slug := _slugged(part)[:_PART].strip("-"))]
        whole = canonical_json([self.agent, list(self.causes), list(self.dependencies), self.outcome])
        digest = sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
        return f"{'-'.join(words)[:_SLUG].strip('-')}-{digest}".lstrip("-")


def _slugged(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def failure_mode(seen: FailureSeen) -> FailureMode | None:
    """The failure mode that was seen; None where all went well, or nobody can say how it would have gone."""
    if not seen.causes or (seen.by is not ShownBy.RUN and seen.mode in _QUIET):
        return None
    if seen.by is ShownBy.RUN:
        return FailureMode(seen.agent, seen.causes, (), "")
    outcome = next((harm.value for harm in GRAVEST if harm.value in seen.harms), seen.mode)
    names = tuple(sorted({name for _, name in seen.dependencies}))
    return FailureMode(seen.agent, tuple(sorted({*seen.causes})), names, outcome)


def runbooks_of(seen: Iterable[FailureSeen], facts: RunbookFacts) -> tuple[Runbook, ...]:
    """A runbook for each failure mode, harm of the world first, then by name.

    The order in which failures are given does not matter.
    """
    groups: dict[FailureMode, list[FailureSeen]] = {}
    for one in _once(seen):
        mode = failure_mode(one)
        if mode is not None:
            groups.setdefault(mode, []).append(one)
    found = [_runbook(mode, sorted(some, key=_order), facts) for mode, some in groups.items()]
    return tuple(sorted(found, key=lambda one: (not one.unsafe, one.id)))


def _once(seen: Iterable[FailureSeen]) -> Iterator[FailureSeen]:
    """Each failure once: of what tells of the same run, whatever knows most."""
    best: dict[tuple[object, ...], FailureSeen] = {}
    for one in sorted(seen, key=_order):
        if one.by is ShownBy.RUN:
            yield one
            continue
        key = (one.agent, one.by, one.causes, one.dependencies, one.under, one.mode, one.harms)
        other = best.get(key)
        if other is None or _known(one) > _known(other):
            best[key] = one
    yield from best.values()


def _known(one: FailureSeen) -> tuple[bool, bool]:
    return one.reach is not None, bool(one.test)


def _order(one: FailureSeen) -> tuple[str, ...]:
    return (one.by.value, one.source, one.under, one.trace, repr(one))


def _runbook(mode: FailureMode, seen: Sequence[FailureSeen], facts: RunbookFacts) -> Runbook:
    owner = next((one.owner for one in seen if one.owner), "") or facts.owners.get(mode.agent, "")
    harms = [harm for harm in GRAVEST if any(harm in one.harms for one in seen)]
    words = list(dict.fromkeys([*map(str, harms), *sorted({one.mode for one in seen}), *mode.causes]))
    words = [word for word in words if word]
    parts = (
        _head_part(mode, owner),
        symptom_part(words, seen),
        detection_part(mode.agent, words, seen, facts),
        radius_part(seen),
        degraded_part(mode.agent, mode.causes, seen, facts),
        actions_part(words, seen),
        rollback_part(mode.agent, seen, facts),
        owner_part(mode.agent, owner, seen),
        evidence_part(seen),
    )
    return Runbook(
        id=mode.id,
        agent=mode.agent,
        causes=mode.causes,
        dependencies=mode.dependencies,
        outcome=mode.outcome,
        sheet=Sheet(id=mode.id, title="", parts=parts),
        owner=owner,
        unsafe=bool({*harms} & UNSAFE),
        shown=len(seen),
    )


def _head_part(mode: FailureMode, owner: str) -> SheetPart:
    """The title, which is a line, as names stand in it."""
    told = [in_line(*_title(mode)), in_line("Failure mode ", in_code(mode.id), ".")]
    return SheetPart(id="title", title="", lines=tuple(told) if owner else (*told, _nobody()))


def _nobody() -> SheetLine:
    return in_line("Nobody owns this runbook yet: see Owner.")


def _title(mode: FailureMode) -> Iterator[str | Piece]:
    """``agent: get_order does not answer: duplicated effect``, in pieces."""
    yield in_code(mode.agent)
    yield ": "
    outcome = mode.outcome.replace("-", " ")
    if not mode.outcome:
        yield f"{' and '.join(mode.causes).replace('-', ' ')} incidents".capitalize()
        return
    for at, name in enumerate(mode.dependencies):
        yield " and " if at else ""
        yield in_code(name)
    does = " and ".join(CAUSES.get(cause, cause) for cause in mode.causes)
    yield f" {does}: {outcome}" if mode.dependencies else f"something {does}: {outcome}"


def runbook_title(runbook: Runbook) -> SheetLine:
    """The runbook's title as a line."""
    return runbook.sheet.parts[0].lines[0]
