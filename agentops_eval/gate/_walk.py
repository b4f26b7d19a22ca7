"""All evidence there is, stage by stage: units in their order, and what every metric makes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Arm, Sample
from agentops_eval.gate._gate import Gate, Kind, Stage
from agentops_eval.gate._track import Track
from agentops_eval.gate._units import Unit, by_case, in_order, of_traffic, paired
from agentops_eval.gate._values import Flaw, value_of
from agentops_eval.stats import reserves

Arms = Mapping[Arm, Sequence[Sample]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One stage: its units in order, those of one arm alone, and those past the stage's maximum.

    ``strays`` are the first case of each arm that the other did not run.
    """

    stage: Stage
    names: tuple[str, ...]
    n: int
    alone: int = 0
    cases: int = 0
    beyond: int = 0
    sessions: tuple[int, int] = (0, 0)
    strays: Mapping[Arm, str] = field(default_factory=dict)


def new_tracks(gate: Gate) -> list[Track]:
    """A track for each metric, before any evidence."""
    return [Track(metric, reserves=reserves(len(gate.stages))) for metric in gate.metrics]


def walk(
    gate: Gate, stage: Stage, arms: Arms, tracks: Sequence[Track], *, seed: int, order: Sequence[str]
) -> Walked:
    """Let the metrics bet on a stage's units, one after the other."""
    baseline = by_case(one for one in arms[Arm.BASELINE] if one.counts)
    candidate = by_case(one for one in arms[Arm.CANDIDATE] if one.counts)
    both = baseline.keys() & candidate.keys()
    every = len(baseline) + len(candidate) - len(both)
    live = stage.share is not None
    for track in tracks:
        track.begin(live=live, block=gate.block)
    names, beyond = _feed(gate, stage, _units(gate, stage, baseline, candidate, seed, order), tracks)
    if not live:
        _limits_of_unpaired(candidate, both, tracks)
    _never(arms[Arm.CANDIDATE], tracks)
    return Walked(
        stage=stage,
        names=names,
        n=len(names),
        alone=0 if live else every - len(both),
        cases=every,
        beyond=beyond,
        sessions=(len(baseline), len(candidate)),
        strays={} if live else _strays({Arm.BASELINE: baseline, Arm.CANDIDATE: candidate}, both),
    )


def _strays(arms: Mapping[Arm, Mapping[str, Sequence[Sample]]], both: Collection[str]) -> Mapping[Arm, str]:
    firsts = {arm: next((case for case in cases if case not in both), None) for arm, cases in arms.items()}
    return {arm: case for arm, case in firsts.items() if case is not None}


def _units(
    gate: Gate,
    stage: Stage,
    baseline: Mapping[str, Sequence[Sample]],
    candidate: Mapping[str, Sequence[Sample]],
    seed: int,
    order: Sequence[str],
) -> Iterator[Unit]:
    if stage.share is not None:
        return of_traffic(baseline, candidate, share=stage.share, seed=seed, block=gate.block)
    cases = in_order(baseline.keys() & candidate.keys(), seed=seed, first=order)
    return paired(baseline, candidate, cases)


def _feed(
    gate: Gate, stage: Stage, units: Iterable[Unit], tracks: Sequence[Track]
) -> tuple[tuple[str, ...], int]:
    """Give units to the tracks; gives the names of those that count, and how many were too many."""
    compared = stage.share is None or stage.share < 1
    betting = [track for track in tracks if compared or track.metric.kind is Kind.LIMIT]
    keep_plain, most = gate.planned is not None, most_units(gate, stage)
    names: list[str] = []
    beyond = 0
    for unit in units:
        if most is not None and len(names) >= most:
            beyond += 1
            continue
        names.append(unit.name)
        for track in betting:
            if not track.full:
                track.take(unit, keep_plain=keep_plain)
    return tuple(names), beyond


def _limits_of_unpaired(
    candidate: Mapping[str, Sequence[Sample]], both: Collection[str], tracks: Sequence[Track]
) -> None:
    """A hard limit holds for cases too that the baseline did not run."""
    limits = [track for track in tracks if track.metric.kind is Kind.LIMIT]
    if not limits:
        return
    for name, rows in candidate.items():
        if name not in both:
            for track in limits:
                track.take(Unit(name, (), (tuple(rows),)))


def _never(candidate: Iterable[Sample], tracks: Sequence[Track]) -> None:
    """An event that must never be counts wherever it is.

    Also past a maximum of units, and in a sample that broke off without the agent's fault: it happened.
    """
    for track in tracks:
        metric = track.metric
        if metric.kind is not Kind.LIMIT or metric.limit > 0 or track.log_peak > 1:
            continue
        for one in candidate:
            value = value_of(metric, one)
            if not isinstance(value, Flaw) and value > 0:
                track.take(Unit(one.case, (), ((one,),)))
                break


def most_units(gate: Gate, stage: Stage) -> int | None:
    """How many units of a stage count at most; None where nothing bounds them."""
    known = [one for one in (gate.max_n, stage.max_n) if one is not None]
    if gate.planned is not None:
        known.append(gate.planned.n)
    return min(known, default=None)
