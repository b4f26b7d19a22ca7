"""Samples in, a decision out: the same for the same inputs, to the byte.

What counts, in this order:

1. An event beyond a hard limit rolls back, whatever else is wrong with the evidence.
2. Evidence that cannot be used holds, with the reasons.
3. Enough evidence of harm in any guardrail, at any time, rolls back.
4. Enough units in every stage so far, and enough evidence for all metrics now, promote.
5. Else the candidate is held, with what is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from agentops_eval.domain import Arm, CaseEffect, Decision, Reason, Sample, counted
from agentops_eval.gate._census import census
from agentops_eval.gate._conclude import conclude
from agentops_eval.gate._decide_metric import decide_metric
from agentops_eval.gate._digest import inputs_digest
from agentops_eval.gate._gate import Gate, Stage
from agentops_eval.gate._judges import JudgeTrust, judge_reasons
from agentops_eval.gate._rules import refuse_invalid
from agentops_eval.gate._track import Track
from agentops_eval.gate._units import Order, order_digest, order_in
from agentops_eval.gate._unusable import (
    age_reasons,
    arm_reasons,
    assignment_reasons,
    both_reasons,
    burst_reasons,
    dependence_reasons,
    unpaired_reason,
    wide_reasons,
)
from agentops_eval.gate._walk import Arms, Walked, new_tracks, walk

_NOBODY: Mapping[str, JudgeTrust] = MappingProxyType({})
_WORST = 5


def decide(
    gate: Gate,
    samples: Sequence[Sample],
    *,
    seed: int | None = None,
    now_s: float | None = None,
    trusts: Mapping[str, JudgeTrust] = _NOBODY,
    order: Order = (),
    doubts: Sequence[Reason] = (),
) -> Decision:
    """Decide about the candidate by the samples of both arms, each with its ``arm`` set.

    ``seed`` stands in for the gate's. ``now_s`` (seconds since 1970) is asked for where evidence may be too
    old, ``trusts`` where metrics rest on judges. ``order`` has the cases whose results were seen before, in
    the order in which they were: they stay in front; where more than one stage has pairs, a mapping has
    the order of each. ``doubts`` tell what is known to be wrong with the samples; where one blocks, nothing
    is promoted, and nothing but a hard limit rolls back. Raises GateInvalid for a gate that cannot be meant.
    """
    refuse_invalid(gate)
    fixed = gate.seed if seed is None else seed
    stages, lost = _by_stage(gate, samples)
    reasons = [*doubts, *lost]
    tracks, walked = new_tracks(gate), list[Walked]()
    for stage, arms in stages:
        reasons += _unusable(gate, stage, arms, now_s, trusts)
        walked.append(walk(gate, stage, arms, tracks, seed=fixed, order=order_in(stage.name, order)))
        reasons += _unfit(gate, walked[-1], tracks)
    current = walked[-1].stage
    metrics = tuple(decide_metric(gate, current, track) for track in tracks)
    found = conclude(gate, walked, metrics, _told_once(reasons))
    return Decision(
        value=found.value,
        reasons=(*found.reasons, *wide_reasons(gate)),
        metrics=metrics,
        gate=gate.name,
        mode="sequential" if gate.planned is None else "planned",
        stage=current.name,
        next_stage=_after(gate, current),
        n=sum(one.n for one in walked),
        n_needed=found.n_needed,
        needed_for=found.needed_for,
        left_out=_left_out(samples, walked),
        worst=_worst(tracks),
        seed=fixed,
        order=order_digest(f"{one.stage.name}\t{name}" for one in walked for name in one.names),
        digest=inputs_digest(gate, samples, fixed, trusts=trusts, order=order, doubts=doubts, now_s=now_s),
    )


def _told_once(reasons: Sequence[Reason]) -> list[Reason]:
    """A metric that files do not have under its name is told by them, and not once more for each arm."""
    named = {one.metric for one in reasons if one.code == "column"}
    return [one for one in reasons if one.code != "missing-metric" or one.metric not in named]


def _after(gate: Gate, stage: Stage) -> str:
    following = gate.stages[gate.stages.index(stage) + 1 :]
    return following[0].name if following else ""


def _by_stage(gate: Gate, samples: Sequence[Sample]) -> tuple[list[tuple[Stage, Arms]], list[Reason]]:
    """The samples of each stage up to the last that has any, by arm; what belongs to no stage is said."""
    first, names = gate.stages[0].name, {stage.name for stage in gate.stages}
    parts: dict[str, dict[Arm, list[Sample]]] = {}
    lost: dict[str, int] = {}
    for sample in samples:
        name = sample.stage or first
        if name not in names or sample.arm is None:
            lost[name if sample.arm is not None else "no arm"] = lost.get(name, 0) + 1
            continue
        arms = parts.setdefault(name, {Arm.BASELINE: [], Arm.CANDIDATE: []})
        arms[sample.arm].append(sample)
    last = max((at for at, stage in enumerate(gate.stages) if stage.name in parts), default=0)
    none: Arms = {Arm.BASELINE: (), Arm.CANDIDATE: ()}
    reasons = [
        Reason(
            code="unknown-stage",
            message=f"{counted(count, 'sample')} of {name}, which is no stage of the gate",
            remedy=f"the stages are {', '.join(sorted(names))}",
        )
        for name, count in lost.items()
    ]
    return [(stage, parts.get(stage.name, none)) for stage in gate.stages[: last + 1]], reasons


def _unusable(
    gate: Gate, stage: Stage, arms: Arms, now_s: float | None, trusts: Mapping[str, JudgeTrust]
) -> Iterator[Reason]:
    """What keeps a stage's samples from being evidence. At full share there is no baseline."""
    counts = {arm: census(rows, gate.metrics) for arm, rows in arms.items()}
    if stage.share is not None and stage.share >= 1:
        counts.pop(Arm.BASELINE)
        yield from arm_reasons(gate, counts, stage)
    else:
        yield from arm_reasons(gate, counts, stage)
        yield from both_reasons(gate, counts)
        yield from judge_reasons(gate, arms, trusts)
    yield from age_reasons(gate, counts, now_s)


def _unfit(gate: Gate, walked: Walked, tracks: Sequence[Track]) -> Iterator[Reason]:
    """What a stage's units as a whole say against it."""
    stage = walked.stage
    if walked.alone > gate.quality.most_missing * walked.cases:
        yield unpaired_reason(walked.alone, walked.cases, walked.strays)
    yield from burst_reasons(tracks)
    if stage.share is not None:
        yield from assignment_reasons(gate, stage.name, stage.share, *walked.sessions)
        yield from dependence_reasons(gate, tracks)


def _left_out(samples: Sequence[Sample], walked: Sequence[Walked]) -> tuple[tuple[str, int], ...]:
    """Samples and units that are no evidence, by reason."""
    counts: dict[str, int] = {}
    for sample in samples:
        if sample.error is not None and not sample.counts:
            name = f"{sample.error.value} errors"
            counts[name] = counts.get(name, 0) + 1
    counts["cases of one arm"] = sum(one.alone for one in walked)
    counts["beyond the maximum"] = sum(one.beyond for one in walked)
    return tuple((name, count) for name, count in sorted(counts.items()) if count)


def _worst(tracks: Sequence[Track]) -> tuple[CaseEffect, ...]:
    """The cases with the most harm over all metrics, each case once."""
    ranked = sorted((item for track in tracks for item in track.worst()), key=lambda item: -item[0])
    found: dict[str, CaseEffect] = {}
    for _, effect in ranked:
        found.setdefault(effect.case, effect)
    return tuple(found.values())[:_WORST]
