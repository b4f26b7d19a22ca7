"""Which samples of growing files are evidence now. Pure.

A case counts once both arms have it whole. A session of traffic counts once both files have gone past
its last row, and the unit of evidence that it is in is closed. What counts is frozen: later rows of it are
left out, or earlier looks would have seen another past. Cases join in the seeded order, behind those that
were there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import Arm, ErrorSource, Sample
from agentops_eval.gate import Gate, Kind, Stage, in_order, of_traffic
from agentops_eval.harness.gating._held import Held, Step, Taken, stage_of

Group = dict[str, list[Taken]]
Groups = dict[Arm, Group]
Sessions = Mapping[Arm, Mapping[str, Sequence[Sample]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a case or a session is whole.

    ``trials`` are asked for in each arm; None asks for as many as the other arm has. A session is whole
    when it has been quiet for ``settle_s`` seconds. ``seed`` fixes the order of cases.
    """

    seed: int = 0
    trials: int | None = None
    settle_s: float = 0.0


def next_step(
    gate: Gate, held: Held, files: Mapping[Arm, Sequence[Sample]], rules: Rules, *, now_s: float
) -> Step:
    """What becomes evidence at this look. ``now_s`` is when a session is that does not tell its time.

    A stage is closed when a later one has evidence. An event that must never be counts at once, whatever it
    is of.
    """
    groups, taken, late = _grouped(gate, held, files)
    order: dict[str, tuple[str, ...]] = {}
    waiting: list[Taken] = []
    pending = known = 0
    for at, stage in enumerate(gate.stages):
        found = groups.get(stage.name) or _nothing()
        if at < held.furthest:
            late += _rows(found)
        elif stage.share is None:
            cases = found[Arm.BASELINE].keys() | found[Arm.CANDIDATE].keys()
            ready = order[stage.name] = tuple(in_order(_complete(found, rules), seed=rules.seed))
            pending, known = pending + len(cases) - len(ready), known + len(cases)
            known += len(held.order.get(stage.name, ()))
            taken += [one for arm in Arm for case in ready for one in found[arm].pop(case)]
            waiting += _rows(found)
        else:
            late += _late(found, held.sessions(stage.name), seed=rules.seed)
            taken += _sessions(gate, stage, held, found, rules, now_s)
            waiting += _rows(found)
    alarms = _alarms(gate, (*waiting, *late))
    return Step(
        taken=(*taken, *alarms),
        order={name: cases for name, cases in order.items() if cases},
        pending=pending,
        known=known,
        waiting=len(waiting),
        late=len(late),
    )


def _nothing() -> Groups:
    return {arm: {} for arm in Arm}


def _rows(found: Groups) -> list[Taken]:
    return [one for group in found.values() for rows in group.values() for one in rows]


def _grouped(
    gate: Gate, held: Held, files: Mapping[Arm, Sequence[Sample]]
) -> tuple[dict[str, Groups], list[Taken], list[Taken]]:
    """New samples by stage, arm and case; those of no stage; and those of what was counted before."""
    names = {metric.name for metric in gate.metrics}
    groups = {stage.name: _nothing() for stage in gate.stages}
    foreign: list[Taken] = []
    late: list[Taken] = []
    for arm, samples in files.items():
        for row, sample in enumerate(samples):
            if (arm, row) in held.places:
                continue
            stage = stage_of(gate, sample)
            one = Taken(row=row, sample=_slim(sample, arm, names))
            if stage not in groups:
                foreign.append(one)
            elif (stage, arm, sample.case) in held.keys:
                late.append(one)
            else:
                groups[stage][arm].setdefault(sample.case, []).append(one)
    return groups, foreign, late


def _slim(sample: Sample, arm: Arm, names: Collection[str]) -> Sample:
    """What a gate may ask of a sample, and nothing else: it goes into the log."""
    metrics = {name: value for name, value in sample.metrics.items() if name in names}
    return replace(sample, arm=arm, tags=(), segments={}, metrics=metrics)


def _complete(found: Groups, rules: Rules) -> list[str]:
    """The cases that both arms have whole."""
    baseline, candidate = found[Arm.BASELINE], found[Arm.CANDIDATE]
    both = baseline.keys() & candidate.keys()
    return [case for case in both if _whole(len(baseline[case]), len(candidate[case]), rules.trials)]


def _whole(baseline: int, candidate: int, trials: int | None) -> bool:
    return baseline == candidate if trials is None else min(baseline, candidate) >= trials


def _sessions(gate: Gate, stage: Stage, held: Held, found: Groups, rules: Rules, now_s: float) -> list[Taken]:
    """The sessions that count from now on, taken out of ``found``."""
    before = held.sessions(stage.name)
    edge = _edge(stage, before, found, now_s)
    untimed = {
        (arm, case)
        for arm, group in found.items()
        for case, rows in group.items()
        if any(one.sample.at_s is None for one in rows)
    }
    for group in found.values():
        for case, rows in group.items():
            group[case] = [_timed(one, now_s) for one in rows]
    settled = _settled(found, untimed, edge, rules)
    closed = _closed(gate, stage, before, found, settled, rules.seed)
    return [one for arm, case in settled if (arm, case) in closed for one in found[arm].pop(case)]


def _timed(one: Taken, now_s: float) -> Taken:
    return one if one.sample.at_s is not None else replace(one, sample=replace(one.sample, at_s=now_s))


def _edge(stage: Stage, before: Sessions, found: Groups, now_s: float) -> float:
    """The time that the files of all compared arms have reached: no row is missing before it."""
    assert stage.share is not None
    compared = (Arm.CANDIDATE,) if stage.share >= 1 else tuple(Arm)
    reached = []
    for arm in compared:
        old = [sample.at_s for rows in before[arm].values() for sample in rows]
        new = [one.sample.at_s for rows in found[arm].values() for one in rows]
        if None in new:
            reached.append(math.nextafter(now_s, math.inf))
        else:
            known = [at for at in (*old, *new) if at is not None and math.isfinite(at)]
            reached.append(max(known, default=-math.inf))
    return min(reached)


def _late(found: Groups, before: Sessions, *, seed: int) -> list[Taken]:
    """Take out the sessions that began before the last one that counts."""
    begun = [(_first(rows), case) for group in before.values() for case, rows in group.items()]
    if not begun:
        return []
    last_s = max(begun)[0]
    ties = [case for at_s, case in begun if at_s == last_s]
    late: list[Taken] = []
    for group in found.values():
        for case in list(group):
            first = _first(one.sample for one in group[case])
            if first < last_s or (first == last_s and in_order({*ties, case}, seed=seed)[-1] != case):
                late += group.pop(case)
    return late


def _first(rows: Iterable[Sample]) -> float:
    """When a session began; one that does not tell its time begins when it is seen."""
    return min((row.at_s for row in rows if row.at_s is not None), default=math.inf)


def _settled(
    found: Groups, untimed: Collection[tuple[Arm, str]], edge: float, rules: Rules
) -> list[tuple[Arm, str]]:
    """Sessions that began before all those that may go on."""
    begun: list[tuple[float, Arm, str]] = []
    going_on = math.inf
    for arm, group in found.items():
        for case, rows in group.items():
            times = [one.sample.at_s or 0.0 for one in rows]
            begun.append((min(times), arm, case))
            quiet_s = 0.0 if (arm, case) in untimed else rules.settle_s
            if not max(times) + quiet_s < edge:
                going_on = min(going_on, *times)
    return [(arm, case) for first, arm, case in begun if first < going_on]


def _closed(
    gate: Gate,
    stage: Stage,
    before: Sessions,
    found: Groups,
    settled: Sequence[tuple[Arm, str]],
    seed: int,
) -> set[tuple[Arm, str]]:
    """Those of the settled sessions whose unit of evidence gets no more: the last unit is open."""
    assert stage.share is not None
    if stage.share >= 1:
        return set(settled)
    arms: dict[Arm, dict[str, list[Sample]]] = {arm: {} for arm in Arm}
    for arm, group in before.items():
        arms[arm] = {case: said for case, rows in group.items() if (said := _counted(rows))}
    silent = set()
    for arm, case in settled:
        said = _counted(one.sample for one in found[arm][case])
        if said:
            arms[arm][case] = said
        else:
            silent.add((arm, case))
    units = list(
        of_traffic(arms[Arm.BASELINE], arms[Arm.CANDIDATE], share=stage.share, seed=seed, block=gate.block)
    )
    return silent | {
        (arm, cluster[0].case)
        for unit in units[:-1]
        for arm, clusters in ((Arm.BASELINE, unit.baseline), (Arm.CANDIDATE, unit.candidate))
        for cluster in clusters
    }


def _counted(rows: Iterable[Sample]) -> list[Sample]:
    """The samples that say something of the agent."""
    return [row for row in rows if row.error is None or row.error is ErrorSource.AGENT]


def _alarms(gate: Gate, rows: Iterable[Taken]) -> Iterator[Taken]:
    """The candidate's samples with an event that must never be; they wait for nothing."""
    never = [metric.name for metric in gate.metrics if metric.kind is Kind.LIMIT and metric.limit <= 0]
    for one in rows:
        if one.sample.arm is Arm.CANDIDATE and any(one.sample.metrics.get(name, 0.0) > 0 for name in never):
            yield one
