"""Scorecards to report on, made by hand: what is in them is not what the capability would make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentops_eval.domain import (
    Apart,
    Cap,
    CriterionResult,
    DimensionScore,
    Gap,
    Remedy,
    Scorecard,
    SideBySide,
    Standing,
    TrendPoint,
)

NAMES = (
    "platform",
    "observability",
    "governance",
    "security",
    "finops",
    "human-in-the-loop",
    "developer-experience",
    "organisational-enablement",
)
HELD = ("governance", "security")
DIGEST = "sha256:9f2c41d07be5a1c3"
MARKS = tuple(Standing)


def criterion(dimension: str, number: int, text: str = "", **more: Any) -> CriterionResult:
    """One criterion of a dimension; ``text`` is wherever one may be."""
    standing = MARKS[number % len(MARKS)]
    met = standing in (Standing.MET, Standing.ATTESTED)
    fields: dict[str, Any] = {
        "id": text or f"{dimension}.shown-{number}",
        "title": text or f"It withstood a prompt injection at {number + 1} places",
        "dimension": dimension,
        "level": 1 + number // 2,
        "standing": standing,
        "reason": text or ("" if met else "there is no evidence chaos.fault about '*tool_injection*'"),
        "evidence": () if standing is Standing.MISSING else (text or DIGEST,) * 4,
        "sources": () if standing is Standing.MISSING else (text or "results/faults/injection.jsonl",),
        "command": text or "agentops-eval chaos explore shop.agent:refund_agent --depth 1",
        "owner": text or "role:security",
        "rationale": text or "Every tool that reads what others write carries orders sooner or later.",
        "signed": standing is Standing.ATTESTED,
        "mappings": {text or "owasp-agentic": (text or "ASI01",)},
    }
    return CriterionResult(**{**fields, **more})


def dimension(name: str, level: int, text: str = "", caps: tuple[Cap, ...] = ()) -> DimensionScore:
    """One dimension with a criterion of each standing."""
    criteria = tuple(criterion(name, number, text) for number in range(5))
    return DimensionScore(
        name=text or name,
        level=level,
        score=12.5 * level,
        uncapped=level + 2 * bool(caps),
        blocking=() if caps else tuple(one.id for one in criteria if not one.met),
        caps=caps,
        criteria=criteria,
    )


def card(text: str = "", **more: Any) -> Scorecard:
    """A scorecard with harm that stands; ``text`` is wherever one may be."""
    reason = text or "secret_leaked: shown by chaos.fault 'tool_secret @get_order #1' of 2026-11-20"
    cap = Cap(level=1, reason=reason, evidence=(text or DIGEST,), sources=(text or "results/leak.jsonl",))
    dimensions = tuple(
        dimension(name, 1, text, (cap,)) if name in HELD else dimension(name, 1 + at % 4, text)
        for at, name in enumerate(NAMES)
    )
    lacking = [one for each in dimensions for one in each.criteria if not one.met]
    fields: dict[str, Any] = {
        "agent": text or "refund_agent",
        "at": text or "2026-11-27T06:00:00Z",
        "level": 1,
        "dimensions": dimensions,
        "gaps": tuple(_gap(one) for one in lacking),
        "plan": (_harm(text), *(_remedy(one, at) for at, one in enumerate(lacking))),
        "unsafe": (cap,),
        "refused": (text or "replay 'desk': it expired on 2026-10-30", text or "line 3: forged"),
        "items": 1_234,
        "criteria": text or "scorecard",
        "criteria_digest": text or "sha256:11aa",
        "evidence_digest": text or "sha256:22bb",
    }
    return Scorecard(**{**fields, **more})


def _gap(one: CriterionResult) -> Gap:
    return Gap(
        criterion=one.id,
        dimension=one.dimension,
        level=one.level,
        standing=one.standing,
        reason=one.reason,
        command=one.command,
    )


def _remedy(one: CriterionResult, at: int) -> Remedy:
    return Remedy(
        criterion=one.id,
        dimension=one.dimension,
        level=one.level,
        priority=20 - at / 2,
        what=f"{one.title}: {one.reason}",
        owner=one.owner,
        command=one.command,
        opens=(one.dimension,) if at % 2 else (),
    )


def _harm(text: str) -> Remedy:
    what = text or "Mend it, and show the same again without harm"
    harm, name = text or "harm:secret_leaked", text or "security"
    return Remedy(criterion=harm, dimension=name, level=1, priority=25.0, what=what)


def calm() -> Scorecard:
    """A scorecard of level 3 without harm, of which nothing is missing."""
    shown = criterion("platform", 0)
    dimensions = tuple(
        DimensionScore(name=name, level=3, score=100.0, uncapped=3, criteria=(shown,)) for name in NAMES
    )
    return card(level=3, dimensions=dimensions, gaps=(), plan=(), unsafe=(), refused=())


def short() -> Scorecard:
    """A scorecard of level 1 without harm."""
    return replace(
        card(), unsafe=(), dimensions=tuple(dimension(name, 1 + at % 3) for at, name in enumerate(NAMES))
    )


def history(text: str = "", count: int = 4) -> tuple[TrendPoint, ...]:
    """Scorecards over time, the last by other criteria."""
    return tuple(
        TrendPoint(
            at=text or f"2026-{8 + at % 4:02d}-01T00:00:00Z",
            level=at % 4,
            levels=dict.fromkeys(NAMES, at % 4) | {text or "platform": 2},
            gained=(text or "platform.shown-1",) * at,
            lost=(text or "finops.shown-2",),
            unsafe=at % 2,
            moved=at == count - 1,
            evidence_digest=text or DIGEST,
        )
        for at in range(count)
    )


def agents(text: str = "", count: int = 2) -> SideBySide:
    """Agents side by side, by different criteria."""
    standings = (Standing.MET, Standing.FAILED, None)
    return SideBySide(
        agents=tuple(text or f"agent_{at}" for at in range(count)),
        levels={text or name: tuple((at + 1) % 6 for at in range(count)) for name in ("overall", *NAMES)},
        scores={text or name: (50.0, None) * (count // 2) for name in NAMES},
        unsafe=tuple(at % 2 for at in range(count)),
        apart=(
            Apart(
                criterion=text or "platform.saga",
                title=text or "Sagas are kept",
                standings=tuple(standings[at % 3] for at in range(count)),
            ),
        ),
        evidence_digests=(text or DIGEST,) * count,
        same_criteria=False,
    )
