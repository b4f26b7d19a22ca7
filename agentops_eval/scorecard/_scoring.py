"""From evidence to a scorecard: what counts, what became of each criterion, and the whole of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from agentops_eval.documents import shown
from agentops_eval.domain import (
    CriterionResult,
    Evidence,
    Gap,
    Scorecard,
    ScorecardInvalid,
    Standing,
    VerdictValue,
)
from agentops_eval.scorecard._attestations import LONGEST_DAYS
from agentops_eval.scorecard._criteria import DIMENSIONS, Criteria
from agentops_eval.scorecard._fold import Asked, Cited, Fold, Latest, moment_of
from agentops_eval.scorecard._levels import dimension_score, harm_caps
from agentops_eval.scorecard._plan import plan_of

MOST_REFUSED = 100
_DIGEST_BYTES = 128


class Scoring:
    """Takes evidence in any order, and makes a scorecard of it.

    Memory grows with the different subjects of evidence, not with its items. Pure: no file, no clock.
    """

    def __init__(self, criteria: Criteria, agent: str, *, at: str) -> None:
        """``at`` is the moment for which evidence has to be in force. Raises ScorecardInvalid for none."""
        moment = moment_of(at)
        if moment is None:
            raise ScorecardInvalid(f"{shown(at)} is no moment in time", remedy="write 2026-11-27T06:00:00Z")
        self._criteria, self._agent, self._at, self._moment = criteria, agent, at, moment
        self._fold = Fold(criteria.criteria, moment)
        self._signed = {one.id for one in criteria.criteria if one.attestation}
        self._refused = _Named()
        self._others = 0
        self._items = 0
        self._sum = 0

    def add(self, evidence: Evidence, digest: str) -> None:
        """One item, with the digest by which the store knows it. The store gives each item once."""
        if evidence.agent and evidence.agent != self._agent:
            self._others += 1
            return
        moment, expires = moment_of(evidence.at), moment_of(evidence.expires)
        why = self._refusal(evidence, moment, expires)
        if why or moment is None:
            self._refused.add(f"{_name(evidence)}: {why}")
            return
        passed = evidence.verdict is VerdictValue.PASS and not evidence.unsafe
        in_force = expires is None or expires > self._moment
        self._fold.take(evidence, digest, moment, in_force=in_force)
        if passed and not in_force:
            self._refused.add(f"{_name(evidence)}: it expired on {evidence.expires}")
            return
        self._items += 1
        self._sum += int.from_bytes(hashlib.shake_256(digest.encode()).digest(_DIGEST_BYTES))
        self._sum %= 1 << 8 * _DIGEST_BYTES

    def refuse(self, what: str) -> None:
        """Name what does not count, such as an item that was tampered with."""
        self._refused.add(what)

    def _refusal(self, evidence: Evidence, moment: datetime | None, expires: datetime | None) -> str:
        """Why an item does not count at all; empty where it may."""
        if moment is None:
            return f"{shown(evidence.at)} is no moment in time"
        if evidence.expires and expires is None:
            return f"{shown(evidence.expires)} is no moment in time"
        if moment > self._moment:
            return f"it is of {evidence.at}, later than the scorecard"
        if evidence.kind != "attestation":
            return ""
        if evidence.subject not in self._signed:
            return "no criterion of that name asks for an attestation"
        if expires is None or expires - moment > timedelta(days=LONGEST_DAYS):
            return f"an attestation expires within {LONGEST_DAYS} days"
        return ""

    def scorecard(self) -> Scorecard:
        """What all that was added comes to. More may be added afterwards."""
        outcomes = self._fold.outcomes()
        results = [_result(one, *outcomes[one.criterion.id]) for one in self._fold.asked]
        caps = harm_caps(self._criteria, self._fold.subjects)
        dimensions = tuple(dimension_score(name, results, self._criteria, caps) for name in DIMENSIONS)
        return Scorecard(
            agent=self._agent,
            at=self._at,
            level=min(one.level for one in dimensions),
            dimensions=dimensions,
            gaps=tuple(_gap(one) for one in results if not one.met),
            plan=plan_of(self._criteria, results, dimensions, caps, agent=self._agent),
            unsafe=tuple(cap for cap, _ in caps.values()),
            refused=(*self._refused.told(), *self._of_others()),
            items=self._items,
            criteria=self._criteria.name,
            criteria_digest=self._criteria.digest,
            evidence_digest=self._digest(),
        )

    def _digest(self) -> str:
        """Of the items in force in any order: SHA-256 over the sum of what their digests expand to."""
        whole = f"{self._items}:{self._sum:x}"
        return f"sha256:{hashlib.sha256(whole.encode()).hexdigest()}"

    def _of_others(self) -> Iterable[str]:
        if self._others:
            yield f"{self._others} item{'s' if self._others > 1 else ''} of other agents"


class _Named:
    """The first hundred of some texts in their order, and how many there were: the same in any order."""

    def __init__(self) -> None:
        self._kept: set[str] = set()
        self._count = 0

    def add(self, text: str) -> None:
        self._count += 1
        self._kept.add(text)
        if len(self._kept) > 2 * MOST_REFUSED:
            self._kept = set(sorted(self._kept)[:MOST_REFUSED])

    def told(self) -> tuple[str, ...]:
        kept = sorted(self._kept)[:MOST_REFUSED]
        return (*kept, f"{self._count} items in all") if self._count > len(kept) else tuple(kept)


def _result(asked: Asked, holding: Latest, failing: Latest) -> CriterionResult:
    one = asked.criterion
    signed = one.check is None
    if holding.count >= asked.check.subjects:
        standing, reason = (Standing.ATTESTED if signed else Standing.MET), ""
        cited = holding.items()
    else:
        standing, reason, cited = _lacking(asked, holding, failing)
    return CriterionResult(
        id=one.id,
        title=one.title,
        dimension=one.dimension,
        level=one.level,
        standing=standing,
        reason=reason,
        evidence=tuple(item.digest for item in cited),
        sources=tuple(dict.fromkeys(item.source for item in cited if item.source)),
        command=one.command,
        owner=one.owner,
        rationale=one.rationale,
        signed=signed,
        mappings=one.maps,
    )


def _lacking(asked: Asked, holding: Latest, failing: Latest) -> tuple[Standing, str, Sequence[Cited]]:
    """Why a criterion is not met: a failure, too few, too little, expired, nothing. The first that fits."""
    check = asked.check
    if failing.count:
        cited, more = failing.items(), f" and {failing.count - 1} more" if failing.count > 1 else ""
        told = f": {_clean(cited[0].told)}" if cited[0].told else ""
        return Standing.FAILED, f"{check.kind} {_about(cited[0])} failed{more}{told}", cited
    if holding.count:
        told = f"{check.subjects} different subjects have to pass, and {holding.count} did"
        return Standing.MISSING, told, holding.items()
    if asked.lacking is not None:
        told = f"{check.kind} {_about(asked.lacking)}: {asked.lacking.told}"
        return Standing.MISSING, told, [asked.lacking]
    if asked.expired is not None:
        told = f"{check.kind} {_about(asked.expired)} of {asked.expired.moment:%Y-%m-%d} has expired"
        return Standing.EXPIRED, told, [asked.expired]
    if asked.criterion.check is None:
        return Standing.MISSING, f"nobody signed it: {asked.criterion.attestation}", []
    if asked.untold is not None and asked.untold.told:
        told = f"{check.kind} {_about(asked.untold)}: {_clean(asked.untold.told)}"
        return Standing.MISSING, told, [asked.untold]
    return Standing.MISSING, f"there is no evidence {check.kind} about {shown(check.subject)}", []


def _name(evidence: Evidence) -> str:
    about = f" {shown(evidence.subject)}" if evidence.subject else ""
    return f"{shown(evidence.kind)[1:-1]}{about} of {shown(evidence.at)[1:-1]}"


def _clean(told: str) -> str:
    """What an item says, on one line and without what it might do; the fold has bounded it."""
    return (told if told.isprintable() else json.dumps(told)[1:-1]).replace('\\"', '"')


def _about(cited: Cited) -> str:
    return shown(cited.subject) if cited.subject else ""


def _gap(one: CriterionResult) -> Gap:
    return Gap(
        criterion=one.id,
        dimension=one.dimension,
        level=one.level,
        standing=one.standing,
        reason=one.reason,
        command=one.command,
    )
