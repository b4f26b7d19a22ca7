"""Levels: what is met up to where, and what holds it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from agentops_eval.documents import shown
from agentops_eval.domain import Cap, CriterionResult, DimensionScore, Harm, Standing
from agentops_eval.scorecard._criteria import KNOWN_HARMS, LEVELS, Criteria, HarmCap
from agentops_eval.scorecard._fold import Latest, Subject

Caps = Mapping[str, tuple[Cap, HarmCap]]
"""The harms that stand, by their names, and what each holds down."""


def harm_caps(criteria: Criteria, subjects: Mapping[tuple[str, str], Subject]) -> Caps:
    """The harms that evidence shows and that nothing later took back."""
    found: dict[str, Latest] = {}
    for (kind, _), subject in subjects.items():
        for harm, cited in subject.standing():
            found.setdefault(harm, Latest()).add(cited._replace(told=kind))
    caps = {}
    for harm, latest in sorted(found.items()):
        limit, items = criteria.cap_of(harm), latest.items()
        others = f" and {latest.count - 1} more" if latest.count > 1 else ""
        first = f"{items[0].told} {shown(items[0].subject)} of {items[0].moment:%Y-%m-%d}"
        cap = Cap(
            level=limit.level,
            reason=f"{_named(harm)}: shown by {first}{others}",
            evidence=tuple(cited.digest for cited in items),
            sources=tuple(dict.fromkeys(cited.source for cited in items if cited.source)),
        )
        caps[harm] = (cap, limit)
    return caps


def _named(harm: str) -> str:
    return f"{harm} ({Harm(harm).told})" if harm in KNOWN_HARMS else harm


def dimension_score(
    name: str, results: Iterable[CriterionResult], criteria: Criteria, caps: Caps
) -> DimensionScore:
    """One dimension: its level by criteria alone, then what holds that down."""
    own = tuple(one for one in results if one.dimension == name)
    by_level = {level: [one for one in own if one.level == level] for level in LEVELS}
    reached = takewhile(lambda level: by_level[level] and all(one.met for one in by_level[level]), LEVELS)
    uncapped = max(reached, default=0)
    held = [cap for cap, limit in caps.values() if name in limit.dimensions]
    held += _attested(by_level, criteria.attested_cap, uncapped)
    level = min([uncapped, *(cap.level for cap in held)])
    lacking = by_level.get(uncapped + 1, []) if level == uncapped else []
    return DimensionScore(
        name=name,
        level=level,
        score=_score(own, criteria),
        uncapped=uncapped,
        blocking=tuple(sorted(one.id for one in lacking if not one.met)),
        caps=tuple(held),
        criteria=own,
    )


def _attested(
    by_level: Mapping[int, Sequence[CriterionResult]], cap: int | None, reached: int
) -> Iterable[Cap]:
    """The level below the first one above the cap that rests on attestations alone."""
    if cap is None:
        return
    for level in range(cap + 1, reached + 1):
        if not any(one.standing is Standing.MET for one in by_level[level]):
            reason = f"level {level} rests on attestations alone, which suffice up to level {cap}"
            yield Cap(level=level - 1, reason=reason)
            return


def _score(own: Sequence[CriterionResult], criteria: Criteria) -> float:
    """The weight that is met over all there is, from 0 to 100, to a tenth."""
    weights = {one.id: one.weight for one in criteria.criteria}
    whole = sum(weights[one.id] for one in own)
    met = sum(weights[one.id] for one in own if one.met)
    return round(100 * met / whole, 1) if whole else 0.0
