"""Which samples of growing files are evidence now. Pure.

A case counts once both arms have it whole. A session of traffic counts once both files have gone past
its last row, and the unit of evidence that it is in is closed. What counts is frozen: later rows of it are
left out, or earlier looks would have seen another past. Cases join in the seeded order, behind those that
were there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentops_eval.domain import Arm, Sample
from agentops_eval.gate import Gate, Kind, Stage, Unit, in_order, of_traffic
from agentops_eval.harness.gating._counted import Added, Counted, Files, NextUnit, Taken, stage_of

Group = dict[str, list[Taken]]
Groups = dict[Arm, Group]
Sessions = Mapping[Arm, Mapping[str, Sequence[Sample]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """When a case or a session is whole.

    ``trials`` are asked for in each arm; None asks for as many as the other arm has. A session is whole
    when it has been quiet for ``settle_s`` seconds. ``seed`` fixes the order of cases.
    """

    seed: int = 0
    trials: int | None = None
    settle_s: float = 0.0


def added_now(gate: Gate, counted: Counted, files: Files, options: WatchOptions, *, now_s: float) -> Added:
    """What becomes evidence at this look. ``now_s`` is when a session is that does not tell its time.

    A stage is closed when a later one has evidence. An event that must never be counts at once, whatever it
    is of.
    """
    groups, taken, late = _grouped(gate, counted, files)
    order: dict[str, tuple[str, ...]] = {}
    nexts: dict[str, NextUnit] = {}
    waiting: list[Taken] = []
    pending = known = 0
    for at, stage in enumerate(gate.stages):
        found = groups.get(stage.name) or _nothing()
        if at < counted.furthest:
            late += _rows(found)
        elif stage.share is None:
            cases = found[Arm.BASELINE].keys() | found[Arm.CANDIDATE].keys()
            ready = order[stage.name] = tuple(in_order(_complete(found, options), seed=options.seed))
            pending, known = pending + len(cases) - len(ready), known + len(cases)
            known += len(counted.order.get(stage.name, ()))
            taken += [one for arm in Arm for case in ready for one in found[arm].pop(case)]
            waiting += _rows(found)
        else:
            begins = counted.nexts.get(stage.name)
            late += _timed(found, begins, options.seed, now_s)
            now, begins = _sessions(gate, stage, counted, found, options, now_s)
            taken += now
            nexts |= {} if begins is None else {stage.name: begins}
            waiting += _rows(found)
    alarms = _alarms(gate, (*waiting, *late))
    return Added(
        taken=(*taken, *alarms),
        order={name: cases for name, cases in order.items() if cases},
        nexts=nexts,
        pending=pending,
        known=known,
        waiting=len(waiting),
        late=len(late),
        late_share=_late_share(gate, counted, files, late),
    )


def _late_share(gate: Gate, counted: Counted, files: Files, late: Sequence[Taken]) -> float:
    """The part of an arm's samples that comes too late, the greater of both arms'; of no closed stage."""
    closed = {stage.name for stage in gate.stages[: counted.furthest]}
    shares = [0.0]
    for arm, samples in files.items():
        rows = sum(stage_of(gate, one) not in closed for one in samples)
        missed = sum(one.sample.arm is arm and stage_of(gate, one.sample) not in closed for one in late)
        shares.append(missed / max(rows, 1))
    return max(shares)


def _nothing() -> Groups:
    return {arm: {} for arm in Arm}


def _rows(found: Groups) -> list[Taken]:
    return [one for group in found.values() for rows in group.values() for one in rows]


def _grouped(
    gate: Gate, counted: Counted, files: Files
) -> tuple[dict[str, Groups], list[Taken], list[Taken]]:
    """New samples by stage, arm and case; those of no stage; and those of what was counted before."""
    names = frozenset(metric.name for metric in gate.metrics)
    groups = {stage.name: _nothing() for stage in gate.stages}
    foreign: list[Taken] = []
    late: list[Taken] = []
    for arm, samples in files.items():
        for row, sample in enumerate(samples):
            if (arm, row) in counted.places:
                continue
            stage = stage_of(gate, sample)
            one = Taken(row=row, sample=_slim(sample, arm, names))
            if stage not in groups:
                foreign.append(one)
            elif (stage, arm, sample.case) in counted.keys:
                late.append(one)
            else:
                groups[stage][arm].setdefault(sample.case, []).append(one)
    return groups, foreign, late


def _slim(sample: Sample, arm: Arm, names: frozenset[str]) -> Sample:
    """What a gate may ask of a sample, and nothing else: it goes into the log."""
    if sample.arm is arm and not sample.tags and not sample.segments and sample.metrics.keys() <= names:
        return sample
    metrics = {name: value for name, value in sample.metrics.items() if name in names}
    return replace(sample, arm=arm, tags=(), segments={}, metrics=metrics)


def _complete(found: Groups, options: WatchOptions) -> list[str]:
    """The cases that both arms have whole."""
    baseline, candidate = found[Arm.BASELINE], found[Arm.CANDIDATE]
    both = baseline.keys() & candidate.keys()
    return [case for case in both if _whole(len(baseline[case]), len(candidate[case]), options.trials)]


def _whole(baseline: int, candidate: int, trials: int | None) -> bool:
    return baseline == candidate if trials is None else min(baseline, candidate) >= trials


def _timed(found: Groups, begins: NextUnit | None, seed: int, now_s: float) -> list[Taken]:
    """Give sessions without times that of the look; take out those that began before the next unit does."""
    late: list[Taken] = []
    for arm, group in found.items():
        for case in list(group):
            is_next = begins is not None and (arm, case) == (begins.arm, begins.case)
            at_s = begins.at_s if begins is not None and is_next else now_s
            rows = [
                one if one.sample.at_s is not None else replace(one, sample=replace(one.sample, at_s=at_s))
                for one in group[case]
            ]
            group[case] = rows
            if (
                begins is not None
                and not is_next
                and _precedes(case, _first(one.sample for one in rows), begins, seed)
            ):
                late += group.pop(case)
    return late


def _precedes(case: str, at_s: float, begins: NextUnit, seed: int) -> bool:
    """Whether a session would come before the one that begins the next unit; equal times go by the seed."""
    if at_s != begins.at_s:
        return at_s < begins.at_s
    return case != begins.case and in_order({case, begins.case}, seed=seed)[0] == case


def _sessions(
    gate: Gate, stage: Stage, counted: Counted, found: Groups, options: WatchOptions, now_s: float
) -> tuple[list[Taken], NextUnit | None]:
    """The sessions that count from now on, taken out of ``found``, and the one that begins the next unit."""
    before = counted.sessions(stage.name)
    settled = _settled(stage, found, _edge(stage, before, found), options, now_s)
    closed, begins = _closed(gate, stage, before, found, settled, options.seed)
    now = [one for arm, case in settled if (arm, case) in closed for one in found[arm].pop(case)]
    return now, begins


def _edge(stage: Stage, before: Sessions, found: Groups) -> float:
    """The time that the files of all compared arms have reached: no row is missing before it."""
    assert stage.share is not None
    reached = []
    for arm in (Arm.CANDIDATE,) if stage.share >= 1 else tuple(Arm):
        old = [row.at_s for rows in before[arm].values() for row in rows]
        new = [one.sample.at_s for rows in found[arm].values() for one in rows]
        reached.append(max((at for at in (*old, *new) if at is not None), default=-math.inf))
    return min(reached)


def _first(rows: Iterable[Sample]) -> float:
    """When a session began; one that does not tell its time begins when it is seen."""
    return min((row.at_s for row in rows if row.at_s is not None), default=math.inf)


def _settled(
    stage: Stage, found: Groups, edge: float, options: WatchOptions, now_s: float
) -> list[tuple[Arm, str]]:
    """Sessions that began before all those that may go on; those of now told no time, and count as whole.

    Of the candidate alone each session is a unit, in the order of its file; else they go by time.
    """
    assert stage.share is not None
    begun: list[tuple[float, Arm, str]] = []
    going_on = math.inf
    for arm, group in found.items():
        for case, rows in group.items():
            times = [one.sample.at_s or 0.0 for one in rows]
            first = min(times) if stage.share < 1 else rows[0].row
            begun.append((first, arm, case))
            if max(times) != now_s and not max(times) + options.settle_s < edge:
                going_on = min(going_on, first)
    return [(arm, case) for first, arm, case in begun if first < going_on]


def _closed(
    gate: Gate,
    stage: Stage,
    before: Sessions,
    found: Groups,
    settled: Sequence[tuple[Arm, str]],
    seed: int,
) -> tuple[set[tuple[Arm, str]], NextUnit | None]:
    """Those of the settled sessions whose unit gets no more, and what begins the last unit, which is open."""
    assert stage.share is not None
    if stage.share >= 1:
        return set(settled), None
    arms = {
        arm: {case: said for case, rows in before[arm].items() if (said := _that_count(rows))} for arm in Arm
    }
    silent = set()
    for arm, case in settled:
        said = _that_count(one.sample for one in found[arm][case])
        if said:
            arms[arm][case] = said
        else:
            silent.add((arm, case))
    units = list(
        of_traffic(arms[Arm.BASELINE], arms[Arm.CANDIDATE], share=stage.share, seed=seed, block=gate.block)
    )
    closed = {(arm, rows[0].case) for unit in units[:-1] for arm, rows in _clusters(unit)}
    if not closed & set(settled):
        return silent, None
    # A unit is closed by a session of the rarer arm, the first of its own in the next.
    rarer = Arm.CANDIDATE if stage.share <= 0.5 else Arm.BASELINE
    first = next(rows for arm, rows in _clusters(units[-1]) if arm is rarer)
    return silent | closed, NextUnit(arm=rarer, case=first[0].case, at_s=_first(first))


def _clusters(unit: Unit) -> Iterator[tuple[Arm, Sequence[Sample]]]:
    yield from ((Arm.BASELINE, rows) for rows in unit.baseline)
    yield from ((Arm.CANDIDATE, rows) for rows in unit.candidate)


def _that_count(rows: Iterable[Sample]) -> list[Sample]:
    """The samples that say something of the agent."""
    return [row for row in rows if row.counts]


def _alarms(gate: Gate, rows: Iterable[Taken]) -> Iterator[Taken]:
    """The candidate's samples with an event that must never be; they wait for nothing."""
    never = [metric.name for metric in gate.metrics if metric.kind is Kind.LIMIT and metric.limit <= 0]
    for one in rows:
        if one.sample.arm is Arm.CANDIDATE and any(one.sample.metrics.get(name, 0.0) > 0 for name in never):
            yield one
