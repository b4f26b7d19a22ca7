"""Units of evidence: what may be counted once, in an order that no result has a say in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from agentops_eval.domain import Arm, Sample

Cluster: TypeAlias = tuple[Sample, ...]
"""All trials of one case, or all rows of one session: one observation of its arm."""

Session = TypeVar("Session")
"""Whatever stands for a session of traffic."""


Order: TypeAlias = Sequence[str] | Mapping[str, Sequence[str]]
"""Cases in the order in which they were seen before: of all stages, or of each by its name."""


@dataclass(slots=True)
class Unit:
    """A case that both arms ran, or a stretch of traffic with sessions of both.

    At the end of traffic one arm may be empty. ``share`` is the candidate's part of the traffic.
    """

    name: str
    baseline: tuple[Cluster, ...]
    candidate: tuple[Cluster, ...]
    share: float | None = None


def in_order(cases: Iterable[str], *, seed: int, first: Sequence[str] = ()) -> list[str]:
    """A permutation of cases that depends on the seed and their names alone; ``first`` stay in front.

    So it is fixed before anything ran, and a case more moves no other.
    """
    there = set(cases)
    known = [case for case in first if case in there]
    rest = there.difference(known)
    return known + sorted(rest, key=lambda case: (_rank(seed, case), case))


def order_in(stage: str, order: Order) -> Sequence[str]:
    """What was seen before in one stage."""
    return order.get(stage, ()) if isinstance(order, Mapping) else order


def _rank(seed: int, case: str) -> bytes:
    return hashlib.blake2b(f"{seed}\n{case}".encode("utf-8", "backslashreplace"), digest_size=16).digest()


def order_digest(names: Iterable[str]) -> str:
    """The digest of an order, to be logged before results are seen and compared afterwards."""
    whole = hashlib.sha256()
    for name in names:
        whole.update(name.encode("utf-8", "backslashreplace") + b"\n")
    return whole.hexdigest()[:32]


def by_case(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Samples of one arm by case, cases in the order of their first."""
    cases: dict[str, list[Sample]] = {}
    for sample in samples:
        cases.setdefault(sample.case, []).append(sample)
    return cases


def paired(
    baseline: Mapping[str, Sequence[Sample]], candidate: Mapping[str, Sequence[Sample]], order: Iterable[str]
) -> Iterator[Unit]:
    """Cases that both arms ran, in this order."""
    for case in order:
        if case in baseline and case in candidate:
            yield Unit(case, (tuple(baseline[case]),), (tuple(candidate[case]),))


def of_traffic(
    baseline: Mapping[str, Sequence[Sample]],
    candidate: Mapping[str, Sequence[Sample]],
    *,
    share: float,
    seed: int,
    block: int = 1,
) -> Iterator[Unit]:
    """Successive sessions, cut where both arms have one and the rarer arm has its next.

    Sessions go by the time of their first sample. Where any lacks a time, a seeded order takes its place.
    ``block`` units at a time become one. Under a fair split the mean difference within a unit is that
    of the arms, whatever changes over time for both.
    """
    sessions = [
        (Arm.CANDIDATE if mine else Arm.BASELINE, name, tuple(rows))
        for mine, arm in ((False, baseline), (True, candidate))
        for name, rows in arm.items()
    ]
    times = [_time(rows) for _, _, rows in sessions]
    if share >= 1:  # nothing to compare with: each session stands alone
        yield from (Unit(name, (), (rows,), share) for arm, name, rows in sessions if arm is Arm.CANDIDATE)
        return
    if None in times:
        keyed = sorted(range(len(sessions)), key=lambda at: (_rank(seed, sessions[at][1]), at))
    else:
        keyed = sorted(range(len(sessions)), key=lambda at: (times[at], _rank(seed, sessions[at][1]), at))
    arrivals = ((sessions[at][0], sessions[at][2]) for at in keyed)
    for number, (theirs, mine) in enumerate(cut(arrivals, share=share, block=block), start=1):
        yield Unit(f"block {number}", tuple(theirs), tuple(mine), share)


def cut(
    arrivals: Iterable[tuple[Arm, Session]], *, share: float, block: int = 1
) -> Iterator[tuple[list[Session], list[Session]]]:
    """The sessions of the baseline and of the candidate in each stretch of traffic, as it arrives.

    Where the traffic ends, the last stretch may lack one of them.
    """
    rarer = Arm.CANDIDATE if share <= 0.5 else Arm.BASELINE
    theirs: list[Session] = []
    mine: list[Session] = []
    ready = 0
    for arm, session in arrivals:
        if arm is rarer and theirs and mine:
            ready += 1
            if ready == block:
                yield theirs, mine
                theirs, mine, ready = [], [], 0
        (mine if arm is Arm.CANDIDATE else theirs).append(session)
    if theirs or mine:
        yield theirs, mine


def _time(rows: Cluster) -> float | None:
    times = [row.at_s for row in rows if row.at_s is not None]
    return min(times) if len(times) == len(rows) else None
