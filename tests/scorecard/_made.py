"""Made up criteria and evidence."""

from __future__ import annotations

from itertools import count

from agentops_eval.domain import Evidence, Scorecard, VerdictValue
from agentops_eval.scorecard import Check, Criteria, Criterion, HarmCap, Scoring, Threshold

AT = "2026-11-27T00:00:00Z"
LATER = "2027-06-01T00:00:00Z"
_NUMBERS = count()


def criterion(id_: str, level: int = 1, **more) -> Criterion:
    """A criterion that a passed check of the same name shows, unless more is said."""
    said = {
        "title": f"{id_} is so",
        "owner": "role:owner",
        "rationale": "it matters",
        "command": "agentops-eval doctor",
    }
    said |= {"risk": 3, "impact": 3, "effort": 3}
    if "attestation" not in more:
        said["check"] = Check(kind="chaos.check", subject=id_.partition(".")[2])
    return Criterion(**{**said, "id": id_, "level": level, **more})


def item(subject: str, kind: str = "chaos.check", **more) -> Evidence:
    """An item of the agent ``desk`` that passed this month, unless more is said."""
    said = {"agent": "desk", "at": "2026-11-20T00:00:00Z", "verdict": VerdictValue.PASS, "expires": LATER}
    return Evidence(**{**said, "kind": kind, "subject": subject, **more})


def failed(subject: str, kind: str = "chaos.check", **more) -> Evidence:
    """The same, and it failed."""
    return item(subject, kind, **{"verdict": VerdictValue.FAIL, **more})


def at_least(**bounds: float) -> tuple[Threshold, ...]:
    """Thresholds that measures have to reach."""
    return tuple(Threshold(measure=name, sign=">=", bound=bound) for name, bound in bounds.items())


def scored(criteria: Criteria, *items: Evidence | tuple[Evidence, str], at: str = AT) -> Scorecard:
    """The scorecard of the agent ``desk``; items without a digest get one each."""
    scoring = Scoring(criteria, "desk", at=at)
    for one in items:
        evidence, digest = one if isinstance(one, tuple) else (one, f"sha256:{next(_NUMBERS)}")
        scoring.add(evidence, digest)
    return scoring.scorecard()


def made(*criteria: Criterion, attested_cap: int | None = 3, harms: tuple[HarmCap, ...] = ()) -> Criteria:
    """Criteria of that name."""
    return Criteria(name="made", criteria=criteria, attested_cap=attested_cap, harms=harms)


def level(card: Scorecard, name: str = "platform") -> int:
    """The level of one dimension."""
    return next(one.level for one in card.dimensions if one.name == name)


def result(card: Scorecard, id_: str):
    """What became of one criterion."""
    return next(one for each in card.dimensions for one in each.criteria if one.id == id_)
