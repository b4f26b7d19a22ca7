"""The plan: what to do first, by risk times impact over effort."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from agentops_eval.domain import CriterionResult, DimensionScore, Remedy
from agentops_eval.scorecard._criteria import Criteria
from agentops_eval.scorecard._levels import Caps

_HARM_PRIORITY = 25.0
"""A harm has the greatest risk and impact, and whoever mends it does not ask for the effort."""


def plan_of(
    criteria: Criteria,
    results: Iterable[CriterionResult],
    dimensions: Sequence[DimensionScore],
    caps: Caps,
    *,
    agent: str,
) -> tuple[Remedy, ...]:
    """Every criterion that is not met and every harm that stands, the largest priority first, ties by id."""
    known = {one.id: one for one in criteria.criteria}
    waiting = {id_: one.name for one in dimensions for id_ in one.blocking}
    steps = [
        Remedy(
            criterion=one.id,
            dimension=one.dimension,
            level=one.level,
            priority=known[one.id].priority,
            what=f"{one.title}: {one.reason}",
            owner=one.owner,
            command=one.command,
            opens=(waiting[one.id],) if one.id in waiting else (),
        )
        for one in results
        if not one.met
    ]
    steps += [_mend(harm, caps, dimensions, agent) for harm in caps]
    return tuple(sorted(steps, key=lambda step: (-step.priority, step.criterion)))


def _mend(harm: str, caps: Caps, dimensions: Sequence[DimensionScore], agent: str) -> Remedy:
    cap, limit = caps[harm]
    opens = tuple(one.name for one in dimensions if one.name in limit.dimensions and one.level < one.uncapped)
    return Remedy(
        criterion=f"harm:{harm}",
        dimension=limit.dimensions[0],
        level=cap.level,
        priority=_HARM_PRIORITY,
        what=f"Mend it, and show the same again without harm: {cap.reason}",
        owner="role:agent-owner",
        command=f"agentops-eval evidence list --agent {shlex.quote(agent)} --harm {harm}",
        opens=opens,
    )
